"""Recorded talks of support, as exchanges: what the seeker said, what was answered; and seekers who say it again.

    replies = given(talk)                                  # the supporter's words, one text per exchange
    play(Retold(talk), Says(replies), turns=len(replies))  # the recorded person, moved by our appraisal alone

A retold seeker says what the recorded person said, whatever is answered: only how they feel is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from insula.conversation import Addition, Conversation, Turn

from .appraise import Met, Reader, met
from .dynamics import Dynamics, dynamics
from .seeded import RATER, said_before, shared
from .seeker import LAYER, SCHEME, SEEKER, WRITES, feels

USUAL = 4.0  # intensity of somebody whose survey was lost: the commonest in ESConv


def exchanges(talk: Conversation, seeker: str = SEEKER) -> list[Met]:
    """Every reply with what it answers; utterances of one side in a row are one text. Greetings before are left out."""
    sides = [
        (who, " ".join(turn.text.strip() for turn in some)) for who, some in groupby(talk.turns, lambda x: x.speaker)
    ]
    found: list[Met] = []
    before: list[str] = []
    for (who, said), (_, reply) in pairwise(sides):
        if who == seeker:
            found.append(Met(" ".join(before), said, reply))
            before.append(said)
    return found


def given(talk: Conversation) -> list[str]:
    """The supporter's replies, one per exchange."""
    return [one.reply for one in exchanges(talk)]


def intensity(talk: Conversation, when: str = "initial") -> float | None:
    """How intense the recorded seeker said it was ("initial" or "final"), 1 to 5; None where they did not say."""
    survey = talk.meta.get("survey_score", {}).get("seeker", {})
    value = survey.get(f"{when}_emotion_intensity")
    return float(value) if value else None


class Retold:
    """A recorded seeker with simulated feelings. Raises FileNotFoundError without weights."""

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = WRITES
    speaker = SEEKER

    def __init__(
        self,
        talk: Conversation,
        appraiser: Reader | None = None,
        known: Dynamics | None = None,
        sensitivity: float = 1.0,
    ) -> None:
        self.id, self._sensitivity = talk.id, sensitivity
        self._lines = [one.said for one in exchanges(talk)]
        self._start = 25 * (5 - (intensity(talk) or USUAL))
        self._known, self._appraiser = known or dynamics(), appraiser or shared()
        self.rater = f"{RATER}@{self._appraiser.revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        last = conversation.last
        if last is not None and last.speaker == self.speaker:
            return
        said = sum(turn.speaker == self.speaker for turn in conversation.turns)
        found = met(conversation, self.speaker) if said else None
        if found is None:
            yield feels(self._start, last.id if last else None, self.rater)
        elif last is not None:
            before = conversation.read(LAYER, rater=self.rater, scheme=SCHEME)[-1].scores["emotion"]
            worth = self._known.worth(self._appraiser.read([found])[0], "", said_before(conversation, self.speaker))
            yield feels(self._known.after(before, worth, self._sensitivity), last.id, self.rater)
        if said < len(self._lines):
            yield Turn(self.speaker, self._lines[said])
