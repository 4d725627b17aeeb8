"""How agreeable a person is, as far as the emotions of their words tell it, which is little.

    ana, after 8 turns of sympathy and thanks -> bigfive {"agreeableness": .5}, margin .7, at Anchor(speaker="ana")

Opt-in: no preset holds it. It was learnt from what 372 people said of themselves (ten questions; Gosling et al. 2003)
and the essays they wrote (Barriere et al. 2022). On writers it had not seen it beats guessing on agreeableness alone,
by little (`personality.toml`; the catalogue row); the four other traits are left out. Its margin holds nine in ten
people, and is nearly as wide as people differ. Never for hiring, promotion, schooling, insurance, credit, policing, or
any decision about a person.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Anchor, Annotation, Conversation
from insula.scheme import scheme

Array = NDArray[np.float64]
FEWEST = 8  # turns before the first judgement: a writer's essays came to some twenty sentences
EMOTIONS = scheme("goemotions28").labels


class Personality:
    """Judges each speaker once they have taken 8 turns whose emotions are known, and again at 16, 32, 64, ...

    Every judgement is of all of the person's turns up to then; the last one counts. At their first turn there is an
    abstention that says what is needed. Scores are in -1..1. The emotions read are goemotions28 (`text.encoder`).
    """

    reads: Sequence[str] = ("turn", "emotion")
    writes: Sequence[str] = ("personality",)

    def __init__(self, name: str = "dialogue.personality") -> None:
        self.name = name
        self._traits, revision = traits()
        self.rater = f"{name}@{revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        done: dict[str | None, int] = {}
        for one in conversation.read("personality", rater=self.rater):
            done[one.at.speaker] = done.get(one.at.speaker, 0) + 1
        said: dict[str, list[Annotation]] = {}
        for speaker, emotion in emotions(conversation):
            theirs = said.setdefault(speaker, [])
            theirs.append(emotion)
            if (place := _milestone(len(theirs))) is not None and place >= done.get(speaker, 0):
                yield self._judgement(speaker, theirs)

    def _judgement(self, speaker: str, felt: Sequence[Annotation]) -> Annotation:
        at = Anchor(speaker=speaker)
        if len(felt) < FEWEST or not self._traits:
            few = f"too few turns: it needs {FEWEST} whose emotions are known"
            reason = few if self._traits else "not better than guessing on any trait"
            return Annotation("personality", {}, at, "bigfive", self.rater, reason=reason)
        x = features(felt)
        scores = {name: min(max(trait.score(x), -1.0), 1.0) for name, trait in self._traits.items()}
        margin = {name: trait.margin for name, trait in self._traits.items()}
        because = tuple(one.id for one in felt)
        return Annotation("personality", scores, at, "bigfive", self.rater, margin=margin, because=because)


def emotions(conversation: Conversation) -> Iterator[tuple[str, Annotation]]:
    """Speaker and emotions of each turn that has any under goemotions28, in order."""
    for turn in conversation.turns:
        for one in conversation.read("emotion", turn=turn.id, scheme="goemotions28"):
            if one.at.chars is None and one.scores:
                yield turn.speaker, one
                break


def features(felt: Sequence[Annotation]) -> Array:
    """Emotions of a person's turns -> the square roots of their means (28,), which spread small ones."""
    return np.sqrt(np.mean([[one.scores.get(label, 0.0) for label in EMOTIONS] for one in felt], axis=0))


def _milestone(turns: int) -> int | None:
    """How many judgements came before the one due after so many turns; None where none is due."""
    if turns == 1:
        return 0
    ratio, rest = divmod(turns, FEWEST)
    return ratio.bit_length() if ratio and not rest and ratio & (ratio - 1) == 0 else None


@dataclass(frozen=True)
class Trait:
    """Weights of the features (28,), an intercept, and the half-width that held nine in ten people."""

    weights: Array
    intercept: float
    margin: float

    def score(self, x: Array) -> float:
        """Features (28,) -> where the person is expected to put themselves, -1..1 and sometimes beyond."""
        return float(x @ self.weights + self.intercept)


@cache
def traits() -> tuple[Mapping[str, Trait], str]:
    """The traits that can be told better than by guessing, and the revision of their file."""
    raw = (resources.files("insula") / "perceive" / "dialogue" / "personality.toml").read_bytes()
    record: dict[str, dict[str, Any]] = tomllib.loads(raw.decode())
    found = {
        name: Trait(np.array(one["weights"], float), float(one["intercept"]), float(one["margin"]))
        for name, one in record.get("trait", {}).items()
    }
    return found, blake2b(raw, digest_size=6).hexdigest()
