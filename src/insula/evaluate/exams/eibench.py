"""EIBench: what in a picture may have brought a feeling about; how many of the published triggers an answer names.

    insula evaluate eibench --model qwen2.5-vl:7b@http://localhost:11434/v1
    insula evaluate eibench --model local:base --mode text

The questions are here, the pictures (CAER-S, EmoSet) are not: "text" asks without them, which is the control.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from ...data.files import MalformedData, objects
from ...llm import LLM, Message
from ...llm.structured import ask as ask_in_form
from ..asking.exam import Exam, mean
from ..asking.naming import always
from ..asking.question import Asked, Mark, Question
from ..asking.seen import MODES, beside, seen

ROOM = {"base": 128, "text": 128, "cot": 320}
SHARE = 0.5  # of a trigger's words that an answer must hold
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ENDING = re.compile(r"(?:ing|edly|ed|ly|es|s)$")
_SMALL = (
    " a an and are as at be been by for from has have her his in into is it its of on or our she he that the their "
    "them there they this to was were with who what which while being some someone something maybe may might possibly "
)
"""Words that say nothing of a trigger, each between blanks."""
GUESS = (
    "Furrowed brows, wide open eyes, an open mouth, a smile, a raised fist, gestures of the hands, the posture of the "
    "body, a conversation or an argument, other people around, bad news, a celebration, the dark, bright colours."
)


class Named(BaseModel):
    """Which of the listed triggers an answer names, by their numbers."""

    numbers: list[int]


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The basic and the complex questions; `gold` are the triggers people agreed on."""
    return [question for name, path in paths.items() for question in _part(name.partition(".")[0], path)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The published question, and to list."""
    think = "Think of the people, of what they do, and of what is around them. " if mode == "cot" else ""
    request = f"{question.text}\n\n{think}List every cause you find, a few words each."
    return seen(question, mode, request, seed=seed, room=ROOM[mode])


def mark(asked: Asked, reply: str) -> Mark:
    """Triggers at least half of whose words, by their stems, are in the answer."""
    said = _stems(reply)
    if not said:
        return Mark(None, why="it names nothing")
    named = [trigger for trigger in asked.question.gold if _share(trigger, said) >= SHARE]
    return Mark({"recall": len(named) / len(asked.question.gold), "words": float(len(reply.split()))}, "; ".join(named))


async def judge(asked: Asked, reply: str, by: LLM) -> Mark:
    """The triggers a judge finds in the answer, beside what is found by words."""
    plain = mark(asked, reply)
    if plain.values is None:
        return plain
    listed = "\n".join(f"{number}. {trigger}" for number, trigger in enumerate(asked.question.gold, 1))
    request = f"Causes of a feeling:\n{listed}\n\nAn answer:\n{reply}\n\nWhich causes does it name, in any words?"
    found = set((await ask_in_form(by, [Message("user", request)], Named)).numbers)
    known = found & set(range(1, len(asked.question.gold) + 1))
    return Mark({**plain.values, "judged recall": len(known) / len(asked.question.gold)}, plain.said)


def _part(part: str, file: Path) -> Iterator[Question]:
    for number, row in enumerate(objects(file)):
        try:
            feeling = row["image"].split("/")[-2].lower()
            yield Question(
                f"{part}/{number}",
                row["question"],
                gold=tuple(row["triggers"]),
                group=row["image"],
                slices={"part": part, "picture of": feeling},
                media=(beside(file, row["image"], "images"),),
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise MalformedData(f"{file}: item {number}: not as published ({type(error).__name__}: {error})") from None


def _stems(text: str) -> set[str]:
    words = (word.removesuffix("'s") for word in _WORD.findall(text.lower()))
    return {_ENDING.sub("", word) if len(word) > 4 else word for word in words if f" {word} " not in _SMALL}


def _share(trigger: str, said: set[str]) -> float:
    wanted = _stems(trigger)
    return len(wanted & said) / len(wanted) if wanted else 0.0


EXAM = Exam(
    name="eibench",
    title="EIBench: what in a picture brought the feeling about",
    paper="Lin et al. 2025, Why We Feel, CVPR workshop, arXiv:2504.07521",
    licence="Apache-2.0 for the questions; the pictures are not published with them",
    differs="Recall by words (half of a trigger's stems), where the paper asks a model; a judge here does so. No "
    "captions are published, so of the four settings there are the question alone and with reasoning. Long "
    "answers name more: `words` stands beside. Its page names 1,655 questions, the files hold 1,665.",
    folder="eibench_text",
    url="https://github.com/Lum1104/EIBench",
    files={
        "basic.jsonl": "efeef631726d8d2608a01d7b22c2832cdecb67e890c05b6e0f0cd5044cdbc8f9",
        "complex.jsonl": "b685bd228529b13dafab36f89eed4ec44e71a03b2c8b749087cc10811e98e333",
    },
    size=1665,
    modes=(*MODES, "cot"),
    load=load,
    ask=ask,
    mark=mark,
    judge=judge,
    metrics={"recall": mean("recall"), "words": mean("words")},
    blind={"one list for all": always(GUESS)},
)
