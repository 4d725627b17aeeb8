"""Built noise, clipping, rooms and telephones are measured as what they are; what cannot be read is said."""

from __future__ import annotations

import numpy as np
import pytest

from insula.audio.quality import floors, is_telephone, quality, reason
from talking import RATE, noise, quiet, talk

VOICE = np.concatenate([quiet(0.2), talk(1.4), quiet(0.3), talk(1.0, 150), quiet(0.2)])


def mixed(decibels: float) -> np.ndarray:
    loud = VOICE[np.abs(VOICE) > 0.01]
    height = np.sqrt(np.mean(loud**2) / 10 ** (decibels / 10))
    return VOICE + noise(len(VOICE) / RATE, float(height))[: len(VOICE)]


def in_a_room(seconds: float) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    tail = np.random.default_rng(0).standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail *= 0.5 / np.sqrt((tail**2).sum())
    tail[0] = 1
    return np.convolve(np.pad(VOICE, (0, RATE)), tail)[: len(VOICE) + RATE].astype(np.float32)


def clipped(share: float) -> np.ndarray:
    ceiling = np.quantile(np.abs(VOICE), 1 - share)
    return np.clip(VOICE, -ceiling, ceiling)


def test_noise_is_measured_within_a_few_decibels():
    found = [quality(mixed(decibels))["snr"] for decibels in (0, 5, 10, 20, 30)]
    assert found == sorted(found)
    assert found[3] == pytest.approx(20, abs=5)
    assert quality(VOICE)["snr"] > 30


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_clipping_is_the_share_at_the_ceiling(share):
    assert quality(clipped(share))["clipped"] == pytest.approx(share, abs=0.05)


def test_a_clean_voice_is_not_clipped():
    assert quality(VOICE)["clipped"] < 0.02


def test_a_longer_decay_is_a_longer_reverberation():
    found = [quality(in_a_room(seconds))["reverberation"] for seconds in (0.3, 0.8, 2.0)]
    assert found == sorted(found)
    assert found[2] > 2 * found[0]


def test_a_telephone_is_known_by_its_band():
    spectrum = np.fft.rfft(mixed(25))
    spectrum[round(len(spectrum) * 3400 / 8000) :] = 0
    line = np.fft.irfft(spectrum, len(VOICE)).astype(np.float32)
    assert is_telephone(quality(line))
    assert not is_telephone(quality(mixed(25)))
    assert not reason(quality(line), 3.0), "a narrow band is stated, not refused"


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (talk(0.05), "too short"),
        (np.zeros(RATE, np.float32), "silence"),
        (noise(2.0), "too noisy"),
        (mixed(-10), "too noisy"),
        (clipped(0.8), "clipped"),
        (in_a_room(3.0), "reverberation"),
        (np.zeros(0, np.float32), "too short"),
        (np.full(RATE, np.nan, np.float32), "silence"),
    ],
)
def test_what_cannot_be_read_has_a_reason(sound, said):
    assert said in reason(quality(sound), len(sound) / RATE)


def test_a_plain_voice_has_none_however_loud_it_is():
    for gain in (1.0, 0.1, 0.01):
        assert not reason(quality(VOICE * np.float32(gain)), len(VOICE) / RATE)


def test_every_floor_is_a_number():
    assert all(floors()[name] >= 0 for name in ("seconds", "snr", "clipped", "reverberation", "speech", "telephone"))
