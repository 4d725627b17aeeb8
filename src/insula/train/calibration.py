"""Fit on development data what turns raw scores into calibrated numbers, decisions and doubt.

Platt 1999 (slope and intercept per label), decision thresholds that maximise F1, conformal risk control (Angelopoulos
et al. 2022) for label sets, split conformal half-widths for dimensions. `insula.network.calibrate` applies them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from insula.network.calibrate import COVERAGE, Head
from insula.scheme import scheme

Array = NDArray[np.float32]
Labels = NDArray[np.int64]
Objective = Callable[[Labels, Labels], float]


def calibrate(
    name: str, columns: tuple[int, int], raw: Array, targets: Array, objective: Objective | None = None
) -> Head:
    """A head for the scheme, fitted on raw scores (texts, all columns) and targets (texts, labels; NaN unknown).

    `objective` (true labels, decided labels) -> what the decisions of a head should make large, which then decides one
    label even where its scheme allows several; without one, a one-of head decides the likeliest label.
    """
    kind = scheme(name).kind
    mine = raw[:, slice(*columns)]
    if kind == "dimensional":
        return _dimensional(name, columns, mine, targets)
    if kind == "one-of" or objective:
        return _one_of(name, columns, mine, targets, objective)
    if kind == "ordinal":
        return _ordinal(name, columns, raw, targets)
    pairs = [platt(mine[:, k], targets[:, k]) for k in range(mine.shape[1])]
    slope, intercept = (tuple(values) for values in zip(*pairs, strict=True))
    head = Head(name, columns, slope, intercept)
    scores = head.calibrated(raw)
    thresholds = tuple(threshold(scores[:, k], targets[:, k] > 0.5) for k in range(mine.shape[1]))
    keep = label_set_limit(scores, targets > 0.5) if mine.shape[1] > 1 else 0.0
    return replace(head, thresholds=thresholds, keep=keep)


def threshold(scores: Array, present: NDArray[np.bool_], rounds: int = 40, seed: int = 0) -> float:
    """The threshold with the best F1, as the mean over bootstrap resamples: a rare label's single best one is luck."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        rows = draw.integers(0, len(scores), len(scores))
        if present[rows].any():
            found.append(_best_threshold(scores[rows], present[rows]))
    return round(float(np.mean(found)), 5) if found else 0.5


def _best_threshold(scores: Array, present: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores)
    hits = np.cumsum(present[order])
    f1 = 2 * hits / (np.arange(1, len(scores) + 1) + present.sum())
    return float(scores[order[int(np.argmax(f1))]])


def label_set_limit(scores: Array, present: NDArray[np.bool_]) -> float:
    """The highest probability limit whose label sets miss at most one in ten true labels of a text, on average."""
    rows = present.any(1)
    scores, present = scores[rows], present[rows]
    candidates = np.unique(np.quantile(scores, np.linspace(0, 1, 400)))
    allowed = (len(scores) + 1) * (1 - COVERAGE) / len(scores) - 1 / len(scores)
    missed = [((scores < limit) & present).sum(1) / present.sum(1) for limit in candidates]
    fitting = [limit for limit, miss in zip(candidates, missed, strict=True) if miss.mean() <= allowed]
    return round(float(max(fitting, default=0.0)), 5)


