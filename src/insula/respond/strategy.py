"""Which strategy of support a reply uses, read from its own words, what it answers and where in the talk it stands.

    StrategyTagger()(conversation)                        # -> esconv8 at every turn of a supporter
    StrategyTagger().read([("I failed.", "How come?")])   # -> (1, 8) probabilities, for drafts

A linear model (Liu et al. 2021 name the strategies) on the dialogue network's mean state of the reply and on hashed
pairs of its tokens (Weinberger et al. 2009). The shipped one learnt from the first half of ESConv's train dialogues.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.dialogue import Dialogue
from insula.network.exchange import tokenised
from insula.network.text import digest, weights_folder

from .talk import SCHEME, STRATEGIES, SUPPORTERS

Array = NDArray[np.floating]
GRAMS = 8192  # places for single tokens and pairs of them
_FIRST, _LAST = 101, 102


class StrategyTagger:
    """Reads the turns of supporters. `weights` are the shipped ones by name, or a path; raises FileNotFoundError."""

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = ("strategy",)

    def __init__(
        self,
        weights: str = "respond-planner",
        supporters: Sequence[str] = SUPPORTERS,
        name: str = "respond.strategy",
        threads: int = 1,
    ) -> None:
        path = weights_path(weights)
        self.name, self.supporters = name, tuple(supporters)
        self.rater = f"{name}@{digest(path)}"
        self._table = open_table(str(path))
        self._network = Dialogue.open(threads=threads)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        pending = [turn for turn in conversation.pending("strategy", self.rater) if turn.speaker in self.supporters]
        if not pending:
            return
        place = {turn.id: number for number, turn in enumerate(conversation.turns)}
        turns = conversation.turns
        worded = [turn for turn in pending if turn.text.strip()]
        pairs = [pair(turns, place[turn.id]) for turn in worded]
        scores = dict(zip([turn.id for turn in worded], self.read(pairs), strict=True))
        for turn in pending:
            if turn.id not in scores:
                yield Annotation("strategy", {}, Anchor(turn.id), SCHEME, self.rater, reason="no words in it")
                continue
            numbers = dict(zip(STRATEGIES, np.round(scores[turn.id].astype(np.float64), 4).tolist(), strict=True))
            best = STRATEGIES[int(scores[turn.id].argmax())]
            yield Annotation("strategy", numbers, Anchor(turn.id), SCHEME, self.rater, (best,))

    def read(self, pairs: Sequence[tuple[str, str]]) -> Array:
        """Probabilities (pairs, 8) in the order of esconv8; a pair is the turn before ("" for none) and the reply."""
        if not pairs:
            return np.zeros((0, len(STRATEGIES)), np.float32)
        words = tokenised([text for pair in pairs for text in pair], self._network.tokenizer)
        tokens = [words[reply].ids for _, reply in pairs]
        states = self._network.states(tokens)
        dense = [reply_row(states[ids].mean(0), ids, one) for ids, one in zip(tokens, pairs, strict=True)]
        return tagged(self._table, np.array(dense, np.float32), [grams(ids) for ids in tokens])


def pair(turns: Sequence[Turn], place: int) -> tuple[str, str]:
    """The turn before ("" for none) and the turn itself."""
    return (turns[place - 1].text if place else "", turns[place].text)


def reply_row(state: Array, ids: Sequence[int], said: tuple[str, str]) -> Array:
    """A reply's mean state (384,), its length, whether it asks or opens the talk, and whether it answers a question.

    -> (388,)
    """
    before, reply = said
    return np.append(state, [np.log1p(len(ids)), "?" in reply, not before, "?" in before]).astype(np.float32)


def grams(ids: Sequence[int]) -> NDArray[np.intp]:
    """The places of a text's tokens and pairs of tokens, each once."""
    ends = [_FIRST, *ids, _LAST]
    single = {one * 7919 % GRAMS for one in ids}
    pairs = {(a * 1_000_003 + b * 7919 + 1) % GRAMS for a, b in pairwise(ends)}
    return np.array(sorted(single | pairs), np.intp)


def tagged(table: Mapping[str, Array], dense: Array, places: Sequence[NDArray[np.intp]]) -> Array:
    """Rows of `reply_row` and places of `grams` -> probabilities (replies, 8)."""
    words = np.array([table["tag_grams"][one].sum(0) / np.sqrt(len(one)) for one in places], np.float32)
    return softmax(dense @ table["tag_dense"] + words + table["tag_bias"])


def softmax(logits: Array) -> Array:
    """Along the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return (shifted / shifted.sum(-1, keepdims=True)).astype(np.float32)


def weights_path(name: str) -> Path:
    """The shipped weights of this name, or the `.safetensors` at a path; raises FileNotFoundError."""
    path = Path(name) if name.endswith(".safetensors") else weights_folder() / f"{name}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {name!r}: {path} is not there; `insula train respond-planner` makes them")
    return path


@cache
def open_table(path: str) -> dict[str, Array]:
    """The weights by name, as they are computed with."""
    return {name: one.astype(np.float32) for name, one in load_file(path).items()}
