"""Tables with a row per frame and face, as other tools write them, and `face` signals: what both formats share.

rows of (person, second, {"AU12": 2.1, "yaw": -4.0}) -> Signal("face", float32 [n, 49], speaker="face 1")
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from insula.conversation import Conversation, Signal

from .source import Source

LONGEST = 24 * 3600.0
"""Seconds from which on a table's times are no seconds."""


@dataclass(frozen=True)
class Row:
    """One face in one frame; `values` are by the names of `insula.vision.columns`."""

    person: str
    seconds: float
    values: Mapping[str, float]


def header(head: str) -> list[str]:
    """The names of a table's columns, lower case; older files have spaces after the commas."""
    return [name.strip().strip('"').lower() for name in head.split("\n", 1)[0].split(",")]


def records(source: Source, fold: bool = False) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column; rows with too few cells are reported and left out.

    With `fold` names are in lower case; OpenFace has x_0 and X_0, which are not the same.
    """
    table = csv.reader(source.lines(), skipinitialspace=True)
    names = [name.strip().lower() if fold else name.strip() for name in next(table)]
    for cells in table:
        if len(cells) < len(names):
            if any(cells):
                source.problem(
                    f"line {table.line_num}", f"{len(cells)} cells where the header has {len(names)}; left out"
                )
            continue
        yield table.line_num, dict(zip(names, cells, strict=False))


def number(text: str | None) -> float:
    """A cell as a number; NaN for anything else."""
    try:
        found = float(text or "nan")
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan


def conversation(rows: Iterable[Row], source: Source, rate: float = 0.0) -> Conversation:
    """A signal per person at the table's own rate, empty rows where they were not seen. Raises Unreadable for none."""
    from insula.vision.columns import AT, blank

    found = dict[str, list[Row]]()
    for row in rows:
        if not 0 <= row.seconds < LONGEST:
            raise source.unreadable(f"has a time of {row.seconds:g} s; times are seconds from the beginning")
        found.setdefault(row.person, []).append(row)
    if not found:
        raise source.unreadable("has no row with a face in it")
    rate = rate or _rate(sorted({row.seconds for some in found.values() for row in some}))
    made = Conversation(id=source.name)
    for person, some in found.items():
        first, last = (round(edge(row.seconds for row in some) * rate) for edge in (min, max))
        samples = blank(last - first + 1)
        for row in some:
            for name, value in row.values.items():
                samples[round(row.seconds * rate) - first, AT[name]] = value
        made.add(Signal("face", samples, rate, person, first / rate))
    return made


def _rate(times: list[float]) -> float:
    """Rows a second, by the usual step between two."""
    steps = np.diff(times)
    steps = steps[steps > 1e-4]
    if not len(steps):
        return 1.0
    usual = np.quantile(steps, 0.5, method="lower")
    # times are written with few digits, so that one step says little
    return round(float(1 / steps[np.abs(steps - usual) < 0.2 * usual].mean()), 2)


def seen(conversations: list[Conversation]) -> Iterator[tuple[Conversation, float, int, int, Any]]:
    """Conversation, second, frame, number of the person, row: in order of time within each conversation."""
    for one in conversations:
        signals = one.signals("face")
        people = list(dict.fromkeys(signal.speaker for signal in signals))
        found = [
            (signal.start + at / signal.sampling_rate, people.index(signal.speaker), signal, row)
            for signal in signals
            for at, row in enumerate(np.asarray(signal.samples))
            if np.isfinite(row).any()
        ]
        for second, person, signal, row in sorted(found, key=lambda each: each[:2]):
            yield one, second, round(second * signal.sampling_rate), person, row


def put(names: Iterable[str], rows: Iterable[Iterable[Any]], path: Path) -> int:
    """A table; numbers that are not known are empty cells. Returns how many rows there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(names)
        for count, row in enumerate(rows, 1):  # noqa: B007 - counted
            table.writerow([_cell(value) for value in row])
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return f"{value:.6g}" if math.isfinite(value) else ""
    return value
