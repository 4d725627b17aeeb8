"""Learn what strategies do for people: seekers' stars, and the change of their valence, by ridge regression.

table |= fit_outlook(table, moments(talks, table, "stars"), "stars")     # `table` holds how the heads are scaled
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation, Turn
from insula.respond.effect import valence
from insula.respond.lookahead import of_heads, person
from insula.respond.talk import STRATEGIES, Talk

Array = NDArray[np.floating]
Table = dict[str, Array]
What = Literal["stars", "change"]
SIDES = 4  # main sides of the heads on which strategies may differ
STRENGTH = 1000.0
LIGHTLY = 3.0  # how much wider a strategy's own column is made: it is held less than the heads


@dataclass(frozen=True)
class Moment:
    """A reply whose outcome is known, with what was known before it, and what a trivial guess would go by.

    `heads` (117,) are the person's before the reply, `used` (8,) its strategy, `outcome` stars or a change of valence.
    """

    talk: int
    place: int
    heads: Array
    used: Array
    outcome: float
    before: float
    words: int
    earlier: float  # mean of the stars given before; NaN for none


def moments(talks: Iterable[tuple[Conversation, Talk]], table: Table, what: What) -> list[Moment]:
    """Every reply of these talks that the person answered with stars, or with a turn of known valence."""
    return [one for number, (said, rows) in enumerate(talks) for one in _of_talk(number, said, rows, table, what)]


def _of_talk(number: int, said: Conversation, rows: Talk, table: Table, what: What) -> Iterator[Moment]:
    turns, seen, given = said.turns, person(table, rows), list[float]()
    for place, first in _answers(rows.supports):
        stars = [one.scores["stars"] for one in said.read("feedback", turn=turns[place].id) if one.scores]
        before = valence(said, turns[first - 1])
        outcome = _change(said, turns[place], before) if what == "change" else stars[0] if stars else None
        if outcome is not None:
            words = int(rows.words[first:place].sum())
            earlier = float(np.mean(given)) if given else np.nan
            used = rows.used[place - 1]
            yield Moment(number, place, seen[first - 1], used, outcome, before or 0.0, words, earlier)
        given += stars


def _answers(supports: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Places where the person answers, and where the supporter's turns before it begin; both spoke before those."""
    for place in range(1, len(supports)):
        if supports[place] or not supports[place - 1]:
            continue
        earlier = np.flatnonzero(~supports[:place])
        if len(earlier):
            yield place, int(earlier[-1]) + 1


def _change(said: Conversation, turn: Turn, before: float | None) -> float | None:
    after = valence(said, turn)
    return None if before is None or after is None else after - before


def fit_outlook(corpora: list[list[Moment]], what: What) -> Table:
    """The arrays of `lookahead.by_strategy`, learnt within each corpus; the last one's level is kept.

    A change also goes back to where valence usually is: "back" is the slope on the valence before.
    """
    from sklearn.linear_model import Ridge  # pyright: ignore[reportMissingTypeStubs]

    every = [one for corpus in corpora for one in corpus]
    heads, used = np.array([one.heads for one in every]), np.array([one.used for one in every])
    sides = np.linalg.svd(heads - heads.mean(0), full_matrices=False)[2][:SIDES].T
    sides = sides / (heads @ sides).std(0)
    apart = ((heads @ sides)[:, :, None] * used[:, None, :]).reshape(len(every), -1)
    before = np.array([[one.before if what == "change" else 0.0] for one in every]) * len(STRATEGIES) * LIGHTLY
    levels = [float(np.mean([one.outcome for one in corpus])) for corpus in corpora]
    gaps = [one.outcome - level for corpus, level in zip(corpora, levels, strict=True) for one in corpus]
    found = Ridge(alpha=STRENGTH).fit(np.concatenate([heads, used * LIGHTLY, apart, before], 1), gaps)
    own, strategy, by_side, back = np.split(found.coef_, np.cumsum([heads.shape[1], len(STRATEGIES), apart.shape[1]]))
    return {
        what: own,
        f"{what}_strategy": strategy * LIGHTLY + found.intercept_ + levels[-1],
        f"{what}_sides": sides,
        f"{what}_by_side": by_side.reshape(SIDES, -1),
        **({"back": back * len(STRATEGIES) * LIGHTLY} if what == "change" else {}),
    }


def predicted(table: Table, some: list[Moment], what: What, strategy: bool = True) -> Array:
    """What the model expects of each reply, given its strategy, or without knowing it: the mean over all."""
    heads = np.array([one.heads for one in some])
    used = np.array([one.used if strategy else np.full(len(STRATEGIES), 1 / len(STRATEGIES)) for one in some])
    found = (of_heads(table, what, heads) * used).sum(1)
    return found + table["back"][0] * np.array([one.before for one in some]) if what == "change" else found
