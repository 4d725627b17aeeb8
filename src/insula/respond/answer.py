"""A reply with everything the conversation holds about it: what was planned, why, what else was weighed, what it did.

    Answer.of(conversation, "t2").strategies -> ("reflection", "question")

Nothing is computed here: an answer is a view of annotations, so a saved conversation gives the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from insula.conversation import Annotation, Conversation, Turn

from .evidence import Evidence, evidence


@dataclass(frozen=True)
class Answer:
    """One reply. `answers` is the turn it replies to, None where it opened the conversation.

    `tier` is who worded it: "url", "local", "composer" or "guard". `expected` and `effect` are changes of the person's
    valence, -1..1: predicted before they spoke again, and measured after; None where there is none. `memories` are ids
    of episodes with how strongly each came up. `drafts` are (text, score 0..1), the one that was sent among them.
    """

    turn: Turn
    answers: Turn | None
    tier: str
    model: str
    understood: Evidence
    strategies: tuple[str, ...]
    stage: str
    feeling: str
    affect: Mapping[str, float]
    reasons: tuple[str, ...]
    drafts: tuple[tuple[str, float], ...]
    expected: float | None
    effect: float | None
    risk: str
    kinds: tuple[str, ...]
    memories: tuple[tuple[str, float], ...]

    @property
    def text(self) -> str:
        """What was said."""
        return self.turn.text

    @classmethod
    def of(cls, conversation: Conversation, id: str) -> Self:
        """The answer that a turn is; raises KeyError for a turn that is not here."""
        turn, before = conversation.turn(id), _before(conversation, id)
        said = _Said(conversation, before.id if before else "")
        expected = _Said(conversation, id).one("effect", "support-effect")
        return cls(
            turn=turn,
            answers=before,
            tier=str(turn.meta.get("tier", "")),
            model=str(turn.meta.get("model", "")),
            understood=evidence(conversation, before) if before else Evidence(),
            strategies=said.labels("plan", "support-plan"),
            stage=said.top("stage", "support-stage"),
            feeling=said.top("plan", "reply-emotion"),
            affect=said.scores("plan", "reply-affect"),
            reasons=tuple(text for one in conversation.read("explanation", turn=id) for text in one.scores),
            drafts=tuple(item for one in conversation.read("draft", turn=id) for item in one.scores.items()),
            expected=expected.scores.get("change") if expected else None,
            effect=_effect(conversation, expected),
            risk=said.labels("risk", "risk-level")[0] if said.labels("risk", "risk-level") else "",
            kinds=said.labels("risk", "risk-kinds"),
            memories=tuple(said.scores("memory", "recalled").items()),
        )


@dataclass(frozen=True)
class _Said:
    """What was judged of one turn, the latest of each kind."""

    conversation: Conversation
    turn: str

    def one(self, layer: str, scheme: str) -> Annotation | None:
        found = self.conversation.read(layer, turn=self.turn, scheme=scheme)
        return found[-1] if found else None

    def labels(self, layer: str, scheme: str) -> tuple[str, ...]:
        found = self.one(layer, scheme)
        return found.labels if found else ()

    def top(self, layer: str, scheme: str) -> str:
        found = self.one(layer, scheme)
        return (found.top or "") if found else ""

    def scores(self, layer: str, scheme: str) -> Mapping[str, float]:
        found = self.one(layer, scheme)
        return found.scores if found else {}


def _before(conversation: Conversation, id: str) -> Turn | None:
    """The last turn of somebody else before this one."""
    turns = conversation.turns
    place = next(place for place, turn in enumerate(turns) if turn.id == id)
    return next((turn for turn in reversed(turns[:place]) if turn.speaker != turns[place].speaker), None)


def _effect(conversation: Conversation, expected: Annotation | None) -> float | None:
    """What was measured at the person's next turn, if they have spoken since."""
    if expected is None:
        return None
    measured = [one for one in conversation.read("effect", scheme="support-effect") if expected.id in one.because]
    return measured[-1].scores.get("change") if measured else None
