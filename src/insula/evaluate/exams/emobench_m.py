"""EmoBench-M: feelings, sentiment, humour, sarcasm and intents in films with their words, twelve of its thirteen parts.

insula evaluate emobench-m --model qwen2.5-vl:7b@http://localhost:11434/v1
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...data.files import MalformedData, document
from ..asking.exam import Exam, mean
from ..asking.naming import over
from ..asking.question import Asked, Choice, Mark, Question
from ..asking.seen import MODES, beside, seen
from ..metrics import weighted_f1

POLARITY = ("neutral", "negative", "positive")
STRENGTHS = ("weak negative", "strong negative", "neutral", "strong positive", "weak positive")
TRUTH = ("true", "false")
PARTS: dict[str, Sequence[Sequence[str]]] = {
    "FGMSA_test_instructuin.json": [STRENGTHS],
    "ch-simsv2s_test_500.json": [POLARITY],
    "MOSI_test_500.json": [POLARITY],
    "SIMS_test_500.json": [POLARITY],
    "funny_test_instruction.json": [TRUTH],
    "MUSTARD_500.json": [TRUTH],
    "MELD_test_instruction.json": [("neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger")],
    "mer2023_test1_instruction.json": [("happy", "sad", "neutral", "angry", "worried", "surprise")],
    "RAVDSS_song_500.json": [("neutral", "calm", "happy", "sad", "angry", "fearful")],
    "RAVDSS_speech_500.json": [("neutral", "calm", "happy", "sad", "angry", "fearful", "surprised", "disgust")],
    "MOSEI_test_500.json": [POLARITY],
    "MC-EIU-test_500.json": [
        ("happy", "surprise", "sad", "disgust", "anger", "fear", "neutral"),
        *[("questioning", "agreeing", "acknowledging", "encouraging", "consoling", "suggesting", "wishing", "neutral")],
    ],
}
"""The labels of each published file, as its publisher's script names file and labels."""
WIDEST = 8
"""Labels of a part at most; the labels of each part are kept apart in the weighted F1."""


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The questions of all parts, in their published words."""
    return [question for number, name in enumerate(PARTS) for question in _part(number, name, paths[name])]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The published words, with the film or without it."""
    return seen(question, mode, question.text, seed=seed, room=32)


def mark(asked: Asked, reply: str) -> Mark:
    """As published: the label that is first in the answer; of feelings and intents, the one first in their list."""
    choices = asked.question.choices
    found = [_first(reply, choice.options, order=len(choices) > 1) for choice in choices]
    said = [place for place in found if place is not None]
    if len(said) < len(found):
        return Mark(None, why="it names no label" if len(found) == 1 else "it does not name a feeling and an intent")
    right = [float(place == choice.right) for place, choice in zip(said, choices, strict=True)]
    told = ", ".join(choice.options[place] for place, choice in zip(said, choices, strict=True))
    if len(choices) > 1:
        return Mark({"accuracy": min(right), **{one.name: hit for one, hit in zip(choices, right, strict=True)}}, told)
    begins = asked.question.about["part"] * WIDEST
    (gold,) = (begins + choice.right for choice in choices)
    return Mark({"accuracy": right[0], "gold": float(gold), "said": float(begins + said[0])}, told)


def _first(text: str, labels: Sequence[str], order: bool = False) -> int | None:
    """The label that stands first in the text; or, in `order`, the first label that stands in it at all."""
    text = text.lower()
    pattern = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    hits = [labels.index(hit) for hit in re.findall(rf"(?<![\w-])(?:{pattern})(?![\w-])", text)]
    return (min(hits) if order else hits[0]) if hits else None


def _part(number: int, name: str, file: Path) -> Iterator[Question]:
    for place, row in enumerate(document(file)):
        try:
            asked, answer = (turn["value"] for turn in row["conversations"][:2])
            yield Question(
                f"{name}/{place}",
                asked.replace("<video>", "").strip(),
                tuple(_choices(PARTS[name], answer)),
                group=f"{name}/{row['video']}",
                slices={"part": name.split("_test")[0].split("_500")[0].removesuffix("-test")},
                about={"part": number},
                media=(beside(file, row["video"], "datasets"),),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedData(f"{file}: item {place}: not as published ({type(error).__name__}: {error})") from None


def _choices(parts: Sequence[Sequence[str]], answer: Any) -> Iterator[Choice]:
    for name, labels in zip(("feeling", "intent"), parts, strict=False):
        if (right := _first(answer, labels, order=len(parts) > 1)) is None:
            raise ValueError(f"{answer!r} is none of {', '.join(labels)}")
        yield Choice(name, tuple(labels), right)


def _nth(place: int):
    return lambda asked: ", ".join(choice.options[place] for choice in asked.question.choices)


EXAM = Exam(
    name="emobench-m",
    title="EmoBench-M: feelings, sentiment, humour and intents in films",
    paper="Hu et al. 2025, EmoBench-M, arXiv:2502.04424",
    licence="Apache-2.0 for the questions; the films have terms of their own",
    differs="Without the reasons for laughter (SMILE), which are scored by BLEU, ROUGE and BERTScore. Weighted F1 "
    "over all single-label parts together, the labels of each kept apart. A film goes as ten pictures at "
    "most, without its sound. Never run on the published films here: files and layout are known from the "
    "publisher's scripts.",
    folder="emobench_m",
    url="https://github.com/Emo-gml/EmoBench-M",
    files=dict.fromkeys(PARTS, ""),
    modes=MODES,
    load=load,
    ask=ask,
    mark=mark,
    metrics={"accuracy": mean("accuracy"), "weighted F1": over(weighted_f1, WIDEST * len(PARTS))},
    blind={"the first label": _nth(0), "the last label": _nth(-1)},
    human="accuracy 73.0 (the publisher's page)",
)
