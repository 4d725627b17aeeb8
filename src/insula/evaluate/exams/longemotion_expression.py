"""LongEmotion, expression: the model as a person in a situation, who rates twenty feelings and tells it in five steps.

    insula evaluate longemotion-expression --model local --mode base

Each step is asked for in the talk so far. "rag" repeats what was told before that is nearest to the step; "coem" has
the model note on these pieces first and ranks them once more with the notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...data.files import MalformedData, document
from ...llm import LLM, Message
from ..asking.exam import Exam, mean
from ..asking.long import cut, evenly, nearest, noted, room
from ..asking.question import Asked, Mark, Question
from ..asking.rated import rated
from ..generation import distinct2

STEPS = {
    "At once": "What did you feel at that very moment, and what happened in your body?",
    "Thoughts": "What did you make of it once you could think, and did the thoughts feed the feeling or calm it?",
    "Outwardly": "What could others see and hear of it, and what did you hide?",
    "Handling it": "What did you do with the feeling, and did you seek anybody's help?",
    "Afterwards": "What will you take from this, and what will you do another time?",
}
KEPT = {"rag": 2, "coem": 4}
"""Pieces of the story so far that are found first; "coem" keeps the half after its second ranking."""
RATINGS, ANSWER = 128, 96
LEAST = 12  # words of a step that was told
MARK = "## "
CRITERIA = {
    "consistency": "the feelings told are those that were rated",
    "variety": "it does not repeat itself",
    "depth": "it is rich in detail",
    "thought": "feeling and thinking act on each other",
    "reflection": "the person sees themselves",
    "flow": "it reads as one story",
}


def load(paths: Mapping[str, Path]) -> list[Question]:
    """One question for each published situation."""
    situations, forms = (paths[name] for name in FILES)
    return list(_questions(situations, document(situations), forms, document(forms)))


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The situation and the first thing asked of it, the ratings."""
    return Asked(question, (Message("user", _ratings(question)),), (), seed, mode, RATINGS)


async def converse(asked: Asked, llm: LLM) -> str:
    """Six answers, each under its heading."""
    talk: list[Message] = list(asked.messages)
    told = (await llm.reply(talk, seed=asked.seed, max_tokens=RATINGS)).text.strip()
    talk.append(Message("assistant", told))
    answers, steps = {"Ratings": told}, list(STEPS.items())
    for name, question in steps:
        request = f"{name}. {question} Go on as this person, in a few sentences."
        if asked.mode in KEPT and len(answers) > 1:
            request += await _found(asked, llm, question, " ".join(answers.values()))
        talk.append(Message("user", request))
        answers[name] = (await llm.reply(talk, seed=asked.seed, max_tokens=ANSWER)).text.strip()
        talk.append(Message("assistant", answers[name]))
    return "\n\n".join(f"{MARK}{name}\n{text}" for name, text in answers.items())


def mark(asked: Asked, reply: str) -> Mark:
    """Whether ratings and story agree on which side of pleasant it was, how much was told, and how varied it is."""
    parts = _parts(reply)
    story = " ".join(text for name, text in parts.items() if name != "Ratings").strip()
    if not story:
        return Mark(None, why="it tells no story")
    told = sum(len(parts.get(name, "").split()) >= LEAST for name in STEPS) / len(STEPS)
    rated = ratings(parts.get("Ratings", reply), asked.question.about["words"])
    values = {"told": told, "varied": distinct2([story]), "rated": len(rated) / len(asked.question.about["words"])}
    if len(rated) == len(asked.question.about["words"]):
        below, above = (
            np.mean([rated[word] for word in asked.question.about[side]]) for side in ("negative", "positive")
        )
        values["agreement"] = float((below > above) == (_valence(story) < 0))
    return Mark(values, story[:200])


async def judge(asked: Asked, reply: str, by: LLM) -> Mark:
    """A judge's marks by the paper's six criteria, in our words, beside what can be said without one."""
    plain = mark(asked, reply)
    if plain.values is None:
        return plain
    held = evenly([reply], room(by, 256))[0]
    request = (
        f"Somebody was in this situation: {asked.question.text}\n\nThey rated their feelings and told it:\n\n{held}"
    )
    return Mark({**await rated(by, request, CRITERIA), **plain.values}, plain.said)


