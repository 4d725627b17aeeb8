"""The sound of a turn: its own seconds, its own channel, of a file, an array or a voice that goes on."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("av", reason="the speech extra is not installed")

from insula.audio import span
from insula.audio.decode import Audio
from insula.audio.span import Tape, samples
from insula.conversation import Anchor, Conversation, Signal, Turn
from talking import RATE, encode

WHOLE = np.random.default_rng(0).standard_normal((5 * RATE, 2)).astype(np.float32) * 0.1


def turn(start, end, **meta):
    return Turn("ana", "", (start, end), meta=meta)


@pytest.mark.parametrize("held", ["file", "array", "tape"])
def test_a_turn_is_its_seconds_and_its_channel(tmp_path, held):
    expected = WHOLE
    if held == "file":
        sound: object = str(encode(tmp_path / "a.flac", WHOLE, RATE, "flac"))
        expected = np.concatenate(list(Audio.open(str(sound)).blocks()))
    elif held == "tape":
        sound = Tape(2)
        sound.add(WHOLE)
    else:
        sound = WHOLE
    talk = Conversation(Signal("audio", sound, RATE), turn(1.0, 2.5), turn(0.25, 0.5), turn(1.5, 4.0, channel=1))
    first, before, second = talk.turns
    assert np.array_equal(samples(talk, first), expected[RATE : 5 * RATE // 2].mean(1))
    assert np.array_equal(samples(talk, second), expected[3 * RATE // 2 : 4 * RATE, 1])
    # what lies before the last turn is found as well
    assert np.array_equal(samples(talk, before), expected[RATE // 4 : RATE // 2].mean(1))
    window = Anchor(second.id, seconds=(2.0, 2.1))
    assert np.array_equal(samples(talk, window), expected[2 * RATE : round(2.1 * RATE), 1])


def test_a_file_is_decoded_once_for_turns_in_order(tmp_path, monkeypatch):
    path = str(encode(tmp_path / "a.flac", WHOLE, RATE, "flac"))
    begun = []
    blocks = Audio.blocks
    monkeypatch.setattr(Audio, "blocks", lambda self, *rest: begun.append(1) or blocks(self, *rest))
    talk = Conversation(Signal("audio", path, RATE), *(turn(n / 4, n / 4 + 0.5) for n in range(16)))
    assert sum(len(samples(talk, one)) for one in talk.turns) == 8 * RATE
    assert len(begun) == 1


def test_another_rate_and_a_later_beginning():
    slow = np.sin(2 * np.pi * 200 * np.arange(16000) / 8000).astype(np.float32)
    talk = Conversation(Signal("audio", slow, 8000, start=10.0), turn(10.5, 11.5))
    found = samples(talk, talk.turns[0])
    assert len(found) == RATE
    assert np.abs(found - np.sin(2 * np.pi * 200 * (np.arange(RATE) / RATE + 0.5))).max() < 0.01


def test_a_speaker_has_a_signal_of_their_own():
    mine, all_ = np.full(RATE, 0.1, np.float32), np.full(RATE, 0.2, np.float32)
    talk = Conversation(
        Signal("audio", mine, RATE, speaker="ana"),
        Signal("audio", all_, RATE),
        turn(0.0, 0.5),
        Turn("bo", "", (0, 0.5)),
    )
    assert [samples(talk, one)[0] for one in talk.turns] == [pytest.approx(0.1), pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("additions", "said"),
    [
        ([Turn("ana", "hi")], "has no times"),
        ([turn(0, 1)], "no sound"),
        ([Signal("audio", WHOLE, RATE), turn(7, 8)], "no sound is there at 7.00 s"),
        ([Signal("audio", "nowhere.wav", RATE), turn(0, 1)], "nowhere.wav cannot be read"),
    ],
)
def test_where_there_is_no_sound_it_is_said(additions, said):
    talk = Conversation(*additions)
    with pytest.raises(LookupError, match=said):
        samples(talk, talk.turns[0])


def test_a_tape_forgets_what_is_long_past():
    tape = Tape(1, held=2.0)
    for _ in range(5):
        tape.add(np.zeros((RATE, 1), np.float32))
    assert len(tape.cut(4 * RATE, 5 * RATE)) == RATE
    with pytest.raises(LookupError, match="not held any more"):
        tape.cut(0, RATE)


def test_a_file_that_changes_is_read_anew(tmp_path):
    path = tmp_path / "a.flac"
    encode(path, np.full((RATE, 1), 0.1, np.float32), RATE, "flac")
    talk = Conversation(Signal("audio", str(path), RATE), turn(0.0, 0.5))
    assert samples(talk, talk.turns[0])[0] == pytest.approx(0.1, abs=1e-3)
    encode(path, np.full((2 * RATE, 1), 0.3, np.float32), RATE, "flac")
    assert samples(talk, talk.turns[0])[0] == pytest.approx(0.3, abs=1e-3)
    assert len(span._readers) <= span.OPEN
