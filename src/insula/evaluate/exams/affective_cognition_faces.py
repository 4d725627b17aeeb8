"""Affective cognition with a face: the feeling is no word of the story but what a picture shows.

    exam("affective-cognition-faces").questions()[0].media -> (".../images/Annie/disappointed.png",)

The authors publish the stories, which picture belongs to which, and 11,320 answers of people, but not the pictures: for
models that see it works once somebody has put them into a folder `images` beside the stories. `stories` needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...data.files import MalformedData, MissingData, document, objects
from ..asking.question import Question
from .affective_cognition import EXAM as WORDS
from .affective_cognition import question

PICTURES = "images"


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The questions with their pictures; raises MissingData naming the first picture that is not here."""
    found = stories(paths)
    missing = next((file for one in found for file in one.media if not file.is_file()), None)
    if missing:
        raise MissingData(
            f"affective-cognition-faces: the picture {missing} is not here; none is published, ask at {WORDS.url}"
        )
    return found


def stories(paths: Mapping[str, Path]) -> list[Question]:
    """The questions and where their pictures would be, whether they are there or not."""
    told, people = paths.values()
    answered = document(people)
    found: list[Question] = []
    for row in objects(told):
        one = question(told, row, answered)
        if not isinstance(row.get("image"), str):
            raise MalformedData(f"{told}: item {one.id}: no picture is named")
        text = one.text.replace("\n\n", "\n\nThe picture shows how this person feels. ", 1)
        found.append(replace(one, text=text, media=(told.parent / PICTURES / row["image"],)))
    return found


EXAM = replace(
    WORDS,
    name="affective-cognition-faces",
    title="Affective cognition with a face: outcomes, appraisals and feelings, the feeling as a picture",
    differs=(
        "The pictures are not published; without them nothing is asked. Options are shuffled, the words of the request "
        "are ours. People agree with the mode of the others, not with one that holds their own answer."
    ),
    files={
        "image_conditions.jsonl.gz": "8a884ed0b46cb840e5e0132b6fa2ccbf484e52d81894a8c2faa734d9da2677de",
        "human_image.json.gz": "3dc3f4b40608701d7f1759da3e8ad57e279dbcbe6bae8f6ff23d7acbc278c601",
    },
    modes=("base",),
    load=load,
    converse=None,
    human="the metric `people`: how often one of the 17.7 people who answered agrees with most of the others",
)
