"""Questions about pictures, sounds and films: where these lie, and asking without them as a control.

ask = seen(question, "text", "What does she feel?")     # the same words without the picture
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...llm import Message
from .question import Asked, Question

MODES = ("base", "text")
"""With what is to be seen or heard, and the words alone."""


def beside(file: Path, name: str, *folders: str) -> Path:
    """The file of this published name: in the folder of `file`, one above, or a folder of theirs; there or not."""
    places = [above / folder / name for above in (file.parent, file.parent.parent) for folder in ("", *folders)]
    return next((place for place in places if place.is_file()), places[0])


def seen(question: Question, mode: str, request: str, *, seed: int = 0, opening: str = "", room: int = 16) -> Asked:
    """A request with the question's pictures, sounds and films; without them in mode "text"."""
    shown = replace(question, media=()) if mode == "text" else question
    after = [Message("assistant", opening)] if opening else []
    messages = (Message("user", request, shown.media), *after)
    return Asked(shown, messages, tuple(tuple(range(len(one.options))) for one in question.choices), seed, mode, room)
