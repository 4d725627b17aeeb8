"""Questions answered by a word out of a list: a feeling, a step of support.

    asked = name_one(question, seed=3, told="Name the feeling, one of: {labels}.")
    mark(asked, "It is joy.").said -> "joy"

The list is shuffled by the seed alone, so that all questions of a run share the beginning of what a model reads. An
answer counts by the first of its lines that names anything, where that line names one label only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

import numpy as np

from ...llm import Message
from .choices import refuses
from .exam import Columns, Metric
from .question import Asked, Mark, Question


def name_one(
    question: Question,
    seed: int,
    mode: str = "base",
    *,
    told: str,
    asks: str = "",
    opening: str = "",
    examples: Sequence[tuple[str, str]] = (),
    max_tokens: int = 12,
) -> Asked:
    """The question after `told`, with the labels in an order of the seed, and any examples (text, label) before it.

    `asks` stands after the question, and `opening` is what the answer begins with: small models need both.
    """
    labels = question.choices[0].options
    text = f"{question.text}\n\n{asks}" if asks else question.text
    places = tuple(Random(f"labels/{seed}").sample(range(len(labels)), len(labels)))
    shown = ", ".join(labels[at] for at in places)
    before = [Message(role, said) for one in examples for role, said in zip(("user", "assistant"), one, strict=True)]
    after = [Message("assistant", opening)] if opening else []
    messages = [Message("system", told.format(labels=shown)), *before, Message("user", text), *after]
    return Asked(question, tuple(messages), (places,), seed, mode, max_tokens)


def named(text: str, labels: Sequence[str]) -> tuple[int | None, str]:
    """The place of the label an answer names, or None and why not."""
    for line in text.splitlines():
        found = {hit.lower() for hit in _pattern(tuple(labels)).findall(line)}
        if len(found) == 1:
            return [one.lower() for one in labels].index(found.pop()), ""
        if found:
            return None, "it names several labels"
    if not text.strip():
        return None, "it is empty"
    return None, "it refuses" if refuses(text) else "it names no label"


def mark(asked: Asked, reply: str) -> Mark:
    """Accuracy, and for metrics over labels the places of the label in gold and of the one said."""
    (choice,) = asked.question.choices
    place, why = named(reply, choice.options)
    if place is None:
        return Mark(None, why=why)
    values = {"accuracy": float(place == choice.right), "gold": float(choice.right), "said": float(place)}
    return Mark(values, choice.options[place])


def over(metric: Callable[..., np.ndarray], labels: int) -> Metric:
    """A metric of `insula.evaluate.metrics` on the labels that were said."""

    def of(columns: Columns, weights: np.ndarray) -> np.ndarray:
        known = np.isfinite(columns["said"])
        gold, said = (np.eye(labels)[columns[name][known].astype(int)] for name in ("gold", "said"))
        return metric(gold, said, weights[:, known])

    return of


def always(label: str) -> Callable[[Asked], str]:
    """The blind rule that gives one answer to everything."""
    return lambda _: label


@cache
def _pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words that are not denied; the longest first, so that one label within another is not found alone."""
    words = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    return re.compile(rf"(?<!\bnot )(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
