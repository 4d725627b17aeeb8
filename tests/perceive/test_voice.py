"""Turns are read where they can be heard, against their speaker where that voice is known, the same live and whole."""

import json

import numpy as np
import pytest

from insula.catalogue import build
from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.network.voice import Person, Voice
from insula.perceive.speech.baseline import SECONDS, TURNS, Baseline, Running

RATE = 16000


@pytest.fixture(scope="module")
def voice():
    try:
        return Voice.open()
    except LookupError as missing:
        pytest.skip(str(missing))


def sound(seconds):
    """Made-up sound that is heard as a voice or not: what matters here is where and why something is said."""
    draw = np.random.default_rng(3)
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = np.cumsum(150 * (1 + 0.2 * np.sin(2 * np.pi * 0.7 * time)) / RATE)
    tones = sum(np.sin(2 * np.pi * n * pitch) / n for n in range(1, 25))
    return (0.05 * tones * (0.3 + np.abs(np.sin(7 * time))) + 0.001 * draw.standard_normal(len(time))).astype(
        np.float32
    )


def talk():
    turns = [Turn("ana", seconds=(0.0, 4.6)), Turn("ben", seconds=(4.6, 5.0)), Turn("ana", seconds=(5.0, 7.0))]
    return Conversation(Signal("audio", sound(8), RATE), *turns)


def test_a_longer_turn_is_also_read_in_windows(voice):
    conversation = talk()
    conversation.add(*build("speech.voice")(conversation))
    at = [one.at.seconds for one in conversation.read("emotion", turn="t1", scheme="voice9")]
    assert at == [None, (0.0, 2.0), (1.0, 3.0), (2.0, 4.0)]
    assert [one.at.seconds for one in conversation.read("affect", turn="t3", scheme="vad")] == [None]


def test_a_turn_too_short_says_so(voice):
    conversation = talk()
    conversation.add(*build("speech.voice")(conversation))
    (found,) = conversation.read("emotion", turn="t2")
    assert found.abstained
    assert "too short: 0.40 s" in found.reason


def test_turns_one_by_one_are_read_as_all_at_once(voice):
    whole, live = talk(), Conversation(Signal("audio", sound(8), RATE))
    whole.add(*build("speech.voice")(whole))
    component = build("speech.voice")
    for turn in talk().turns:
        live.add(turn)
        live.add(*component(live))
    annotations = [[one for one in talk if isinstance(one, Annotation)] for talk in (whole, live)]
    assert [one.id for one in annotations[0]] == [one.id for one in annotations[1]]


def test_what_was_read_is_not_read_again(voice):
    conversation, component = talk(), build("speech.voice")
    conversation.add(*component(conversation))
    assert list(component(conversation)) == []


def test_a_turn_without_sound_is_an_abstention(voice):
    conversation = Conversation(Turn("ana", "Hello.", seconds=(0.0, 2.0)))
    found = list(build("speech.voice")(conversation))
    assert [one.layer for one in found] == ["emotion", "affect"]
    assert all("no sound" in one.reason for one in found)


def test_below_the_stated_quality_it_abstains_with_that_reason(voice):
    conversation = talk()
    bad = {"snr": -5.0, "clipped": 0.0, "reverberation": 0.2, "speech": 2.0, "bandwidth": 7000.0}
    conversation.add(Annotation("quality", bad, Anchor("t1"), "audio-quality", "speech.quality"))
    found = [one for one in build("speech.voice")(conversation) if one.at.turn == "t1"]
    assert len(found) == 2
    assert all("too noisy" in one.reason for one in found)


def test_a_person_counts_after_six_turns_and_twenty_seconds():
    running, row = Running(), np.ones(5, np.float32)
    for turn in range(TURNS):
        assert running.person("ana") is None
        running.heard("ana", row * turn, SECONDS / TURNS)
    assert running.person("ana").count == TURNS
    assert running.person("ben") is None
    short = Running()
    for _ in range(TURNS):
        short.heard("ana", row, 1.0)
    assert short.person("ana") is None


def test_nobody_in_particular_has_no_baseline():
    running = Running()
    for _ in range(TURNS + 1):
        running.heard("", np.ones(5, np.float32), SECONDS)
    assert running.person("") is None


def test_a_calibrated_person_is_known_at_once():
    known = Person.of(np.ones((3, 5), np.float32))
    running = Running({"ana": known})
    assert running.person("ana") is known
    running.heard("ana", np.zeros(5, np.float32), 1.0)
    assert running.person("ana").count == 4


def test_calibration_needs_consent_and_enough_speech(voice):
    with pytest.raises(PermissionError, match="consent"):
        Baseline.calibrate(voice, sound(10), consent=False)
    with pytest.raises(ValueError, match=r"4\.0 s of neutral speech are too few"):
        Baseline.calibrate(voice, sound(4), consent=True)


def test_a_baseline_is_kept_and_forgotten_on_demand(voice, tmp_path):
    path = tmp_path / "ana.json"
    made = Baseline.calibrate(voice, sound(9.5), consent=True)
    made.save(path)
    assert json.loads(path.read_text())["consent"] is True
    again = Baseline.load(path)
    assert np.allclose(again.person.total, made.person.total)
    assert again.seconds == pytest.approx(9.5)
    component = build("speech.voice", baselines={"ana": str(path)})
    assert [one.layer for one in component(talk())][:2] == ["emotion", "affect"]
    Baseline.forget(path)
    Baseline.forget(path)
    assert not path.exists()


def test_another_file_is_no_baseline(tmp_path):
    (tmp_path / "x.json").write_text('{"total": []}')
    with pytest.raises(ValueError, match="no baseline of a voice"):
        Baseline.load(tmp_path / "x.json")
