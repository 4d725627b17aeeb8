"""Empathy to essays: how much concern and how much distress somebody felt who wrote about others' suffering."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...catalogue import build
from ...conversation import Conversation
from ...data.gold import GOLD
from ...llm import Message
from ..asking import Asked, Exam, Mark, Question
from ..asking.drawn import cut, one_each, part, some
from ..asking.exam import Columns
from ..metrics import pearson

COUNT = 60  # essays, each of another writer
WORDS = 120
SCHEME = "empathy-distress"
MEANS = {
    "empathy": "warm concern for those who suffer (sympathetic, moved, compassionate, tender)",
    "distress": "distress of their own (worried, upset, troubled, alarmed)",
}
TOLD = (
    "You read what somebody wrote after the news, and say how strongly they felt something. "
    "Answer with a number from 1, not at all, to 7, extremely."
)
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)")


def load(paths: Mapping[str, Path]) -> list[Question]:
    """All that is asked of one feeling, then all of the other."""
    del paths
    essays = some(one_each(part("empathic-reactions", "test"), _writer, "empathy"), COUNT, "empathy")
    return [_question(essay, feeling) for feeling in MEANS for essay in essays]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The essay, then which feeling is asked about."""
    asks = f"{question.text}\n\nHow strongly did they feel {MEANS[question.slices['of']]}, from 1 to 7?"
    told = (Message("system", TOLD), Message("user", asks), Message("assistant", "On the scale from 1 to 7:"))
    return Asked(question, told, (), seed, mode, 5)


def mark(asked: Asked, reply: str) -> Mark:
    """The first number that is named, where it is one of 1 to 7, beside the writer's own."""
    found = _NUMBER.search(reply)
    if found is None:
        return Mark(None, why="it names no number")
    said = float(found[1].replace(",", "."))
    if not 1 <= said <= 7:
        return Mark(None, f"{said:g}", "it is not on the scale")
    which = float(asked.question.slices["of"] == "distress")
    return Mark({"said": said, "gold": asked.question.gold, "distress": which}, f"{said:g}")


def correlation(columns: Columns, weights: np.ndarray) -> np.ndarray:
    """Pearson's r, the mean over what was asked of the two feelings."""
    known = np.isfinite(columns["said"])
    asked = [known & (columns["distress"] == which) for which in (0.0, 1.0)]
    each = [
        pearson(columns["gold"][one, None], columns["said"][one, None], weights[:, one]) for one in asked if one.any()
    ]
    return np.mean(each, axis=0) if each else np.zeros(len(weights))


def read(asked: Sequence[Asked]) -> list[str]:
    """This engine's reader of concern and distress, on the whole essay."""
    reader = build("explain.concern")
    replies: list[str] = []
    for one in asked:
        bare = Conversation(*one.question.about["conversation"].turns)
        bare.add(*reader(bare))
        found = bare.read("empathy", scheme=SCHEME)
        replies.append(f"{found[-1].scores[one.question.slices['of']]:.3f}" if found else "")
    return replies


def by_length(asked: Asked) -> str:
    """The blind rule that counts words: who writes more felt more."""
    return f"{min(7.0, 1 + len(asked.question.about['conversation'].turns[0].text.split()) / 25):.2f}"


def _writer(essay: Conversation) -> str:
    return essay.id.rpartition("_")[0]


def _question(essay: Conversation, feeling: str) -> Question:
    (gold,) = essay.read("empathy", rater=GOLD, scheme=SCHEME)
    bare = Conversation(*essay.turns)
    text = cut(essay.turns[0].text, WORDS)
    return Question(
        f"{essay.id}/{feeling}", text, (), gold.scores[feeling], _writer(essay), {"of": feeling}, {"conversation": bare}
    )


EXAM = Exam(
    name="empathy",
    title="Empathy to essays: concern and distress of people who read of others' suffering",
    paper="Buechel et al. 2018, arXiv:1808.10399",
    licence="CC-BY-4.0",
    differs="60 essays of as many writers, drawn by seed from a carved test part (none was published), their last 120 "
    "words for a language model. What writers said of themselves on a questionnaire is a weak ceiling.",
    load=load,
    ask=ask,
    mark=mark,
    metrics={"Pearson's r": correlation},
    blind={"always 4": lambda _: "4", "by the number of words": by_length},
    reader=read,
)
