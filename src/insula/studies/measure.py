"""Scores with intervals for studies: every number is a mean over seeds, resampled over test items and over seeds.

    measured("macro-F1", "tec", macro_f1, gold, runs)                        # runs: one prediction array per seed
    measured("macro-F1, A minus B", "tec", minus(macro_f1), gold, a, b)      # paired: same items, same seeds
    measured("weighted F1", "meld", weighted_f1, gold, runs, groups=talks)   # whole conversations are drawn

Resampling both says how the number would move with other texts and with other seeds (Efron & Tibshirani 1993); turns of
one conversation are alike, so there whole conversations are resampled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..pipeline import Pipeline
from ..presets import pipeline

Array = NDArray[Any]
Statistic = Callable[..., float]


def measured(
    name: str,
    part: str,
    statistic: Statistic,
    gold: Array,
    *runs: Array,
    baseline: float | None = None,
    draws: int = 500,
    groups: Array | None = None,
) -> dict[str, Any]:
    """One row of a study's metrics, with its 95 % interval.

    `gold` is (items, ...); each of `runs` is (seeds, items, ...), and `statistic(gold, *one of each)` is a float.
    `groups` (items,) numbers what each item belongs to; then groups are drawn, not items.
    """
    random = np.random.default_rng(0)
    seeds, items = runs[0].shape[:2]
    members = [np.flatnonzero(groups == one) for one in np.unique(groups)] if groups is not None else None

    def some() -> Array:
        if members is None:
            return random.integers(items, size=items)
        return np.concatenate([members[one] for one in random.integers(len(members), size=len(members))])

    def mean(which: Array, rows: Array) -> float:
        return float(np.mean([statistic(gold[rows], *(run[seed][rows] for run in runs)) for seed in which]))

    drawn = [mean(random.integers(seeds, size=seeds), some()) for _ in range(draws)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {
        "name": name,
        "slice": part,
        "score": round(mean(np.arange(seeds), np.arange(items)), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "n": items,
        "baseline": None if baseline is None else round(baseline, 4),
    }


def minus(statistic: Statistic) -> Statistic:
    """The statistic of the first run less that of the second, on the same items."""
    return lambda gold, one, other: statistic(gold, one) - statistic(gold, other)


def macro_f1(gold: Array, predicted: Array) -> float:
    """Mean F1 over the labels that occur in gold; both (items, labels) of 0 and 1."""
    gold, predicted = gold.astype(bool), predicted.astype(bool)
    hits = (gold & predicted).sum(0)
    total = gold.sum(0) + predicted.sum(0)
    there = gold.any(0)
    return float(np.mean(2 * hits[there] / total[there])) if there.any() else 0.0


def weighted_f1(gold: Array, predicted: Array) -> float:
    """Mean F1 weighted by how often a label is in gold; both (items,) label numbers."""
    hits, there, said = _counts(gold, predicted)
    return float((there * 2 * hits / np.maximum(there + said, 1)).sum() / max(there.sum(), 1))


def micro_f1_without(label: int) -> Statistic:
    """F1 of all decisions for any label but this one ("neutral"); both (items,) label numbers."""

    def statistic(gold: Array, predicted: Array) -> float:
        hits, there, said = (np.delete(count, label).sum() for count in _counts(gold, predicted, label + 1))
        return float(2 * hits / max(there + said, 1))

    return statistic


def _counts(gold: Array, predicted: Array, least: int = 0) -> tuple[Array, Array, Array]:
    """Per label: right, in gold, predicted."""
    most = max(int(gold.max()) + 1, int(predicted.max()) + 1, least)
    there, said = (np.bincount(one, minlength=most) for one in (gold, predicted))
    return np.bincount(gold[gold == predicted], minlength=most), there, said


def agreement(gold: Array, predicted: Array) -> float:
    """Concordance correlation coefficient of two series (Lin 1989): 1 only when they are equal."""
    covariance = np.mean((gold - gold.mean()) * (predicted - predicted.mean()))
    spread = gold.var() + predicted.var() + (gold.mean() - predicted.mean()) ** 2
    return float(2 * covariance / spread) if spread else 0.0


def highest(scores: Array) -> Array:
    """Scores (..., items, labels) -> 1 at each item's highest label, 0 elsewhere."""
    return (scores == scores.max(-1, keepdims=True)).astype(np.int8)


def built(name: str) -> Pipeline | None:
    """The pipeline of this name, to be measured beside others; None where its weights are not on this machine."""
    try:
        return pipeline(name)
    except FileNotFoundError:
        return None
