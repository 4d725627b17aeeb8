"""How well a stretch of each channel can be read: what is missing, held still, beyond its range, unlike itself.

quality(body, 0.0, 60.0) -> {"ppg.there": 1.0, "ppg.clear": 0.86, "eda.there": 1.0, "eda.flat": 0.0, ...}
reason(quality(body, 0.0, 60.0), "ppg") -> "" or "pulse by light: 12 % of beats look alike, 25 % are needed"
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .channels import CHANNELS
from .gaps import flat
from .person import Body, Series
from .pulse import ALIKE, NEEDED

THERE = 0.5  # share of samples that must have been measured
FLAT = 0.5  # share of samples that may stand still
CLEAR = 0.25  # share of beats that must look like those around them
RANGE = 0.5  # share of samples that may be beyond what the channel can hold
_EXACT = ("eda", "ppg", "ecg", "rsp")  # channels in which no living body stays on one value


def quality(body: Body, start: float, end: float) -> dict[str, float]:
    """Shares 0..1 by channel: there, flat, beyond (its range), and of pulses clear (beats that look alike)."""
    found = dict[str, float]()
    for name, series in body.series.items():
        found |= {f"{name}.{key}": value for key, value in _series(name, series, start, end).items()}
        if name in ("ppg", "ecg") and end - start >= NEEDED:
            beats = body.beats[name]
            alike = beats.alike[beats.within(start - series.start, end - series.start)]
            seconds = max(end - start, 1e-9)
            found[f"{name}.clear"] = float((alike >= ALIKE).mean()) if len(alike) > seconds / 4 else 0.0
    return found


def reason(measured: Mapping[str, float], channel: str) -> str:
    """Why this channel cannot be read at this quality; "" where it can."""
    title = CHANNELS[channel].title
    if (there := measured.get(f"{channel}.there", 0.0)) < THERE:
        return f"{title}: {there:.0%} of it was measured, {THERE:.0%} are needed"
    if (still := measured.get(f"{channel}.flat", 0.0)) > FLAT:
        return f"{title}: it stands still for {still:.0%} of the time; the sensor is off or does not touch"
    if (beyond := measured.get(f"{channel}.beyond", 0.0)) > RANGE:
        one = CHANNELS[channel]
        return f"{title}: {beyond:.0%} of it is beyond {one.low:g} to {one.high:g} {one.unit}; is the unit right?"
    if (clear := measured.get(f"{channel}.clear", 1.0)) < CLEAR:
        return f"{title}: {clear:.0%} of beats look alike, {CLEAR:.0%} are needed; the sensor moved or lies loosely"
    return ""


def _series(name: str, series: Series, start: float, end: float) -> dict[str, float]:
    samples = series.part(start, end)
    wanted = max(round((end - start) * series.rate), 1)
    there = np.isfinite(samples).all(1) if samples.ndim == 2 else np.isfinite(samples)
    found = {"there": min(float(there.sum() / wanted), 1.0)}
    if not there.any():
        return found
    if name in _EXACT:
        found["flat"] = float(flat(samples, series.rate).mean())
    one = CHANNELS[name]
    if np.isfinite(one.low):
        sizes = np.linalg.norm(samples[there], axis=1) if samples.ndim == 2 else samples[there]
        found["beyond"] = float(((sizes < one.low) | (sizes > one.high)).mean())
    return found
