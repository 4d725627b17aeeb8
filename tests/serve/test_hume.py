import json
import time

import pytest


def done(client, reply):
    assert reply.status_code == 200, reply.text
    job = reply.json()["job_id"]
    for _ in range(600):
        state = client.get(f"/v0/batch/jobs/{job}").json()["state"]
        if state["status"] in ("COMPLETED", "FAILED"):
            assert state["status"] == "COMPLETED", state
            return client.get(f"/v0/batch/jobs/{job}/predictions").json()
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_a_text_is_measured_in_the_old_shape(client):
    body = {"text": ["I am so happy for you!"], "models": {"language": {"granularity": "sentence"}}}
    (source,) = done(client, client.post("/v0/batch/jobs", json=body))
    (file,) = source["results"]["predictions"]
    (group,) = file["models"]["language"]["grouped_predictions"]
    best = max(group["predictions"][0]["emotions"], key=lambda one: one["score"])
    assert best["name"] == "Joy"


def test_uploaded_files_are_measured(client):
    files = [("file", ("talk.txt", b"Ana: I hate this.\nBen: Me too.\n", "text/plain"))]
    (source,) = done(client, client.post("/v0/batch/jobs", files=files, data={"json": json.dumps({"models": {}})}))
    (file,) = source["results"]["predictions"]
    assert {group["id"] for group in file["models"]["language"]["grouped_predictions"]} == {"Ana", "Ben"}


@pytest.mark.parametrize(
    "body", [{"urls": ["http://example.org/a.wav"]}, {}, {"text": []}, [], 7],
)  # fmt: skip
def test_what_cannot_be_measured_is_told(client, body):
    assert client.post("/v0/batch/jobs", json=body).status_code == 422


def test_an_unknown_job(client):
    assert client.get("/v0/batch/jobs/none").status_code == 404
    assert client.get("/v0/batch/jobs/none/predictions").status_code == 404


def test_a_text_alone_is_one_text(client):
    (source,) = done(client, client.post("/v0/batch/jobs", json={"text": "happy", "models": None, "callback_url": "x"}))
    assert len(source["results"]["predictions"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": 5}, "text"),
        ({"text": {"a": "b"}}, "text"),
        ({"text": ["a", 5]}, "text.1"),
        ({"text": ["x" * 100_001]}, "text.0"),
        ({"text": "a", "models": ["language"]}, "models"),
        ({"text": " "}, "neither a text"),
    ],
)
def test_a_field_of_a_wrong_type_is_named(client, body, field):
    for sent in ({"json": body}, {"data": {"json": json.dumps(body)}, "files": [("other", ("a", b""))]}):
        reply = client.post("/v0/batch/jobs", **sent)
        assert reply.status_code == 422
        assert field in reply.json()["error"]["message"]
