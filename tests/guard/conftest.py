"""Made-up parts the guard is tried with: a responder that says what it is told to, a risk that goes by one word."""

from collections.abc import Iterator
from typing import Any

import pytest

from insula import Annotation, Conversation, Turn
from insula.component import component
from insula.conversation import Addition, Anchor


class Says:
    """Answers with the same text always, and counts how often it was asked."""

    reads = ("turn",)
    writes = ("turn", "plan")

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        self.asked += 1
        id = f"t{len(conversation.turns) + 1}"
        yield Turn("companion", self.text, id=id, meta={"tier": "composer", "model": "says"})
        yield Annotation("plan", {"question": 1.0}, Anchor(id), "support-plan", "says")

    async def sentences(self, conversation: Conversation) -> Any:
        del conversation
        self.asked += 1
        for sentence in self.text.split(". "):
            yield sentence if sentence[-1] in ".?!" else f"{sentence}."


@component(reads=["turn"], writes=["risk"])
def by_word(conversation: Conversation) -> Iterator[Addition]:
    """A turn that holds "[level kind]" is judged to be that; every other turn "none"."""
    for turn in conversation.pending("risk", "by_word"):
        if turn.speaker == "companion":
            continue
        level, kind = "none", "suicide"
        if "[" in turn.text:
            level, kind = turn.text.split("[")[1].split("]")[0].split()
        levels = {one: float(one == level) for one in ("none", "watch", "concern", "crisis")}
        yield Annotation("risk", levels, Anchor(turn.id), "risk-level", "by_word", (level,))
        yield Annotation("risk", {kind: 0.9}, Anchor(turn.id), "risk-kinds", "by_word", (kind,))


@pytest.fixture
def says() -> type[Says]:
    return Says


@pytest.fixture
def risk() -> Any:
    return by_word
