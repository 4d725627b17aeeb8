"""Whether a stated sampling rate can be right, and whether the clocks of two channels run alike.

    problems(body) -> ("ppg: lasts 1800 s where the others last 3600 s: its sampling rate is 32 Hz rather than 64 Hz",)

A rate is doubted where a channel lasts much longer or shorter than those it was recorded with, or where its pulse or
breath would be no living person's; both leave a factor below that unseen. Drift is measured between two pulses of one
person (a chest strap and a wristband): the lag of one behind the other, half a minute after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .channels import CHANNELS
from .gaps import filled
from .person import Body, Series
from .pulse import Beats

Array = NDArray[np.float64]
SLOWEST, FASTEST = 35.0, 185.0  # beats a minute on the whole
BREATHS = (4.0, 45.0)  # a minute on the whole
RATES = (1, 2, 4, 8, 10, 16, 20, 25, 32, 50, 64, 100, 125, 128, 200, 250, 256, 300, 360, 400, 500, 512, 700, 1000, 2000)
LIKELY = 0.03  # a guessed rate is named where it is so near to a usual one
DIFFERENT = 0.05  # share by which lengths of one recording may differ
DRIFT = 100.0  # parts per million that are told
WINDOW, FEWEST = 30.0, 8  # seconds a lag is measured in, and how many of them make a drift
REACH, STEP = 2.0, 0.02  # seconds of lag that are tried


def problems(body: Body) -> tuple[str, ...]:
    """A sentence for each rate that cannot be right and for clocks that part; () where nothing speaks against them."""
    return (*_slow(body), *_lengths(body), *_rhythms(body), *_clocks(body))


def _slow(body: Body) -> Iterator[str]:
    for name, one in body.series.items():
        if one.rate < CHANNELS[name].slowest:
            yield f"{name}: {one.rate:g} Hz are too few; {CHANNELS[name].slowest:g} are needed"


def _lengths(body: Body) -> Iterator[str]:
    """A channel of another length than at least two that agree."""
    lengths = {name: len(one.samples) / one.rate for name, one in body.series.items()}
    if len(lengths) < 3:
        return
    middle = float(np.median(list(lengths.values())))
    for name, length in lengths.items():
        if abs(length / middle - 1) > DIFFERENT and sum(abs(x / middle - 1) <= DIFFERENT for x in lengths.values()) > 1:
            rate = body.series[name].rate
            why = _rather(rate * length / middle, rate)
            yield f"{name}: lasts {length:.0f} s where the others last {middle:.0f} s{why}"


def _rather(likely: float, stated: float) -> str:
    near = min(RATES, key=lambda one: abs(one / likely - 1))
    if near == stated or abs(near / likely - 1) > LIKELY:
        return "; it was begun later, ended earlier, or its sampling rate is wrong"
    return f": its sampling rate is {near} Hz rather than {stated:g} Hz, or it was not worn all the time"


def _rhythms(body: Body) -> Iterator[str]:
    for name, beats in body.beats.items():
        if len(beats.times) > 10:
            found = _often(body.series[name]) if name == "ppg" else 1 / float(np.median(np.diff(beats.times)))
            pace = 60 * found
            if not SLOWEST <= pace <= FASTEST:
                rate = body.series[name].rate
                yield f"{name}: {pace:.0f} beats a minute on the whole are nobody's; is {rate:g} Hz right?"
    if "rsp" in body.series and len(times := body.breaths.times) > 5:
        pace = 60 / float(np.median(np.diff(times)))
        if not BREATHS[0] <= pace <= BREATHS[1]:
            rate = body.series["rsp"].rate
            yield f"rsp: {pace:.0f} breaths a minute on the whole are nobody's; is {rate:g} Hz right?"


def _often(series: Series) -> float:
    """How often a second the strongest wave comes, .2 to 12 times: finding beats one by one would skip some."""
    whole, _ = filled(series.samples)
    size = round(30 * series.rate)
    if len(whole) < size:
        size = len(whole)
    parts = whole[: len(whole) // size * size].reshape(-1, size)
    parts = (parts - parts.mean(1, keepdims=True)) * np.hanning(size)
    power = np.median(np.abs(np.fft.rfft(parts, axis=1)) ** 2, 0)
    hertz = np.fft.rfftfreq(size, 1 / series.rate)
    band = (hertz >= 0.2) & (hertz <= 12)
    return float(hertz[band][int(np.argmax(power[band]))])


def _clocks(body: Body) -> Iterator[str]:
    if len(body.beats) < 2:
        return
    ecg, ppg = (body.beats[name] for name in ("ecg", "ppg"))
    found = drift(ecg, ppg, body.series["ppg"].start - body.series["ecg"].start)
    if found is not None and abs(found) > DRIFT:
        behind = "behind" if found > 0 else "ahead of"
        hourly = abs(found) * 3.6e-3
        yield f"ppg: its clock falls {hourly:.1f} s an hour {behind} that of ecg ({abs(found):.0f} parts per million)"


def drift(first: Beats, second: Beats, later: float = 0.0) -> float | None:
    """How much slower the second pulse's times grow than the first's, in parts per million; None where not told.

    `later` is how long after the first the second begins. The lag of each half minute is the one under which most
    beats of both fall together, looked for near the one before; the drift is the median slope between all pairs of them
    (Theil 1950).
    """
    if min(len(first.times), len(second.times)) < 30:
        return None
    times, start = second.times + later, max(first.times[0], second.times[0] + later)
    end = min(first.times[-1], times[-1])
    middles, lags, before = list[float](), list[float](), 0.0
    for at in np.arange(start, end - WINDOW, WINDOW):
        one = first.times[(first.times >= at) & (first.times < at + WINDOW)]
        lag = _lag(one, times, before if lags else None)
        if lag is not None:
            middles.append(at)
            lags.append(before := lag)
    if len(lags) < FEWEST:
        return None
    x, y = np.array(middles), np.array(lags)
    a, b = np.triu_indices(len(x), 1)
    return float(np.median((y[b] - y[a]) / (x[b] - x[a])) * 1e6)


def _lag(one: Array, other: Array, near: float | None) -> float | None:
    """What `other` is late by, so that most beats fall together: the sharpest agreement of intervals, not of phase."""
    if len(one) < 15:
        return None
    around = np.arange(-REACH, REACH, STEP) + (near or 0.0)
    moved = one[:, None] + around
    places = np.clip(np.searchsorted(other, moved), 1, len(other) - 1)
    apart = np.minimum(np.abs(other[places] - moved), np.abs(other[places - 1] - moved))
    fit = np.exp(-((apart / 0.04) ** 2)).mean(0)
    best = int(np.argmax(fit))
    return float(around[best]) if fit[best] > 0.5 else None
