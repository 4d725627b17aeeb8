"""A share of people with its interval, right for few people and for shares of 0 and 1 (Wilson 1927).

share(0, 20) -> Interval(score=0.0, low=0.0, high=.161)
"""

from __future__ import annotations

import math

from .bootstrap import Interval

_Z = 1.959964  # of 95 in 100


def share(hits: int, people: int) -> Interval:
    """The share and its 95 % score interval; `people` must be at least 1."""
    rate, doubt = hits / people, _Z**2 / people
    middle = (rate + doubt / 2) / (1 + doubt)
    half = _Z * math.sqrt(rate * (1 - rate) / people + doubt / people / 4) / (1 + doubt)
    return Interval(rate, max(0.0, middle - half), min(1.0, middle + half))
