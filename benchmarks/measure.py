"""Timing that can be repeated: medians over rounds, one process per thread count, peak memory of whole processes."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def per_item(work: Callable[[Any], object], items: Sequence[Any], rounds: int = 3) -> dict[str, float]:
    """Milliseconds per item over all items: median round's mean, and the 95th percentile of single calls."""
    work(items[0])
    means, calls = [], []
    for _ in range(rounds):
        times = []
        for item in items:
            start = time.perf_counter()
            work(item)
            times.append((time.perf_counter() - start) * 1000)
        means.append(statistics.fmean(times))
        calls.append(sorted(times)[int(0.95 * (len(times) - 1))])
    return {"mean_ms": round(statistics.median(means), 3), "p95_ms": round(statistics.median(calls), 3)}


def process(command: Sequence[str], **environment: str) -> tuple[float, float]:
    """Wall seconds and peak resident megabytes of a whole process; raises when it fails."""
    code = (
        "import json,resource,subprocess,sys,time\n"
        "start=time.perf_counter()\n"
        "done=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.PIPE)\n"
        "peak=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024\n"
        "sys.stderr.write(done.stderr.decode()[-500:]) if done.returncode else None\n"
        "print(json.dumps([time.perf_counter()-start,peak])); sys.exit(done.returncode)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()}")
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def machine() -> dict[str, object]:
    """What it ran on, without names."""
    return {"python": platform.python_version(), "processor": platform.machine(), "cores": os.cpu_count()}


def texts(limit: int) -> tuple[list[str], str]:
    """Real short texts: GoEmotions' test split where INSULA_DATA is set, else this repository's examples, repeated."""
    from insula.data import MissingData, load

    try:
        found = [c.turns[0].text for _, c in zip(range(limit), load("goemotions", "test"), strict=False)]
        return found, "goemotions test"
    except MissingData:
        from insula.exchange import conversations

        few = [t.text for c in conversations(Path(__file__).parents[1] / "examples") for t in c.turns if t.text]
        return (few * (limit // len(few) + 1))[:limit], "examples, repeated"
