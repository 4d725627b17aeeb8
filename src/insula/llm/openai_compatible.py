"""Any server that speaks the OpenAI chat protocol: Ollama, llama.cpp, vLLM, LM Studio, or a provider on the net.

    OpenAICompatible("qwen2.5:3b", "http://localhost:11434/v1")

A key is sent only when one is given here or in INSULA_API_KEY, so that no key meant for one server reaches another;
nothing else about this machine is sent, and no redirect is followed. What a server does not know (a seed, a schema,
log-probabilities) is asked for without, an opening is asked for in words, and a history that is too long is cut once.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .answer import Answer, opening_in_words
from .media import sent
from .protocol import ALTERNATIVES, LLMError, Message, Reply
from .window import fit

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SENT = {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "transfer-encoding"}
OPTIONAL = ("response_format", "stream_options", "top_logprobs", "logprobs", "seed")
TOO_LONG = re.compile(r"context[ _](?:length|size|window)|too long|too many tokens", re.IGNORECASE)
BROKEN = (json.JSONDecodeError, UnicodeDecodeError)


class OpenAICompatible:
    """One model at one URL. `timeout` is how many seconds a server may be silent; ten times that ends any answer.

    `retries` are for connections that fail or stay silent, for 429 and 5xx. Raises ImportError when the `openai` client
    is not installed.
    """

    def __init__(self, name: str, url: str, *, api_key: str = "", timeout: float = 60.0, retries: int = 2) -> None:
        try:
            import openai
        except ModuleNotFoundError:
            raise ImportError("a model by URL needs openai: pip install 'insula[llm]'") from None
        self.name = name
        self.url = url
        self._openai = openai
        self._key = api_key or os.environ.get("INSULA_API_KEY", "")
        self._timeout = timeout
        self._retries = retries
        # a client's connections belong to the event loop they were opened in
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = WeakKeyDictionary()

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
        """The model's answer, streamed when somebody hears it.

        Raises LLMError, in a sentence, when the server is away, slow, refuses, or breaks off; its `partial` is what
        had come by then.
        """
        asked, opening = opening_in_words(messages)
        request: dict[str, Any] = {"model": self.name, "seed": seed, "temperature": temperature}
        request |= {"max_tokens": max_tokens, "messages": asked}
        if stop := [text for text in stop if text]:
            request["stop"] = stop
        if logprobs:
            request |= {"logprobs": True, "top_logprobs": ALTERNATIVES}
        if schema:
            form = {"name": "answer", "schema": dict(schema), "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": form}
        if heard:
            request |= {"stream": True, "stream_options": {"include_usage": True}}
        return await self._answered(request, Answer(self.name, heard, opening))

    async def _answered(self, request: dict[str, Any], answer: Answer) -> Reply:
        try:
            async with asyncio.timeout(10 * self._timeout):
                await self._ask(request, answer)
        except (self._openai.OpenAIError, TimeoutError, *BROKEN) as error:
            broke = f" (after {len(answer.text)} characters of an answer)" if answer.text else ""
            raise LLMError(self._explain(error) + broke, answer.text) from error
        if not answer.begun:
            raise LLMError(f"{self.url} answered without a choice for model {self.name!r}")
        if request.get("stream") and not answer.finished:
            came = len(answer.text)
            raise LLMError(f"{self.url} broke off after {came} characters of an answer: ask again", answer.text)
        return answer.end()

    async def _ask(self, request: dict[str, Any], answer: Answer) -> None:
        """Asks again, each time with one thing less, as long as the server says what it cannot take."""
        cut = False
        while True:
            try:
                return await self._listen(request, answer)
            except (self._openai.BadRequestError, self._openai.UnprocessableEntityError) as error:
                words = _words(error)
                unknown = next((x for x in OPTIONAL if x in words and x in request), None)
                if unknown:
                    request.pop(unknown)
                    if unknown == "logprobs":
                        request.pop("top_logprobs", None)  # nothing without them
                elif "max_completion_tokens" in words and "max_tokens" in request:
                    request["max_completion_tokens"] = request.pop("max_tokens")
                elif TOO_LONG.search(words) and not cut:
                    cut = True
                    request["messages"] = _shorter(request["messages"], words)
                else:
                    raise

    async def _listen(self, request: dict[str, Any], answer: Answer) -> None:
        whole: dict[str, Any] = request | {"messages": [sent(message) for message in request["messages"]]}
        came = await self._client().chat.completions.create(**whole)
        if not request.get("stream"):
            answer.add(_record(came))
            return
        async with came:
            async for chunk in came:
                answer.add(_record(chunk))

    def _client(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            http = self._openai.DefaultAsyncHttpxClient(
                follow_redirects=False, event_hooks={"request": [self._only_what_is_asked]}
            )
            self._clients[loop] = self._openai.AsyncOpenAI(
                base_url=self.url,
                api_key=self._key or "none",
                timeout=self._timeout,
                max_retries=self._retries,
                http_client=http,
            )
        return self._clients[loop]

    async def _only_what_is_asked(self, request: Any) -> None:
        """The client adds what it finds in OPENAI_* variables, and what machine this is; neither is the server's."""
        for name in set(request.headers) - SENT:
            del request.headers[name]
        request.headers["user-agent"] = "insula"
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"

    def _explain(self, error: Exception) -> str:
        openai, url = self._openai, self.url
        if isinstance(error, openai.APITimeoutError | TimeoutError):
            return f"{url} gave no reply within {self._timeout:g} s: raise the timeout or use a smaller model"
        if isinstance(error, openai.APIConnectionError):
            return f"cannot reach {url}: is the server running, and is the URL right (it often ends in /v1)?"
        if isinstance(error, BROKEN):
            return f"{url} sent no whole JSON: is it an OpenAI-compatible server, and did it break off? {error}"
        words = _words(error).replace(self._key or "\0", "***")
        status, response = getattr(error, "status_code", None), getattr(error, "response", None)
        if status is None or response is None:
            return f"{url}: {words}"
        if status // 100 == 3:
            return f"{url} sends on to {response.headers.get('location')}: give that URL if you trust it"
        if TOO_LONG.search(words):
            return f"the talk is too long for {self.name!r}, though its oldest turns were left out: {words}"
        if "content_filter" in words:
            return f"{url} declines to answer this: {words}"
        reason = {
            401: "refuses the key: set INSULA_API_KEY",
            403: "refuses the key: set INSULA_API_KEY",
            404: f"knows no model {self.name!r}, or the URL is not its chat endpoint",
            429: "takes no more requests now: wait, or look at your quota there",
        }.get(status, f"failed inside ({status}): look at its log" if status >= 500 else f"refuses ({status})")
        return f"{url} {reason}: {words}"


