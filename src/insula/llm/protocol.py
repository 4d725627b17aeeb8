"""What every language model here can do: answer a list of messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable


@dataclass(frozen=True)
class Message:
    """One message of the exchange with a model; `media` are pictures, sounds and films that go with its text."""

    role: Literal["system", "user", "assistant"]
    text: str
    media: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What the model answered; `tokens` is how many it wrote and `logprobs` how likely each was, where it says so.

    `alternatives` are, for each token it wrote, the likeliest tokens at that place (itself one of them, mostly) and the
    logarithms of their probabilities; None where the model says nothing of them.
    `finish` is why it stopped: "stop", "length" (cut at `max_tokens`) or "refusal".
    """

    text: str
    model: str
    tokens: int | None = None
    logprobs: tuple[float, ...] | None = None
    finish: str = "stop"
    alternatives: tuple[Mapping[str, float], ...] | None = field(default=None, hash=False)


ALTERNATIVES = 20
"""Tokens at each place that are asked for where log-probabilities are: as many as servers give."""


class LLMError(RuntimeError):
    """No whole reply came; the message says why and what to do, `partial` what came before a stream died."""

    def __init__(self, message: str, partial: str = "") -> None:
        super().__init__(message)
        self.partial = partial


@runtime_checkable
class LLM(Protocol):
    """A model by name.

    `schema` is a JSON schema the answer should follow, for servers that can hold a model to it. A last message of the
    assistant's is an opening the model goes on from; the reply is what follows it. `heard` gets each piece of text as
    it comes. An answer ends before any of the `stop` texts. `logprobs` asks how likely each token was, and what else
    was likely in its place.
    """

    name: str

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        max_tokens: int = 512,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        logprobs: bool = False,
        heard: Callable[[str], None] | None = None,
    ) -> Reply:
        """The model's answer; raises LLMError."""
        ...


def connect(model: str, timeout: float = 60.0) -> LLM:
    """A model by what it is called.

    - "local": the embedded model with the adapter that ships here; "local:base": without it
    - "PATH.gguf": that file, in this process
    - "MODEL@URL": that model of an OpenAI-compatible server, which may be silent for `timeout` seconds

    Raises ValueError for anything else, ImportError (what to install) and FileNotFoundError.
    """
    name, _, url = model.rpartition("@")
    if name and url.startswith(("http://", "https://")):
        from .openai_compatible import OpenAICompatible

        return OpenAICompatible(name, url, timeout=timeout)
    if model in ("local", "local:base") or model.endswith(".gguf"):
        from .local import SHIPPED, Local

        return Local(model) if model.endswith(".gguf") else Local(adapter=SHIPPED if model == "local" else None)
    raise ValueError(
        f"{model!r} names no model: write local for the embedded one, the path of a .gguf file, "
        "or MODEL@URL, as in qwen2.5:3b@http://localhost:11434/v1"
    )
