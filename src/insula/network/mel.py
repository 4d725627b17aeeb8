"""Power in mel bands at 16 kHz, as the networks that hear were taught with: a window of 25 ms, Slaney's scale."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
RATE, WINDOW = 16000, 400


def mel_power(frames: Array, bands: int) -> Array:
    """Frames of samples, float32 [n, WINDOW] -> power of each band, float32 [n, bands]."""
    return (np.abs(np.fft.rfft(frames * _hann(), axis=1)).astype(np.float32) ** 2) @ _filters(bands)


@cache
def _hann() -> Array:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@cache
def _filters(bands: int) -> Array:
    """Triangles of equal area on the mel scale of Slaney 1998 (linear to 1 kHz, then logarithmic): [bins, bands]."""
    mels = np.linspace(0.0, 45.245640471924965, bands + 2)  # the last is 8 kHz
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mels - 15)))
    bins = np.fft.rfftfreq(WINDOW, 1 / RATE)[:, None]
    rising = (bins - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - bins) / np.diff(hertz)[1:]
    return (np.minimum(rising, falling).clip(0) * 2 / (hertz[2:] - hertz[:-2])).astype(np.float32)
