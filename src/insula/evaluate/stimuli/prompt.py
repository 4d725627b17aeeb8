"""How a task is put, with or without a sentence behind its instruction.

asked(question, "This is very important.").messages[0].text -> "Convert the word. This is very important.\n\nInput: end"
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
    """The instruction with the sentence behind it, so many examples as earlier turns, and the question.

    A sentence is put before the input, where EmotionPrompt puts it; all that comes before the input is the same for
    every question of a task. `system` is a message before all of it.
    """
    task: Task = question.about["task"]
    instruction = f"{task.instruction} {sentence}".strip()
    said = [Message("system", system)] if system else []
    for given, answer in task.examples[:examples]:
        said += [Message("user", f"{instruction}\n\nInput: {given}".strip()), Message("assistant", answer)]
        instruction = ""
    orders = order(question, seed)
    text = f"{instruction}\n\nInput: {question.text}".strip()
    if question.choices:
        text += f"\n\n{shown(question.choices[0], orders[0])}\n\n{LETTER}"
    mode = "examples" if examples else "base"
    return Asked(question, (*said, Message("user", text)), orders, seed, mode, ROOM[task.match])
