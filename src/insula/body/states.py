"""From measures of windows to the state a body is in, whichever channels there are, and against the person's own rest.

    states = States.open()
    states.chances(with_past(np.stack([row(measures), ...]))) -> probabilities (windows, 3)
    states.chances(rows, rest(rows[:25]))                     -> the same against five minutes of the person's own rest

One Gaussian for each state with a common covariance (Fisher 1936, shrunk as by Ledoit & Wolf 2004),
so that what was not measured is integrated out exactly rather than made up. There are two sets of numbers: for people
nobody knows, and for differences from a person's own rest. How warm a hand is, unlike how fast it cools, is no measure:
it drifts with the time since a band was put on, and would tell the order of an experiment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
STATES: tuple[str, ...] = ("baseline", "stress", "amusement")
PAST = 36  # windows, ten seconds apart: the mean of six minutes is read beside the last one
# measures whose size says more by its logarithm, with what is added to them before
LOGS: Mapping[str, float] = {
    **dict.fromkeys(("heart.sdnn", "heart.rmssd", "heart.sd1", "heart.sd2"), 1.0),
    **dict.fromkeys(("skin.level", "skin.amplitude", "skin.largest", "skin.area", "skin.phasic"), 1e-3),
    **dict.fromkeys(("movement.deviation", "movement.change"), 1e-3),
    "skin.responses": 1.0,
}
MEASURES = (
    *(f"heart.{name}" for name in ("rate", "range", "trend", "sdnn", "rmssd", "sd1", "sd2", "pnn20", "pnn50")),
    *(f"pulse.{name}" for name in ("height", "spread", "alike")),
    *(f"skin.{name}" for name in ("level", "slope", "responses", "amplitude", "largest", "area", "phasic")),
    "temperature.slope",
    *(f"movement.{name}" for name in ("deviation", "change", "still")),
)
NAMES = (*MEASURES, *(f"{name} of the past" for name in MEASURES))


def row(measures: Mapping[str, float]) -> Array:
    """Measures of one window as numbers (measures,), NaN where there is none."""
    found = np.array([measures.get(name, np.nan) for name in MEASURES])
    for place, name in enumerate(MEASURES):
        if name in LOGS:
            found[place] = np.log(max(found[place], 0.0) + LOGS[name])
    return found


def with_past(rows: Array) -> Array:
    """Rows of windows in order (windows, measures) -> each beside the mean of the last 36 (windows, 2 * measures)."""
    there = np.isfinite(rows)
    sums, counts = (
        np.cumsum(np.vstack([np.zeros(rows.shape[1]), one]), 0) for one in (np.where(there, rows, 0), there)
    )
    first = np.clip(np.arange(len(rows)) + 1 - PAST, 0, None)
    last = np.arange(len(rows)) + 1
    count = counts[last] - counts[first]
    mean = np.where(count > 0, (sums[last] - sums[first]) / np.maximum(count, 1), np.nan)
    return np.hstack([rows, mean])


@dataclass(frozen=True, eq=False)
class Gaussians:
    """Means (states, measures) and the common covariance (measures, measures) of measures that were made alike.

    `middle` and `spread` (measures,) make them alike; `slope` and `intercept` (states,) calibrate the answer, and
    `lean` (states,) is added to its logarithms before one state is decided for, so that rare ones are found.
    """

    middle: Array
    spread: Array
    means: Array
    covariance: Array
    slope: Array | float = 1.0
    intercept: Array | float = 0.0
    lean: Array | float = 0.0

    @classmethod
    def fit(
        cls, values: Array, states: NDArray[np.intp], people: NDArray[Any], shrink: float, count: int = len(STATES)
    ) -> Gaussians:
        """From values (windows, measures) with NaN, the states (windows,) and whose they are: all people count alike.

        What is missing counts as the mean of its state while the covariance is measured.
        """
        middle, spread = np.nanmean(values, 0), np.nanstd(values, 0) + 1e-6
        alike = np.clip((values - middle) / spread, -5, 5)
        cells = np.unique(people, return_inverse=True)[1] * count + states
        weights = 1 / np.bincount(cells)[cells]
        there = np.isfinite(alike)
        filled = np.where(there, alike, 0.0)
        means = np.zeros((count, values.shape[1]))
        for state in range(count):
            mine = weights * (states == state)
            means[state] = (mine @ filled) / np.maximum(mine @ there, 1e-9)
        off = np.where(there, filled - means[states], 0.0)
        covariance = (off * weights[:, None]).T @ off / weights.sum()
        even = np.eye(len(covariance)) * max(float(np.trace(covariance)) / len(covariance), 1e-3)
        return cls(middle, spread, means, (1 - shrink) * covariance + shrink * even)

    def raw(self, values: Array) -> Array:
        """Logarithms of how likely each state is (windows, states), states alike before; NaN is integrated out."""
        alike = np.clip((values - self.middle) / self.spread, -5, 5)
        there = np.isfinite(alike)
        found = np.zeros((len(values), len(self.means)))
        for pattern in np.unique(there, axis=0):
            rows = (there == pattern).all(1)
            if not pattern.any():
                continue
            means = self.means[:, pattern]
            weights = np.linalg.solve(self.covariance[np.ix_(pattern, pattern)], means.T)
            found[rows] = alike[np.ix_(rows, pattern)] @ weights - 0.5 * (means.T * weights).sum(0)
        return found

    def chances(self, values: Array) -> Array:
        """Calibrated probabilities (windows, states)."""
        return softmax(self.raw(values) * self.slope + self.intercept)

    def decided(self, chances: Array) -> NDArray[np.intp]:
        """Which state each window is decided to be in (windows,)."""
        return (np.log(chances + 1e-12) + self.lean).argmax(1)


def softmax(scores: Array) -> Array:
    """Rows of scores as probabilities."""
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class States:
    """The shipped numbers: `stranger` for people nobody knows, `own` against a person's own rest; `revision` of both.

    `margin` is the half-width, for valence and arousal, that held nine in ten people's windows left out.
    """

    stranger: Gaussians
    own: Gaussians
    revision: str
    margin: Mapping[str, float]

    @classmethod
    def open(cls, weights: str = "body") -> States:
        """The numbers of this name among the project's, or of a path's `.json`; raises FileNotFoundError."""
        return _opened(weights)

    def chances(self, rows: Array, rest: Array | None = None) -> Array:
        """Probabilities (windows, states) of rows with their past (windows, 2 * measures)."""
        return self.stranger.chances(rows) if rest is None else self.own.chances(rows - rest)

    def decided(self, chances: Array, known: bool = False) -> NDArray[np.intp]:
        """The state of each window; `known` says that the chances are against the person's own rest."""
        return (self.own if known else self.stranger).decided(chances)


