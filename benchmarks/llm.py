"""How fast the embedded language model is: loading, reading a prompt, writing, and the first sentence of a reply.

    python -m benchmarks.llm [--json]

A process of its own for each number of threads. The prompts are long and made up; what they say makes no difference.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from insula.llm import Message
from insula.llm.local import Local

from .measure import machine

ROUNDS = 3
SYSTEM = Message("system", "You are a kind listener. Answer in one or two short sentences.")
STORY = "We moved here in spring, and since then I have hardly talked to anybody but my sister on the telephone. "


def main() -> None:
    if missing := Local.available():
        sys.exit(missing)
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        print(json.dumps(asyncio.run(measured(int(sys.argv[1])))))
        return
    found: dict[str, Any] = {"machine": machine(), "model": Local().name}
    for threads in (1, 2):
        done = subprocess.run([sys.executable, "-m", "benchmarks.llm", str(threads)], capture_output=True, check=True)
        found[f"threads_{threads}"] = json.loads(done.stdout)
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


async def measured(threads: int) -> dict[str, float]:
    """Medians over rounds, each with a prompt that was not read before; memory at the end."""
    model = Local(threads=threads)
    start = time.perf_counter()
    await model.reply([SYSTEM], max_tokens=1)
    found = {"load_seconds": time.perf_counter() - start}
    rounds = [await _round(model, number) for number in range(ROUNDS)]
    found |= {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    found["resident_megabytes"] = _resident()
    return {name: round(value, 3) for name, value in found.items()}


async def _round(model: Local, number: int) -> dict[str, float]:
    long = [SYSTEM, Message("user", f"{number}. " + STORY * 20)]
    size = model._llama.count(long[1].text)
    reading, _ = await _timed(model, long, max_tokens=1)
    writing, tokens = await _timed(model, long, max_tokens=100, temperature=1.0, seed=number)
    other = Message("user", f"Today was day {number}. {STORY * 3}")  # begins in its own way, so that none of it is kept
    first, _ = await _timed(model, [SYSTEM, other], max_tokens=60, stop=[".", "!", "?"])
    return {
        "prompt_tokens_per_second": size / reading,
        "tokens_per_second": tokens / writing,
        "first_sentence_seconds": first,
    }


async def _timed(model: Local, messages: list[Message], **options: Any) -> tuple[float, int]:
    start = time.perf_counter()
    reply = await model.reply(messages, **options)
    return time.perf_counter() - start, reply.tokens or 0


def _resident() -> float:
    """Megabytes of this process, where the system says."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS")), float("nan"))


if __name__ == "__main__":
    main()
