"""CSV, TSV and Parquet: which column means what, and rows that do not fit."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

import insula
from insula import Pipeline
from insula.conversation import Conversation
from insula.exchange import Unreadable, conversations


def test_a_row_is_a_conversation_and_other_columns_stay_with_it(read, file):
    (first, second) = read(file("reviews.csv", 'id,Review Text,stars\n7,"Lovely, really.",5\n8,Broken.,1\n'))
    assert [first.id, second.id] == ["reviews.csv:2", "reviews.csv:3"]
    assert first.last.text == "Lovely, really."
    assert dict(first.last.meta) == {"id": "7", "stars": "5"}
    assert first.last.speaker == "author"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(read, file, delimiter):
    rows = (("id", "text", "stars"), ("1", "so good", "5"))
    (found,) = read(file("a.csv", "\n".join(delimiter.join(row) for row in rows)))
    assert found.last.text == "so good"


def test_a_text_over_several_lines_counts_its_lines(read, file):
    found = read(file("a.csv", 'text,n\n"one\ntwo\nthree",1\nfour,2\n'))
    assert [c.id for c in found] == ["a.csv:2", "a.csv:5"]
    assert found[0].last.text == "one\ntwo\nthree"


def test_empty_lines_and_a_spreadsheets_mark_above_the_header(read, file):
    (found,) = read(file("a.csv", "\nsep=;\nid;text\n1;good\n"))
    assert (found.id, found.last.text) == ("a.csv:4", "good")
    with pytest.raises(Unreadable, match="nothing but empty lines"):
        read(file("a.csv", "\ufeff\n \n"))
    with pytest.raises(Unreadable, match="holds nothing to read"):
        read(file("a.csv", "id,text\n"))


def test_a_conversation_column_joins_neighbours(read, file, problems):
    found = read(file("d.csv", "dialogue_id,speaker,utterance\na,ana,Hi\na,bo,Hello\nb,cy,Bye\na,ana,Still here\n"))
    assert [(c.id, [t.speaker for t in c.turns]) for c in found] == [
        ("d.csv:a", ["ana", "bo"]),
        ("d.csv:b", ["cy"]),
        ("d.csv:a+", ["ana"]),
    ]
    assert "goes on after others began" in problems[0].what


def test_times_are_seconds_or_clocks(read, file):
    found = read(file("t.csv", 'start,end,text\n1.5,2,a\n00:01:02.500,"00:01:03,250",b\nsoon,later,c\n3,2,d\n'))
    assert [c.last.seconds for c in found] == [(1.5, 2.0), (62.5, 63.25), None, None]


def test_without_a_text_column_the_error_lists_the_columns_and_the_option(read, file):
    path = file("a.csv", "id,stars\n1,5\n")
    with pytest.raises(ValueError, match="no column that is known to hold text.*id, stars.*text_column"):
        read(path)
    with pytest.raises(ValueError, match="no column 'opinion'; its columns are: id, stars"):
        read(path, text_column="opinion")
    (found,) = read(path, text_column="stars")
    assert found.last.text == "5"


def test_the_option_reaches_the_reader_from_the_front_door(file):
    found = insula.read(file("a.csv", "opinion,stars\ngood,5\nbad,1\n"), Pipeline(), text_column="opinion")
    assert [turn.text for turn in found.turns] == ["good", "bad"]
    assert [turn.meta["source"] for turn in found.turns] == ["a.csv:2", "a.csv:3"]


def test_rows_with_too_many_or_too_few_cells_are_reported_by_line(read, file, problems):
    found = read(file("a.csv", "id,text,stars\n1,good,5\n2,well, not so good,1\n3,short\n4\n5,fine,3\n"))
    assert [c.last.text for c in found] == ["good", "short", "fine"]
    assert [p.where for p in problems] == ["line 3", "line 4", "line 5"]
    assert "4 cells where the header has 3" in problems[0].what


def test_an_unclosed_quote_is_reported_when_it_swallows_too_much(read, file, problems, monkeypatch):
    monkeypatch.setattr("insula.exchange.csv._LONGEST_CELL", 100)
    found = read(file("a.csv", 'id,text\n1,good\n2,"never closed\n' + "3,word word word\n" * 10))
    assert found[0].last.text == "good"
    assert "never closed" in problems[0].what
    assert problems[0].where == "line 3"


def test_tab_separated_values_with_bare_quotes(read, file):
    found = read(file("a.tsv", 'id\ttext\n1\t"Well begun\n2\the said "no"\n3\tlast\n'))
    assert [c.last.text for c in found] == ['"Well begun', 'he said "no"', "last"]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("message_id,message_text,message_date", 1),
        ("id,reviewText,overall", 1),
        ("Anonymized Message,Valence1,Valence2", 0),
        ("names,emotions,subtitles,reasons", 2),
        ("type,modified_comment,comment_count", 1),
        ("title,review,stars", 1),
        ("Unnamed: 0,TITLE,label", 1),
    ],
)
def test_text_columns_by_many_names(read, file, header, text):
    cells = ",".join(map(str, range(len(header.split(",")))))
    (found,) = read(file("a.csv", f"{header}\n{cells}\n"))
    assert found.last.text == str(text)


@pytest.mark.parametrize("header", ["message_id,text_length", "good_review,bad_review"])
def test_names_that_leave_it_open(read, file, header):
    with pytest.raises(Unreadable, match=r"no column that is known to hold text"):
        read(file("a.csv", f"{header}\n0,1\n"))


def test_a_single_column_is_the_text(read, file):
    assert [c.last.text for c in read(file("a.csv", "whatever\nfirst\nsecond\n"))] == ["first", "second"]


def test_an_empty_text_keeps_its_row(read, file):
    assert [c.last.text for c in read(file("a.csv", "id,text\n1,\n2,x\n"))] == ["", "x"]


def test_nul_bytes_and_very_long_cells(read, file):
    (found,) = read(file("a.csv", "id,text\n1,a\x00b " + "word " * 1_000_000 + "\n"))
    assert len(found.last.text) > 5_000_000
    assert found.last.text.startswith("a\x00b")


def test_utf16_from_a_spreadsheet(read, file):
    (found,) = read(file("a.csv", "id;text\r\n1;Grüße 🙂\r\n".encode("utf-16")))
    assert found.last.text == "Grüße 🙂"


def test_parquet(read, tmp_path):
    path = tmp_path / "a.parquet"
    table = pyarrow.table({"comment": ["good", None, "bad"], "user": ["ana", "bo", None], "n": [1, 2, 3]})
    parquet.write_table(table, path)
    found = read(path)
    assert [(c.id, c.last.speaker, c.last.text) for c in found] == [
        ("a.parquet:1", "ana", "good"),
        ("a.parquet:2", "bo", ""),
        ("a.parquet:3", "author", "bad"),
    ]
    assert found[0].last.meta["n"] == 1


def test_damaged_parquet(read, file):
    with pytest.raises(Unreadable, match="not a whole Parquet file"):
        read(file("a.parquet", b"PAR1 and then nothing"))


def test_reading_is_lazy_and_memory_stays_flat(tmp_path: Path):
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}.csv"
        path.write_text("id,text\n" + "1,some words about the day\n" * rows)
        tracemalloc.start()
        for found in conversations(path):
            assert isinstance(found, Conversation)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(20_000) < 1.2 * peak(2_000) + 100_000
