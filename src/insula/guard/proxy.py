"""A guard between any chat program and any OpenAI-compatible server: `insula guard proxy --to MODEL@URL`.

The program talks to this address as it would to the server. The person's messages are read for risk; in a crisis the
guard answers by its policy and the server is not asked. Replies are passed on sentence by sentence, as far as they may
be. Nothing is written down.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic_core import from_json

from insula.conversation import Addition, Conversation, Turn

from .guarded import TIER, Guarded, asked
from .sentences import whole

PERSON, COMPANION = "person", "companion"
DONE = "data: [DONE]\n\n"
MISSHAPEN = (
    'the request holds no JSON object with "messages", each with a role and a content, which is a text or a list of '
    'parts like {"type": "text", "text": "..."}'
)


class UpstreamError(Exception):
    """The server behind could not answer; `status` is what a program that asks is told."""

    def __init__(self, message: str, status: int = 502) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Upstream:
    """One request to the server behind, as a responder; what it answers besides words is kept in `answer`, `others`."""

    client: httpx.AsyncClient
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    others: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = ("turn",)
    asynchronous: bool = True

    async def __call__(self, conversation: Conversation) -> AsyncIterator[Addition]:
        del conversation
        try:
            reply = await self.client.post("chat/completions", json=dict(self.body), headers=dict(self.headers))
        except httpx.HTTPError as error:
            raise explained(error, self.client) from error
        await refused(reply)
        try:
            self.answer = reply.json()
            text = self.answer["choices"][0]["message"].get("content") or ""
        except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
            raise UpstreamError(f"{self.client.base_url} did not answer with a chat completion") from error
        if text or not self.answer["choices"][0]["message"].get("tool_calls"):
            yield Turn(COMPANION, text)

    async def sentences(self, conversation: Conversation) -> AsyncIterator[str]:
        """The sentences of a streamed answer, each as soon as it is whole."""
        del conversation
        async for sentence in whole(self._pieces()):
            yield sentence

    async def _pieces(self) -> AsyncIterator[str]:
        """The words as they come."""
        try:
            async with self.client.stream(
                "POST", "chat/completions", json=dict(self.body), headers=dict(self.headers)
            ) as reply:
                await refused(reply)
                async for line in reply.aiter_lines():
                    if piece := self._piece(line):
                        yield piece
        except httpx.HTTPError as error:
            raise explained(error, self.client) from error

    def _piece(self, line: str) -> str:
        """The words in a line of the stream; a line that holds something else is kept."""
        if not line.startswith("data:") or line[5:].strip() in ("", "[DONE]"):
            return ""
        try:
            chunk = json.loads(line[5:])
        except ValueError:
            raise UpstreamError(f"{self.client.base_url} broke off in the middle of a line") from None
        if "error" in chunk:
            raise UpstreamError(f"{self.client.base_url}: {chunk['error']}")
        self.answer = {key: chunk[key] for key in ("id", "created", "model") if key in chunk} or self.answer
        choice = next(iter(chunk.get("choices") or ()), {})
        words = (choice.get("delta") or {}).pop("content", None) or ""
        if choice.get("delta") or choice.get("finish_reason") or chunk.get("usage"):
            self.others.append(chunk)
        return words


async def refused(reply: httpx.Response) -> None:
    """Raise UpstreamError with the server's own words where it did not accept the request."""
    if reply.is_error:
        await reply.aread()
        raise UpstreamError(f"{reply.url} answers {reply.status_code}: {reply.text[:500].strip()}", reply.status_code)


