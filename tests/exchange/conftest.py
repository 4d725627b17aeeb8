"""Made-up conversations, and the problems a reader reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.exchange import conversations
from insula.reading import Problem
from insula.scheme import scheme

Read = Callable[..., list[Conversation]]


@pytest.fixture
def problems() -> list[Problem]:
    """What the reader of the test reported."""
    return []


@pytest.fixture
def read(problems: list[Problem]) -> Read:
    """Read a source whole; problems are collected."""
    return lambda source, **options: list(conversations(source, problems.append, **options))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """A file with this content."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def judged(turn: str, rater: str, **scores: float) -> Annotation:
    """A judgement under ekman6 by a person: every label, those given above zero."""
    every = dict.fromkeys(scheme("ekman6").labels, 0.0) | scores
    return Annotation("emotion", every, Anchor(turn), "ekman6", rater, labels=tuple(scores))


@pytest.fixture
def quarrel() -> Conversation:
    """Two people, with times, judged by a person under a categorical and a dimensional scheme, and once not at all."""
    affect = {"valence": -0.5, "arousal": 0.25, "dominance": 0.0}
    return Conversation(
        Turn("ana", 'You said "tomorrow" & <never> came.\nAgain!', (0.5, 2.25)),
        Turn("bo", "Sorry, 我很抱歉 🙁", (2.25, 3.0)),
        Turn("ana", "Hm.", (3.5, 4.0)),
        judged("t1", "gold", anger=1.0),
        judged("t2", "gold", sadness=1.0, fear=1.0),
        judged("t3", "gold"),
        Annotation("affect", affect, Anchor("t1"), "vad", "rater:reader"),
        Annotation("affect", {}, Anchor("t3"), "vad", "rater:reader", reason="too short"),
        id="quarrel",
    )
