"""Action-unit-like intensities, 0..5, from the shape of a face against the same face at rest.

    Rest().intensities(measures(front, opening)) -> {"AU12": 3.1, "AU25": 1.2, ...}

Each unit is one distance on the face as seen from the front, in eye distances: how far it has gone from the person's
own rest, by how far the strongest hundredth of FERPlus' faces go (`action_units.toml`). What rest is starts as the
median of neutral faces there and becomes the person's own within some ten seconds.

Limits: a mesh sees where things are, not wrinkles, bulges or tension. AU06 and AU07 both lift the lower lid, AU09 and
AU10 both shorten the way from nose to lip, AU11, AU14, AU24 and AU28 are not told at all, brows are smoothed, and a
head turned aside by more than some 30 degrees moves everything a little. Who smiles from beginning to end has a smile
for a rest. Between strangers, without their own rest, smiles are told (area under the curve of AU12 between happy and
neutral faces .96, of AU25 .86) and raised brows well (AU01 and AU02 of surprise .76 and .78), but lowered brows and
lip corners hardly or not at all (AU04 of anger .59, AU15 of sadness .38; `benchmarks/action_units.py`). These are
measurements for comparing a person with themselves; they are not the coding of a trained person.
"""

from __future__ import annotations

import tomllib
from collections import deque
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
UNITS = (
    *("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12", "AU15", "AU17", "AU20", "AU23"),
    *("AU25", "AU26"),
)
"""Those that are measured here, in the order of `measures`; AU45 is the blink (`gaze`)."""
PRIOR = 5.0
"""Seconds that the rest of an average face weighs beside the person's own, where people differ by 1 on the scale of 5;
by the square of that less where they differ more."""
REMEMBERED = 120
"""Seconds of a person's face that its rest is taken from."""

_RIGHT = {"inner_brow": (55, 107), "outer_brow": (46, 70, 63), "brow": (52, 105), "inner": (133,), "outer": (33,)}
_RIGHT |= {"lower_lid": (145, 153, 144), "cheek": (50, 117, 118), "wing": (48, 64, 129), "corner": (61,)}
_LEFT = {"inner_brow": (285, 336), "outer_brow": (276, 300, 293), "brow": (282, 334), "inner": (362,), "outer": (263,)}
_LEFT |= {"lower_lid": (374, 380, 373), "cheek": (280, 346, 347), "wing": (278, 294, 358), "corner": (291,)}
_MIDDLE = {"nose": (2,), "upper": (0, 37, 267), "upper_in": (13,), "lower_in": (14,), "lower": (17, 84, 314)}
_MIDDLE |= {"chin": (152, 148, 377), "boss": (199, 200)}


def measures(front: Array, opening: float) -> Array:
    """One distance per unit of UNITS, larger where the unit is stronger; `front` [468, 3] as `pose` turns a face, and
    how far the eyes are open."""
    right, left = ({name: front[list(ids), :2].mean(0) for name, ids in side.items()} for side in (_RIGHT, _LEFT))
    middle = {name: front[list(ids), :2].mean(0) for name, ids in _MIDDLE.items()}

    def down(name: str, other: str) -> float:
        """How far the first lies below the second, mean of both sides."""
        return float(right[name][1] - right[other][1] + left[name][1] - left[other][1]) / 2

    def apart(name: str) -> float:
        return float(np.hypot(*(left[name] - right[name])))

    corners = float(right["corner"][1] + left["corner"][1]) / 2
    lips = float(middle["upper_in"][1] + middle["lower_in"][1]) / 2
    width, gap = apart("corner"), float(middle["lower_in"][1] - middle["upper_in"][1])
    thick = float(middle["lower"][1] - middle["upper"][1]) - gap
    brows = down("inner", "inner_brow")
    lid = -down("lower_lid", "inner")
    return np.array(
        [
            brows,
            down("outer", "outer_brow"),
            -brows - apart("inner_brow"),
            opening,
            -down("cheek", "lower_lid"),
            lid - 0.3 * opening,
            -down("wing", "inner"),
            float(middle["nose"][1] - middle["upper"][1]),
            0.5 * width + lips - corners,
            corners - lips - 0.25 * width,
            float(middle["lower"][1] - middle["boss"][1]) - 0.3 * gap,
            width - 2 * abs(lips - corners),
            -thick - 0.3 * width,
            gap,
            float(middle["chin"][1] - middle["nose"][1]),
        ],
        np.float32,
    )


class Rest:
    """What one person's face is like at rest, learnt as it is seen; causal."""

    def __init__(self) -> None:
        self._usual, self._range, spread = scale()
        self._prior = PRIOR / spread**2
        self._seconds = deque[tuple[Array, float]](maxlen=REMEMBERED)

    def learn(self, found: Array, weight: float = 1.0) -> None:
        """A second's measures, their median [units], and how much it tells (less where the face expresses much)."""
        if weight > 0 and np.isfinite(found).all():
            self._seconds.append((found, weight))

    @property
    def at(self) -> Array:
        """The measures of this face at rest."""
        if not self._seconds:
            return self._usual
        found, weights = np.array([one for one, _ in self._seconds]), np.array([one for _, one in self._seconds])
        order = np.argsort(found, axis=0)
        share = np.cumsum(weights[order], axis=0) / weights.sum()
        own = np.take_along_axis(found, order, 0)[(share < 0.5).sum(0), np.arange(found.shape[1])]
        known = float(weights.sum())
        return ((known * own + self._prior * self._usual) / (known + self._prior)).astype(np.float32)

    def intensities(self, found: Array, rest: Array | None = None) -> Mapping[str, float]:
        """0..5 for each of UNITS."""
        level = np.clip(5 * (found - (self.at if rest is None else rest)) / self._range, 0, 5)
        return dict(zip(UNITS, map(float, level), strict=True))


@cache
def scale() -> tuple[Array, Array, Array]:
    """What is usual of neutral faces, how far the strongest go from there, and how people differ, for each of UNITS."""
    text = (resources.files(__package__ or "") / "action_units.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    usual, reach, spread = (
        np.array([table[kind][unit] for unit in UNITS], np.float32) for kind in ("usual", "range", "spread")
    )
    return usual, reach, spread
