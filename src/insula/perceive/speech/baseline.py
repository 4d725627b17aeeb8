"""What a person's voice is like on the whole, so that a deep or lively voice is not taken for a feeling.

    Baseline.calibrate(voice, samples, consent=True).save(path)    # from a minute of neutral reading
    Running().person("ana")                                        # from what was heard of a talk so far

A running baseline is made of unlabelled earlier turns and counts after six turns and twenty seconds: before that a
single strong feeling would pass for the person. Both hold sums of acoustic features, from which neither words nor
feelings can be had; but a voice may be told by them, so they are personal data, and kept only where somebody says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from insula.network.voice import Person, Voice
from insula.network.whisper import RATE

Array = NDArray[np.float32]
TURNS, SECONDS = 6, 20.0  # a running baseline counts from here on
STRETCH = 3.0  # seconds a recording for calibration is cut into
_NOBODY: Mapping[str, Person] = MappingProxyType({})
NEEDED = 9.0  # seconds of neutral speech


@dataclass(frozen=True, eq=False)
class Baseline:
    """One person, known from a recording that person agreed to."""

    person: Person
    seconds: float

    @classmethod
    def calibrate(cls, voice: Voice, samples: Array, *, consent: bool) -> Baseline:
        """From neutral speech at 16 kHz of the person alone.

        Raises PermissionError without the person's consent, and ValueError for less than nine seconds.
        """
        if not consent:
            raise PermissionError("a baseline is personal data: it is made only with the person's consent")
        seconds = len(samples) / RATE
        if seconds < NEEDED:
            raise ValueError(f"{seconds:.1f} s of neutral speech are too few for a baseline: {NEEDED:g} are needed")
        heard, count = voice.hear(samples), int(seconds / STRETCH)
        edges = np.linspace(0, seconds, count + 1)
        rows = [heard.features(start, end) for start, end in pairwise(edges)]
        return cls(voice.machine.calibrated(np.stack(rows)), seconds)

    def save(self, path: Path) -> None:
        """Write as json."""
        person = self.person
        sums = {"total": person.total.tolist(), "squares": person.squares.tolist(), "count": person.count}
        path.write_text(json.dumps({"seconds": self.seconds, "consent": True, **sums}), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Read what `save` wrote. Raises FileNotFoundError, and ValueError for another file."""
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            person = Person(np.array(record["total"]), np.array(record["squares"]), float(record["count"]))
            return cls(person, float(record["seconds"]))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is no baseline of a voice: {error}") from None

    @staticmethod
    def forget(path: Path) -> None:
        """Delete it; nothing happens where there is none."""
        path.unlink(missing_ok=True)


class Running:
    """The people of one talk, from what was heard of each so far; `known` are those calibrated before."""

    def __init__(self, known: Mapping[str, Person] = _NOBODY) -> None:
        self._known, self._people = frozenset(known), dict(known)
        self._seconds = dict[str, float]()

    def person(self, speaker: str) -> Person | None:
        """The person as far as known; None before six turns and twenty seconds, or for somebody unknown ("")."""
        found = self._people.get(speaker) if speaker else None
        if found is None or speaker in self._known:
            return found
        return found if found.count >= TURNS and self._seconds[speaker] >= SECONDS else None

    def heard(self, speaker: str, features: Array, seconds: float) -> None:
        """One more turn of a speaker, its features [numbers]."""
        before = self._people.get(speaker)
        self._people[speaker] = before.heard(features[None]) if before else Person.of(features[None])
        self._seconds[speaker] = self._seconds.get(speaker, 0.0) + seconds
