"""Fit a log-linear pool on development data: each channel's calibration first, then what each weighs.

    fit({"words": scores, "voice": scores}, gold) -> Pool

Labels weigh the same however rare they are. The weights are kept near 1 (two channels that err independently, each
believed) unless the data say otherwise; a weight below 0 is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from insula.perceive.fuse.pool import LEAST, Channel, Pool, entropy, logs

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
_STRENGTH = 1e-3  # of the pull to a slope of 1 and no intercept, and to weights of 1 and no doubt


def fit(scores: Mapping[str, Array], gold: Labels, fewest: int = 10) -> Pool:
    """Scores (items, labels) of each channel on the same items, and which label is right -> the pool.

    Raises ValueError where a label has fewer than `fewest` items: its weight could not be told from luck.
    """
    labels = next(iter(scores.values())).shape[1]
    counts = np.bincount(gold, minlength=labels)
    if counts.min() < fewest:
        raise ValueError(f"every label needs {fewest} items at least, one has {counts.min()}")
    balance = 1 / counts[gold] / labels
    channels = {name: calibrated(some, gold, balance) for name, some in scores.items()}
    return weighed(Pool(channels), scores, gold, balance)


def calibrated(scores: Array, gold: Labels, balance: Array) -> Channel:
    """Slope and intercepts of one channel by balanced likelihood, and how sure its leading label is."""
    given, labels = logs(scores), scores.shape[1]

    def loss(values: Array) -> float:
        return _surprise(values[0] * given + values[1:], gold, balance) + _STRENGTH * float(
            (values[0] - 1) ** 2 + (values[1:] ** 2).sum()
        )

    found = minimize(loss, np.r_[1.0, np.zeros(labels)], method="L-BFGS-B", bounds=[(0.05, 5)] + [(-5, 5)] * labels).x
    channel = Channel(round(float(found[0]), 4), tuple(np.round(found[1:] - found[1:].mean(), 4).tolist()))
    return replace(channel, sure=_sure(channel.read(scores), gold, balance))


def weighed(pool: Pool, scores: Mapping[str, Array], gold: Labels, balance: Array) -> Pool:
    """The pool with weights and doubts fitted on the same items."""
    names = list(pool.channels)
    read = {name: pool.channels[name].read(scores[name]) for name in names}
    given = np.stack([logs(read[name]) for name in names])
    doubts = np.stack([entropy(read[name]) for name in names])

    def loss(values: Array) -> float:
        weight, doubt = values.reshape(2, -1, 1)
        total = (np.maximum(weight - doubt * doubts, 0)[..., None] * given).sum(0)
        return _surprise(total, gold, balance) + _STRENGTH * float(((weight - 1) ** 2 + doubt**2).sum())

    bounds = [(0, 3)] * len(names) + [(0, 2)] * len(names)
    found = minimize(loss, np.r_[np.ones(len(names)), np.zeros(len(names))], method="L-BFGS-B", bounds=bounds).x
    weight, doubt = found.round(4).reshape(2, -1).tolist()
    return Pool(
        {name: replace(pool.channels[name], weight=w, doubt=d) for name, w, d in zip(names, weight, doubt, strict=True)}
    )


def beside(pool: Pool, name: str, scores: Mapping[str, Array], gold: Labels, balance: Array) -> Pool:
    """The pool with one more channel, whose weight and doubt are fitted beside the others, which stay as they are.

    The same items are seen with every set of the others missing, never all (modality dropout: Neverova et al. 2016),
    so that the weight holds whatever is left. `pool` holds the channel already calibrated.
    """
    others = [one for one in scores if one != name]
    read = {one: pool.channels[one].read(some) for one, some in scores.items()}
    heard = {one: pool.channels[one].weigh(read[one])[:, None] * logs(read[one]) for one in others}
    some = [
        sum(heard[one] for one in left) for size in range(1, len(others) + 1) for left in combinations(others, size)
    ]
    given, doubts = logs(read[name]), entropy(read[name])

    def loss(values: Array) -> float:
        own = np.maximum(values[0] - values[1] * doubts, 0)[:, None] * given
        pull = _STRENGTH * float((values[0] - 1) ** 2 + values[1] ** 2)
        return float(np.mean([_surprise(own + rest, gold, balance) for rest in some])) + pull

    weight, doubt = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0, 3), (0, 2)]).x.round(4).tolist()
    return Pool({**pool.channels, name: replace(pool.channels[name], weight=weight, doubt=doubt)})


def _sure(read: Array, gold: Labels, balance: Array) -> tuple[float, float]:
    top = read.max(1).clip(LEAST, 1 - LEAST)
    odds, right = np.log(top / (1 - top)), read.argmax(1) == gold

    def loss(values: Array) -> float:
        logits = values[0] + values[1] * odds
        return float((balance * np.logaddexp(0, np.where(right, -logits, logits))).sum()) + _STRENGTH * float(
            values[0] ** 2 + (values[1] - 1) ** 2
        )

    found = minimize(loss, np.array([0.0, 1.0]), method="L-BFGS-B", bounds=[(-5, 5), (0, 5)]).x
    return round(float(found[0]), 4), round(float(found[1]), 4)


def _surprise(logits: Array, gold: Labels, balance: Array) -> float:
    top = logits.max(1, keepdims=True)
    whole = np.log(np.exp(logits - top).sum(1)) + top[:, 0]
    return float((balance * (whole - logits[np.arange(len(gold)), gold])).sum())
