"""Hume's former results, made up in their published shape: read in, written out, and read again."""

import json

import pytest

from insula import Conversation, Turn
from insula.exchange import Unreadable, conversations, writer
from insula.presets import pipeline


def emotions(**scores):
    return [{"name": name, "score": score} for name, score in scores.items()]


def said(text, begin, end, **scores):
    return {"text": text, "time": {"begin": begin, "end": end}, "confidence": 0.9, "emotions": emotions(**scores)}


def grouped(**people):
    return {"metadata": None, "grouped_predictions": [{"id": who, "predictions": some} for who, some in people.items()]}


JOB = [
    {
        "source": {"type": "url", "url": "https://example.org/call.wav"},
        "results": {
            "predictions": [
                {
                    "file": "call.wav",
                    "models": {
                        "prosody": grouped(
                            spk_0=[said("I lost it.", 0.5, 1.5, Sadness=0.6, Joy=0.1)],
                            spk_1=[said("Oh no.", 1.6, 2.0, Sympathy=0.7)],
                        ),
                        "language": grouped(spk_0=[said("I lost it.", 0.5, 1.5, Disappointment=0.5)]),
                        "burst": grouped(unknown=[{"time": {"begin": 2.2, "end": 2.6}, "emotions": emotions(Awe=0.3)}]),
                        "face": grouped(face_0=[{"frame": 3, "time": 1.0, "box": {}, "emotions": emotions(Fear=0.2)}]),
                    },
                }
            ],
            "errors": [],
        },
    }
]  # fmt: skip
LOG = {
    "events_page": [
        {"type": "CHAT_METADATA", "message_text": None},
        {"type": "USER_MESSAGE", "role": "USER", "message_text": "Hello?", "emotion_features": '{"Doubt": 0.4}'},
        {"type": "AGENT_MESSAGE", "message_text": "x"},
        {"type": "ASSISTANT_MESSAGE", "message_text": "I am here.", "emotion_features": "{broken"},
    ]
}
EVENTS = [
    {"type": "user_message", "message": {"role": "user", "content": "Hel"}, "interim": True, "models": {}},
    {
        "type": "user_message", "message": {"role": "user", "content": "Hello?"}, "interim": False,
        "time": {"begin": 1500, "end": 2500}, "models": {"prosody": {"scores": {"Doubt": 0.4}}},
    },
]  # fmt: skip


def read(tmp_path, document, problems=None):
    file = tmp_path / "export.json"
    file.write_text(json.dumps(document))
    return list(conversations(file, (problems if problems is not None else []).append))


def test_a_batch_job_is_a_conversation_with_every_model_as_a_rater(tmp_path):
    (found,) = read(tmp_path, JOB)
    assert [(turn.speaker, turn.text, turn.seconds) for turn in found.turns] == [
        ("spk_0", "I lost it.", (0.5, 1.5)),
        ("spk_1", "Oh no.", (1.6, 2.0)),
    ]
    heard = {(one.rater, one.at.turn, one.at.seconds): dict(one.scores) for one in found.read("emotion")}
    assert heard[("hume.prosody", "t1", None)] == {"Sadness": 0.6, "Joy": 0.1}
    assert heard[("hume.language", "t1", None)] == {"Disappointment": 0.5}
    assert heard[("hume.burst", None, (2.2, 2.6))] == {"Awe": 0.3}
    assert any(rater == "hume.face" and seconds[0] == 1.0 for rater, _, seconds in heard if seconds)


def test_an_event_log_is_a_talk(tmp_path):
    problems = []
    (found,) = read(tmp_path, LOG, problems)
    assert [(turn.speaker, turn.text) for turn in found.turns] == [("user", "Hello?"), ("assistant", "I am here.")]
    assert dict(found.read("emotion", turn="t1")[0].scores) == {"Doubt": 0.4}
    assert "no JSON" in str(problems[0])


def test_events_as_they_were_sent_are_read_without_what_was_interim(tmp_path):
    (found,) = read(tmp_path, EVENTS)
    assert [(turn.text, turn.seconds) for turn in found.turns] == [("Hello?", (1.5, 2.5))]


def test_what_is_written_is_read_again_with_the_same_scores(tmp_path):
    (found,) = read(tmp_path, JOB)
    with writer(tmp_path / "again.hume.json") as out:
        out.write(found)
    (again,) = conversations(tmp_path / "again.hume.json")
    assert [turn.text for turn in again.turns] == [turn.text for turn in found.turns]
    assert sorted(str(dict(one.scores)) for one in again.read("emotion")) == sorted(
        str(dict(one.scores)) for one in found.read("emotion")
    )


def test_what_this_engine_reads_comes_in_its_shape(tmp_path):
    done = pipeline("text").run(Conversation(Turn("ana", "I am so happy for you!"), id="x"))
    with writer(tmp_path / "own.hume.json") as out:
        out.write(done)
    (job,) = json.loads((tmp_path / "own.hume.json").read_text())
    (file,) = job["results"]["predictions"]
    (group,) = file["models"]["language"]["grouped_predictions"]
    first = group["predictions"][0]
    assert group["id"] == "ana"
    assert first["text"] == "I am so happy for you!"
    assert max(first["emotions"], key=lambda one: one["score"])["name"] == "Joy"


@pytest.mark.parametrize(
    "document", [[], {}, [{"results": {}}], [{"results": {"predictions": [7]}}], {"events_page": 3}]
)
def test_something_else_is_said_to_be_something_else(tmp_path, document):
    file = tmp_path / "x.hume.json"
    file.write_text(json.dumps(document))
    with pytest.raises(Unreadable):
        list(conversations(file))


def test_predictions_that_do_not_fit_are_told_and_the_rest_is_read(tmp_path):
    job = json.loads(json.dumps(JOB))
    job[0]["results"]["predictions"][0]["models"]["prosody"]["grouped_predictions"][0]["predictions"].append(
        {"text": "x"}
    )
    problems = []
    (found,) = read(tmp_path, job, problems)
    assert len(found.turns) == 2
    assert "no list of emotions" in str(problems[0])
