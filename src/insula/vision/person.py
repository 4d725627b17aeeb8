"""One person's face, frame after frame: everything that is measured of it, as a row of `columns`.

    person.measure(picture, seen, scale=1.0) -> float32 [47]

What is measured against the person's own (action units, blinks, whether they move at all) is learnt as they are seen.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .action_units import UNITS, Rest, measures
from .columns import AT, EXPRESSIONS, blank
from .crop import cut
from .gaze import Gaze, blink
from .pose import pose
from .quality import sharpness
from .track import Seen

Array = NDArray[np.float32]
CROP = 48
"""Pixels of the cut that sharpness, and by the shipped network expressions, are taken from."""
OPEN = 0.32
"""How far eyes are open before a person's own are known: the median of FERPlus."""
MOVED = 0.012
"""Eye distances that points of a face go by themselves, in the mean, when it moves: a portrait filmed with noise never
does in 20 seconds, an actor's face every three seconds or sooner."""
_TURNED = 30.0
"""Degrees from which on a face teaches nothing about its rest."""
_LIVELY = np.array([13, 14, 61, 291, 0, 17, 152, 159, 145, 386, 374, 105, 334, 55, 285, 70, 300, 205, 425])


class Person:
    """Frames come in order. `end_second` closes what was seen in a second and returns the cuts of its faces."""

    def __init__(self, rate: float, side: int = CROP, reach: float = 1.0) -> None:
        self.rest = Rest()
        self._rate, self._side, self._reach = rate, side, reach
        self._openings = deque[float](maxlen=round(60 * rate) + 1)
        self._measured = list[Array]()
        self._level: Array | None = None
        self._before: Array | None = None
        self._still = 0.0

    def measure(self, gaze: Gaze, picture: Image.Image, seen: Seen, scale: float) -> tuple[Array, NDArray[np.uint8]]:
        """The row of one frame, and the face cut out for a network, uint8 [side, side, 3], `reach` times as wide."""
        row = blank(1)[0]
        box = seen.box
        row[: len(("x", "y", "w", "h"))] = np.array([box.x, box.y, box.w, box.h]) * scale
        row[AT["confidence"]], row[AT["size"]] = box.confidence, box.h * scale
        tight = seen.points.portrait if seen.points else seen.square
        face = cut(picture, tight, CROP)
        for name, value in sharpness(face).items():
            row[AT[name]] = value
        row[AT["visible"]] = seen.points.visible if seen.points else 0.0
        if seen.points:
            self._shape(row, gaze, picture, seen)
        if (self._side, self._reach) != (CROP, 1.0):
            face = cut(picture, replace(tight, side=tight.side * self._reach), self._side)
        return row, face

    def _shape(self, row: Array, gaze: Gaze, picture: Image.Image, seen: Seen) -> None:
        assert seen.points is not None
        head = pose(seen.points.at)
        front = head.front(seen.points.at)
        look = gaze.read(picture, seen.points, head)
        found = measures(front, look.opening)
        self._openings.append(look.opening)
        usual = float(np.quantile([OPEN, *self._openings], 0.8))
        closed = blink(look.opening, usual)
        values = {
            **{"pitch": head.pitch, "yaw": head.yaw, "roll": head.roll, "gaze_x": look.x, "gaze_y": look.y},
            **{"blink": closed, "AU45": 5 * closed, "mouth": max(float(found[UNITS.index("AU25")]), 0.0)},
            **{"still": self._stillness(front)},
            **self.rest.intensities(found, self._at_rest()),
        }
        for name, value in values.items():
            row[AT[name]] = value
        if max(abs(head.yaw), abs(head.pitch)) < _TURNED:
            self._measured.append(found)

    def end_second(self, neutral: float = 1.0) -> None:
        """A second is over, in which the face was neutral with this probability."""
        if self._measured:
            self.rest.learn(np.median(self._measured, axis=0).astype(np.float32), neutral + 0.1)
        self._measured, self._level = [], None

    def _at_rest(self) -> Array:
        """The rest as it was when this second began."""
        if self._level is None:
            self._level = self.rest.at
        return self._level

    def _stillness(self, front: Array) -> float:
        """Seconds since brows, lids, lips or chin last moved on the face."""
        points = front[_LIVELY, :2]
        if self._before is None or float(np.abs(points - self._before).mean()) > MOVED:
            self._before, self._still = points, 0.0
        else:
            self._still += 1 / self._rate
        return self._still


def neutral(rows: Array) -> float:
    """Mean probability of a neutral face, 1 where expressions were not read."""
    found = rows[:, AT[EXPRESSIONS[0]]]
    return float(np.nanmean(found)) if np.isfinite(found).any() else 1.0
