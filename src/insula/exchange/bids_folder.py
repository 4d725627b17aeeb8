"""A folder in the Brain Imaging Data Structure (BIDS 1.10): what was measured and read of each person, on one clock.

    out.bids/dataset_description.json
    out.bids/participants.tsv                                          participant_id, name
    out.bids/sub-01/beh/sub-01_task-talkmp4_events.tsv                 onset, duration, trial_type, rater, decided, text
    out.bids/sub-01/beh/sub-01_task-talkmp4_recording-eda_physio.tsv.gz   no header: the columns stand in its .json

A person is a participant: a speaker, a face nobody lent a voice, a body; so is the group. Sound and pictures stay where
they are. What was not measured is "n/a".
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Annotation, Conversation, Signal

from . import timeline
from .document import partial
from .frames import contour_names
from .physio import CALLED, UNITS
from .report.people import SOMEBODY, people
from .report.view import views

HEADER = "dataset_description.json"
EVENTS = ("onset", "duration", "trial_type", "scheme", "rater", "decided", "reason", "text")
_ABOUT = {
    "onset": {"Description": "seconds from the beginning of the recording", "Units": "s"},
    "duration": {"Description": "seconds it holds", "Units": "s"},
    "trial_type": {"Description": "turn for what was said; else the layer of a judgement"},
    "decided": {"Description": "labels that were decided on and their scores; all scores of a dimensional scheme"},
    "reason": {"Description": "why it could not be told"},
}
_OUTSIDE = ("audio", "video")


class Writer:
    """Takes in conversations and puts the folder in place when it is whole.

    Raises OSError where the path is taken by something else, before any work is done.
    """

    done: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise NotADirectoryError("it is a file, and a BIDS data set is a folder")
        if path.is_dir() and any(path.iterdir()) and not (path / HEADER).exists():
            raise FileExistsError("the folder holds something that is no BIDS data set; give a new name")
        self.path, self._partial = path, partial(path)
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir()
        self._names = list[str]()

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation: its people are participants of this recording alone."""
        task = re.sub(r"[^0-9A-Za-z]", "", conversation.id.rpartition("/")[2]) or "recording"
        everyone = people(conversation, list(views(conversation)))
        known = [{""} if person.name == SOMEBODY else {person.name, person.face} - {""} for person in everyone]
        others = [turn.speaker for turn in conversation.turns] + [one.speaker or "" for one in _measured(conversation)]
        known += [{name} for name in dict.fromkeys(others) if not any(name in names for names in known)]
        for names in known:
            self._names.append(" · ".join(sorted(names, reverse=True)) or "n/a")
            subject = f"sub-{len(self._names):02}"
            stem = self._partial / subject / "beh" / f"{subject}_task-{task}"
            stem.parent.mkdir(parents=True)
            _events(conversation, names, stem)
            _signals(conversation, names, stem)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if error is not None and not self._names:
            shutil.rmtree(self._partial)
            return
        made = {"Name": self.path.stem, "BIDSVersion": "1.10.0", "DatasetType": "derivative"}
        by = [{"Name": "insula", "Version": version("insula"), "Description": "What is expressed is not what is felt."}]
        _json(self._partial / HEADER, {**made, "GeneratedBy": by})
        rows = [(f"sub-{n:02}", name) for n, name in enumerate(self._names, 1)]
        _table(self._partial / "participants.tsv", [("participant_id", "name"), *rows])
        if error is not None:
            error.add_note(f"what was done until then is in {self._partial}")
            return
        if self.path.is_dir():
            shutil.rmtree(self.path)
        self._partial.replace(self.path)


def _events(conversation: Conversation, names: set[str], stem: Path) -> None:
    """What one person said and what was judged of it or of them, in order of time."""
    rows = sorted(_rows(conversation, names), key=lambda row: (row[0], row[1]))
    _table(stem.with_name(f"{stem.name}_events.tsv"), [EVENTS, *rows])
    _json(stem.with_name(f"{stem.name}_events.json"), _ABOUT)


