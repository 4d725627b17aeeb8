"""A transcription server that is well, and one that is down, slow, broken or strict."""

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from insula.network.words import TranscriptionError, Word, transcriber

pytest.importorskip("openai", reason="the llm extra is not installed")
from insula.network.words_by_url import ByURL

SOUND = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
WHOLE = {
    "text": " Dogs are sitting",
    "language": "en",
    "words": [{"word": "Dogs", "start": 0.1, "end": 0.4}, {"word": "are", "start": 0.4, "end": 0.5}],
    "segments": [{"id": 0, "avg_logprob": -0.1, "no_speech_prob": 0.02}],
}


@pytest.fixture
def server():
    """`server.answers(handler, body)` writes the response; `asked` keeps what came."""

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            http.asked.append((dict(self.headers), body))
            http.answers(self, body)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    http.asked, http.answers = [], lambda handler, _: send(handler, WHOLE)
    http.handle_error = lambda *_: None  # a client that left is expected
    http.url = f"http://127.0.0.1:{http.server_port}/v1"
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()


def send(handler, body, status=200, **headers):
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(payload))} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(payload)


def hear(server, **options):
    return ByURL("whisper-1", server.url, **{"timeout": 1.0, "retries": 0, **options})(SOUND)


def test_words_and_times(server, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "secret-org")
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")
    monkeypatch.delenv("INSULA_API_KEY", raising=False)
    found = transcriber(f"whisper-1@{server.url}")(SOUND, "en")
    assert found.text == "Dogs are sitting"
    assert found.words[0] == Word(0.1, 0.4, "Dogs", pytest.approx(0.9048, abs=1e-3))
    assert (found.language, found.no_speech) == ("en", 0.02)
    headers, body = server.asked[0]
    assert "secret" not in str(headers), "no key or name meant for another server"
    assert b"whisper-1" in body
    assert b"RIFF" in body
    assert b"verbose_json" in body
    assert len(body) > 2 * len(SOUND)


def test_a_given_key_is_sent_and_never_shown(server):
    server.answers = lambda handler, _: send(handler, {"error": {"message": "bad key k-123"}}, 401)
    with pytest.raises(TranscriptionError, match="INSULA_API_KEY") as told:
        hear(server, api_key="k-123")
    assert "k-123" not in str(told.value)
    assert server.asked[0][0]["authorization"] == "Bearer k-123"


def test_it_works_within_a_running_loop(server):
    async def live():
        return hear(server)

    assert asyncio.run(live()).text == "Dogs are sitting"


def test_a_server_without_word_times_is_asked_without(server):
    def strict(handler, body):
        if b"verbose_json" in body:
            send(handler, {"error": {"message": "response_format 'verbose_json' is not compatible"}}, 400)
        else:
            send(handler, {"text": "Dogs are sitting"})

    server.answers = strict
    found = hear(server)
    assert (found.text, found.words) == ("Dogs are sitting", ())


def test_what_it_invents_is_withheld(server):
    made_up = {"text": "Thank you.", "segments": [{"avg_logprob": -0.9, "no_speech_prob": 0.7}]}
    server.answers = lambda handler, _: send(handler, made_up)
    assert hear(server).text == ""


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda h, _: send(h, b'{"text": "Dogs'), "did it break off"),
        (lambda h, _: send(h, b"<html>hello</html>", **{"Content-Type": "text/html"}), "OpenAI-compatible"),
        (lambda h, _: send(h, {"words": []}), "OpenAI-compatible"),
        (lambda h, _: send(h, {"text": None}), "OpenAI-compatible"),
        (lambda h, _: send(h, {"text": "a", "words": [{"word": 3}]}), "OpenAI-compatible"),
        (lambda h, _: send(h, {"error": "out of memory"}, 500), r"failed inside \(500\).*out of memory"),
        (lambda h, _: send(h, {"error": "no"}, 404), "knows no model 'whisper-1'"),
        (lambda h, _: send(h, {"error": "big"}, 413), "shorter stretches"),
        (lambda h, _: send(h, b"", 307, Location="http://elsewhere/v1"), "sends on to http://elsewhere/v1"),
        (lambda h, _: h.connection.close(), "cannot reach"),
    ],
)
def test_what_goes_wrong_is_said(server, answer, told):
    server.answers = answer
    with pytest.raises(TranscriptionError, match=told):
        hear(server)


def test_a_failure_that_passes_is_tried_again(server):
    def once(handler, _):
        send(handler, *(({"error": "busy"}, 503) if len(server.asked) == 1 else (WHOLE,)))

    server.answers = once
    assert hear(server, retries=1).text == "Dogs are sitting"
    assert len(server.asked) == 2


def test_a_silent_server_and_one_that_drips_end(server):
    server.answers = lambda *_: time.sleep(1)
    start = time.monotonic()
    with pytest.raises(TranscriptionError, match=r"within 0\.1 s"):
        hear(server, timeout=0.1)

    def drip(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            time.sleep(0.05)

    server.answers = drip
    with pytest.raises(TranscriptionError, match="no transcript within"):
        hear(server, timeout=0.1)
    assert time.monotonic() - start < 2


def test_nobody_at_the_url():
    with pytest.raises(TranscriptionError, match="is the server running"):
        ByURL("whisper-1", "http://127.0.0.1:9/v1", retries=0)(SOUND)
