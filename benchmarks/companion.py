"""How long a companion takes from the person's turn to its answer, and where the time goes.

    python -m benchmarks.companion [--json]

Real seekers' turns where INSULA_DATA is set, else the lines of this repository's examples. The composer's times are
everything but a language model: reading, guard, memory, plan, drafts weighed. Then the embedded model where it is
installed: whole answers, and the first sentence when streamed.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

from insula import Turn
from insula.companion import Companion
from insula.llm.local import Local

from .measure import machine

TALKS = 8
TURNS = 12


def main() -> None:
    said, source = talks()
    found: dict[str, Any] = {"machine": machine(), "source": source, "turns": sum(map(len, said))}
    found["composer"] = answered(None, said)
    if not Local.available():
        found["local"] = answered("local", said[: TALKS // 2])
        found["local, streamed"] = streamed("local", said[: TALKS // 2])
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


def talks() -> tuple[list[list[str]], str]:
    """What people said, by talk."""
    from insula.data import MissingData, load

    try:
        every = (
            [turn.text for turn in one.turns if turn.speaker == "seeker"][:TURNS] for one in load("esconv", "test")
        )
        return list(islice((one for one in every if len(one) == TURNS), TALKS + 1)), "esconv test"
    except MissingData:
        from insula.exchange import conversations

        few = [t.text for c in conversations(Path(__file__).parents[1] / "examples") for t in c.turns if t.text]
        return [
            [f"{few[(k + i) % len(few)]} {k}" for i in range(TURNS)] for k in range(TALKS + 1)
        ], "examples, repeated"


def answered(llm: str | None, said: list[list[str]]) -> dict[str, Any]:
    """Milliseconds to the answer, by turn and by component; the first talk warms up and does not count."""
    whole: list[float] = []
    parts: dict[str, list[float]] = defaultdict(list)
    for number, texts in enumerate(said):
        for seconds, by_part in _talk(llm, texts):
            if number:
                whole.append(1000 * seconds)
                for part, spent in by_part.items():
                    parts[part].append(1000 * spent)
    means = {part: round(sum(times) / len(whole), 2) for part, times in parts.items()}
    return {**_spread(whole), "by_part_ms": dict(sorted(means.items(), key=lambda item: -item[1]))}


def streamed(llm: str, said: list[list[str]]) -> dict[str, Any]:
    """Milliseconds to the first sentence shown, and to the last."""
    first, last = list[float](), list[float]()
    for number, texts in enumerate(said):
        with tempfile.TemporaryDirectory() as folder, Companion(llm, memory=Path(folder) / "m.sqlite") as companion:
            for text in texts:
                start = time.perf_counter()
                times = [time.perf_counter() - start for _ in companion.stream(text)]
                if number and times:
                    first.append(1000 * times[0])
                    last.append(1000 * times[-1])
    return {"first_sentence": _spread(first), "last_sentence": _spread(last)}


def _talk(llm: str | None, texts: list[str]) -> list[tuple[float, dict[str, float]]]:
    """Per turn the seconds from the person's turn to the reply, and which component took them."""
    stamps: list[tuple[float, Any]] = []
    found: list[tuple[float, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as folder, Companion(llm, memory=Path(folder) / "m.sqlite") as companion:
        companion.watch = lambda addition: stamps.append((time.perf_counter(), addition))
        for text in texts:
            stamps.clear()
            companion.say(text)
            found.append(_shares(stamps))
    return found


def _shares(stamps: list[tuple[float, Any]]) -> tuple[float, dict[str, float]]:
    """The time before each addition belongs to whoever made it."""
    spent: dict[str, float] = defaultdict(float)
    start = before = stamps[0][0]
    for moment, addition in stamps[1:]:
        reply = isinstance(addition, Turn)
        spent["reply" if reply else addition.rater.partition("@")[0]] += moment - before
        before = moment
        if reply:
            break
    return before - start, spent


def _spread(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {"median_ms": round(statistics.median(times), 1), "p95_ms": round(times[int(0.95 * (len(times) - 1))], 1)}


if __name__ == "__main__":
    main()