def rest(rows: Array) -> Array:
    """What a person is at rest (2 * measures,), from the rows of windows at rest; what was never measured is NaN."""
    there = np.isfinite(now := rows[:, : len(MEASURES)])
    mean = np.where(there.any(0), np.where(there, now, 0).sum(0) / np.maximum(there.sum(0), 1), np.nan)
    return np.concatenate([mean, mean])


def pack(gaussians: Gaussians, name: str) -> dict[str, NDArray[np.float32]]:
    """As arrays to be saved, their names beginning with `name`."""
    parts = {key: np.asarray(getattr(gaussians, key), np.float32) for key in _PARTS}
    return {f"{name}.{key}": value for key, value in parts.items()}


_PARTS = ("middle", "spread", "means", "covariance", "slope", "intercept", "lean")


@cache
def _opened(weights: str) -> States:
    from safetensors.numpy import load_file

    path = (
        Path(weights)
        if weights.endswith(".json")
        else Path(str(resources.files("insula") / "weights" / f"{weights}.json"))
    )
    if not path.is_file():
        raise FileNotFoundError(f"there are no weights of bodies at {path}")
    record = json.loads(path.read_text(encoding="utf-8"))
    kept = load_file(path.with_suffix(".safetensors"))
    sets = {
        name: Gaussians(**{key: np.asarray(kept[f"{name}.{key}"], np.float64) for key in _PARTS})
        for name in ("stranger", "own")
    }
    return States(sets["stranger"], sets["own"], record["revision"], record["margin"])
