"""A split as a benchmark needs it: questions, what people said to them, and the conversations without it.

split = read_split("goemotions", "test")
split.gold(slice) -> float array (items, labels), NaN where nothing was judged
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..conversation import Annotation, Conversation
from ..scheme import maps, read_out
from .items import ITEMS, Item
from .task import Slice

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """`conversations` are as they came; `items` the questions that count, made by ITEMS[kind]."""

    conversations: tuple[Conversation, ...]
    items: tuple[Item, ...]
    kind: str = "turns"

    @property
    def texts(self) -> tuple[str, ...]:
        """What a bag of words may read of each item."""
        return tuple(item.text for item in self.items)

    @property
    def metas(self) -> list[Any]:
        """What the corpus says about each item's turn."""
        return [item.turn.meta for item in self.items]

    @property
    def groups(self) -> NDArray[np.intp]:
        """The conversation of each item, numbered from 0 without gaps."""
        return np.unique([item.conversation for item in self.items], return_inverse=True)[1]

    def gold(self, slice: Slice) -> NDArray[np.float32]:
        """What people said, read out through a map where the corpus has another scheme; NaN rows where they did not."""
        found = columns([to_scheme(item.gold, slice.scheme) for item in self.items], slice)
        return outer_quarters(found) if slice.quartiles else found

    def where(self, slice: Slice) -> Mask:
        """The items a slice scores; raises KeyError for a condition nobody wrote."""
        return np.asarray(_WHERE[slice.where](self.items), bool)

    def bare(self, numbers: Iterable[int]) -> Iterator[Conversation]:
        """The conversations of these numbers without a word of what is known about them: who said what, and when."""
        for number in numbers:
            conversation = self.conversations[number]
            turns = [replace(turn, meta={}) for turn in conversation.turns]
            yield Conversation(*turns, id=conversation.id)

    def sample(self, limit: int | None, seed: int) -> NDArray[np.intp]:
        """Numbers of at most `limit` items, drawn without looking at them, in order."""
        if limit is None or limit >= len(self.items):
            return np.arange(len(self.items))
        return np.sort(np.random.default_rng(seed).choice(len(self.items), limit, replace=False))

    def only(self, chosen: Sequence[int] | NDArray[np.intp]) -> Split:
        """The split with these items alone."""
        return replace(self, items=tuple(self.items[number] for number in chosen))


_WHERE: Mapping[str, Any] = {
    "": lambda items: np.ones(len(items)),
    "answers": lambda items: [item.turn.speaker == "seeker" for item in items],
    "goes on": lambda items: [item.turn.speaker == "supporter" for item in items],
    "causes": lambda items: [item.gold["cause"].scores["cause"] > 0.5 for item in items],
    "far": lambda items: [item.distance >= 2 for item in items],
    "shortest": lambda items: _shortest([item.length for item in items]),
    "shortest causes": lambda items: np.logical_and(_WHERE["shortest"](items), _WHERE["causes"](items)),
    "far causes": lambda items: np.logical_and(_WHERE["far"](items), _WHERE["causes"](items)),
}


def _shortest(words: Sequence[int]) -> Mask:
    """The quarter with the fewest words, and what is as short as its longest."""
    return np.asarray(words) <= np.quantile(words, 0.25)


def read_split(corpus: str, split: str, mask: bool = False) -> tuple[Conversation, ...]:
    """A corpus' conversations, label words masked if asked; raises insula.data.MissingData where files are absent."""
    from ..data import load

    if not mask:
        return tuple(load(corpus, split))
    from ..data.masking import mask_labels

    return tuple(mask_labels(conversation) for conversation in load(corpus, split))


def split_of(conversations: Iterable[Conversation], kind: str = "turns") -> Split:
    """The questions to any conversations: those somebody judged, or all of them where nobody judged any."""
    kept = tuple(conversations)
    items = [item for number, conversation in enumerate(kept) for item in ITEMS[kind].of(number, conversation)]
    return Split(kept, tuple([item for item in items if item.gold] or items), kind)


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
    way = (target,) if target in found else route(found, target)
    if way is None:
        return None
    annotation = found[way[0]]
    for step in way[1:]:
        annotation = read_out(annotation, step)
    return annotation


def columns(annotations: Sequence[Annotation | None], slice: Slice) -> NDArray[np.float32]:
    """Scores as (annotations, labels); NaN where there is none."""
    labels = (slice.level,) if slice.level else slice.labels
    rows = [[x.scores.get(label, np.nan) for label in labels] if x else [np.nan] * len(labels) for x in annotations]
    scores = np.asarray(rows, np.float32).reshape(len(annotations), len(labels))
    return levels(scores[:, 0], len(slice.labels)) if slice.level else scores


def levels(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Positions on an ordinal scale as shares of the two levels they lie between: 1.3 -> .7 of 1, .3 of 2."""
    inside = np.clip(values, 0, count - 1)
    return np.maximum(1 - np.abs(inside[:, None] - np.arange(count)), 0).astype(np.float32)


def outer_quarters(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 for the top quarter of the values, 0 for the bottom one, NaN between: who is asked, and the answer."""
    low, high = np.nanquantile(values, [0.25, 0.75], axis=0)
    return np.where(values >= high, 1.0, np.where(values <= low, 0.0, np.nan)).astype(np.float32)


def known(scores: NDArray[np.float32]) -> Mask:
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
