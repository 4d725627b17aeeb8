"""Made-up signals of a body whose responses are known: tests and tours need no laboratory.

    made = simulate(600.0, seed=1, stress=[(300.0, 480.0)])
    made.conversation("ana"), made.truth.beats, made.truth.responses

Beats come from a heart that follows breathing and stress, and every channel shows the same beats and breaths. Forms of
waves are ours, after Gaussian waves (McSharry et al. 2003) and the two-exponential response of skin (Bach et al. 2010);
amplitudes are those of a wristband. Nothing here is a model of anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation, Signal

Array = NDArray[np.float64]
RATES = {"eda": 4.0, "ppg": 64.0, "ecg": 250.0, "rsp": 25.0, "temperature": 4.0, "acceleration": 32.0}
# waves of an electrocardiogram: seconds from R, width in seconds, millivolts
_WAVES = ((-0.18, 0.025, 0.12), (-0.03, 0.01, -0.12), (0.0, 0.012, 1.1), (0.03, 0.01, -0.25), (0.26, 0.06, 0.3))


@dataclass(frozen=True, eq=False)
class Truth:
    """What is in it: seconds of beats and breaths, responses of the skin (begins, microsiemens), spans of stress."""

    beats: Array
    breaths: Array
    responses: Array
    stress: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Samples by channel, their rates and what is in them."""

    samples: dict[str, Array]
    truth: Truth
    rates: dict[str, float] = field(default_factory=lambda: dict(RATES))

    def conversation(self, speaker: str | None = None, *channels: str) -> Conversation:
        """The channels (all of them where none is named) as signals of a conversation."""
        names = channels or tuple(self.samples)
        every = (Signal(name, self.samples[name].astype(np.float32), self.rates[name], speaker) for name in names)
        return Conversation(*every, id="simulated")


def simulate(
    seconds: float,
    seed: int = 0,
    stress: Sequence[tuple[float, float]] = (),
    rate: float = 65.0,
    breaths: float = 14.0,
    responses: Sequence[tuple[float, float]] | None = None,
    noise: float = 1.0,
) -> Simulated:
    """All channels of a body for so many seconds.

    `rate` is beats and `breaths` breaths a minute at rest; in spans of `stress` the heart beats faster and more evenly,
    the skin answers more often and rises, the finger grows cold and vessels narrow. `responses` are (seconds, height in
    microsiemens) of the skin; drawn where None. `noise` scales what sensors add.
    """
    draws = np.random.default_rng(seed)
    level = _level(seconds, stress)
    breath_times = _events(seconds, breaths / 60 * (1 + 0.25 * level), draws, 0.08)
    beat_times = _beats(seconds, rate, level, breath_times, draws)
    drawn = _drawn(seconds, level, draws) if responses is None else np.array(responses, float).reshape(-1, 2)
    made = {
        "eda": _eda(seconds, drawn, level, draws, noise),
        "ppg": _ppg(seconds, beat_times, level, draws, noise),
        "ecg": _ecg(seconds, beat_times, draws, noise),
        "rsp": _rsp(seconds, breath_times, draws, noise),
        "temperature": _temperature(seconds, level, draws, noise),
        "acceleration": _acceleration(seconds, level, draws, noise),
    }
    return Simulated(made, Truth(beat_times, breath_times, drawn, tuple(stress)))


def gap(samples: Array, rate: float, start: float, end: float) -> Array:
    """The samples, nothing measured from `start` to `end`."""
    found = samples.copy()
    found[round(start * rate) : round(end * rate)] = np.nan
    return found


def drifted(samples: Array, parts_per_million: float) -> Array:
    """The samples of a clock that runs so much slower than it says: the same events come later and later."""
    count = len(samples)
    return np.interp(np.arange(count) / (1 + parts_per_million * 1e-6), np.arange(count), samples)


def _time(seconds: float, channel: str) -> Array:
    return np.arange(round(seconds * RATES[channel])) / RATES[channel]


def _level(seconds: float, stress: Sequence[tuple[float, float]]) -> Array:
    """Stress 0..1 ten times a second, with half a minute to come and go."""
    at = np.arange(round(seconds * 10) + 1) / 10
    wanted = np.zeros(len(at))
    for start, end in stress:
        wanted[(at >= start) & (at < end)] = 1.0
    if not stress:
        return wanted
    kernel = np.exp(-np.arange(0, 60, 0.1) / 15)
    return np.asarray(np.convolve(wanted, kernel / kernel.sum())[: len(at)], np.float64)


def _events(seconds: float, often: Array, draws: np.random.Generator, spread: float) -> Array:
    """Times of a rhythm `often` times a second (ten values a second), each interval drawn with that spread."""
    found, at = list[float](), 0.0
    while True:
        now = often[min(int(at * 10), len(often) - 1)]
        at += max(1 / now * (1 + spread * draws.standard_normal()), 0.2 / now)
        if at >= seconds:
            return np.array(found)
        found.append(at)


