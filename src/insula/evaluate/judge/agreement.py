"""How far scores agree with people's marks: rank correlation, and pairs decided as people decided them, with intervals.

agreement(marks, scores, groups) -> Agreement(interval=Interval(.41, .33, .48), n=512, groups=120)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..bootstrap import Interval, interval
from ..metrics import spearman

Array = NDArray[np.floating]
Statistic = Callable[[Array, Array, Array | None], Array]


@dataclass(frozen=True)
class Agreement:
    """A number with its 95 % interval over groups, of `n` items that had a score, out of `asked`."""

    interval: Interval
    n: int
    asked: int
    groups: int


def agreement(marks: Sequence[float], scores: Sequence[float | None], groups: Sequence[str]) -> Agreement:
    """Spearman's rank correlation; items without a score are left out and counted."""
    return _measured(_spearman, marks, [scores], groups)


def gain(
    marks: Sequence[float], first: Sequence[float | None], second: Sequence[float | None], groups: Sequence[str]
) -> Agreement:
    """How much better the first ranks than the second, on the items that both scored, resampled together."""
    return _measured(_spearman, marks, [first, second], groups)


def won(marks: Sequence[float], scores: Sequence[float | None], groups: Sequence[str]) -> Agreement:
    """Share of pairs decided as people did, of those people decided; both are above 0 for the second of a pair.

    A score of exactly 0 takes neither and counts a half.
    """
    decided = [k for k, mark in enumerate(marks) if mark]
    return _measured(_won, [marks[k] for k in decided], [[scores[k] for k in decided]], [groups[k] for k in decided])


def _measured(
    of: Statistic, marks: Sequence[float], scores: Sequence[Sequence[float | None]], groups: Sequence[str]
) -> Agreement:
    columns = np.array([[np.nan if x is None else x for x in some] for some in scores], np.float64)
    known = np.isfinite(columns).all(0)
    if known.sum() < 3:
        return Agreement(Interval(float("nan"), float("nan"), float("nan")), int(known.sum()), len(marks), 0)
    gold, said = np.array(marks, np.float64)[known], columns[:, known]
    numbered = np.unique(np.array(groups)[known], return_inverse=True)[1]

    def statistic(weights: Array) -> Array:
        first = of(gold, said[0], weights)
        return first - of(gold, said[1], weights) if len(said) > 1 else first

    return Agreement(interval(statistic, len(gold), groups=numbered), len(gold), len(marks), int(numbered.max()) + 1)


def _spearman(gold: Array, said: Array, weights: Array | None) -> Array:
    return spearman(gold[:, None], said[:, None], weights)


def _won(gold: Array, said: Array, weights: Array | None) -> Array:
    right = np.where(said == 0, 0.5, np.sign(gold) == np.sign(said))
    return right.mean()[None] if weights is None else weights @ right / np.maximum(weights.sum(1), 1e-9)
