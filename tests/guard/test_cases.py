"""The suite is whole, its parts do not overlap, and a mistake in a table is told where it is."""

import re

import pytest

from insula import Annotation
from insula.component import component
from insula.conversation import Anchor
from insula.guard.cases import cases, measure, person_turns, rubric
from insula.guard.cues import contexts, risks
from insula.guard.tables import Mistake, records
from insula.scheme import scheme

HEADER = "case\tpersona\tlanguage\tturn\tspeaker\ttext\tlevel\tkinds\tcategory\twhy"


def test_the_suite_is_large_enough_and_its_parts_are_apart():
    texts = {split: {said.text for _, _, said in person_turns(cases(split))} for split in ("dev", "test", "fresh")}
    assert sum(map(len, texts.values())) >= 450
    assert not texts["dev"] & (texts["test"] | texts["fresh"] - {"ok"})
    assert set(rubric()) == {*scheme("risk-level").labels, "cannot-tell"}


def test_the_tables_of_cues_are_read():
    assert len(risks().cues) > 300
    assert len(contexts().cues) > 100


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a\tp01\ten\t1\tperson\thi\tdanger\t\tbenign\t", "line 2, column 'level'.*danger"),
        ("a\tp01\ten\t1\tperson\thi\tnone\tsadness\tbenign\t", "line 2, column 'kinds'.*sadness"),
        ("a\tp01\ten\t2\tperson\thi\tnone\t\tbenign\t", "line 2, column 'turn'"),
        ("a\tp01\ten\t1\tperson\thi\tnone\tbenign", "line 2: 8 columns"),
        ("a\tnobody\ten\t1\tperson\thi\tnone\t\tbenign\t", "line 2, column 'persona'"),
    ],
)
def test_a_mistake_is_told_with_line_and_column(tmp_path, line, said):
    file = tmp_path / "mine.tsv"
    file.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    with pytest.raises(Mistake, match=said):
        cases(file=file)


def test_other_columns_are_told(tmp_path):
    file = tmp_path / "mine.tsv"
    file.write_text("kind\tcue\n", encoding="utf-8")
    with pytest.raises(Mistake, match=re.escape("must be kind, points")):
        list(records(file, "kind", "points"))


@component(reads=["turn"], writes=["risk"])
def always_alarmed(conversation):
    for turn in conversation.pending("risk", "always"):
        levels = {one: float(one == "crisis") for one in scheme("risk-level").labels}
        yield Annotation("risk", levels, Anchor(turn.id), "risk-level", "always", ("crisis",))


def test_a_reader_that_is_always_alarmed_misses_nobody_and_alarms_always():
    rows = {(row.name, row.measure): row for row in measure(always_alarmed, cases("dev")[:200]).rows}
    assert rows["explicit", "recall"].score == 1.0
    assert rows["none or watch expected", "false alarms"].score == 1.0
    assert "recall" in str(measure(always_alarmed, cases("dev")[:40]))
