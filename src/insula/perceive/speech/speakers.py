"""Who speaks, decided as the stretches of speech come in: "speaker 1", "speaker 2" in order of appearance.

    speakers = Speakers()
    speakers.name(samples) -> "speaker 1"
    speakers.parts(samples) -> [Part(0.0, 2.4, "speaker 1"), Part(2.4, 4.1, "speaker 2")]

A stretch is given to the voice heard so far that is most like it, or to a new one when none is like it; names are never
taken back, so that a stream and a file give the same. The two channels of a telephone recording are two speakers
whatever they sound like. Voices: `insula.network.speaker`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from insula.network.speaker import STEP, Speaker

Array = NDArray[np.float32]
RATE = 16000
THRESHOLD = 0.6  # cosine below which a voice is a new one; chosen on RAVDESS actors 1 to 12, of mixed feelings
SHORT = 1.0  # seconds below which a stretch makes nobody new and teaches nothing about a voice
APART = 0.55  # cosine of the two sides of a change within a stretch; chosen on the same actors
SIDE = 1.6  # seconds of each side of such a change, at least
EAGER = 0.1  # how much sooner a new voice is believed while fewer are heard than are known to be there


@dataclass(frozen=True)
class Part:
    """Seconds of a stretch by one speaker; `likeness` is the cosine to what was heard of them before, 1 at first."""

    start: float
    end: float
    speaker: str
    likeness: float = 1.0


@dataclass
class Voice:
    """All that is kept of a speaker: the sum of their embeddings, weighted by seconds."""

    name: str
    total: Array
    enrolled: bool = False

    def likeness(self, voice: Array) -> float:
        """Cosine between them and a stretch, -1 to 1."""
        return float(voice @ self.total / np.linalg.norm(self.total))


class Speakers:
    """The speakers of one recording. Of a voice nothing is kept but 256 numbers, and those only as long as this lives.

    `minimum` and `maximum` are how many speakers there are known to be (2 and 2 for a call between two). `known` names
    people who agreed to be known again, with an embedding each (`Speaker.open().embed` of ten seconds of theirs); they
    do not count as heard before they speak.
    """

    def __init__(
        self,
        threshold: float = THRESHOLD,
        minimum: int = 1,
        maximum: int = 8,
        known: Mapping[str, Array] | None = None,
    ) -> None:
        if not 1 <= minimum <= maximum:
            raise ValueError(f"{minimum} to {maximum} speakers: the minimum is at least 1 and not above the maximum")
        self.threshold, self.minimum, self.maximum = threshold, minimum, maximum
        self._waiting = [Voice(name, np.asarray(total, np.float32), True) for name, total in (known or {}).items()]
        self._voices = list[Voice]()
        self._channels = dict[int, str]()
        self._last: Voice | None = None

    def name(self, samples: Array, channel: int | None = None) -> str:
        """Whose this stretch is as a whole: float32 [n], mono at 16 kHz, or all of it by `channel`."""
        if channel is not None:
            return self._channels.setdefault(channel, self._next())
        return self._given(samples)[0].name

    def parts(self, samples: Array, channel: int | None = None) -> list[Part]:
        """The same, cut where one voice follows another without a pause; never a part of less than SIDE seconds."""
        end = len(samples) / RATE
        if channel is not None:
            return [Part(0.0, end, self.name(samples, channel))]
        edges = [0.0, *changes(samples), end]
        found = list[Part]()
        for start, stop in pairwise(edges):
            voice, likeness = self._given(samples[round(start * RATE) : round(stop * RATE)])
            if found and found[-1].speaker == voice.name:
                found[-1] = Part(found[-1].start, stop, voice.name, min(found[-1].likeness, likeness))
            else:
                found.append(Part(start, stop, voice.name, likeness))
        return found

    def _given(self, samples: Array) -> tuple[Voice, float]:
        """The voice a stretch is given to, and how like it is; what it teaches about the voice is kept."""
        seconds = len(samples) / RATE
        try:
            heard = Speaker.open().embed(samples)
        except ValueError:  # too short or too quiet to tell: nobody else began to speak
            return self._last or self._new(np.zeros(256, np.float32)), 0.0
        likeness, nearest = max(
            ((voice.likeness(heard), voice) for voice in (*self._voices, *self._waiting) if voice.total.any()),
            key=lambda pair: pair[0],
            default=(-1.0, None),
        )
        if nearest is None or (seconds >= SHORT and likeness < self._demanded() and self._room(nearest)):
            nearest, likeness = self._new(np.zeros(256, np.float32)), 1.0
        if nearest in self._waiting:
            self._waiting.remove(nearest)
            self._voices.append(nearest)
        if (seconds >= SHORT and not nearest.enrolled) or not nearest.total.any():
            nearest.total = nearest.total + seconds * heard
        self._last = nearest
        return nearest, likeness

    def _demanded(self) -> float:
        return self.threshold + (EAGER if len(self._voices) < self.minimum else 0.0)

    def _room(self, nearest: Voice) -> bool:
        return len(self._voices) < self.maximum or nearest in self._waiting

    def _new(self, total: Array) -> Voice:
        self._voices.append(Voice(self._next(), total))
        self._last = self._voices[-1]
        return self._last

    def _next(self) -> str:
        unnamed = sum(not voice.enrolled for voice in self._voices)
        return f"speaker {unnamed + len(self._channels) + 1}"


def changes(samples: Array) -> list[float]:
    """Seconds within a stretch where one voice gives way to another, clearly and for SIDE seconds at least."""
    if len(samples) < 2 * SIDE * RATE or not samples.any():
        return []
    windows = Speaker.open().windows(samples)
    reach = round(SIDE * 100 / STEP)  # windows from one to the next that shares no sound with it
    found = list[float]()
    _divide(windows, 0, len(windows), reach, found)
    return [_quietest(samples, second) for second in sorted(found)]


def _divide(windows: Array, first: int, last: int, reach: int, found: list[float]) -> None:
    """Cut windows [first, last) where their two sides are least alike, and each side again."""
    best, cut = APART, -1
    for place in range(first + 1, last - reach + 1):
        # windows up to `place` have ended where those from `place + reach - 1` begin
        left, right = windows[first:place].mean(0), windows[place + reach - 1 : last].mean(0)
        likeness = float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))
        if likeness < best:
            best, cut = likeness, place
    if cut >= 0:
        found.append((cut + reach - 1) * STEP / 100)
        _divide(windows, first, cut, reach, found)
        _divide(windows, cut + reach - 1, last, reach, found)


def _quietest(samples: Array, second: float, around: float = 0.4) -> float:
    """The quietest 50 ms around a second: voices follow each other there rather than in the middle of a word."""
    size = RATE // 20
    begin = max(0, round((second - around) * RATE))
    frames = samples[begin : round((second + around) * RATE)]
    frames = frames[: len(frames) // size * size].reshape(-1, size)
    return (begin + (int((frames**2).mean(1).argmin()) + 0.5) * size) / RATE
