"""How alike several people's traces of one story are, and how far one person's can be told from the others'.

    consensus(traces)           # (time, people) -> for each person the mean of the others
    lag(trace, other, most=15)  # steps by which a person is late

A trace of valence is a person's own: how they use the scale, how fast they answer, what they make of the story. Each is
measured apart, on people who were left out (concordance: Lin 1989; lag: Mariooryad & Busso 2015).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def together(traces: Sequence[Array]) -> Array:
    """Traces of one story, each (time,), as (time, people), cut to the shortest."""
    length = min(len(one) for one in traces)
    return np.stack([np.asarray(one[:length], np.float64) for one in traces], 1)


def consensus(traces: Array) -> Array:
    """(time, people) -> for each person the mean of all others."""
    total = traces.sum(1, keepdims=True)
    return (total - traces) / (traces.shape[1] - 1)


def concordance(one: Array, other: Array) -> float:
    """Concordance correlation coefficient of two traces (time,); 0 where both stand still."""
    covariance = np.mean((one - one.mean()) * (other - other.mean()))
    spread = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(2 * covariance / spread) if spread else 0.0


def lag(trace: Array, other: Array, most: int) -> int:
    """By how many steps `trace` follows `other`: the shift, 0 to `most`, of the highest correlation."""
    length = len(trace) - most
    if length < 2 or other[:length].std() == 0:
        return 0
    found = [_correlation(trace[step : step + length], other[:length]) for step in range(most + 1)]
    return int(np.argmax(found))


def shifted(trace: Array, steps: int) -> Array:
    """What was, so many steps before: (time,), the first value held."""
    return np.concatenate([np.repeat(trace[:1], steps), trace[: len(trace) - steps]]) if steps else trace


def line(trace: Array, other: Array) -> tuple[float, float]:
    """Slope and intercept that bring `other` to `trace`, by least squares: how a person uses the scale."""
    variance = float(other.var())
    slope = float(np.mean((trace - trace.mean()) * (other - other.mean())) / variance) if variance else 0.0
    return slope, float(trace.mean() - slope * other.mean())


def _correlation(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 and other.std() > 0 else -1.0
