"""Sounds whose pitch, jitter, formants and pauses are known because they were made so."""

import numpy as np

RATE = 16000
FALL = "6 dB an octave"


def pulses(periods, heights=None, band=4000):
    """A pulse at the end of each period (seconds), with nothing above `band` Hz: what a voice's folds would give."""
    times = np.cumsum(periods)
    heights = np.ones(len(times)) if heights is None else heights
    places = np.arange(int((times[-1] + 0.02) * RATE))
    sound = np.zeros(len(places))
    for time, height in zip(times, heights, strict=True):
        apart = places - time * RATE
        near = np.abs(apart) < 16 * 8000 / band
        bell = 0.5 + 0.5 * np.cos(np.pi * apart[near] * band / 8000 / 16)
        sound[near] += height * np.sinc(apart[near] * band / 8000) * bell
    return (0.5 * sound).astype(np.float32)


def resonator(sound, formants, rate=RATE):
    """Through resonances given as (Hz, bandwidth in Hz), one after the other."""
    for one in formants:
        radius = 0.97 if one == FALL else np.exp(-np.pi * one[1] / rate)
        first, second = (radius, 0) if one == FALL else (2 * radius * np.cos(2 * np.pi * one[0] / rate), -(radius**2))
        out, last, before = np.empty(len(sound)), 0.0, 0.0
        for at, value in enumerate(np.asarray(sound, np.float64)):
            last, before = value + first * last + second * before, last
            out[at] = last
        sound = out
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def voice(hertz=120.0, seconds=1.0, formants=((600, 80), (1200, 90), (2500, 120))):
    """A steady vowel: pulses that get weaker by 6 dB an octave, as a voice does on its way, through resonances."""
    return resonator(pulses(np.full(int(seconds * hertz), 1 / hertz), band=8000), (*formants, FALL))


def tone(hertz, seconds=1.0, height=0.5):
    """A sine."""
    return (height * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def noise(seconds=1.0, height=0.1, seed=0):
    """White noise with this standard deviation."""
    return (height * np.random.default_rng(seed).standard_normal(int(seconds * RATE))).astype(np.float32)


def silence(seconds=1.0):
    """Nothing."""
    return np.zeros(int(seconds * RATE), np.float32)
