"""Simulated people and who plays them: the engine's own readers, or a language model.

parts = cast(20, seed=0, people="sage", played_by=connect("qwen2.5:14b@http://localhost:11434/v1"))
[(talk, outcome) async for talk, outcome in talks(parts, responder("companion"), turns=8)]
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import numpy as np

from insula.component import Component
from insula.conversation import Conversation
from insula.llm import LLM

from .llm_seeker import LOW, START, LLMSeeker
from .outcome import Outcome, outcome
from .person import ORDINARY, Person, Problem, crowd
from .play import TURNS, play_many
from .profiles import Profile, of_person, profiles, sources
from .seeded import Seeded
from .seeker import Seeker


@dataclass(frozen=True)
class Part:
    """A simulated person, and the component that plays them."""

    person: Person
    seeker: Seeker


def cast(number: int, seed: int = 0, people: str = ORDINARY, played_by: LLM | None = None) -> list[Part]:
    """People by the word for them (see `crowd`), or profiles of a published file (see `profiles`), drawn by a seed.

    Without a model they are seeded; profiles need one. Raises ValueError with what to write, MissingData and
    MalformedData as `profiles` does.
    """
    if people in sources():
        if played_by is None:
            raise ValueError(f"{people} are profiles that a language model plays: say which one, as MODEL@URL")
        return [_published(one, seed, played_by) for one in _drawn(number, seed, people)]
    drawn = crowd(number, seed, people, also=sources())
    if played_by is None:
        return [Part(one, Seeded(one)) for one in drawn]
    return [_played(of_person(one), one, played_by) for one in drawn]


async def talks(
    parts: Sequence[Part], bot: Component, turns: int = TURNS, at_once: int = 1
) -> AsyncIterator[tuple[Conversation, Outcome]]:
    """A talk of each with the bot, in their order, and what came of it."""
    people = iter(parts)
    async for talk in play_many((one.seeker for one in parts), bot, turns, at_once):
        yield talk, outcome(talk, next(people).person)


def _drawn(number: int, seed: int, name: str) -> list[Profile]:
    there = profiles(name)
    if number > len(there):
        raise ValueError(f"{name} has {len(there)} profiles, and {number} are asked for")
    return [there[place] for place in np.random.default_rng(seed).permutation(len(there))[:number]]


def _published(profile: Profile, seed: int, llm: LLM) -> Part:
    """Somebody of whom only the profile is known: they begin as SAGE's do, and have no form."""
    problem = Problem(profile.source, profile.source, (profile.opens,), (), "")
    return _played(profile, Person(profile.id, seed, problem, "", intensity=5 - START / 25), llm)


def _played(profile: Profile, person: Person, llm: LLM) -> Part:
    """Who begins low does not go for that: only after losing as much as SAGE's people bear."""
    low = min(LOW, person.emotion - LOW)
    return Part(person, LLMSeeker(profile, llm, start=person.emotion, low=low, seed=person.seed))
