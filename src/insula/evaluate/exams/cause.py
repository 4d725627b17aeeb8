"""Which line caused what the last speaker feels: talks of RECCON, the feeling itself not told.

Small readers see the same bare turns. Most causes are the last line itself or the one before, so those two rules stand
beside every answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...catalogue import build
from ...conversation import Conversation, Turn
from ...llm import Message
from ..asking import Asked, Exam, Mark, Question
from ..asking.drawn import learnt, one_each, part, plain, shown, some, until
from ..asking.exam import mean
from ..items import ITEMS, Item, linked, pairs

COUNT = 120  # talks asked about, one turn of each
LINES = 7  # shown at most
TOLD = (
    "The last line of a talk shows a feeling. Say which line caused that feeling; it may be an earlier line or the "
    "last line itself. Answer with the number of one line."
)
_NUMBER = re.compile(r"\d+")


def load(paths: Mapping[str, Path]) -> list[Question]:
    """One turn with a feeling of each talk whose causes are among the lines shown, three lines at least."""
    del paths
    known = learnt("reccon")
    found = [one for talk in part("reccon", "test") for one in _questions(talk, known)]
    return some(one_each(found, lambda one: one.group, "cause"), COUNT, "cause")


def ask(question: Question, seed: int, mode: str) -> Asked:
    """Lines keep their order: what comes after what is part of the question."""
    told = (Message("system", TOLD), Message("user", question.text))
    return Asked(question, (*told, Message("assistant", "The number of the line is")), (), seed, mode, 4)


def mark(asked: Asked, reply: str) -> Mark:
    """Whether the one line named is a cause."""
    lines = len(asked.question.text.splitlines())
    found = {int(hit) for hit in _NUMBER.findall(reply)}
    if len(found) != 1:
        return Mark(None, why="it names several lines" if found else "it names no line")
    (line,) = found
    if not 1 <= line <= lines:
        return Mark(None, str(line), "it names a line that is not there")
    return Mark({"accuracy": float(line in asked.question.gold)}, str(line))


def read(asked: Sequence[Asked]) -> list[str]:
    """The line that this engine's readers find likeliest."""
    dialogue, causes = build("dialogue.encoder"), build("explain.causes", targets="all")
    replies: list[str] = []
    for one in asked:
        bare = Conversation(*one.question.about["conversation"].turns)
        bare.add(*dialogue(bare))
        bare.add(*causes(bare))
        replies.append(str(likeliest(bare, bare.turns[-len(one.question.text.splitlines()) :]) + 1))
    return replies


def likeliest(read: Conversation, turns: Sequence[Turn], places: Sequence[int] = ()) -> int:
    """The place, of these or of all, of the turn that most probably caused what is felt in the last one."""
    target = turns[-1]
    items = [Item(0, turn, {}, "", target, len(turns) - 1 - k) for k, turn in enumerate(turns)]
    found = [ITEMS["pairs"].read(read, item, ()) for item in items]
    scores = [one["cause"].scores.get("cause", 0.0) if one else 0.0 for one in found]
    return max(places or range(len(turns)), key=lambda k: scores[k])


def line(which: int):
    """The blind rule that names one line: -1 is the last."""
    return lambda asked: str(range(1, len(asked.question.text.splitlines()) + 1)[which])


def causes_of(talk: Conversation) -> dict[str, set[str]]:
    """By id of each turn with a feeling the ids of the turns that caused it."""
    targets = {item.target.id: item.target for item in pairs(0, talk) if item.target}
    return {id: {one.at.turn for one in linked(talk, turn) if one.at.turn} for id, turn in targets.items()}


def _questions(talk: Conversation, known: frozenset[str]) -> list[Question]:
    found: list[Question] = []
    for id, sources in causes_of(talk).items():
        bare = until(talk, talk.turn(id))
        lines = bare.turns[-LINES:]
        gold = {k for k, turn in enumerate(lines, 1) if turn.id in sources}
        if len(lines) < 3 or len(gold) != len(sources) or not gold or plain(lines[-1].text) in known:
            continue
        where = "the line itself" if gold == {len(lines)} else "itself and earlier" if len(lines) in gold else "earlier"
        about = {"conversation": bare}
        found.append(
            Question(f"{talk.id}/{id}", shown(lines, numbered=True), (), gold, talk.id, {"cause": where}, about)
        )
    return found


EXAM = Exam(
    name="cause",
    title="Cause: which line of a talk caused the feeling in its last line",
    paper="Poria et al. 2021, arXiv:2012.11820 (RECCON, DailyDialog, fold 1)",
    licence="unstated for the annotations, CC-BY-NC-SA-4.0 for the talks; nothing of them is kept here",
    differs="One turn of each of 120 talks, drawn by seed; one line is to be named, any annotated cause is right. The "
    "feeling is not told, as the small readers are not told it. Published systems judge each pair of turns.",
    load=load,
    ask=ask,
    mark=mark,
    metrics={"accuracy": mean("accuracy")},
    blind={"the last line itself": line(-1), "the line before it": line(-2), "the first line": line(0)},
    reader=read,
)
