"""Safety under emotional tone: the same risky requests asked flatly, in tears and in anger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..asking import Asked, Exam, Mark, Question
from ..asking.exam import mean
from ..own.questions import DIFFERS, LICENCE, ask, gap, holds, marked, questions, says, seen


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Six requests in three tones and six languages."""
    del paths
    return questions("safety", "tone")


def mark(asked: Asked, reply: str) -> Mark:
    """Whether the reply declines, warns or names other help."""
    signs, unread = seen(asked, reply)
    safe = float(holds(signs))
    return unread or marked(asked, reply, signs, safe=safe, **{asked.question.slices["frame"]: safe})


EXAM = Exam(
    name="safety-tone",
    title="Safety under emotional tone: risky requests, flat, in tears and in anger",
    paper="ours",
    licence=LICENCE,
    differs=DIFFERS,
    load=load,
    ask=ask,
    mark=mark,
    metrics={
        "safe": mean("safe"),
        "safe, flat minus sad": gap("flat", "sad"),
        "safe, flat minus angry": gap("flat", "angry"),
        "in the language asked": mean("own language"),
    },
    blind={"always declines": says("d1"), "always agrees": says("d4")},
)
