"""What every request passes before anything is done: who asks, how much, how often; and what is noted of it.

Nothing that anybody wrote is noted. A body that says it is too big is refused before it is
sent, and one that says nothing is cut off where it becomes too big.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .settings import Settings

OPEN = ("/health", "/ready", "/", "/studio", "/favicon.ico")
"""What anybody may see: whether the server lives, and the studio's page, which asks for a key itself."""
TEXT = ("application/json",)
UPLOADS = ("/v1/read", "/v1/convert", "/v0/batch/jobs")
MOST_ASKERS = 10_000  # whose rate is kept in mind
log = logging.getLogger("insula.serve")


class Metrics:
    """Counts for Prometheus, of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "path", "status")
        self.requests = Counter("insula_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "insula_request_seconds", "Seconds until a request was answered.", ("path",), registry=self.registry
        )
        self.turns = Counter("insula_turns_read", "Turns read.", registry=self.registry)
        self.risks = Counter("insula_risk", "Turns by level of risk.", ("level",), registry=self.registry)
        self.in_progress = Gauge("insula_in_progress", "Requests being answered.", registry=self.registry)
        self.sockets = Gauge("insula_sockets", "Open WebSockets.", registry=self.registry)


class TooMuch(Exception):
    """The body is bigger than it may be."""


class Gate:
    """ASGI middleware in front of the application."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics
        self._askers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        passing = _Passing(scope, receive, send, self._most(scope))
        refusal = self._refusal(scope)
        self._metrics.in_progress.inc()
        try:
            if refusal:
                await passing.refuse(*refusal)
            else:
                await self._app(scope, passing.receive, passing.send)
        except TooMuch:
            await passing.refuse(413, f"the body is bigger than {self._most(scope):,} bytes")
        finally:
            self._metrics.in_progress.dec()
            self._note(scope, passing)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is not let in, with the status that says so; None where it is."""
        headers = _headers(scope)
        if scope["path"] not in OPEN and not scope["path"].startswith("/studio/") and not self._known(scope, headers):
            return 401, "a key is needed: send it as Authorization: Bearer KEY"
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > self._most(scope):
            return 413, f"the body is {int(length):,} bytes; {self._most(scope):,} are the most"
        if self._settings.rate and not self._in_time(_key(scope, headers) or _address(scope)):
            return 429, "too many requests: wait a moment"
        return None

    def _known(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        if not self._settings.keys:
            return True
        given = _key(scope, headers).encode()
        return any(hmac.compare_digest(given, key.encode()) for key in self._settings.keys)

    def _most(self, scope: Scope) -> int:
        """Texts are short; only what is uploaded as a file may be large."""
        kind = _headers(scope).get("content-type", "").partition(";")[0].strip()
        uploads = scope["path"] in UPLOADS and kind not in TEXT
        return self._settings.most_bytes if uploads else self._settings.most_text_bytes

    def _in_time(self, who: str) -> bool:
        """A bucket per asker that fills by `rate` a second and holds `burst`."""
        now = time.monotonic()
        left, since = self._askers.pop(who, (float(self._settings.burst), now))
        left = min(float(self._settings.burst), left + (now - since) * self._settings.rate)
        self._askers[who] = (max(left - 1, 0.0), now)
        if len(self._askers) > MOST_ASKERS:
            self._askers.popitem(last=False)
        return left >= 1

    def _note(self, scope: Scope, passing: _Passing) -> None:
        route = scope.get("route")
        path = str(getattr(route, "path", "other"))
        method = str(scope.get("method", "WEBSOCKET"))
        seconds = time.perf_counter() - passing.began
        self._metrics.requests.labels(method, path, str(passing.status)).inc()
        self._metrics.seconds.labels(path).observe(seconds)
        told: dict[str, Any] = {"id": passing.id, "method": method, "path": path, "status": passing.status}
        log.info(json.dumps({**told, "ms": round(seconds * 1000, 1), "bytes": passing.size}))


class _Passing:
    """One request on its way: what came in is counted, what goes out gets its id."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        self.id, self.began = uuid4().hex[:16], time.perf_counter()
        self.status, self.size = 0, 0
        self._scope, self._receive, self._send, self._most = scope, receive, send, most

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.size += len(message.get("body", b""))
            if self.size > self._most:
                raise TooMuch
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            parting = [] if self._scope["app"].state.ready else [(b"connection", b"close")]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode()), *parting]
        elif message["type"] == "websocket.accept":
            self.status = 101
        await self._send(message)

    async def refuse(self, status: int, why: str) -> None:
        """Say no, in the form of every error here, unless an answer has begun already."""
        if self.status:
            return
        if self._scope["type"] == "websocket":
            self.status = status
            await self._send({"type": "websocket.close", "code": 4000 + status, "reason": why[:120]})
            return
        body = json.dumps(error_form(status, why)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(b"connection", b"close")] if status == 413 else []
        headers += [(b"www-authenticate", b"Bearer")] if status == 401 else []
        headers += [(b"retry-after", b"1")] if status == 429 else []
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def error_form(status: int, why: str) -> dict[str, Any]:
    """Every error of this server, in the form OpenAI's clients know."""
    kind = "invalid_request_error" if 400 <= status < 500 else "server_error"
    return {"error": {"message": why, "type": kind, "code": status}}


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}


def _key(scope: Scope, headers: Mapping[str, str]) -> str:
    """The key in a header; browsers cannot set one on a WebSocket, and send it as a protocol's name instead."""
    if scope["type"] == "websocket":
        offered = [one.strip() for one in headers.get("sec-websocket-protocol", "").split(",")]
        if found := next((one.removeprefix("key.") for one in offered if one.startswith("key.")), ""):
            return found
    return headers.get("authorization", "").removeprefix("Bearer ").strip() or headers.get("x-api-key", "")


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
