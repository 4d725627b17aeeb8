"""How a task is put, with or without a sentence at its end.

asked(question, "This matters.").messages[0].text -> "Convert the word.\n\nInput: end\n\nThis matters."
"""

from __future__ import annotations

from ...llm import Message
from ..asking.choices import order, shown
from ..asking.question import Asked, Question
from .tasks import Task

ROOM = {"label": 12, "letter": 8, "exact": 24, "contains": 24, "set": 32, "words": 32}
"""Tokens for the answer."""
LETTER = "Reply with the letter of the best option and nothing else."


def asked(question: Question, sentence: str = "", *, seed: int = 0, examples: int = 0, system: str = "") -> Asked:
    """The instruction, so many examples as earlier turns, the question, and the sentence as the last thing said.

    All that comes before the sentence is the same for every sentence, which a model that keeps what it has read is
    spared. `system` is a message before all of it.
    """
    task: Task = question.about["task"]
    instruction = task.instruction
    said = [Message("system", system)] if system else []
    for given, answer in task.examples[:examples]:
        said += [Message("user", f"{instruction}\n\nInput: {given}".strip()), Message("assistant", answer)]
        instruction = ""
    orders = order(question, seed)
    text = f"{instruction}\n\nInput: {question.text}".strip()
    if question.choices:
        text += f"\n\n{shown(question.choices[0], orders[0])}\n\n{LETTER}"
    text = f"{text}\n\n{sentence}".strip()
    mode = "examples" if examples else "base"
    return Asked(question, (*said, Message("user", text)), orders, seed, mode, ROOM[task.match])
