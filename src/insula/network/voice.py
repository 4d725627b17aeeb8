"""What feeling and affect a voice expresses: read from Whisper's layers and from prosody, calibrated.

    Voice.open().read(samples).emotion        # {"neutral": .03, "calm": .02, "joy": .71, ...}

What is heard is the mean and deviation over time of each layer's states, and the functionals of prosody. Heard against
a `Person`, what the same voice is like on the whole, they say more (Busso et al. 2013, iterative feature
normalization). Each clip was learnt both ways, so that one machine serves strangers and people heard for a while.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from insula.audio.contours import HERTZ, Contours, contours
from insula.audio.functionals import functionals
from insula.conversation import Anchor
from insula.network.calibrate import Head
from insula.network.text import digest, weights_folder
from insula.network.whisper import RATE, SHORTEST, Whisper

Array = NDArray[np.float32]
STATES = 50  # a second
QUIET = 1e-4  # the highest peak of what counts as silence
FAR = 5.0  # deviations; what is farther is heard as if it were there
PROSODY = 0.5  # weight of prosody beside that of one layer's means
PRIOR = 2.0  # stretches of a person's voice that weigh as much as all the voices learnt from
_NOWHERE = Anchor()
_SIXTEEN = ("centre", "spread", "within", "landmarks", "weights", "slope", "intercept", "neutral")


@dataclass(frozen=True, eq=False)
class Person:
    """What a voice is like on the whole: sums over `count` stretches of their features and of the features' squares.

    Nothing is known, or kept, of what was felt in them.
    """

    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    count: float = 0.0

    @classmethod
    def of(cls, features: Array) -> Person:
        """From features [stretches, numbers]; none at all gives a person nobody has heard yet."""
        wide = features.astype(np.float64)
        return cls(wide.sum(0), (wide**2).sum(0), float(len(wide)))

    def heard(self, features: Array) -> Person:
        """The same person after more stretches [stretches, numbers]."""
        more = Person.of(features)
        return replace(
            self, total=self.total + more.total, squares=self.squares + more.squares, count=self.count + more.count
        )


@dataclass(frozen=True, eq=False)
class Machine:
    """What makes features comparable, and what was learnt about them.

    `centre`, `spread`: mean and deviation of each feature over the voices learnt from; `within`: its variance about one
    person; `basis` [features, r]: the directions in which voices differ most; `landmarks` [m, r]: some of what was
    learnt from; `weights` [m, labels]; `slope` and `intercept` [labels] calibrate; `neutral`: how far, in deviations,
    a person's neutral voice is from what that person is like on the whole. `prosody` features are functionals.
    """

    centre: Array
    spread: Array
    within: Array
    basis: Array
    landmarks: Array
    weights: Array
    slope: Array
    intercept: Array
    neutral: Array
    prosody: int

    def logits(self, wide: Array, person: Person | None = None) -> tuple[Array, Array]:
        """Features [n, numbers] -> calibrated logits [n, labels] and nearness [n] to what was learnt from, 0..1."""
        standard = scaled(self.standard(wide, person), self.prosody)
        near = kernel(standard @ self.basis, self.landmarks, breadth(wide.shape[1], self.prosody))
        return near @ self.weights * self.slope + self.intercept, near.max(1)

    def standard(self, wide: Array, person: Person | None = None) -> Array:
        """Features in deviations from all voices or, as far as a person is known, from theirs."""
        plain = (wide - self.centre) / self.spread
        if person is None:
            return plain
        # sums in units of all voices, as if PRIOR stretches of nobody in particular had been heard before
        count, centre = person.count, self.centre.astype(np.float64)
        total = (person.total - count * centre) / self.spread
        squares = (person.squares - 2 * centre * person.total + count * centre**2) / self.spread.astype(np.float64) ** 2
        mean = total / (count + PRIOR)
        around = squares - 2 * mean * total + count * mean**2
        return ((plain - mean) / np.sqrt((around.clip(0) + PRIOR * self.within) / (count + PRIOR))).astype(np.float32)

    def calibrated(self, wide: Array) -> Person:
        """A person known by neutral speech alone, features [stretches, numbers]: what they are like on the whole.

        That is their neutral voice less what is neutral about it, varying as people do. However long, it counts as one
        stretch: believed more, it made voices never heard before harder to read, not easier.
        """
        mean = wide.astype(np.float64).mean(0) - self.neutral * self.spread
        return Person(mean, mean**2 + self.within * self.spread.astype(np.float64) ** 2, 1.0)

    def save(self, path: Path) -> None:
        """Write as safetensors: the basis in eight bits a number, the rest in sixteen."""
        step = np.abs(self.basis).max(0) / 127
        parts: dict[str, Any] = {name: getattr(self, name).astype(np.float16) for name in _SIXTEEN}
        parts |= {"basis": np.round(self.basis / step).astype(np.int8), "step": step.astype(np.float32)}
        save_file({name: np.ascontiguousarray(part) for name, part in parts.items()}, path)

    @classmethod
    def load(cls, path: Path, prosody: int) -> Machine:
        """Read what `save` wrote."""
        parts = {name: part.astype(np.float32) for name, part in load_file(path).items()}
        return cls(**{name: parts[name] for name in _SIXTEEN}, basis=parts["basis"] * parts["step"], prosody=prosody)


def features(pooled: Array, prosody: Array | None = None) -> Array:
    """[n, layers + 1, 2, width] and [n, functionals] -> [n, numbers]: layers above the convolutions, then prosody."""
    flat = pooled[:, 1:].reshape(len(pooled), -1)
    return flat if prosody is None else np.concatenate([flat, np.nan_to_num(prosody)], 1)


def pool(states: Array) -> Array:
    """States [layers + 1, frames, width] -> their mean and deviation over time [layers + 1, 2, width]."""
    return np.stack([states.mean(1), states.std(1)], 1)


def breadth(numbers: int, prosody: int) -> float:
    """How many features there are, prosody counting `PROSODY` of one layer's means."""
    return (numbers - prosody) * (1 + (PROSODY / 8 if prosody else 0))


