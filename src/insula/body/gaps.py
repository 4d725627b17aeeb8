"""Samples with gaps: what is not there is NaN, filters are given a line through it, and nothing is found in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def filled(samples: Array) -> tuple[Array, Mask]:
    """Samples (n,) with a straight line through every gap, and which of them were measured."""
    samples = np.asarray(samples, np.float64)
    there = np.isfinite(samples)
    if there.all() or not there.any():
        return samples, there
    places = np.arange(len(samples))
    return np.interp(places, places[there], samples[there]), there


def long_enough(there: Mask, rate: float, seconds: float) -> bool:
    """Whether so many seconds were measured in all, and the stretch is at least as long."""
    return bool(rate > 0 and there.sum() >= max(seconds * rate, 8))


def flat(samples: Array, rate: float, seconds: float = 5.0) -> Mask:
    """Samples (n,) that have not changed for so long: a sensor that is off, held or saturated."""
    size = max(int(seconds * rate), 2)
    if len(samples) < size:
        return np.zeros(len(samples), bool)
    same = np.concatenate([[False], np.diff(samples) == 0])
    runs = np.cumsum(same) - np.maximum.accumulate(np.where(same, 0, np.cumsum(same)))
    stuck = np.zeros(len(samples) + 1, np.int64)
    for end in np.flatnonzero((runs >= size - 1) & ~np.concatenate([same[1:], [False]])):
        stuck[end - runs[end]] += 1
        stuck[end + 1] -= 1
    return np.cumsum(stuck[:-1]) > 0


def steady(times: Array, values: Array, rate: float, tolerance: float = 1.5) -> Array:
    """Values (n, ...) at times (n,) on an even grid of `rate`; NaN where no sample is near."""
    count = round(float(times[-1] - times[0]) * rate) + 1
    grid = times[0] + np.arange(count) / rate
    right = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    left = right - 1
    width = times[right] - times[left]
    share = np.clip((grid - times[left]) / np.where(width > 0, width, 1), 0, 1)
    share = share.reshape(-1, *(1,) * (values.ndim - 1))
    found = values[left] * (1 - share) + values[right] * share
    found[(width > tolerance / rate) & (np.minimum(grid - times[left], times[right] - grid) > 0.5 / rate)] = np.nan
    return found
