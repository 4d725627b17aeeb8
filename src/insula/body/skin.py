"""Conductance of the skin: its level, and the responses that stand out of it.

    found = skin(samples, 4.0)
    found.measures(0.0, 60.0) -> {"level": 2.1, "slope": -0.02, "responses": 6.0, "amplitude": 0.08, ...}

NeuroKit2 takes level and responses apart (high pass at .05 Hz, Biopac's way). A response is a rise of the phasic
part of at least .01 microsiemens (Boucsein et al. 2012), whatever the rest of the recording does: NeuroKit2's own
threshold is a share of the largest response, so that one big one would hide the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gaps import filled, long_enough

Array = NDArray[np.float64]
LEAST = 0.01  # microsiemens from foot to peak
RISE = (0.3, 6.0)  # seconds from foot to peak
SPEED = 0.004  # microsiemens a second from foot to peak: slower is the level, or the filter's own swing
HERTZ = 8.0  # faster signals are thinned: nothing in skin is faster
NEEDED = 10.0  # seconds


@dataclass(frozen=True, eq=False)
class Skin:
    """Level and phasic part (n,) in microsiemens at `rate`; responses by foot and peak (seconds) and height."""

    level: Array
    phasic: Array
    rate: float
    feet: Array
    peaks: Array
    heights: Array

    def measures(self, start: float, end: float) -> dict[str, float]:
        """Of `start` to `end` seconds, {} where less than ten were measured.

        level in microsiemens, slope in microsiemens a minute, responses a minute, amplitude their mean height, area of
        the phasic part above zero per minute, deviation of the phasic part.
        """
        part = slice(max(round(start * self.rate), 0), max(round(end * self.rate), 0))
        level, phasic = self.level[part], self.phasic[part]
        there = np.isfinite(level)
        if not long_enough(there, self.rate, NEEDED):
            return {}
        minutes = there.sum() / self.rate / 60
        first, last = np.searchsorted(self.peaks, (start, end))
        heights = self.heights[first:last]
        at = np.flatnonzero(there) / self.rate / 60
        return {
            "level": float(level[there].mean()),
            "slope": float(np.polyfit(at - at.mean(), level[there], 1)[0]),
            "responses": len(heights) / minutes,
            "amplitude": float(heights.mean()) if len(heights) else 0.0,
            "largest": float(heights.max()) if len(heights) else 0.0,
            "area": float(np.clip(phasic[there], 0, None).sum() / self.rate / minutes),
            "phasic": float(phasic[there].std()),
        }


def skin(samples: Array, rate: float) -> Skin:
    """What is in samples (n,) in microsiemens, NaN where nothing was measured. Raises ImportError without NeuroKit2."""
    samples, rate = _thinned(np.asarray(samples, np.float64), rate)
    whole, there = filled(samples)
    nothing = np.zeros(0)
    if not long_enough(there, rate, NEEDED):
        empty = np.full(len(samples), np.nan)
        return Skin(empty, empty, rate, nothing, nothing, nothing)
    from .kit import neurokit

    parts = neurokit().eda_phasic(whole, sampling_rate=rate, method="highpass", cutoff=0.05)
    level, phasic = (np.array(parts[f"EDA_{name}"], float) for name in ("Tonic", "Phasic"))
    feet, peaks = _responses(_smooth(phasic, rate), there)
    heights = phasic[peaks] - phasic[feet]
    rise = (peaks - feet) / rate
    kept = (heights >= LEAST) & (rise >= RISE[0]) & (rise <= RISE[1]) & (heights >= SPEED * rise)
    level[~there] = phasic[~there] = np.nan
    return Skin(level, phasic, rate, feet[kept] / rate, peaks[kept] / rate, heights[kept])


def _responses(phasic: Array, there: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Each peak and the trough before it; none that rises through a gap."""
    steps = np.sign(np.diff(phasic))
    steps[steps == 0] = -1
    turns = np.diff(steps)
    peaks, troughs = np.flatnonzero(turns < 0) + 1, np.flatnonzero(turns > 0) + 1
    before = np.searchsorted(troughs, peaks) - 1
    peaks, feet = peaks[before >= 0], troughs[before[before >= 0]]
    missing = np.cumsum(~there)
    whole = missing[peaks] == missing[feet]
    return feet[whole], peaks[whole]


def _smooth(samples: Array, rate: float) -> Array:
    """The mean of half a second."""
    size = max(round(0.5 * rate) | 1, 1)
    return np.convolve(np.pad(samples, size // 2, mode="edge"), np.ones(size) / size, "valid")


def _thinned(samples: Array, rate: float) -> tuple[Array, float]:
    """The means of as many samples as keep at least `HERTZ`."""
    every = int(rate // HERTZ)
    if every < 2 or len(samples) < every:
        return samples, rate
    cut = samples[: len(samples) // every * every].reshape(-1, every)
    return cut.mean(1), rate / every
