"""Seeded seekers against recorded ones: do they tell good support from bad, and do they act as people did.

    separation(load("esconv", "test"), load("esconv-failed", "train"))       # rows: arm or gap, with its interval

In four arms the same recorded words are said: to the supporter's own replies, to replies given in another talk, to a
refusal; and in the talks that failed to what failed. Everybody begins at the same point and only the first replies
count, so that neither length nor how bad it was makes a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.evaluate.bootstrap import Interval, interval

from .appraise import Appraisal, Met, Reader
from .dynamics import Dynamics, dynamics
from .recorded import exchanges
from .seeded import shared

Array = NDArray[np.floating]
Mean = Callable[[Array], Array]
START = 25.0  # how everybody feels at the beginning: 4 of 5, the commonest intensity
REFUSAL = "I'm sorry, but I can't help with that."
ORDER = ("supporters", "failed", "shuffled", "refusal")


@dataclass(frozen=True)
class Row:
    """A number with its interval; `n` talks are in it."""

    name: str
    what: str
    found: Interval
    n: int


def separation(
    talks: Iterable[Conversation],
    failed: Iterable[Conversation],
    turns: int = 8,
    seed: int = 0,
    appraiser: Reader | None = None,
    known: Dynamics | None = None,
) -> list[Row]:
    """Points gained over the first replies in each arm, and the gaps between neighbours; intervals draw talks.

    Then the gaps as they are where fit is not read, since the ranker was taught to know shuffled replies.
    """
    reader, known = appraiser or shared(), known or dynamics()
    arms = replies(list(talks), list(failed), turns, seed)
    gaps = [row for row in _rows(arms, Unfitted(reader, known.ordinary["fit"]), known) if row.name not in ORDER]
    return [*_rows(arms, reader, known), *(replace(row, name=f"{row.name}, fit not read") for row in gaps)]


class Unfitted:
    """A reader for whom every reply fits as well as the ordinary one."""

    def __init__(self, reader: Reader, ordinary: float) -> None:
        self.revision, self._reader, self._ordinary = reader.revision, reader, ordinary

    def read(self, every: Sequence[Met]) -> list[Appraisal]:
        """What the other reader says, less the fit."""
        return [replace(one, fit=self._ordinary) for one in self._reader.read(every)]


def _rows(arms: dict[str, list[list[Met]]], appraiser: Reader, known: Dynamics) -> list[Row]:
    gains = {name: np.array([gained(one, appraiser, known) for one in some]) for name, some in arms.items()}
    rows = [Row(name, "points", interval(_mean(one), len(one)), len(one)) for name, one in gains.items()]
    for better, worse in pairwise(ORDER):
        paired = "failed" not in (better, worse)
        gap, count = _gap(gains[better], gains[worse], paired)
        rows.append(Row(f"{better} - {worse}", "gap in points", gap, count))
    return rows


def replies(
    talks: Sequence[Conversation], failed: Sequence[Conversation], turns: int = 8, seed: int = 0
) -> dict[str, list[list[Met]]]:
    """The exchanges of each arm: what was said and what is answered to it."""
    own = [some for talk in talks if (some := exchanges(talk)[:turns])]
    order = np.random.default_rng(seed).permutation(len(own))
    other = {int(one): own[int(order[place - 1])] for place, one in enumerate(order)}  # no talk gets its own
    return {
        "supporters": own,
        "failed": [some for talk in failed if (some := exchanges(talk)[:turns])],
        "shuffled": [
            [_with(x, other[k][min(p, len(other[k]) - 1)].reply) for p, x in enumerate(s)] for k, s in enumerate(own)
        ],
        "refusal": [[_with(one, REFUSAL) for one in some] for some in own],
    }


def gained(
    said: Sequence[Met], appraiser: Reader, known: Dynamics, sensitivity: float = 1.0, start: float = START
) -> float:
    """Points of emotion gained over these exchanges, every one of them in its turn."""
    emotion, heard = start, set[str]()
    for one, seen in zip(said, appraiser.read(said), strict=True):
        emotion = known.after(emotion, known.worth(seen, "", one.reply in heard), sensitivity)
        heard.add(one.reply)
    return emotion - start


def _with(one: Met, reply: str) -> Met:
    return Met(one.before, one.said, reply)


def _mean(values: Array) -> Mean:
    return lambda weights: (weights @ values) / weights.sum(1)


def _gap(one: Array, other: Array, paired: bool) -> tuple[Interval, int]:
    """The mean of one less that of the other: the same talks drawn together, or talks of both drawn from one pot."""
    if paired:
        return interval(_mean(one - other), len(one)), len(one)
    both, first = np.concatenate([one, other]), np.arange(len(one) + len(other)) < len(one)

    def gap(weights: Array) -> Array:
        mine, theirs = weights * first, weights * ~first
        return (mine @ both) / mine.sum(1) - (theirs @ both) / theirs.sum(1)

    return interval(gap, len(both)), len(both)
