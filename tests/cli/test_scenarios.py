"""`insula test`: exit codes and what is written."""

import xml.etree.ElementTree as ET

import pytest

from insula.cli import run
from insula.llm.local import Local

MINE = """\
suite: mine
scenarios:
  - name: asks back
    turns:
      - person: I had a hard day.
        expect: question
    criteria: It is kind.
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    (tmp_path / "words.py").write_text("ASKS = 'What happened?'\n", encoding="utf-8")
    (tmp_path / "bot.py").write_text(
        "from words import ASKS\nfrom insula.simulate.spec import responder\n"
        "def asks(talk): return ASKS\ndef rude(talk): return 'So what.'\nnumber = 3\n"
        "asks_m = responder('m@http://x/v1')\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bot_of_ones_own_passes_or_fails(folder, capsys):
    assert run(["test", "mine.yaml", "-r", "bot.py:asks"]) == 0
    said = capsys.readouterr()
    assert "pass  mine: asks back" in said.out
    assert "1 scenarios: 1 passed, 0 failed; 1 expectations were left open" in said.err
    assert run(["test", ".", "-r", "bot.py:rude", "--junit", "out.xml"]) == 1
    assert "mine.yaml:6): question: it asks nothing; the reply: “So what.”" in capsys.readouterr().out
    assert ET.parse(folder / "out.xml").getroot()[0].get("failures") == "1"


def test_the_composer_by_name(folder, capsys):
    assert run(["test", "mine.yaml", "-r", "composer", "-v"]) == 0
    assert "companion: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mine.yaml", "-r", "bot.py:ask"], "bot.py has no 'ask'; did you mean 'asks'"),
        (["mine.yaml", "-r", "no.py:ask"], "no file no.py"),
        (["mine.yaml", "-r", "bot.py:number"], "is no component and no function"),
        (["mine.yaml", "-r", "gpt"], "or write companion, composer, or FILE.py:NAME"),
        (["nothing"], "nothing is no file, no folder and no suite"),
        (["mine.yaml", "--judge", "m@http://x/v1", "-r", "m@http://x/v1"], "m would judge itself"),
        (["mine.yaml", "--judge", "m@http://x/v1/", "-r", "m@http://x/v1"], "m would judge itself"),
        (["mine.yaml", "--judge", "m@http://x/v1", "-r", "m@http://x/v1/"], "m would judge itself"),
        (["mine.yaml", "--judge", "m@http://x/v1", "-r", "bot.py:asks_m"], "m would judge itself"),
        (["mine.yaml", "-r", "bot.py:asks", "--junit", "nowhere/x.xml"], "there is no folder nowhere"),
    ],
)
def test_wrong_arguments_are_told(folder, arguments, said, capsys):
    assert run(["test", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.skipif(bool(Local.available()), reason="the embedded model is not installed")
def test_the_companions_own_model_is_no_judge_of_it(folder, capsys):
    assert run(["test", "mine.yaml", "--judge", "local"]) == 2
    assert "would judge itself" in capsys.readouterr().err


def test_a_file_that_yaml_cannot_construct_ends_with_two_and_not_as_a_failure(folder, capsys):
    (folder / "braces.yaml").write_text(MINE.replace("I had a hard day.", "{{ user }}"), encoding="utf-8")
    assert run(["test", "braces.yaml", "-r", "bot.py:asks"]) == 2
    assert "braces.yaml, line 5: " in capsys.readouterr().err


def test_a_typo_ends_with_two_before_anything_is_played(folder, capsys):
    (folder / "typo.yaml").write_text(MINE.replace("expect", "expct"), encoding="utf-8")
    assert run(["test", "mine.yaml", "typo.yaml", "-r", "bot.py:asks"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "typo.yaml, line 6: unknown key 'expct'; did you mean 'expect'" in said.err
