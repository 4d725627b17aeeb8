"""How a question with one choice is put: what is told, the options with letters, and what to answer with.

    ask(question, seed=3, mode="cot").messages[0].text -> "... A. Keep quiet\\nB. Tell\\n\\nThink it through ..."

The words are ours, the same for every exam, in the language of the question. "base" opens the answer, so that a letter
follows. "cot" asks for thoughts first and then, where they do not end in an answer, for the letter (Kojima et al. 2022,
arXiv:2205.11916). "rotated" asks once for every option, so that each has stood at every letter, and takes the option
that was likeliest over all: a model that likes the letter A gains nothing by it (Zheng et al. 2024, arXiv:2309.03882).
Of a model that tells no probabilities, it takes the option named most often. Where several are first, all are given,
which cannot be read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ...llm import LLM, Message, Reply
from ..judge.tokens import read
from .choices import LETTERS, picked, put, says, shown
from .question import Asked, Question

OPENS = {"en": "Answer:", "zh": "答案："}
ENDS = {
    "en": {
        "base": "Reply with the letter of the best option and nothing else.",
        "cot": "Think it through in a few sentences. "
        "Then write a last line: Answer: and the letter of the best option.",
    },
    "zh": {
        "base": "只回答最合适的选项的字母，不要写别的。",
        "cot": "先用几句话想一想，最后另起一行写“答案：”和最合适的选项的字母。",
    },
}
LETTER = 12
"""Tokens for an answer that is a letter."""
ROOM = {"base": LETTER, "rotated": LETTER, "cot": 192}


def ask(question: Question, seed: int, mode: str) -> Asked:
    """A question with one choice, its options shuffled by the seed; mode "base", "rotated" or "cot"."""
    opening = "" if mode == "cot" else OPENS[_language(question)]
    return put(question, seed, mode, say=one, opening=opening, max_tokens=ROOM[mode])


def one(question: Question, orders: tuple[tuple[int, ...], ...], mode: str) -> str:
    """The words of a question with one choice."""
    (choice,), (places,) = question.choices, orders
    end = ENDS[_language(question)]["cot" if mode == "cot" else "base"]
    return f"{question.text}\n\n{shown(choice, places)}\n\n{end}"


async def converse(asked: Asked, llm: LLM) -> str:
    """The answer; after thoughts that end in none the letter is asked for once more. Raises LLMError."""
    if asked.mode == "rotated":
        return await rotated(asked, llm)
    found = await llm.reply(asked.messages, seed=asked.seed, max_tokens=asked.max_tokens)
    if asked.mode == "base" or says(found.text):
        return found.text
    opening = f"{found.text}\n{OPENS[_language(asked.question)]}"
    messages = (*asked.messages, Message("assistant", opening))
    return opening + (await llm.reply(messages, seed=asked.seed, max_tokens=LETTER)).text


async def rotated(asked: Asked, llm: LLM) -> str:
    """The letter, in the order asked in, of the option that was likeliest over all rotations; raises LLMError.

    Where a model tells no probabilities, the option it names has all of it; where it names none, its words are given.
    Several letters are given where their options were as likely: a model that names one letter whatever stands there.
    """
    (places,), (choice,) = asked.orders, asked.question.choices
    worth, said = [0.0] * len(places), ""
    for turn in range(len(places)):
        order = places[turn:] + places[:turn]
        told = Message("user", one(asked.question, (order,), asked.mode))
        reply = await llm.reply((told, asked.messages[-1]), seed=asked.seed, max_tokens=LETTER, logprobs=True)
        said = reply.text
        for place, chance in _chances(reply, [choice.options[at] for at in order]).items():
            worth[order[place]] += chance
    top = max(worth)
    first = [LETTERS[k] for k, at in enumerate(places) if math.isclose(worth[at], top)]
    return f"{OPENS[_language(asked.question)]} {', '.join(first)}" if top else said


def _chances(reply: Reply, options: Sequence[str]) -> Mapping[int, float]:
    """How likely each option shown was, by its place."""
    if reply.alternatives is None:
        place, _ = picked(reply.text, options)
        return {} if place is None else {place: 1.0}
    letters = {letter: float(place) for place, letter in enumerate(LETTERS[: len(options)])}
    return {int(letters[letter]): chance for letter, chance in read(reply, letters).chances.items()}


def _language(question: Question) -> str:
    return question.slices.get("language", "en")
