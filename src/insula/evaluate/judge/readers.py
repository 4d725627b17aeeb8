"""A reply rated without any language model: this engine's readers, and one linear score of what they say.

    Readers().ratings([Item((Turn("seeker", "My dog died."),), "I am so sorry. What was he like?")])   # [.81]

What is read: EPITOME's three mechanisms, whether the reply meets what was said, which strategies of support it uses,
the change of valence to expect, and the risks the guard sees. The score is the place among people's replies, 0..1, that
ridge regression expects; its weights (`readers.toml`) were learnt from development data alone. It counts no words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...catalogue import build
from ...conversation import Annotation, Conversation, Turn
from ...pipeline import Pipeline
from ...scheme import scheme
from .item import Item

Array = NDArray[np.floating]
TURNS = 4  # of the talk before a reply that are read
REPLY = "reply"
MECHANISMS, STRATEGIES = scheme("epitome3").labels, scheme("esconv8").labels
PARTS = (*MECHANISMS, "alignment", *STRATEGIES, "change", "risk")


class Readers:
    """The readers and their weights. Raises FileNotFoundError where the readers' weights are not there."""

    def __init__(self) -> None:
        self.pipeline = Pipeline(
            build("text.encoder"),
            build("explain.alignment"),
            build("explain.empathy"),
            build("respond.strategy", supporters=("supporter",)),
            build("respond.effect", supporters=("supporter",)),
            build("guard.reply", speaker="supporter"),
        )

    def ratings(self, items: Sequence[Item]) -> list[float | None]:
        """The score of each reply, 0..1; of a talk without a reply the mean over the supporter's turns in it.

        None where there is nothing to rate: no words of a supporter.
        """
        replies = [list(_replies(item)) for item in items]
        scores = score(self.parts([one for some in replies for one in some]))
        own = np.split(scores, np.cumsum([len(some) for some in replies])[:-1])
        return [float(some.mean()) if len(some) else None for some in own]

    def follows(self, items: Sequence[Item], strategies: Sequence[Sequence[str]]) -> list[float | None]:
        """How likely each reply uses one of the strategies asked for (of esconv8); None where none is."""
        return using(self.parts(items), strategies)

    def parts(self, items: Sequence[Item]) -> Array:
        """What the readers say of each reply (items, PARTS); NaN where one of them cannot tell."""
        read = self.pipeline.run_many(_conversation(item) for item in items)
        return np.array([_parts(one) for one in read]).reshape(len(items), len(PARTS))


def using(parts: Array, strategies: Sequence[Sequence[str]]) -> list[float | None]:
    """How likely replies with these parts use one of the strategies asked for, each; None where none is."""
    columns = [[PARTS.index(one) for one in some] for some in strategies]
    return [float(np.nansum(row[own])) if own else None for row, own in zip(parts, columns, strict=True)]


def score(parts: Array) -> Array:
    """The places that the shipped weights expect (items,); a reader that cannot tell counts as the mean."""
    known = weights()
    even = np.where(np.isfinite(parts), (parts - np.array(known["mean"])) / np.array(known["deviation"]), 0.0)
    return np.clip(known["start"] + even @ np.array(known["weights"]), 0, 1).round(6)


@cache
def weights() -> Mapping[str, Any]:
    """The whole of `readers.toml`."""
    return tomllib.loads((resources.files(__package__ or "") / "readers.toml").read_text(encoding="utf-8"))


def _replies(item: Item) -> Iterator[Item]:
    """The reply, or each turn of the supporter's with what came before it."""
    if item.reply.strip():
        yield item
        return
    for place, turn in enumerate(item.turns):
        if place and not item.reply and turn.speaker == "supporter" and turn.text.strip():
            yield Item(item.turns[:place], turn.text)


def _conversation(item: Item) -> Conversation:
    before = [Turn(turn.speaker, turn.text) for turn in item.turns[-TURNS:]]
    return Conversation(*before, Turn("supporter", item.reply, id=REPLY))


def _parts(conversation: Conversation) -> list[float]:
    said = [one for one in conversation.log if isinstance(one, Annotation) and one.at.turn == REPLY]
    found = {one.scheme: one for one in said if not one.abstained}

    def of(name: str, label: str) -> float:
        return found[name].scores.get(label, np.nan) if name in found else np.nan

    risks = found["reply-risks"].scores.values() if "reply-risks" in found else ()
    return [
        *(of("epitome3", label) for label in MECHANISMS),
        of("alignment", "alignment"),
        *(of("esconv8", label) for label in STRATEGIES),
        of("support-effect", "change"),
        max(risks, default=0.0),
    ]
