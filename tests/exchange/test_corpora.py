"""RECCON and ESConv: what is published is read, one rater's view is written, and what was written is read again."""

from __future__ import annotations

import gzip
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.data.readers import causes, chats
from insula.exchange import Unreadable, writer
from insula.scheme import scheme
from insula.wire import dump

EVIDENCE, SPAN = "expanded emotion cause evidence", "expanded emotion cause span"
FLAT = {
    "d1": [
        [
            {"turn": 1, "speaker": "A", "utterance": "We got the flat! We got it!", "emotion": "happiness",
             EVIDENCE: [1, 1], SPAN: ["got the flat", "We got it!"], "type": ["no-context"]},
            {"turn": 2, "speaker": "B", "utterance": "We? You never asked me.", "emotion": "anger",
             EVIDENCE: ["b", 1, 2], SPAN: ["b", "We got it!", "You never asked me."],
             "type": ["latent", "no-context", "inter-personal"], "explanation": "left out"},
            {"turn": 3, "speaker": "A", "utterance": "Oh.", "emotion": "neutral"},
        ]
    ]
}  # fmt: skip
HELP = {
    **{"experience_type": "Current Experience", "emotion_type": "anxiety", "problem_type": "job crisis"},
    **{"situation": "The boss is new.", "survey_score": {"seeker": {"empathy": "5"}, "supporter": {}}},
    "dialog": [
        {"text": "Hi.", "speaker": "usr"},
        {"text": "What happened?", "speaker": "sys", "strategy": "Question"},
        {"text": "He shouts.", "speaker": "usr"},
        {"text": "That sounds hard.", "speaker": "sys", "strategy": "Reflection of feelings"},
    ],
    "seeker_question1": "It helped.",
}


def log(conversation: Conversation) -> list[str]:
    return [dump(conversation.meta), *map(dump, conversation)]


def written(path: Path, *given: Conversation) -> Path:
    with writer(path) as out:
        for conversation in given:
            out.write(conversation)
    return path


def machine(talk: Conversation) -> None:
    """A machine's emotions by two raters, and what one of them says they rest on."""
    for rater in ("text.encoder@1", "dialogue.encoder@1"):
        for turn, label, score in (("t1", "joy", 0.75), ("t2", "anger", 0.5)):
            rest = dict.fromkeys(scheme("ekman7").labels, (1 - score) / 6) | {label: score}
            talk.add(Annotation("emotion", rest, Anchor(turn), "ekman7", rater, (label,), (label, "fear")))
    anger = talk.read("emotion", turn="t2", rater="dialogue.encoder@1")[0]
    because = [Annotation("cause", {"cause": p}, at, "cause", "explain.causes@1", labels) for p, at, labels in (
        (0.875, Anchor("t1", (17, 27)), ("cause",)), (0.125, Anchor("t2"), ()),
    )]  # fmt: skip
    link = Annotation("cause", {"anger": 0.5}, Anchor("t2"), "caused", "explain.causes@1", ("anger",))
    talk.add(*because, replace(link, because=(anger.id, because[0].id)))


def test_reccon_as_it_is_published(read, file, problems):
    (found,) = read(file("any.json", json.dumps(FLAT)))
    assert (found.id, [(t.id, t.speaker) for t in found.turns]) == ("d1", [("t1", "A"), ("t2", "B"), ("t3", "A")])
    assert [x.labels for x in found.read("emotion", rater="gold")] == [("joy",), ("anger",), ("neutral",)]
    by_id = {x.id: x.at for x in found.read("cause")}
    _, anger, nothing = found.read("emotion")
    assert [by_id[id] for id in anger.because] == [Anchor("t1", (17, 27)), Anchor("t2", (4, 23))]
    assert nothing.because == ()
    assert found.turns[1].meta["cause_elsewhere"] is True
    assert problems == []


def test_reccon_comes_back_as_it_was(read, file, tmp_path):
    found = read(file("any.json", json.dumps(FLAT)))
    path = written(tmp_path / "out.reccon.json", *found)
    assert json.loads(path.read_text()) == FLAT
    assert [log(c) for c in read(path)] == [log(c) for c in found]


