"""How a reply meets a seeker, by the engine's own readers: does it fit, is it warm, does it do what it should not.

    Appraiser().read([Met("", "I lost my job.", "What happened?")])[0].fit -> .71

Four readers that never saw a seeker's ratings: the ranker of fit (learnt here, from ESConv's train talks, by telling
the reply that was given from replies given elsewhere), EPITOME's three mechanisms (Sharma et al. 2020), the strategy
of support, and the guard's signs of what a reply must not do. The same reply to the same words is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from insula.conversation import Conversation, Turn
from insula.guard.reply import ReplyRisk
from insula.network.dialogue import Dialogue
from insula.network.exchange import HISTORY, tokenised
from insula.network.text import digest, weights_folder
from insula.respond.strategy import StrategyTagger
from insula.respond.talk import STRATEGIES

Array = NDArray[np.float32]
EMPATHY = "epitome3"
NAME = "simulate-seeker"
REMEMBERED = 20_000  # readings kept


@dataclass(frozen=True)
class Met:
    """A reply, what it answers, and all that its seeker said before that."""

    before: str
    said: str
    reply: str


@dataclass(frozen=True)
class Appraisal:
    """`fit` 0..1: how much it is a reply to this and to nothing else. `empathy`: three levels, 0..2. `strategies`: how
    likely each of esconv8 is. `risks`: those of reply-risks that were found. `words`: how many it has."""

    fit: float
    empathy: tuple[float, float, float]
    strategies: Mapping[str, float]
    risks: Mapping[str, float]
    words: int

    @property
    def risk(self) -> float:
        """The likeliest of the risks."""
        return max(self.risks.values(), default=0.0)

    @property
    def suggests(self) -> bool:
        """Whether it rather suggests something to do than anything else."""
        return max(self.strategies, key=lambda name: self.strategies[name]) == "suggestion"


class Reader(Protocol):
    """What a seeker hears with: this appraiser, or another one."""

    revision: str

    def read(self, every: Sequence[Met], /) -> list[Appraisal]:
        """One appraisal per reply, in their order."""
        ...


class Appraiser:
    """Reads replies. Raises FileNotFoundError without weights."""

    def __init__(self, weights: str = NAME) -> None:
        self._network = Dialogue.open()
        self._head = self._network.heads[EMPATHY]
        self._strategy, self._guard = StrategyTagger(), ReplyRisk("")
        self._ranker, self.revision = ranker(weights)
        self._known: dict[Met, Appraisal] = {}
        self._turn = Lock()  # talks that go on at a time share it

    def read(self, every: Sequence[Met]) -> list[Appraisal]:
        """One appraisal per reply, in their order."""
        with self._turn:
            return self._remembered(every)

    def _remembered(self, every: Sequence[Met]) -> list[Appraisal]:
        new = [one for one in dict.fromkeys(every) if one not in self._known]
        found = {one: self._known[one] for one in every if one in self._known}
        found.update(zip(new, self._read(new), strict=True))
        self._known.update(found)
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return [found[one] for one in every]

    def _read(self, new: Sequence[Met]) -> Iterable[Appraisal]:
        if not new:
            return []
        told = [[Turn("seeker", one.said, id="said"), Turn("companion", one.reply, id="reply")] for one in new]
        heard = self._network.run(self._network.exchanges(told))
        empathy = self._head.calibrated(np.array([one.raw for one in heard]))
        strategies = self._strategy.read([(one.said, one.reply) for one in new])
        fits = fit(self._ranker, *states(self._network, new))
        return [
            self._appraisal(one, float(near), levels, used)
            for one, near, levels, used in zip(new, fits, empathy, strategies, strict=True)
        ]

    def _appraisal(self, one: Met, near: float, levels: Array, used: Array) -> Appraisal:
        a, b, c = (round(float(level), 4) for level in levels)
        judged = self._guard.judge(one.said, one.reply, early=not one.before)
        return Appraisal(
            fit=round(near, 4),
            empathy=(a, b, c),
            strategies={name: round(float(share), 4) for name, share in zip(STRATEGIES, used, strict=True)},
            risks={risk: sure for risk, sure in judged.risks.items() if sure},
            words=len(one.reply.split()),
        )


def met(conversation: Conversation, speaker: str) -> Met | None:
    """What the last words of others answer, as `speaker` hears it; None where nobody else spoke last."""
    turns = conversation.turns
    end = next((place for place in range(len(turns), 0, -1) if turns[place - 1].speaker == speaker), 0)
    reply = " ".join(turn.text for turn in turns[end:])
    if not turns[end:]:
        return None
    own = [turn.text for turn in turns[:end] if turn.speaker == speaker]
    return Met(" ".join(own[:-1]), own[-1] if own else "", reply)


def states(network: Dialogue, every: Sequence[Met]) -> tuple[Array, Array]:
    """Mean states of what is answered and of what was said before it (n, 768), and of the reply (n, 384)."""
    words = tokenised((text for one in every for text in (one.before, one.said, one.reply)), network.tokenizer)
    ids = [(words[x.said].ids[:HISTORY], words[x.before].ids[-HISTORY:], words[x.reply].ids[:HISTORY]) for x in every]
    read = network.states(list(dict.fromkeys(one for three in ids for one in three)))
    means = {one: state.mean(0) for one, state in read.items()}
    said, before, reply = (np.array([means[three[k]] for three in ids], np.float32) for k in range(3))
    return np.concatenate([said, before], 1), reply


def fit(table: Mapping[str, Array], context: Array, reply: Array) -> Array:
    """How surely each reply was given to its context rather than to another one: (n,)."""
    left = (context - table["context_mean"]) / table["context_spread"] @ table["context"] + table["context_bias"]
    right = (reply - table["reply_mean"]) / table["reply_spread"] @ table["reply"] + table["reply_bias"]
    slope, intercept = table["calibration"]
    return (1 / (1 + np.exp(-(slope * (left * right).sum(1) + intercept)))).astype(np.float32)


@cache
def ranker(name: str = NAME) -> tuple[dict[str, Array], str]:
    """The ranker's weights, shipped or at a path, and their revision; raises FileNotFoundError."""
    from pathlib import Path

    path = Path(name) if name.endswith(".safetensors") else weights_folder() / f"{name}.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"no weights {name!r}: {path} is not there; `insula train simulate-seeker` makes them")
    return {key: one.astype(np.float32) for key, one in load_file(path).items()}, digest(path)
