"""A chat server that is told how to behave, request by request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behave = Callable[[BaseHTTPRequestHandler], None]


def answer(text: str) -> Behave:
    """One whole answer."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return body(
        {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
    )


def body(content: object, status: int = 200) -> Behave:
    """Bytes as they are, anything else as JSON."""
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)

    return behave


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Nothing comes."""
    time.sleep(1.2)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """An answer that never ends: something always comes, so that no silence is noticed."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" " * 64)
        handler.wfile.flush()
        time.sleep(0.02)


class Server:
    """`script` is how it behaves, in turn and from the front again; `requests` keeps what was asked."""

    def __init__(self) -> None:
        self.script: Sequence[Behave] = [answer("A")]
        self.requests: list[dict[str, Any]] = []
        server = self

        class Asked(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(request)
                server.script[(len(server.requests) - 1) % len(server.script)](self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign] - a client that left is expected
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
