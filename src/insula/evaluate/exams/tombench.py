"""ToMBench's emotion tasks: feelings that differ, are hidden, come of what is wrong, and are regulated.

    exam("tombench").questions()        # 360: 180 stories with a question, in English and in Chinese

The same items stand in both languages, so items of one story are drawn together across them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...data.files import MalformedData, objects
from ..asking.choices import at, extreme, mark, shown_at
from ..asking.exam import Exam, mean
from ..asking.question import Choice, Question
from ..asking.wording import ask, converse

FILES = {
    "Discrepant_Emotions.jsonl": "100b7f05ba5b76aeaa8d2daf3897c90c6a4f08dc23b75a0dd87be0e82db11bf4",
    "Hidden_Emotions.jsonl": "57d0882eafddca8fb8d81148bf4291db0c5c6bbdd3a8ad5004c445d249b05124",
    "Moral_Emotions.jsonl": "fac3eb293d2901b35274eab8244515b7e138e9cb3311037d5c4a0bda3810dd51",
    "Emotion_Regulation.jsonl": "553d0ee61733cddfa3a9c531c3f7306c40929edc9f0e1e1dda7088ed8804c96c",
}
COLUMNS = {"en": ("STORY", "QUESTION", "OPTION-"), "zh": ("故事", "问题", "选项")}
KEY = "答案\nANSWER"
_LETTER = re.compile(r"^\s*[A-D]\s*[.．、。:：]\s*")
"""Some options carry their published letter, which no longer holds once they are shuffled."""


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The questions of the four tasks, each in English and in Chinese."""
    return [question for path in paths.values() for question in _task(path)]


def _task(path: Path) -> Iterator[Question]:
    task = path.name.partition(".")[0].replace("_", " ").lower()
    for number, row in enumerate(objects(path), 1):
        for language in COLUMNS:
            yield _question(path, number, row, task, language)


def _question(path: Path, number: int, row: Mapping[str, Any], task: str, language: str) -> Question:
    story, question, option = COLUMNS[language]
    try:
        options = tuple(_LETTER.sub("", row[option + letter]).strip() for letter in "ABCD")
        return Question(
            id=f"{task}/{number}/{language}",
            text=f"{row[story].strip()}\n\n{row[question].strip()}",
            choices=(Choice("answer", options, "ABCD".index(row[KEY].strip())),),
            group=f"{task}/{row['故事'].strip()}",
            slices={"language": language, "task": task},
        )
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise MalformedData(f"{path}: item {number}: not as published ({type(error).__name__}: {error})") from None


EXAM = Exam(
    name="tombench",
    title="ToMBench, the emotion tasks: discrepant, hidden, moral feelings and their regulation",
    paper="Chen et al. 2024, ToMBench: Benchmarking Theory of Mind in Large Language Models, ACL, arXiv:2402.15052",
    licence="MIT",
    differs=(
        "Four of its files, 180 of 2,860 items, in both languages; other files have items about feelings too. Every "
        "seed counts by itself, where the paper takes the vote of five; letters before options are cut off. Our words."
    ),
    folder="tombench",
    url="https://github.com/zhchen18/ToMBench",
    files=FILES,
    size=360,
    modes=("base", "rotated", "cot"),
    load=load,
    ask=ask,
    converse=converse,
    mark=mark,
    metrics={"accuracy": mean("accuracy")},
    blind={
        "always the first": at(0),
        "always the third": at(2),
        "always C as shown": shown_at(2),
        "the longest": extreme(max),
        "the shortest": extreme(min),
    },
    human="",
)
