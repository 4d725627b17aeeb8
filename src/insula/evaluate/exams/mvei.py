"""MVEI: whether a statement about the feeling in a picture is correct, by facet.

    insula evaluate mvei --model qwen2.5-vl:7b@http://localhost:11434/v1

Mode "text" asks without the picture: what statements give away by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...data.files import MalformedData, document
from ..asking.exam import Exam, mean
from ..asking.naming import always
from ..asking.question import Asked, Choice, Mark, Question
from ..asking.seen import MODES, beside, seen

VERDICTS = ("correct", "incorrect")


def load(paths: Mapping[str, Path]) -> list[Question]:
    """One question for each statement, in published order."""
    (file,) = paths.values()
    try:
        return [question for item in document(file) for question in _statements(file, item)]
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedData(f"{file}: not as published ({type(error).__name__}: {error})") from None


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The statement, and what to answer."""
    request = (
        f"A statement about this picture: {question.text}\n\nDoes it fit the feeling in the picture? Answer with one "
        "word: Correct or Incorrect."
    )
    return seen(question, mode, request, seed=seed)


def mark(asked: Asked, reply: str) -> Mark:
    """As published: "incorrect" anywhere, else "correct" anywhere, else no answer."""
    said = next((verdict for verdict in reversed(VERDICTS) if verdict in reply.lower()), "")
    if not said:
        return Mark(None, why="it says neither correct nor incorrect")
    (choice,) = asked.question.choices
    right = float(VERDICTS.index(said) == choice.right)
    return Mark({"accuracy": right, "said correct": float(said == "correct")}, said)


def _statements(file: Path, item: Mapping[str, Any]) -> Iterator[Question]:
    picture = beside(file, item["image_id"], "images")
    for number, one in enumerate(item["statement_list"]):
        yield Question(
            f"{item['image_id']}/{number}",
            one["statement"],
            (Choice("verdict", VERDICTS, VERDICTS.index(one["label"].lower())),),
            group=item["image_id"],
            slices={"facet": one["class"]},
            media=(picture,),
        )


EXAM = Exam(
    name="mvei",
    title="MVEI: is a statement about the feeling in a picture correct?",
    paper="Wu et al. 2025, Customizing Visual Emotion Evaluation for MLLMs, arXiv:2509.21950",
    licence="stated at the publisher's; its pictures are EmoSet's, with terms of their own",
    differs="The words of the request are ours. An answer that is neither counts in the parse rate; as published it is "
    "a wrong one. Never run on the published file here: its layout is known from the publisher's scripts.",
    folder="mvei",
    url="https://huggingface.co/datasets/wudq/MVEI",
    files={"MVEI_metadata.json": ""},
    size=3086,
    modes=MODES,
    load=load,
    ask=ask,
    mark=mark,
    metrics={"accuracy": mean("accuracy"), "said correct": mean("said correct")},
    blind={"always correct": always("Correct"), "always incorrect": always("Incorrect")},
)
