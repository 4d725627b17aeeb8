import logging
import re

import pytest

from insula.serve.settings import Settings, settings


def test_without_the_key_nobody_is_let_in(served):
    with served(keys=("secret",)) as client:
        assert client.get("/health").status_code == 200
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}, {"x-api-key": "secre"}):
            reply = client.post("/v1/read", json={"text": "a"}, headers=headers)
            assert reply.status_code == 401
            assert client.get("/metrics", headers=headers).status_code == 401
        for headers in ({"authorization": "Bearer secret"}, {"x-api-key": "secret"}):
            assert client.post("/v1/read", json={"text": "a"}, headers=headers).status_code == 200


def test_a_socket_without_the_key_is_closed(served):
    with served(keys=("secret",)) as client:
        with pytest.raises(Exception) as refused, client.websocket_connect("ws://localhost/v1/listen"):
            pass
        assert getattr(refused.value, "code", None) == 4401
        with client.websocket_connect("ws://localhost/v1/listen", subprotocols=["insula", "key.secret"]) as socket:
            socket.send_json({"type": "end"})


def test_a_body_that_says_it_is_too_big_is_refused_before_it_is_sent(served):
    with served(most_bytes=1000, most_text_bytes=500) as client:

        def never():
            raise AssertionError("the body was asked for")
            yield b""

        headers = {"content-type": "audio/wav", "content-length": "1000000000"}
        reply = client.post("/v1/read", content=never(), headers=headers)
        assert reply.status_code == 413
        assert "1,000" in reply.json()["error"]["message"]


@pytest.mark.parametrize("keys", [("secret", ""), ("",), ("secret", "  ")])
def test_an_empty_key_opens_nothing(keys):
    with pytest.raises(ValueError, match="one of the keys is empty"):
        Settings(keys=keys)
    assert Settings(keys=("one", " two ")).keys == ("one", "two")


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_pages_elsewhere_ask_nothing_of_a_server_without_keys(served, headers):
    """Names that are made to point at this machine, and pages that post to it (DNS rebinding, CSRF)."""
    with served() as client:
        assert client.get("/v1/people/ana", headers=headers).status_code == 403
        with pytest.raises(Exception) as refused, client.websocket_connect("ws://localhost/v1/listen", headers=headers):
            pass
        assert getattr(refused.value, "code", None) == 4403
        for own in ({"host": "127.0.0.1:8321"}, {"host": "[::1]:80"}, {"origin": "http://localhost:8321"}):
            assert client.get("/v1/people/ana", headers=own).status_code == 200


def test_pages_that_may_ask_can_ask_first_whether_they_may(served):
    page = {"origin": "https://app.example"}
    with served(keys=("secret",), origins=("https://app.example",)) as client:
        asked = {**page, "access-control-request-method": "POST"}
        reply = client.options("/v1/read", headers=asked)
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, "https://app.example")
        reply = client.post("/v1/read", json={"text": "a"}, headers=page)
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (401, "https://app.example")
        reply = client.post("/v1/read", json={"text": "a"}, headers={**page, "authorization": "Bearer secret"})
        assert "x-request-id" in reply.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", ["/v1/companion", "/v1/chat/completions", "/v1/read"])
def test_a_body_that_grows_too_big_is_told_so_wherever_it_is_read(served, path):
    with served(most_text_bytes=500) as client:
        pieces = (b'{"person": "' + b"x" * 100 for _ in range(100))
        assert client.post(path, content=pieces, headers={"content-type": "application/json"}).status_code == 413


def test_a_fault_is_told_and_noted_without_words(served, monkeypatch, caplog):
    with served() as client:

        def breaks(*_):
            raise RuntimeError("zebra")

        monkeypatch.setattr(client.app.state.talks, "begin", breaks)
        with caplog.at_level(logging.INFO):
            reply = client.post("/v1/companion", json={"person": "ana"})
        assert (reply.status_code, reply.json()["error"]["message"]) == (500, "this should not happen: RuntimeError")
        assert reply.headers["x-request-id"] in caplog.text
        assert '"status": 500' in caplog.text
        assert "zebra" not in caplog.text + reply.text


