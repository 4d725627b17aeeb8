"""EQ-Bench: how strongly does somebody feel each of four things when a dialogue ends?

    exam("eq-bench-v2").questions()[0].gold -> {"Remorseful": 0.0, "Indifferent": 6.0, ...}

171 dialogues, intensities of 0 to 10, scored so that guessing gets 0 and the reference answer 100. The request is the
published one: "base" without, "revise" with a critique and a second answer, of which the better pass counts.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...data.files import MalformedData, document
from ...llm import Message
from ..asking.exam import Array, Columns, Exam, mean
from ..asking.intensities import intensities
from ..asking.question import Asked, Mark, Question

LOW, HIGH = 0, 10
ROOM = {"base": 80, "revise": 600}
_REVISED = re.compile(r"Revised scores", re.IGNORECASE)
_ASKS_AGAIN = (
    re.compile(r" Then critique[^\n]*"),
    re.compile(r"First pass scores:\n"),
    re.compile(r"Critique:.*?(?=\[End of answer\])", re.DOTALL),
)
"""What a published request says about a second answer."""
Score = Callable[[Mapping[str, float], Mapping[str, float]], float]


def load(paths: Mapping[str, Path], reference: str = "reference_answer_fullscale") -> list[Question]:
    """The dialogues of the one file, with the reference answer of that name."""
    (path,) = paths.values()
    items = document(path)
    if not isinstance(items, dict):
        raise MalformedData(f"{path}: expected an object of questions by number, found a {type(items).__name__}")
    found = [_question(path, number, item, reference) for number, item in items.items()]
    return [replace(one, about={"usual": usual}) for one, usual in zip(found, _usual(found), strict=True)]


def _usual(questions: Sequence[Question]) -> Iterator[Mapping[str, float]]:
    """For each question what its words are rated on average elsewhere; where nowhere else, what any word is."""
    ratings: dict[str, list[float]] = defaultdict(list)
    for one in questions:
        for word, rating in one.gold.items():
            ratings[word].append(rating)
    any_word = float(np.mean([rating for some in ratings.values() for rating in some] or [0.0]))
    for one in questions:
        left = {word: (sum(ratings[word]) - own, len(ratings[word]) - 1) for word, own in one.gold.items()}
        yield {word: total / n if n else any_word for word, (total, n) in left.items()}


def _question(path: Path, number: str, item: Mapping[str, Any], reference: str) -> Question:
    try:
        told = item[reference]
        gold = {told[f"emotion{k}"]: float(told[f"emotion{k}_score"]) for k in range(1, 5)}
        return Question(id=number, text=item["prompt"].strip(), gold=gold)
    except (KeyError, ValueError, TypeError) as error:
        raise MalformedData(f"{path}: question {number}: not as published ({type(error).__name__}: {error})") from None


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The published request; without its part about a second answer in mode "base". Nothing in it is shuffled."""
    text = question.text
    for part in _ASKS_AGAIN if mode == "base" else ():
        text = part.sub("", text)
    return Asked(question, (Message("user", text),), (), seed, mode, ROOM[mode])


def marker(score: Score) -> Callable[[Asked, str], Mark]:
    """Marks by one rule of scoring: of the first pass, and of the revised answer where there is one."""

    def mark(asked: Asked, reply: str) -> Mark:
        values: dict[str, float] = {}
        said, whys = list[str](), list[str]()
        for name, text in zip(("first", "revised"), _REVISED.split(reply, maxsplit=1), strict=False):
            found, why = intensities(text, tuple(asked.question.gold), LOW, HIGH)
            worth = score(asked.question.gold, found) if found else math.nan
            if found and math.isfinite(worth):
                values[name] = worth
                said.append(", ".join(f"{word} {rating:g}" for word, rating in found.items()))
            else:
                whys.append(why or "all ratings are 0")
        return Mark(values, " | ".join(said)) if values else Mark(None, why=whys[0])

    return mark


def fullscale(reference: Mapping[str, float], said: Mapping[str, float]) -> float:
    """Version 2: small distances weigh little, those above 5 in full; 100 for the reference, about 0 for guessing."""
    apart = [abs(said[word] - intensity) for word, intensity in reference.items()]
    weighed = [d if d > 5 or d == 0 else 6.5 / (1 + math.exp(-1.2 * (d - 4))) for d in apart]
    return 100 - 10 * 0.7477 * sum(weighed)


def better_pass(columns: Columns, weights: Array) -> Array:
    """The mean of the revised answers, unless the first pass did better or 5 % more of it could be read."""
    none = np.full(weights.shape[1], np.nan)
    first, revised = (columns.get(name, none) for name in ("first", "revised"))
    read = [weights @ np.isfinite(values) for values in (first, revised)]
    means = [np.nan_to_num(mean(name)(columns, weights), nan=-np.inf) for name in ("first", "revised")]
    again = (read[1] >= 0.95 * read[0]) & (means[1] >= means[0])
    return np.where(again, means[1], means[0])


def alike(rating: float) -> Callable[[Asked], str]:
    """The blind rule that rates every feeling the same."""
    return lambda asked: "\n".join(f"{word}: {rating:g}" for word in asked.question.gold)


def foremost(asked: Asked) -> str:
    """The blind rule that takes the first feeling for strong and the others for weak."""
    return "\n".join(f"{word}: {2 if n else 8}" for n, word in enumerate(asked.question.gold))


def usual(asked: Asked) -> str:
    """The blind rule that rates every word as the references of the other dialogues do."""
    return "\n".join(f"{word}: {rating:.2f}" for word, rating in asked.question.about["usual"].items())


DIFFERS = (
    "Temperature 0 and one try, where the publisher tries again with more; ratings are read with bold marks, decimals "
    "and /10 too; one outside 0 to 10 cannot be read, where the publisher counts it."
)
PAPER = "Paech 2023, EQ-Bench: An Emotional Intelligence Benchmark for Large Language Models, arXiv:2312.06281"
EXAM = Exam(
    name="eq-bench-v2",
    title="EQ-Bench 2: intensities of four feelings at the end of a dialogue",
    paper=PAPER,
    licence="MIT",
    differs=DIFFERS,
    folder="eqbench",
    url="https://github.com/EQ-bench/EQ-Bench",
    files={"eq_bench_v2_questions_171.json": "b4e9bf11df7e88bc12381efab18565f8b0ff0d4743fe8708c4482df91c4e617a"},
    size=171,
    modes=("base", "revise"),
    load=load,
    ask=ask,
    mark=marker(fullscale),
    metrics={"score": better_pass, "first": mean("first"), "revised": mean("revised")},
    blind={
        "all 5": alike(5),
        "all 3": alike(3),
        "the first is strong": foremost,
        "each word as elsewhere": usual,
    },
)
