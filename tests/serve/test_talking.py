import json

import pytest


def begin(client, **fields):
    reply = client.post("/v1/companion", json={"person": "ana", **fields})
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_an_answer_says_why(client):
    talk = begin(client)
    answer = client.post(f"/v1/companion/{talk['id']}/say", json={"text": "I failed my exam."}).json()
    assert answer["text"]
    assert answer["strategies"]
    assert any("t1" in reason for reason in answer["reasons"])
    assert answer["risk"] == {"level": "none", "kinds": [], "lines": []}
    assert "not a person" in talk["notice"] or "program" in talk["notice"]


def test_in_a_crisis_the_help_lines_are_there(client):
    talk = begin(client)
    answer = client.post(f"/v1/companion/{talk['id']}/say", json={"text": "I want to end my life tonight."}).json()
    assert answer["risk"]["level"] == "crisis"
    assert any(line["contact"] == "116 123" for line in answer["risk"]["lines"])
    assert answer["tier"] == "guard"


def test_a_streamed_answer_is_sentences_and_then_the_whole(client):
    talk = begin(client)
    with client.stream(
        "POST", f"/v1/companion/{talk['id']}/say", json={"text": "I am so tired.", "stream": True}
    ) as reply:
        events = [event.split("\n") for event in "".join(reply.iter_text()).strip().split("\n\n")]
    kinds = [head.removeprefix("event: ") for head, _ in events]
    assert kinds == ["sentence"] * (len(kinds) - 1) + ["answer"]
    said = "".join(json.loads(data.removeprefix("data: "))["text"] for _, data in events[:-1])
    answer = json.loads(events[-1][1].removeprefix("data: "))
    assert said.strip() == answer["text"]
    assert answer["tier"] == "composer"
    assert len(answer["reasons"]) > 1
    kept = [json.loads(line) for line in client.get(f"/v1/companion/{talk['id']}").text.splitlines()]
    assert [one["text"] for one in kept if one["kind"] == "turn"] == ["I am so tired.", said.strip()]


def test_a_talk_outlives_the_server(served):
    with served() as client:
        talk = begin(client)["id"]
        client.post(f"/v1/companion/{talk}/say", json={"text": "My dog died."})
        client.post(f"/v1/companion/{talk}/say", json={"text": "It was on Monday."})
        before = client.get(f"/v1/companion/{talk}").text
    with served() as client:
        assert client.get(f"/v1/companion/{talk}").text == before
        client.post(f"/v1/companion/{talk}/say", json={"text": "He was fourteen."})
        said = [json.loads(line) for line in client.get(f"/v1/companion/{talk}").text.splitlines()]
        assert [one["text"] for one in said if one["kind"] == "turn"][0::2] == [
            "My dog died.",
            "It was on Monday.",
            "He was fourteen.",
        ]


def test_nothing_is_remembered_without_consent(served):
    with served() as client:
        assert client.post("/v1/companion", json={"person": "ana", "remember": True}).status_code == 422
        talk = begin(client)["id"]
        client.post(f"/v1/companion/{talk}/say", json={"text": "My sister Zelda called."})
        assert client.get("/v1/people/ana/memory").json() == {"episodes": []}


def test_a_memory_is_seen_forgotten_and_goes_with_its_person(served, tmp_path):
    with served() as client:
        talk = begin(client, remember=True, consent="Yes, remember me.")["id"]
        for text in ("My sister Zelda called.", "She lives in Quito."):
            client.post(f"/v1/companion/{talk}/say", json={"text": text})
        found = client.get("/v1/people/ana/memory").json()["episodes"]
        assert [one["text"] for one in found] == ["My sister Zelda called.", "She lives in Quito."]
        assert client.delete(f"/v1/people/ana/memory/{found[0]['id']}").status_code == 204
        assert len(client.get("/v1/people/ana/memory").json()["episodes"]) == 1
        stored = client.get("/v1/people/ana").json()
        assert stored["consents"][0]["words"] == "Yes, remember me."
        assert len(stored["talks"]) == 1
        assert client.delete("/v1/people/ana").json() == {"talks": 1}
        assert client.get(f"/v1/companion/{talk}").status_code == 404
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"Zelda" not in kept
    assert b"Quito" not in kept


def test_consent_taken_back_forgets(served):
    with served() as client:
        talk = begin(client, remember=True, consent="Yes.")["id"]
        client.post(f"/v1/companion/{talk}/say", json={"text": "My sister Zelda called."})
        client.post("/v1/people/ana/consent", json={"what": " Memory", "given": False})
        assert client.get("/v1/people/ana/memory").json() == {"episodes": []}
        client.post(f"/v1/companion/{talk}/say", json={"text": "My brother Anton called."})
        assert client.get("/v1/people/ana/memory").json() == {"episodes": []}


def test_people_do_not_see_each_others_memories(served):
    with served() as client:
        for person in ("ana", "..ana", "ANA"):
            talk = begin(client, person=person, remember=True, consent="Yes.")["id"]
            client.post(f"/v1/companion/{talk}/say", json={"text": f"I am {person} and I like tea."})
        assert [one["text"] for one in client.get("/v1/people/ana/memory").json()["episodes"]] == [
            "I am ana and I like tea."
        ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/companion/none/say", {"text": "a"}, 404),
        ("/v1/companion", {"persona": "../x.toml"}, 404),
        ("/v1/companion", {"persona": "wram"}, 404),
        ("/v1/companion", {"nobody": 1}, 422),
        ("/v1/companion", {"person": "../ana"}, 422),
        ("/v1/companion", {"person": " "}, 422),
    ],
)
def test_what_is_not_there(client, path, body, status):
    assert client.post(path, json=body).status_code == status


def test_an_empty_turn_is_told_and_adds_nothing(client):
    talk = begin(client)["id"]
    assert client.post(f"/v1/companion/{talk}/say", json={"text": "  \n"}).status_code == 422
    assert client.get(f"/v1/companion/{talk}").text == ""
