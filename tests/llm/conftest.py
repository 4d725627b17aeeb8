"""A real little chat server on this machine that can be told to behave badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Respond = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


class Server:
    """`respond` writes the response to a request; `requests` and `headers` keep what was asked."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.says("Joy.")
        server = self

        class Asked(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(request)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                server.respond(self, request)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign] - a client that left is expected
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def says(self, text: str, finish: str = "stop", **more: Any) -> None:
        """One whole answer."""
        message = {"role": "assistant", "content": text} | more.pop("message", {})
        choice = {"index": 0, "finish_reason": finish, "message": message} | more
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
        self.sends({"id": "1", "object": "chat.completion", "created": 0, "choices": [choice], "usage": usage})

    def sends(self, body: object, status: int = 200, **headers: str) -> None:
        """A body: bytes as they are, anything else as JSON."""
        self.respond: Respond = lambda handler, _: write(handler, body, status, headers)

    def streams(self, pieces: Sequence[str], finish: str | None = "stop", end: bytes = b"data: [DONE]\n\n") -> None:
        """The pieces one by one; without a `finish` the stream just ends."""
        made: list[dict[str, Any]] = [{"delta": {"content": piece}, "finish_reason": None} for piece in pieces]
        made += [{"delta": {}, "finish_reason": finish}] if finish else []
        lines = [{"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, **one}]} for one in made]
        data = b"".join(f"data: {json.dumps(line)}\n\n".encode() for line in lines) + end
        self.sends(data, **{"Content-Type": "text/event-stream"})


def write(handler: BaseHTTPRequestHandler, body: object, status: int, headers: dict[str, str]) -> None:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(payload))} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(payload)


def served() -> Iterator[Server]:
    made_up = Server()
    thread = threading.Thread(target=made_up.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made_up
    made_up.http.shutdown()
    made_up.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    pytest.importorskip("openai", reason="the llm extra is not installed")
    yield from served()


@pytest.fixture
def other_server() -> Iterator[Server]:
    yield from served()
