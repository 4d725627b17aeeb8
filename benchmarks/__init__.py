"""Speed and memory, one command per room: `python -m benchmarks.text [--json]`; `make numbers` runs them all."""
