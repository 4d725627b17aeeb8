"""A recording on the page and in the terminal: channels side by side, by the second, doubt, conflicts, sound."""

import base64
import re
import struct
import sys
import zlib
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from insula import Anchor, Annotation, Conversation, Turn
from insula.conversation import Signal
from insula.exchange.report.html import write
from insula.exchange.report.sound.picture import png, spectrogram
from insula.exchange.report.terminal import Timeline
from insula.exchange.report.view import views
from insula.scheme import scheme

sys.path.insert(0, str(Path(__file__).parent))

from pages import Checker


def heard(turn, rater, scheme_name="voice9", seconds=None, reason="", **scores):
    every = dict.fromkeys(scheme(scheme_name).labels, 0.0) | scores if scores else {}
    return Annotation("emotion", every, Anchor(turn, seconds=seconds), scheme_name, rater, tuple(scores), reason=reason)


@pytest.fixture
def call(tmp_path):
    """Two people; the first says she is fine and sounds afraid, more so from second to second, once behind noise."""
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "sounds" / "call.wav"
    path.parent.mkdir()
    at = np.arange(16000 * 6) / 16000
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * 440 * at), 16000)
    words = [[0.5, 0.9, "I'm", 0.98], [0.9, 1.4, "<fine>.", 0.3]]
    contours = np.zeros((300, 27), np.float32)
    contours[50:200, 0] = 24.0
    conflict = {"conflict": 0.9, "trust-words": 0.2, "trust-voice": 0.8}
    return Conversation(
        Signal("audio", str(path), 16000),
        Turn("ana", "I'm <fine>.", (0.5, 4.5), meta={"words": words}),
        Turn("bo", "Good.", (4.6, 5.6), meta={"words": [[4.6, 5.2, "Good.", 0.99]]}),
        Signal("prosody", contours, 100, "ana", 0.5),
        heard("t1", "dialogue.encoder@1", "ekman7", joy=0.7),
        heard("t1", "speech.voice@1", fear=0.6),
        heard("t1", "speech.voice@1", seconds=(0.5, 2.5), neutral=0.7),
        heard("t1", "speech.voice@1", seconds=(1.5, 3.5), fear=0.8),
        heard("t1", "speech.voice@1", seconds=(2.5, 4.5), reason="too much noise (3 dB)"),
        heard("t1", "fuse.words-voice@1", "ekman7", fear=0.55),
        Annotation("conflict", conflict, Anchor("t1"), "channel-conflict", "fuse.words-voice@1",
                   ("conflict", "trust-voice"), reason="glad words, an anxious voice"),
        heard("t2", "dialogue.encoder@1", "ekman7", joy=0.8),
        heard("t2", "speech.voice@1", reason="too short (0.5 s)"),
        Annotation("prosody", {"loudness_mean": 0.4}, Anchor("t1"), "prosody", "speech.prosody@1"),
        id="call.wav",
    )  # fmt: skip


@pytest.fixture
def page(tmp_path, call):
    write([call], tmp_path / "report.html")
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    parsed = Checker()
    parsed.feed(source)
    assert parsed.open == []
    return source


def test_both_channels_stand_side_by_side_and_their_fusion_leads(call):
    first, second = views(call)
    assert (first.emotion.rater, first.expressed) == ("fuse.words-voice@1", [("fear", 0.55)])
    assert first.heard.words.top == "joy"
    assert first.heard.voice.top == "fear"
    assert first.heard.at_odds
    assert second.expressed == [("joy", 0.8)]  # a voice that cannot be told takes no turn's words away
    assert not {x.layer for x in first.beside} & {"affect"}


def test_windows_that_overlap_share_the_time_between_their_middles(call):
    first, second = views(call)
    cells = [(one.start, one.end, one.emotion.top) for one in first.heard.cells(first.turn)]
    assert cells == [(0.5, 2.0, "neutral"), (2.0, 3.0, "fear"), (3.0, 4.5, None)]
    assert [(one.start, one.end) for one in second.heard.cells(second.turn)] == [(4.6, 5.6)]


