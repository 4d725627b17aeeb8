"""A model that says what it is told to: for tests, demonstrations and trying a pipeline without a server.

await Scripted("Hello.").reply([Message("user", "Hi")]) -> Reply("Hello.", "scripted")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .protocol import LLMError, Message, Reply


class Scripted:
    """Answers with one text always, with a list in turn, or with a function of the messages; `asked` keeps them all."""

    def __init__(
        self, replies: str | Sequence[str] | Callable[[Sequence[Message]], str], name: str = "scripted"
    ) -> None:
        self.name = name
        self.asked: list[tuple[Message, ...]] = []
        self._replies = replies

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
        """The next answer of the script; raises LLMError when a list is used up."""
        self.asked.append(tuple(messages))
        text = self._next(messages)
        if heard:
            heard(text)
        return Reply(text, self.name)

    def _next(self, messages: Sequence[Message]) -> str:
        if isinstance(self._replies, str):
            return self._replies
        if callable(self._replies):
            return self._replies(messages)
        if len(self.asked) > len(self._replies):
            raise LLMError(f"{self.name} has {len(self._replies)} replies and was asked once more")
        return self._replies[len(self.asked) - 1]