def expected_calibration_error(scores: Array, present: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean distance between stated and observed frequency over bins of equal mass (Naeini et al. 2015)."""
    order = np.argsort(scores)
    parts = np.array_split(order, bins)
    return float(sum(len(p) * abs(scores[p].mean() - present[p].mean()) for p in parts) / len(scores))


def quality_of(head: Head, raw: Array, targets: Array) -> dict[str, float]:
    """For a card: the calibration error over all labels, or r per dimension."""
    scores, labels = head.calibrated(raw), head.kind.labels
    if head.kind.kind != "dimensional":
        error = expected_calibration_error(scores.ravel(), targets.ravel() > 0.5)
        return {"expected calibration error": round(error, 4)}
    known = [~np.isnan(targets[:, k]) for k in range(len(labels))]
    r = [np.corrcoef(scores[rows, k], targets[rows, k])[0, 1] for k, rows in enumerate(known)]
    return {f"r {label}": round(float(value), 4) for label, value in zip(labels, r, strict=True)}


def platt(raw: Array, targets: Array) -> tuple[float, float]:
    """Slope and intercept of a logistic curve through raw scores and targets (NaN unknown)."""
    known = ~np.isnan(targets)
    present = targets[known] > 0.5
    if present.all() or not present.any():
        return 1.0, 0.0
    # a mild pull towards a flat curve: labels with a dozen examples must not become certain
    model = LogisticRegression(C=10.0).fit(raw[known, None], present)
    return round(float(model.coef_[0, 0]), 5), round(float(model.intercept_[0]), 5)


def _one_of(name: str, columns: tuple[int, int], mine: Array, targets: Array, objective: Objective | None) -> Head:
    """One temperature for all labels and a shift for each, by likelihood (Guo et al. 2017, bias-corrected)."""
    labels = mine.shape[1]

    def loss(found: Array) -> float:
        logits = mine * found[0] + found[1:]
        logits = logits - logits.max(1, keepdims=True)
        likelihood = ((logits - np.log(np.exp(logits).sum(1, keepdims=True))) * targets).sum(1).mean()
        # the pull keeps a label with a handful of examples where training left it
        return float(-likelihood + 0.5 * (found[1:] ** 2).sum() / len(mine))

    found = minimize(loss, np.array([1.0] + [0.0] * labels), method="L-BFGS-B").x
    shift = tuple(round(float(x), 5) for x in found[1:])
    slope = (round(float(found[0]), 5),) * labels
    head = Head(name, columns, slope, shift, exclusive=scheme(name).kind != "one-of")
    padded = np.zeros((len(mine), columns[1]), np.float32)
    padded[:, slice(*columns)] = mine
    scores = head.calibrated(padded)
    thresholds = decisions(scores, targets.argmax(1), objective) if objective else ()
    return replace(head, thresholds=thresholds, keep=label_set_limit(scores, targets > 0.5))


def decisions(scores: Array, truth: Labels, objective: Objective, rounds: int = 12, seed: int = 0) -> tuple[float, ...]:
    """Thresholds that make the objective of `argmax(scores / thresholds)` large: the geometric mean over resamples."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(rounds):
        rows = draw.integers(0, len(scores), len(scores))
        found.append(_ascend(np.log(scores[rows] + 1e-9), truth[rows], objective))
    return tuple(round(float(x), 4) for x in np.exp(np.mean(found, axis=0)))


def _ascend(logs: Array, truth: Labels, objective: Objective) -> Array:
    """One label's threshold at a time, over three rounds."""
    shift = np.zeros(logs.shape[1], np.float32)
    for _ in range(3):
        for label in range(len(shift)):
            best = (-1.0, 0.0)
            for step in np.linspace(-1.2, 1.2, 13):
                moved = shift.copy()
                moved[label] = step
                # of equal ones the smallest step: a label that does not matter stays where it is
                best = max(best, (objective(truth, (logs - moved).argmax(1)) - 1e-4 * abs(step), float(step)))
            shift[label] = best[1]
    return shift


def _ordinal(name: str, columns: tuple[int, int], raw: Array, targets: Array) -> Head:
    """Platt per label and level, then per label the thresholds of its levels with the best macro-F1."""
    labels = targets.shape[1]
    first = columns[0]
    pairs = [
        platt(raw[:, first + labels * (at - 1) + k], (targets[:, k] >= at).astype(np.float32))
        for at in (1, 2)
        for k in range(labels)
    ]
    slope, intercept = (tuple(values) for values in zip(*pairs, strict=True))
    sure = 1 / (1 + np.exp(-(raw[:, slice(*columns)] * np.array(slope) + np.array(intercept))))
    one, two = sure[:, :labels], np.minimum(sure[:, labels:], sure[:, :labels])
    each = np.stack([1 - one, one - two, two], 2).astype(np.float32)
    chosen = [decisions(each[:, k], targets[:, k].astype(int), _macro) for k in range(labels)]
    return Head(name, columns, slope, intercept, thresholds=tuple(limit for some in chosen for limit in some))


def _macro(truth: Labels, decided: Labels) -> float:
    return quick_f1(truth, decided, "macro")


def quick_f1(truth: Labels, decided: Labels, average: str) -> float:
    """ "macro" (over the labels that are there) or "weighted" F1, as scikit-learn's, for a thousand calls a second."""
    size = int(max(truth.max(), decided.max())) + 1
    table = np.bincount(truth * size + decided, minlength=size * size).reshape(size, size)
    support = table.sum(1)
    each = 2 * table.diagonal() / np.maximum(table.sum(0) + support, 1)
    return float((each * support).sum() / support.sum()) if average == "weighted" else float(each[support > 0].mean())


def _dimensional(name: str, columns: tuple[int, int], mine: Array, targets: Array) -> Head:
    slope, intercept, margin = [], [], []
    for k in range(mine.shape[1]):
        known = ~np.isnan(targets[:, k])
        a, b = np.polyfit(mine[known, k], targets[known, k], 1)
        left = np.abs(a * mine[known, k] + b - targets[known, k])
        slope.append(round(float(a), 5))
        intercept.append(round(float(b), 5))
        margin.append(round(float(np.quantile(left, min(1.0, COVERAGE * (1 + 1 / known.sum())))), 4))
    return Head(name, columns, tuple(slope), tuple(intercept), margin=tuple(margin))
