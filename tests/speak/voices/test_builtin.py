"""The built-in voice: what a delivery asks for is in the sound, sentence by sentence."""

import numpy as np
import pytest

pytest.importorskip("hibari", reason="the built-in voice is not installed: pip install --no-deps hibari-tts")

from insula.speak.delivery import Delivery
from insula.speak.listen_back import at_16k, measure
from insula.speak.plan import plan
from insula.speak.voices import VoiceError, joined, voice

TEXT = "The letter came this morning and nobody has opened it yet."


@pytest.fixture(scope="module")
def speaker():
    return voice("builtin")


def _heard(speaker, **numbers):
    plain, said = (joined(speaker.say(TEXT, one)) for one in (Delivery(), Delivery(**numbers)))
    return measure(at_16k(said)).beside(measure(at_16k(plain)))


def test_sentences_come_one_by_one(speaker):
    sounds = speaker.say("Hello there. How are you?", Delivery())
    first = next(sounds)
    assert (first.text, first.rate) == ("Hello there.", 24000)
    assert first.samples.dtype == np.float32
    assert [sound.text for sound in sounds] == ["How are you?"]


@pytest.mark.parametrize("semitones", [-4, 5])
def test_pitch_is_moved(speaker, semitones):
    assert _heard(speaker, pitch=semitones)["pitch"] == pytest.approx(semitones, abs=1)


def test_range_pace_and_energy_are_changed(speaker):
    assert _heard(speaker, range=1.8)["range"] > 1.3 > 0.75 > _heard(speaker, range=0.4)["range"]
    assert _heard(speaker, pace=0.75)["pace"] == pytest.approx(0.75, abs=0.08)
    assert _heard(speaker, energy=-8)["energy"] == pytest.approx(-8, abs=1)
    assert _heard(speaker, energy=5, tilt=2, breath=-0.5)["energy"] == pytest.approx(5, abs=1.5)


def test_breath_is_noise_and_tilt_is_brightness(speaker):
    from insula.audio.contours import contours

    def heard(name, **numbers):
        found = contours(at_16k(joined(speaker.say(TEXT, Delivery(**numbers)))))
        return found[name][found["F0semitoneFrom27.5Hz"] > 0].mean()

    assert heard("HNRdBACF", breath=1) < heard("HNRdBACF") - 1
    assert heard("alphaRatio", tilt=3) > heard("alphaRatio") + 2


def test_emphasis_lengthens_and_lifts_its_word(speaker):
    plain, said = (joined(speaker.say(TEXT, Delivery(emphasis=words))) for words in ((), ("nobody",)))
    assert said.seconds > plain.seconds + 0.03


def test_pauses_grow_inside_and_after(speaker):
    def seconds(pauses):
        return joined(speaker.say("Well, no, not today. Never.", Delivery(pauses=pauses))).seconds

    assert seconds(3) > seconds(1) + 0.8


def test_loud_is_never_over_full_scale(speaker):
    loud = joined(speaker.say(TEXT, plan(TEXT, "anger").at([0.2, 8, 0.8, 0, 9, 4, -1, 0, 0])))
    assert np.abs(loud.samples).max() <= 1
    assert np.isfinite(loud.samples).all()


def test_the_same_is_said_alike(speaker):
    one, two = (joined(voice("builtin").say(TEXT, plan(TEXT, "fear"))) for _ in range(2))
    assert np.array_equal(one.samples, two.samples)


def test_what_cannot_be_said_is_said_so(speaker):
    assert list(speaker.say(" ... ", Delivery())) == []
    with pytest.raises(VoiceError, match="reads English"):
        list(speaker.say("お元気ですか。", Delivery()))
    with pytest.raises(VoiceError, match="nothing to say"):
        joined(speaker.say("", Delivery()))
    long = "and so on " * 300
    assert sum(sound.seconds for sound in speaker.say(long, Delivery(pace=2))) > 60
