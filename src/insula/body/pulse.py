"""Beats of the heart from light on the skin or from an electrocardiogram, and what their intervals say.

    found = beats("ppg", samples, 64.0)
    variability(found, 0.0, 60.0) -> {"rate": 71.2, "rmssd": 38.0, "sdnn": 45.1, "pnn50": 12.0, ...}

NeuroKit2 cleans the signal and finds the beats; the measures are computed here, since its own fail on short windows.
A beat by light is timed where it rises fastest, which a moving wrist blurs less than its top: beside the intervals of
an Empatica E4's own software that is 2 to 5 times closer. Intervals that no heart gives, or that are a third off those
around them, are left out with both their neighbours' differences (after Malik 1989), so that one missed beat does not
make a variability of its own; variability also leaves out beats that do not look like the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .gaps import filled, long_enough

Array = NDArray[np.float64]
SHORTEST, LONGEST = 0.3, 2.0  # seconds between two beats: 200 and 30 a minute
OFF = 0.3  # share of the local median an interval may be off
AROUND = 11  # intervals that make the local median
ALIKE = 0.8  # correlation from which on a beat looks like those around it
FEWEST = 5  # intervals that make a measure
NEEDED = 4.0  # seconds NeuroKit2's filters need
SLOWEST = 17.0  # Hz: twice what its filter for pulses lets through


@dataclass(frozen=True, eq=False)
class Beats:
    """Beats at `times` (beats,) in seconds from the first sample, `alike` how much each looks like those around it.

    `intervals` (beats - 1,) are seconds to the next beat, NaN where that is no interval of a heart; `heights` (beats,)
    how high each stands above the trough before, in the unit of the channel.
    """

    times: Array
    intervals: Array
    alike: Array
    heights: Array

    def within(self, start: float, end: float) -> slice:
        """The beats from `start` to `end`."""
        return slice(*np.searchsorted(self.times, (start, end)))

    def between(self, start: float, end: float) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Where the intervals from `start` to `end` begin, how long they are, and whether both beats are clear."""
        part = self.within(start, end)
        times, clear = self.times[part], self.alike[part] >= ALIKE
        return times[:-1], self.intervals[part][: max(len(times) - 1, 0)], clear[:-1] & clear[1:]


NONE = Beats(*(np.zeros(0) for _ in range(4)))


def beats(channel: Literal["ppg", "ecg"], samples: Array, rate: float) -> Beats:
    """The beats of samples (n,), NaN where nothing was measured; none in less than four seconds
    or under 17 Hz.

    Raises ImportError where NeuroKit2 is missing.
    """
    whole, there = filled(samples)
    if rate < SLOWEST or not long_enough(there, rate, NEEDED) or not np.ptp(whole):
        return NONE
    try:
        clean, places = (_by_light if channel == "ppg" else _by_heart)(whole, rate)
    except (IndexError, ValueError):  # what NeuroKit2 says where there is no beat at all
        return NONE
    places = places[there[places]] if len(places) else places
    if len(places) < 2:
        return NONE
    times = (_exact(clean, places) if channel == "ecg" else _rises(clean, places, rate)) / rate
    intervals = plausible(np.diff(times))
    crossed = np.diff(np.cumsum(~there)[places]) > 0.1 * rate
    intervals[crossed] = np.nan
    return Beats(times, intervals, _alike(clean, places, rate), _heights(clean, places, rate))


def plausible(intervals: Array) -> Array:
    """The intervals, NaN where a heart does not give such, or not among such neighbours."""
    found = np.where((intervals >= SHORTEST) & (intervals <= LONGEST), intervals, np.nan)
    if len(found) < 3:
        return found
    half = AROUND // 2
    padded = np.pad(found, half, constant_values=np.nan)
    local = np.full(len(found), np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, AROUND)
    some = np.isfinite(around).any(1)
    local[some] = np.nanmedian(around[some], 1)
    return np.where(np.abs(found / local - 1) <= OFF, found, np.nan)


def variability(found: Beats, start: float, end: float) -> dict[str, float]:
    """Measures of the beats from `start` to `end` seconds, {} where there are fewer than five intervals.

    rate per minute; rmssd, sdnn, sd1 and sd2 in milliseconds (Task Force 1996, Brennan et al. 2001), pnn20 and pnn50 in
    percent, range in beats a minute (tenth to ninetieth percentile), trend in beats a minute each minute.
    """
    times, intervals, clear = found.between(start, end)
    good = np.isfinite(intervals)
    if good.sum() < FEWEST:
        return {}
    rates = 60 / intervals[good]
    measures = {
        "rate": 60 / float(intervals[good].mean()),
        "range": float(np.subtract(*np.quantile(rates, (0.9, 0.1)))),
    }
    if np.ptp(at := times[good]) > 20:
        measures["trend"] = float(np.polyfit(at - at.mean(), rates, 1)[0] * 60)
    sure = np.where(clear, intervals, np.nan) * 1000
    ms, steps = (one[np.isfinite(one)] for one in (sure, np.diff(sure)))
    if len(steps) >= FEWEST - 1:
        rmssd = float(np.sqrt(np.mean(steps**2)))
        sd1 = float(steps.std(ddof=1) / np.sqrt(2))
        measures |= {"sdnn": float(ms.std(ddof=1)), "rmssd": rmssd, "sd1": sd1}
        measures["sd2"] = float(np.sqrt(max(2 * ms.var(ddof=1) - sd1**2, 0.0)))
        measures |= {f"pnn{limit}": float(np.mean(np.abs(steps) > limit) * 100) for limit in (20, 50)}
    return measures


