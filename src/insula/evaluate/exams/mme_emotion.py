"""MME-Emotion: feelings, sentiments and intents in films, eight tasks; the labels named, and the steps of reasoning.

    insula evaluate mme-emotion --model MODEL@URL --mode cot --judge OTHER@URL

"cot" asks for numbered steps before the labels; a judge then says which steps hold. "text" asks without the film.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from pydantic import BaseModel

from ...data.files import MalformedData, MissingData, document
from ...llm import LLM, Message
from ...llm.structured import ask as ask_in_form
from ..asking.exam import Exam, mean
from ..asking.question import Asked, Mark, Question
from ..asking.seen import MODES, beside, seen

TASKS = ("ER_Lab", "ER_Wild", "Noise_ER", "FG_ER", "ML_ER", "SA", "FG_SA", "IR")
ROOM = {"base": 24, "text": 24, "cot": 320}
LABELS = "labels:"
_STEP = re.compile(r"^\W*(?:step\s*)?\d+\s*[.):]\s*(.+)$", re.IGNORECASE | re.MULTILINE)


class Steps(BaseModel):
    """What a judge says of each step: 1 it holds, 0 it contradicts what is to be seen and heard."""

    steps: list[int]


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The questions of the eight tasks; `gold` are the labels of the film."""
    for name, path in paths.items():
        if _plain(path.name.split(".")[0]) != _plain(name.split(".")[0]):
            raise MissingData(f"mme-emotion: {name} is not there (the nearest file is {path}); get it at {EXAM.url}")
    return [question for name, path in paths.items() for question in _films(name.removesuffix(".json"), path)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """Which of the published labels the person in the film shows, the labels in an order of the seed."""
    labels = list(question.about["labels"])
    Random(f"{question.id}/{seed}").shuffle(labels)
    many = "one or more of" if question.slices["task"] == "ML_ER" else "one of"
    steps = "Reason in short numbered steps on what is to be seen and heard. " if mode == "cot" else ""
    request = (
        f"What does the person in this film show: {many} {', '.join(labels)}? {steps}"
        f'End with a line "{LABELS}" and {"the labels" if many != "one of" else "the label"}, nothing after it.'
    )
    return seen(question, mode, request, seed=seed, room=ROOM[mode])


def mark(asked: Asked, reply: str) -> Mark:
    """Recognition as published: labels of the film that are named, by how many there are; and whether they are all."""
    told = reply.lower().rpartition(LABELS)[2]
    labels = sorted(asked.question.about["labels"], key=len, reverse=True)
    said = set(re.findall(rf"(?<![\w-])({'|'.join(map(re.escape, map(str.lower, labels)))})(?![\w-])", told))
    if not said:
        return Mark(None, why="it names no label")
    gold = {label.lower() for label in asked.question.gold}
    values = {"recognition": len(said & gold) / len(gold), "exact": float(said == gold)}
    return Mark(values, ", ".join(sorted(said)))


async def judge(asked: Asked, reply: str, by: LLM) -> Mark:
    """With the share of the steps that hold, and the mean of both shares."""
    plain, steps = mark(asked, reply), _STEP.findall(reply)
    if plain.values is None or not steps:
        return plain
    listed = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    request = (
        f"The person in this film shows {', '.join(asked.question.gold)}. Somebody reasoned:\n{listed}\n\nFor each of "
        f"the {len(steps)} steps, in order: 0 if it clearly contradicts the film or those labels, else 1."
    )
    marks = (await ask_in_form(by, [Message("user", request, asked.question.media)], Steps)).steps[: len(steps)]
    if len(marks) < len(steps):
        return Mark(plain.values, plain.said, "the judge rated too few steps")
    reasoning = sum(map(bool, marks)) / len(marks)
    both = (plain.values["recognition"] + reasoning) / 2
    return Mark({**plain.values, "reasoning": reasoning, "cot": both}, plain.said)


def _films(task: str, file: Path) -> Iterator[Question]:
    try:
        for row in document(file):
            labels, gold = row["label_set"], [label.strip() for label in row["label"].split(",")]
            if not set(gold) <= set(labels):
                raise ValueError(f"{row['video_id']}: {', '.join(gold)} is not among the labels")
            film = beside(file, row["video_id"], "video", "videos")
            yield Question(
                f"{task}/{row['video_id']}",
                "",
                gold=gold,
                slices={"task": task},
                about={"labels": labels},
                media=(film,),
            )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise MalformedData(f"{file}: not as published ({type(error).__name__}: {error})") from None


def _plain(name: str) -> str:
    return re.sub(r"[-_]", "", name).lower()


def _all(asked: Asked) -> str:
    return f"{LABELS} {', '.join(asked.question.about['labels'])}"


EXAM = Exam(
    name="mme-emotion",
    title="MME-Emotion: eight tasks on films, recognition and reasoning",
    paper="Zhang et al. 2025, MME-Emotion, arXiv:2508.09210",
    licence="stated at the publisher's; its films have terms of their own",
    differs="Labels are read from a last line by patterns, where the paper has one model find the steps and another "
    "rate them. Naming every label is worth a full recognition score, as published; `exact` is not so easily "
    "had. A film goes as ten pictures at most, without its sound. The words of the requests are ours. Never "
    "run on the published films.",
    folder="mme_emotion",
    url="https://huggingface.co/datasets/Karl28/MME-Emotion",
    files={f"{task}.json": "" for task in TASKS},
    modes=(*MODES, "cot"),
    load=load,
    ask=ask,
    mark=mark,
    judge=judge,
    metrics={name: mean(name) for name in ("recognition", "exact", "reasoning", "cot")},
    blind={
        "every label": _all,
        "the first label": lambda asked: f"{LABELS} {asked.question.about['labels'][0]}",
    },
)
