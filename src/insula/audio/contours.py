"""How a stretch of speech was said, every 10 ms: pitch, voice quality, loudness, tilt, formants.

    contours(samples) -> Contours(values float32 [frames, 27] at 100 Hz);  it["loudness"] -> float32 [frames]

The low-level descriptors of eGeMAPS (Eyben et al. 2016) under its names, not smoothed, and two more: `voicing`, the
height of the autocorrelation's peak 0..1, and `soundLevel` in dB of full scale. The middle of frame t is at
t * 10 + 10 ms. What only a voice has (pitch, jitter, formants...) is 0 where `F0semitoneFrom27.5Hz` is 0: no voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import spectrum
from .formants import formants, levels
from .periods import jitter_shimmer
from .pitch import Pitch, track
from .spectrum import RATE, STEP, Array

HERTZ = RATE // STEP  # frames a second
UNITS = {
    "F0semitoneFrom27.5Hz": "semitones above 27.5 Hz",
    "voicing": "0..1",
    "jitterLocal": "share of a period",
    "shimmerLocaldB": "dB",
    "HNRdBACF": "dB",
    "logRelF0-H1-H2": "dB",
    "logRelF0-H1-A3": "dB",
    **{
        f"F{number}{what}": unit
        for number in (1, 2, 3)
        for what, unit in (("frequency", "Hz"), ("bandwidth", "Hz"), ("amplitudeLogRelF0", "dB"))
    },
    "loudness": "sones, roughly",
    "soundLevel": "dB of full scale",
    "spectralFlux": "of magnitude",
    "alphaRatio": "dB",
    "hammarbergIndex": "dB",
    "slope0-500": "dB per Hz",
    "slope500-1500": "dB per Hz",
    **{f"mfcc{number}": "of log power" for number in (1, 2, 3, 4)},
}
CONTOURS = tuple(UNITS)
VOICE = CONTOURS[2:16]  # measured in voiced frames only
_BLOCK = 256  # frames worked on together: what fits a processor's cache


@dataclass(frozen=True, eq=False)
class Contours:
    """`values` float32 [frames, 27] at 100 Hz, columns named by `CONTOURS`."""

    values: Array

    def __getitem__(self, name: str) -> Array:
        """One contour [frames]; raises ValueError for a name that is none."""
        return self.values[:, CONTOURS.index(name)]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Where there is a voice: [frames]."""
        return self["F0semitoneFrom27.5Hz"] > 0


def contours(samples: Array) -> Contours:
    """All contours of mono samples at 16 kHz, -1..1: one row for each 10 ms that has 20 ms of sound, so maybe none.

    Raises ValueError for samples that are not one channel or not numbers (NaN, infinite).
    """
    samples = np.ascontiguousarray(samples, np.float32)
    if samples.ndim != 1:
        raise ValueError(f"prosody is measured in one channel; these samples have the shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise ValueError(f"sample {int(np.argmin(np.isfinite(samples)))} is no number: the recording is damaged there")
    pitch = track(samples)
    found = {"F0semitoneFrom27.5Hz": pitch.semitones, "voicing": pitch.voicing, "HNRdBACF": pitch.harmonicity}
    found["jitterLocal"], found["shimmerLocaldB"] = jitter_shimmer(samples, pitch.hertz)
    spectra, rest = _spectral(samples)
    found |= rest | _resonances(pitch, spectra)
    return Contours(np.column_stack([found[name] for name in CONTOURS]).astype(np.float32))


def _spectral(samples: Array) -> tuple[Array, dict[str, Array]]:
    """Power spectra, and what they give in every frame, voiced or not."""
    framed = spectrum.frames(samples)
    blocks = [framed[at : at + _BLOCK] for at in range(0, max(len(framed), 1), _BLOCK)]
    spectra: list[Array] = []
    parts: list[dict[str, Array]] = []
    for block in blocks:
        now = spectrum.power(block)
        parts.append(_of_frames(block, now, spectra[-1][-1] if spectra else None))
        spectra.append(now)
    return np.concatenate(spectra), {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of_frames(framed: Array, spectra: Array, before: Array | None) -> dict[str, Array]:
    mel = spectrum.bands(spectra)
    coefficients = spectrum.cepstrum(mel)
    return {
        "loudness": spectrum.loudness(mel),
        "soundLevel": spectrum.decibels((framed**2).mean(1)),
        "spectralFlux": spectrum.flux(spectra, before),
        "alphaRatio": spectrum.alpha_ratio(spectra),
        "hammarbergIndex": spectrum.hammarberg(spectra),
        "slope0-500": spectrum.slope(spectra, 0, 500),
        "slope500-1500": spectrum.slope(spectra, 500, 1500),
        **{f"mfcc{order + 1}": coefficients[:, order] for order in range(4)},
    }


def _resonances(pitch: Pitch, spectra: Array) -> dict[str, Array]:
    """Formants and harmonics of the voiced frames, 0 elsewhere."""
    voiced = pitch.voiced
    hertz, width = formants(spectra[voiced])
    second, third, near = levels(pitch, hertz)
    columns = {"logRelF0-H1-H2": second, "logRelF0-H1-A3": third}
    for one in range(3):
        columns[f"F{one + 1}frequency"] = hertz[:, one]
        columns[f"F{one + 1}bandwidth"] = width[:, one]
        columns[f"F{one + 1}amplitudeLogRelF0"] = near[:, one]
    found = {name: np.zeros(len(voiced), np.float32) for name in columns}
    for name, values in columns.items():
        found[name][voiced] = values
    return found