def test_reccon_reads_lists_of_dialogues_and_repeated_words(read, file):
    said = [
        {"turn": 1, "speaker": "A", "utterance": "No. No.", "emotion": "sad", EVIDENCE: [1], SPAN: ["not said"]},
        {"turn": 2, "speaker": "B", "utterance": "No.", "emotion": "angry", EVIDENCE: ["1", 2], SPAN: ["No."]},
    ]
    (found,) = read(file("any.json", json.dumps([said])))
    assert [x.at for x in found.read("cause")] == [Anchor("t1"), Anchor("t1", (0, 3)), Anchor("t2", (0, 3))]
    assert [x.top for x in found.read("emotion")] == ["sadness", "anger"]


def test_reccon_of_a_machine_is_the_view_of_the_one_that_knows_causes(read, tmp_path, file):
    (talk,) = read(file("any.json", json.dumps(FLAT)))
    plain = Conversation(*(Turn(t.speaker, t.text) for t in talk.turns))
    machine(plain)
    path = written(tmp_path / "out.reccon.json", plain)
    said = json.loads(path.read_text())["1"][0]
    assert [one.get("emotion") for one in said] == ["happiness", "anger", None], "not judged is not neutral"
    assert (said[1][EVIDENCE], said[1][SPAN], said[1]["type"]) == ([1], ["We got it!"], ["inter-personal"])
    assert {one["rater"] for one in said[0]["insula"]} == {"dialogue.encoder@1"}
    (again,) = read(path)
    kept = [x for x in plain if isinstance(x, Annotation) and x.rater != "text.encoder@1" and (x.labels or x.because)]
    assert {x.id for x in again if isinstance(x, Annotation)} == {x.id for x in kept}
    (link,) = again.read("cause", scheme="caused")
    assert {again.read("emotion", turn="t2")[0].id} < set(link.because)


def test_gold_goes_before_machines_and_turns_are_numbered(read, tmp_path, file):
    (talk,) = read(file("any.json", json.dumps(FLAT)))
    machine(talk)
    names, ids, renamed = {"t1": "u9", "t2": "u2", "t3": "u4"}, {}, Conversation(id="x")
    for one in talk:
        if isinstance(one, Turn):
            renamed.add(replace(one, id=names[one.id]))
        else:
            because = tuple(ids[id] for id in one.because)
            moved = replace(one, at=replace(one.at, turn=names[one.at.turn]), because=because)
            ids[one.id] = moved.id
            renamed.add(moved)
    said = json.loads(written(tmp_path / "out.reccon.json", renamed).read_text())["x"][0]
    assert [(one["turn"], one["emotion"], one.get(EVIDENCE)) for one in said] == [
        (1, "happiness", [1, 1]), (2, "anger", ["b", 1, 2]), (3, "neutral", None),
    ]  # fmt: skip
    assert not any("insula" in one for one in said)


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({EVIDENCE: [7]}, "turn 2", "cause is said to be turn 7, and the dialogue has none; this cause is left out"),
        ({EVIDENCE: [3]}, "turn 2", "cause is said to be turn 3, which comes later; it is kept"),
        ({EVIDENCE: ["x", None]}, "turn 2", "the cause 'x' is neither the number of a turn nor 'b'"),
        ({EVIDENCE: 5}, "", ""),
        ({"emotion": "bored"}, "turn 2", "emotion 'bored' is none of .*happiness"),
        ({"turn": 9}, "turn 3", "stands after turn 9"),
        ({"turn": 1}, "turn 1", "a second turn has this number"),
        ({"utterance": None}, "turn 2", "has no utterance; left out"),
        ({"insula": [{"kind": "smell"}]}, "turn 2", "\"insula\" cannot be read"),
        ({"insula": [json.loads(dump(Annotation("emotion", {}, Anchor("t8"), reason="?")))]}, "turn 2", "t8"),
        ({"speaker": None}, "", ""),
    ],
)  # fmt: skip
def test_reccon_that_is_wrong_somewhere(read, file, problems, change, where, words):
    document = json.loads(json.dumps(FLAT))
    document["d1"][0][1].update(change)
    (found,) = read(file("any.json", json.dumps(document)))
    assert len(found.turns) == (2 if change.get("utterance", 1) is None else 3)
    assert found.turns[0].text == "We got the flat! We got it!"
    assert found.read("emotion", turn="t1")[0].labels == ("joy",)
    assert all(turn.speaker in ("A", "B", "author") for turn in found.turns)
    if words:
        assert (problems[0].source, problems[0].where) == ("any.json", f"dialogue d1, {where}")
        assert re.search(words, problems[0].what)
    else:
        assert problems == []


