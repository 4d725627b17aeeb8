"""Which memories come up at a turn: by what is said and how it feels, as a person's own memory does.

    "I keep thinking of my dog." -> {"m81c...": .61} because meaning .55, mood .93

Two ways of Emotional RAG (Huang et al. 2024, arXiv:2410.23041), after mood-dependent memory (Bower 1981): likeness of
meaning and of mood combined, or in sequence (the nearest by one, put in order by the other). A faded memory counts half
at least: it comes up only where nothing stronger is as near. Nothing comes up that is not alike in meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn

from .episode import Episode
from .meaning import Meaning, meanings
from .store import FEWEST, VAD, Memory, Shelf, latest

Array = NDArray[np.float64]
Way = Literal["combined", "meaning-first", "mood-first", "meaning"]
LEAST = 0.35  # likeness of meaning; of texts that have nothing to do with each other 2 to 6 in 100 are over it
NEAREST = 20  # of the first likeness that are put in order by the second
IN_VIEW = 12  # turns back in the same talk: a prompt holds them anyway
_FARTHEST = float(np.sqrt(12.0))  # from corner to corner of valence, arousal and dominance


@dataclass(frozen=True)
class Recalled:
    """An episode that came up: its score and both likenesses, 0..1, and what is left of its strength."""

    episode: Episode
    score: float
    meaning: float
    mood: float
    strength: float


class Recall:
    """Writes at each turn of the person which episodes came up, and the two likenesses they came up by.

    `memory` is an open one or its place; by default one that lasts as long as the process. `way` says how meaning and
    mood work together, `most` how many may come up, `least` how alike in meaning they must be. Turns of `speaker`, who
    replies, recall nothing. Episodes of the same talk come up once they are too far back to be in view. That they came
    up strengthens them when the conversation is kept, not before.
    """

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = ("memory",)

    def __init__(
        self,
        memory: Memory | str | Path = "",
        *,
        name: str = "respond.memory",
        way: Way = "combined",
        most: int = 3,
        least: float = LEAST,
        speaker: str = "companion",
    ) -> None:
        if way not in get_args(Way):
            raise ValueError(f"no way of recalling {way!r}: it is one of {', '.join(get_args(Way))}")
        self.name = name
        self.memory = memory if isinstance(memory, Memory) else Memory.open(memory)
        self.rater = f"{name}@1"
        self._way: Way = way
        self._most, self._least, self._speaker = most, least, speaker

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        waiting = [turn for turn in conversation.pending("memory", self.rater) if turn.speaker != self._speaker]
        for turn in waiting:
            yield from self._judge(conversation, turn)

    def _judge(self, conversation: Conversation, turn: Turn) -> Iterator[Annotation]:
        shelf, at = self.memory.shelf(), Anchor(turn.id)
        (meaning,) = meanings([turn.text])
        if reason := _reason(shelf, meaning):
            yield Annotation("memory", {}, at, "recalled", self.rater, reason=reason)
            return
        affect = latest(conversation, "affect", turn.id, "vad")
        allowed = shelf.recallable & ~_in_view(shelf, conversation, turn)
        found = recall(
            shelf,
            meaning,
            affect.scores if affect else {},
            way=self._way,
            most=self._most,
            least=self._least,
            now=self.memory.clock(),
            allowed=allowed,
        )
        if not found:
            reason = "nothing that was said before is near enough"
            yield Annotation("memory", {}, at, "recalled", self.rater, reason=reason)
            return
        by = [
            Annotation("memory", {one.episode.id: getattr(one, likeness) for one in found}, at, "recalled", rater)
            for likeness in ("meaning", "mood")
            for rater in (f"{self.name}.{likeness}@1",)
        ]
        yield from by
        because = (*(one.id for one in by), *((affect.id,) if affect else ()))
        scores = {one.episode.id: one.score for one in found}
        yield Annotation("memory", scores, at, "recalled", self.rater, because=because)


def recall(
    shelf: Shelf,
    meaning: Meaning,
    mood: Mapping[str, float],
    *,
    way: Way = "combined",
    most: int = 3,
    least: float = LEAST,
    now: float,
    allowed: NDArray[np.bool_] | None = None,
) -> list[Recalled]:
    """The episodes that come up for a meaning and a mood (empty: unknown), the strongest first.

    `allowed` (n,) holds back rows of the shelf; `now` is in seconds since 1970.
    """
    like = shelf.meanings.like(meaning).clip(0.0, 1.0).astype(np.float64)
    rows = np.flatnonzero(like >= least if allowed is None else (like >= least) & allowed)
    if not len(rows):
        return []
    like, felt = like[rows], _felt_alike(shelf.moods[rows], mood)
    touched, half_life = shelf.times[rows].T
    strength = 0.5 ** (np.maximum(now - touched, 0.0) / half_life)
    chosen, score = _ordered(like, felt, (1 + strength) / 2, way)
    return [
        Recalled(shelf.episodes[rows[i]], *(round(float(part[i]), 4) for part in (score, like, felt, strength)))
        for i in chosen[:most]
    ]


def _ordered(like: Array, felt: Array, faded: Array, way: Way) -> tuple[NDArray[np.intp], Array]:
    """Which rows, the best first, and the score of every row."""
    every = np.arange(len(like))
    if way == "meaning":
        nearest, score = every, like * faded
    elif way == "combined":
        nearest, score = every, like * felt * faded
    elif way == "meaning-first":
        nearest, score = np.argsort(-like * faded, kind="stable")[:NEAREST], felt * faded
    else:
        nearest, score = np.argsort(-felt, kind="stable")[:NEAREST], like * faded
    return nearest[np.argsort(-score[nearest], kind="stable")], score


def _felt_alike(moods: NDArray[np.float32], mood: Mapping[str, float]) -> Array:
    """1 for the same mood, 0 for the opposite corner; where one is unknown, the mean of the others decides nothing."""
    if not mood:
        return np.ones(len(moods))
    here = np.array([mood[name] for name in VAD])
    alike = 1 - np.sqrt(((moods - here) ** 2).sum(1)) / _FARTHEST
    unknown = np.isnan(alike)
    return np.where(unknown, alike[~unknown].mean() if not unknown.all() else 1.0, alike)


def _in_view(shelf: Shelf, conversation: Conversation, turn: Turn) -> NDArray[np.bool_]:
    """(n,) episodes of this conversation that are not long past, or not past at all."""
    here = np.zeros(len(shelf.episodes), bool)
    same = np.flatnonzero(shelf.conversations == conversation.id) if conversation.id else []
    if len(same):
        places = {one.id: place for place, one in enumerate(conversation.turns)}
        past = places[turn.id] - IN_VIEW
        for row in same:
            here[row] = places.get(shelf.episodes[row].turn, past) >= past
    return here


def _reason(shelf: Shelf, meaning: Meaning) -> str:
    if not shelf.episodes:
        return "nothing is remembered yet"
    pieces = np.count_nonzero(meaning.words)
    return "" if pieces >= FEWEST else "too short to bring anything back" if pieces else "no words in it"
