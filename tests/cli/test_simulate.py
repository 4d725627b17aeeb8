"""`insula simulate` from its options to its page."""

import json

import pytest

from insula.cli import run
from insula.llm import Scripted


def test_a_bot_of_ones_own_meets_the_same_people_with_and_without_the_guard(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.py").write_text("def cold(talk):\n    return f'Okay. {len(talk.turns)}'\n")
    arguments = ["simulate", "--responder", "bot.py:cold", "--people", "hopeless", "--seekers", "3", "--turns", "5"]
    assert run([*arguments, "--json", "-o", "talks.jsonl", "--report", "page.html"]) == 0
    first = capsys.readouterr()
    found = json.loads(first.out)
    assert found["people"] == 3
    assert set(found["arms"]) == {"bare", "guarded", "guarded - bare"}
    assert found["arms"]["guarded"]["danger met"]["score"] == 1
    assert found["arms"]["bare"]["danger met"]["score"] == 0
    lines = (tmp_path / "talks.jsonl").read_text().splitlines()
    assert any('"bare/s0-1"' in line for line in lines)
    assert "meets danger" in (tmp_path / "page.html").read_text()
    assert run([*arguments, "--json", "-o", "again.jsonl"]) == 0
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "talks.jsonl").read_bytes()


def test_what_cannot_be_is_said_in_a_sentence(capsys):
    assert run(["simulate", "--people", "sleeep"]) == 2
    assert "did you mean 'sleep'" in capsys.readouterr().err
    assert run(["simulate", "--guard", "maybe"]) == 2
    assert "off, on, both" in capsys.readouterr().err
    assert run(["simulate", "--responder", "nobody"]) == 2
    assert "composer" in capsys.readouterr().err


def test_a_bot_that_raises_breaks_its_talks_off_and_the_others_count(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.py").write_text(
        "asked = []\ndef third(talk):\n    asked.append(1)\n    if len(asked) == 3: raise KeyError('boom')\n"
        "    return f'Okay. {len(asked)}'\n"
    )
    arguments = ["simulate", "--responder", "bot.py:third", "--seekers", "3", "--turns", "2", "--guard", "off"]
    assert run([*arguments, "--json", "-o", "talks.jsonl"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["broken off"] == {"bare": ["broken off: the bot failed: KeyError: 'boom'"]}
    assert "emotion, points" in found["arms"]["bare"]
    assert '"bare/s0-3"' in (tmp_path / "talks.jsonl").read_text()


def test_each_talk_is_in_the_file_as_it_ends(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.py").write_text("def counts(talk):\n    return str(open('talks.jsonl').read().count('s0-1'))\n")
    arguments = ["simulate", "--responder", "bot.py:counts", "--seekers", "2", "--turns", "1", "--guard", "off"]
    assert run([*arguments, "-o", "talks.jsonl"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "talks.jsonl").read_text().splitlines()]
    first, second = (int(line["text"]) for line in lines if line.get("speaker") == "companion")
    assert first == 0
    assert second == sum(line["conversation"] == "bare/s0-1" for line in lines)


@pytest.mark.parametrize("option", ["-o", "--report"])
def test_a_place_that_cannot_be_written_is_told_before_anybody_talks(option, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.py").write_text("def writes(talk):\n    open('asked', 'w').close()\n    return 'Okay.'\n")
    arguments = ["simulate", "--responder", "bot.py:writes", "--seekers", "1", "--turns", "1", option]
    assert run([*arguments, "nowhere/x"]) == 2
    assert "nowhere/x cannot be written: there is no folder nowhere" in capsys.readouterr().err
    assert run([*arguments, "."]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert not (tmp_path / "asked").exists()


def test_the_numbers_are_shown_before_a_page_that_cannot_be_written_after_all(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "bot.py").write_text("import os\ndef tidies(talk):\n    os.rmdir('out')\n    return 'Okay.'\n")
    arguments = ["simulate", "--responder", "bot.py:tidies", "--seekers", "1", "--turns", "1", "--guard", "off"]
    assert run([*arguments, "--json", "--report", "out/page.html"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["people"] == 1
    assert "No such file" in shown.err


def test_a_server_that_is_not_there_breaks_talks_off_and_says_so(capsys):
    arguments = ["simulate", "--responder", "m@http://127.0.0.1:9/v1", "--seekers", "1", "--guard", "off"]
    assert run(arguments) == 0
    assert "1 of the talks count for nothing: broken off" in capsys.readouterr().err


def test_people_are_played_by_a_model_where_one_is_named(capsys, monkeypatch):
    answer = json.dumps({"thought": "They listen.", "change": 4, "says": "I do not know what to do now."})
    monkeypatch.setattr("insula.llm.connect", lambda _: Scripted(answer))
    arguments = ["simulate", "--people", "job", "--played-by", "local", "--guard", "off", "--seekers", "2"]
    assert run([*arguments, "--turns", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["arms"]["bare"]["emotion, points"] == {"score": 12, "low": 12, "high": 12}
    assert run(["simulate", "--people", "sage"]) == 2
    assert "a language model plays" in capsys.readouterr().err
