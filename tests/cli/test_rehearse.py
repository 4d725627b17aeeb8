"""`insula rehearse` in a pipe, to the end and broken off."""

import io
import json

import pytest

from insula.cli import run
from insula.simulate.rehearse import Rehearsal

ABOUT = "my flatmate\nthe music ran until two on Tuesday\nworn out\nquiet after eleven\n\n\n"
FORM = "3\n7\n2\n1\n"


def said(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_from_the_first_question_to_the_last(monkeypatch, capsys, tmp_path):
    said(monkeypatch, f"{ABOUT}{FORM}You never listen!\ntake\nCould you turn it down?\n\nstop\n6\n4\neleven\n2\n\n")
    file = tmp_path / "mine.jsonl"
    assert run(["rehearse", "--keep", str(file)]) == 0
    shown = capsys.readouterr()
    assert "Leave the attack out" in shown.err
    assert "Another version: This is what happened: the music ran until two on Tuesday." in shown.err
    assert "my flatmate: " in shown.out
    assert "sure: 3 before, 6 after (+3)" in shown.out
    assert "a whole number from 0 to 10" in shown.err
    record = json.loads(file.read_text())
    assert [turn["speaker"] for turn in record["turns"]] == ["you", "partner", "you", "partner"]
    assert record["after"] == {"sure": 6, "anger": 4, "fear": 2}


def test_the_end_of_the_input_loses_nothing(monkeypatch, capsys, tmp_path):
    said(monkeypatch, f"{ABOUT}{FORM}Could you turn it down?\n\n")
    file = tmp_path / "mine.jsonl"
    assert run(["rehearse", "--keep", str(file)]) == 0
    assert len(json.loads(file.read_text())["turns"]) == 2
    said(monkeypatch, "my boss\n")
    assert run(["rehearse", "--keep", str(tmp_path / "other")]) == 0
    assert "nothing was kept" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_a_place_that_cannot_be_written_is_told_before_the_first_question(monkeypatch, capsys):
    said(monkeypatch, ABOUT)
    assert run(["rehearse", "--keep", "nowhere/mine.jsonl"]) == 2
    told = capsys.readouterr().err
    assert "nowhere/mine.jsonl cannot be written: there is no folder nowhere" in told
    assert "Whom" not in told


def test_what_was_said_is_kept_where_something_fails(monkeypatch, capsys, tmp_path):
    def fails(self, draft):
        if self.conversation.turns:
            raise RuntimeError("a fault of ours")
        return read(self, draft)

    read = Rehearsal.read
    monkeypatch.setattr(Rehearsal, "read", fails)
    said(monkeypatch, f"{ABOUT}{FORM}Could you turn it down?\n\nPlease?\n")
    file = tmp_path / "mine.jsonl"
    assert run(["rehearse", "--keep", str(file)]) == 1
    assert "a fault of ours" in capsys.readouterr().err
    assert len(json.loads(file.read_text())["turns"]) == 2


def test_danger_is_met_with_help_lines(monkeypatch, capsys):
    said(monkeypatch, f"{ABOUT}{FORM}I want to kill myself tonight, I have the pills.\n\n5\n5\n5\n5\n")
    assert run(["rehearse", "--locale", "en-GB"]) == 0
    shown = capsys.readouterr()
    assert "116 123" in shown.out
    assert "the rehearsal ends here" in shown.err


@pytest.mark.parametrize(
    ("text", "said_"),
    [
        ("partner = 'x'\nhapened = 'y'\n", "unknown key 'hapened'; did you mean 'happened'"),
        ("partner = 'x'\n", "'happened' is missing"),
        ("partner = 3\n", "partner is a text, not 3"),
        ("partner", "this is no TOML"),
    ],
)
def test_a_situation_with_a_mistake(text, said_, tmp_path, capsys):
    file = tmp_path / "about.toml"
    file.write_text(text)
    assert run(["rehearse", "--situation", str(file)]) == 2
    assert said_ in capsys.readouterr().err


def test_an_unknown_difficulty(monkeypatch, capsys):
    said(monkeypatch, ABOUT)
    assert run(["rehearse", "--difficulty", "brutal"]) == 2
    assert "easy, medium, hard" in capsys.readouterr().err
