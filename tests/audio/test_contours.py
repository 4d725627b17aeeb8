"""Contours of sounds with known answers: pitch, periods, formants, loudness, and sounds that hardly are any."""

import numpy as np
import pytest
from sounds import RATE, noise, pulses, resonator, silence, tone, voice

from insula.audio.contours import CONTOURS, UNITS, VOICE, contours
from insula.audio.pitch import track

PITCHES = (60.0, 85.0, 120.0, 220.0, 400.0, 640.0)


def _middle(found, name):
    return found[name][10:-10]


@pytest.mark.parametrize("hertz", PITCHES)
def test_pitch_of_a_pulse_train_is_its_rate(hertz):
    found = track(pulses(np.full(int(0.6 * hertz), 1 / hertz)))
    assert found.voiced[8:-8].all()
    assert np.abs(found.hertz[8:-8] / hertz - 1).max() < 0.005


def test_pitch_survives_noise_a_telephone_and_a_missing_fundamental():
    clean = voice(150.0)
    noisy = clean + noise(len(clean) / RATE, 0.3 * float(clean.std()))[: len(clean)]
    spectrum = np.fft.rfft(clean)
    hertz = np.fft.rfftfreq(len(clean), 1 / RATE)
    telephone = np.fft.irfft(spectrum * ((hertz > 300) & (hertz < 3400)), len(clean)).astype(np.float32)
    for sound in (noisy, telephone):
        found = track(sound)
        assert found.voiced[10:-10].mean() > 0.95
        assert np.median(np.abs(found.hertz[found.voiced] / 150 - 1)) < 0.01


def test_a_glide_is_followed_without_octave_jumps():
    rate = np.geomspace(100, 300, 200)
    found = track(resonator(pulses(1 / rate), ((600, 80), (1200, 90))))
    steps = np.abs(np.diff(12 * np.log2(found.hertz[found.voiced])))
    assert steps.max() < 1.0
    assert found.hertz[found.voiced][-5] / found.hertz[found.voiced][5] > 2.3


def test_there_is_no_voice_in_noise_and_silence():
    assert contours(noise()).voiced.mean() < 0.05
    quiet = contours(silence())
    assert not quiet.voiced.any()
    assert quiet["loudness"].max() < 0.01
    assert np.isfinite(quiet.values).all()


@pytest.mark.parametrize("share", [0.005, 0.01, 0.02])
def test_jitter_is_that_of_the_pulses(share):
    lengths = (1 + share * np.random.default_rng(1).uniform(-1, 1, 300)) / 130
    made = np.abs(np.diff(lengths)).mean() / lengths.mean()
    found = contours(pulses(lengths, band=800))
    assert np.mean(_middle(found, "jitterLocal")) == pytest.approx(made, rel=0.1)
    assert np.median(_middle(contours(pulses(np.full(150, 1 / 130), band=800)), "jitterLocal")) < 0.001


@pytest.mark.parametrize("level", [0.3, 1.0, 2.0])
def test_shimmer_is_that_of_the_pulses(level):
    heights = 10 ** (np.where(np.arange(150) % 2, level, 0) / 20)
    found = contours(pulses(np.full(150, 1 / 130), heights))
    assert np.median(_middle(found, "shimmerLocaldB")) == pytest.approx(level, rel=0.1, abs=0.05)


@pytest.mark.parametrize("ratio", [0.0, 10.0, 20.0])
def test_harmonicity_is_how_far_the_voice_stands_above_noise(ratio):
    sound = tone(200.0, height=0.3) + tone(400.0, height=0.2)
    level = float(sound.std()) * 10 ** (-ratio / 20)
    found = contours(sound + noise(1.0, level))
    assert np.mean(_middle(found, "HNRdBACF")[_middle(found, "voicing") > 0.4]) == pytest.approx(ratio, abs=1.5)


@pytest.mark.parametrize("formants", [((700, 80), (1220, 90), (2600, 120)), ((300, 60), (2300, 100), (3000, 120))])
def test_formants_are_those_of_the_resonances(formants):
    found = contours(voice(100.0, 0.7, (*formants, (3700, 200), (4700, 250))))
    for number, (hertz, _) in enumerate(formants, 1):
        assert np.median(_middle(found, f"F{number}frequency")) == pytest.approx(hertz, rel=0.08)
        assert np.median(_middle(found, f"F{number}bandwidth")) < 400


