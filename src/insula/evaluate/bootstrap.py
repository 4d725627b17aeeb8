"""Bootstrap intervals: the same number on a thousand resamplings of the conversations (Efron 1979; percentiles).

    interval(lambda weights: macro_f1(gold, decided, weights), len(gold)) -> Interval(score=.52, low=.50, high=.54)

A resampling is how often each item was drawn, so a statistic sees weights of shape (resamplings, items). The same
seed draws the same items, which is what pairs two systems. Turns of one conversation are no independent draws, so they
are drawn together: `groups` says which items are of one conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .metrics import Array

_AT_ONCE = 100  # resamplings held in memory together


@dataclass(frozen=True)
class Interval:
    """A number and the bounds that hold it in 95 of 100 resamplings."""

    score: float
    low: float
    high: float


def interval(
    statistic: Callable[[Array], Array],
    items: int,
    resamples: int = 1000,
    seed: int = 0,
    groups: NDArray[np.intp] | None = None,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Interval:
    """The statistic on every item once, and its 95 % percentile interval; `items` must be at least 1.

    `groups` (items,) numbers the conversations from 0 without gaps; without it each item is one of its own.
    Resampling alone raises some statistics (a calibration error) and lowers others (F1 of a rare label), so the
    interval is moved back by that bias: the mean over the resamplings minus the score. Resamplings that have no such
    number (NaN) are left out; where all are, the bounds are NaN. `within` are the least and the most it can be.
    """
    draws = np.random.default_rng(seed)
    together = np.arange(items) if groups is None else groups
    score = float(statistic(np.ones((1, items), np.float32))[0])
    sizes = [min(_AT_ONCE, resamples - start) for start in range(0, resamples, _AT_ONCE)]
    values = np.concatenate([statistic(_resamplings(draws, size, together)) for size in sizes])
    known = values[~np.isnan(values)]
    if np.isnan(score) or not len(known):
        return Interval(score, np.nan, np.nan)
    low, high = np.clip(np.quantile(known, [0.025, 0.975]) - (known.mean() - score), *within)
    return Interval(score, float(low), float(high))


def difference(
    metric: Callable[[ArrayLike, ArrayLike, Array | None], Array],
    gold: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    resamples: int = 1000,
    seed: int = 0,
    groups: NDArray[np.intp] | None = None,
) -> Interval:
    """How much better `first` is than `second` on the same items, resampled together."""
    items = len(np.asarray(gold))
    return interval(lambda w: metric(gold, first, w) - metric(gold, second, w), items, resamples, seed, groups)


def _resamplings(draws: np.random.Generator, size: int, groups: NDArray[np.intp]) -> NDArray[np.float32]:
    count = int(groups.max()) + 1
    drawn = draws.integers(count, size=(size, count)) + np.arange(size)[:, None] * count
    times = np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count).astype(np.float32)
    return times[:, groups]
