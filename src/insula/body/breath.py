"""Breaths, from a belt or any signal that rises with breathing in: rate, depth, and how even they are.

    breaths(samples, 25.0).measures(0.0, 60.0) -> {"rate": 14.8, "spread": 1.2, "depth": 0.9, "depth_spread": 0.1}

NeuroKit2 cleans the signal and finds the peaks (Khodadad et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gaps import filled, long_enough

Array = NDArray[np.float64]
NEEDED = 15.0  # seconds
SHORTEST, LONGEST = 0.8, 20.0  # seconds of one breath


@dataclass(frozen=True, eq=False)
class Breaths:
    """Peaks of inhalation at `times` (breaths,) in seconds and their height above the trough before."""

    times: Array
    depths: Array

    def measures(self, start: float, end: float) -> dict[str, float]:
        """Breaths a minute and their deviation, depth and its deviation, of `start` to `end` s; {} under three."""
        part = slice(*np.searchsorted(self.times, (start, end)))
        lengths = np.diff(self.times[part])
        lengths = lengths[(lengths >= SHORTEST) & (lengths <= LONGEST)]
        if len(lengths) < 2:
            return {}
        rates, depths = 60 / lengths, self.depths[part]
        return {
            "rate": 60 / float(lengths.mean()),
            "spread": float(rates.std(ddof=1)),
            "depth": float(depths.mean()),
            "depth_spread": float(depths.std() / (depths.mean() + 1e-9)),
        }


def breaths(samples: Array, rate: float) -> Breaths:
    """The breaths of samples (n,), NaN where nothing was measured. Raises ImportError without NeuroKit2."""
    whole, there = filled(samples)
    if not long_enough(there, rate, NEEDED):
        return Breaths(np.zeros(0), np.zeros(0))
    from .kit import neurokit

    nk = neurokit()
    clean = np.asarray(nk.rsp_clean(whole, sampling_rate=rate, method="khodadad2018"), float)
    try:
        _, found = nk.rsp_peaks(clean, sampling_rate=rate, method="khodadad2018")
    except (IndexError, ValueError):  # what NeuroKit2 says where there is no breath at all
        return Breaths(np.zeros(0), np.zeros(0))
    peaks, troughs = (np.asarray(found[f"RSP_{name}"], float) for name in ("Peaks", "Troughs"))
    peaks, troughs = (one[np.isfinite(one)].astype(np.intp) for one in (peaks, troughs))
    before = np.searchsorted(troughs, peaks) - 1
    peaks, before = peaks[before >= 0], before[before >= 0]
    kept = there[peaks]
    peaks, feet = peaks[kept], troughs[before[kept]]
    return Breaths(peaks / rate, clean[peaks] - clean[feet])
