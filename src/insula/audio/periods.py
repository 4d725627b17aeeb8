"""From one opening of the vocal folds to the next: jitter and shimmer.

    jitter_shimmer(samples, hertz) -> (jitter [frames] relative, shimmer [frames] dB), 0 where there is no voice

Each period is found where the waveform around the last mark comes back (cross-correlation within a tenth of the period
the pitch says), so both follow the waveform itself and not the pitch contour (Boersma 2009, Titze & Liang 1993).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pitch import stretches
from .spectrum import FRAME, RATE, STEP, Array

SEARCH = 0.1  # of a period, to both sides
ALIKE = 0.5  # correlation of neighbouring periods below which the voice broke off
AROUND = 3  # frames to each side whose periods count for a frame: 60 ms in all
_Floats = NDArray[np.float64]


def jitter_shimmer(samples: Array, hertz: Array) -> tuple[Array, Array]:
    """Mean change between neighbouring periods: of length, relative to the length; of peak amplitude, in dB."""
    marks: list[_Floats] = [np.empty((0, 3))]
    for start, end in stretches(hertz > 0):
        marks.extend(_changes(samples, _periods(samples, hertz, start, end)))
    changes = np.concatenate(marks)
    frame = np.clip((changes[:, 0] - FRAME / 2) / STEP, 0, max(len(hertz) - 1, 0)).round().astype(np.intp)
    jitter, shimmer = (_around(frame, changes[:, column], len(hertz)) for column in (1, 2))
    return np.where(hertz > 0, jitter, 0).astype(np.float32), np.where(hertz > 0, shimmer, 0).astype(np.float32)


def _periods(samples: Array, hertz: Array, start: int, end: int) -> list[tuple[list[int], list[float]]]:
    """Runs of marks (samples) and the period in samples from each on, in a stretch of voiced frames."""
    offset, last = start * STEP, min(end * STEP + FRAME // 2, len(samples))
    sound = samples[offset:last].astype(np.float64)
    squares = np.concatenate([[0.0], np.cumsum(sound**2)])
    lengths = (RATE / hertz[start:end]).tolist()
    mark = int(np.abs(sound[: 2 * int(lengths[0])]).argmax())
    runs: list[tuple[list[int], list[float]]] = [([], [])]
    while True:
        length = lengths[min(max(mark - FRAME // 2, 0) // STEP, len(lengths) - 1)]
        half, reach = int(length / 2), max(int(SEARCH * length), 2)
        first, width = round(length) - reach - 1, 2 * reach + 3
        mark = max(mark, half)
        if mark + half + first + width > len(sound):
            return runs
        period, alike = _next(sound, squares, mark, half, first, width)
        if alike >= ALIKE:
            runs[-1][0].append(mark + offset)
            runs[-1][1].append(period)
        elif runs[-1][0]:
            runs.append(([], []))
        mark += round(period)


def _next(sound: _Floats, squares: _Floats, mark: int, half: int, first: int, width: int) -> tuple[float, float]:
    """How far on the waveform around a mark comes back, in parts of a sample, and its correlation there."""
    template = sound[mark - half : mark + half]
    region = sound[mark - half + first : mark + half + first + width - 1]
    ends = squares[mark + half + first : mark + half + first + width]
    energy = ends - squares[mark - half + first : mark - half + first + width]
    own = squares[mark + half] - squares[mark - half]
    alike = np.correlate(region, template) / np.sqrt(np.maximum(energy * own, 1e-20))
    best = 1 + int(alike[1:-1].argmax())
    left, middle, right = alike[best - 1 : best + 2].tolist()
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return first + best + min(max(shift, -0.5), 0.5), middle


def _changes(samples: Array, runs: list[tuple[list[int], list[float]]]) -> list[_Floats]:
    """Per run, a row for each two neighbouring periods: where (sample), change of length, change of level in dB."""
    found: list[_Floats] = []
    for marks, periods in runs:
        if len(marks) < 3:
            continue
        starts, lengths = np.array(marks), np.array(periods)
        edges = starts.astype(np.intp)
        sound = samples[: edges[-1] + 1]
        height = np.maximum.reduceat(sound, edges) - np.minimum.reduceat(sound, edges)
        level = 20 * np.log10(np.maximum(height[:-1], 1e-5))  # the last one is cut short
        change = np.abs(np.diff(lengths[:-1])) / lengths[:-1].mean()
        found.append(np.column_stack([starts[1:-1], change, np.abs(np.diff(level))]))
    return found


def _around(frame: NDArray[np.intp], values: _Floats, count: int) -> _Floats:
    """Mean of the values within a few frames of each frame; 0 where there are none."""
    sums, numbers = (np.bincount(frame, some, count + AROUND) for some in (values, np.ones(len(values))))
    sums, numbers = (np.convolve(some, np.ones(2 * AROUND + 1))[AROUND : AROUND + count] for some in (sums, numbers))
    return sums / np.maximum(numbers, 1)
