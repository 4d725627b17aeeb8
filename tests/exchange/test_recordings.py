"""Recordings as others open them: words and windows on tiers, links to the sound, prosody, audformat, JSON lines."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from insula.conversation import Annotation, Conversation, Turn
from insula.exchange import conversations, writer


def written(path: Path, *given: Conversation) -> Path:
    with writer(path) as out:
        for conversation in given:
            out.write(conversation)
    return path


def decided(x: Annotation) -> dict[str, float]:
    return {name: x.scores[name] for name in x.labels or x.scores}


def windows(conversation: Conversation) -> set[tuple]:
    """What was judged of windows; of the scores those that were decided on, to four places, come back from a tier."""
    found = [x for x in conversation if isinstance(x, Annotation) and x.at.seconds]
    return {
        (x.at.turn, x.at.seconds, x.layer, x.scheme, x.rater, x.labels, x.reason, frozenset(decided(x).items()))
        for x in found
    }


@pytest.mark.parametrize("name", ["a.TextGrid", "a.eaf", "a.vtt", "a.emotionml"])
def test_windows_come_back_with_their_seconds_and_their_doubt(read, tmp_path, call, name):
    (found,) = read(written(tmp_path / name, call))
    assert windows(found) == windows(call)
    assert {x.reason for x in found.read("emotion") if x.at.seconds and x.abstained} == {"too much noise (3 dB)"}
    assert [(turn.speaker, turn.text, turn.seconds) for turn in found.turns] == [
        (turn.speaker, turn.text, turn.seconds) for turn in call.turns
    ]


@pytest.mark.parametrize("name", ["a.TextGrid", "a.eaf"])
def test_words_come_back_with_their_times(read, tmp_path, call, name):
    (found,) = read(written(tmp_path / name, call))
    assert [list(turn.meta["words"]) for turn in found.turns] == [
        [list(word[:3]) for word in turn.meta["words"]] for turn in call.turns
    ]


def test_tiers_never_overlap_themselves(tmp_path, call):
    text = written(tmp_path / "a.TextGrid", call).read_text(encoding="utf-8")
    assert "speaker 1 | emotion | voice9 | speech.voice@1 | windows (2)" in text
    tier, clock = "", 0.0
    for line in map(str.strip, text.splitlines()):
        if line.startswith("name"):
            tier, clock = line, 0.0
        elif line.startswith("intervals: size"):
            clock = 0.0
        elif line.startswith("xmin") and tier:
            assert float(line.split("=")[1]) >= clock, tier
        elif line.startswith("xmax") and tier:
            clock = float(line.split("=")[1])


def test_elan_leads_to_the_recording_and_pympi_opens_it(tmp_path, call):
    pympi = pytest.importorskip("pympi", reason="pympi-ling reads what ELAN reads: pip install pympi-ling")
    eaf = pympi.Elan.Eaf(str(written(tmp_path / "a.eaf", call)))
    assert [one["RELATIVE_MEDIA_URL"] for one in eaf.media_descriptors] == ["call.wav"]
    assert [word for _, _, word in eaf.get_annotation_data_for_tier("speaker 1 | words")] == ["I'm", "fine,", "really."]
    grid = pympi.Praat.TextGrid(str(written(tmp_path / "a.TextGrid", call)))
    assert "speaker 2 | words" in [tier.name for tier in grid.get_tiers()]


def test_captions_light_up_word_by_word_and_name_the_feeling(tmp_path, call):
    text = written(tmp_path / "a.vtt", call).read_text(encoding="utf-8")
    assert "<v.joy.conflict.trust-voice speaker 1>I'm <00:00:00.900>fine, <00:00:01.600>really.</v>" in text


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_functionals_are_a_row_per_turn(tmp_path, call):
    first, second = table(written(tmp_path / "a.functionals.csv", call))
    assert (first["file"], first["start"], first["end"]) == ((tmp_path / "call.wav").as_posix(), "0.5", "4.5")
    assert (first["loudness_mean"], first["F0_mean"]) == ("0.5", "31.25")
    assert second["loudness_mean"] == ""


def test_frames_have_times_and_the_names_of_the_contours(tmp_path, call):
    rows = table(written(tmp_path / "a.frames.csv", call))
    assert (len(rows), rows[0]["frameTime"], rows[-1]["frameTime"]) == (300, "0.500", "3.490")
    (signal,) = call.signals("prosody")
    assert float(rows[7]["loudness"]) == pytest.approx(signal.samples[7, list(rows[7]).index("loudness") - 3], rel=1e-5)


@pytest.mark.parametrize("name", ["a.functionals.csv", "a.frames.csv"])
def test_without_prosody_that_is_said(tmp_path, quarrel, name):
    with pytest.warns(UserWarning, match="speech.prosody"):
        assert table(written(tmp_path / name, quarrel)) == []


def test_audformat_loads_what_was_written(tmp_path, call):
    audformat = pytest.importorskip("audformat", reason="pip install 'insula[audformat]'")
    found = audformat.Database.load(str(written(tmp_path / "a.audformat", call)))
    assert list(found.files) == ["../call.wav"]
    assert list(found["segments"].df["speaker"]) == ["speaker 1", "speaker 2"]
    heard = found["emotion.voice9.speech.voice@1"].df
    assert len(heard) == 5
    assert list(heard["decided"].fillna("")) == ["fear", "neutral", "fear", "", ""]
    starts = heard.index.get_level_values("start").total_seconds()
    assert list(starts) == [0.5, 0.5, 1.5, 2.5, 4.5]
    assert heard["fear"].iloc[2] == pytest.approx(0.8)
    assert np.isnan(heard["fear"].iloc[3])
    assert found["prosody.prosody.speech.prosody@1"].df["F0_mean"].iloc[0] == pytest.approx(31.25)


def test_audformat_leaves_out_what_has_no_recording_and_says_so(tmp_path, quarrel, call):
    audformat = pytest.importorskip("audformat", reason="pip install 'insula[audformat]'")
    with pytest.warns(UserWarning, match="describes recordings"):
        path = written(tmp_path / "a.audformat", quarrel, call)
    assert set(audformat.Database.load(str(path))["segments"].df["conversation"]) == {"call.wav"}


def test_json_lines_keep_all_of_a_recording(tmp_path, call):
    (found,) = conversations(written(tmp_path / "a.jsonl", call))
    assert found.signals("audio")[0].samples == call.signals("audio")[0].samples
    ours, theirs = (one.signals("prosody")[0] for one in (call, found))
    np.testing.assert_array_equal(theirs.samples, ours.samples)
    assert (theirs.samples.dtype, theirs.speaker, theirs.start) == (np.float32, "speaker 1", 0.5)
    assert [x.id for x in found.read("emotion")] == [x.id for x in call.read("emotion")]
    assert [turn.meta for turn in found.turns] == [turn.meta for turn in call.turns]


def test_a_window_has_a_row_with_the_words_heard_in_it(tmp_path, call):
    with written(tmp_path / "a.csv", call).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["start"], row["end"], row["text"]) for row in rows] == [
        ("0.5", "4.5", "I'm fine, really."),
        ("0.5", "2.5", "I'm fine, really."),
        ("1.5", "3.5", "really."),
        ("2.5", "4.5", ""),
        ("4.5", "5.0", "Good."),
    ]
    assert "words" not in rows[0]
    assert [row["voice9.fear"] for row in rows] == ["0.6000", "0.0000", "0.8000", "", ""]
    assert rows[3]["voice9.reason"] == "too much noise (3 dB)"
    frame = call.table()
    assert list(frame[frame["layer"] == "prosody"]["label"].isna()) == [True, True]
    assert frame.index.get_level_values("start").max() == 4.5


def test_a_recording_that_is_no_file_has_no_link(tmp_path):
    talk = Conversation(Turn("ana", "Hm.", (0.0, 1.0)), id="x")
    text = written(tmp_path / "a.eaf", talk).read_text(encoding="utf-8")
    assert "MEDIA_DESCRIPTOR" not in text
