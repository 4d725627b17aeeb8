"""What changes slowly or has no waves: temperature of the skin, and movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .gaps import long_enough

Array = NDArray[np.float64]
NEEDED = 10.0  # seconds
STILL = 0.02  # g: less than that is a hand at rest


def size(samples: Array) -> Array:
    """Acceleration (n, 3), or its size (n,), as its size (n,)."""
    return np.linalg.norm(samples, axis=1) if samples.ndim == 2 else samples


def temperature(samples: Array, rate: float, start: float, end: float) -> dict[str, float]:
    """Mean in degrees Celsius and slope in degrees a minute, from `start` to `end` seconds; {} under ten seconds."""
    part = _part(samples, rate, start, end)
    there = np.isfinite(part)
    if not long_enough(there, rate, NEEDED):
        return {}
    minutes = np.flatnonzero(there) / rate / 60
    slope = np.polyfit(minutes - minutes.mean(), part[there], 1)[0]
    return {"mean": float(part[there].mean()), "slope": float(slope)}


def movement(sizes: Array, rate: float, start: float, end: float) -> dict[str, float]:
    """Of sizes (n,) in g: deviation, change from sample to sample, share of seconds at rest; {} under ten seconds."""
    part = _part(sizes, rate, start, end)
    there = np.isfinite(part)
    if not long_enough(there, rate, NEEDED):
        return {}
    part = part[there]
    second = max(round(rate), 1)
    seconds = part[: len(part) // second * second].reshape(-1, second)
    return {
        "deviation": float(part.std()),
        "change": float(np.abs(np.diff(part)).mean() * rate),
        "still": float(np.mean(np.ptp(seconds, axis=1) < STILL)),
    }


def _part(samples: Array, rate: float, start: float, end: float) -> Array:
    return samples[max(round(start * rate), 0) : max(round(end * rate), 0)]
