import json
import time

import pytest

from insula.llm import Scripted
from insula.serve.jobs import Jobs


def ended(client, job):
    for _ in range(600):
        found = client.get(f"/v1/jobs/{job}").json()
        if found["state"] not in ("waiting", "running"):
            return found
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_what_can_be_measured_is_listed(client):
    found = client.get("/v1/evaluate").json()
    assert "goemotions" in found["benchmarks"]
    assert "emobench" in found["exams"]


def test_a_job_whose_data_is_absent_says_so(client, monkeypatch):
    monkeypatch.delenv("INSULA_DATA", raising=False)
    job = client.post("/v1/evaluate", json={"names": ["tec"], "limit": 5}).json()
    found = ended(client, job["id"])
    assert found["state"] == "failed"
    assert "INSULA_DATA" in found["told"]
    assert any(one["id"] == job["id"] for one in client.get("/v1/jobs").json()["jobs"])


@pytest.mark.parametrize("model", ["mine.py:bot", "x@http://127.0.0.1:1/v1", "/etc/passwd", "openai/gpt-4o"])
def test_a_request_chooses_no_files_and_no_addresses(client, model):
    reply = client.post("/v1/evaluate", json={"names": ["emobench"], "model": model})
    assert reply.status_code == 404
    assert "local" in reply.json()["error"]["message"]


def test_an_unknown_benchmark_is_told_at_once(client):
    reply = client.post("/v1/evaluate", json={"names": ["goemotion"]})
    assert reply.status_code == 404
    assert "did you mean" in reply.json()["error"]["message"]


def test_a_job_is_stopped_at_its_next_step():
    import asyncio

    async def run():
        jobs = Jobs()

        def work(job):
            for _ in range(1000):
                job.step()
                time.sleep(0.01)

        job = jobs.begin("x", work)
        await asyncio.sleep(0.1)
        job.stop.set()
        await asyncio.to_thread(jobs.close)
        return job

    job = asyncio.run(run())
    assert job.state == "stopped"
    assert 0 < job.done < 1000


def test_results_of_studies_have_intervals(client):
    found = client.get("/v1/results").json()["studies"]
    assert len(found) > 20
    assert all(one["metrics"] for one in found)


def test_the_catalogue_lists_methods_papers_and_schemes(client):
    found = client.get("/v1/catalogue").json()
    assert any(one["name"] == "text.encoder" and one["card"] for one in found["methods"])
    assert {one["status"] for one in found["papers"]} >= {"works", "not-claimed"}
    assert any(one["name"] == "ekman7" and "joy" in one["labels"] for one in found["schemes"])


def test_simulated_people_talk_with_and_without_the_guard(client):
    body = {"responder": "composer", "people": "depression", "seekers": 2, "turns": 3}
    found = ended(client, client.post("/v1/simulate", json=body).json()["id"])
    assert found["state"] == "done", found["told"]
    assert found["done"] == found["of"] == 4
    assert set(found["result"]["arms"]) == {"bare", "guarded", "guarded - bare"}
    talk = found["result"]["talks"]["guarded"][0]
    assert len(talk["course"]) >= 2
    assert talk["turns"][0]["text"]


def test_people_are_played_by_a_model_of_the_server(client, monkeypatch):
    answer = json.dumps({"thought": "They listen.", "change": 4, "says": "I do not know what to do now."})
    monkeypatch.setattr("insula.serve.simulating.connect", lambda *_: Scripted(answer))
    body = {"people": "job", "played_by": "local", "seekers": 1, "turns": 2}
    found = ended(client, client.post("/v1/simulate", json=body).json()["id"])
    talk = found["result"]["talks"]["bare"][0]
    assert talk["course"][-1] - talk["course"][0] == 8
    monkeypatch.setattr("insula.serve.simulating.connect", lambda *_: Scripted("I can't."))
    found = ended(client, client.post("/v1/simulate", json=body).json()["id"])
    assert "gave no Inner" in found["result"]["talks"]["bare"][0]["broken"]
    assert found["result"]["arms"]["bare"] == {}
    assert client.post("/v1/simulate", json={"people": "sage"}).status_code == 422
    assert client.post("/v1/simulate", json={**body, "played_by": "/etc/passwd.gguf"}).status_code == 404


def test_who_is_no_simulated_person_is_told_at_once(client):
    reply = client.post("/v1/simulate", json={"people": "depresion"})
    assert reply.status_code == 422
    assert "did you mean" in reply.json()["error"]["message"]
