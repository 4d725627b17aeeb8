"""Listening back: what is measured, what is corrected, and what is reported where a voice cannot do it."""

import numpy as np
import pytest

from insula.speak.delivery import Delivery
from insula.speak.listen_back import Ears, Heard, corrected, measure, settle
from insula.speak.plan import plan
from insula.speak.text import Line
from insula.speak.voices import Sound


class Tone:
    """A hum that goes only half as far in pitch as it is asked, and is deaf to all else."""

    name = "tone"
    follows = frozenset({"pitch"})

    def __init__(self, follows=("pitch",)):
        self.follows = frozenset(follows)

    def say(self, text, delivery):
        at = np.arange(24000) / 16000
        tone = delivery.pitch / 2 + 2 * np.sin(2 * np.pi * 2 * at)
        phase = 2 * np.pi * np.cumsum(200 * 2 ** (tone / 12)) / 16000
        hum = sum(np.sin(n * phase) / n for n in range(1, 9)) * 0.1
        yield Sound(hum.astype(np.float32), 16000, text)


LINE = Line("Well.", Delivery(pitch=4))


def test_what_was_missed_is_asked_for_again():
    asked, heard, sound = settle(Tone(), LINE, Ears())
    assert asked.delivery.pitch == pytest.approx(8, abs=1.2)
    assert heard.measured["pitch"] == pytest.approx(4, abs=0.5)
    assert "pitch" not in heard.misses()
    assert heard.line == LINE
    assert len(sound.samples) == 24000


def test_what_a_voice_cannot_do_is_reported():
    (asked,), (heard,) = corrected(Tone(()), [LINE], Ears())
    assert asked == LINE
    assert heard.misses() == ("pitch",)
    assert "not as planned: pitch" in heard.sentence


def test_the_ear_and_the_words_are_beside_the_plain_reading():
    from insula.network.words import Transcript

    def ear(samples):
        return {"joy": float(np.abs(samples).mean())}

    class Words:
        def __call__(self, samples):
            return Transcript("Well.", (), "en", 1.0, 0.0)

    line = Line("Well.", plan("", "joy", 0.5))
    heard = settle(Tone(), line, Ears(ear, Words()), rounds=0)[1]
    assert set(heard.emotion) == set(heard.plain) == {"joy"}
    assert heard.wrong == heard.plain_wrong == 0
    assert {"ear.joy", "plain.joy", "words", "pitch"} <= set(heard.scores())
    assert "0% of words misheard" in heard.sentence


def test_lost_words_ask_for_less():
    heard = Heard(LINE, wrong=0.5, plain_wrong=0.0)
    assert heard.unclear
    from insula.speak.listen_back import _again

    assert _again(Tone(), LINE.delivery, heard).pitch == pytest.approx(3)


def test_silence_has_no_prosody():
    found = measure(np.zeros(16000, np.float32))
    assert np.isnan(found.pitch)
    assert found.beside(found) == {}
