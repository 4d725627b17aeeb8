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

from insula.network.speaker import Speaker

Array = NDArray[np.float32]
RATE = 16000
THRESHOLD = 0.6  # cosine below which two voices are two people's; chosen on RAVDESS actors 1 to 12, of mixed feelings
SHORT = 1.0  # seconds below which a stretch makes nobody new and teaches nothing about a voice
PAUSE = 0.12  # seconds of quiet at which somebody else may begin
QUIET = 10**-2.5  # power of a pause beside the loud parts: -25 dB
FRAME = 320  # samples, 20 ms
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
        """Whose most of this stretch is: float32 [n], mono at 16 kHz; or all of it, by `channel`."""
        return max(self.parts(samples, channel), key=lambda part: part.end - part.start).speaker

    def parts(self, samples: Array, channel: int | None = None) -> list[Part]:
        """The same, cut where one voice follows another within the stretch; never a part of less than SHORT seconds."""
        end = len(samples) / RATE
        if channel is not None:
            return [Part(0.0, end, self._channels.setdefault(channel, self._next()))]
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
            return self._last or self._new(), 0.0
        # somebody who enrolled is there only once they are clearly heard
        there = [*self._voices, *(one for one in self._waiting if one.likeness(heard) >= self.threshold)]
        likeness, nearest = max(
            ((voice.likeness(heard), voice) for voice in there if voice.total.any()),
            key=lambda pair: pair[0],
            default=(1.0, self._voices[0] if self._voices else None),
        )
        unlike = seconds >= SHORT and likeness < self._demanded() and len(self._voices) < self.maximum
        if nearest is None or unlike:
            nearest, likeness = self._new(), 1.0
        if nearest in self._waiting:
            self._waiting.remove(nearest)
            self._voices.append(nearest)
        if (seconds >= SHORT and not nearest.enrolled) or not nearest.total.any():
            nearest.total = (nearest.total + seconds * heard).astype(np.float32)
        self._last = nearest
        return nearest, likeness

    def _demanded(self) -> float:
        return self.threshold + (EAGER if len(self._voices) < self.minimum else 0.0)

    def _new(self) -> Voice:
        self._voices.append(Voice(self._next(), np.zeros(256, np.float32)))
        self._last = self._voices[-1]
        return self._last

    def _next(self) -> str:
        unnamed = sum(not voice.enrolled for voice in self._voices)
        return f"speaker {unnamed + len(self._channels) + 1}"


def changes(samples: Array) -> list[float]:
    """Seconds within a stretch where one voice clearly gives way to another, at pauses between phrases of SHORT.

    A phrase is compared with all that was said before it in the stretch since the last change.
    """
    edges = [0.0, *_pauses(samples), len(samples) / RATE]
    if len(edges) == 2:
        return []
    voices = [_voice(samples[round(a * RATE) : round(b * RATE)]) * (b - a) for a, b in pairwise(edges)]
    found, before = list[float](), voices[0]
    for second, voice in zip(edges[1:], voices[1:], strict=False):
        if float(before @ voice) < THRESHOLD * float(np.linalg.norm(before) * np.linalg.norm(voice)):
            found.append(second)
            before = voice
        else:
            before = before + voice
    return found


def _voice(samples: Array) -> Array:
    try:
        return Speaker.open().embed(samples)
    except ValueError:
        return np.zeros(256, np.float32)


def _pauses(samples: Array) -> list[float]:
    """The middle of each pause of PAUSE seconds or more, with SHORT seconds at least between them and to the ends."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(1)
    if not power.any():
        return []
    quiet = power < np.quantile(power, 0.9) * QUIET
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(int))).reshape(-1, 2)
    found, last, end = list[float](), 0.0, len(samples) / RATE
    for start, stop in edges * FRAME / RATE:
        middle = float(start + stop) / 2
        if stop - start >= PAUSE and middle - last >= SHORT and end - middle >= SHORT:
            found.append(round(middle, 3))
            last = middle
    return found
