"""Functionals of sounds with known answers, under the names openSMILE gives them."""

import numpy as np
import pytest
from sounds import noise, silence, tone, voice

from insula.audio.contours import contours
from insula.audio.functionals import egemaps, functionals, silences

PITCH = "F0semitoneFrom27.5Hz_sma3nz"


def _of(*sounds):
    return functionals(contours(np.concatenate(sounds)))


def test_the_88_have_opensmile_s_names_in_its_order():
    ours = [name for name, _ in egemaps(contours(voice()))]
    assert len(ours) == 88
    assert ours[0] == f"{PITCH}_amean"
    assert ours[-1] == "equivalentSoundLevel_dBp"
    opensmile = pytest.importorskip("opensmile", reason="only to compare the names: pip install opensmile")
    theirs = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals).feature_names
    assert ours == theirs


def test_pitch_of_a_steady_voice():
    found = _of(voice(220.0))
    assert found[f"{PITCH}_amean"] == pytest.approx(36.0, abs=0.1)  # three octaves above 27.5 Hz
    assert found[f"{PITCH}_pctlrange0-2"] < 0.1
    assert found[f"{PITCH}_stddevNorm"] < 0.01


def test_percentiles_and_slopes_of_a_rising_voice():
    found = _of(*(voice(hertz, 0.25) for hertz in (110.0, 130.0, 160.0, 200.0)))
    assert found[f"{PITCH}_percentile20.0"] == pytest.approx(24, abs=0.8)
    assert found[f"{PITCH}_percentile80.0"] > found[f"{PITCH}_percentile50.0"] > found[f"{PITCH}_percentile20.0"]
    assert found[f"{PITCH}_meanRisingSlope"] > 8  # ten semitones in a second


def test_loudness_peaks_and_syllables_are_counted():
    beat = (0.55 - 0.45 * np.cos(2 * np.pi * 4 * np.arange(32000) / 16000)).astype(np.float32)
    found = _of(voice(150.0, 2.2)[:32000] * beat)
    assert found["loudnessPeaksPerSec"] == pytest.approx(4, abs=0.6)
    assert found["syllablesPerSec"] == pytest.approx(4, abs=0.6)
    assert _of(noise(2.0) * beat)["syllablesPerSec"] < 1  # loud without a voice


def test_voiced_segments_and_pauses_are_measured():
    found = _of(voice(120.0, 0.5), silence(0.4), voice(120.0, 0.5), silence(0.4), voice(120.0, 0.5))
    assert found["VoicedSegmentsPerSec"] == pytest.approx(3 / 2.3, rel=0.1)
    assert found["MeanVoicedSegmentLengthSec"] == pytest.approx(0.5, abs=0.06)
    assert found["silenceShare"] == pytest.approx(0.8 / 2.3, abs=0.05)
    assert found["pausesPerSec"] == pytest.approx(2 / 2.3, rel=0.1)
    assert found["meanPauseLengthSec"] == pytest.approx(0.4, abs=0.06)
    assert found["articulationRate"] > found["syllablesPerSec"]


def test_the_threshold_decides_what_is_silent():
    found = contours(np.concatenate([tone(200.0, 0.6, 0.5), tone(200.0, 0.3, 0.1)]))
    shares = [silences(found, silent).mean() for silent in (0.1, 0.3, 1.5)]
    assert shares[0] == 0
    assert shares[1] == pytest.approx(1 / 3, abs=0.03)
    assert shares[2] == 1  # a bad threshold calls everything silent


def test_level_is_the_energy_of_the_whole():
    assert _of(tone(440.0, height=0.5))["equivalentSoundLevel_dBp"] == pytest.approx(-9.03, abs=0.05)


@pytest.mark.parametrize("sound", [silence(), noise(), silence(0.05), noise(0.02)])
def test_without_a_voice_there_are_numbers_still(sound):
    found = functionals(contours(sound))
    assert np.isfinite(list(found.values())).all()
    assert found[f"{PITCH}_amean"] == 0 or sound.any()


def test_of_no_sound_there_is_nothing_to_say():
    assert functionals(contours(silence(0.01))) == {}
    assert len({len(_of(x)) for x in (silence(), noise(), voice())}) == 1
