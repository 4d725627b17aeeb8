"""Sounds made with a known pitch, jitter, shimmer, harmonicity and formants, heard by ours and by openSMILE.

    compared(smile.contours) -> {"jitter .02": {"made": .0136, "ours": .0133, "opensmile": .0101}, ...}

What the two disagree about on real clips has no truth there; here it has. Medians over the middle of a second or two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from insula.audio.contours import contours

RATE = 16000
LATE = 2  # frames that openSMILE's 60 ms windows, which begin where the 20 ms ones do, have their middle later
VOWELS = {"a": (700, 1220, 2600), "i": (300, 2300, 3000), "u": (320, 800, 2300)}  # after Peterson & Barney 1952
Array = NDArray[Any]
Hear = Callable[[Array], dict[str, Array]]


def compared(smile: Hear) -> dict[str, dict[str, float]]:
    """What was made, and the median of what each hears."""
    found: dict[str, dict[str, float]] = {}
    for name, contour, made, sound in sounds():
        heard = {"ours": contours(sound)[contour], "opensmile": smile(sound)[contour]}
        medians = {who: float(f"{_middle(values, contour):.4g}") for who, values in heard.items()}
        found[f"{contour}, {name}"] = {"made": float(f"{made:.4g}"), **medians}
    return found | {f"gross pitch errors, {name}": row for name, row in pitch_errors(smile)}


def _middle(values: Array, contour: str) -> float:
    inner = values[15:-15]
    inner = inner[inner != 0]
    if not len(inner):
        return 0.0
    return float(np.mean(inner) if contour.startswith(("jitter", "shimmer")) else np.median(inner))


def sounds() -> Iterator[tuple[str, str, float, Array]]:
    """What it is, the contour that is asked for, its true value, and the sound."""
    draws = np.random.default_rng(0)
    for vowel, formants in VOWELS.items():
        sound = _vowel(100.0, 1.5, formants)
        for number, hertz in enumerate(formants, 1):
            yield f"vowel {vowel}", f"F{number}frequency", hertz, sound
        yield f"vowel {vowel}, 80 Hz wide", "F1bandwidth", 80, sound
    for share in (0.005, 0.01, 0.02):
        lengths = (1 + share * draws.uniform(-1, 1, 260)) / 130
        made = float(np.abs(np.diff(lengths)).mean() / lengths.mean())
        yield f"pulses drawn within {share:.1%}", "jitterLocal", made, _pulses(lengths, np.ones(260))
    for level in (0.5, 1.0, 2.0):
        decibels = level * draws.uniform(-1, 1, 260)
        made = float(np.abs(np.diff(decibels)).mean())
        sound = _pulses(np.full(260, 1 / 130), 10 ** (decibels / 20), 4000)
        yield f"pulses drawn within {level} dB", "shimmerLocaldB", made, sound
    for ratio in (0.0, 10.0, 20.0):
        sound = _tones(200.0, 0.3, 0.2)
        noise = draws.standard_normal(len(sound)) * sound.std() * 10 ** (-ratio / 20)
        yield f"tones {ratio:.0f} dB above noise", "HNRdBACF", ratio, (sound + noise).astype(np.float32)
    for ratio in (2.0, 4.0):
        yield f"tones 1 to {1 / ratio}", "logRelF0-H1-H2", 20 * np.log10(ratio), _tones(200.0, 0.4, 0.4 / ratio)


def pitch_errors(smile: Hear) -> Iterator[tuple[str, dict[str, float]]]:
    """Vowels of 70 to 500 Hz that glide by a third: share of frames unheard, and of those more than a fifth off."""
    draws = np.random.default_rng(1)
    for ratio in (40, 10, 5, 0):
        rows: list[tuple[int, ...]] = []
        for start in np.geomspace(70, 500, 12):
            hertz = np.geomspace(start, start * 1.26, int(1.5 * start))
            sound = _filtered(_pulses(1 / hertz, np.ones(len(hertz)), 8000), VOWELS["a"])
            sound = (sound + draws.standard_normal(len(sound)) * sound.std() * 10 ** (-ratio / 20)).astype(np.float32)
            times = np.cumsum(1 / hertz)
            ours = _off(contours(sound)["F0semitoneFrom27.5Hz"], 0.01, times, hertz)
            rows.append((*ours, *_off(smile(sound)["F0semitoneFrom27.5Hz"], 0.03, times, hertz)))
        sums = np.sum(rows, 0)
        shares = (sums / np.repeat(sums[[2, 5]], 3)).round(4).tolist()
        names = ("ours unheard", "ours off", "", "opensmile unheard", "opensmile off", "")
        yield f"vowels {ratio} dB above noise", {name: one for name, one in zip(names, shares, strict=True) if name}


def _off(heard: Array, first: float, times: Array, hertz: Array) -> tuple[int, int, int]:
    """Frames without a pitch, frames more than a fifth off, frames in all; the first has its middle at `first` s."""
    at = first + 0.01 * np.arange(len(heard))
    inside = (at > times[0] + 0.05) & (at < times[-1] - 0.05)
    made = 12 * np.log2(np.interp(at[inside], times, hertz) / 27.5)
    said = heard[inside]
    off = (said > 0) & (np.abs(said - made) > 12 * np.log2(1.2))
    return int((said == 0).sum()), int(off.sum()), int(inside.sum())


def _pulses(lengths: Array, heights: Array, band: float = 800.0) -> Array:
    """A pulse at the end of each period, with nothing above `band` Hz."""
    times, places = np.cumsum(lengths) * RATE, np.arange(int((lengths.sum() + 0.02) * RATE))
    sound = np.zeros(len(places))
    reach = int(16 * 8000 / band)
    for time, height in zip(times, heights, strict=True):
        near = slice(max(int(time) - reach, 0), int(time) + reach)
        apart = (places[near] - time) * band / 8000
        sound[near] += height * np.sinc(apart) * (0.5 + 0.5 * np.cos(np.pi * np.clip(apart / 16, -1, 1)))
    return (0.5 * sound).astype(np.float32)


def _vowel(hertz: float, seconds: float, formants: tuple[int, ...]) -> Array:
    return _filtered(_pulses(np.full(int(seconds * hertz), 1 / hertz), np.ones(int(seconds * hertz)), 8000), formants)


def _filtered(sound: Array, formants: tuple[int, ...]) -> Array:
    """Through resonances 80 Hz wide, two more above as everybody has, and the fall of a voice, 6 dB an octave."""
    for hertz in (*formants, 3700, 4700):
        radius = np.exp(-np.pi * 80 / RATE)
        sound = _recursive(sound, [1.0, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2])
    sound = _recursive(sound, [1.0, -0.97])
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def _recursive(sound: Array, coefficients: list[float]) -> Array:
    return np.asarray(lfilter([1.0], coefficients, sound))


def _tones(hertz: float, first: float, second: float) -> Array:
    time = 2 * np.pi * hertz * np.arange(2 * RATE) / RATE
    return (first * np.sin(time) + second * np.sin(2 * time)).astype(np.float32)
