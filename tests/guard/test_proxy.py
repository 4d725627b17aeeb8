"""The proxy in front of a little server that answers well, badly, slowly, or dies."""

import asyncio
import json
import socket
import threading
import time

import pytest

pytest.importorskip("fastapi")
uvicorn = pytest.importorskip("uvicorn")
httpx = pytest.importorskip("httpx")

from fastapi import FastAPI, Request  # noqa: E402
from fastapi.responses import JSONResponse, StreamingResponse  # noqa: E402

from insula.guard.proxy import app  # noqa: E402

SAD = [{"role": "system", "content": "Be nice."}, {"role": "user", "content": "I feel low."}]
CRISIS = [*SAD, {"role": "assistant", "content": "Oh."}, {"role": "user", "content": "I took pills. [crisis suicide]"}]


class Little:
    """A server whose next answer is `text`, or which does as `mood` says."""

    def __init__(self):
        self.text, self.mood, self.asked = "That is hard. Who is with you?", "", []
        server = FastAPI()

        @server.post("/v1/chat/completions", response_model=None)
        async def complete(request: Request):
            body = await request.json()
            self.asked.append((body, request.headers.get("Authorization")))
            if self.mood == "slow":
                await asyncio.sleep(3)
            if self.mood == "no model":
                return JSONResponse({"error": {"message": "no such model"}}, 404)
            if self.mood == "nonsense":
                return JSONResponse(["half"])
            if body.get("stream"):
                return StreamingResponse(self.events(), media_type="text/event-stream")
            message = {"role": "assistant", "content": self.text}
            return {"id": "x", "model": body["model"], "choices": [{"index": 0, "message": message}], "usage": {"n": 1}}

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server = uvicorn.Server(uvicorn.Config(server, port=self.port, log_level="critical"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    async def events(self):
        for number, start in enumerate(range(0, len(self.text), 5)):
            if self.mood == "dies" and number == 4:
                raise RuntimeError("gone")
            delta = {"content": self.text[start : start + 5]}
            yield f"data: {json.dumps({'id': 'x', 'model': 'm', 'choices': [{'index': 0, 'delta': delta}]})}\n\n"
        yield f"data: {json.dumps({'id': 'x', 'choices': [{'index': 0, 'delta': {}, 'finish_reason': 'stop'}]})}\n\n"
        yield "data: [DONE]\n\n"


@pytest.fixture(scope="module")
def little():
    one = Little()
    yield one
    one.server.should_exit = True
    one.thread.join(5)


@pytest.fixture
def ask(little, risk):
    little.mood, little.text, little.asked = "", "That is hard. Who is with you?", []

    def post(messages, url=f"http://127.0.0.1:{little.port}/v1", **more):
        async def run():
            server = app(f"big@{url}", timeout=0.7, locale="en-GB", risk=risk)
            transport = httpx.ASGITransport(server)
            async with httpx.AsyncClient(transport=transport, base_url="http://guard") as client:
                body = {"model": "any", "messages": messages, **more}
                return await client.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer k"})

        return asyncio.run(run())

    return post


def streamed(reply):
    """The words of a streamed answer, and its error if there is one."""
    lines = [line[6:] for line in reply.text.splitlines() if line.startswith("data: ")]
    assert lines.pop() == "[DONE]"
    chunks = [json.loads(line) for line in lines]
    words = [one["choices"][0]["delta"]["content"] for one in chunks if "choices" in one and one["choices"][0]["delta"]]
    return words, next((one["error"] for one in chunks if "error" in one), None)


def test_a_good_reply_is_passed_on_whole(ask, little):
    reply = ask(SAD, temperature=0.3).json()
    assert reply["choices"][0]["message"]["content"] == little.text
    assert reply["usage"] == {"n": 1}
    ((body, key),) = little.asked
    assert body["model"] == "big"
    assert body["temperature"] == 0.3
    assert body["messages"] == SAD
    assert key == "Bearer k"


@pytest.mark.parametrize("stream", [False, True])
def test_at_crisis_the_server_is_not_asked(ask, little, stream):
    reply = ask(CRISIS, stream=stream)
    text = "".join(streamed(reply)[0]) if stream else reply.json()["choices"][0]["message"]["content"]
    assert "116 123" in text
    assert not little.asked


def test_a_crisis_is_answered_though_the_server_is_down(ask):
    assert "116 123" in ask(CRISIS, url="http://127.0.0.1:9/v1").json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_never_passes(ask, little, stream):
    little.text = "That is hard. I'm sorry, but I can't help with that. Who is with you?"
    reply = ask(SAD, stream=stream)
    text = "".join(streamed(reply)[0]) if stream else reply.json()["choices"][0]["message"]["content"]
    assert "can't help" not in text
    assert text.startswith("That is hard. ")
    assert text.endswith("Who is with you?")


def test_a_stream_comes_by_whole_sentences(ask):
    assert streamed(ask(SAD, stream=True)) == (["That is hard. ", "Who is with you?"], None)


@pytest.mark.parametrize(
    ("mood", "url", "status", "words"),
    [
        ("", "http://127.0.0.1:9/v1", 502, "cannot reach http://127.0.0.1:9"),
        ("slow", None, 504, "gave no reply in time"),
        ("no model", None, 404, "no such model"),
        ("nonsense", None, 502, "did not answer with a chat completion"),
    ],
)
def test_what_is_wrong_with_the_server_is_said(ask, little, mood, url, status, words):
    little.mood = mood
    reply = ask(SAD, **({"url": url} if url else {}))
    assert reply.status_code == status
    assert words in reply.json()["error"]["message"]


def test_a_stream_that_dies_keeps_what_was_whole_and_says_so(ask, little):
    little.mood = "dies"
    words, error = streamed(ask(SAD, stream=True))
    assert "".join(words) == "That is hard. "
    assert "broke off" in error["message"]


@pytest.mark.parametrize(
    "messages",
    [
        *([], [{"role": "system", "content": "x"}], "hello", [{"content": "x"}], None, 5, [7]),
        *([*SAD, {"role": "user", "content": wrong}] for wrong in (5, ["hi"], [{"type": "text", "text": 5}], {})),
    ],
)
def test_a_request_without_a_message_to_answer(ask, little, messages):
    reply = ask(messages)
    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert not little.asked


def test_no_model_and_url():
    with pytest.raises(ValueError, match="write MODEL@URL"):
        app("somewhere")