def ratings(text: str, words: Sequence[str]) -> dict[str, int]:
    """The feelings that stand in a text with a whole number from 1 to 5 behind them."""
    found = {word: re.search(rf"\b{word}\b\W{{0,6}}([1-5])(?![\d.])", text, re.IGNORECASE) for word in words}
    return {word: int(hit[1]) for word, hit in found.items() if hit}


async def _found(asked: Asked, llm: LLM, question: str, told: str) -> str:
    pieces = cut(told, 48, 8)
    some = [pieces[place] for place in nearest(question, pieces, KEPT[asked.mode])]
    if asked.mode == "coem":
        some = await noted(
            llm, some, lambda piece: f"In a few words, what does this tell of the person?\n\n{piece}", seed=asked.seed
        )
        some = [some[place] for place in nearest(question, some, max(1, len(some) // 2))]
    return "\nKeep in mind what you told before:\n" + "\n".join(evenly(some, room(llm, ANSWER) / 3))


def _ratings(question: Question) -> str:
    words = ", ".join(question.about["words"])
    return (
        f"You are the person in this situation: {question.text}\n\nHow much do you feel each of these, from 1 (hardly "
        f"at all) to 5 (extremely)? {words}.\nWrite a line for each, as in: {question.about['words'][0]}: 3"
    )


def _parts(reply: str) -> dict[str, str]:
    """What stands under each heading; an answer without headings is a story as a whole."""
    found = re.split(rf"^{MARK}(.+)\n", reply, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True)) if len(found) > 1 else {"Afterwards": reply.strip()}


def _valence(text: str) -> float:
    from ...network.text import Network
    from ...network.windows import windows

    network = Network.open("text-open")
    head = next(head for head in network.heads if head.scheme == "vad")
    raw = [reading.raw for reading in network.run(windows(text, network.tokenizer))]
    return float(head.calibrated(np.mean(raw, 0)[None])[0][0]) if raw else 0.0


def _questions(file: Path, situations: Any, forms_file: Path, forms: Any) -> Iterator[Question]:
    try:
        (form,) = forms
        words = [form["questions"][number] for number in sorted(form["questions"], key=int)]
        above, below = ([words[number - 1] for number in sorted(side["cat_questions"])] for side in form["categories"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise MalformedData(f"{forms_file}: not as published ({type(error).__name__}: {error})") from None
    about = {"words": words, "positive": above, "negative": below}
    try:
        for emotion in situations["emotions"]:
            for factor in emotion["factors"]:
                for number, text in enumerate(factor["scenarios"]):
                    place = f"{emotion['name']}/{factor['name']}"
                    yield Question(
                        f"expression/{place}/{number}",
                        text,
                        group=place,
                        slices={"feeling": emotion["name"]},
                        about=about,
                    )
    except (KeyError, TypeError) as error:
        raise MalformedData(f"{file}: not as published ({type(error).__name__}: {error})") from None


FILES = {
    "Emotion_Expression_Situations.json": "3b4ef2ea1e5452814064bb480ec89feb83228f151a51ff9472134c3d68152b35",
    "Emotion_Expression_Questionnaires.json": "f8f1a41a3a8530b6f8d9abfa8caabdcec73c040a45be3308152a9d8304fbb5ea",
}
EXAM = Exam(
    name="longemotion-expression",
    title="LongEmotion, expression: twenty ratings and a story in five steps",
    paper="Liu et al. 2025, LongEmotion, arXiv:2509.07403; situations of EmotionBench, PANAS",
    licence="none stated in the published snapshot",
    differs="Without a judge the scores are whether ratings and story agree in sign (this engine reads the story), how "
    "many steps were told and how varied the words are; the paper has GPT-4o rate six criteria, which a judge rates "
    "here in our words. Ratings that are not whole are not asked for again. The model notes on its own pieces.",
    folder="longemotion",
    url="https://github.com/LongEmotion/LongEmotion",
    files=FILES,
    size=428,
    modes=("base", "rag", "coem"),
    load=load,
    ask=ask,
    mark=mark,
    judge=judge,
    converse=converse,
    metrics={name: mean(name) for name in ("told", "varied", "rated", "agreement")},
    blind={
        "one sentence": lambda _: "I felt bad, and then it passed, and I went on with my day as if nothing had been."
    },
)