def test_the_page_shows_second_by_second_and_says_its_doubt(page):
    assert "ana, voice, 0:02.0–0:03.0: fear 0.80" in page
    assert "ana, voice, 0:03.0–0:04.5: cannot tell: too much noise (3 dB)" in page
    assert "ana, words, 0:00.5–0:04.5: joy 0.70" in page
    assert "channels differ, 0:00.5: glad words, an anxious voice" in page
    assert "cannot tell: too short (0.5 s)" in page
    assert "How a voice sounds, a face looks or a heart beats is not what a person feels" in page
    assert "heard with confidence 0.30" in page
    assert "&lt;fine&gt;" in page
    assert "<fine>" not in page


def test_the_recording_is_played_by_its_relative_path_and_never_put_into_the_page(page, call, tmp_path):
    assert '<audio src="sounds/call.wav" controls=""' in page
    assert 'data-at="4.60"' in page
    assert str(tmp_path) not in page
    assert len(page) < 200_000
    (tmp_path / "sounds" / "call.wav").unlink()
    write([call], tmp_path / "report.html")
    gone = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<audio" not in gone
    assert "nothing can be played" in gone
    assert "ana, voice, 0:02.0–0:03.0: fear 0.80" in gone


def test_pitch_is_drawn_where_there_is_a_voice(page):
    (curve,) = re.findall(r'<path d="([^"]*)" class="pitch">', page)
    assert curve.startswith("M")
    assert "M" not in curve[1:]


def test_a_page_without_sound_has_no_such_part(tmp_path):
    write([Conversation(Turn("ana", "Hm."), Turn("bo", "Hm?"), id="x")], tmp_path / "report.html")
    assert 'class="recording"' not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_terminal_says_who_sounded_how_second_by_second(call):
    console = Console(width=120, record=True, file=StringIO())
    with Timeline(console) as timeline:
        timeline.show(call)
    text = console.export_text()
    assert re.search(r"words joy █+░* \.70 +voice fear █+░* \.60", text)
    assert "NF?   0:00 neutral .70 · 0:02 fear .80 · 0:03 ? too much noise (3 dB)" in text
    assert "⚑ words and voice differ .90: glad words, an anxious voice" in text
    assert "voice ? cannot tell: too short (0.5 s)" in text


def unpacked(picture):
    """The levels of a PNG of ours, (rows, columns)."""
    raw = base64.b64decode(picture.partition(",")[2]) if isinstance(picture, str) else picture
    columns, rows = struct.unpack(">II", raw[16:24])
    at = raw.index(b"IDAT")
    lines = zlib.decompress(raw[at + 4 : at + 4 + struct.unpack(">I", raw[at - 4 : at])[0]])
    return np.frombuffer(lines, np.uint8).reshape(rows, columns + 1)[:, 1:]


def test_a_picture_holds_its_levels():
    levels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(unpacked(png(levels)), levels)


@pytest.mark.parametrize("rate", [16000, 8000])
def test_a_higher_tone_stands_higher_in_the_spectrum(rate):
    def place(hertz):
        at = np.arange(rate * 2) / rate
        sound = np.sin(2 * np.pi * hertz * at).astype(np.float32)
        sound[rate:] = 0.0
        levels = unpacked(spectrogram(Signal("audio", sound, rate), 2.0)).astype(int)
        assert levels.shape[1] == pytest.approx(50, abs=1)
        assert levels[:, 40].max() < levels[:, 10].max()
        return levels[:, 10].argmax()

    assert place(3000) < place(1000) < place(300)


def test_the_picture_is_as_wide_as_the_film_whose_sound_ends_before():
    sound = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    levels = unpacked(spectrogram(Signal("audio", sound, 16000), 4.0))
    assert levels.shape[1] == 100
    assert levels[:, :20].any()
    assert not levels[:, 30:].any()


def test_what_is_no_sound_has_no_picture(tmp_path):
    (tmp_path / "no.wav").write_bytes(b"no sound at all")
    assert spectrogram(Signal("audio", str(tmp_path / "no.wav"), 16000), 5.0) == ""
    assert spectrogram(Signal("audio", str(tmp_path / "gone.wav"), 16000), 5.0) == ""
