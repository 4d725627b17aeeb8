"""Resonances of the throat and mouth, and how strong the voice's harmonics are at them.

    formants(power) -> (hertz [frames, 3], bandwidth [frames, 3]);  levels(pitch, hertz) -> dB relative to F0

Linear prediction of order 11 below 5.5 kHz; poles in order of frequency are the formants (Markel & Gray 1976).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .pitch import FFT, RATE, Pitch
from .spectrum import HERTZ, Array, decibels

ORDER = 11
BAND = 5500.0  # Hz: what holds the first formants of anyone
LOWEST, HIGHEST = 50.0, 5450.0
EMPHASIS = 0.97  # of high frequencies, against the fall of the voice's own spectrum
NEAR = 0.2  # of a formant: harmonics this near are its own
HARMONICS = 60
_Floats = NDArray[np.float64]


def formants(spectra: Array) -> tuple[_Floats, _Floats]:
    """Frequencies and bandwidths in Hz of the first three formants of power spectra [frames, 257]; 0 where fewer."""
    predictor = _predictor(spectra[:, : _cosines().shape[0]].astype(np.float64) @ _cosines())
    companion = np.zeros((len(spectra), ORDER, ORDER))
    companion[:, 0] = -predictor
    companion[:, np.arange(1, ORDER), np.arange(ORDER - 1)] = 1
    poles = np.linalg.eigvals(companion)
    hertz = np.angle(poles) * BAND / np.pi
    width = -np.log(np.maximum(np.abs(poles), 1e-6)) * 2 * BAND / np.pi
    hertz = np.where((hertz > LOWEST) & (hertz < HIGHEST), hertz, np.inf)
    first = np.argsort(hertz, axis=1)[:, :3]
    hertz, width = np.take_along_axis(hertz, first, 1), np.take_along_axis(width, first, 1)
    there = np.isfinite(hertz)
    return np.where(there, hertz, 0), np.where(there, width, 0)


def _predictor(correlation: _Floats) -> _Floats:
    """Levinson and Durbin's recursion on every frame at once: coefficients [frames, order]."""
    correlation = correlation + np.eye(1, ORDER + 1) * (1e-9 * correlation[:, :1] + 1e-12)
    found = np.zeros((len(correlation), ORDER))
    error = correlation[:, 0].copy()
    for order in range(ORDER):
        reach = correlation[:, order + 1] + (found[:, :order] * correlation[:, order:0:-1]).sum(1)
        reflection = -reach / error
        found[:, :order] += reflection[:, None] * found[:, :order][:, ::-1]
        found[:, order] = reflection
        error = error * (1 - reflection**2)
    return found


@cache
def _cosines() -> _Floats:
    """From a power spectrum up to 5.5 kHz to the autocorrelation, at 11 kHz, of the emphasised sound: [177, 12]."""
    bins = np.flatnonzero(HERTZ <= BAND)
    weights = np.where((bins == 0) | (bins == bins[-1]), 1.0, 2.0)
    weights *= 1 + EMPHASIS**2 - 2 * EMPHASIS * np.cos(np.pi * bins / bins[-1])
    return weights[:, None] * np.cos(np.pi * bins[:, None] / bins[-1] * np.arange(ORDER + 1))


def levels(pitch: Pitch, hertz: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    """Of voiced frames, in dB: H1 - H2, H1 - A3, and [frames, 3] the strongest harmonic near a formant over H1.

    `pitch` holds all frames and `hertz` [voiced frames, 3] the formants of the voiced ones.
    """
    fundamental = pitch.hertz[pitch.voiced].astype(np.float64)[:, None]
    spectra = decibels(pitch.spectra[pitch.voiced])
    wanted = fundamental * np.arange(1, HARMONICS + 1)
    place = np.minimum(wanted * (FFT / RATE), FFT // 2 - 1)
    middle = np.maximum(place.round().astype(np.intp), 1)
    rows = np.arange(len(spectra))[:, None]
    left, here, right = spectra[rows, middle - 1], spectra[rows, middle], spectra[rows, middle + 1]
    beside = place - middle  # a parabola, which a peak under a Gaussian window is, in dB
    between = here + beside * (right - left) / 2 + beside**2 * (left - 2 * here + right) / 2
    harmonics = np.maximum(np.maximum(left, here), np.maximum(right, between))
    harmonics = np.where(wanted < RATE / 2, harmonics, -100.0)
    at = np.stack([_strongest(harmonics, wanted, fundamental, hertz[:, [one]]) for one in range(3)], 1)
    first = harmonics[:, 0]
    return first - harmonics[:, 1], first - at[:, 2], at - first[:, None]


def _strongest(harmonics: _Floats, wanted: _Floats, fundamental: _Floats, formant: _Floats) -> _Floats:
    near = np.abs(wanted - formant) <= np.maximum(NEAR * formant, fundamental / 2)
    return np.where(near, harmonics, -100.0).max(1)