def test_harmonics_stand_as_they_were_mixed():
    found = contours(tone(200.0, height=0.4) + tone(400.0, height=0.1) + tone(600.0, height=0.02))
    assert np.median(_middle(found, "logRelF0-H1-H2")) == pytest.approx(20 * np.log10(4), abs=0.5)


def test_loudness_follows_the_level_and_the_ear():
    loud, half, deep = (contours(x)["loudness"][20] for x in (tone(1000), tone(1000, height=0.25), tone(60)))
    assert loud / half == pytest.approx(4**0.33, rel=0.05)  # half the amplitude, a quarter of the power
    assert loud > 2 * deep


def test_loudness_and_level_rise_and_fall_with_the_sound():
    beat = 0.55 - 0.45 * np.cos(2 * np.pi * 3 * np.arange(RATE) / RATE)
    found = contours((tone(300.0) * beat).astype(np.float32))
    wanted = beat[RATE // 100 :: RATE // 100][: len(found)]
    for name in ("loudness", "soundLevel"):
        assert np.corrcoef(found[name][: len(wanted)], wanted)[0, 1] > 0.9
    assert found["soundLevel"].max() == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.3)


def test_tilt_tells_a_dull_from_a_bright_sound():
    dull, bright = contours(voice(120.0, 0.4, ((400, 60),))), contours(noise(0.4))
    for name, way in (("alphaRatio", -1), ("hammarbergIndex", 1), ("slope500-1500", -1)):
        assert way * (np.median(dull[name]) - np.median(bright[name])) > 0


def test_flux_is_where_the_sound_changes():
    found = contours(np.concatenate([tone(300.0, 0.5), tone(900.0, 0.5)]))
    assert abs(int(found["spectralFlux"].argmax()) - 50) <= 1
    assert found["spectralFlux"][10:40].max() < 0.1 * found["spectralFlux"].max()


def test_what_needs_a_voice_is_zero_without():
    found = contours(np.concatenate([silence(0.3), voice(120.0, 0.5), silence(0.3)]))
    outside = ~found.voiced
    assert outside.any()
    assert found.voiced.any()
    assert all((found[name][outside] == 0).all() for name in VOICE)
    assert set(UNITS) == set(CONTOURS)
    assert found.values.shape == (len(found), len(CONTOURS))


@pytest.mark.parametrize("count", [0, 100, 319, 320, 800, 16001])
def test_there_is_a_frame_for_each_10_ms_that_has_20_ms_of_sound(count):
    found = contours(tone(200.0, 1.1)[:count])
    assert len(found) == (0 if count < 320 else 1 + (count - 320) // 160)
    assert np.isfinite(found.values).all()
    assert found.values.dtype == np.float32


def test_clipped_and_8_khz_sound_keeps_its_pitch():
    sound = voice(180.0)
    clipped = np.clip(3 * sound, -0.3, 0.3)
    upsampled = np.interp(np.arange(len(sound)) / 2, np.arange(len(sound[::2])), sound[::2]).astype(np.float32)
    for heard in (clipped, upsampled):
        found = contours(heard)
        assert np.median(found["F0semitoneFrom27.5Hz"][found.voiced]) == pytest.approx(
            12 * np.log2(180 / 27.5), abs=0.1
        )


def test_long_sound_is_measured_in_blocks_that_do_not_show():
    sound = np.tile(voice(140.0, 0.5), 8)
    whole, part = contours(sound), contours(sound[: 30000 + 320])
    assert np.allclose(whole["spectralFlux"][:180], part["spectralFlux"][:180], atol=1e-5)
    assert np.allclose(whole["F0semitoneFrom27.5Hz"][:170], part["F0semitoneFrom27.5Hz"][:170], atol=1e-3)


def test_damaged_sound_is_refused_with_its_place():
    sound = tone(200.0)
    sound[77] = np.nan
    with pytest.raises(ValueError, match="sample 77 is no number"):
        contours(sound)
    with pytest.raises(ValueError, match="one channel"):
        contours(np.zeros((100, 2), np.float32))
