"""A responder (the companion, a bot of one's own) asked as a model is: the messages are its conversation.

Answering("companion").reply([Message("user", "Which feeling ...? A. Joy B. Anger")])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...conversation import Conversation, Turn
from ...llm import LLMError, Message, Reply
from ...pipeline import Pipeline

AGENTS = ("companion", "composer")
SPEAKER = "companion"


def is_agent(spec: str) -> bool:
    """Whether a name is that of a responder and not of a model."""
    return spec in AGENTS or spec.rpartition(":")[0].endswith(".py")


class Answering:
    """Any responder as an LLM. What system messages say it is told by the person; options of sampling mean nothing.

    No name says what answers (a file may be edited, a bot may remember): its answers are never kept.
    """

    def __init__(self, spec: str) -> None:
        from insula.simulate.spec import responder

        self.name = spec
        self._responder = responder(spec)

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,  # noqa: ARG002 - the protocol's names
        temperature: float = 0.0,  # noqa: ARG002
        max_tokens: int = 512,  # noqa: ARG002
        stop: Sequence[str] = (),  # noqa: ARG002
        schema: Mapping[str, Any] | None = None,  # noqa: ARG002
        logprobs: bool = False,  # noqa: ARG002
        heard: Callable[[str], None] | None = None,
    ) -> Reply:
        """What it answers; an opening is left out: an agent begins for itself. Raises LLMError when it is silent."""
        if any(message.media for message in messages):
            raise LLMError(f"{self.name} is asked in words alone: give a model that sees or hears, as MODEL@URL")
        said = list(messages[:-1] if messages and messages[-1].role == "assistant" else messages)
        talk = Conversation(*(Turn(SPEAKER if x.role == "assistant" else "person", x.text) for x in said))
        before = len(talk.turns)
        async for _ in Pipeline(self._responder, given=self._responder.reads).listen(talk):
            pass
        text = " ".join(turn.text for turn in talk.turns[before:] if turn.speaker != "person")
        if not text:
            raise LLMError(f"{self.name} said nothing")
        if heard:
            heard(text)
        return Reply(text, self.name)
