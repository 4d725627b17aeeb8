"""A split as a benchmark needs it: texts, what people said of them, and the same conversations without it.

split = read_split("goemotions", "test")
split.gold(slice) -> float array (items, labels), NaN where nothing was judged
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Annotation, Conversation, Turn
from ..scheme import maps, read_out
from .task import Slice

GOLD = "gold"


@dataclass(frozen=True)
class Item:
    """One turn: where it is, and what the gold rater says of it under each scheme."""

    conversation: int
    turn: Turn
    gold: MappingProxyType[str, Annotation]


@dataclass(frozen=True)
class Split:
    """`conversations` are as they came; `items` the turns in them that count."""

    conversations: tuple[Conversation, ...]
    items: tuple[Item, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each item."""
        return tuple(item.turn.text for item in self.items)

    @property
    def metas(self) -> list[Any]:
        """What the corpus says about each item's turn."""
        return [item.turn.meta for item in self.items]

    def gold(self, slice: Slice) -> NDArray[np.float32]:
        """What people said, read out through a map where the corpus has another scheme; NaN rows where they did not."""
        return matrix([to_scheme(item.gold, slice.scheme) for item in self.items], slice.labels)

    def bare(self) -> Iterator[Conversation]:
        """The conversations without a word of what is known about them: only who said what, and when."""
        for conversation in self.conversations:
            turns = [replace(turn, meta={}) for turn in conversation.turns]
            yield Conversation(*turns, id=conversation.id)

    def sample(self, limit: int | None, seed: int) -> NDArray[np.intp]:
        """Numbers of at most `limit` items, drawn without looking at them, in order."""
        if limit is None or limit >= len(self.items):
            return np.arange(len(self.items))
        return np.sort(np.random.default_rng(seed).choice(len(self.items), limit, replace=False))

    def only(self, chosen: Sequence[int] | NDArray[np.intp]) -> Split:
        """The split with these items alone, and the conversations they are in."""
        items = [self.items[number] for number in chosen]
        kept = {number: place for place, number in enumerate(sorted({item.conversation for item in items}))}
        return Split(
            tuple(self.conversations[number] for number in kept),
            tuple(replace(item, conversation=kept[item.conversation]) for item in items),
        )


def read_split(corpus: str, split: str) -> Split:
    """Read a corpus' split whole; raises insula.data.MissingData where its files are absent."""
    from ..data import load

    return split_of(load(corpus, split))


def split_of(conversations: Iterable[Conversation]) -> Split:
    """The same of any conversations: their judged turns, or every turn where nobody judged any."""
    kept = tuple(conversations)
    items = [
        Item(number, turn, MappingProxyType(_gold(conversation, turn)))
        for number, conversation in enumerate(kept)
        for turn in conversation.turns
    ]
    return Split(kept, tuple([item for item in items if item.gold] or items))


def _gold(conversation: Conversation, turn: Turn) -> dict[str, Annotation]:
    found = (x for layer in conversation.layers for x in conversation.read(layer, turn=turn.id, rater=GOLD))
    return {x.scheme: x for x in found if not x.abstained}


def route(schemes: Iterable[str], target: str) -> tuple[str, ...] | None:
    """How to get to a scheme from the first that leads there: itself, by one map, else by two; None where none does."""
    known = list(dict.fromkeys(schemes))
    if target in known:
        return (target,)
    steps = {(one.source, one.target) for one in maps()}
    if direct := [(source, target) for source in known if (source, target) in steps]:
        return direct[0]
    halfway = [b for a, b in steps if a in known and (b, target) in steps]
    # the tree of Parrott loses the least on the way, so where several lead there it is taken
    halfway.sort(key=lambda name: (name != "parrott", name))
    return next(((a, b, target) for b in halfway for a in known if (a, b) in steps), None)


def to_scheme(found: Mapping[str, Annotation], target: str) -> Annotation | None:
    """An item's annotations by scheme -> the one in the target scheme, read out on the way that `route` names."""
    way = route(found, target)
    if way is None:
        return None
    annotation = found[way[0]]
    for step in way[1:]:
        annotation = read_out(annotation, step)
    return annotation


def matrix(annotations: Sequence[Annotation | None], labels: Sequence[str]) -> NDArray[np.float32]:
    """Scores as (annotations, labels); NaN where there is none."""
    rows = [[x.scores.get(label, np.nan) for label in labels] if x else [np.nan] * len(labels) for x in annotations]
    return np.asarray(rows, np.float32).reshape(len(annotations), len(labels))


def known(scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which rows hold any number at all."""
    return np.asarray(np.isfinite(scores).any(axis=1))


def overlap(train: Split, test: Split) -> str:
    """A sentence on texts that are in both splits, "" where there are none.

    Raises ValueError when an item is in both.
    """
    if shared := _names(train) & _names(test):
        raise ValueError(f"{len(shared)} items are in train and in test, such as {sorted(shared)[0]}")
    seen = {text.lower() for text in train.texts}
    both = sum(text.lower() in seen for text in test.texts)
    return f"{both} of {len(test.items)} test texts are also in train, word for word" if both else ""


def _names(split: Split) -> set[str]:
    """Corpus and item of every conversation, without the split between them."""
    parts = (conversation.id.split("/", 2) for conversation in split.conversations)
    return {"/".join((part[0], *part[2:])) for part in parts}
