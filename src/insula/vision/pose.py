"""How a head is held, and the face as it would be seen from the front.

    pose(points) -> Pose(pitch=4.1, yaw=-12.0, roll=2.2);  pose.front(points) -> float32 [468, 3]

Eighteen points that expressions hardly move are laid on an average face by a rotation, a scale and a shift (Kabsch
1976, Umeyama 1991). The average face was made of 3,684 faces of FERPlus, mirrored and averaged; its pitch is 0 where
theirs is in the median. Depth is the network's estimate, so angles above some 45 degrees come out too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_AVERAGE = {
    **{33: (-0.5, -0.012, 0.031), 133: (-0.195, 0.012, -0.031), 362: (0.195, 0.012, -0.031)},
    **{263: (0.5, -0.012, 0.031), 168: (0, -0.04, -0.207), 6: (0, 0.057, -0.246), 197: (0, 0.138, -0.294)},
    **{5: (0, 0.292, -0.397), 4: (0, 0.383, -0.417), 10: (0, -0.553, -0.205), 109: (-0.211, -0.55, -0.187)},
    **{338: (0.211, -0.55, -0.187), 127: (-0.749, -0.027, 0.561), 356: (0.749, -0.027, 0.561)},
    **{234: (-0.735, 0.115, 0.624), 454: (0.735, 0.115, 0.624), 93: (-0.722, 0.262, 0.646)},
    323: (0.722, 0.262, 0.646),
}
"""Point -> right, down and away from the camera; the outer corners of the eyes are 1 apart."""
_POINTS = list(_AVERAGE)
_FACE = np.array(list(_AVERAGE.values()))
_CENTRE = _FACE.mean(0)


@dataclass(frozen=True, eq=False)
class Pose:
    """Degrees; yaw is positive towards the right of the picture, pitch upwards, roll clockwise. `scale` is the pixels
    between the outer corners of the eyes, were the face seen from the front."""

    pitch: float
    yaw: float
    roll: float
    scale: float
    rotation: NDArray[np.float64]
    centre: NDArray[np.float64]

    def front(self, points: Array) -> Array:
        """Points of the picture [n, 3] as the average face has them: turned to the front, in eye distances."""
        return ((points - self.centre) @ self.rotation / self.scale + _CENTRE).astype(np.float32)


def pose(points: Array) -> Pose:
    """Of the 468 points of `mesh`."""
    seen = points[_POINTS].astype(np.float64)
    centre = seen.mean(0)
    left, sizes, right = np.linalg.svd((seen - centre).T @ (_FACE - _CENTRE))
    # a reflection would fit a face turned inside out
    signs = np.array([1, 1, np.sign(np.linalg.det(left @ right))])
    rotation = left * signs @ right
    scale = float((sizes * signs).sum() / ((_FACE - _CENTRE) ** 2).sum())
    x, y, z = -rotation[:, 2]
    return Pose(
        pitch=math.degrees(math.asin(-min(max(y, -1.0), 1.0))),
        yaw=math.degrees(math.atan2(x, -z)),
        roll=math.degrees(math.atan2(rotation[1, 0], rotation[1, 1])),
        scale=scale,
        rotation=rotation,
        centre=centre,
    )
