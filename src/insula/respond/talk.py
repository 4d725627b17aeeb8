"""A talk of support as rows of numbers, one a turn, each from that turn and those before it.

    talk(conversation, network, ("supporter",)) -> Talk(states (n, 384), heads (n, 117), facts (n, 31), ...)

Who is not one of the supporters is the person. What the dialogue network read of a turn before costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation, Turn
from insula.network.dialogue import Dialogue
from insula.network.exchange import REACH
from insula.scheme import scheme

Array = NDArray[np.floating]
SCHEME = "esconv8"
STRATEGIES = scheme(SCHEME).labels
SUPPORTERS = ("companion", "supporter", "listener", "therapist", "counselor", "peer")


@dataclass(frozen=True)
class Talk:
    """Rows of n turns. `used` (n, 8): how likely each strategy is in a supporter's turn; zeros in the person's."""

    ids: tuple[str, ...]
    tokens: tuple[tuple[int, ...], ...]
    supports: NDArray[np.bool_]
    states: Array
    heads: Array
    used: Array
    words: Array
    asks: Array
    start: int = 0

    @property
    def facts(self) -> Array:
        """Strategies now and so far, who speaks, for how many turns, and where in the talk: (n, 31)."""
        own = self.supports.astype(np.float32)
        so_far = np.cumsum(self.used, 0)
        share = so_far / (1 + so_far.sum(1, keepdims=True))
        place = np.arange(len(own), dtype=np.float32) + self.start
        flat = [own, 1 - own, np.log1p(self.words) / 3, np.minimum(runs(self.supports), 4) / 2]
        flat += [np.log1p(place) / 3, place / 30, self.asks]
        return np.concatenate([self.used, share, np.log1p(so_far) / 2, np.stack(flat, 1)], 1).astype(np.float32)

    def with_used(self, used: Array) -> Talk:
        """The same talk with other strategies in its supporter's turns."""
        return replace(self, used=used)


def runs(supports: NDArray[np.bool_]) -> Array:
    """How many turns the one who speaks has now spoken without the other: 1, 2, ..."""
    found = np.ones(len(supports), np.float32)
    for place in range(1, len(supports)):
        if supports[place] == supports[place - 1]:
            found[place] = found[place - 1] + 1
    return found


def talk(conversation: Conversation, network: Dialogue, supporters: Sequence[str], start: int = 0) -> Talk:
    """The turns from number `start` on, as rows; strategies are those annotated under esconv8."""
    every = conversation.turns
    turns = every[start:]
    ends = range(start + 1, len(every) + 1)
    exchanges = network.exchanges([every[max(0, end - 1 - REACH) : end] for end in ends])
    heard = network.run(exchanges)
    tokens = tuple(one[0].words.ids for one in exchanges)
    states = network.states(tokens)
    return Talk(
        ids=tuple(turn.id for turn in turns),
        tokens=tokens,
        supports=np.array([turn.speaker in supporters for turn in turns], bool),
        states=np.array([states[ids].mean(0) for ids in tokens], np.float32).reshape(len(turns), -1),
        heads=np.array([one.raw for one in heard], np.float32).reshape(len(turns), -1),
        used=np.array([_used(conversation, turn, supporters) for turn in turns], np.float32).reshape(len(turns), -1),
        words=np.array([len(turn.text.split()) for turn in turns], np.float32),
        asks=np.array(["?" in turn.text for turn in turns], np.float32),
        start=start,
    )


def _used(conversation: Conversation, turn: Turn, supporters: Sequence[str]) -> Array:
    """The strategy of a supporter's turn as it was last judged; zeros where nobody did."""
    found = [one for one in conversation.read("strategy", turn=turn.id, scheme=SCHEME) if not one.abstained]
    scores: Mapping[str, float] = found[-1].scores if found and turn.speaker in supporters else {}
    return np.array([scores.get(label, 0.0) for label in STRATEGIES], np.float32)