def _beats(seconds: float, rate: float, level: Array, breaths: Array, draws: np.random.Generator) -> Array:
    """Beats that come faster while breathing in, less so under stress."""
    at = np.arange(len(level)) / 10
    phase = np.interp(at, np.concatenate([[0.0], breaths]), 2 * np.pi * np.arange(len(breaths) + 1))
    slow = np.sin(2 * np.pi * 0.1 * at + draws.uniform(0, 6))
    often = rate / 60 * (1 + 0.3 * level) * (1 + (1 - 0.7 * level) * (0.05 * np.sin(phase) + 0.03 * slow))
    return _events(seconds, often, draws, 0.01)


def _drawn(seconds: float, level: Array, draws: np.random.Generator) -> Array:
    often = (3 + 9 * level) / 60
    found = [at for at in _events(seconds, often, draws, 0.5) if at < seconds - 5]
    return np.array([(at, 0.05 + draws.gamma(2.0, 0.08)) for at in found]).reshape(-1, 2)


def _at(level: Array, times: Array) -> Array:
    return np.interp(times, np.arange(len(level)) / 10, level)


def _eda(seconds: float, responses: Array, level: Array, draws: np.random.Generator, noise: float) -> Array:
    times = _time(seconds, "eda")
    found = 2.0 + 1.5 * _at(level, times) + 0.1 * np.sin(2 * np.pi * times / 500 + draws.uniform(0, 6))
    shape = response(np.arange(0, 40, 1 / RATES["eda"]))
    for at, height in responses:
        first = round(at * RATES["eda"])
        part = found[first : first + len(shape)]
        part += height * shape[: len(part)]
    return found + noise * 0.001 * draws.standard_normal(len(times))


def response(seconds: Array) -> Array:
    """One response of the skin, 1 high, from its beginning: it rises in two seconds and falls in a few."""
    shape = np.exp(-seconds / 3.5) - np.exp(-seconds / 0.9)
    return shape / shape.max()


def _ppg(seconds: float, beats: Array, level: Array, draws: np.random.Generator, noise: float) -> Array:
    """A systolic and a dicrotic wave a quarter of a second behind each beat."""
    times = _time(seconds, "ppg")
    heights = 60 * (1 - 0.5 * _at(level, beats))
    waves = ((0.25, 0.07, 1.0), (0.5, 0.1, 0.35))
    return _waves(times, beats, waves, heights) + noise * 0.8 * draws.standard_normal(len(times))


def _ecg(seconds: float, beats: Array, draws: np.random.Generator, noise: float) -> Array:
    times = _time(seconds, "ecg")
    wander = 0.05 * np.sin(2 * np.pi * 0.25 * times)
    return _waves(times, beats, _WAVES, np.ones(len(beats))) + wander + noise * 0.02 * draws.standard_normal(len(times))


def _waves(times: Array, events: Array, waves: Sequence[tuple[float, float, float]], heights: Array) -> Array:
    found, rate = np.zeros(len(times)), 1 / (times[1] - times[0])
    for event, height in zip(events, heights, strict=True):
        first, last = (max(round((event + at) * rate), 0) for at in (-0.5, 1.0))
        part = times[first:last] - event
        for middle, width, size in waves:
            found[first:last] += height * size * np.exp(-(((part - middle) / width) ** 2) / 2)
    return found


def _rsp(seconds: float, breaths: Array, draws: np.random.Generator, noise: float) -> Array:
    times = _time(seconds, "rsp")
    phase = np.interp(times, np.concatenate([[0.0], breaths]), np.arange(len(breaths) + 1))
    return np.cos(2 * np.pi * phase) + noise * 0.02 * draws.standard_normal(len(times))


def _temperature(seconds: float, level: Array, draws: np.random.Generator, noise: float) -> Array:
    times = _time(seconds, "temperature")
    cooling = np.cumsum(_at(level, times)) / RATES["temperature"] / 60 * 0.15
    return 33.0 - cooling + noise * 0.01 * np.round(draws.standard_normal(len(times)))


def _acceleration(seconds: float, level: Array, draws: np.random.Generator, noise: float) -> Array:
    """A hand at rest, that now and then turns for some seconds."""
    times = _time(seconds, "acceleration")
    turns = np.repeat(draws.random(int(seconds // 10) + 1) < 0.1 + 0.2 * level[::100][: int(seconds // 10) + 1], 320)
    turns = np.resize(turns, len(times)) if len(turns) < len(times) else turns[: len(times)]
    tilt = 0.1 * np.cumsum(draws.standard_normal((len(times), 2)), 0) / np.sqrt(RATES["acceleration"] * 60)
    moved = 0.15 * draws.standard_normal((len(times), 3)) * turns[:, None]
    still = np.column_stack([np.sin(tilt[:, 0]), np.sin(tilt[:, 1]), np.ones(len(times))])
    still /= np.linalg.norm(still, axis=1, keepdims=True)
    return still + moved + noise * 0.004 * draws.standard_normal((len(times), 3))
