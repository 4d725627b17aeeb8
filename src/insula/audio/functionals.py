"""One number for each way a stretch of speech was said: the 88 functionals of eGeMAPS, and its pace and silences.

    functionals(contours(samples)) -> {"F0semitoneFrom27.5Hz_sma3nz_amean": 31.2, ..., "silenceShare": .31}

Names are those openSMILE gives eGeMAPSv02 (Eyben et al. 2016), so that tables read alike. `benchmarks/prosody.py` says
how far the numbers agree. Silence follows Atmaja & Akagi 2020: a frame below a share of the stretch's median level.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .contours import HERTZ, VOICE, Contours
from .pitch import stretches
from .spectrum import Array

_Floats = NDArray[np.float64]
EVERYWHERE = ("spectralFlux", "mfcc1", "mfcc2", "mfcc3", "mfcc4")
WITH_VOICE = ("alphaRatio", "hammarbergIndex", "slope0-500", "slope500-1500", *EVERYWHERE)
WITHOUT_VOICE = WITH_VOICE[:5]
PROMINENCE = 0.1  # of a contour's range: smaller ups and downs are no peaks
SILENT = 0.3  # of the median amplitude: frames below are silent
PAUSE = 0.15  # seconds of silence from which on it is a pause
SYLLABLE = 0.1  # seconds between two syllables at least


def functionals(found: Contours, silent: float = SILENT) -> dict[str, float]:
    """All functionals; `silent` is the share of the median amplitude below which a frame is silent.

    Of fewer than one frame: an empty mapping. What cannot be measured without a voice is 0, as in eGeMAPS.
    """
    if not len(found):
        return {}
    return {**dict(egemaps(found)), **dict(pace(found)), **silence(found, silent)}


def egemaps(found: Contours) -> Iterator[tuple[str, float]]:
    """The 88 of eGeMAPSv02, in its order."""
    voiced = found.voiced
    pitch = smooth(found["F0semitoneFrom27.5Hz"], voiced)
    loud = smooth(found["loudness"])
    yield from _movement("F0semitoneFrom27.5Hz_sma3nz", pitch[voiced])
    yield from _movement("loudness_sma3", loud)
    for name in EVERYWHERE:
        yield from _spread(f"{name}_sma3", smooth(found[name]))
    for name in VOICE:
        there = voiced & (found[name] != 0)
        yield from _spread(f"{name}_sma3nz", smooth(found[name], there)[there])
    for name in WITH_VOICE:
        yield from _spread(f"{_with(name, 'V')}_sma3nz", smooth(found[name], voiced)[voiced])
    for name in WITHOUT_VOICE:
        yield f"{_with(name, 'UV')}_sma3nz_amean", _mean(smooth(found[name], ~voiced)[~voiced])
    seconds = len(found) / HERTZ
    yield "loudnessPeaksPerSec", len(_peaks(loud)) / seconds
    yield from _segments(voiced, seconds)
    yield "equivalentSoundLevel_dBp", float(10 * np.log10(np.mean(10.0 ** (found["soundLevel"] / 10))))


def pace(found: Contours) -> Iterator[tuple[str, float]]:
    """Syllables a second, all told and of the time that is not silent: loudness peaks that are voiced.

    After de Jong & Wempe 2009.
    """
    voiced = smooth(found.voiced.astype(np.float32))
    loud = smooth(found["loudness"])
    nuclei = [peak for peak in _peaks(loud) if voiced[peak] > 0]
    nuclei = [
        peak for peak, before in zip(nuclei, [-HERTZ, *nuclei], strict=False) if peak - before >= SYLLABLE * HERTZ
    ]
    spoken = len(found) - int(silences(found).sum())
    yield "syllablesPerSec", len(nuclei) * HERTZ / len(found)
    yield "articulationRate", len(nuclei) * HERTZ / max(spoken, HERTZ // 10)


def silences(found: Contours, silent: float = SILENT) -> NDArray[np.bool_]:
    """Which frames are silent: amplitude below `silent` times the median of the stretch. Digital silence always is."""
    amplitude = 10.0 ** (found["soundLevel"] / 20)
    return (amplitude < silent * np.median(amplitude)) | (found["soundLevel"] < -90)


def silence(found: Contours, silent: float = SILENT) -> dict[str, float]:
    """Share of silent frames, and pauses inside the speech: how many a second, and how long in seconds."""
    quiet = silences(found, silent)
    runs = stretches(quiet)
    inside = [(end - start) / HERTZ for start, end in runs if start > 0 and end < len(quiet)]
    pauses = [length for length in inside if length >= PAUSE]
    return {
        "silenceShare": float(quiet.mean()),
        "pausesPerSec": len(pauses) * HERTZ / len(quiet),
        "meanPauseLengthSec": _mean(np.array(pauses)),
        "longestPauseSec": max(pauses, default=0.0),
    }


def smooth(contour: Array, there: NDArray[np.bool_] | None = None) -> _Floats:
    """Mean of three neighbouring frames; of those only that are `there`, and 0 where the frame itself is not."""
    kept = np.ones(len(contour)) if there is None else there.astype(np.float64)
    sums, counts = (padded[:-2] + padded[1:-1] + padded[2:] for padded in (np.pad(contour * kept, 1), np.pad(kept, 1)))
    return kept * sums / np.maximum(counts, 1)


def _with(name: str, suffix: str) -> str:
    return name.replace("slope", f"slope{suffix}") if name.startswith("slope") else name + suffix


def _spread(name: str, values: _Floats) -> Iterator[tuple[str, float]]:
    """Mean, and the standard deviation relative to it."""
    mean = _mean(values)
    yield f"{name}_amean", mean
    yield f"{name}_stddevNorm", float(values.std() / mean) if mean else 0.0


def _movement(name: str, values: _Floats) -> Iterator[tuple[str, float]]:
    """Mean, spread, percentiles, and how steeply it rises and falls, per second."""
    yield from _spread(name, values)
    low, middle, high = np.percentile(values, [20, 50, 80]).tolist() if len(values) else (0.0, 0.0, 0.0)
    yield f"{name}_percentile20.0", low
    yield f"{name}_percentile50.0", middle
    yield f"{name}_percentile80.0", high
    yield f"{name}_pctlrange0-2", high - low
    slopes = _slopes(values)
    for way, some in (("Rising", slopes[slopes > 0]), ("Falling", -slopes[slopes < 0])):
        yield f"{name}_mean{way}Slope", _mean(some)
        yield f"{name}_stddev{way}Slope", float(some.std()) if len(some) else 0.0


def _segments(voiced: NDArray[np.bool_], seconds: float) -> Iterator[tuple[str, float]]:
    lengths = [np.array([end - start for start, end in stretches(some)]) / HERTZ for some in (voiced, ~voiced)]
    yield "VoicedSegmentsPerSec", len(lengths[0]) / seconds
    for name, some in zip(("VoicedSegmentLengthSec", "UnvoicedSegmentLength"), lengths, strict=True):
        yield f"Mean{name}", _mean(some)
        yield f"Stddev{name}", float(some.std()) if len(some) else 0.0


def _turning_points(values: _Floats) -> list[int]:
    """Where the contour turns, ends included; ups and downs of less than a tenth of its range are none."""
    enough = PROMINENCE * float(np.ptp(values)) if len(values) else 0.0
    line, points, way, low, high, extreme = values.tolist(), list[int](), 0, 0, 0, 0
    for at, value in enumerate(line):
        if way == 0:
            low, high = (at if value < line[low] else low), (at if value > line[high] else high)
            if line[high] - line[low] > enough:
                way = 1 if high > low else -1
                points, extreme = [min(low, high)], max(low, high)
        elif (value - line[extreme]) * way > 0:
            extreme = at
        elif (line[extreme] - value) * way > enough:
            points, extreme, way = [*points, extreme], at, -way
    return [*points, extreme] if points else []


def _slopes(values: _Floats) -> _Floats:
    """Units per second between one turning point and the next."""
    points = np.array(_turning_points(values), np.intp)
    return np.diff(values[points]) / np.diff(points) * HERTZ


def _peaks(values: _Floats) -> list[int]:
    """The turning points, ends apart, that stand above their neighbours."""
    points = _turning_points(values)
    inner = zip(points, points[1:], points[2:], strict=False)
    return [here for before, here, after in inner if values[here] > max(values[before], values[after])]


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean()) if len(values) else 0.0
