"""BIDS: continuous recordings as `*_physio.tsv.gz` without a header, and what they are in a `.json` beside.

    sub-01_task-rest_physio.tsv.gz      2.31  14.0       {"SamplingFrequency": 64, "StartTime": 0,
                                        2.32  15.0        "Columns": ["eda", "cardiac"], "eda": {"Units": "uS"}}

Written are the signals of a body, one file for each sampling rate and person (`recording-4hz` is put into the names of
all but the fastest); "n/a" is where nothing was measured. After BIDS 1.9, "Physiological and other recordings".
"""

from __future__ import annotations

import gzip
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from insula.conversation import Conversation, Signal

from .source import Source

ENDING = "_physio.tsv.gz"
CALLED = {"ppg": "cardiac", "ecg": "ecg", "rsp": "respiratory", "eda": "eda", "temperature": "temperature"}
UNITS = {"eda": "uS", "temperature": "oC", "ecg": "mV", "acceleration": "g"}
_NEEDED = ("SamplingFrequency", "StartTime", "Columns")
_TRIGGERS = ("trigger", "triggers", "timestamp", "time")


def read(source: Source) -> Iterator[Conversation]:
    """One conversation with the columns that are channels of a body. Raises Unreadable without its `.json`."""
    about = _beside(source)
    rate, start = float(about["SamplingFrequency"]), float(about["StartTime"])
    names = [str(name) for name in about["Columns"]]
    values = _values(source, len(names))
    found = list(_signals(source, about, names, values, rate, start))
    if not found:
        raise source.unreadable(f"has no column known to be of a body: {', '.join(names)}")
    duration = max(one.start + len(one.samples) / rate for one in found)
    yield Conversation(*found, id=source.name, meta={"duration": round(duration, 3)})


def _beside(source: Source) -> Mapping[str, Any]:
    path = getattr(source.file, "name", None)
    beside = Path(str(path)[: -len(".tsv.gz")] + ".json") if isinstance(path, str) else Path()
    if not beside.is_file():
        raise source.unreadable(f"has no {beside.name or '.json'} beside it, which says what its columns are")
    about = json.loads(beside.read_text(encoding="utf-8"))
    if missing := [name for name in _NEEDED if name not in about]:
        raise source.unreadable(f"{beside.name} does not say {', '.join(missing)}")
    if not float(about["SamplingFrequency"]) > 0:
        raise source.unreadable(f"{beside.name}: a SamplingFrequency of {about['SamplingFrequency']} is none")
    return about


def _values(source: Source, width: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        lines = gzip.decompress(source.file.read()).decode("utf-8", "replace").splitlines()
    except (OSError, EOFError):
        raise source.unreadable("is not a whole gzipped table") from None
    rows, short = list[list[float]](), 0
    for line in lines:
        cells = line.split("\t")
        short += len(cells) != width
        rows.append([_number(cell) for cell in cells[:width]] + [np.nan] * (width - len(cells)))
    if short:
        source.problem("", f"{short} rows have not {width} cells; what is missing is a gap")
    return np.array(rows).reshape(-1, width)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _signals(
    source: Source, about: Mapping[str, Any], names: list[str], values: Any, rate: float, start: float
) -> Iterator[Signal]:
    from insula.body.channels import converted

    person = re.search(r"sub-([A-Za-z0-9]+)", source.name)
    axes = dict[str, int]()
    for place, name in enumerate(names):
        channel, axis = _channel(name)
        unit = str(about.get(name, {}).get("Units", "")) if isinstance(about.get(name), Mapping) else ""
        if axis:
            axes[axis] = place
        elif channel:
            try:
                samples = converted(channel, values[:, place], unit.removeprefix("o") if len(unit) == 2 else unit)
            except ValueError as error:
                source.problem("", f"{name}: {error}; read as it is")
                samples = values[:, place]
            yield Signal(channel, samples.astype(np.float32), rate, person and person[1], start)
        elif name.lower() not in _TRIGGERS:
            source.problem("", f"column {name!r} is no channel known here; left out")
    if len(axes) == 3:
        samples = values[:, [axes[axis] for axis in "xyz"]].astype(np.float32)
        yield Signal("acceleration", samples, rate, person and person[1], start)


def _channel(name: str) -> tuple[str, str]:
    """The channel of a column, and of acceleration its axis."""
    from insula.body.channels import CHANNELS, known

    plain = "".join(letter for letter in name.lower() if letter.isalpha())
    if plain[-1:] in ("x", "y", "z") and plain[:-1] in CHANNELS["acceleration"].names:
        return "acceleration", plain[-1]
    try:
        return known(name).name, ""
    except KeyError:
        return "", ""


def write(conversations: list[Conversation], path: Path) -> None:
    """The signals of one conversation; where there is none of a body, that is a warning, and the file is empty."""
    from insula.body.channels import CHANNELS

    mine = [
        one for given in conversations for channel in CHANNELS for one in given.signals(channel) if len(one.samples)
    ]
    if not mine:
        warnings.warn("there are no signals of a body here: read what sensors recorded", stacklevel=2)
        path.write_bytes(gzip.compress(b"", mtime=0))
    name = path.name.replace(".partial", "")
    groups = [list(some) for _, some in groupby(sorted(mine, key=_file), key=_file)]
    for number, signals in enumerate(groups):
        called = name if not number else f"{name[: -len(ENDING)]}_recording-{_label(signals[0])}{ENDING}"
        _write(signals, path if not number else path.with_name(called))
        about = json.dumps(_about(signals), indent=2) + "\n"
        path.with_name(called[: -len(".tsv.gz")] + ".json").write_text(about, encoding="utf-8")


def _file(signal: Signal) -> tuple[float, str, float]:
    """What signals of one file share; the fastest come first."""
    return -signal.sampling_rate, signal.speaker or "", signal.start


def _label(signal: Signal) -> str:
    who = re.sub(r"[^A-Za-z0-9]", "", signal.speaker or "")
    later = f"from{round(signal.start * 1000)}ms" if signal.start else ""
    return f"{who}{signal.sampling_rate:g}hz{later}".replace(".", "p")


def _columns(signal: Signal) -> list[str]:
    if signal.channel == "acceleration" and signal.samples.ndim == 2:
        return [f"acceleration_{axis}" for axis in "xyz"]
    return [CALLED.get(signal.channel, signal.channel)]


def _about(signals: list[Signal]) -> dict[str, Any]:
    columns = [name for one in signals for name in _columns(one)]
    first = signals[0]
    about: dict[str, Any] = {"SamplingFrequency": first.sampling_rate, "StartTime": first.start, "Columns": columns}
    units = {name: UNITS[one.channel] for one in signals if one.channel in UNITS for name in _columns(one)}
    return about | {name: {"Units": unit} for name, unit in units.items()}


def _write(signals: list[Signal], path: Path) -> None:
    length = max(len(one.samples) for one in signals)
    columns = [np.asarray(one.samples, np.float64).reshape(len(one.samples), -1) for one in signals]
    padded = [np.pad(one, ((0, length - len(one)), (0, 0)), constant_values=np.nan) for one in columns]
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        for row in np.hstack(padded).tolist():
            file.write(("\t".join("n/a" if x != x else f"{x:.7g}" for x in row) + "\n").encode())
