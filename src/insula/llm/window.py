"""Cutting a history to what a model can hold: from the oldest turn on, and never the newest words.

fit(messages, room=200, count=len) -> the system's words and as many of the last messages as fit
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .protocol import Message

EACH = 8  # what a chat template puts around a message, in tokens, generously


def fit(messages: Sequence[Message], room: int, count: Callable[[str], int]) -> list[Message]:
    """At most `room`, in what `count` measures. System words stay (their start, in half the room, when they are long).

    Of the newest message of the person, and of an opening, at least the end stays. Older turns go first.
    """
    if sum(len(x.text.encode()) + EACH for x in messages) <= room:
        return list(messages)  # nothing counts more than its bytes
    system = [x for x in messages if x.role == "system"]
    kept = _heads(system, room // 2, count)
    room -= sum(count(x.text) + EACH for x in kept)
    return [*kept, *_newest([x for x in messages if x.role != "system"], room, count)]


def _heads(system: Sequence[Message], room: int, count: Callable[[str], int]) -> list[Message]:
    kept: list[Message] = []
    for message in system:
        text = message.text
        while text and (size := count(text) + EACH) > room:
            text = text[: int(len(text) * 0.95 * max(0, room - EACH) / size)]
        if text:
            kept.append(Message("system", text))
            room -= count(text) + EACH
    return kept


def _newest(talk: Sequence[Message], room: int, count: Callable[[str], int]) -> list[Message]:
    kept: list[Message] = []
    for message in reversed(talk):
        size = count(message.text) + EACH
        if size > room:
            opening = message.role == "assistant" and not kept
            if not opening and (message.role == "assistant" or any(x.role == "user" for x in kept)):
                break
            message = replace(message, text=_tail(message.text, room // 2 if opening else room, count))
            size = count(message.text) + EACH
        if message.text:
            kept.append(message)
            room -= size
    if len(kept) < len(talk) and len(kept) > 1 and kept[-1].role == "assistant":
        kept.pop()  # a cut talk starts with the person, as templates want it
    return kept[::-1]


def _tail(text: str, room: int, count: Callable[[str], int]) -> str:
    while text and (size := count(text) + EACH) > room:
        wanted = int(len(text) * 0.95 * max(0, room - EACH) / size)
        text = text[len(text) - wanted :]
    return text
