"""What every simulated person can do: say how they feel after the last reply, then speak.

    feels(62.5, "t4", "me") -> Annotation("feeling", {"emotion": 62.5}, Anchor("t4", speaker="seeker"), ...)

A seeker is a component. Called when the other has spoken, or at the very beginning, it yields how it feels, at the
reply that moved it, and then its Turn. In its last turn `meta["leaves"]` says why it goes ("helped", "gave up").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from insula.component import Additions
from insula.conversation import Anchor, Annotation, Conversation

SEEKER = "seeker"
LAYER, SCHEME, BELIEF = "feeling", "seeker-emotion", "seeker-belief"
WRITES = ("turn", LAYER)
LEAVES = "leaves"


@runtime_checkable
class Seeker(Protocol):
    """A component with the `speaker` name of the turns it says and an `id` that names the talk; it writes `WRITES`.

    It yields nothing where the last turn is its own. A seeker plays any number of talks: all it knows of one is in the
    conversation.
    """

    @property
    def reads(self) -> Sequence[str]: ...

    @property
    def writes(self) -> Sequence[str]: ...

    @property
    def speaker(self) -> str: ...

    @property
    def id(self) -> str: ...

    def __call__(self, conversation: Conversation, /) -> Additions: ...


def feels(emotion: float, reply: str | None, rater: str, speaker: str = SEEKER) -> Annotation:
    """How a seeker feels (0..100) after the reply with this id; None for the beginning of the talk."""
    scores = {"emotion": round(min(100.0, max(0.0, emotion)), 4)}
    return Annotation(LAYER, scores, Anchor(reply, speaker=speaker), SCHEME, rater)


def left(conversation: Conversation, speaker: str = SEEKER) -> str:
    """Why the seeker has gone; "" while they are there."""
    said = [turn for turn in conversation.turns if turn.speaker == speaker]
    return str(said[-1].meta.get(LEAVES, "")) if said else ""
