"""EQ-Bench 3: scenes played message by message, rated by a judge in the published words, or read without one."""

import asyncio
import json

import pytest

from insula.data import MalformedData
from insula.evaluate.asking import exam
from insula.evaluate.exams.eqbench3 import LAST, RUBRIC, SCENES
from insula.llm import LLMError, Scripted

EXAM = exam("eqbench3")
TEXT = (
    "######## 1   | Work Dilemma            | The stapler\n####### Prompt1\n[Play.]\nYour boss took your stapler.\n"
    "####### Prompt2\nHe {laughs}.\n\n######## 7 | Analytical Interpretation | The stapler\n####### Prompt1\n# Act\n"
)
REQUEST = (
    "Rate the replies.\n{transcript}\n---\n{debrief}\n- Qualitative (higher is better):\nkind_words, deep_thought\n"
    "- Quantitative (higher is not necessarily better or worse):\nmoralising\nAs JSON: {output_format}\n"
)


@pytest.fixture
def paths(tmp_path):
    (tmp_path / "scenes").write_text(TEXT)
    (tmp_path / "request").write_text(REQUEST)
    return {SCENES: tmp_path / "scenes", RUBRIC: tmp_path / "request"}


def played(paths, *replies):
    (question,) = EXAM.load(paths)
    asked = EXAM.ask(question, 0, "base")
    return asked, asyncio.run(EXAM.converse(asked, Scripted(list(replies))))


def test_the_scenes_messages_follow_whatever_was_replied_and_then_it_is_talked_over(paths):
    (question,) = EXAM.load(paths)
    model = Scripted(["Give it back.", "Please.", "I was too quick."])
    reply = asyncio.run(EXAM.converse(EXAM.ask(question, 0, "base"), model))
    assert json.loads(reply) == ["Give it back.", "Please.", "I was too quick."]
    assert [one.text for one in model.asked[-1]] == [
        "[Play.]\nYour boss took your stapler.", "Give it back.", "He {laughs}.", "Please.", LAST,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["scenes", "request"])
def test_a_file_that_is_no_text_is_named(paths, tmp_path, name):
    (tmp_path / name).write_bytes(b"######## 1 | \xff\xfe")
    with pytest.raises(MalformedData, match=rf"{name}: no text in UTF-8"):
        EXAM.load(paths)


def test_the_judge_is_asked_in_the_published_words_and_only_what_is_better_counts(paths):
    asked, reply = played(paths, "Give {debrief} back.", "Please.", "I was too quick.")
    by = Scripted('{"kind_words": 10, "deep_thought": 5, "moralising": 20}')
    found = asyncio.run(EXAM.judge(asked, reply, by))
    assert found.values["rubric"] == pytest.approx(37.5)
    assert found.values["moralising"] == 20
    told = by.asked[0][-1].text
    assert "Assistant:\nGive {debrief} back.\n\n---\n\nUser:\nHe {laughs}." in told, "what was said is no place"
    assert "I was too quick." in told
    assert '"moralising": "0-20"' in told


def test_a_judge_that_gives_no_marks_is_an_error_and_marks_off_the_scale_are_asked_again(paths):
    asked, reply = played(paths, "a", "b", "c")
    by = Scripted(['{"kind_words": 30, "deep_thought": 5, "moralising": 0}'] + ["Lovely!"] * 2)
    with pytest.raises(LLMError, match="gave no Marks"):
        asyncio.run(EXAM.judge(asked, reply, by))


def test_without_a_judge_the_readers_say_something_and_an_empty_reply_is_none(paths):
    asked, reply = played(paths, "I am so sorry, that must hurt.", "What happened?", "Fine.")
    assert 0 < EXAM.mark(asked, reply).values["readers"] < 100
    assert set(EXAM.mark(asked, "That sounds really hard.").values) == {"readers"}
    assert EXAM.mark(asked, '["", " "]').why == "it is empty"


def test_files_that_are_cut_or_of_another_version_are_named(paths):
    paths[SCENES].write_text(TEXT.replace("He {laughs}.", ""))
    with pytest.raises(MalformedData, match="line 1: scene 1"):
        EXAM.load(paths)
    paths[RUBRIC].write_text("Rate it.")
    with pytest.raises(MalformedData, match="higher is better"):
        EXAM.load(paths)


def test_the_published_files(published):
    found = published(EXAM)
    assert len({one.id for one in found}) == 26
    assert max(len(one.about["said"]) for one in found) >= 4
    assert len(found[0].about["request"][1]) == 6
    assert len(found[0].about["request"][2]) == 12
    assert not EXAM.changed()
