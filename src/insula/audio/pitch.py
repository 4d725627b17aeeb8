"""How high a voice is: the fundamental frequency every 10 ms, and how periodic the sound is.

    track(samples) -> Pitch(hertz [frames], 0 where there is no voice; voicing [frames] 0..1; harmonicity [frames] dB)

Candidates are peaks of the autocorrelation divided by that of the window, and the cheapest path through them is taken
(Boersma 1993): jumps and changes between voice and none cost, and so do low candidates, which are often an octave down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .spectrum import RATE, Array, frames

LOWEST, HIGHEST = 55.0, 1000.0  # Hz
FRAME = 960  # 60 ms: three periods of the lowest voice
FFT = 1024
CANDIDATES = 5
VOICED = 0.6  # autocorrelation from which on a frame is voiced
SILENCE = 0.05  # of the loudest frame's peak: below it nothing is a voice
OCTAVE_COST = 0.01
OCTAVE_JUMP = 0.35
CHANGE = 0.14  # from voice to none or back
SHORTEST = 3  # frames: nobody's voice is shorter than 30 ms
_BLOCK = 256  # frames worked on together: what fits a processor's cache
_Floats = NDArray[np.floating]
_LAGS = np.arange(int(RATE / HIGHEST), int(RATE / LOWEST) + 2)


@dataclass(frozen=True)
class Pitch:
    """`hertz`, `voicing`: [frames]; `spectra`: power [frames, 513] of 60 ms each, 15.625 Hz apart."""

    hertz: Array
    voicing: Array
    spectra: Array

    @property
    def voiced(self) -> NDArray[np.bool_]:
        return self.hertz > 0

    @property
    def semitones(self) -> Array:
        """Above 27.5 Hz; 0 where there is no voice."""
        return semitones(self.hertz)

    @property
    def harmonicity(self) -> Array:
        """Energy of the periodic part over the rest in dB; 0 where there is no voice."""
        share = np.clip(self.voicing, 1e-4, 0.9999)
        return np.where(self.voiced, 10 * np.log10(share / (1 - share)), 0).astype(np.float32)


def semitones(hertz: Array) -> Array:
    """Semitones above 27.5 Hz; 0 stays 0: no voice."""
    return np.where(hertz > 0, 12 * np.log2(np.maximum(hertz, 1e-3) / 27.5), 0).astype(np.float32)


def track(samples: Array) -> Pitch:
    """The fundamental frequency of 16 kHz samples."""
    framed = frames(samples, FRAME)
    parts = [_candidates(framed[at : at + _BLOCK]) for at in range(0, len(framed), _BLOCK)]
    if not parts:
        nothing = np.zeros(0, np.float32)
        return Pitch(nothing, nothing, np.zeros((0, FFT // 2 + 1), np.float32))
    lags, strengths, peaks, spectra = (np.concatenate(some) for some in zip(*parts, strict=True))
    chosen = _path(lags, strengths, peaks / max(float(peaks.max()), 1e-9))
    rows = np.arange(len(lags))
    hertz = np.where(chosen < CANDIDATES, RATE / lags[rows, np.minimum(chosen, CANDIDATES - 1)], 0)
    for start, end in stretches(hertz > 0):
        hertz[start:end] *= end - start >= SHORTEST
    best = np.where(chosen < CANDIDATES, strengths[rows, np.minimum(chosen, CANDIDATES - 1)], strengths.max(1))
    voicing = np.where(peaks > 0, np.clip(best, 0, 1), 0)
    return Pitch(hertz.astype(np.float32), voicing.astype(np.float32), spectra)


def stretches(true: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where it is true without a break: [start, end) of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _candidates(framed: Array) -> tuple[_Floats, _Floats, _Floats, Array]:
    """Per frame: lags in samples and their autocorrelation [frames, 5], the waveform's peak, the power spectrum."""
    centred = framed - framed.mean(1, keepdims=True)
    weighted = centred * _gauss()
    spectrum = np.fft.rfft(weighted, FFT)
    spectra = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    correlation = np.fft.irfft(spectra, FFT)[:, : _LAGS[-1] + 2].astype(np.float32)
    correlation = correlation / np.maximum(correlation[:, :1], 1e-12) * _window_correlation()
    inside = correlation[:, _LAGS[0] : _LAGS[-1] + 1]
    before, after = correlation[:, _LAGS[0] - 1 : _LAGS[-1]], correlation[:, _LAGS[0] + 1 : _LAGS[-1] + 2]
    favoured = np.where((inside > before) & (inside >= after), inside - _octaves(), -1)
    best = np.argpartition(favoured, -CANDIDATES, axis=1)[:, -CANDIDATES:]
    best = np.sort(best, axis=1)
    left, middle, right = (np.take_along_axis(x, best, 1) for x in (before, inside, after))
    bend = np.minimum(left - 2 * middle + right, -1e-9)
    shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    peak = np.where(np.take_along_axis(favoured, best, 1) > -1, middle - 0.25 * (left - right) * shift, -1)
    return _LAGS[best] + shift, peak, np.abs(weighted).max(1), spectra


def _path(lags: _Floats, strengths: _Floats, peaks: _Floats) -> NDArray[np.intp]:
    """The cheapest candidate per frame; the number after the last candidate is no voice."""
    octaves = np.log2(lags)
    unvoiced = VOICED + np.maximum(0, 2 - peaks / (SILENCE / (1 + VOICED)))
    worth = np.column_stack([strengths - OCTAVE_COST * (octaves - np.log2(RATE / HIGHEST)), unvoiced])
    jumps = np.full((len(lags), CANDIDATES + 1, CANDIDATES + 1), CHANGE)
    jumps[1:, :-1, :-1] = OCTAVE_JUMP * np.abs(octaves[:-1, :, None] - octaves[1:, None, :])
    jumps[:, -1, -1] = 0
    total, came = worth[0], np.zeros((len(strengths), CANDIDATES + 1), np.intp)
    for at in range(1, len(worth)):
        ways = total[:, None] - jumps[at]
        came[at] = ways.argmax(0)
        total = ways.max(0) + worth[at]
    chosen = np.empty(len(worth), np.intp)
    chosen[-1] = total.argmax()
    for at in range(len(worth) - 1, 0, -1):
        chosen[at - 1] = came[at, chosen[at]]
    return chosen


@cache
def _gauss() -> Array:
    middle = (FRAME - 1) / 2
    return np.exp(-0.5 * ((np.arange(FRAME) - middle) / (0.4 * middle)) ** 2).astype(np.float32)


@cache
def _window_correlation() -> Array:
    """What a lag's autocorrelation is multiplied by to undo the window."""
    spectrum = np.fft.rfft(_gauss(), FFT)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, FFT)[: _LAGS[-1] + 2]
    return (correlation[0] / correlation).astype(np.float32)


@cache
def _octaves() -> Array:
    return (OCTAVE_COST * np.log2(_LAGS / _LAGS[0])).astype(np.float32)
