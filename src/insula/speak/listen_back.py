"""What was said, heard by Insula's own ear: how far it follows its plan, and what can be done about it.

    lines, heard = corrected(voice("builtin"), lines)
    heard[0].sentence -> "pitch -1.8 of -2.0 st, pace 0.81 of 0.80x, ...; sadness .41, plainly read .12"

Everything is beside a plain reading of the same words by the same voice, so that neither the speaker nor the sentence
counts. Pitch, range and energy are those of the contours of `insula.audio`, pace is from the time speech takes without
its pauses; the emotion is heard by `insula.network.voice`, which was taught by people only, the words by the
transcriber. Whatever of these is not installed is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from insula.audio.contours import HERTZ, contours
from insula.audio.decode import resample
from insula.network.words import Transcriber, available, transcriber, word_error_rate

from .delivery import QUANTITIES, Delivery
from .text import Line
from .voices import Sound, Voice, joined
from .voices.protocol import Samples

RATE = 16000
PITCH = "F0semitoneFrom27.5Hz"
SPEECH = 30.0  # dB under the mean of what is voiced that still are speech
GAP = 15  # frames: what is silent longer is a pause, as stops and soft consonants are not
CLOSE: Mapping[str, float] = MappingProxyType({"pace": 0.05, "pitch": 0.5, "range": 0.15, "energy": 1.0})
"""How near is near enough; pace and range in the logarithm of their ratio."""
WORSE = 0.15  # more wrong words than in the plain reading, of a sentence, that are too many
GENTLER = 0.75  # how much of a delivery is left when the words got lost in it
_NOTHING: Mapping[str, float] = MappingProxyType({})

Ear = Callable[[Samples], Mapping[str, float]]


@dataclass(frozen=True)
class Prosody:
    """A stretch of speech in four numbers: `pitch` in semitones, `range` (how far it moves) too, dB, and seconds."""

    pitch: float
    range: float
    energy: float
    seconds: float

    def beside(self, plain: Prosody) -> dict[str, float]:
        """The quantities of a delivery that make this of a plain reading; without those that cannot be told."""
        found = {"energy": self.energy - plain.energy, "pitch": self.pitch - plain.pitch}
        if self.seconds > 0 and plain.seconds > 0:
            found["pace"] = plain.seconds / self.seconds
        if self.range > 0 and plain.range > 0:
            found["range"] = self.range / plain.range
        return {name: value for name, value in found.items() if math.isfinite(value)}


@dataclass(frozen=True)
class Ears:
    """What listens: `emotion` gives probabilities of what 16 kHz samples express, `words` writes them down."""

    emotion: Ear | None = None
    words: Transcriber | None = None

    @classmethod
    def open(cls) -> Ears:
        """Those that are installed here."""
        return cls(_emotion(), None if available() else transcriber())


@dataclass(frozen=True)
class Heard:
    """What was heard of a sentence beside what was planned.

    `measured` holds quantities as a delivery has them; `emotion` and `plain` what the ear hears in it and in the plain
    reading; `wrong` and `plain_wrong` the share of wrong words, NaN where nobody wrote them down.
    """

    line: Line
    measured: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    emotion: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    plain: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    wrong: float = math.nan
    plain_wrong: float = math.nan

    def errors(self) -> dict[str, float]:
        """Measured minus planned, in the space of prosody, for what was measured."""
        planned = self.line.delivery
        found: dict[str, float] = {}
        for name, value in self.measured.items():
            wanted = getattr(planned, name)
            found[name] = math.log(value / wanted) if QUANTITIES[name].ratio else value - wanted
        return found

    def misses(self) -> tuple[str, ...]:
        """Which quantities are not near enough to the plan, in the order of CLOSE."""
        errors = self.errors()
        return tuple(name for name, near in CLOSE.items() if abs(errors.get(name, 0.0)) > near)

    @property
    def unclear(self) -> bool:
        """Whether clearly more words were misheard than in the plain reading."""
        return self.wrong > self.plain_wrong + WORSE

    @property
    def sentence(self) -> str:
        """What was heard, for people."""
        parts = [
            f"{name} {self.measured[name]:.2f} of {getattr(self.line.delivery, name):.2f} {QUANTITIES[name].unit}"
            for name in CLOSE
            if name in self.measured
        ]
        for label, weight in self.line.delivery.feeling.items():
            if weight > 0 and label in self.emotion:
                parts.append(f"{label} {self.emotion[label]:.2f}, plainly read {self.plain.get(label, 0.0):.2f}")
        if not math.isnan(self.wrong):
            parts.append(f"{self.wrong:.0%} of words misheard, plainly read {self.plain_wrong:.0%}")
        missed = f"; not as planned: {', '.join(self.misses())}" if self.misses() else ""
        return f"“{self.line.text[:60]}”: {'; '.join(parts)}{missed}"

    def scores(self) -> dict[str, float]:
        """The scores of a `delivered` annotation."""
        found = {**self.measured, **{f"ear.{label}": p for label, p in self.emotion.items()}}
        found |= {f"plain.{label}": p for label, p in self.plain.items()}
        return found if math.isnan(self.wrong) else {**found, "words": self.wrong}


def measure(samples: Samples) -> Prosody:
    """The prosody of 16 kHz samples; NaN where there is no voice."""
    found = contours(samples)
    level, tone = found["soundLevel"], found[PITCH]
    voiced = tone > 0
    if not voiced.any():
        return Prosody(math.nan, math.nan, math.nan, 0.0)
    low, high = np.quantile(tone[voiced], [0.1, 0.9])
    energy = 10 * math.log10(float(np.mean(10 ** (level[voiced] / 10))))
    return Prosody(float(tone[voiced].mean()), float(high - low), energy, _spoken(level > energy - SPEECH))


def _spoken(speech: NDArray[np.bool_]) -> float:
    """Seconds of speech without its pauses."""
    at = np.flatnonzero(speech)
    steps = np.diff(at)
    return float((1 + steps[steps <= GAP].sum() + (steps > GAP).sum()) / HERTZ)


def listen(voice: Voice, line: Line, sound: Sound, ears: Ears) -> Heard:
    """What the ears make of a sentence, beside the voice's plain reading of it."""
    said, plain = at_16k(sound), plainly(voice, line.text)
    wrong = plain_wrong = math.nan
    if ears.words:
        wrong = word_error_rate(line.text, ears.words(said).text)
        plain_wrong = word_error_rate(line.text, _written(voice, line.text, ears.words))
    emotion, before = (ears.emotion(said), ears.emotion(plain)) if ears.emotion else (_NOTHING, _NOTHING)
    return Heard(line, measure(said).beside(measure(plain)), emotion, before, wrong, plain_wrong)


