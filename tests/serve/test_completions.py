import json

import pytest

openai = pytest.importorskip("openai")


@pytest.fixture
def chat(client):
    return openai.OpenAI(base_url="http://localhost/v1", api_key="any", http_client=client).chat.completions


def user(text):
    return [{"role": "user", "content": text}]


def test_the_official_client_gets_an_answer_with_what_is_behind_it(chat):
    reply = chat.create(model="insula", messages=user("I failed my exam."))
    assert reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"
    assert reply.model_extra["insula"]["strategies"]


def test_streamed_chunks_joined_are_the_answer(chat):
    chunks = list(chat.create(model="insula", messages=user("I failed my exam."), stream=True))
    said = "".join(one.choices[0].delta.content or "" for one in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert said.strip() == chunks[-1].model_extra["insula"]["text"]
    assert len({one.id for one in chunks}) == 1


def test_the_guard_hears_the_whole_talk(chat):
    messages = [
        *user("I have saved up all my pills."),
        {"role": "assistant", "content": "I see."},
        *user("It is for tonight, to end my life."),
    ]
    reply = chat.create(model="insula", messages=messages)
    assert reply.model_extra["insula"]["risk"]["level"] == "crisis"


def test_parts_of_text_are_read(chat):
    parts = [{"role": "user", "content": [{"type": "text", "text": "I failed my exam."}]}]
    assert chat.create(model="insula", messages=parts).choices[0].message.content


def test_models_are_listed(client):
    models = openai.OpenAI(base_url="http://localhost/v1", api_key="any", http_client=client).models.list()
    assert [one.id for one in models.data] == ["insula"]


def test_an_unknown_model_and_an_empty_talk_are_told(chat):
    with pytest.raises(openai.NotFoundError, match="there are insula"):
        chat.create(model="gpt-9", messages=user("hi"))
    with pytest.raises(openai.BadRequestError, match="no message of the user"):
        chat.create(model="insula", messages=[{"role": "assistant", "content": "Hello."}])
    with pytest.raises(openai.UnprocessableEntityError):
        chat.create(model="insula", messages=[])


@pytest.mark.parametrize(
    "content",
    [5, {"type": "text"}, [{"type": "text", "text": 5}], [{"type": "text"}], ["hi"], [5], [None], "half \ud83d"],
)
@pytest.mark.parametrize("role", ["user", "system"])
def test_a_content_that_is_no_text_and_no_parts_is_told(client, content, role):
    messages = [{"role": role, "content": content}, *user("hi")]
    body, kind = json.dumps({"messages": messages}), {"content-type": "application/json"}
    reply = client.post("/v1/chat/completions", content=body, headers=kind)
    assert reply.status_code == 400, reply.text
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert "parts" in reply.json()["error"]["message"]


def test_instructions_in_parts_and_of_a_developer_colour_the_companion(client, monkeypatch):
    models, given = client.app.state.models, []

    def companion(talk, about):
        given.append(about)
        return type(models).companion(models, talk, about)

    monkeypatch.setattr(models, "companion", companion)
    parts = [{"type": "text", "text": "You are Mo."}, {"type": "image_url", "image_url": {"url": "x"}}]
    messages = [{"role": "system", "content": parts}, {"role": "developer", "content": "Be brief."}, *user("hi")]
    reply = client.post("/v1/chat/completions", json={"messages": messages})
    assert reply.json()["usage"]["prompt_tokens"] == 6
    assert given == ["You are Mo. Be brief."]
