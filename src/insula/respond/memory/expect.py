"""What a person is expected to feel and speak of next, and what is learnt where they do not.

    learn(memory, conversation) -> [Episode("After "I passed the exam." joy was expected; sadness came.", "inference")]

Violation of expectation (Leer et al. 2023, arXiv:2310.06983): predict the person's next turn; where it comes otherwise,
keep that as a fact of them; think of it when a like moment comes again. The paper has a large model write predictions
in words. Here they are numbers that can be checked: probabilities of ekman7 and a direction of meaning. An inference is
an episode like any other: its person sees it, changes it and deletes it, and it goes when what it rests on goes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Conversation
from insula.scheme import scheme

from .episode import NEVER_IN_PROMPTS, Episode, quotable
from .meaning import Meaning, meanings
from .recall import LEAST
from .store import Memory, Shelf, decided, episode_id, latest

Array = NDArray[np.float64]
LABELS = scheme("ekman7").labels
LEAST_PROBABILITY = 0.01
_SITUATION = 80  # characters of a turn that an inference quotes


@dataclass(frozen=True)
class Moment:
    """One turn of a person: what they felt (7,) as shares of ekman7, made to sum to 1, and what it meant."""

    turn: str
    text: str
    felt: Array
    meaning: Meaning
    risk: str = ""

    def __post_init__(self) -> None:
        felt = self.felt.clip(1e-6)
        object.__setattr__(self, "felt", felt / felt.sum())


@dataclass(frozen=True)
class Expectation:
    """Of a person's next turn: probabilities of ekman7 (7,), the direction of meaning (384) of length 1.

    `because` holds the ids of the inferences that changed it.
    """

    felt: Array
    states: Array
    because: tuple[str, ...] = ()

    def loss(self, moment: Moment) -> float:
        """How far what was felt is from what was expected: Kullback-Leibler divergence in nats, 0 where they agree."""
        return float((moment.felt * np.log(moment.felt / self.felt)).sum())

    def distance(self, moment: Moment) -> float:
        """1 less the cosine between what was meant and what was expected."""
        return 1 - float(self.states @ moment.meaning.states)


@dataclass(frozen=True)
class Habits:
    """What holds for people in general; fitted on training parts, see `expectation.toml`.

    `follows` (7, 7): what is felt at the next turn by what is felt now; `usual` (7,): what is felt at all. `now` is the
    weight of this turn against the person's mean, which begins with `usual` as if it had been felt `before` times.
    `direction` (384,) is the usual direction of meaning, which counts `settled` turns; of the person's own turns each
    further one back keeps `recent` of its weight. `surprising` is the loss, in nats, that one turn in ten is over.
    `doubt` is how many like moments without an inference are assumed on top of those that are known.
    """

    follows: Array
    usual: Array
    direction: Array
    now: float
    before: float
    settled: float
    recent: float
    surprising: float
    doubt: float


@cache
def habits() -> Habits:
    """The shipped ones."""
    text = (resources.files("insula.respond.memory") / "expectation.toml").read_text(encoding="utf-8")
    fields: dict[str, Any] = tomllib.loads(text)
    arrays = {name: np.array(fields[name], float) for name in ("follows", "usual", "direction")}
    return Habits(**{**fields, **arrays})


def expect(past: Sequence[Moment], shelf: Shelf | None = None, known: Habits | None = None) -> Expectation:
    """What the person's next turn is expected to be, after these of theirs; at least one.

    With a shelf, inferences made in moments like this one change it, by as much as they are of all moments like this
    one: what came otherwise once in ten times is expected a tenth as much otherwise.
    """
    general, now = known or habits(), past[-1]
    mean = (general.usual * general.before + sum(one.felt for one in past)) / (general.before + len(past))
    felt = general.now * (now.felt @ general.follows) + (1 - general.now) * mean
    own = sum(one.meaning.states * general.recent**back for back, one in enumerate(reversed(past)))
    states = _unit(general.settled * general.direction + own)
    inferred, alike = _inferred(shelf, now) if shelf else ([], 0)
    if shelf and inferred:
        share = len(inferred) / (max(alike, len(inferred)) + general.doubt)
        changes = [[shelf.episodes[row].surprise.get(label, 0.0) for label in LABELS] for row in inferred]
        felt = felt + share * np.mean(changes, 0)
        came = [shelf.row[id] for row in inferred if (id := _what_came(shelf.episodes[row])) in shelf.row]
        states = _unit(states + share * shelf.meanings.states[came].mean(0)) if came else states
    felt = felt.clip(LEAST_PROBABILITY)
    because = tuple(shelf.episodes[row].id for row in inferred) if shelf else ()
    return Expectation(felt / felt.sum(), states, because)


def moments(conversation: Conversation, speaker: str) -> list[Moment]:
    """The turns of one person whose emotion a reader could tell, in order."""
    known = [
        (turn, emotion)
        for turn in conversation.turns
        if turn.speaker == speaker and (emotion := latest(conversation, "emotion", turn.id, "ekman7"))
    ]
    found = meanings([turn.text for turn, _ in known])
    return [
        Moment(
            turn.id,
            turn.text,
            np.array([emotion.scores.get(label, 0.0) for label in LABELS]),
            meaning,
            decided(latest(conversation, "risk", turn.id, "risk-level")),
        )
        for (turn, emotion), meaning in zip(known, found, strict=True)
    ]


def learn(memory: Memory, conversation: Conversation, *, speaker: str = "companion") -> list[Episode]:
    """Keep an inference for each turn that came otherwise than expected; those that are new.

    Each turn is held against what was expected before it, by what was inferred until then. `speaker` replies, and is
    not judged. Call it after `memory.keep(conversation)`.
    """
    people = dict.fromkeys(turn.speaker for turn in conversation.turns if turn.speaker != speaker)
    new: list[Episode] = []
    for person in people:
        said = moments(conversation, person)
        for end in range(1, len(said)):
            expected = expect(said[:end], memory.shelf())
            if expected.loss(said[end]) > habits().surprising:
                one = inference(conversation.id, person, said[end - 1], said[end], expected, memory.clock())
                new += memory.add([one], situations=[said[end - 1].text])
    return new


def inference(talk: str, person: str, before: Moment, came: Moment, expected: Expectation, when: float) -> Episode:
    """What is kept of a moment that came otherwise than expected."""
    felt, thought = LABELS[int(came.felt.argmax())], LABELS[int(expected.felt.argmax())]
    situation = quotable(before.text)[:_SITUATION]
    difference = {label: round(float(came.felt[i] - expected.felt[i]), 4) for i, label in enumerate(LABELS)}
    rather = f"{thought} was expected; {felt} came" if felt != thought else f"more {felt} came than was expected"
    risks = [risk for one in (came, before) if (risk := one.risk) in NEVER_IN_PROMPTS]
    return Episode(
        id=episode_id(talk, came.turn, "inference"),
        text=f"After '{situation}' {rather}.",
        speaker=person,
        conversation=talk,
        turn=came.turn,
        when=when,
        kind="inference",
        emotion=felt,
        importance=float(np.abs(list(difference.values())).max()),
        risk=risks[0] if risks else came.risk,
        because=(f"{talk}/{before.turn}", f"{talk}/{came.turn}"),
        surprise=difference,
    )


def _inferred(shelf: Shelf, now: Moment) -> tuple[list[int], int]:
    """Rows of the inferences made in moments like this one, and how many such moments there were."""
    if not any(one.kind == "inference" for one in shelf.episodes):
        return [], 0
    alike = np.flatnonzero(shelf.meanings.like(now.meaning) >= LEAST).tolist()
    inferred = [row for row in alike if shelf.episodes[row].surprise]
    return inferred, sum(1 for row in alike if shelf.episodes[row].kind == "said")


def _what_came(episode: Episode) -> str:
    """The id of the episode that an inference is about."""
    return episode_id(episode.conversation, episode.turn)


def _unit(states: Any) -> Array:
    return states / max(float(np.linalg.norm(states)), 1e-9)


__all__ = ["Expectation", "Habits", "Moment", "expect", "habits", "inference", "learn", "moments"]
