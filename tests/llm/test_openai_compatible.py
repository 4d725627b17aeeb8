"""Any server that speaks the OpenAI protocol, well or badly."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from insula.llm import LLMError, Message, Reply, connect
from insula.llm.local import Local
from insula.llm.openai_compatible import OpenAICompatible

ASK = [Message("system", "Be brief."), Message("user", "Name one feeling.")]
OPENED = [*ASK, Message("assistant", "I am so sorry")]


def ask(server: Any, messages: Any = ASK, *, timeout: float = 5, retries: int = 0, **options: Any) -> Reply:
    model = OpenAICompatible("tiny", server.url, timeout=timeout, retries=retries)
    return asyncio.run(model.reply(messages, **options))


def failure(server: Any, **options: Any) -> LLMError:
    with pytest.raises(LLMError) as caught:
        ask(server, **options)
    return caught.value


def test_a_server_is_asked_and_heard(server: Any) -> None:
    schema = {"type": "object"}
    reply = ask(server, seed=3, temperature=0.5, max_tokens=9, schema=schema, stop=["\n", ""])
    assert reply == Reply("Joy.", "tiny", 2)
    request = server.requests[0]
    assert request["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ASK[1].text}]
    assert (request["seed"], request["temperature"], request["max_tokens"], request["stop"]) == (3, 0.5, 9, ["\n"])
    assert request["response_format"]["json_schema"]["schema"] == schema
    assert "stream" not in request


def test_one_model_serves_several_event_loops(server: Any) -> None:
    model = connect(f"tiny@{server.url}")
    assert [asyncio.run(model.reply(ASK)).text for _ in range(2)] == ["Joy.", "Joy."]


def test_a_stream_is_heard_piece_by_piece(server: Any) -> None:
    server.streams(["Jo", "y", "."], finish="length")
    heard: list[str] = []
    assert ask(server, heard=heard.append) == Reply("Joy.", "tiny", finish="length")
    assert heard == ["Jo", "y", "."]


def test_log_probabilities_where_the_server_gives_them(server: Any) -> None:
    server.says("Joy.", logprobs={"content": [{"token": "Joy", "logprob": -0.5}, {"token": ".", "logprob": -0.1}]})
    assert ask(server, logprobs=True).logprobs == (-0.5, -0.1)
    server.says("Joy.")
    assert ask(server, logprobs=True).logprobs is None
    assert ask(server, logprobs=True).alternatives is None


def test_what_else_was_likely_where_the_server_says_so(server: Any) -> None:
    also = [{"token": "2", "logprob": -0.5}, {"token": "3", "logprob": -1.5}, {"token": "2", "logprob": -4.0}]
    server.says("2", logprobs={"content": [{"token": "2", "logprob": -0.5, "top_logprobs": also}]})
    assert ask(server, logprobs=True).alternatives == ({"2": -0.5, "3": -1.5},)
    assert server.requests[-1]["top_logprobs"] == 20
    server.says("2", logprobs={"content": [{"token": "2", "logprob": -0.5, "top_logprobs": [{"token": 2}]}]})
    assert "no whole JSON" in str(failure(server, logprobs=True))


def test_refusals_of_the_model_are_marked(server: Any) -> None:
    server.says("", message={"content": None, "refusal": "I cannot do that."})
    assert ask(server) == Reply("I cannot do that.", "tiny", 2, finish="refusal")
    server.says("", finish="content_filter")
    assert ask(server).finish == "refusal"


@pytest.mark.parametrize(
    ("answer", "follows"),
    [
        ("I am so sorry for your loss.", " for your loss."),
        ("“I am so sorry, Ana.", ", Ana."),
        ("You must miss her.", " You must miss her."),
        (" for your loss.", " for your loss."),
        ("I am so sorryful.", " I am so sorryful."),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
def test_an_opening_is_asked_for_in_words_and_not_repeated(
    server: Any, answer: str, follows: str, streaming: bool
) -> None:
    heard: list[str] = []
    server.streams([answer[:3], answer[3:9], answer[9:]]) if streaming else server.says(answer)
    reply = ask(server, messages=OPENED, heard=heard.append if streaming else None)
    assert reply.text == follows
    assert not streaming or "".join(heard) == follows
    asked = server.requests[0]["messages"]
    assert [x["role"] for x in asked] == ["system", "user"]
    assert '"I am so sorry"' in asked[0]["content"]


def test_no_key_or_name_of_another_place_is_sent(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", "secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gate: secret\nAuthorization: Bearer secret")
    ask(server)
    assert "secret" not in str(server.headers)
    assert "authorization" not in server.headers[0]
    assert not [name for name in server.headers[0] if name.startswith("x-")], "what machine this is stays here"
    monkeypatch.setenv("INSULA_API_KEY", "mine")
    ask(server)
    assert server.headers[-1]["authorization"] == "Bearer mine"


def test_neither_key_nor_words_follow_a_redirect(server: Any, other_server: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("INSULA_API_KEY", "mine")
    server.sends({}, 307, Location=f"{other_server.url}/chat/completions")
    assert other_server.url in str(failure(server))
    assert not other_server.requests


def test_a_server_that_is_down_is_named() -> None:
    pytest.importorskip("openai", reason="the llm extra is not installed")
    with pytest.raises(LLMError, match=r"cannot reach http://127\.0\.0\.1:9/v1.*running"):
        asyncio.run(OpenAICompatible("tiny", "http://127.0.0.1:9/v1", retries=0).reply(ASK))


def test_a_slow_server_times_out(server: Any) -> None:
    server.respond = lambda *_: time.sleep(0.5)
    assert "no reply within 0.1 s" in str(failure(server, timeout=0.1))


def test_a_server_that_drips_for_ever_is_ended(server: Any) -> None:
    def drip(handler: Any, _: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b": still here\n\n")
            time.sleep(0.02)

    server.respond = drip
    start = time.monotonic()
    assert "0.05 s" in str(failure(server, timeout=0.05, heard=print))
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    "body", [b'{"choices": [{"message": {"con', b"<html>Welcome</html>", b"[]", b'"Joy."', b"\xff"]
)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_half_a_json_or_none_is_an_error(server: Any, body: bytes, kind: str) -> None:
    server.sends(body, **{"Content-Type": kind})
    assert "no whole JSON" in str(failure(server))


@pytest.mark.parametrize(
    "choices",
    ["Joy.", 7, [1], [["a"]], [{"message": "Joy."}], [{"message": {"content": ["Joy."]}}], [{"delta": 1}],
     [{"message": {"content": "Joy."}, "logprobs": {"content": [{"token": "Joy"}]}}], [{"finish_reason": ["stop"]}]],
)  # fmt: skip
@pytest.mark.parametrize("streaming", [False, True])
def test_an_answer_of_another_shape_is_an_error(server: Any, choices: object, streaming: bool) -> None:
    body = {"id": "1", "choices": choices, "usage": "much"}
    server.sends(f"data: {json.dumps(body)}\n\n".encode() if streaming else body)
    failure(server, heard=print if streaming else None)


def test_a_body_shorter_than_announced_is_an_error(server: Any) -> None:
    server.sends(b'{"choices": [', **{"Content-Length": "500"})
    failure(server)


@pytest.mark.parametrize(
    "end", [b"", b'data: {"choices": [{"delta": {"cont\n\n', b'data: {"error": {"message": "x"}}\n\n']
)
def test_a_stream_that_dies_says_how_much_came_and_keeps_it(server: Any, end: bytes) -> None:
    server.streams(["You must ", "be"], finish=None, end=end)
    error = failure(server, heard=lambda _: None)
    assert error.partial == "You must be"
    assert "11 characters" in str(error)


def test_a_stream_that_is_cut_within_its_body_keeps_what_came(server: Any) -> None:
    server.streams(["You must ", "be"], finish=None, end=b"")
    whole = server.respond

    def cut(handler: Any, request: Any) -> None:
        handler.send_header = lambda name, value, send=handler.send_header: send(
            name, "9999" if name == "Content-Length" else value
        )
        whole(handler, request)

    server.respond = cut
    assert failure(server, heard=lambda _: None).partial == "You must be"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "INSULA_API_KEY"),
        (404, "no model 'tiny'"),
        (400, r"refuses \(400\): .*no such option"),
        (429, "wait"),
        (500, r"failed inside \(500\)"),
    ],
)
@pytest.mark.parametrize("heard", [None, print])
def test_refusals_are_explained(server: Any, status: int, words: str, heard: Any) -> None:
    server.sends({"error": {"message": "no such option"}}, status)
    with pytest.raises(LLMError, match=words):
        ask(server, heard=heard)


def test_a_key_is_never_in_an_error(server: Any) -> None:
    server.sends({"error": {"message": "wrong key sk-1234"}}, 401)
    with pytest.raises(LLMError) as caught:
        asyncio.run(OpenAICompatible("tiny", server.url, api_key="sk-1234").reply(ASK))
    assert "sk-1234" not in str(caught.value)


def test_a_content_filter_is_told_apart(server: Any) -> None:
    server.sends({"error": {"message": "policy", "code": "content_filter"}}, 400)
    assert "declines" in str(failure(server))


def test_a_server_that_fails_once_is_asked_again(server: Any) -> None:
    whole = server.respond

    def first_busy(handler: Any, request: Any) -> None:
        handler.send_error(503) if len(server.requests) == 1 else whole(handler, request)

    server.respond = first_busy
    assert ask(server, retries=1).text == "Joy."


@pytest.mark.parametrize("choices", [[], None])
def test_an_answer_without_choices_is_an_error(server: Any, choices: object) -> None:
    server.sends({"id": "1", "object": "chat.completion", "choices": choices})
    assert "without a choice" in str(failure(server))


def test_what_a_server_does_not_know_is_left_out(server: Any) -> None:
    whole = server.respond

    def strict(handler: Any, request: dict[str, Any]) -> None:
        for name in ("response_format", "seed", "logprobs", "max_tokens"):
            if name in request:
                instead = " use max_completion_tokens" if name == "max_tokens" else ""
                body = json.dumps({"error": {"message": f"unsupported: {name}.{instead}"}}).encode()
                handler.send_response(400)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)
                return
        whole(handler, request)

    server.respond = strict
    assert ask(server, schema={"type": "object"}, logprobs=True, max_tokens=7).text == "Joy."
    assert server.requests[-1]["max_completion_tokens"] == 7


def test_a_history_that_is_too_long_is_cut_once_from_its_oldest_turn(server: Any) -> None:
    whole = server.respond
    said = "This model's maximum context length is 1000 tokens. However, you requested {} tokens."

    def small(handler: Any, request: dict[str, Any]) -> None:
        size = sum(len(x["content"]) for x in request["messages"]) // 4
        if size > 1000:
            server.sends({"error": {"message": said.format(size)}}, 400)
            server.respond(handler, request)
            server.respond = small
        else:
            whole(handler, request)

    server.respond = small
    talk = [Message("user" if k % 2 == 0 else "assistant", f"Turn {k}: {'so it went on, ' * 5}") for k in range(401)]
    assert ask(server, messages=[ASK[0], *talk]).text == "Joy."
    kept = server.requests[-1]["messages"]
    assert kept[0]["content"] == "Be brief."
    assert kept[1]["role"] == "user"
    assert [x["content"] for x in kept[1:]] == [x.text for x in talk[-len(kept) + 1 :]]
    assert len(server.requests) == 2


def test_a_history_that_never_fits_is_an_error(server: Any) -> None:
    server.sends({"error": {"message": "context_length_exceeded"}}, 400)
    assert "too long" in str(failure(server, messages=[*ASK, *[Message("user", "so it went " * 9000)]]))
    assert len(server.requests) == 2


def test_what_a_listener_raises_is_the_listeners(server: Any) -> None:
    server.streams(["Jo", "y"])

    def stop(_: str) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        ask(server, heard=stop)


def test_a_real_llama_cpp_server_is_understood() -> None:
    """The runtime of the embedded model also listens: what it streams and refuses is the real thing."""
    if missing := Local.available():
        pytest.skip(missing)
    xllamacpp: Any = pytest.importorskip("xllamacpp")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(Local(adapter=None).path)
    parameters.n_ctx, parameters.n_parallel, parameters.cpuparams.n_threads = 256, 1, 1
    parameters.verbosity, parameters.warmup, parameters.api_keys = -1, False, ["right"]
    running = xllamacpp.Server(parameters)
    url = f"{running.listening_address}/v1"
    model = OpenAICompatible("tiny", url, api_key="right", timeout=60)
    heard: list[str] = []
    reply = asyncio.run(model.reply(ASK, max_tokens=4, logprobs=True, heard=heard.append))
    assert reply.logprobs
    assert (len(reply.logprobs), reply.tokens, reply.finish) == (4, 4, "length")
    assert "".join(heard) == reply.text
    talk = [Message("user" if k % 2 == 0 else "assistant", f"Turn {k}: so it went on and on.") for k in range(201)]
    assert asyncio.run(model.reply([ASK[0], *talk], max_tokens=2)).text, "cut to what the server says it holds"
    with pytest.raises(LLMError, match="refuses the key"):
        asyncio.run(OpenAICompatible("tiny", url, api_key="wrong").reply(ASK))