def test_what_is_for_research_only_is_not_done_where_it_must_not_be(served):
    with served(commercial_ok=True) as client:
        for path, body in (
            ("/v1/companion", {"person": "ana"}),
            ("/v1/guard", {"turns": [{"text": "a"}]}),
            ("/v1/chat/completions", {"model": "insula", "messages": [{"role": "user", "content": "a"}]}),
            ("/v1/evaluate", {"names": ["tec"], "pipeline": "text.lexicon"}),
            ("/v1/simulate", {}),
        ):
            reply = client.post(path, json=body)
            assert reply.status_code == 403, path
            assert "not for commercial use" in reply.text
        with client.websocket_connect("ws://localhost/v1/listen") as socket:
            socket.send_json({"type": "turn", "speaker": "ana", "text": "I miss him."})
            kinds = {socket.receive_json()["type"] for _ in range(3)}
        assert "problem" not in kinds


def test_the_description_is_a_page_that_needs_no_internet_and_takes_a_key(served):
    with served(keys=("secret",)) as client:
        page = client.get("/docs").text
        assets = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert assets
        for one in assets:
            assert client.get(one).status_code == 200, one
        assert client.get("/openapi.json").json()["security"] == [{"key": []}]


def test_a_body_that_says_nothing_is_cut_off(served):
    with served(most_bytes=1000) as client:
        pieces = (b"x" * 400 for _ in range(100))
        assert client.post("/v1/read", content=pieces, headers={"content-type": "audio/wav"}).status_code == 413


def test_who_asks_too_often_waits(served):
    with served(rate=0.001, burst=3) as client:
        found = [client.post("/v1/read", json={"text": "a"}).status_code for _ in range(5)]
        assert found == [200, 200, 200, 429, 429]


def test_what_anybody_wrote_is_not_in_the_log(client, caplog):
    with caplog.at_level(logging.INFO, "insula.serve"):
        client.post("/v1/read", json={"text": "the zebra is a secret"})
        client.get("/v1/people/zebra-person")
    assert any("/v1/read" in one.message for one in caplog.records)
    assert "zebra" not in caplog.text


def test_counts_are_told(client):
    client.post("/v1/read", json={"text": "a"})
    client.post("/v1/guard", json={"turns": [{"speaker": "ana", "text": "I want to end my life tonight."}]})
    told = client.get("/metrics").text
    assert 'path="/v1/read",status="200"' in told
    assert 'insula_risk_total{level="crisis"}' in told


def test_errors_have_one_form_and_an_id(client):
    reply = client.get("/nowhere")
    assert reply.json()["error"]["code"] == 404
    assert len(reply.headers["x-request-id"]) == 16


def test_without_a_key_only_this_machine_may_ask(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no key is set"):
        settings(host="0.0.0.0")
    assert settings(host="0.0.0.0", keys=["a"]).host == "0.0.0.0"
    assert settings().loopback


def test_the_file_is_read_and_flags_come_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "insula.toml").write_text('[serve]\nport = 9000\nmodel = "composer"\n')
    assert settings().port == 9000
    assert settings(port=9001) == Settings(port=9001, model="composer")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[serve]\nprot = 1\n", "no 'prot'; did you mean 'port'"),
        ('[serve]\nport = "x"\n', "port"),
        ("[serve\n", "no TOML"),
        ("serve = 1\n", "no table"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, text, told):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=told.replace("'", ".")):
        settings(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no"):
        settings(tmp_path / "none.toml")


def test_who_is_answered_while_it_ends_is_asked_to_connect_anew(served):
    with served() as client:
        assert "connection" not in client.get("/ready").headers
        client.app.state.ready = False
        parting = client.get("/health")
        assert parting.headers["connection"] == "close"
        assert client.get("/ready").status_code == 503