def _words(error: Exception) -> str:
    """What the server itself says: the message of its error, or all it sent."""
    response = getattr(error, "response", None)
    if response is None:
        return str(error)
    try:
        told = response.json()["error"]
        return told if isinstance(told, str) else " ".join(str(told[x]) for x in ("code", "message") if told.get(x))
    except (ValueError, KeyError, TypeError, AttributeError):
        return " ".join(response.text.split())[:500] or str(error)


def _record(came: Any) -> dict[str, Any]:
    """The client's object as plain data. It checks nothing itself, and hands on a web page or half an answer too."""
    record: Any = came.model_dump(warnings=False) if hasattr(came, "model_dump") else {"choices": str(came)}
    choices = record.get("choices") or []
    if not (isinstance(choices, list) and all(map(_well_formed, choices))):
        raise json.JSONDecodeError(f"it begins {str(came)[:40]!r}", "", 0)
    usage = record.get("usage")
    return record | {"usage": usage if isinstance(usage, dict) else None}


def _well_formed(choice: Any) -> bool:
    try:
        part = choice.get("delta") or choice.get("message") or {}
        texts = [part.get("content"), part.get("refusal"), choice.get("finish_reason")]
        written = (choice.get("logprobs") or {}).get("content") or ()
        others = [other for token in written for other in token.get("top_logprobs") or ()]
        likely = [token["logprob"] for token in (*written, *others)]
        texts += [other["token"] for other in others]
    except (AttributeError, KeyError, TypeError):
        return False
    return all(isinstance(x, str | None) for x in texts) and all(isinstance(x, int | float) for x in likely)


def _shorter(messages: list[Message], words: str) -> list[Message]:
    """Cut to what the server says it can hold (or to a half), with a tenth to spare."""
    limit = re.search(r"(?:length is|size \(|maximum of|limit of|window of)\D{0,20}(\d+)", words)
    numbers = [int(number) for number in re.findall(r"\d{3,}", words)]
    share = 0.9 * int(limit[1]) / max(numbers) if limit and max(numbers) > int(limit[1]) else 0.5
    return fit(messages, int(share * sum(len(message.text) for message in messages)), len)
