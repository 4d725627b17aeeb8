"""Affective cognition: what happened, what somebody thought of it or how they feel, from the rest of their story.

    exam("affective-cognition").questions()[0].slices -> {"direction": "appraisal", "variable": "control", ...}

Each scenario is told in many conditions: two outcomes, two values of each of two appraisals, and the feeling that
follows. One of these is asked for and the others are told. 17.8 people answered each question; what they agree on is
the yardstick, and how far they agree with one another its upper end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...data.files import MalformedData, document, objects
from ..asking.choices import at, extreme, mark, shown_at
from ..asking.exam import Exam, mean
from ..asking.question import Asked, Choice, Mark, Question
from ..asking.wording import ask, converse

VARIABLES = {
    "goal_control": {"belief_a": "control", "belief_b": "goal"},
    "safety_expected": {"belief_a": "expectation", "belief_b": "safety"},
}
"""Which appraisal the published names of the conditions stand for."""


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The questions of a file of stories and the file of people's answers; `gold` is how many people said what."""
    stories, people = paths.values()
    answered = document(people)
    return [question(stories, row, answered) for row in objects(stories)]


def question(file: Path, row: Mapping[str, Any], answered: Mapping[str, Sequence[Sequence[str]]]) -> Question:
    """One row of a file of conditions; raises MalformedData for a row the publisher does not describe."""
    try:
        condition, number = f"{row['template']}/{row['condition']}", int(row["i"])
        options = tuple(option.strip() for option in row["answers"])
        asked_for, feeling, _ = str(row["condition"]).rsplit("_", 2)
        variable = VARIABLES[row["template"]].get(asked_for, asked_for)
        return Question(
            id=f"{condition}/{number}",
            text=f"{row['story'].strip()}\n\n{row['question'].strip()}",
            choices=(Choice("answer", options, options.index(row["key"].strip())),),
            gold=Counter(answer.strip() for answer in answered[condition][number]),
            group=f"{row['template']}/{number}",
            slices={
                "direction": "appraisal" if asked_for.startswith("belief") else asked_for,
                "variable": variable,
                "feeling": feeling,
            },
        )
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        place = f"{row.get('template')}/{row.get('condition')}/{row.get('i')}"
        raise MalformedData(f"{file}: item {place}: not as published ({type(error).__name__}: {error})") from None


def marked(asked: Asked, reply: str) -> Mark:
    """Agreement with what most people said and with what was intended, and how far people agree among themselves."""
    found = mark(asked, reply)
    if found.values is None:
        return found
    return Mark({**among(asked.question.gold, found.said), "accuracy": found.values["accuracy"]}, found.said)


def among(answers: Mapping[str, int], said: str) -> dict[str, float]:
    """What an answer is worth among people's.

    "agreement" with the answer most people gave, "share" of the people who said the same, "people": how often a person
    agrees with what most of the others said. Answers that are as frequent share the one point.
    """
    total = sum(answers.values())
    left = {own: {**answers, own: count - 1} for own, count in answers.items()}
    people = sum(count * _most(left[own], own) for own, count in answers.items()) / total
    return {"agreement": _most(answers, said), "share": answers.get(said, 0) / total, "people": people}


def _most(answers: Mapping[str, int], said: str) -> float:
    top = max(answers.values())
    modes = [answer for answer, count in answers.items() if count == top]
    return (said in modes) / len(modes)


FILES = {
    "text_conditions.jsonl.gz": "25c4d4735f1b0b79f3db6db170b0dc5352e3e6ce9e5d97e28148d6562458d7c6",
    "human_text.json.gz": "3adcaf0dee4c3491736e7613539b180f548b7a3d02aeb1942e533f96437f8ee0",
}
EXAM = Exam(
    name="affective-cognition",
    title="Affective cognition: outcomes, appraisals and feelings from one another",
    paper="Gandhi et al. 2024, Human-like Affective Cognition in Foundation Models, arXiv:2409.11733",
    licence="MIT",
    differs=(
        "The 640 stories in words; the other 640 have a face whose picture is not published with them. Options are "
        "shuffled and have capital letters, the words of the request are ours. An answer that names no option is not "
        "asked for again. People agree with the mode of the others, not with one that holds their own answer."
    ),
    folder="affective_cognition",
    url="https://github.com/kanishkg/affective-cog",
    files=FILES,
    size=640,
    modes=("base", "rotated", "cot"),
    load=load,
    ask=ask,
    converse=converse,
    mark=marked,
    metrics={name: mean(name) for name in ("agreement", "people", "share", "accuracy")},
    blind={
        "always the first": at(0),
        "always A as shown": shown_at(0),
        "the longest": extreme(max),
        "the shortest": extreme(min),
    },
    human="the metric `people`: how often one of the 17.8 people who answered agrees with most of the others",
)
