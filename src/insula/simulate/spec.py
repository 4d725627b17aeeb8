"""A responder by what it is called on a command line.

responder("companion"), responder("qwen2.5:3b@http://localhost:11434/v1"), responder("bot.py:answer")
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, cast

from insula.catalogue import nearest
from insula.companion import Companion
from insula.component import Component
from insula.conversation import Addition, Conversation, Turn
from insula.llm import LLM, Message, connect

from .responders import SPEAKER, Says

TOLD = "You are a chat assistant that people talk to when they have something on their mind. Answer in a few sentences."
LONGEST = 240  # tokens of a reply
SHOWN = 24  # turns a model is shown


def responder(spec: str, locale: str = "") -> Component:
    """A component that answers the last turn; `locale` says where people are, to those that can use it.

    - "companion": Insula's own, with the embedded model where it is installed; "composer": without any model
    - "FILE.py:NAME": in that file a component, or a function from the conversation to a text
    - whatever `insula.llm.connect` knows: "local", "PATH.gguf", "MODEL@URL", behind a plain instruction

    Raises FileNotFoundError, ImportError and ValueError with what to write.
    """
    if spec in ("companion", "composer"):
        return Companion("auto" if spec == "companion" else None, locale=locale).component
    file, _, name = spec.rpartition(":")
    if file.endswith(".py"):
        return _own(Path(file), name)
    try:
        return Asks(connect(spec))
    except ValueError as error:
        raise ValueError(f"{error}; or write companion, composer, or FILE.py:NAME for a bot of your own") from None


class Asks:
    """Answers as a language model does that is told little; raises LLMError where the model fails."""

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = ("turn",)
    asynchronous = True

    def __init__(self, llm: LLM, told: str = TOLD, speaker: str = SPEAKER) -> None:
        self.llm, self.told, self.speaker, self.name = llm, told, speaker, llm.name

    async def __call__(self, conversation: Conversation) -> AsyncIterator[Addition]:
        last = conversation.last
        if last is None or last.speaker == self.speaker:
            return
        turns = conversation.turns[-SHOWN:]
        said = [Message("assistant" if turn.speaker == self.speaker else "user", turn.text) for turn in turns]
        reply = await self.llm.reply([Message("system", self.told), *said], max_tokens=LONGEST)
        if text := reply.text.strip():
            yield Turn(self.speaker, text, meta={"model": self.llm.name})


def _own(file: Path, name: str) -> Component:
    """What a file of one's own calls by this name."""
    if not file.is_file():
        raise FileNotFoundError(f"no file {file}: a bot of your own is FILE.py:NAME")
    found = spec_from_file_location(file.stem, file)
    if found is None or found.loader is None:
        raise ValueError(f"{file} cannot be read as Python")
    module = module_from_spec(found)
    sys.path.insert(0, str(file.parent.resolve()))  # a bot imports what lies beside it
    try:
        found.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{file} cannot be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path.pop(0)
    bot: Any = getattr(module, name, None)
    if bot is None:
        names = [one for one in vars(module) if not one.startswith("_")]
        raise ValueError(f"{file} has no {name!r}; did you mean {nearest(name, names)}?")
    if isinstance(bot, Component):
        return bot
    if not callable(bot):
        raise ValueError(f"{name!r} of {file} is no component and no function from a conversation to a text")
    return Says(cast("Callable[[Conversation], str]", bot))
