"""Any server that speaks the OpenAI chat protocol: Ollama, llama.cpp, vLLM, LM Studio, or a provider on the net.

    OpenAICompatible("qwen2.5:3b", "http://localhost:11434/v1")

A key is sent only when one is given here or in INSULA_API_KEY, so that no key meant for one server reaches another.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .protocol import LLMError, Message, Reply

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class OpenAICompatible:
    """One model at one URL. `timeout` is in seconds. Raises ImportError when the `openai` client is not installed."""

    def __init__(self, name: str, url: str, *, api_key: str = "", timeout: float = 60.0, retries: int = 2) -> None:
        try:
            import openai
        except ModuleNotFoundError:
            raise ImportError("a model by URL needs openai: pip install 'insula[llm]'") from None
        self.name = name
        self.url = url
        self._openai = openai
        self._settings: dict[str, Any] = {
            "base_url": url,
            "api_key": api_key or os.environ.get("INSULA_API_KEY") or "none",
            "timeout": timeout,
            "max_retries": retries,
        }
        # a client's connections belong to the event loop they were opened in
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = WeakKeyDictionary()

    async def reply(
        self,
        messages: Sequence[Message],
        *,
        seed: int = 0,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, Any] | None = None,
    ) -> Reply:
        """The model's answer; raises LLMError, in a sentence, when the server is away, slow or refuses."""
        request: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "seed": seed,
            "temperature": temperature,
            "max_tokens": max_tokens,
        }
        if schema:
            form = {"name": "answer", "schema": dict(schema), "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        try:
            answer = await self._client().chat.completions.create(**request)
        except self._openai.OpenAIError as error:
            raise LLMError(self._explain(error)) from error
        if not answer.choices:
            raise LLMError(f"{self.url} answered without a choice for model {self.name!r}")
        tokens = answer.usage.completion_tokens if answer.usage else None
        return Reply(answer.choices[0].message.content or "", answer.model or self.name, tokens)

    def _client(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._openai.AsyncOpenAI(**self._settings)
        return self._clients[loop]

    def _explain(self, error: Exception) -> str:
        openai = self._openai
        if isinstance(error, openai.APITimeoutError):
            seconds = self._settings["timeout"]
            return f"{self.url} gave no reply within {seconds:g} s: raise the timeout or use a smaller model"
        if isinstance(error, openai.APIConnectionError):
            return f"cannot reach {self.url}: is the server running, and is the URL right (it often ends in /v1)?"
        if isinstance(error, openai.AuthenticationError):
            return f"{self.url} refuses the key: set INSULA_API_KEY"
        if isinstance(error, openai.NotFoundError):
            return f"{self.url} knows no model {self.name!r}, or the URL is not its chat endpoint: {error}"
        return f"{self.url}: {error}"
