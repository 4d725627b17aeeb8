"""What each strategy is expected to do for the person: the stars they would give, and the change of their valence.

    expected(table, rows) -> (n, 8): after each turn, for each strategy used next, -1 one star to 1 five

Linear in what the dialogue network's heads say of the person's last turn (ridge regression, Hoerl & Kennard 1970), with
a part of its own for each strategy. Learnt from the stars that seekers gave during ESConv's talks, those that failed
among them (Liu et al. 2021; idea: Cheng et al. 2022). Rank agreement with stars of other talks is about .2: a hint.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .talk import Talk

Array = NDArray[np.floating]
STARS = (1.0, 5.0)


def expected(table: Mapping[str, Array], rows: Talk) -> Array:
    """Feedback (n, 8) on a scale from -1 to 1."""
    low, high = STARS
    stars = by_strategy(table, "stars", rows)
    return ((2 * stars - low - high) / (high - low)).clip(-1, 1).astype(np.float32)


def by_strategy(table: Mapping[str, Array], what: str, rows: Talk) -> Array:
    """What a linear model ("stars" or "change") says of each strategy after each turn: (n, 8)."""
    return of_heads(table, what, person(table, rows))


def of_heads(table: Mapping[str, Array], what: str, seen: Array) -> Array:
    """The same, from the person's scaled heads (n, 117)."""
    own = seen @ table[f"{what}_sides"] @ table[f"{what}_by_side"]
    return (seen @ table[what])[:, None] + own + table[f"{what}_strategy"]


def person(table: Mapping[str, Array], rows: Talk) -> Array:
    """The scaled heads of the person's last turn up to each turn (n, 117); zeros, the average, before they spoke."""
    scaled = (rows.heads - table["heads_mean"]) / table["heads_spread"]
    found, last = np.zeros_like(scaled), np.zeros(scaled.shape[1], np.float32)
    for place, supports in enumerate(rows.supports):
        last = last if supports else scaled[place]
        found[place] = last
    return found
