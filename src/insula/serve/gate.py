"""What every request passes before anything is done: who asks, how much, how often; and what is noted of it.

Nothing that anybody wrote is noted. A body that says it is too big is refused before it is
sent, and one that says nothing is cut off where it becomes too big.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
import traceback
from collections import OrderedDict
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .settings import Settings

DOCS = "/docs-assets"
OPEN = ("/health", "/ready", "/", "/studio", "/favicon.ico", "/docs", "/openapi.json")
SHOWN = ("/studio/", f"{DOCS}/")
"""What anybody may see: whether the server lives, what can be asked, and the pages that ask for a key themselves."""
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
            await passing.too_much()
        except Exception as error:  # its words may be somebody's: where it happened is enough to find it
            last = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s: %s at %s:%s", passing.id, type(error).__name__, last.filename, last.lineno)
            await passing.refuse(500, f"this should not happen: {type(error).__name__}")
        finally:
            self._metrics.in_progress.dec()
            self._note(scope, passing)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is not let in, with the status that says so; None where it is."""
        headers = _headers(scope)
        shown = scope["path"] in OPEN or scope["path"].startswith(SHOWN)
        if not shown and not self._known(scope, headers):
            return 401, "a key is needed: send it as Authorization: Bearer KEY"
        if not self._settings.keys and (strange := self._strange(headers)):
            return 403, f"{strange} is not this machine: set keys, or name it in origins where its pages may ask"
        if (length := headers.get("content-length", "0")).isdigit() and int(length) > self._most(scope):
            return 413, f"the body is {int(length):,} bytes; {self._most(scope):,} are the most"
        if self._settings.rate and not self._in_time(_key(scope, headers) or _address(scope)):
            return 429, "too many requests: wait a moment"
        return None

    def _strange(self, headers: Mapping[str, str]) -> str:
        """From which place that is not this machine a browser asks: by the name it used or the page it shows."""
        origin = headers.get("origin", "")
        if origin in self._settings.origins:
            return ""
        return next((one for one in (headers.get("host", ""), origin) if one and not _here(one)), "")

    def _known(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        if not self._settings.keys:
            return True
        given = _key(scope, headers).encode()
        return bool(given) and any(hmac.compare_digest(given, key.encode()) for key in self._settings.keys)

    def _most(self, scope: Scope) -> int:
        """Texts are short; only what is uploaded as a file may be large."""
        kind = _headers(scope).get("content-type", "").partition(";")[0].strip().lower()
        named = b"name=" in scope.get("query_string", b"")
        uploads = scope["path"] in UPLOADS and (named or kind not in TEXT)
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
        self.status, self.size, self.over = 0, 0, False
        self._scope, self._receive, self._send, self._most = scope, receive, send, most
        self._refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.size += len(message.get("body", b""))
            if self.size > self._most:
                self.over = True
                raise TooMuch
        return message

    async def send(self, message: Message) -> None:
        if self.over and not self._refused:  # whoever read the body took it for one that is misshapen
            return await self.too_much()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            parting = [] if self._scope["app"].state.ready else [(b"connection", b"close")]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode()), *parting]
        elif message["type"] == "websocket.accept":
            self.status = 101
        await self._send(message)

    async def too_much(self) -> None:
        """Say that the body is bigger than it may be."""
        await self.refuse(413, f"the body is bigger than {self._most:,} bytes")

    async def refuse(self, status: int, why: str) -> None:
        """Say no, in the form of every error here, unless an answer has begun already."""
        if self.status:
            return
        self._refused = True
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


def _here(place: str) -> bool:
    """Whether the host of an address or a header is this machine by its own names."""
    try:
        host = urlsplit(place if "://" in place else f"//{place}").hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
