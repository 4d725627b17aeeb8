"""A table of sensors: a column of times, and one for each channel of a body.

    seconds,eda [uS],bvp,temp_F,acc_x,acc_y,acc_z,participant
    0.000,2.31,14.0,91.2,0.01,0.02,0.99,ana           ->  Signal("eda", ..., 4.0, "ana"), Signal("ppg", ...), ...

Times are seconds, milliseconds (`time_ms`, `[ms]`), seconds since 1970 or dates. Each channel's sampling rate is that
of its own samples, so a table may hold several, with empty cells between; a rate that the header states beside
(`# sampling_rate: 4`) and the times deny is reported. Units stand in the header, after the name; without one they are
looked for in the numbers (`insula.body.channels`). Gaps are reported and stay gaps.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation, Signal

from .source import Source

Array = NDArray[np.float64]
_TIMES = (
    "time",
    "times",
    "timestamp",
    "timestamps",
    "seconds",
    "second",
    "t",
    "datetime",
    "date",
    "unix",
    "epoch",
    "ms",
)
_PEOPLE = ("participant", "subject", "person", "speaker", "id", "participantid", "subjectid")
_AXES = ("x", "y", "z")
_UNIT = re.compile(r"^(.*?)\s*(?:[\[(](.+)[\])]|[_ ](us|ns|kohm|c|f|k|mv|uv|v|g|mg|m/s2|m/s\^2))?\s*$", re.IGNORECASE)
_STATED = re.compile(r"sampling[ _]?(?:rate|frequency)\D{0,5}([\d.]+)", re.IGNORECASE)
_GAP = 3.0  # samples: a longer pause is a gap
_APART = 60.0  # seconds: after a longer gap a new signal begins
_OFF = 0.02  # share by which a stated rate may differ


@dataclass(frozen=True)
class _Column:
    place: int
    channel: str
    axis: str = ""
    unit: str = ""


@dataclass(frozen=True)
class _Layout:
    time: int
    scale: float
    person: int | None
    columns: tuple[_Column, ...]


def recognised(names: Sequence[str]) -> bool:
    """Whether a header names a time and at least one channel of a body."""
    return _layout([name.strip().strip('"') for name in names]) is not None


def read(source: Source) -> Iterator[Conversation]:
    """One conversation with the signals of everybody in the table. Raises Unreadable where no row has a time."""
    stated, rows = "", list[str]()
    for line in source.lines():
        if line.startswith("#"):
            stated += line
        elif line.strip():
            rows.append(line)
    names, delimiter = _header(rows[0] if rows else "")
    layout = _layout(names)
    if layout is None:
        raise source.unreadable("names no column of times; call it 'seconds', or the sampling rate is not known")
    table = list(csv.reader(rows[1:], delimiter=delimiter))
    people: dict[str | None, list[list[str]]] = {}
    for row in table:
        who = row[layout.person].strip() if layout.person is not None and len(row) > layout.person else None
        people.setdefault(who or None, []).append(row)
    signals = [one for who, some in people.items() for one in _signals(some, layout, who, source, _rate(stated))]
    if not signals:
        raise source.unreadable("has no row with a time and a number")
    began = min(one.start for one in signals)
    moved = [Signal(x.channel, x.samples, x.sampling_rate, x.speaker, round(x.start - began, 6)) for x in signals]
    duration = max(one.start + len(one.samples) / one.sampling_rate for one in moved)
    yield Conversation(*moved, id=source.name, meta={"duration": round(duration, 3), "began": began})


def _header(line: str) -> tuple[list[str], str]:
    from .csv import delimiter_of

    delimiter = delimiter_of(line)
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])], delimiter


def _rate(stated: str) -> float | None:
    found = _STATED.search(stated)
    return float(found[1]) if found else None


def _layout(names: Sequence[str]) -> _Layout | None:
    times, people, columns = list[tuple[int, float]](), list[int](), list[_Column]()
    for place, name in enumerate(names):
        bare, unit = _split(name)
        plain = re.sub(r"[\W_]", "", bare.lower())
        if plain in _TIMES or plain in ("timems", "timestampms", "timeseconds", "timesec", "times"):
            milli = unit.lower() in ("ms", "milliseconds") or plain.endswith("ms")
            times.append((place, 1e-3 if milli else 1.0))
        elif plain in _PEOPLE:
            people.append(place)
        elif found := _column(place, plain, unit):
            columns.append(found)
    if not times or not columns:
        return None
    return _Layout(*times[0], people[0] if people else None, tuple(columns))


def _split(name: str) -> tuple[str, str]:
    found = _UNIT.match(name)
    return (found[1], found[2] or found[3] or "") if found else (name, "")


def _column(place: int, plain: str, unit: str) -> _Column | None:
    from insula.body.channels import CHANNELS

    if plain in _AXES:
        return _Column(place, "acceleration", plain, unit)
    for one in CHANNELS.values():
        if plain in one.names:
            return _Column(place, one.name, "", unit)
        if one.name == "acceleration" and plain[-1:] in _AXES and plain[:-1] in (*one.names, "a"):
            return _Column(place, one.name, plain[-1], unit)
    return None


def _signals(
    rows: list[list[str]], layout: _Layout, who: str | None, source: Source, stated: float | None
) -> Iterator[Signal]:
    times, rows = _ordered(_times(rows, layout, source), rows, source)
    for channel in dict.fromkeys(one.channel for one in layout.columns):
        mine = [one for one in layout.columns if one.channel == channel]
        values = np.column_stack([_values(rows, one, source) for one in mine])
        there = np.isfinite(times) & np.isfinite(values).any(1)
        if there.sum() > 1:
            yield from _steady(channel, times[there], values[there], who, source, stated)


def _times(rows: list[list[str]], layout: _Layout, source: Source) -> Array:
    texts = [row[layout.time].strip() if len(row) > layout.time else "" for row in rows]
    found = _floats(texts)
    if np.isfinite(found).mean() < 0.5:
        import pandas

        dates = pandas.to_datetime(pandas.Series(texts), errors="coerce", utc=True, format="ISO8601")
        found = np.where(dates.isna(), np.nan, dates.astype("int64") / 10 ** (9 if "ns" in str(dates.dtype) else 6))
    if lost := int((~np.isfinite(found)).sum()):
        source.problem("", f"{lost} rows have no time; left out")
    scale = layout.scale
    known = np.abs(found[np.isfinite(found)])
    if scale == 1.0 and len(known) and np.median(known) > 1e11:
        scale = 1e-3  # milliseconds since 1970
    return found * scale


def _ordered(times: Array, rows: list[list[str]], source: Source) -> tuple[Array, list[list[str]]]:
    known = times[np.isfinite(times)]
    if len(known) > 1 and (np.diff(known) < 0).any():
        source.problem("", "times run backwards in places; rows are read in the order of their times")
        order = np.argsort(np.where(np.isfinite(times), times, np.inf), kind="stable")
        return times[order], [rows[place] for place in order]
    return times, rows


def _values(rows: list[list[str]], column: _Column, source: Source) -> Array:
    from insula.body.channels import converted

    texts = [row[column.place].strip() if len(row) > column.place else "" for row in rows]
    found = _floats(texts)
    if strange := sum(1 for text, one in zip(texts, found, strict=True) if text and not np.isfinite(one)):
        empty = sum(text.lower() in ("nan", "na", "null", "none", "inf", "-inf") for text in texts)
        if strange > empty:
            source.problem("", f"{column.channel}: {strange - empty} cells are no numbers; they are gaps")
    try:
        return converted(column.channel, found, column.unit)
    except ValueError as error:
        source.problem("", f"{column.channel}: {error}; read as it is")
        return found


def _floats(texts: Sequence[str]) -> Array:
    try:
        found = np.array([text or "nan" for text in texts], np.float64)
    except ValueError:
        found = np.array([_float(text) for text in texts])
    return np.where(np.isfinite(found), found, np.nan)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _steady(
    channel: str, times: Array, values: Array, who: str | None, source: Source, stated: float | None
) -> Iterator[Signal]:
    """The samples of a channel on an even grid, in parts where nothing was measured for a minute."""
    from insula.body.gaps import steady

    kept = np.concatenate([[True], np.diff(times) > 0])
    times, values = times[kept], values[kept]
    steps = np.diff(times)
    if not len(steps):
        return
    rate = _nice(1 / float(np.median(steps)))
    name = f"{channel} of {who}" if who else channel
    if stated and abs(stated / rate - 1) > _OFF:
        source.problem("", f"{name}: the header states {stated:g} Hz, the times say {rate:g} Hz; read by the times")
    gaps = np.flatnonzero(steps > _GAP / rate)
    if len(gaps):
        at = times[gaps[0]] - times[0]
        source.problem(f"{at:.1f} s", f"{name}: {len(gaps)} gaps, {steps[gaps].sum():.1f} s in all; they stay gaps")
    for part in np.split(np.arange(len(times)), np.flatnonzero(steps > _APART) + 1):
        if len(part) > 1:
            grid = steady(times[part], values[part], rate)
            samples = grid if channel == "acceleration" and grid.shape[1] == 3 else grid[:, 0]
            yield Signal(channel, samples.astype(np.float32), rate, who, float(times[part[0]]))


def _nice(rate: float) -> float:
    """A rate as it was meant, where times were rounded: 3.9984 -> 4."""
    return float(round(rate)) if rate >= 1 and abs(rate / round(rate) - 1) < 0.005 else float(f"{rate:.4g}")
