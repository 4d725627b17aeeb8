"""How well a stretch of sound can be heard: noise, clipping, reverberation, how much speech, how wide a band.

    quality(samples) -> {"snr": 24.1, "clipped": 0.0, "reverberation": 0.31, "speech": 1.9, "bandwidth": 7800.0}
    reason(quality(samples), 2.4) -> "" or "too noisy: speech 1 dB above the noise, 5 are needed"

Floors are in `quality.toml`, with how they were set.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
WINDOW = 0.032
HOP = 0.01
SILENT = 1e-10
"""Mean square below which there is no sound: -100 dB."""
SNR = (-10.0, 60.0)
SHORT = 1.0
"""Seconds below which a sound has too few falls to tell a room from a vowel; its reverberation is given as 0."""
FALL = 0.2
"""Seconds over which a fall of the level is measured."""


def quality(samples: Array, rate: int = 16000) -> Mapping[str, float]:
    """The numbers of the scheme `audio-quality`, of float32 [n] at `rate`.

    Signal to noise in dB (energy of the speech against the quiet tenth of the same stretch, band by band), the share of
    samples that stand at the ceiling, reverberation time in s (slopes of free decays), seconds of speech, and the
    highest frequency in Hz that carries sound. After Kim & Stern 2008, Ratnam et al. 2003.
    """
    clean = np.nan_to_num(np.asarray(samples, np.float32), posinf=0.0, neginf=0.0)
    if len(clean) < round(WINDOW * rate) or float(np.mean(clean**2)) < SILENT:
        return {"snr": SNR[0], "clipped": 0.0, "reverberation": 0.0, "speech": 0.0, "bandwidth": 0.0}
    power = _spectrogram(clean, rate)
    energy = power.sum(1)
    loud = energy > np.maximum(np.percentile(energy, 10) * 2.0, np.percentile(energy, 95) * 1e-3)
    return {
        "snr": _snr(power, loud),
        "clipped": _clipped(clean),
        "reverberation": _reverberation(power),
        "speech": float(loud.sum() * HOP),
        "bandwidth": _bandwidth(power, loud, rate),
    }


def reason(quality: Mapping[str, float], seconds: float) -> str:
    """Why a stretch of so many seconds cannot be read, or ""."""
    floor = floors()
    if seconds < floor["seconds"]:
        return f"too short: {seconds:.2f} s, {floor['seconds']:g} are needed"
    if quality["bandwidth"] <= 0:
        return "nothing is heard: silence"
    if quality["clipped"] > floor["clipped"]:
        return f"clipped: {quality['clipped']:.0%} of the samples stand at the ceiling, {floor['clipped']:.0%} may"
    if quality["snr"] < floor["snr"]:
        return f"too noisy: speech {quality['snr']:.0f} dB above the noise, {floor['snr']:g} are needed"
    # noise hides the end of every decay, so that a noisy room seems to ring
    if quality["snr"] >= floor["decay"]["snr"] and quality["reverberation"] > floor["reverberation"]:
        return f"too much reverberation: {quality['reverberation']:.1f} s, up to {floor['reverberation']:g} can be read"
    if quality["speech"] < floor["speech"]:
        return f"too little speech: {quality['speech']:.2f} s, {floor['speech']:g} are needed"
    return ""


def is_telephone(quality: Mapping[str, float]) -> bool:
    """Whether the band is that of a telephone at 8 kHz: nothing above 4 kHz."""
    return 0 < quality["bandwidth"] <= floors()["telephone"]


@cache
def floors() -> Mapping[str, Any]:
    """What `quality.toml` holds."""
    return tomllib.loads((resources.files(__package__ or "") / "quality.toml").read_text(encoding="utf-8"))


def _spectrogram(samples: Array, rate: int) -> Array:
    """Power, [frames, bins]."""
    size, hop = round(WINDOW * rate), round(HOP * rate)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]
    return (np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)) ** 2).astype(np.float32)


def _snr(power: Array, loud: NDArray[np.bool_]) -> float:
    """The floor of each band is its quiet tenth; what stands above it is speech."""
    edges = np.unique(np.round(np.geomspace(3, power.shape[1] - 1, 17)).astype(int))
    bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    floor = np.percentile(bands, 10, axis=0)
    noise = max(float(floor.sum()), 1e-12)
    speech = max(float(bands[loud].sum(1).mean()) - noise if loud.any() else 0.0, 1e-12)
    return float(np.clip(10 * np.log10(speech / noise), *SNR))


def _clipped(samples: Array) -> float:
    """The share of samples heaped at one loud level: a voice has ever fewer samples the louder they are."""
    size = np.abs(samples)
    share = np.histogram(size, np.linspace(0.3, 1.1, 33) * np.percentile(size, 99.95))[0] / len(size)
    return float((share - np.minimum.accumulate(share))[4:].sum())


def _bandwidth(power: Array, loud: NDArray[np.bool_], rate: int) -> float:
    """The highest frequency within 50 dB of the strongest, smoothed over 250 Hz."""
    mean = power[loud].mean(0) if loud.any() else power.mean(0)
    smooth = np.convolve(mean, np.ones(8) / 8, "same")
    heard = np.flatnonzero(smooth > smooth.max() * 1e-5)
    return float(heard[-1] * rate / 2 / (power.shape[1] - 1)) if len(heard) else 0.0


def _reverberation(power: Array) -> float:
    """How fast the sound falls where it falls fastest: no room lets it fall faster than its own decay."""
    level = 10 * np.log10(power[:, 8:].sum(1) + 1e-9)
    size = round(FALL / HOP)
    if len(level) * HOP < SHORT:
        return 0.0
    steps = np.arange(size) - (size - 1) / 2
    slopes = np.convolve(level, steps[::-1] / float((steps**2).sum() * HOP), "valid")
    loudest = np.lib.stride_tricks.sliding_window_view(level, size).max(1)
    fastest = float(np.quantile(slopes[loudest > level.max() - 25], 0.02))
    falls, times = floors()["decay"]["falls"], floors()["decay"]["times"]
    return float(np.interp(60 / max(-fastest, 1.0), falls, times))