def scaled(standard: Array, prosody: int) -> Array:
    """Standardised features, the far ones drawn in and prosody weighed."""
    found = standard.clip(-FAR, FAR)
    if prosody:
        found[:, -prosody:] *= np.sqrt(PROSODY / 8 * (found.shape[1] - prosody) / prosody)
    return found


def kernel(one: Array, other: Array, wide: float, narrow: float = 0.5) -> Array:
    """How alike [n, r] and [m, r] are, 0..1: radial, with distances per feature."""
    apart = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T
    return np.exp(-narrow / wide * apart.clip(0))


@dataclass(frozen=True)
class VoiceReading:
    """What one stretch of voice expresses; empty, with a reason, where it cannot be told.

    `emotion` under voice9 (independent probabilities), `affect` under vad with `margin` around it; `labels` are
    decided, `possible` cannot be ruled out.
    """

    emotion: Mapping[str, float]
    affect: Mapping[str, float]
    labels: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    margin: Mapping[str, float] | None = None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Heard:
    """A stretch of voice as the encoder and the ear for prosody have it: `states` at 50 Hz, `contours` at 100 Hz."""

    states: Array
    contours: Contours
    functionals: tuple[str, ...]

    def features(self, start: float = 0.0, end: float | None = None) -> Array:
        """[numbers] of the seconds from `start` to `end` of the stretch."""
        inside = self.states[:, round(start * STATES) : None if end is None else round(end * STATES)]
        rows = self.contours.values[round(start * HERTZ) : None if end is None else round(end * HERTZ)]
        known = functionals(Contours(rows))
        prosody = np.array([[known.get(name, 0.0) for name in self.functionals]], np.float32)
        return features(pool(inside)[None], prosody)[0]


class Voice:
    """The shipped reader of voices. `heads` are its two schemes, `functionals` the names of the prosody it reads."""

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.functionals: tuple[str, ...] = tuple(record["functionals"])
        self.machine = Machine.load(folder / f"{name}.safetensors", len(self.functionals))
        self.heads = {head["scheme"]: Head.from_record(head) for head in record["heads"]}
        self.shortest, self.nearest = float(record["shortest"]), float(record["nearest"])
        self.revision = digest(folder / f"{name}.safetensors")
        self._whisper = Whisper.open(threads=threads)

    @staticmethod
    def open(name: str = "voice", threads: int = 1) -> Voice:
        """By name from the shipped weights, or the path of a trained `.json`.

        Raises FileNotFoundError, and LookupError saying what to install where Whisper's weights are missing.
        """
        folder = Path(name).parent if name.endswith(".json") else weights_folder()
        stem = Path(name).stem if name.endswith(".json") else name
        if not (folder / f"{stem}.json").is_file():
            raise FileNotFoundError(f"no weights {name!r}: {folder / stem}.json is not there")
        return _open(folder, stem, threads)

    def hear(self, samples: Array, known: Contours | None = None) -> Heard:
        """Samples at 16 kHz through the encoder, once; `known` are their contours, where they were measured already.

        Raises ValueError for less than 25 ms.
        """
        return Heard(self._whisper.states(samples), known or contours(samples), self.functionals)

    def read(self, samples: Array, baseline: Person | None = None) -> VoiceReading:
        """What samples at 16 kHz express, against their person where one is known."""
        if reason := self.unreadable(samples):
            return VoiceReading({}, {}, reason=reason)
        return self.judge(self.hear(samples).features(), baseline)

    def unreadable(self, samples: Array) -> str:
        """Why samples at 16 kHz cannot be read, or ""."""
        if len(samples) < max(SHORTEST, self.shortest * RATE):
            return f"too short: {len(samples) / RATE:.2f} s of voice, {self.shortest:g} are needed"
        if not np.isfinite(samples).all():
            return "the sound is damaged: samples that are no numbers"
        if float(np.abs(samples).max()) < QUIET:
            return "silence: nothing to hear"
        return ""

    def judge(self, heard: Array, baseline: Person | None = None) -> VoiceReading:
        """What features [numbers] express."""
        logits, near = self.machine.logits(heard[None], baseline)
        if near[0] < self.nearest:
            return VoiceReading({}, {}, reason=f"unlike the voices it learnt from (nearness {near[0]:.2f})")
        emotion, affect = (self.heads[name] for name in ("voice9", "vad"))
        found = emotion.annotation(emotion.calibrated(logits)[0], _NOWHERE, "")
        position = affect.annotation(affect.calibrated(logits)[0], _NOWHERE, "")
        return VoiceReading(found.scores, position.scores, found.labels, found.possible, position.margin)


@cache
def _open(folder: Path, name: str, threads: int) -> Voice:
    return Voice(folder, name, threads)
