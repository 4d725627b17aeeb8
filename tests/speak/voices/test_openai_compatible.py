"""A voice by URL against a real little server: well, away, slow, refusing, and sending what is no sound."""

import contextlib
import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("openai", reason="a voice by URL needs openai: pip install 'insula[llm]'")
pytest.importorskip("soundfile", reason="sound files need soundfile: pip install 'insula[speech]'")

import soundfile

from insula.speak.delivery import Delivery
from insula.speak.plan import plan
from insula.speak.voices import VoiceError, joined, voice


class Server(BaseHTTPRequestHandler):
    asked: ClassVar[list] = []

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((request, self.headers.get("Authorization")))
        model = request["model"]
        if model == "slow":
            time.sleep(1.5)
        if model == "strict" and "instructions" in request:
            return self.send(400, json.dumps({"error": {"message": "unknown field instructions"}}).encode())
        if model == "broken":
            return self.send(500, b"oh no")
        return self.send(200, {"bad": b"<html>not here</html>", "empty": _wav(0)}.get(model, _wav(8000)))

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # whoever waited too long has gone
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def _wav(count):
    file = io.BytesIO()
    tone = 0.3 * np.sin(np.arange(count) / 8)
    soundfile.write(file, tone, 16000, format="WAV")
    return file.getvalue()


@pytest.fixture(scope="module")
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()


def test_a_sentence_is_asked_for_with_its_delivery(url):
    Server.asked.clear()
    sounds = list(voice(f"tts@{url}").say("Oh no. I am sorry.", plan("", "sadness", 0.8)))
    assert [sound.text for sound in sounds] == ["Oh no.", "I am sorry."]
    request, key = Server.asked[0]
    assert request["input"] == "Oh no."
    assert request["speed"] == pytest.approx(plan("", "sadness", 0.8).pace)
    assert "sadness" in request["instructions"]
    assert key in (None, "Bearer none")
    assert sounds[0].rate == 16000


def test_energy_is_seen_to_here(url):
    speaker = voice(f"tts@{url}")
    plain, soft = (joined(speaker.say("Hi.", one)).samples.max() for one in (Delivery(), Delivery(energy=-6)))
    assert soft == pytest.approx(plain * 10 ** (-6 / 20), rel=0.01)


def test_a_server_without_instructions_is_asked_without(url):
    Server.asked.clear()
    speaker = voice(f"strict@{url}")
    assert len(list(speaker.say("One. Two.", plan("", "joy")))) == 2
    assert [("instructions" in request) for request, _ in Server.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("bad", "that are no sound"),
        ("empty", "a sound of no length"),
        ("broken", "sent no sound: "),
        ("slow", "sent no sound within 0.3 s"),
    ],
)
def test_what_went_wrong_is_a_sentence(url, model, words):
    with pytest.raises(VoiceError, match=words):
        list(voice(f"{model}@{url}", timeout=0.3).say("Hello.", Delivery()))


def test_a_server_that_is_away():
    with pytest.raises(VoiceError, match="there is no speech server at http://127.0.0.1:9/v1"):
        list(voice("tts@http://127.0.0.1:9/v1").say("Hello.", Delivery()))
