"""ConvoKit corpora: other people's are read, ours are written as it loads them and come back whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.exchange import conversations, writer
from insula.wire import dump

from .test_write import anything, write


def log(conversation: Conversation) -> list[str]:
    return [conversation.id, dump(conversation.meta), *map(dump, conversation)]


def written(path: Path, *given: Conversation) -> Path:
    write(path, *given)
    return path


def lines(*records: dict) -> str:
    return "".join(
        json.dumps({"conversation_id": "u1", "speaker": "ana", "text": f"says {one['id']}", "reply-to": None, **one})
        + "\n"
        for one in records
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(anything(), min_size=1, max_size=3, unique_by=lambda c: c.id))
def test_any_conversation_comes_back(tmp_path, given):
    path = written(tmp_path / "a.convokit", *given)
    found = list(conversations(path, lambda problem: pytest.fail(str(problem))))
    assert [log(c) for c in found] == [log(c) for c in given]


def test_the_whole_log_comes_back_in_its_order(read, tmp_path, quarrel, problems):
    first, second = quarrel.read("emotion", turn="t1")[0], quarrel.read("affect", turn="t1")[0]
    later = Turn("bo", "Wait.", meta={"time": 5, "topics": ["late"]})
    talk = Conversation(*quarrel, later, id="c:1", meta={"topic": "trust", "speakers": {"ana": {"age": 30}}})
    talk.add(
        Annotation("finding", {"turning-point": 0.75}, Anchor("t4"), "findings", "r", because=(first.id, second.id))
    )
    talk.add(
        Annotation("personality", {"openness": 0.5}, Anchor(speaker="ana"), "bigfive", "r", margin={"openness": 0.25})
    )
    talk.add(Signal("eda", numpy.arange(4.0), 4.0, speaker="ana"), Turn("cy", "", (9.0, 9.5)))
    path = written(tmp_path / "a.convokit", talk)
    assert [log(c) for c in read(path)] == [log(talk)]
    assert [log(c) for c in read(path / "utterances.jsonl")] == [log(talk)]
    assert problems == []


def test_a_corpus_is_what_convokit_loads(tmp_path, quarrel):
    path = written(tmp_path / "a.convokit", quarrel, Conversation(Turn("ana", "Hi"), id="second"))
    assert sorted(one.name for one in path.iterdir()) == [
        "conversations.json", "corpus.json", "index.json", "speakers.json", "utterances.jsonl",
    ]  # fmt: skip
    utterances = [json.loads(line) for line in (path / "utterances.jsonl").read_text().splitlines()]
    assert [one["id"] for one in utterances] == ["t1", "t2", "t3", "second/t1"], "unique in the corpus"
    assert [one["reply-to"] for one in utterances] == [None, "t1", "t2", None]
    assert [one["timestamp"] for one in utterances] == [0.5, 2.25, 3.5, None]
    speakers, about, index = (
        json.loads((path / f"{name}.json").read_text()) for name in ("speakers", "conversations", "index")
    )
    assert {one["speaker"] for one in utterances} == set(speakers)
    assert {one["conversation_id"] for one in utterances} == set(about)
    assert index["utterances-index"] == {"insula": ["<class 'dict'>"]}
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"


def test_a_corpus_is_replaced_and_other_folders_are_left_alone(read, tmp_path, quarrel):
    path = written(tmp_path / "a.convokit", quarrel)
    written(path, Conversation(Turn("cy", "Hi"), id="x"))
    assert [c.id for c in read(path)] == ["x"]
    (tmp_path / "b.convokit").mkdir()
    written(tmp_path / "b.convokit", quarrel)
    (tmp_path / "c.convokit").write_text("notes")
    with pytest.raises(OSError, match="it is a file, and a ConvoKit corpus is a folder"):
        writer(tmp_path / "c.convokit")


def test_what_was_done_before_an_error_is_kept(read, tmp_path, quarrel):
    with pytest.raises(KeyboardInterrupt) as raised:
        write(tmp_path / "a.convokit", quarrel, stopped=True)
    assert "a.partial.convokit" in raised.value.__notes__[0]
    assert [log(c) for c in read(tmp_path / "a.partial.convokit")] == [log(quarrel)]
    assert not (tmp_path / "a.convokit").exists()


def test_replies_and_people_of_others_come_back(read, file, tmp_path, problems):
    path = file("corpus/utterances.jsonl", lines(
        {"id": "u1", "timestamp": 1}, {"id": "u2", "reply-to": "u1", "speaker": "p7", "timestamp": 2},
        {"id": "u3", "reply-to": "u1", "speaker": "p8", "timestamp": 3}, {"id": "u4", "timestamp": 4},
    ))  # fmt: skip
    people = {"p7": {"meta": {"name": "Kim"}, "vectors": []}, "p8": {"meta": {"name": "Kim"}, "vectors": []}, "ana": {}}
    file("corpus/speakers.json", json.dumps(people))
    file("corpus/conversations.json", json.dumps({"u1": {"meta": {"topic": "x"}, "vectors": []}}))
    (found,) = read(path.parent)
    assert [t.speaker for t in found.turns] == ["ana", "p7", "p8", "ana"], "two called Kim stay two"
    assert found.meta == {"topic": "x", "speakers": {"p7": {"name": "Kim"}, "p8": {"name": "Kim"}}}
    assert [t.meta.get("reply_to", "before") for t in found.turns] == ["before", "before", "u1", None]
    again = written(tmp_path / "a.convokit", found)
    replies = [json.loads(line)["reply-to"] for line in (again / "utterances.jsonl").read_text().splitlines()]
    assert replies == [None, "u1", "u1", None]
    assert json.loads((again / "speakers.json").read_text())["p8"]["meta"] == {"name": "Kim"}
    assert [log(c) for c in read(again)] == [log(found)]
    assert problems == []


def test_a_folder_with_corpora_in_it(read, file, tmp_path, quarrel, problems):
    file("all/note.txt", "Hello")
    written(tmp_path / "all" / "a.convokit", quarrel)
    assert [c.id for c in read(tmp_path / "all")] == ["note.txt", "quarrel"]
    assert problems == []


@pytest.mark.parametrize("speaker", [None, "", "  ", {"id": None}, {}])
def test_unknown_speakers(read, file, speaker):
    (found,) = read(file("utterances.jsonl", lines({"id": "u1", "speaker": speaker})))
    assert found.last.speaker == "author"


def test_one_id_twice_loses_nobodys_words(read, file, problems):
    (found,) = read(file("utterances.jsonl", lines({"id": "u1"}, {"id": "u1", "reply-to": "u1"}, {"id": "u3"})))
    assert [t.id for t in found.turns] == ["u1", "u1+", "u3"]
    assert [(p.where, p.what) for p in problems] == [
        ("line 2", "utterance 'u1' is in line 1 already; this one is kept as 'u1+'")
    ]


def test_replies_in_a_circle(read, file, problems):
    circle = lines({"id": "u3", "reply-to": "u2"}, {"id": "u1"}, {"id": "u2", "reply-to": "u3"})
    (found,) = read(file("utterances.jsonl", circle))
    assert [t.id for t in found.turns] == ["u1", "u3", "u2"]
    assert [(p.where, p.what[:52]) for p in problems] == [
        ("conversation u1", "the utterances in lines 1, 3 reply to one another in")
    ]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"u1": 5}', '{"u1": {"meta": 5}}', "\x00"])
def test_a_broken_file_beside_the_utterances(read, file, broken):
    path = file("corpus/utterances.jsonl", lines({"id": "u1", "meta": 5}))
    for name in ("speakers.json", "conversations.json"):
        file(f"corpus/{name}", broken)
    (found,) = read(path.parent)
    assert found.last.text == "says u1"


def test_a_judgement_that_was_broken_is_reported(read, tmp_path, quarrel, problems):
    path = written(tmp_path / "a.convokit", quarrel) / "utterances.jsonl"
    path.write_text(path.read_text().replace('"layer": "affect"', '"layre": "affect"', 1))
    (found,) = read(path)
    assert len(found) == len(quarrel) - 1
    assert [(p.where, "layre" in p.what or "layer" in p.what) for p in problems] == [("line 1", True)]
