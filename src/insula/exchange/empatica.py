"""Empatica's wristbands: a session of the E4 as a folder or a .zip of EDA.csv, BVP.csv, TEMP.csv, ACC.csv, tags.csv.

    session/EDA.csv        1644226446.0      when the first sample was taken, seconds since 1970
                           4.0               samples a second
                           0.112             microsiemens
    -> Conversation(Signal("eda", ...), Signal("ppg", ...), id="session", meta={"began": 1644226446.0, "tags": [62.5]})

Every channel begins where its own first line says, so that they stay together. HR.csv and IBI.csv are what Empatica
made of BVP.csv, and are not read. Rows that are no numbers are gaps, and reported.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from insula.conversation import Conversation, Signal
from insula.reading import Problem, Report

from .source import Source, Unreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILES = {"EDA.csv": "eda", "BVP.csv": "ppg", "TEMP.csv": "temperature", "ACC.csv": "acceleration"}
TAGS = "tags.csv"
KNOWN = (*FILES, TAGS, "HR.csv", "IBI.csv", "info.txt")
"""Files of a session, whether read or not."""
SIXTY_FOURTHS = 1 / 64  # of g, what ACC.csv is in
_LARGEST = 1 << 29  # bytes of one file in an archive: a week of a wristband is a tenth of it
Note = Callable[[str, str], None]


def is_session(folder: Path) -> bool:
    """Whether a folder holds one session."""
    return any((folder / name).is_file() for name in FILES)


def read_folder(folder: Path, name: str, report: Report) -> Iterator[Conversation]:
    """The session in a folder. Raises Unreadable where nothing in it can be read."""
    files = {one: (folder / one).read_text("utf-8", "replace") for one in (*FILES, TAGS) if (folder / one).is_file()}
    yield _session(files, name, lambda where, what: report(Problem(name, where, what)))


def read(source: Source) -> Iterator[Conversation]:
    """Every session in an archive. Raises Unreadable where there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.file.read())) as archive:
            sessions = _sessions(archive)
            for folder, members in sorted(sessions.items()):
                files = {name: _text(archive, member, source) for name, member in members.items()}
                name = source.name if len(sessions) == 1 else f"{source.name}:{folder or '.'}"
                yield _session(files, name, source.problem)
    except zipfile.BadZipFile:
        raise source.unreadable("is not a whole .zip archive") from None
    if not sessions:
        raise source.unreadable(f"holds no session of an Empatica E4: none of {', '.join(FILES)}")


def _sessions(archive: zipfile.ZipFile) -> dict[str, dict[str, str]]:
    """Folder in the archive -> file name -> member, of folders that hold a channel."""
    found: dict[str, dict[str, str]] = {}
    for member in archive.namelist():
        path = PurePosixPath(member)
        if path.name in (*FILES, TAGS) and "__MACOSX" not in path.parts:
            found.setdefault(str(path.parent).strip("."), {})[path.name] = member
    return {folder: members for folder, members in found.items() if set(members) & set(FILES)}


def _text(archive: zipfile.ZipFile, member: str, source: Source) -> str:
    if archive.getinfo(member).file_size > _LARGEST:
        raise source.unreadable(f"{member} is larger than any session of a wristband")
    return archive.read(member).decode("utf-8", "replace")


def _session(files: Mapping[str, str], name: str, note: Note) -> Conversation:
    found: dict[str, tuple[float, float, NDArray[np.float32]]] = {}
    for file, channel in FILES.items():
        if file not in files:
            continue
        try:
            found[channel] = _channel(file, files[file], note)
        except ValueError as error:
            note(file, f"{error}; left out")
    if not found:
        raise Unreadable(Problem(name, "", "no channel of this session could be read"))
    began = min(start for start, _, _ in found.values())
    signals = [Signal(channel, samples, rate, start=start - began) for channel, (start, rate, samples) in found.items()]
    duration = max(one.start + len(one.samples) / one.sampling_rate for one in signals)
    tags = [round(at - began, 3) for at in _tags(files.get(TAGS, ""), note)]
    return Conversation(*signals, id=name, meta={"duration": round(duration, 3), "began": began, "tags": tags})


def _channel(file: str, text: str, note: Note) -> tuple[float, float, NDArray[np.float32]]:
    """When it began, samples a second, and samples (n,) or (n, 3) in the unit used here."""
    lines = text.split("\n")
    head = [_numbers(line) for line in lines[:2]]
    if len(lines) < 3 or not all(head) or not head[1][0] > 0:
        raise ValueError("does not begin with a time and a sampling rate, as Empatica writes it")
    width = len(head[0])
    if width != (3 if file == "ACC.csv" else 1):
        raise ValueError(f"has {width} columns")
    import numpy as np

    rows = [line for line in lines[2:] if line.strip()]
    samples = _samples(rows, width, file, note)
    samples = samples * SIXTY_FOURTHS if file == "ACC.csv" else samples[:, 0]
    return head[0][0], head[1][0], samples.astype(np.float32)


def _samples(rows: list[str], width: int, file: str, note: Note) -> NDArray[np.float64]:
    """Rows of numbers (n, width); a row that is none is NaN, and told once."""
    import numpy as np

    try:
        return np.array(",".join(rows).split(","), np.float64).reshape(-1, width)
    except ValueError:
        read = [_numbers(row) for row in rows]
        bad = [place for place, one in enumerate(read) if len(one) != width]
        note(f"{file}, line {bad[0] + 3}" if bad else file, f"{len(bad)} rows are not {width} numbers; they are gaps")
        return np.array([one if len(one) == width else [np.nan] * width for one in read]).reshape(-1, width)


def _numbers(line: str) -> list[float]:
    try:
        return [float(cell) for cell in line.split(",")]
    except ValueError:
        return []


def _tags(text: str, note: Note) -> list[float]:
    read = [_numbers(line) for line in text.split("\n") if line.strip()]
    if not all(read):
        note(TAGS, "some rows are no times; left out")
    return [one[0] for one in read if one]
