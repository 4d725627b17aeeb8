"""Fit on development data what turns raw scores into calibrated numbers, decisions and doubt.

Platt 1999 (slope and intercept per label), decision thresholds that maximise F1, conformal risk control (Angelopoulos
et al. 2022) for label sets, split conformal half-widths for dimensions. `insula.network.calibrate` applies them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from insula.network.calibrate import COVERAGE, Head
from insula.scheme import scheme

Array = NDArray[np.float32]


def calibrate(name: str, columns: tuple[int, int], raw: Array, targets: Array) -> Head:
    """A head for the scheme, fitted on raw scores (texts, all columns) and targets (texts, labels; NaN unknown)."""
    kind = scheme(name).kind
    mine = raw[:, slice(*columns)]
    if kind == "dimensional":
        return _dimensional(name, columns, mine, targets)
    if kind == "one-of":
        head = Head(name, columns, (1.0,) * mine.shape[1], (0.0,) * mine.shape[1])
        return replace(head, slope=(_temperature(mine, targets),) * mine.shape[1])
    pairs = [_platt(mine[:, k], targets[:, k]) for k in range(mine.shape[1])]
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


def _platt(raw: Array, targets: Array) -> tuple[float, float]:
    known = ~np.isnan(targets)
    present = targets[known] > 0.5
    if present.all() or not present.any():
        return 1.0, 0.0
    # a mild pull towards a flat curve: labels with a dozen examples must not become certain
    model = LogisticRegression(C=10.0).fit(raw[known, None], present)
    return round(float(model.coef_[0, 0]), 5), round(float(model.intercept_[0]), 5)


def _temperature(raw: Array, targets: Array) -> float:
    def loss(slope: float) -> float:
        logits = raw * slope
        logits = logits - logits.max(1, keepdims=True)
        return float(-((logits - np.log(np.exp(logits).sum(1, keepdims=True))) * targets).sum(1).mean())

    return float(min(np.linspace(0.3, 2.5, 111), key=loss))


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
