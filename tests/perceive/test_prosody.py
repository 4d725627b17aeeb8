"""speech.prosody: a signal and functionals for each turn, or the reason why there are none."""

import numpy as np
import pytest

from insula import Conversation, Signal, Turn
from insula.audio.contours import CONTOURS
from insula.conversation import Anchor, Annotation
from insula.perceive.speech.prosody import Prosody
from insula.testing import check_component

RATE = 16000


def _buzz(hertz, seconds, height=0.3):
    times = np.arange(int(seconds * RATE)) / RATE
    return sum(height / n * np.sin(2 * np.pi * hertz * n * times) for n in range(1, 9)).astype(np.float32)


def _talk():
    sound = np.concatenate([_buzz(120, 1.0), np.zeros(RATE, np.float32), _buzz(240, 1.0), _buzz(180, 0.05)])
    turns = (Turn("ana", "", (0.0, 1.0)), Turn("ana", "", (1.0, 2.0)), Turn("bo", "", (2.0, 3.0)))
    return Conversation(Signal("audio", sound, RATE), *turns, Turn("bo", "", (3.0, 3.05)), Turn("cy", ""))


def test_it_is_a_component():
    check_component(Prosody(), [_talk(), Conversation(Turn("ana", "no sound"))])


def test_a_turn_gets_its_contours_and_functionals():
    talk = _talk()
    talk.add(*Prosody()(talk))
    first, last = talk.signals("prosody")
    assert (first.speaker, last.speaker, first.start, last.start) == ("ana", "bo", 0.0, 2.0)
    assert first.sampling_rate == 100
    assert first.samples.shape == (99, len(CONTOURS))
    said = talk.read("prosody", turn="t3")[0].scores["F0semitoneFrom27.5Hz_sma3nz_amean"]
    assert said == pytest.approx(12 * np.log2(240 / 27.5), abs=0.2)


def test_what_cannot_be_told_is_said():
    talk = _talk()
    talk.add(*Prosody()(talk))
    why = {one.at.turn: one.reason for one in talk.read("prosody")}
    assert why["t1"] == "" == why["t3"]
    assert why["t2"].startswith("too little voice: 0.00 s of 0.99 s")
    assert why["t4"].startswith("too little voice")
    assert "no times" in why["t5"]


def test_bad_quality_is_the_reason():
    talk = _talk()
    scores = {"snr": -5.0, "clipped": 0.0, "reverberation": 0.2, "speech": 1.0, "bandwidth": 7000.0}
    talk.add(Annotation("quality", scores, Anchor("t1"), "audio-quality", "speech.quality"))
    found = {one.at.turn: one for one in Prosody()(talk) if isinstance(one, Annotation)}
    assert "too noisy" in found["t1"].reason
    assert found["t3"].scores
