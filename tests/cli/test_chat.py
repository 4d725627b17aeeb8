"""`insula chat` as a person or a pipe meets it."""

import io

import pytest
from rich.console import Console

from insula.cli import run
from insula.cli.chat_commands import HELP, Leave, command
from insula.cli.chat_view import View
from insula.companion import Companion

SAD = "I failed my exam and I don't know how to tell my parents."


@pytest.fixture
def companion(tmp_path):
    with Companion(None, memory=tmp_path / "memory.sqlite") as one:
        yield one


def shown(what, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    return console.file.getvalue()


def piped(monkeypatch, capsys, lines, *options):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    code = run(["chat", "--llm", "none", *options])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


def test_in_a_pipe_every_line_has_its_reply(monkeypatch, capsys):
    code, lines, _ = piped(monkeypatch, capsys, [SAD, "It was maths."], "--memory", "none")
    assert code == 0
    assert len([line for line in lines if line.strip()]) >= 2


def test_it_says_what_it_is_and_where_it_remembers(monkeypatch, capsys, tmp_path):
    place = tmp_path / "memory.sqlite"
    _, _, err = piped(monkeypatch, capsys, [SAD], "--memory", str(place))
    assert "machine" in err
    assert str(place) in err
    assert place.exists()


def test_a_wrong_command_is_a_sentence_and_the_talk_goes_on(monkeypatch, capsys):
    code, lines, err = piped(monkeypatch, capsys, ["/why", "/nonsense", "/forget", SAD], "--memory", "none")
    assert code == 0
    assert "nothing was said yet" in err
    assert "/nonsense" in err
    assert "/forget all" in err
    assert lines


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--persona", "clam"], "did you mean"),
        (["--llm", "nonsense"], "MODEL@URL"),
        (["--memory", "/no/such/folder/at/all.sqlite"], "No such file"),
    ],
)
def test_what_cannot_be_is_said_before_the_talk(monkeypatch, capsys, options, why):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run(["chat", "--llm", "none", *options])
    assert why in capsys.readouterr().err


def test_why_takes_the_last_answer_apart(companion):
    answer = companion.say(SAD)
    words = shown(command(companion, "/why"))
    assert "plan" in words
    assert answer.strategies[0] in words
    assert "composer" in words


def test_memory_is_listed_forgotten_and_gone(companion, tmp_path):
    companion.say("My cat Mathilda is ill.")
    assert "Mathilda" in shown(command(companion, "/memory"))
    (episode, *_) = companion.memory.episodes()
    command(companion, f"/forget {episode.id}")
    assert "Mathilda" not in shown(command(companion, "/memory"))
    with pytest.raises(KeyError):
        command(companion, "/forget nothing-like-this")
    assert "forgotten" in shown(command(companion, "/forget all"))
    assert not companion.conversation.turns


def test_a_talk_is_exported_with_what_was_judged(companion, tmp_path):
    companion.say(SAD)
    command(companion, f"/export {tmp_path / 'talk.html'}")
    assert "exam" in (tmp_path / "talk.html").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="no format"):
        command(companion, "/export talk.nothing")


def test_help_names_every_command_and_quit_leaves(companion):
    words = shown(command(companion, "/help"))
    assert all(name.split()[0] in words for name in HELP)
    with pytest.raises(Leave):
        command(companion, "/quit")


@pytest.mark.parametrize("width", [60, 140])
def test_the_panel_shows_mood_plan_and_risk(companion, width):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    view = View(console, companion)
    view.answer(SAD)
    words = console.file.getvalue()
    for row in ("mood", "feels", "risk", "plan", "by"):
        assert row in words
    assert companion.last.text.split()[0] in words
