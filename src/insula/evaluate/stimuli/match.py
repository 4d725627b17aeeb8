"""Marking short answers as their publishers do.

    marked(asked, "unfortunate.").values -> {"accuracy": 1.0}

An answer is its first sentence in lower case without punctuation (Honovich et al. 2022). It is no answer when it is
empty, refuses, or names none or several of the labels asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..asking.choices import mark, refuses
from ..asking.question import Asked, Mark
from .tasks import Task

_STRIPPED = re.compile(r"[^\w\s']|_")


def marked(asked: Asked, reply: str) -> Mark:
    """The mark of an answer to a question of `tasks`."""
    task: Task = asked.question.about["task"]
    if task.match == "letter":
        return mark(asked, reply)
    said, gold = plain(reply), [plain(one) for one in asked.question.gold]
    if task.match == "label":
        return _label(said, reply, task.labels, gold)
    if not said:
        return Mark(None, why="it is empty")
    if refuses(reply) and said not in gold:
        return Mark(None, said, "it refuses")
    return Mark({"accuracy": max(_agreement(task.match, said, one) for one in gold)}, said)


def plain(text: str) -> str:
    """ "Un-fortunate!\nIt is" -> "un fortunate": what is compared."""
    first = re.split(r"\n|(?<=\D)\.(?=\s|$)", text.strip(), maxsplit=1)[0]
    return " ".join(_STRIPPED.sub(" ", first.lower()).split())


def _label(said: str, reply: str, labels: Sequence[str], gold: Sequence[str]) -> Mark:
    named: list[str] = []
    left = f" {said} "
    for label in sorted((plain(one) for one in labels), key=len, reverse=True):  # "not the same" before "same"
        if f" {label} " in left:
            named.append(label)
            left = left.replace(f" {label} ", "  ")
    if len(named) == 1:
        return Mark({"accuracy": float(named[0] in gold)}, named[0])
    if refuses(reply):
        return Mark(None, said, "it refuses")
    return Mark(None, said, "it names several labels" if named else "it names no label")


def _agreement(match: str, said: str, gold: str) -> float:
    if match == "exact":
        return float(said == gold)
    if match == "contains":
        return float(f" {gold} " in f" {said} ")
    if match == "set":
        return float(set(said.split()) - {"and"} == set(gold.split()))
    words, wanted = said.split(), gold.split()
    shared = sum(min(words.count(one), wanted.count(one)) for one in set(words))
    return 2 * shared / (len(words) + len(wanted)) if shared else 0.0
