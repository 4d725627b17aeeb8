"""How a question with one choice is put: what is told, the options with letters, and what to answer with.

    ask(question, seed=3, mode="cot").messages[0].text -> "... A. Keep quiet\\nB. Tell\\n\\nThink it through ..."

The words are ours, the same for every exam, in the language of the question. "base" opens the answer, so that a letter
follows. "cot" asks for thoughts first and then, where they do not end in an answer, for the letter (Kojima et al. 2022,
arXiv:2205.11916).
"""

from __future__ import annotations

from ...llm import LLM, Message
from .choices import put, says, shown
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
ROOM = {"base": LETTER, "cot": 192}


def ask(question: Question, seed: int, mode: str) -> Asked:
    """A question with one choice, its options shuffled by the seed; mode "base" or "cot"."""
    opening = OPENS[_language(question)] if mode == "base" else ""
    return put(question, seed, mode, say=one, opening=opening, max_tokens=ROOM[mode])


def one(question: Question, orders: tuple[tuple[int, ...], ...], mode: str) -> str:
    """The words of a question with one choice."""
    (choice,), (places,) = question.choices, orders
    return f"{question.text}\n\n{shown(choice, places)}\n\n{ENDS[_language(question)][mode]}"


async def converse(asked: Asked, llm: LLM) -> str:
    """The answer; after thoughts that end in none the letter is asked for once more."""
    found = await llm.reply(asked.messages, seed=asked.seed, max_tokens=asked.max_tokens)
    if asked.mode == "base" or says(found.text):
        return found.text
    opening = f"{found.text}\n{OPENS[_language(asked.question)]}"
    messages = (*asked.messages, Message("assistant", opening))
    return opening + (await llm.reply(messages, seed=asked.seed, max_tokens=LETTER)).text


def _language(question: Question) -> str:
    return question.slices.get("language", "en")