def test_esconv_as_it_is_published_and_back(read, file, tmp_path, problems):
    (found,) = read(file("any.json", json.dumps([HELP])))
    assert [(t.speaker, t.text) for t in found.turns][:2] == [("seeker", "Hi."), ("supporter", "What happened?")]
    assert [(x.at.turn, x.labels) for x in found.read("strategy")] == [("t2", ("question",)), ("t4", ("reflection",))]
    assert (found.meta["emotion_type"], found.meta["seeker_question1"]) == ("anxiety", "It helped.")
    path = written(tmp_path / "out.esconv.json", found)
    assert json.loads(path.read_text()) == [{"id": "any.json:1", **HELP}]
    assert [log(c) for c in read(path)] == [log(found)]
    assert problems == []


def test_esconv_as_it_was_first_published_and_a_dialogue_per_line(read, file):
    first = {"speaker": "supporter", "annotation": {"strategy": "Question", "feedback": "5"}, "content": "Why?\n"}
    other = {**HELP, "dialog": [{"speaker": "seeker", "annotation": {}, "content": "Hi\n"}, first]}
    one, two = read(file("any.jsonl", f"{json.dumps(HELP)}\n{json.dumps(other)}\n"))
    assert (one.id, two.id) == ("any.jsonl:1", "any.jsonl:2")
    assert [(t.speaker, t.text) for t in two.turns] == [("seeker", "Hi"), ("supporter", "Why?")]
    assert two.read("strategy")[0].labels == ("question",)
    assert two.turns[1].meta["feedback"] == "5"


def test_esconv_with_a_strategy_nobody_knows(read, file, problems, tmp_path):
    document = json.loads(json.dumps(HELP))
    document["dialog"][1]["strategy"] = "Sing a song"
    document["dialog"].append({"speaker": "usr"})
    (found,) = read(file("any.json", json.dumps(document)))
    assert [x.at.turn for x in found.read("strategy")] == ["t4"]
    assert [(p.where, p.what[:32]) for p in problems] == [
        ("dialogue 1, turn 2", "strategy 'Sing a song' is none o"), ("dialogue 1, turn 5", "has no text; left out"),
    ]  # fmt: skip
    assert "Restatement or Paraphrasing" in problems[0].what
    again = json.loads(written(tmp_path / "out.esconv.json", found).read_text())
    assert again[0]["dialog"][1]["strategy"] == "Sing a song", "what is not known here is not lost"


def test_esconv_of_a_machine_and_of_people_with_names(read, tmp_path):
    likely = dict.fromkeys(scheme("esconv8").labels, 0.0625) | {"question": 0.5625}
    talk = Conversation(Turn("Ana", "Hm."), Turn("Bo", "Why?"), id="x")
    talk.add(Annotation("strategy", likely, Anchor("t2"), "esconv8", "respond.plan@1", ("question",)))
    path = tmp_path / "out.esconv.json"
    with pytest.warns(UserWarning, match="knows a seeker and a supporter; written by name: Ana, Bo"):
        written(path, talk)
    (again,) = read(path)
    assert log(again) == log(talk)


def test_files_named_after_a_format_they_are_not(read, file):
    for name in ("a.reccon.json", "a.esconv.json"):
        with pytest.raises(Unreadable, match="is not built like"):
            read(file(name, '[{"text": "Lovely."}]'))


def test_reccon_without_a_single_emotion_says_so(tmp_path):
    with pytest.warns(UserWarning, match="nobody judged a turn under ekman7"):
        written(tmp_path / "a.reccon.json", Conversation(Turn("ana", "Hm."), id="x"))


@pytest.mark.skipif("INSULA_DATA" not in os.environ, reason="needs the corpora (INSULA_DATA)")
def test_the_corpora_themselves_come_back(read, file, tmp_path):
    folder = Path(os.environ.get("INSULA_DATA", ""))
    source = folder / "reccon" / "dailydialog_valid.json.gz"
    found = read(file("reccon.json", gzip.decompress(source.read_bytes())))
    expected = list(causes.read("dev", source))
    assert [(c.id, len(c.turns)) for c in found] == [(c.id, len(c.turns)) for c in expected]
    assert [log(c) for c in read(written(tmp_path / "out.reccon.json", *found))] == [log(c) for c in found]
    source = folder / "esconv" / "test.jsonl.gz"
    found = read(file("esconv.jsonl", gzip.decompress(source.read_bytes())))
    expected = [[dump(x) for x in c] for c in chats.esconv("test", source)]
    assert [[dump(x) for x in c] for c in found] == expected
    assert [log(c) for c in read(written(tmp_path / "out.esconv.json", *found))] == [log(c) for c in found]