def corrected(
    voice: Voice, plan: Iterable[Line], ears: Ears | None = None, rounds: int = 2
) -> tuple[tuple[Line, ...], tuple[Heard, ...]]:
    """What to ask the voice for so that it does what is planned, and what was heard of it at last.

    Each sentence is said, heard, and asked for differently by as much as it missed the plan, at most `rounds` times;
    where words got lost it is asked for more gently. The better of two tries is kept. Raises VoiceError.
    """
    ears = ears or Ears.open()
    found = [settle(voice, line, ears, rounds) for line in plan]
    return tuple(asked for asked, _, _ in found), tuple(heard for _, heard, _ in found)


def settle(voice: Voice, line: Line, ears: Ears, rounds: int = 2) -> tuple[Line, Heard, Sound]:
    """The best request for one sentence, what was heard of it, and its sound."""
    tries: list[tuple[Line, Heard, Sound]] = []
    asked = line
    for _ in range(rounds + 1):
        sound = joined(voice.say(asked.text, asked.delivery))
        heard = replace(listen(voice, line, sound, ears), line=line)
        tries.append((asked, heard, sound))
        wanted = _again(voice, asked.delivery, heard)
        if wanted == asked.delivery:
            break
        asked = replace(asked, delivery=wanted)
    return min(tries, key=lambda one: _distance(one[1]))


def plainly(voice: Voice, text: str) -> Samples:
    """The voice's plain reading of a text, at 16 kHz."""
    return _plain(voice, text)


def at_16k(sound: Sound) -> Samples:
    """The samples as the ears take them."""
    return np.asarray(resample(sound.samples, sound.rate, RATE), np.float32)


@lru_cache(maxsize=64)
def _plain(voice: Voice, text: str) -> Samples:
    return at_16k(joined(voice.say(text, Delivery())))


@lru_cache(maxsize=64)
def _written(voice: Voice, text: str, words: Transcriber) -> str:
    return words(_plain(voice, text)).text


def _again(voice: Voice, asked: Delivery, heard: Heard) -> Delivery:
    """What to ask for next; the same where nothing can or need be done."""
    if heard.unclear:
        return asked.scaled(GENTLER)
    errors, misses = heard.errors(), set(heard.misses()) & voice.follows
    moved = [x - (errors[name] if name in misses else 0.0) for name, x in zip(QUANTITIES, asked.vector(), strict=True)]
    return asked.at(moved)


def _distance(heard: Heard) -> float:
    errors = heard.errors()
    far = sum(abs(errors[name]) / near for name, near in CLOSE.items() if name in errors)
    return far + (100.0 if heard.unclear else 0.0)


def _emotion() -> Ear | None:
    try:
        from insula.network.voice import Voice as Hearing
    except ImportError:
        return None
    try:
        ear = Hearing.open()
    except (ImportError, LookupError, FileNotFoundError):
        return None
    return lambda samples: ear.read(samples).emotion
