"""Who speaks, as the stretches come in: made-up voices, heard by the network that ships."""

import numpy as np
import pytest

from insula.network.speaker import Speaker
from insula.perceive.speech.speakers import Speakers, changes

RATE = 16000
# pitch in Hz, and the middle and width of each formant: three that the network tells apart (cosines .45 to .59)
VOICES = {
    "man": (95, ((500, 150), (1200, 200), (2400, 300))),
    "deep": (70, ((300, 100), (800, 150), (2900, 600))),
    "child": (350, ((1000, 300), (2800, 500))),
}


def said(voice, seconds=2.0):
    """Harmonics under formants, a wandering pitch, four syllables a second and a little breath."""
    pitch, formants = VOICES[voice]
    t = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.05 * np.sin(2 * np.pi * 0.7 * t))) / RATE
    wave = sum(_strength(pitch * k, formants) * np.sin(k * phase) for k in range(1, int(7000 / pitch)))
    noise = np.random.default_rng(0).normal(0, 1e-3, len(t))
    return (0.05 * wave * (1 + 0.8 * np.sin(2 * np.pi * 4 * t)) + noise).astype(np.float32)


def _strength(hertz, formants):
    return 0.01 + sum(np.exp(-(((hertz - middle) / width) ** 2)) for middle, width in formants)


def names(speakers, *voices, seconds=2.0):
    return [int(speakers.name(said(voice, seconds)).removeprefix("speaker ")) for voice in voices]


def test_names_come_in_order_of_appearance():
    assert names(Speakers(), "man", "deep", "man", "child", "deep", "man") == [1, 2, 1, 3, 2, 1]


def test_nothing_later_changes_a_name():
    every = ["deep", "child", "man", "deep"]
    whole = names(Speakers(), *every)
    assert all(names(Speakers(), *every[:k]) == whole[:k] for k in range(len(every)))


def test_a_short_stretch_makes_nobody_new_and_teaches_nothing():
    speakers = Speakers()
    assert names(speakers, "man") == [1]
    assert names(speakers, "deep", seconds=0.6) == [1]
    assert names(speakers, "deep", "man") == [2, 1]
    assert speakers.name(said("child", 0.05)) == "speaker 1", "too short to tell: nobody else began to speak"
    late = Speakers()
    assert late.name(said("man", 0.05)) == "speaker 1", "even when it is the first"
    assert names(late, "man", "deep") == [1, 2]


def test_no_more_speakers_than_there_are():
    assert names(Speakers(maximum=2), "man", "deep", "child", "man")[:2] == [1, 2]
    assert max(names(Speakers(maximum=2), "man", "deep", "child", "man")) == 2
    assert names(Speakers(threshold=0.4), "man", "deep") == [1, 1]
    assert names(Speakers(threshold=0.4, minimum=2), "man", "deep") == [1, 2], "a second is known to be there"
    with pytest.raises(ValueError, match="minimum is at least 1"):
        Speakers(minimum=3, maximum=2)


def test_a_person_who_enrolled_is_called_by_name():
    ana = {"ana": Speaker.open().embed(said("deep", 5))}
    heard = [Speakers(known=ana).name(said(voice)) for voice in ("man", "deep")]
    assert heard == ["speaker 1", "ana"]
    speakers = Speakers(known=ana)
    every = [speakers.name(said(voice)) for voice in ("man", "deep", "child", "man")]
    assert every == ["speaker 1", "ana", "speaker 2", "speaker 1"]


def test_channels_are_speakers_whatever_they_sound_like():
    speakers, silence = Speakers(), np.zeros(RATE, np.float32)
    assert [speakers.name(silence, channel) for channel in (1, 0, 1)] == ["speaker 1", "speaker 2", "speaker 1"]
    (part,) = speakers.parts(silence, 0)
    assert (part.start, part.end, part.speaker) == (0, 1, "speaker 2")


def test_a_stretch_of_two_voices_is_cut_where_they_change():
    pause = np.random.default_rng(1).normal(0, 1e-3, 3200).astype(np.float32)
    both = np.concatenate([said("man", 4), pause, said("deep", 4), pause, said("man", 4)])
    found = Speakers().parts(both)
    assert [part.speaker for part in found] == ["speaker 1", "speaker 2", "speaker 1"]
    assert [found[0].start, found[-1].end] == [0, 12.4]
    assert [part.end for part in found[:-1]] == [part.start for part in found[1:]]
    assert found[1].start == pytest.approx(4.1, abs=0.1)
    assert found[2].start == pytest.approx(8.3, abs=0.1)


def test_one_voice_is_not_cut():
    pause = np.random.default_rng(1).normal(0, 1e-3, 3200).astype(np.float32)
    assert changes(said("man", 12)) == []
    assert changes(np.concatenate([said("man", 3), pause, said("man", 3)])) == []
    assert changes(said("man", 1)) == []
    assert len(Speakers().parts(said("child", 8))) == 1


def test_silence_is_nobody_else():
    quiet = np.zeros(5 * RATE, np.float32)
    assert Speakers().name(quiet) == "speaker 1"
    assert Speakers().parts(quiet)[0].end == 5
