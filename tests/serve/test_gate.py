import logging

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
        with pytest.raises(Exception) as refused, client.websocket_connect("/v1/listen"):
            pass
        assert getattr(refused.value, "code", None) == 4401
        with client.websocket_connect("/v1/listen", subprotocols=["insula", "key.secret"]) as socket:
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
