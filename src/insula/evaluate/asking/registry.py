"""What inspect_ai finds here by name: `inspect eval insula/emobench --model insula/local`."""