def _rows(conversation: Conversation, names: set[str]) -> Iterator[tuple[Any, ...]]:
    clock = 0.0
    places: dict[str, tuple[float, float]] = {}
    for slot in timeline.slots(conversation):
        clock = slot.start / 1000
        places[slot.turn.id] = clock, slot.end / 1000
        if slot.turn.speaker in names:
            yield *_span((clock, slot.end / 1000)), "turn", "n/a", "n/a", "n/a", "n/a", slot.turn.text
    for x in conversation:
        if not isinstance(x, Annotation) or x.at.chars or x.layer in ("evidence", "prosody"):
            continue
        turn = conversation.turn(x.at.turn) if x.at.turn else None
        seconds = x.at.seconds or (places[turn.id] if turn else None)
        if seconds and (turn.speaker if turn else x.at.speaker or "") in names:
            about = (x.layer, x.scheme or "n/a", x.rater or "n/a", "n/a" if x.abstained else timeline.spell(x))
            yield *_span(seconds), *about, x.reason or "n/a", " ".join(x.scores) if x.layer == "explanation" else "n/a"


def _span(seconds: tuple[float, float]) -> tuple[float, float]:
    return round(seconds[0], 3), round(seconds[1] - seconds[0], 3)


def _measured(conversation: Conversation) -> list[Signal]:
    """Signals that are numbers in memory: not sound, not pictures, no files."""
    found = [one for one in conversation if isinstance(one, Signal) and one.channel not in _OUTSIDE]
    return [one for one in found if hasattr(one.samples, "shape") and len(one.samples) and one.sampling_rate > 0]


def _signals(conversation: Conversation, names: set[str], stem: Path) -> None:
    """A table for each channel, its pieces on one clock."""
    own: dict[str, list[Signal]] = {}
    for one in _measured(conversation):
        if (one.speaker or "") in names:
            own.setdefault(one.channel, []).append(one)
    for channel, pieces in own.items():
        label = re.sub(r"[^0-9A-Za-z]", "", channel)
        table, start = _joined(pieces)
        path = stem.with_name(f"{stem.name}_recording-{label}_physio.tsv.gz")
        # no name and no time in the header, so that the same numbers are the same file
        with gzip.GzipFile(path, "wb", mtime=0) as file:
            for row in table:
                file.write(("\t".join("n/a" if x != x else f"{x:.6g}" for x in row) + "\n").encode())
        columns = _columns(channel, table.shape[1])
        about = {"SamplingFrequency": pieces[0].sampling_rate, "StartTime": round(start, 6), "Columns": columns}
        units = {name: {"Units": UNITS[channel]} for name in columns if channel in UNITS}
        _json(path.with_suffix("").with_suffix(".json"), about | units)


def _joined(pieces: Sequence[Signal]) -> tuple[NDArray[Any], float]:
    """The pieces of one channel as one table from the first one's beginning; between them there is nothing."""
    rate, start = pieces[0].sampling_rate, min(one.start for one in pieces)
    tables = [np.asarray(one.samples, float).reshape(len(one.samples), -1) for one in pieces]
    places = [round((one.start - start) * rate) for one in pieces]
    rows = max(place + len(table) for place, table in zip(places, tables, strict=True))
    whole = np.full((rows, tables[0].shape[1]), np.nan)
    for place, table in zip(places, tables, strict=True):
        whole[place : place + len(table)] = table
    return whole, start


def _columns(channel: str, width: int) -> list[str]:
    if channel == "face":
        from insula.vision.columns import COLUMNS

        names: Sequence[str] = COLUMNS
    elif channel == "prosody":
        names = contour_names(width)
    elif channel == "acceleration":
        names = ("acceleration_x", "acceleration_y", "acceleration_z")
    else:
        names = (CALLED.get(channel, channel),)
    return list(names) if len(names) == width else [f"{channel}_{n}" for n in range(1, width + 1)]


def _table(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    text = "".join("\t".join(" ".join(str(cell).split()) or "n/a" for cell in row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", errors="replace")


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace")
