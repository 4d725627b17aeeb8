"""What a short spectrum says: loudness, tilt, cepstrum and change, from 20 ms of sound every 10 ms.

    power(samples) -> float32 [frames, 257];  loudness(power) -> float32 [frames]

Frame t covers 20 ms from t * 10 ms on. The measures are those of Eyben et al. 2016 (GeMAPS), written from the paper.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

RATE = 16000
STEP = 160
FRAME = 320
FFT = 512
HERTZ = np.arange(FFT // 2 + 1, dtype=np.float32) * (RATE / FFT)
FLOOR = 1e-10  # of power: -100 dB, below the noise of any microphone; keeps digital silence finite
BANDS = 26
LIFTER = 22
LOUDNESS = 0.0641  # brings loudness to openSMILE's scale, which depends on how spectra are normalised


def frames(samples: Array, length: int = FRAME) -> Array:
    """Overlapping frames [frames, length] every 10 ms, a view; none where the sound is shorter than 20 ms.

    Frames longer than 20 ms have the middle of the 20 ms ones, and find silence beyond both ends.
    """
    around = (length - FRAME) // 2
    if len(samples) < FRAME:
        return np.empty((0, length), np.float32)
    return np.lib.stride_tricks.sliding_window_view(np.pad(samples, around), length)[::STEP]


def power(framed: Array) -> Array:
    """Power spectrum [frames, 257] of 20 ms frames under a Hamming window."""
    spectrum = np.fft.rfft(framed * _hamming(), FFT)
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


def bands(spectra: Array) -> Array:
    """Power in 26 triangular mel bands, 20 to 8000 Hz: [frames, 26]."""
    return spectra @ _mel()


def loudness(mel: Array) -> Array:
    """Perceived loudness: the sum over mel bands, weighted as the ear does, to the power of .33 (Hermansky 1990)."""
    return LOUDNESS * ((mel * _equal_loudness()) ** 0.33).sum(1)


def cepstrum(mel: Array) -> Array:
    """The first four mel-frequency cepstral coefficients, liftered by 22: [frames, 4] (Davis & Mermelstein 1980)."""
    return np.log(np.maximum(mel, FLOOR)) @ _cosines()


def alpha_ratio(spectra: Array) -> Array:
    """Energy of 1 to 5 kHz over that of 50 to 1000 Hz, in dB, as openSMILE has it; low for a soft voice."""
    high = spectra[:, _within(1000, 5000)].sum(1)
    return decibels(high) - decibels(spectra[:, _within(50, 1000)].sum(1))


def hammarberg(spectra: Array) -> Array:
    """Strongest peak up to 2 kHz over the strongest of 2 to 5 kHz, in dB (Hammarberg et al. 1980)."""
    return decibels(spectra[:, _within(0, 2000)].max(1)) - decibels(spectra[:, _within(2000, 5000)].max(1))


def slope(spectra: Array, low: float, high: float) -> Array:
    """Slope of the straight line through the spectrum in dB between two frequencies, in dB per Hz."""
    band = _within(low, high)
    hertz = HERTZ[band] - HERTZ[band].mean()
    return decibels(spectra[:, band]) @ (hertz / (hertz**2).sum())


def flux(spectra: Array, before: Array | None = None) -> Array:
    """How much the magnitude spectrum changed since the frame before (the first: since `before`, else not at all)."""
    magnitude = np.sqrt(spectra[:, _within(0, 5000)])
    first = magnitude[:1] if before is None else np.sqrt(before[None, _within(0, 5000)])
    return np.sqrt((np.diff(magnitude, axis=0, prepend=first) ** 2).mean(1))


def decibels(powers: Any) -> Array:
    """10 log10, with a floor at -100 dB."""
    return 10 * np.log10(np.maximum(powers, FLOOR))


@cache
def _hamming() -> Array:
    return np.hamming(FRAME).astype(np.float32)


@cache
def _within(low: float, high: float) -> slice:
    inside = np.flatnonzero((low <= HERTZ) & (high >= HERTZ))
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _to_mel(hertz: Any) -> Any:
    return 1127 * np.log1p(np.asarray(hertz) / 700)


@cache
def _edges() -> NDArray[np.float64]:
    return np.linspace(_to_mel(20), _to_mel(8000), BANDS + 2)


@cache
def _mel() -> Array:
    """Triangles [257, 26] whose sides meet the middles of the bands beside them."""
    edges, bins = _edges(), _to_mel(HERTZ)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)


@cache
def _equal_loudness() -> Array:
    """Hermansky's weights at the middles of the bands, from their frequency in Hz squared."""
    square = (700 * np.expm1(_edges()[1:-1] / 1127)) ** 2
    return ((square / (square + 1.6e5)) ** 2 * (square + 1.44e6) / (square + 9.61e6)).astype(np.float32)


@cache
def _cosines() -> Array:
    places = np.arange(BANDS) + 0.5
    orders = np.arange(1, 5)
    cosines = np.sqrt(2 / BANDS) * np.cos(np.pi / BANDS * places[:, None] * orders)
    return (cosines * (1 + LIFTER / 2 * np.sin(np.pi * orders / LIFTER))).astype(np.float32)
