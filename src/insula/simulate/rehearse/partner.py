"""Somebody difficult to talk to, simulated: how open they are moves with how they are spoken to.

    SeededPartner("hard", seed=1), or LLMPartner of `partner_of(situation, llm)`

The seeded one needs no model: openness (0 shut, 1 agrees) moves by the skills of `dear_man.rate` with the constants of
`partners.toml`, and lines are drawn by stance. It keeps no account of what was said: it is for practising the form.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from insula.conversation import Addition, Conversation, Turn

from ..llm_seeker import LLMSeeker
from ..profiles import Profile
from ..seeker import LAYER, WRITES, feels
from .dear_man import Rating, rate

SPEAKER = "partner"
DIFFICULTIES = ("easy", "medium", "hard")
_MOVED = ("describe", "express", "assert", "reinforce", "confident", "negotiate")


class SeededPartner:
    """Answers the last turn of the other; `feeling` at it is openness in 0..100. Raises ValueError for a difficulty."""

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = WRITES

    def __init__(self, difficulty: str = "medium", *, seed: int = 0, speaker: str = SPEAKER) -> None:
        if difficulty not in DIFFICULTIES:
            raise ValueError(f"no difficulty {difficulty!r}: {', '.join(DIFFICULTIES)}")
        self.difficulty, self.seed, self.speaker = difficulty, seed, speaker
        self.id = f"partner-{difficulty}-{seed}"
        self.rater = "simulate.partner"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        last = conversation.last
        if last is None or last.speaker == self.speaker:
            return
        felt = conversation.read(LAYER, rater=self.rater)
        before = felt[-1].scores["emotion"] / 100 if felt else _table()["openness"][self.difficulty]
        if not felt:
            yield feels(100 * before, None, self.rater, self.speaker)
        said = [turn.text for turn in conversation.turns if turn.speaker == self.speaker]
        rating = rate(last.text)
        after = moved(before, rating)
        yield feels(100 * after, last.id, self.rater, self.speaker)
        yield Turn(self.speaker, self._line(after, bool(rating.against.get("mindful")), said, conversation))

    def _line(self, openness: float, attacked: bool, said: Sequence[str], conversation: Conversation) -> str:
        stance = [one for one in _table()["stance"] if openness >= one["from"]][-1]
        lines: list[str] = stance["attacked" if attacked else "says"]
        fresh = [line for line in lines if line not in said] or [line for line in lines if line != said[-1]] or lines
        return Random(f"{self.seed}/{conversation.id}/{len(said)}").choice(fresh)


def moved(openness: float, rating: Rating) -> float:
    """Openness after a message: each skill a little, an attack a lot; 0..1. What cannot be rated moves nothing."""
    if not rating.levels:
        return openness
    moves: Mapping[str, float] = _table()["moves"]
    change = sum(moves[name] * rating.levels[name] for name in _MOVED)
    attacks = len(rating.against.get("mindful", ()))
    if attacks:
        change = moves["attack"] + moves["attacked_before"] * (attacks - 1)
    elif not rating.levels["confident"]:
        change += moves["shrinking"]
    return min(1.0, max(0.0, openness + change))


def stance(openness: float) -> str:
    """What a partner this open does: "shuts down", "deflects", "asks back", "bargains" or "agrees"."""
    return [one["name"] for one in _table()["stance"] if openness >= one["from"]][-1]


def llm_partner(who: str, scene: str, llm: Any, difficulty: str = "medium", seed: int = 0) -> LLMSeeker:
    """A partner played by a model: it feels 0..100 about giving way, and starts lower the harder it is."""
    wants = {
        "easy": "You would give way if they ask plainly and kindly.",
        "medium": "You would rather not change anything; you give way only to somebody who sees your side, too.",
        "hard": "You do not want to talk about it. You dodge, blame back and change the subject; only a calm, plain"
        " request with something in it for you moves you.",
    }[difficulty]
    profile = Profile("partner", who, scene, wants)
    start = 100 * _table()["openness"][difficulty]
    return LLMSeeker(profile, llm, start=start, speaker=SPEAKER, seed=seed, low=-1.0)


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((resources.files(__package__ or "") / "partners.toml").read_text(encoding="utf-8"))
