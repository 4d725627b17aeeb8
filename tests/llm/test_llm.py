"""The one method of a language model: the scripted one, and any server that speaks the OpenAI protocol."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from insula.llm import LLM, LLMError, Message, Reply, Scripted, connect

ASK = [Message("system", "Be brief."), Message("user", "Name one feeling.")]
Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


class Server:
    """A made-up chat server on this machine; `answer` maps a request to a status and a body."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answer: Answer = lambda request: (200, completion("Joy.", request["model"]))
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(request)
                server.keys.append(self.headers["Authorization"])
                status, body = server.answer(request)
                payload = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign] - a client that left is expected
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"


def completion(text: str, model: str) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": model, "choices": [choice], "usage": usage}


@pytest.fixture
def server() -> Iterator[Server]:
    pytest.importorskip("openai", reason="the llm extra is not installed")
    made_up = Server()
    thread = threading.Thread(target=made_up.http.serve_forever, daemon=True)
    thread.start()
    yield made_up
    made_up.http.shutdown()
    made_up.http.server_close()


def ask(model: LLM, **options: Any) -> Reply:
    return asyncio.run(model.reply(ASK, **options))


def test_scripted_says_the_same_or_the_next_or_what_a_function_says() -> None:
    assert [ask(Scripted("Hm.")).text for _ in range(2)] == ["Hm.", "Hm."]
    model = Scripted(["One.", "Two."])
    assert [ask(model).text for _ in range(2)] == ["One.", "Two."]
    assert model.asked == [tuple(ASK)] * 2
    with pytest.raises(LLMError, match="2 replies"):
        ask(model)
    assert ask(Scripted(lambda messages: messages[-1].text.upper())).text == "NAME ONE FEELING."


def test_scripted_is_an_llm() -> None:
    assert isinstance(Scripted(""), LLM)


def test_a_compatible_server_is_asked_and_heard(server: Server) -> None:
    model = connect(f"tiny@{server.url}")
    schema = {"type": "object"}
    assert ask(model, seed=3, temperature=0.5, max_tokens=9, schema=schema) == Reply("Joy.", "tiny", 2)
    request = server.requests[0]
    assert request["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ASK[1].text}]
    assert (request["seed"], request["temperature"], request["max_tokens"]) == (3, 0.5, 9)
    assert request["response_format"]["json_schema"]["schema"] == schema
    assert ask(model).text == "Joy.", "a second event loop works as well"


def test_no_key_of_another_server_is_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    ask(connect(f"tiny@{server.url}"))
    assert "secret" not in str(server.keys)
    monkeypatch.setenv("INSULA_API_KEY", "mine")
    ask(connect(f"tiny@{server.url}"))
    assert server.keys[-1] == "Bearer mine"


def test_a_server_that_is_away_is_named() -> None:
    module = pytest.importorskip("insula.llm.openai_compatible")
    pytest.importorskip("openai", reason="the llm extra is not installed")
    with pytest.raises(LLMError, match=r"cannot reach http://127\.0\.0\.1:9/v1.*running"):
        ask(module.OpenAICompatible("tiny", "http://127.0.0.1:9/v1", retries=0))


def test_a_slow_server_times_out(server: Server) -> None:
    from insula.llm.openai_compatible import OpenAICompatible

    def slow(request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        time.sleep(0.5)
        return 200, completion("late", request["model"])

    server.answer = slow
    with pytest.raises(LLMError, match=r"no reply within 0\.1 s"):
        ask(OpenAICompatible("tiny", server.url, timeout=0.1, retries=0))


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "INSULA_API_KEY"), (404, "no model 'tiny'"), (400, "no such option")],
)
def test_refusals_are_explained(server: Server, status: int, words: str) -> None:
    server.answer = lambda _: (status, {"error": {"message": "no such option"}})
    with pytest.raises(LLMError, match=words):
        ask(connect(f"tiny@{server.url}"))


def test_an_answer_without_choices_is_an_error(server: Server) -> None:
    server.answer = lambda request: (200, completion("", request["model"]) | {"choices": []})
    with pytest.raises(LLMError, match="without a choice"):
        ask(connect(f"tiny@{server.url}"))


@pytest.mark.parametrize("model", ["tiny", "http://localhost/v1", "tiny@localhost"])
def test_a_model_needs_a_name_and_a_url(model: str) -> None:
    with pytest.raises(ValueError, match="MODEL@URL"):
        connect(model)
