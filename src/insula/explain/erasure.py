"""Does leaving out the predicted cause move the emotion more than leaving out another turn? With its interval.

    erasure_check(conversations, reader).difference -> Interval(score=.11, low=.09, high=.13, items=812)

An explanation is faithful to its reader when what it names matters to the reader (comprehensiveness: DeYoung et al.
2020, ERASER, https://aclanthology.org/2020.acl-main.408/). Causes are near and near turns matter most, so distance is a
confounder: the drop is compared with that of a random earlier turn, of the earlier turn nearest to the cause, and, over
all targets, of turns at the very same distance.

RECCON test, `explain.causes` and `dialogue.encoder`: .111 without the cause, .022 without a random other turn, .089
more (.077 to .101); .075 more than the nearest, .098 more at the same distance. MELD dev: .033 and .004, .030 more
(.013 to .049).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.explain.counterfactual import HISTORY, Trial, Trials, drops
from insula.explain.graph import Edge, edges

Array = NDArray[np.float64]
_AT_ONCE = 32  # conversations read together


@dataclass(frozen=True)
class Interval:
    """A mean difference of drops and the bounds that hold it in 95 of 100 resamplings of whole conversations."""

    score: float
    low: float
    high: float
    items: int


@dataclass(frozen=True)
class ErasureCheck:
    """Mean drop without the predicted cause and without a random other turn, and how much more the first is.

    `difference` is paired with a random earlier turn that is no predicted cause, `nearest` with the one whose distance
    is closest to the cause's, `same_distance` compares causes with other turns exactly as far back, of any target.
    """

    cause: float
    other: float
    difference: Interval
    nearest: Interval
    same_distance: Interval


@dataclass(frozen=True)
class _Row:
    """One target: the drop without its cause, without a random and without the nearest other turn; where they stand."""

    conversation: int
    cause: float
    other: float
    nearest: float
    cause_distance: int
    other_distance: int


def erasure_check(
    conversations: Iterable[Conversation], reader: Any, *, resamples: int = 1000, seed: int = 0
) -> ErasureCheck:
    """Of every target with a predicted cause before it and another turn to compare: three more readings by `reader`.

    The conversations hold the reader's emotions and the links and causes predicted for them. Raises ValueError where no
    target can be compared.
    """
    rows = list(_rows(conversations, reader, np.random.default_rng(seed)))
    if not rows:
        raise ValueError("no turn has a predicted cause before it and another earlier turn to compare with")
    cause, other, nearest = (np.array([getattr(row, name) for row in rows]) for name in ("cause", "other", "nearest"))
    weights = _resamplings([row.conversation for row in rows], resamples, seed)
    return ErasureCheck(
        float(cause.mean()),
        float(other.mean()),
        _interval(_mean(cause - other, weights), len(rows)),
        _interval(_mean(cause - nearest, weights), len(rows)),
        _same_distance(rows, cause, other, weights),
    )


def _rows(conversations: Iterable[Conversation], reader: Any, draws: np.random.Generator) -> Iterator[_Row]:
    arriving = enumerate(conversations)
    while chunk := list(islice(arriving, _AT_ONCE)):
        targets = [(number, some) for number, one in chunk for some in _trials(one, reader.rater, draws)]
        found = iter(drops(reader, [one for _, some in targets for one in some]))
        for number, some in targets:
            values = [next(found)[0] for _ in some]
            if None not in values:
                cause, other, nearest = (value or 0.0 for value in values)
                yield _Row(number, cause, other, nearest, some[0].distance, some[1].distance)


def _trials(conversation: Conversation, rater: str, draws: np.random.Generator) -> Iterator[tuple[Trial, Trial, Trial]]:
    """For each target: without its most probable earlier cause, a random other turn, the other turn nearest to it."""
    trials = Trials(conversation)
    place = trials.place
    by_target: dict[str, list[Edge]] = {}
    for edge in edges(conversation):
        if (feeling := trials.emotion(edge)) and feeling.rater == rater:
            by_target.setdefault(edge.target, []).append(edge)
    for target, some in by_target.items():
        earlier = [edge for edge in some if 0 < place[target] - place[edge.source] <= HISTORY]
        causes = {edge.source for edge in some}
        window = trials.turns[max(0, place[target] - HISTORY) : place[target]]
        others = [turn.id for turn in window if turn.id not in causes]
        if earlier and others:
            best = max(earlier, key=lambda edge: edge.probability)
            order = [others[i] for i in draws.permutation(len(others))]
            nearest = min(order, key=lambda turn: abs(place[turn] - place[best.source]))
            other, beside = (replace(best, source=turn, spans=()) for turn in (order[0], nearest))
            yield trials.without(best), trials.without(other), trials.without(beside)


def _resamplings(conversations: list[int], resamples: int, seed: int) -> Array:
    """How often each row was drawn when whole conversations are (resamplings, rows); the first is each once."""
    numbers, row = np.unique(conversations, return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), resamples)
    return np.concatenate([np.ones((1, len(numbers))), drawn])[:, row].astype(np.float64)


def _mean(values: Array, weights: Array) -> Array:
    return weights @ values / np.maximum(weights.sum(1), 1e-12)


def _same_distance(rows: list[_Row], cause: Array, other: Array, weights: Array) -> Interval:
    """Causes against others at each distance, weighted by how many causes stand there."""
    causes, others = (np.array([getattr(row, f"{name}_distance") for row in rows]) for name in ("cause", "other"))
    total, count, items = np.zeros(len(weights)), np.zeros(len(weights)), 0
    for distance in range(1, HISTORY + 1):
        there, beside = weights[:, causes == distance], weights[:, others == distance]
        known = (there.sum(1) > 0) & (beside.sum(1) > 0)
        difference = _mean(cause[causes == distance], there) - _mean(other[others == distance], beside)
        total += np.where(known, difference * there.sum(1), 0.0)
        count += np.where(known, there.sum(1), 0.0)
        items += int(there.shape[1]) if known[0] else 0
    return _interval(total / np.maximum(count, 1e-12), items)


def _interval(values: Array, items: int) -> Interval:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Interval(float(values[0]), float(low), float(high), items)
