"""Feelings in free words, scored by the groups a wheel puts them in, so that "furious" may answer "angry".

    scored([({"angry"}, {"furious", "sad"})], {"tier 1": tier(1)}) -> {"tier 1": SetScore(.5, 1, .67, 0)}

As in OV-MER (Lian et al. 2024, arXiv:2410.01495): each side is a set of groups, precision and recall are means over
items. Which wheel is used moves the numbers, so several are given and their spread is told (`sensitivity`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..ontology import SetScore, ontology

Grouping = Callable[[str], str | None]
Pair = tuple[Collection[str], Collection[str]]


@cache
def tier(number: int) -> Grouping:
    """The node of Parrott's tree, at tier 1, 2 or 3, that a word names or lies under."""

    @cache
    def group(word: str) -> str | None:
        node = ontology().find(word)
        path = ontology().path(node) if node else ()
        return path[min(number, len(path)) - 1] if path else None

    return group


def exact(word: str) -> str:
    """The word itself."""
    return word.lower().strip()


def by_table(table: Mapping[str, str]) -> Grouping:
    """The group a table names, of the word or of its inflection that is in the table."""
    stems = {_stem(word): group for word, group in table.items()}
    return lambda word: table.get(exact(word)) or stems.get(_stem(exact(word)))


def scored(pairs: Iterable[Pair], groupings: Mapping[str, Grouping]) -> dict[str, SetScore]:
    """(gold words, words said) per item, under each grouping. Raises ValueError without items."""
    items = list(pairs)
    return {name: _set_score(items, group) for name, group in groupings.items()}


def sensitivity(scores: Mapping[str, SetScore]) -> tuple[float, float]:
    """The lowest and the highest F1: how much of a number is the choice of the wheel."""
    found = [one.f1 for one in scores.values()]
    return min(found), max(found)


def per_item(pairs: Iterable[Pair], group: Grouping) -> NDArray[np.float64]:
    """(items, 2): precision and recall of each item, to draw items from; nothing said scores 0."""
    rows = list[tuple[float, float]]()
    for gold, said in pairs:
        one, other = ({_named(word, group) for word in side} for side in (gold, said))
        shared = len(one & other)
        rows.append((shared / max(1, len(other)), shared / max(1, len(one))))
    return np.array(rows).reshape(-1, 2)


def f1(rows: NDArray[np.float64]) -> float:
    """Of the mean precision and the mean recall (items, 2)."""
    precision, recall = rows.mean(0).tolist()
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _set_score(items: list[Pair], group: Grouping) -> SetScore:
    if not items:
        raise ValueError("no items to score")
    rows = per_item(items, group)
    words = {word for pair in items for side in pair for word in side}
    unplaced = sum(group(word) is None for word in words) / max(1, len(words))
    return SetScore(float(rows[:, 0].mean()), float(rows[:, 1].mean()), f1(rows), unplaced)


def _named(word: str, group: Grouping) -> str:
    """A word that cannot be grouped stays itself, so that odd words do not raise precision."""
    return group(word) or f"?{exact(word)}"


def _stem(word: str) -> str:
    for ending in ("iness", "ness", "edly", "ingly", "ment", "ly", "ing", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word
