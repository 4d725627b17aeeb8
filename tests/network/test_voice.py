"""What the shipped reader says of sounds: it says why where it cannot tell."""

import numpy as np
import pytest

from insula.network.voice import Voice
from insula.scheme import scheme


@pytest.fixture(scope="module")
def voice():
    try:
        return Voice.open()
    except LookupError as missing:
        pytest.skip(str(missing))


def vowel(seconds, pitch=140.0):
    """Something like a voice: pulses through three resonances, its pitch going up and down."""
    rate, count = 16000, int(seconds * 16000)
    time = np.arange(count) / rate
    phase = np.cumsum(pitch * (1 + 0.15 * np.sin(2 * np.pi * 1.3 * time)) / rate)
    found = (np.diff(np.floor(phase), prepend=0.0) > 0).astype(np.float64)
    spectrum, hertz = np.fft.rfft(found), np.fft.rfftfreq(count, 1 / rate)
    for formant, width in ((700, 90), (1200, 110), (2600, 160)):
        spectrum *= 0.15 + 1 / (1 + ((hertz - formant) / width) ** 2)
    found = np.fft.irfft(spectrum, count) * (0.4 + 0.6 * np.sin(2 * np.pi * 2.5 * time) ** 2)
    return (0.3 * found / np.abs(found).max()).astype(np.float32)


def test_weights_that_are_not_there():
    with pytest.raises(FileNotFoundError, match="no weights 'voce'"):
        Voice.open("voce")


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(32000), "silence"),
        (vowel(0.4), "too short: 0.40 s"),
        (np.sin(np.arange(32000) * 0.17) * 0.3, "unlike the voices"),
        (np.eye(1, 32000, 500)[0], "unlike the voices"),
        (np.full(32000, np.nan), "damaged"),
    ],
)
def test_it_says_why_it_cannot_tell(voice, samples, why):
    found = voice.read(samples.astype(np.float32))
    assert why in found.reason
    assert not found.emotion
    assert not found.affect


def test_features_of_a_part_are_those_of_its_frames(voice):
    heard = voice.hear(vowel(3.0))
    assert heard.features().shape == voice.machine.centre.shape
    assert not np.allclose(heard.features(0.0, 1.0), heard.features(2.0, 3.0))
    assert np.array_equal(heard.features(0.0, 3.0), heard.features())


def test_what_it_says_of_features(voice):
    """The middle of all voices is one: every label of both schemes has a score, and doubt is said."""
    found = voice.judge(voice.machine.centre)
    assert not found.reason
    assert tuple(found.emotion) == scheme("voice9").labels
    assert all(0 <= score <= 1 for score in found.emotion.values())
    assert all(-1 <= score <= 1 for score in found.affect.values())
    assert set(found.labels) <= set(found.possible)
    assert set(found.margin) == {"valence", "arousal", "dominance"}


def test_a_calibrated_person_moves_what_is_heard(voice):
    """Somebody whose neutral voice is just this is heard as more neutral against it than a stranger is."""
    spread = voice.machine.spread
    rows = voice.machine.centre + np.random.default_rng(0).standard_normal((4, len(spread))).astype(np.float32) * spread
    person = voice.machine.calibrated(rows)
    assert person.count == 1
    mine = voice.judge(rows.mean(0), person)
    assert mine.emotion["neutral"] > voice.judge(rows.mean(0)).emotion["neutral"]
