"""A turned square cut out of a picture, and points in it carried back.

Square(300, 180, 240, 0.1) -> cut(image, square, 192): uint8 [192, 192, 3]
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float32]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How light red, green and blue are."""


@dataclass(frozen=True)
class Square:
    """Centre and side in pixels, and how far it is turned clockwise, in radians."""

    x: float
    y: float
    side: float
    turned: float = 0.0

    def carry(self, points: Array, size: int) -> Array:
        """Points [n, 2 or 3] of the cut, `size` pixels wide, as points of the picture; depth is scaled alike."""
        scale, sine, cosine = self.side / size, math.sin(self.turned), math.cos(self.turned)
        flat = (points[:, :2] - size / 2) * scale
        found = points * scale
        found[:, 0] = self.x + cosine * flat[:, 0] - sine * flat[:, 1]
        found[:, 1] = self.y + sine * flat[:, 0] + cosine * flat[:, 1]
        return found


def cut(image: Image.Image, square: Square, size: int) -> NDArray[np.uint8]:
    """uint8 [size, size, 3]; black outside the picture. Pixels are averaged where the square is much larger."""
    factor = int(square.side / size / 1.5)
    x, y, side = square.x, square.y, square.side
    if factor > 1:
        reach = side * 0.75
        box = _within((x - reach, y - reach, x + reach, y + reach), image.size)
        if box[2] - box[0] < factor or box[3] - box[1] < factor:
            return np.zeros((size, size, 3), np.uint8)
        image = image.reduce(factor, box)
        x, y, side = (x - box[0]) / factor, (y - box[1]) / factor, side / factor
    step, sine, cosine = side / size, math.sin(square.turned), math.cos(square.turned)
    right, down = (step * cosine, step * sine), (-step * sine, step * cosine)
    # PIL wants, for each pixel of the cut, where in the picture it lies
    data = (
        *(right[0], down[0], x - (right[0] + down[0]) * size / 2),
        *(right[1], down[1], y - (right[1] + down[1]) * size / 2),
    )
    return np.asarray(image.transform((size, size), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR))


def _within(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(side) for side in box)
    return max(0, left), max(0, top), min(size[0], right), min(size[1], bottom)
