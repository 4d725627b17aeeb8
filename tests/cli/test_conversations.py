"""What `insula read` does with a conversation when nothing is asked for, and what may be joined to it."""

import json

import pytest

from insula.catalogue import rows
from insula.presets import PRESETS


@pytest.fixture(autouse=True)
def made_up_presets(monkeypatch):
    """The two presets by made-up readers, so that no weights are needed."""
    made_up = {**PRESETS, "text": ("made_up.reader",), "dialogue": ("made_up.reader", "made_up.talker")}
    monkeypatch.setattr("insula.presets.PRESETS", made_up)


@pytest.fixture
def chat(tmp_path):
    path = tmp_path / "chat.txt"
    path.write_text("Ana: I am glad you came\nBo: I miss him\nAna: I am furious about it\n")
    return path


def test_every_preset_is_made_of_rows_there_are():
    assert {row for preset in PRESETS.values() for row in preset} <= {row.name for row in rows()}


def raters(path):
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {x["rater"].split("@")[0] for x in records if x["kind"] == "annotation"}


def test_several_people_are_read_as_a_conversation(insula, chat, tmp_path):
    code, _, _ = insula("read", chat, "-o", tmp_path / "out.jsonl")
    assert code == 0
    assert raters(tmp_path / "out.jsonl") == {"made_up.reader", "made_up.talker"}


def test_one_text_and_the_paragraphs_of_one_author_are_read_as_texts(insula, tmp_path):
    (tmp_path / "diary.txt").write_text("I am glad you came.\n\nI miss him so much.\n")
    code, _, _ = insula("read", "I am so glad", tmp_path / "diary.txt", "-o", tmp_path / "out.jsonl")
    assert code == 0
    assert raters(tmp_path / "out.jsonl") == {"made_up.reader"}


def test_what_is_asked_for_is_used_for_everything(insula, chat, tmp_path):
    insula("read", chat, "-p", "text", "-o", tmp_path / "out.jsonl")
    assert raters(tmp_path / "out.jsonl") == {"made_up.reader"}
    insula("read", "I am so glad", "-p", "dialogue", "-o", tmp_path / "out.jsonl")
    assert raters(tmp_path / "out.jsonl") == {"made_up.reader", "made_up.talker"}


def test_a_preset_and_a_method_are_joined(insula, chat, tmp_path):
    code, _, _ = insula("read", chat, "-p", "text+made_up.talker", "-o", tmp_path / "out.jsonl")
    assert code == 0
    assert raters(tmp_path / "out.jsonl") == {"made_up.reader", "made_up.talker"}


def test_order_is_kept_when_texts_and_conversations_alternate(insula, chat, tmp_path):
    (tmp_path / "a.txt").write_text("I am glad\n")
    (tmp_path / "z.txt").write_text("I am scared\n")
    insula("read", tmp_path / "a.txt", chat, tmp_path / "z.txt", "-o", tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert list(dict.fromkeys(x["conversation"] for x in records)) == ["a.txt", "chat.txt", "z.txt"]


def test_for_commercial_use_the_words_alone_are_read_and_one_sentence_says_so(insula, chat, tmp_path):
    (tmp_path / "other.txt").write_text(chat.read_text())
    code, _, err = insula("read", chat, tmp_path / "other.txt", "--commercial-ok", "-o", tmp_path / "out.jsonl")
    assert code == 0
    assert raters(tmp_path / "out.jsonl") == {"made_up.reader"}
    assert err.count("research only") == 1


def test_what_is_asked_for_by_name_is_refused_for_commercial_use(insula, chat):
    code, _, err = insula("read", chat, "-p", "dialogue", "--commercial-ok")
    assert code == 2
    assert "not for commercial use" in err


def test_causes_are_shown_under_the_turns(insula, chat):
    _, out, _ = insula("read", chat)
    assert "because of turn 1, Ana .80" in out
