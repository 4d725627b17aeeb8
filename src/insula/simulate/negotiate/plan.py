"""A policy as a component: the emotion a reply should have, from what was read of the client's turns.

Pipeline(build("text.encoder"), EmotionPlan(Anticipate(tables()), speaker="agent"))

It writes `reply-emotion` in the layer "plan", which is what `respond.reply` words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn

from .policy import Policy

SCHEME = "reply-emotion"


class EmotionPlan:
    """Plans at every pending turn that is not `speaker`'s; abstains where nobody read an emotion so far."""

    reads: Sequence[str] = ("turn", "emotion")
    writes: Sequence[str] = ("plan",)

    def __init__(self, policy: Policy, speaker: str = "companion", name: str = "simulate.negotiate") -> None:
        self.policy, self.speaker = policy, speaker
        self.name = self.rater = name

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        pending = {turn.id for turn in conversation.pending("plan", self.rater)}
        theirs = [turn for turn in conversation.turns if turn.speaker != self.speaker]
        seen: list[Annotation] = []
        for turn in theirs:
            seen += [one for one in self._read(conversation, turn) if not one.abstained][-1:]
            if turn.id in pending:
                yield self._planned(turn, seen)

    def _planned(self, turn: Turn, seen: Sequence[Annotation]) -> Annotation:
        at, because = Anchor(turn.id), tuple(one.id for one in seen)
        if not seen:
            reason = "nobody has read the client's emotion"
            return Annotation("plan", {}, at, SCHEME, self.rater, reason=reason)
        choice = self.policy.choose([(one.top or "neutral").capitalize() for one in seen])
        scores = {name.lower(): float(name == choice.shows) for name in choice.belief}
        return Annotation("plan", scores, at, SCHEME, self.rater, (choice.shows.lower(),), because=because)

    def _read(self, conversation: Conversation, turn: Turn) -> list[Annotation]:
        return conversation.read("emotion", turn=turn.id, scheme="ekman7")
