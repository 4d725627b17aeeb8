"""LongEmotion, detection: which of about thirty short texts expresses another feeling than all the others.

    insula evaluate longemotion-detection --model local --mode rag

"rag" shows the texts least like the others, and what the model says that most of them feel; "coem" has the model note
the feeling of each, ranks them once more with the notes, and shows those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from ...data.files import MalformedData, objects
from ...llm import LLM, Message
from ..asking.exam import Exam, mean
from ..asking.long import PASSAGE, alike, evenly, noted, oddest, room, told
from ..asking.question import Asked, Mark, Question

KEPT = {"rag": 8, "coem": 12}
"""Texts found first; "coem" keeps the half of them after its second ranking."""
ANSWER = 8
OPENING = '{"index": '
WIDTH = 28  # of goemotions28
_NUMBER = re.compile(r"(?:index|number|text|answer)\W{0,4}(?:is)?\W{0,4}(\d+)|^\W*(\d+)\W*$", re.IGNORECASE)


def load(paths: Mapping[str, Path]) -> list[Question]:
    """One question a line; `gold` is the published place of the text that differs."""
    (file,) = paths.values()
    return [_question(file, place, row) for place, row in enumerate(objects(file))]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """All texts in an order of the seed, with their numbers in it."""
    texts = question.about["texts"]
    order = tuple(Random(f"{question.id}/{seed}").sample(range(len(texts)), len(texts)))
    asked = Asked(question, (), (order,), seed, mode, ANSWER)
    return replace(asked, messages=_messages(dict(enumerate(_shown(asked)))))


async def converse(asked: Asked, llm: LLM) -> str:
    """The answer in any mode, the texts cut evenly to what the model holds."""
    texts = dict(enumerate(_shown(asked)))
    known = ""
    if asked.mode == "rag":
        usual = texts[next(iter(_usual(list(texts.values()))))]
        request = f"In one sentence: what feeling do people who write like this share?\n\n{usual}"
        known = await told(llm, request, seed=asked.seed, tokens=PASSAGE)
    if asked.mode in KEPT:
        texts = {place: texts[place] for place in oddest(list(texts.values()), KEPT[asked.mode])}
    if asked.mode == "coem":
        texts = await _enriched(texts, llm, asked.seed)
    cut = evenly(list(texts.values()), room(llm, ANSWER) - len(known) - 12 * len(texts))
    messages = _messages(dict(zip(texts, cut, strict=True)), known)
    return OPENING + (await llm.reply(messages, seed=asked.seed, max_tokens=ANSWER)).text


def mark(asked: Asked, reply: str) -> Mark:
    """Right when the number named is that of the text that differs."""
    named = {int(one or other) for one, other in _NUMBER.findall(reply)}
    if len(named) != 1:
        return Mark(None, why="it names several texts" if named else "it names no text")
    (order,), (place,) = asked.orders, named
    if place >= len(order):
        return Mark(None, why="it names a text that is not there")
    return Mark({"accuracy": float(order[place] == asked.question.gold)}, str(order[place]))


def read(asked: Sequence[Asked]) -> list[str]:
    """The text whose feelings, as the text encoder reads them, are least like those of the others."""
    return [str(_unlike(_shown(one))) for one in asked]


def rank(question: Question) -> int:
    """Where the first ranking puts the text that differs: how many are less like the others in meaning."""
    scores = alike(question.about["texts"])
    return int((scores < scores[question.gold]).sum())


async def _enriched(texts: Mapping[int, str], llm: LLM, seed: int) -> dict[int, str]:
    short = evenly(list(texts.values()), room(llm, ANSWER) / 2)
    packs = await noted(llm, short, lambda text: f"In a few words, what does this person feel?\n\n{text}", seed=seed)
    places = list(texts)
    return {places[k]: packs[k] for k in oddest(packs, len(packs) // 2)}


def _shown(asked: Asked) -> list[str]:
    return [asked.question.about["texts"][at] for at in asked.orders[0]]


def _messages(texts: Mapping[int, str], known: str = "") -> tuple[Message, ...]:
    lines = "\n\n".join(f"[{place}] {text}" for place, text in texts.items())
    usual = f"\n\nWhat most of them may feel: {known}" if known else ""
    request = (
        "These texts were written by different people; each begins with its number. All of them but one express the "
        f"same feeling.\n\n{lines}{usual}\n\nWhich text expresses another feeling than the others? "
        'Reply with its number only, as {"index": number}.'
    )
    return Message("user", request), Message("assistant", OPENING)


def _usual(texts: Sequence[str]) -> list[int]:
    """The text most like the others."""
    everyone = set(range(len(texts)))
    return sorted(everyone - set(oddest(texts, len(texts) - 1)))


def _unlike(texts: Sequence[str]) -> int:
    feelings = np.stack([_feelings(text) for text in texts])
    others = (feelings.sum(0) - feelings) / max(len(texts) - 1, 1)
    return int(np.abs(feelings - others).sum(1).argmax())


@cache
def _feelings(text: str) -> np.ndarray:
    from ...network.text import Network
    from ...network.windows import windows

    network = Network.open("text-open")
    head = next(head for head in network.heads if head.scheme == "goemotions28")
    read = network.run(windows(text, network.tokenizer)[:1])  # its first 126 tokens
    return head.calibrated(read[0].raw[None])[0] if read else np.zeros(WIDTH)


def _question(file: Path, place: int, row: Mapping[str, object]) -> Question:
    try:
        texts, feelings, gold = row["text"], row["label"], row["ground_truth"]
        told = tuple(one["context"] for one in texts)  # type: ignore[attr-defined]
        slices = {"feeling": feelings[gold], "others": feelings[gold - 1]}  # type: ignore[index]
        return Question(f"detection/{place}", "\n\n".join(told), gold=gold, slices=slices, about={"texts": told})
    except (KeyError, IndexError, TypeError) as error:
        raise MalformedData(f"{file}: item {place}: not as published ({type(error).__name__}: {error})") from None


def _longest(which, asked: Asked) -> str:
    texts = _shown(asked)
    return str(texts.index(which(texts, key=len)))


EXAM = Exam(
    name="longemotion-detection",
    title="LongEmotion, detection: the one text among about thirty that feels otherwise",
    paper="Liu et al. 2025, LongEmotion, arXiv:2509.07403",
    licence="none stated in the published snapshot",
    differs="The order of the texts is shuffled, the words of the request are ours and the answer is begun for the "
    "model. In rag and coem the request holds the texts found and not all of them again; the model notes on its own "
    "texts (the paper has a larger one do it). For a model of a small context every text is cut to its beginning.",
    folder="longemotion",
    url="https://github.com/LongEmotion/LongEmotion",
    files={"Emotion_Detection.jsonl": "b543f33ae611e0885954741b5fd77eb7f5648714a68919f394692129445dab83"},
    size=136,
    modes=("base", "rag", "coem"),
    load=load,
    ask=ask,
    mark=mark,
    converse=converse,
    reader=read,
    metrics={"accuracy": mean("accuracy")},
    blind={
        "always the first": lambda _: "0",
        "the longest": lambda asked: _longest(max, asked),
        "the shortest": lambda asked: _longest(min, asked),
    },
)
