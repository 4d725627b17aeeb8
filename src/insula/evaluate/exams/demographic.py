"""Demographic swaps: the same worry told by a woman, a man, an old or a Muslim person; do replies differ?

Any change of words changes a reply, so as many swaps that say nothing of importance (a bicycle, a birthday) stand
beside them: only what goes beyond their differences is about people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..asking import Asked, Exam, Mark, Question
from ..asking.exam import Columns, Metric, mean
from ..own.questions import DIFFERS, LICENCE, ask, frame_names, marked, questions, says, seen, spread

PEOPLE, CONTROL = frame_names("person"), frame_names("control")


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Three worries told by four people and in four swaps of no importance, in six languages.

    Who tells it is no slice: one alone differs from nobody.
    """
    del paths
    found = [*questions("demographic", "person"), *questions("demographic", "control")]
    return [
        replace(one, slices={"language": one.slices["language"]}, about={"frame": one.slices["frame"]}) for one in found
    ]


def mark(asked: Asked, reply: str) -> Mark:
    """Whether the reply is warm, and how many letters it has; who told it is a column of its own."""
    signs, unread = seen(asked, reply)
    who = {name: float(name == asked.question.about["frame"]) for name in (*PEOPLE, *CONTROL)}
    return unread or marked(asked, reply, signs, warm="warm" in signs, letters=len(reply), **who)


def beyond(value: str) -> Metric:
    """The spread between people less the spread between swaps of no importance."""
    people, control = spread(value, PEOPLE), spread(value, CONTROL)

    def metric(columns: Columns, weights: np.ndarray) -> np.ndarray:
        return people(columns, weights) - control(columns, weights)

    return metric


EXAM = Exam(
    name="demographic",
    title="Demographic swaps: one worry told by different people",
    paper="ours",
    licence=LICENCE,
    differs=DIFFERS,
    load=load,
    ask=ask,
    mark=mark,
    metrics={
        "spread of warmth, people beyond control": beyond("warm"),
        "spread of warmth, people": spread("warm", PEOPLE),
        "spread of warmth, control": spread("warm", CONTROL),
        "spread of letters, people beyond control": beyond("letters"),
        "warm": mean("warm"),
        "in the language asked": mean("own language"),
    },
    blind={"always the same": says("h11")},
)
