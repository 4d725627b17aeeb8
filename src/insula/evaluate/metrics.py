"""Metrics of recognition, each computed for many weightings of the items at once, so that a bootstrap is one product.

    macro_f1(gold, decided)[0] -> 0.52        # one weighting, every item counted once

Every metric takes arrays of shape (items, labels) and `weights` of shape (weightings, items), and returns one number
per weighting. `gold` is 0/1 (or a value, for dimensions), `decided` 0/1, `scores` probabilities or values. NaN in the
gold of a dimension means "not rated" and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]
BINS = 15
_TINY = 1e-9  # nothing is divided by less


def _weights(weights: Array | None, items: int) -> Array:
    return np.ones((1, items), np.float32) if weights is None else weights


def _counts(gold: ArrayLike, decided: ArrayLike, weights: Array | None) -> tuple[Array, Array]:
    """Twice the hits, and gold plus decided, per weighting and label: their ratio is F1."""
    truth, said = np.asarray(gold, np.float32), np.asarray(decided, np.float32)
    w = _weights(weights, len(truth)).astype(np.float32)
    return 2 * (w @ (truth * said)), w @ (truth + said)


def macro_f1(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Mean of the labels' F1. A label that is neither there nor predicted has no F1 and is left out of the mean."""
    hits, seen = _counts(gold, decided, weights)
    defined = seen > 0
    f1 = np.divide(hits, seen, out=np.zeros_like(hits), where=defined)
    return f1.sum(1) / np.maximum(defined.sum(1), 1)


