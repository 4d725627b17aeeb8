"""The exam of emotional stimuli: every item under every condition, and scores that are paired differences."""

import numpy as np
import pytest

from insula.data.files import MissingData
from insula.evaluate.asking import exam
from insula.evaluate.asking.question import Question
from insula.evaluate.exams import stimuli as module
from insula.evaluate.exams.stimuli import EXAM, ask, mark, minus, under
from insula.evaluate.stimuli import Task


@pytest.fixture
def question():
    task = Task("sum", "made up", "Sum the numbers.", "exact", examples=(("1 1", "2"),) * 3)
    return Question("sum/1", "2 3", gold=("5",), group="sum/1", slices={"task": "sum"}, about={"task": task})


def test_it_is_found_by_name():
    assert exam("stimuli") is EXAM


def test_a_condition_changes_the_words_and_keeps_the_group(question):
    stimulus = under(question, "positive", "EP02", "It matters.")
    control = under(question, "positive control", "EP02", "It is listed.")
    assert stimulus.group == control.group == question.group
    assert len({question.id, stimulus.id, control.id}) == 3
    assert ask(stimulus, 0, "base").messages[-1].text == "Sum the numbers.\n\nInput: 2 3\n\nIt matters."
    assert len(ask(control, 0, "examples").messages) == 7


def test_marks_are_told_apart_by_condition(question):
    put = ask(under(question, "negative control", "NP01", "It is listed."), 0, "base")
    assert mark(put, "5").values == {"accuracy": 1.0, "negative control": 1.0}
    assert mark(put, "").values is None


def test_the_score_is_the_difference_and_unknown_where_a_condition_was_not_asked():
    nan = np.nan
    columns = {"positive": np.array([1.0, nan, 1.0, nan]), "positive control": np.array([nan, 0.0, nan, 1.0])}
    assert minus("positive", "positive control")(columns, np.ones((1, 4)))[0] == pytest.approx(0.5)
    assert np.isnan(minus("positive", "none")(columns, np.ones((1, 4)))[0])


def test_a_missing_file_is_named_with_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    (tmp_path / "emotional_stimuli").mkdir()
    with pytest.raises(MissingData, match=r"stimuli\.tsv .*github\.com"):
        EXAM.questions()


def test_the_published_files_make_whole_groups():
    try:
        found = EXAM.questions()
    except MissingData as error:
        pytest.skip(str(error))
    ways = 1 + 2 * 21
    assert len(found) % ways == 0
    assert [one.group for one in found[:ways]] == [found[0].group] * ways
    assert len({one.id for one in found}) == len(found)
    assert len({one.slices["task"] for one in found}) == 43
    assert module.EACH == 3
