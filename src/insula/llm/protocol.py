"""What every language model here can do: answer a list of messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True)
class Message:
    """One message of the exchange with a model."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Reply:
    """What the model answered; `tokens` is how many it wrote, where the server says so."""

    text: str
    model: str
    tokens: int | None = None


class LLMError(RuntimeError):
    """No reply came; the message says why and what to do."""


@runtime_checkable
class LLM(Protocol):
    """A model by name. `schema` is a JSON schema the answer should follow, for servers that can hold a model to it."""

    name: str

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """The model's answer; raises LLMError."""
        ...


def connect(model: str) -> LLM:
    """ "MODEL@URL" -> that model at that OpenAI-compatible URL; raises ValueError when one of the two is missing."""
    name, _, url = model.rpartition("@")
    if not name or not url.startswith(("http://", "https://")):
        raise ValueError(
            f"{model!r} names no model and URL: write MODEL@URL, as in qwen2.5:3b@http://localhost:11434/v1"
        )
    from .openai_compatible import OpenAICompatible

    return OpenAICompatible(name, url)
