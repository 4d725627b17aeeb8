"""A sentence as the built-in voice has it just before the vocoder, and a delivery worked into it.

Pitch level, range and contour are exact, since the pitch of every 12.5 ms is a number that is changed; so is tilt,
which is added to the logarithms of the spectra of what is voiced, of noise and of the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..delivery import Delivery

Array = NDArray[np.float32]
FRAMES = 80.0  # a second
TOP = 12000.0  # Hz of the highest bin
VOICED = 40.0  # Hz, under which a frame has no pitch
LOWEST, HIGHEST = 65.0, 620.0  # Hz that pitch is kept within
PIVOT = 1000.0  # Hz about which brightness is tilted; and the lowest octave that is tilted begins at 125 Hz
DECIBEL = math.log(10) / 20  # natural logarithm of an amplitude
TREMOR = 5.8  # times a second
SEMITONES = 0.7  # of the strongest tremor
PRESSED, SOFTER = 1.3, 0.5  # nepers of noise taken from a pressed voice, of harmonics from a breathy one
AIR = (0.06, 0.35)  # of a harmonic's size, the noise of the breathiest voice, below 250 Hz and above 2 kHz
STRESS = {"pitch": 2.2, "energy": 2.5, "longer": 1.18}  # of an emphasised word: semitones, dB, ratio


@dataclass(frozen=True)
class Span:
    """Frames [start, end) of a word, or of a mark at which one pauses."""

    start: int
    end: int
    text: str
    mark: bool = False


@dataclass(frozen=True, eq=False)
class Frames:
    """Log spectra (601, frames) of what is voiced, of noise and of the rest, two phases, and pitch in Hz (frames,).

    `longer` is how much longer it should be than it is: phonemes last whole frames, so a slight change of pace is lost.
    """

    voiced: Array
    turn: Array
    noise: Array
    rest: Array
    phase: Array
    pitch: Array
    spans: tuple[Span, ...] = ()
    longer: float = 1.0


def deliver(frames: Frames, delivery: Delivery) -> Frames:
    """The same words as the delivery wants them, but for its pace and energy, which the voice itself sees to."""
    frames, weight = _stretch(frames, _stressed(frames, delivery.emphasis), delivery.pauses)
    return _colour(replace(frames, pitch=intone(frames.pitch, delivery, weight)), delivery, weight)


def _stressed(frames: Frames, emphasis: Sequence[str]) -> list[Span]:
    wanted = {word.casefold() for word in emphasis}
    return [span for span in frames.spans if not span.mark and span.text.casefold() in wanted]


def _stretch(frames: Frames, stressed: Sequence[Span], pauses: float) -> tuple[Frames, Array]:
    """Emphasised words longer, pauses inside the sentence as asked; also how much each frame is stressed, 0..1."""
    count = len(frames.pitch)
    length, weight = np.full(count, frames.longer), np.zeros(count, np.float32)
    for span in stressed:
        length[span.start : span.end] *= STRESS["longer"]
        weight[span.start : span.end] = 1
    for span in frames.spans:
        if span.mark and span.end < count - 2:
            length[span.start : span.end] *= pauses
    if (length == 1).all():
        return frames, weight
    ends = np.cumsum(length)
    at = np.interp(np.arange(0.5, ends[-1]), np.concatenate([[0], ends]), np.arange(count + 1)) - 0.5
    near = np.clip(np.rint(at), 0, count - 1).astype(int)
    names = ("voiced", "turn", "noise", "rest", "phase")
    parts = {name: getattr(frames, name)[:, near] for name in names}
    return replace(frames, pitch=frames.pitch[near], spans=(), longer=1.0, **parts), weight[near]


def intone(hertz: NDArray[np.floating], delivery: Delivery, weight: Array, rate: float = FRAMES) -> Array:
    """Pitch in Hz (frames,) at `rate` a second as the delivery wants it; frames under VOICED are left alone."""
    voiced = hertz > VOICED
    if not voiced.any():
        return hertz.astype(np.float32)
    tone = 12 * np.log2(np.maximum(hertz, VOICED))
    mean = tone[voiced].mean()
    at = np.arange(len(tone))
    inside = np.interp(at, [at[voiced][0], at[voiced][-1] + 1], [-0.5, 0.5])
    slope = delivery.contour * inside
    tremble = SEMITONES * delivery.tremor * np.sin(2 * np.pi * TREMOR * at / rate)
    bump = STRESS["pitch"] * _smooth(weight)
    moved = (tone - mean) * delivery.range + slope + bump + tremble
    moved -= moved[voiced].mean()
    # the plan's pitch and range are those of the sentence, wherever contour, emphasis and tremor go
    wanted = delivery.range * tone[voiced].std()
    tone = mean + delivery.pitch + moved * wanted / max(float(moved[voiced].std()), 1e-6)
    pitch = np.clip(2 ** (tone / 12), LOWEST, HIGHEST)
    return np.where(voiced, pitch, hertz).astype(np.float32)


def _colour(frames: Frames, delivery: Delivery, weight: Array) -> Frames:
    bins = np.linspace(0, TOP, len(frames.voiced))
    tilt = delivery.tilt * DECIBEL * np.log2(np.maximum(bins, 125.0) / PIVOT)[:, None]
    louder = (STRESS["energy"] * DECIBEL * _smooth(weight))[None]
    parts = (frames.voiced + tilt + louder, frames.noise + tilt + louder, frames.rest + tilt + louder)
    voiced, noise, rest = _breathe(frames.pitch > VOICED, bins, delivery.breath, *parts)
    return replace(
        frames, voiced=voiced.astype(np.float32), noise=noise.astype(np.float32), rest=rest.astype(np.float32)
    )


def _breathe(
    sung: NDArray[np.bool_], bins: NDArray[np.floating], breath: float, *parts: NDArray[np.floating]
) -> tuple[NDArray[np.floating], ...]:
    """Noise in the shape of the voice, most of it above 1 kHz, and weaker harmonics there (Klatt & Klatt 1990)."""
    voiced, noise, rest = parts
    high = np.clip(np.log2(np.maximum(bins, 125.0) / 250.0) / 3, 0, 1)[:, None] * sung
    if breath < 0:
        return voiced, noise + PRESSED * breath * high, rest
    air = np.log(np.maximum(breath * (AIR[0] + (AIR[1] - AIR[0]) * high) * sung, 1e-6))
    return voiced - SOFTER * breath * high, np.logaddexp(noise, voiced + air), rest - SOFTER * breath * high


def _smooth(weight: Array) -> Array:
    """Soft edges of 100 ms."""
    window = np.hanning(9)
    return np.convolve(weight, window / window.sum(), "same").astype(np.float32) if weight.any() else weight
