"""EmoBench as it was published: both languages, shuffled, and the numbers blind rules get."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from insula.data import MalformedData
from insula.data.files import MissingData
from insula.evaluate.asking import exam
from insula.evaluate.asking.run import others, put_all, questions
from insula.evaluate.asking.statistics import scores
from insula.evaluate.exams.emobench import EXAM

needs_data = pytest.mark.skipif(
    not (Path(os.environ.get("INSULA_DATA", "/nowhere")) / "emobench").is_dir(), reason="needs the published files"
)
ROW = {"qid": "1", "language": "en", "scenario": "Kim won.", "subject": "Kim", "question type": "Action"}


@pytest.fixture
def written(tmp_path, monkeypatch):
    """written(EA rows) -> the exam over them, with no understanding items."""
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    (tmp_path / "emobench").mkdir()

    def write(*rows, size=0):
        (tmp_path / "emobench" / "EU.jsonl").write_text("", encoding="utf-8")
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        (tmp_path / "emobench" / "EA.jsonl").write_text(text, encoding="utf-8")
        return replace(EXAM, size=size)

    return write


@needs_data
def test_the_published_items_and_what_blind_rules_get_on_them():
    found = exam("emobench")
    assert found.changed() == []
    asked = put_all(found, questions(found), 5)
    assert len(asked) == 4000
    got = {(x.answerer, x.slice): x.score for x in scores(others(found, asked)) if x.metric == "accuracy"}
    assert got["always the third", "items EA en"] == pytest.approx(0.37)
    assert got["the longest", "items EA en"] == pytest.approx(0.31)
    assert got["first emotion, longest cause", "items EU en"] == pytest.approx(0.18)
    assert got["always C as shown", "items EA en"] == pytest.approx(0.25, abs=0.04)  # shuffling takes the leak away


def test_a_file_that_is_missing_says_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    (tmp_path / "emobench").mkdir()
    with pytest.raises(MissingData, match=r"EU.jsonl \(sha256 60140a761777….*get it at https"):
        EXAM.questions()


def test_a_file_cut_short_is_no_exam(written):
    with pytest.raises(ValueError, match=r"1 of 800 questions in .*EA.jsonl: is a file cut short"):
        written(ROW | {"choices": ["a", "b"], "label": "a"}, size=800).questions()
    with pytest.raises(MalformedData, match=r"EA.jsonl: line 2: not a JSON object"):
        written(ROW | {"choices": ["a", "b"], "label": "a"}, '{"qid": "2", "lang').questions()


def test_a_file_of_another_version_is_told_by_its_hash_and_its_fields(written):
    assert "another version: sha256" in written(ROW | {"choices": ["a", "b"], "label": "a"}).changed()[0]
    with pytest.raises(MalformedData, match=r"EA.jsonl: line 1: no field 'choices'; it has qid, language"):
        written(ROW | {"Choices": ["a", "b"], "label": "a"}).questions()
    with pytest.raises(MalformedData, match=r"the right answer 'c' is none of the 2 options"):
        written(ROW | {"choices": ["a", "b"], "label": "c"}).questions()
    with pytest.raises(MalformedData, match=r"a question of the kind 'Action' in 'fr'"):
        written(ROW | {"language": "fr", "choices": ["a", "b"], "label": "a"}).questions()
