"""Intervals over conversations: the turns of one are drawn together, for they are not independent.

resampled(lambda w: pearson(gold, said, w), conversation) -> [.21, .18, .24]
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import starmap

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insula.evaluate.bootstrap import interval
from insula.evaluate.metrics import pearson

Array = NDArray[np.float64]
Measured = list[float]  # score, low, high of the 95 % interval


def resampled(statistic: Callable[[Array], Array], groups: Sequence[Hashable], resamples: int = 500) -> Measured:
    """`statistic` of weights (resamplings, items), whose items are drawn by their group. `groups` (items,)."""
    known = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    of = np.array([known[group] for group in groups])
    found = interval(lambda weights: statistic(weights[:, of].astype(np.float64)), len(known), resamples)
    return [round(number, 4) for number in (found.score, found.low, found.high)]


def mean(values: ArrayLike) -> Callable[[Array], Array]:
    """The weighted mean of values (items,), as a statistic."""
    numbers = np.asarray(values, np.float64)
    return lambda weights: np.asarray(weights @ numbers / weights.sum(1), np.float64)


def correlation(gold: ArrayLike, said: ArrayLike) -> Callable[[Array], Array]:
    """Pearson's r of two series (items,), as a statistic."""
    truth, scores = np.asarray(gold)[:, None], np.asarray(said)[:, None]
    return lambda weights: np.asarray(pearson(truth, scores, weights), np.float64)


def separation(true: ArrayLike, other: ArrayLike) -> Callable[[Array], Array]:
    """How often a true item scores above an other, over all pairs: the area under the ROC curve, as a statistic.

    Both (items,); item i of one and of the other are drawn together, as they come from one conversation.
    """
    high, low = np.asarray(true, np.float64), np.asarray(other, np.float64)
    order = np.argsort(low, kind="stable")
    below = np.searchsorted(low[order], high, side="left"), np.searchsorted(low[order], high, side="right")

    def area(weights: Array) -> Array:
        summed = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights[:, order], 1)], 1)
        wins = (summed[:, below[0]] + summed[:, below[1]]) / 2
        return np.asarray((weights * wins).sum(1) / weights.sum(1) ** 2, np.float64)

    return area


def separation_by(high: ArrayLike, said: ArrayLike) -> Callable[[Array], Array]:
    """The area under the ROC curve of scores (items,) for what is high (items,), as a statistic."""
    order = np.argsort(np.asarray(said), kind="stable")
    there = np.asarray(high, bool)[order]

    def area(weights: Array) -> Array:
        drawn = weights[:, order]
        low = np.cumsum(drawn * ~there, 1)
        return np.asarray((drawn * there * low).sum(1) / ((drawn * there).sum(1) * low[:, -1]), np.float64)

    return area


def toml(name: str, table: dict[str, Measured]) -> str:
    """A table of measured numbers as TOML."""
    return "\n".join([f"[{name}]", *starmap("{} = {}".format, ((key, value) for key, value in table.items())), ""])