def powers(found: Beats, start: float, end: float) -> dict[str, float]:
    """Power of the intervals from .04 to .15 Hz (lf) and to .4 Hz (hf) in ms^2, hf's share, and where hf is highest.

    By Lomb & Scargle, which needs no even spacing; {} under 55 s or where a third of the intervals is missing.
    """
    times, intervals, clear = found.between(start, end)
    good = np.isfinite(intervals) & clear
    if good.sum() < 30 or good.mean() < 2 / 3 or np.ptp(times) < 55:
        return {}
    at, values = times[good], intervals[good] * 1000
    step = 1 / 120
    hertz = np.arange(0.04, 0.4, step)
    angles = 2 * np.pi * np.outer(hertz, at - at.mean())
    values = values - np.polyval(np.polyfit(at - at.mean(), values, 1), at - at.mean())
    cosines, sines = np.cos(angles), np.sin(angles)
    power = ((cosines @ values) ** 2 / (cosines**2).sum(1) + (sines @ values) ** 2 / (sines**2).sum(1)) / 2
    density = power * 2 / len(values) * (at[-1] - at[0])
    low = hertz < 0.15
    lf, hf = float(density[low].sum() * step), float(density[~low].sum() * step)
    return {"lf": lf, "hf": hf, "hf_share": hf / (lf + hf) if lf + hf else 0.0,
            "hf_peak": float(hertz[~low][int(np.argmax(density[~low]))])}  # fmt: skip


def _by_light(samples: Array, rate: float) -> tuple[Array, NDArray[np.intp]]:
    """Cleaned samples and systolic peaks (Elgendi et al. 2013)."""
    from .kit import neurokit

    nk = neurokit()
    clean = np.asarray(nk.ppg_clean(samples, sampling_rate=rate, method="elgendi"), float)
    return clean, np.asarray(nk.ppg_findpeaks(clean, sampling_rate=rate, method="elgendi")["PPG_Peaks"], np.intp)


def _by_heart(samples: Array, rate: float) -> tuple[Array, NDArray[np.intp]]:
    """Cleaned samples and R peaks (Makowski et al. 2021)."""
    from .kit import neurokit

    nk = neurokit()
    clean = np.asarray(nk.ecg_clean(samples, sampling_rate=round(rate), method="neurokit"), float)
    found = nk.ecg_findpeaks(clean, sampling_rate=round(rate), method="neurokit")["ECG_R_Peaks"]
    return clean, np.asarray(found, np.intp)


def _exact(clean: Array, places: NDArray[np.intp]) -> Array:
    """Peaks between the samples, by the parabola through three of them: at 32 Hz a sample is 31 ms."""
    inner = np.clip(places, 1, len(clean) - 2)
    before, at, after = clean[inner - 1], clean[inner], clean[inner + 1]
    bend = before - 2 * at + after
    shift = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=bend != 0)
    return np.asarray(inner + np.clip(shift, -0.5, 0.5), np.float64)


def _rises(clean: Array, places: NDArray[np.intp], rate: float) -> Array:
    """Where each beat rises fastest in the .35 s before its top, between the samples."""
    slopes = np.gradient(clean)
    before = np.clip(places[:, None] - np.arange(max(int(0.35 * rate), 1) + 1), 0, None)
    return _exact(slopes, before[np.arange(len(places)), slopes[before].argmax(1)])


def _alike(clean: Array, places: NDArray[np.intp], rate: float) -> Array:
    """Correlation of each beat with the mean of the twenty around it."""
    reach = max(int(0.3 * rate), 2)
    rows = clean[np.clip(places[:, None] + np.arange(-reach, reach + 1), 0, len(clean) - 1)]
    rows = rows - rows.mean(1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-12
    sums = np.vstack([np.zeros(rows.shape[1]), np.cumsum(rows, 0)])
    count = len(rows)
    first, last = np.clip(np.arange(count) - 10, 0, None), np.clip(np.arange(count) + 11, None, count)
    mean = sums[last] - sums[first] - rows
    mean /= np.linalg.norm(mean, axis=1, keepdims=True) + 1e-12
    return (rows * mean).sum(1)


def _heights(clean: Array, places: NDArray[np.intp], rate: float) -> Array:
    """How high each beat stands above the lowest point of the 0.4 s before it."""
    back = max(int(0.4 * rate), 1)
    return clean[places] - clean[np.clip(places[:, None] - np.arange(back + 1), 0, None)].min(1)