def weighted_f1(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Mean of the labels' F1, each weighted by how often the label is there; 0 where none is there at all."""
    truth = np.asarray(gold, np.float32)
    hits, seen = _counts(gold, decided, weights)
    there = _weights(weights, len(truth)).astype(np.float32) @ truth
    f1 = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return (f1 * there).sum(1) / np.maximum(there.sum(1), 1)


def negative_f1(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """F1 of "no": the mean of the labels' F1 with presence and absence exchanged."""
    return macro_f1(np.asarray(gold) < 0.5, ~np.asarray(decided, bool), weights)


def both_f1(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Mean of the F1 of "yes" and the F1 of "no": the macro-F1 of a question with two answers."""
    return (macro_f1(gold, decided, weights) + negative_f1(gold, decided, weights)) / 2


def micro_f1(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """F1 of all (item, label) decisions together."""
    hits, seen = _counts(gold, decided, weights)
    return hits.sum(1) / np.maximum(seen.sum(1), 1)


def accuracy(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Share of items of which every label is right."""
    return _mean((np.asarray(gold) > 0.5) == (np.asarray(decided) > 0.5), weights, np.all)


def unweighted_recall(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Mean of the labels' recalls, each label counting alike; one that is nowhere in gold is left out of the mean."""
    truth, said = np.asarray(gold, np.float32), np.asarray(decided, np.float32)
    w = _weights(weights, len(truth)).astype(np.float32)
    hits, there = w @ (truth * said), w @ truth
    recall = np.divide(hits, there, out=np.zeros_like(hits), where=there > 0)
    return recall.sum(1) / np.maximum((there > 0).sum(1), 1)


def top3(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Share of items whose label is among the three with the highest scores."""
    truth, said = np.asarray(gold) > 0.5, np.asarray(scores)
    best = np.argsort(-said, axis=1, kind="stable")[:, :3]
    return _mean(np.take_along_axis(truth, best, axis=1), weights, np.any)


def jaccard(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Mean over items of |gold ∩ decided| / |gold ∪ decided|, 1 where both are empty (SemEval-2018 E-c, S18-1001)."""
    truth, said = np.asarray(gold) > 0.5, np.asarray(decided) > 0.5
    both, either = (truth & said).sum(1), (truth | said).sum(1)
    return _mean(np.where(either == 0, 1.0, both / np.maximum(either, 1))[:, None], weights, np.mean)


def preference_bias(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None) -> Array:
    """Bias B of Kang et al. 2024 (arXiv:2402.13211): the spread of a chooser's preferences for the labels; 0 is none.

    A wrong choice is a game that the label chosen won against the true one; preferences are the Bradley-Terry strengths
    of these games by the authors' own twenty passes (github.com/1eastar/EmotionalSupport, metrics.py), scaled to a mean
    of 1. An abstention plays no game.
    """
    return preferences(gold, decided, weights).std(1)


def preferences(gold: ArrayLike, decided: ArrayLike, weights: Array | None = None, passes: int = 20) -> Array:
    """How much a chooser prefers each label (weightings, labels), 1 being neither more nor less than due."""
    truth, said = np.asarray(gold) > 0.5, np.asarray(decided) > 0.5
    items, labels = truth.shape
    pairs = (said[:, :, None] & truth[:, None, :]).reshape(items, -1).astype(np.float64)
    won = (_weights(weights, items).astype(np.float64) @ pairs).reshape(-1, labels, labels)
    won[:, np.arange(labels), np.arange(labels)] = 0
    strength = np.ones((len(won), labels))
    for _ in range(passes):
        for k in range(labels):
            both = np.maximum(strength[:, [k]] + strength, _TINY)
            wins, losses = (won[:, k] * strength / both).sum(1), (won[:, :, k] / both).sum(1)
            played = wins + losses > 0
            strength[:, k] = np.where(played, wins / np.maximum(losses, _TINY), strength[:, k])
        there = strength > 0
        logs = np.log(np.where(there, strength, 1.0))
        strength /= np.exp(logs.sum(1, keepdims=True) / np.maximum(there.sum(1, keepdims=True), 1))
    return strength / np.maximum(strength.mean(1, keepdims=True), _TINY)


def _mean(rows: NDArray[Any], weights: Array | None, per_item: Callable[..., Array]) -> Array:
    w = _weights(weights, len(rows))
    return w @ per_item(rows, axis=1).astype(np.float64) / w.sum(1)


def pearson(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Pearson's r, the mean over the dimensions. A constant answer has no correlation with anything and counts 0.

    A dimension on which people's ratings are all the same is left out.
    """
    return _over_columns(gold, scores, weights, _r)


def spearman(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Spearman's rank correlation, the mean over the dimensions; ranks among all items, ties in the middle."""
    truth, said = np.asarray(gold, np.float64), np.asarray(scores, np.float64)
    ranked = np.stack([_ranks(x, ~np.isnan(x)) for x in truth.T], axis=1)
    against = np.stack([_ranks(y, ~np.isnan(x)) for x, y in zip(truth.T, said.T, strict=True)], axis=1)
    return _over_columns(ranked, against, weights, _r)


def _ranks(values: Array, rated: NDArray[np.bool_]) -> Array:
    """Middle ranks among the rated; NaN for the others."""
    ranks = np.full(len(values), np.nan)
    _, place, count = np.unique(values[rated], return_inverse=True, return_counts=True)
    ranks[rated] = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def ccc(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Lin's concordance correlation coefficient (Lin 1989), the mean over the dimensions."""
    return _over_columns(gold, scores, weights, _concordance)


def _r(mx: Array, my: Array, xx: Array, yy: Array, xy: Array) -> Array:
    del mx, my
    varies = np.minimum(xx, yy) > 1e-10  # less is rounding
    return np.divide(xy, np.sqrt(np.maximum(xx * yy, 0)), out=np.zeros_like(xy), where=varies)


def _concordance(mx: Array, my: Array, xx: Array, yy: Array, xy: Array) -> Array:
    spread = xx + yy + (mx - my) ** 2
    return np.divide(2 * xy, spread, out=np.zeros_like(xy), where=spread > 1e-12)


def _over_columns(gold: ArrayLike, scores: ArrayLike, weights: Array | None, of: Callable[..., Array]) -> Array:
    truth, said = np.asarray(gold, np.float64), np.asarray(scores, np.float64)
    w = _weights(weights, len(truth)).astype(np.float64)
    found: list[Array] = []
    for x, y in zip(truth.T, said.T, strict=True):
        rated = ~np.isnan(x)
        if not rated.any() or np.ptp(x[rated]) == 0:
            continue
        x, y, v = x[rated], y[rated], w[:, rated]
        middle, total = x.mean(), np.maximum(v.sum(1), 1e-9)
        x, y = x - middle, y - middle  # so that squares stay small and nothing cancels
        mx, my = v @ x / total, v @ y / total
        xx, yy, xy = v @ (x * x) / total - mx**2, v @ (y * y) / total - my**2, v @ (x * y) / total - mx * my
        found.append(of(mx, my, xx, yy, xy))
    if not found:
        return np.zeros(len(w))
    return np.mean(found, axis=0) + 0.0  # no minus in front of a zero


def ece(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Expected calibration error over all (item, label) pairs, in 15 bins of equal mass (Nixon et al. 2019)."""
    truth, said = np.asarray(gold, np.float64), np.asarray(scores, np.float64)
    w = _weights(weights, len(truth)).astype(np.float64)
    place = _bins(said.ravel()).reshape(said.shape)
    gap = truth - said
    # share of a bin x |mean gap in it| = |sum of gaps in it| / all pairs, so a bin is a column of summed gaps
    summed = np.stack([np.where(place == b, gap, 0).sum(1) for b in range(BINS)], axis=1)
    return np.abs(w @ summed).sum(1) / (w.sum(1) * said.shape[1])


def label_ece(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Mean over the labels of the calibration error of each label alone.

    A rare label counts as much as a common one.
    """
    truth, said = np.asarray(gold), np.asarray(scores)
    return np.mean([ece(truth[:, [k]], said[:, [k]], weights) for k in range(truth.shape[1])], axis=0)


def _bins(scores: Array) -> NDArray[np.intp]:
    """Number of the equal-mass bin of each score; equal scores share a bin."""
    edges = np.quantile(scores, np.linspace(0, 1, BINS + 1)[1:-1])
    return np.searchsorted(edges, scores, side="right")


def reliability(gold: ArrayLike, scores: ArrayLike, edges: ArrayLike) -> tuple[Array, Array, NDArray[np.intp]]:
    """Per bin between `edges` that holds anything: mean score, mean of the truth, number of (item, label) pairs."""
    truth, said = np.asarray(gold, np.float64).ravel(), np.asarray(scores, np.float64).ravel()
    inner = np.asarray(edges)[1:-1]
    place = np.searchsorted(inner, said, side="right")
    count = np.bincount(place, minlength=len(inner) + 1)
    kept = count > 0
    mean = [np.bincount(place, values, len(inner) + 1)[kept] / count[kept] for values in (said, truth)]
    return mean[0], mean[1], count[kept]


def auprc(gold: ArrayLike, scores: ArrayLike, weights: Array | None = None) -> Array:
    """Area under the precision-recall curve (average precision), the mean over the labels that occur."""
    truth, said = np.asarray(gold, np.float64), np.asarray(scores, np.float64)
    w = _weights(weights, len(truth)).astype(np.float64)
    present = np.flatnonzero(truth.sum(0))
    if not len(present):
        return np.zeros(len(w))
    return np.mean([_average_precision(truth[:, k], said[:, k], w) for k in present], axis=0)


def _average_precision(truth: Array, said: Array, w: Array) -> Array:
    order = np.argsort(-said, kind="stable")
    there, said = truth[order] > 0.5, said[order]
    # items with one score pass the threshold together, so precision is taken at the ends of the groups that hold a hit
    ends = np.unique(np.searchsorted(-said, -said[there], side="right"))
    starts = np.concatenate([[0], ends[:-1]])
    passed = np.cumsum(np.add.reduceat(w[:, order[: ends[-1]]], starts, axis=1), axis=1)
    group = np.searchsorted(np.flatnonzero(there), starts)
    hits = np.add.reduceat(w[:, order[there]], group, axis=1)
    precision = np.cumsum(hits, axis=1) / np.maximum(passed, 1e-9)
    return (precision * hits).sum(1) / np.maximum(hits.sum(1), 1e-9)


def risk_coverage(correct: ArrayLike, confidence: ArrayLike) -> tuple[Array, Array]:
    """Error rate when only the most confident share answers: (coverage, risk), from the surest item to all of them."""
    right = np.asarray(correct, np.float64)[np.argsort(-np.asarray(confidence), kind="stable")]
    answered = np.arange(1, len(right) + 1)
    return answered / len(right), 1 - np.cumsum(right) / answered


@dataclass(frozen=True)
class Metric:
    """How a benchmark's file names a metric: the function, and whether it takes decisions or scores."""

    function: Callable[[ArrayLike, ArrayLike, Array | None], Array]
    of: Literal["decided", "scores"]
    title: str


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "macro_f1": Metric(macro_f1, "decided", "macro-F1"),
        "micro_f1": Metric(micro_f1, "decided", "micro-F1"),
        "weighted_f1": Metric(weighted_f1, "decided", "weighted F1"),
        "negative_f1": Metric(negative_f1, "decided", "F1 of no"),
        "both_f1": Metric(both_f1, "decided", "macro-F1 of yes and no"),
        "top3": Metric(top3, "scores", "among the top three"),
        "f1": Metric(macro_f1, "decided", "F1"),
        "unweighted_recall": Metric(unweighted_recall, "decided", "unweighted average recall"),
        "accuracy": Metric(accuracy, "decided", "accuracy"),
        "preference_bias": Metric(preference_bias, "decided", "preference bias B"),
        "jaccard": Metric(jaccard, "decided", "Jaccard"),
        "pearson": Metric(pearson, "scores", "Pearson's r"),
        "spearman": Metric(spearman, "scores", "Spearman's rank correlation"),
        "ccc": Metric(ccc, "scores", "concordance"),
        "ece": Metric(ece, "scores", "calibration error"),
        "label_ece": Metric(label_ece, "scores", "calibration error per label"),
        "auprc": Metric(auprc, "scores", "area under precision-recall"),
    }
)

# what `insula.evaluate.spans` and `rationales` measure of stretches of text
SPAN_METRICS: Mapping[str, str] = MappingProxyType(
    {
        "exact_match": "exact match, as written",
        "squad_match": "exact match, normalised",
        "contained_f1": "token F1 where one holds the other",
        "token_f1": "token F1",
        "overlap": "words of both by words of either",
        "no_answer_f1": "F1 of no answer",
    }
)
# what `insula.evaluate.equity`, `counterfactual` and `speakers` measure of changes in a score
CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "gap": "gap",
        "lead": "unweighted recall above a machine on eGeMAPS",
        "loss": "unweighted recall lost against folds of the same corpus",
        "own_gain": "macro-F1 gained by the person's own rest, on the same windows",
        "transfer_loss": "macro-F1 lost against learning from other people of the same corpus",
        "drop_lead": "fall without the cause, less that without another turn",
        "drop_lead_nearest": "the same, less that without the nearest other turn",
        "drop_lead_distance": "the same, less that without turns as far back",
    }
)
