"""Shares of people with intervals that are right for few people, and where everybody is alike.

share(0, 20) -> Interval(score=0.0, low=0.0, high=.161)         # Wilson 1927
difference([1, 1, 1, 1]) -> Interval(score=1.0, low=-.20, high=1.0)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from .bootstrap import Interval, interval

_Z = 1.959964  # of 95 in 100
_RARE = 0.025  # on either side of 95 in 100


def share(hits: int, people: int) -> Interval:
    """The share and its 95 % score interval; `people` must be at least 1."""
    rate, doubt = hits / people, _Z**2 / people
    middle = (rate + doubt / 2) / (1 + doubt)
    half = _Z * math.sqrt(rate * (1 - rate) / people + doubt / people / 4) / (1 + doubt)
    return Interval(rate, max(0.0, middle - half), min(1.0, middle + half))


def difference(pairs: ArrayLike) -> Interval:
    """The mean of what each of a pair is less the other, -1 to 1, over at least one pair, as 95 % interval."""
    values = np.asarray(pairs, float)
    if (values == values[0]).all():
        return alike(values[0], len(values))
    return interval(lambda weights: weights @ values / weights.sum(1), len(values), within=(-1.0, 1.0))


def alike(value: float, pairs: int) -> Interval:
    """The interval of a mean difference of shares, -1 to 1, that was the same in so many pairs, at least 1.

    Drawing them again shows no doubt. That all were so happens in 1 of 40 even where only .025 ** (1 / pairs) are so
    (Clopper and Pearson 1934); the others may be anything. Five pairs are thus no proof, as in a sign test; six are.
    """
    others = 1 - _RARE ** (1 / pairs)
    middle = value * (1 - others)
    return Interval(float(value), max(-1.0, middle - others), min(1.0, middle + others))
