"""A person's own labels become a row, in seconds, on the shipped encoder."""

import csv
from pathlib import Path

import pytest

pytest.importorskip("onnx")
pytest.importorskip("sklearn")

from insula import Conversation, Pipeline, Turn
from insula.catalogue import load_rows
from insula.testing import check_component
from insula.train import train_text

WAITING = ["where is my parcel", "I have been waiting all week", "this is taking forever", "hurry up please"]
THANKS = ["thanks so much", "you were very helpful", "great service, thank you", "that solved it, lovely"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSULA_HOME", str(tmp_path / "home"))
    return tmp_path


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def labelled(a: str, b: str) -> list[tuple[str, str]]:
    ends = ["", "!", " today", " again", " really", " now", " friend", " ok", " team", " hello"]
    pairs = [(WAITING, a), (THANKS, b)]
    return [(text + end, label) for texts, label in pairs for text in texts for end in ends]


def test_one_label_a_text(home: Path) -> None:
    data = write(home / "mood.csv", labelled("impatient", "grateful"))
    path = train_text(home / "out", data=data)
    (row,) = load_rows(home / "home" / "catalogue" / "mood.toml")
    assert row.name == "text.mood"
    assert not row.commercial_ok
    from insula.perceive.text.encoder import Encoder

    encoder = Encoder(str(path), name=row.name)
    check_component(encoder)
    found = Pipeline(encoder).run(Conversation(Turn("a", "where on earth is my package"), Turn("a", "thank you dear")))
    assert [x.labels for x in found.read("emotion")] == [("impatient",), ("grateful",)]
    assert "blind" in path.with_suffix(".md").read_text(encoding="utf-8")


def test_numbers_become_a_dimension(home: Path) -> None:
    path = train_text(home / "out", data=write(home / "urgency.csv", labelled("0.9", "0.1")))
    assert '"kind": "dimensional"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("hello", "calm")] * 5, "5 labelled texts"),
        ([(f"hello {k}", "calm") for k in range(40)], "same label"),
    ],
)
def test_says_why_it_cannot_learn(home: Path, rows: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train_text(home / "out", data=write(home / "bad.csv", rows))


def test_names_the_columns_that_are_there(home: Path) -> None:
    with pytest.raises(ValueError, match="its columns are text, label"):
        train_text(home / "out", data=write(home / "bad.csv", []), label_column="mood")