def explained(error: httpx.HTTPError, client: httpx.AsyncClient) -> UpstreamError:
    """What went wrong with the server behind, for a person."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return UpstreamError(f"cannot reach {client.base_url}: is the server running, and is the URL right?")
    if isinstance(error, httpx.TimeoutException):
        return UpstreamError(f"{client.base_url} gave no reply in time: raise --timeout or use a smaller model", 504)
    return UpstreamError(f"{client.base_url} broke off before its answer was whole ({error or type(error).__name__})")


def behind(to: str, timeout: float = 60.0, **guarding: Any) -> tuple[str, httpx.AsyncClient, Guarded]:
    """The model, a client and a guard for "MODEL@URL"; raises ValueError where that names no model and URL."""
    model, _, url = to.rpartition("@")
    if not model or not url.startswith(("http://", "https://")):
        raise ValueError(f"{to!r} names no model and URL: write MODEL@URL, as in qwen2.5:3b@http://localhost:11434/v1")
    client = httpx.AsyncClient(base_url=url.rstrip("/") + "/", timeout=httpx.Timeout(timeout, connect=10.0))
    return model, client, Guarded(Upstream(client, {}, {}), speaker=COMPANION, **guarding)


def app(to: str, *, timeout: float = 60.0, **guarding: Any) -> FastAPI:
    """The proxy to "MODEL@URL"; `guarding` goes to `Guarded` (locale, hand_over, policy, risk, check).

    `timeout` is in seconds without a sign of life. Raises ValueError where `to` names no model and URL.
    """
    model, client, shared = behind(to, timeout, **guarding)
    server = FastAPI(title="Insula guard", docs_url=None, redoc_url=None, openapi_url=None)

    @server.exception_handler(UpstreamError)
    async def _failed(_: Request, error: UpstreamError) -> Response:  # pyright: ignore[reportUnusedFunction]
        return _error(str(error), error.status)

    @server.get("/v1/models")
    async def _models() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {"object": "list", "data": [{"id": model, "object": "model", "owned_by": "insula guard"}]}

    @server.post("/v1/chat/completions", response_model=None)
    async def _complete(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        key = {"Authorization": found} if (found := request.headers.get("Authorization")) else {}
        try:
            body = {**from_json(await request.body()), "model": model}
        except (ValueError, TypeError):
            return _error(MISSHAPEN, 400)
        return await complete(body, key, client, shared)

    return server


async def complete(
    body: Mapping[str, Any], headers: Mapping[str, str], client: httpx.AsyncClient, shared: Guarded
) -> Response:
    """The guarded answer to one request in the chat protocol, streamed where it asks for that; raises UpstreamError."""
    try:
        conversation = heard(body.get("messages"))
    except ValueError as error:
        return _error(str(error), 400)
    if asked(conversation, COMPANION) is None:
        return _error("there is no message of the user's with words in it to answer", 400)
    if body.get("n", 1) != 1:
        return _error("the guard answers with one choice: leave n out", 400)
    upstream = Upstream(client, body, headers)
    guarded = shared.around(upstream)
    if body.get("stream"):
        return StreamingResponse(_stream(guarded, upstream, conversation), media_type="text/event-stream")
    return JSONResponse(await _whole(guarded, upstream, conversation))


def heard(messages: Any) -> Conversation:
    """The words of the talk up to the person's last message; instructions and results of tools are no turns.

    Raises ValueError for what are no messages of the protocol, whatever it is.
    """
    try:
        said = [(str(one["role"]), words(one)) for one in messages]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(MISSHAPEN) from None
    last = max((place for place, (role, _) in enumerate(said) if role == "user"), default=-1)
    speakers = {"user": PERSON, "assistant": COMPANION}
    return Conversation(*(Turn(speakers[role], text) for role, text in said[: last + 1] if role in speakers and text))


def words(message: Mapping[str, Any]) -> str:
    """The text of a message, whose content is a text, or a list of parts of which some are texts.

    Raises TypeError, KeyError, AttributeError and UnicodeEncodeError, a ValueError, where it is something else.
    """
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": "" if content is None else content}]
    text = "\n".join(part["text"] for part in parts if part.get("type") == "text")
    text.encode()  # half a character can be read by nothing that follows
    return text


async def _whole(guarded: Guarded, upstream: Upstream, conversation: Conversation) -> dict[str, Any]:
    found = [one async for one in guarded(conversation)]
    turn = next((one for one in found if isinstance(one, Turn)), None)
    answer = upstream.answer or form("chat.completion", message={"role": "assistant"}, finish_reason="stop")
    if turn is not None:
        answer["choices"][0]["message"]["content"] = turn.text
        answer["insula"] = dict(turn.meta)
    return answer


async def _stream(guarded: Guarded, upstream: Upstream, conversation: Conversation) -> AsyncIterator[str]:
    """Events as the server sends them: sentences that may be shown, and whatever else came between them."""
    try:
        async for sentence in guarded.stream(conversation):
            yield event(form("chat.completion.chunk", upstream.answer, delta={"content": sentence}))
        for chunk in upstream.others or [form("chat.completion.chunk", delta={}, finish_reason="stop")]:
            yield event(chunk)
    except UpstreamError as error:
        yield event({"error": {"message": str(error), "type": "upstream_error", "code": error.status}})
    yield DONE


def form(kind: str, known: Mapping[str, Any] | None = None, **choice: Any) -> dict[str, Any]:
    """An answer in the protocol's form, with what is known of it from the server behind."""
    about = {"id": f"{TIER}-{time.time_ns():x}", "created": int(time.time()), "model": "insula.guard", **(known or {})}
    return {**about, "object": kind, "choices": [{"index": 0, "finish_reason": None, **choice}]}


def event(chunk: Mapping[str, Any]) -> str:
    """One server-sent event."""
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _error(message: str, status: int) -> JSONResponse:
    kind = "invalid_request_error" if status == 400 else "upstream_error"
    return JSONResponse({"error": {"message": message, "type": kind, "code": status}}, status)
