"""Readers of replies people judged or wrote, on made-up files in the published formats."""

import json
from pathlib import Path

import pytest
from published import write

from insula.data import MalformedData, load


def test_diasafety_marks_what_is_unsafe_and_keeps_the_category_of_what_is_safe(root: Path):
    items = [
        {"context": "I am sad.", "response": "Who cares.", "category": "Risk Ignorance", "label": "Unsafe"},
        {"context": "I am sad.", "response": "Tell me more.", "category": "Risk Ignorance", "label": "Safe"},
    ]
    write(root, "diasafety", {f"{name}.json": json.dumps(items) for name in ("train", "val", "test")})
    unsafe, safe = load("diasafety", "test")
    assert [turn.speaker for turn in unsafe.turns] == ["user", "bot"]
    assert unsafe.read("boundary", turn="t2")[0].labels == ("risk-ignorance",)
    assert safe.read("boundary", turn="t2")[0].labels == ()
    assert safe.turns[1].meta["category"] == "risk-ignorance"
    assert safe.id == "diasafety/test/test2"


def test_diasafety_with_a_label_nobody_described(root: Path):
    item = {"context": "a", "response": "b", "category": "Risk Ignorance", "label": "Unsure"}
    write(root, "diasafety", {f"{name}.json": json.dumps([item]) for name in ("train", "val", "test")})
    with pytest.raises(MalformedData, match="item 1: label 'Unsure'"):
        list(load("diasafety", "test"))


def test_counsel_chat_gives_a_conversation_per_answer_in_its_split(root: Path):
    header = "questionID,questionTitle,questionText,topic,therapist,answerText,upvotes,views,split\n"
    rows = (
        "7,Sleep?,I lie awake.,sleep,0,How long has it been?,1,2,train\n"
        "7,Sleep?,I lie awake.,sleep,1,That is hard.,1,2,train\n"
        "8,Alone,,lonely,0,I hear you.,0,1,val\n"
    )
    write(root, "counsel-chat", {"20200325_counsel_chat.csv": header + rows})
    first, second = load("counsel-chat", "train")
    assert (first.id, second.id) == ("counsel-chat/train/7-1", "counsel-chat/train/7-2")
    assert first.meta["group"] == second.meta["group"]
    assert first.turns[0].text == "Sleep?\nI lie awake."
    (other,) = load("counsel-chat", "dev")
    assert other.turns[0].text == "Alone"
