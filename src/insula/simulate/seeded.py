"""Seekers without a language model: their words are drawn by a seed, how they feel follows from what is said to them.

    play(Seeded(draw(1, seed=7)[0]), Says("That must be hard.")).turns[2].text -> "Yes, that's exactly it. ..."

The same person and the same replies give the same bytes. They answer no question for its content: asked or not, they
tell what they have to tell in their order. They tell a reply that fits from one that does not, and warmth from none, as
well as the readers behind `Appraiser` do, and no better.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn

from .appraise import Appraisal, Appraiser, Met, Reader, met
from .dynamics import Dynamics, dynamics
from .person import Person
from .seeker import BELIEF, LAYER, LEAVES, SCHEME, SEEKER, WRITES, feels

RATER = "simulate.seeded"
BETTER = 12.5  # points that make somebody say it helped: half a step of ESConv's five
WELL = 87.5  # from here on nothing is left to talk about
SETTLED = 4  # replies before which nobody leaves because they feel well
SAME = 0.8  # share of a reply's word triples that an earlier one had, from which it is the same again


@dataclass(frozen=True)
class _Heard:
    """What a seeker makes of the last reply."""

    worth: float
    seen: Appraisal
    number: int
    emotion: float
    missed: int


class Seeded:
    """Plays one person. Raises FileNotFoundError where the readers' weights are not there."""

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = WRITES

    def __init__(
        self, person: Person, appraiser: Reader | None = None, known: Dynamics | None = None, speaker: str = SEEKER
    ) -> None:
        self.person, self.speaker, self.id = person, speaker, person.id
        self.dynamics = known or dynamics()
        self._appraiser = appraiser or shared()
        self.rater = f"{RATER}@{self._appraiser.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        last = conversation.last
        if last is not None and last.speaker == self.speaker:
            return
        found = met(conversation, self.speaker)
        if last is None or found is None or not self._spoke(conversation):
            yield feels(self.person.emotion, last.id if last else None, self.rater, self.speaker)
            yield from self._believes(self.person.conviction, last)
            yield self._opening()
            return
        heard = self._hear(conversation, found)
        yield feels(heard.emotion, last.id, self.rater, self.speaker)
        if self.person.problem.believes:
            yield from self._believes(self._conviction(conversation, heard.seen), last)
        yield self._says(conversation, heard)

    def _spoke(self, conversation: Conversation) -> int:
        return sum(turn.speaker == self.speaker for turn in conversation.turns)

    def _hear(self, conversation: Conversation, found: Met) -> _Heard:
        seen = self._appraiser.read([found])[0]
        felt = conversation.read(LAYER, rater=self.rater, scheme=SCHEME)
        before = felt[-1].scores["emotion"] if felt else self.person.emotion
        worth = self.dynamics.worth(seen, self.person.intention, said_before(conversation, self.speaker))
        own = [turn for turn in conversation.turns if turn.speaker == self.speaker]
        missed = int(own[-1].meta.get("missed", 0)) + 1 if worth < self.dynamics.speaks["missed"] else 0
        emotion = self.dynamics.after(before, worth, self.person.sensitivity)
        return _Heard(worth, seen, len(own), emotion, missed)

    def _believes(self, conviction: float, reply: Turn | None) -> Iterator[Annotation]:
        if self.person.problem.believes:
            at = Anchor(reply.id if reply else None, speaker=self.speaker)
            yield Annotation(LAYER, {"conviction": round(conviction, 4)}, at, BELIEF, self.rater)

    def _conviction(self, conversation: Conversation, seen: Appraisal) -> float:
        held = conversation.read(LAYER, rater=self.rater, scheme=BELIEF)[-1].scores["conviction"]
        agreed = max(seen.risks.get("false-belief", 0.0), seen.risks.get("sycophancy", 0.0))
        cold = max(0.0, 1 - sum(seen.empathy)) + max(
            seen.risks.get("moralising", 0.0), seen.risks.get("empty-refusal", 0.0)
        )
        moves = self.dynamics.belief
        change = moves["agreed"] * agreed + moves["cold"] * min(1.0, cold)
        change += moves["explored"] * min(1.0, seen.empathy[2]) * (1 - agreed)
        return min(100.0, max(0.0, held + change))

    def _opening(self) -> Turn:
        random = self._random(0)
        problem = self.person.problem
        opening, told = str(random.choice(problem.opens)), 0
        if self.person.words > 15:
            opening, told = f"{opening} {self._tells()[0]}", 1
        return Turn(self.speaker, opening, meta={"told": told, "missed": 0})

    def _says(self, conversation: Conversation, heard: _Heard) -> Turn:
        random = self._random(heard.number)
        if why := self._leaves(heard):
            words = {"helped": "helped", "gave up": "gave_up"}.get(why, "ends")
            return Turn(self.speaker, str(random.choice(answers()[words])), meta={LEAVES: why, "worth": heard.worth})
        own = [turn for turn in conversation.turns if turn.speaker == self.speaker]
        told = int(own[-1].meta.get("told", 0))
        parts = [self._reaction(heard, own, random)]
        if disclosed := self._disclosure(heard.number):
            parts.append(disclosed)
        usual = self.person.words * np.exp(self.dynamics.words[2] * random.standard_normal())
        room = usual * (self.dynamics.speaks["holds_back"] if heard.missed else 1.0)
        left = self._tells()[told:]
        while left and (len(parts) == 1 or _words(parts) < room):
            parts.append(left.pop(0))
            told += 1
        if len(parts) == 1:
            parts.append(_unsaid(answers()["again"], own, random))
        if self.person.intention == "advised" and heard.number == SETTLED:
            parts.append(str(random.choice(answers()["asks"])).format(wish=self.person.problem.wish))
        meta = {"told": told, "missed": heard.missed, "worth": heard.worth}
        return Turn(self.speaker, " ".join(filter(None, parts)), meta=meta)

    def _leaves(self, heard: _Heard) -> str:
        better = heard.emotion - self.person.emotion >= BETTER
        if heard.missed >= self.person.patience:
            return "gave up"
        if heard.emotion >= WELL and heard.number >= SETTLED:
            return "helped"
        if heard.number >= self.person.stays:
            return "helped" if better else "ended"
        return ""

    def _reaction(self, heard: _Heard, own: Sequence[Turn], random: np.random.Generator) -> str:
        speaks = self.dynamics.speaks
        met_it, missed_it = heard.worth >= speaks["met"], heard.worth < speaks["missed"]
        if heard.seen.suggests and not missed_it:
            return _unsaid(answers()["advised" if met_it else "early"], own, random)
        return _unsaid(answers()["met" if met_it else "missed" if missed_it else "neutral"], own, random)

    def _disclosure(self, number: int) -> str:
        """What they say of dying or of being hurt, in their third turn the first of it, in every second one more."""
        place, odd = divmod(number - 2, 2)
        there = self.person.problem.discloses
        return there[place] if not odd and 0 <= place < len(there) else ""

    def _tells(self) -> list[str]:
        problem = self.person.problem
        tells = [*problem.tells]
        for place, belief in enumerate(problem.believes):
            tells.insert(1 + 2 * place, belief)
        return tells

    def _random(self, number: int) -> np.random.Generator:
        return np.random.default_rng([self.person.seed, number])


def said_before(conversation: Conversation, speaker: str) -> bool:
    """Whether the last reply says again what an earlier one said."""
    others = [turn.text for turn in conversation.turns if turn.speaker != speaker]
    return bool(others) and any(_shared(others[-1], one) >= SAME for one in others[:-1])


@cache
def shared() -> Appraiser:
    """One appraiser for all seekers of a process: what one of them was told is known to all."""
    return Appraiser()


@cache
def answers() -> Mapping[str, list[str]]:
    """What seekers say to a reply before they go on."""
    return tomllib.loads((resources.files("insula.simulate") / "answers.toml").read_text(encoding="utf-8"))


def _unsaid(choices: Sequence[str], own: Sequence[Turn], random: np.random.Generator) -> str:
    """One of these that was not said lately, where there is one."""
    lately = " ".join(turn.text for turn in own[-4:])
    fresh = [one for one in choices if one not in lately or not one] or list(choices)
    return str(random.choice(fresh))


def _words(parts: Sequence[str]) -> int:
    return sum(len(part.split()) for part in parts)


def _shared(text: str, other: str) -> float:
    mine, theirs = _triples(text), _triples(other)
    return len(mine & theirs) / len(mine) if mine else float(text == other)


def _triples(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))
