"""What a face looks like, so that somebody who left is known again when they return to the same film.

    look(picture, square) -> float32 [16, 59];  unlike(look, other) -> 0.0 (the same picture) .. 1.0

Local binary patterns on a grid (Ahonen, Hadid & Pietikäinen 2006) of the face turned upright. They tell apart the few
people of one film; they are no face recognition, are not kept when the film is over, and are not fit to find anybody
anywhere else. Colours are left out: those around a face are the room's as often as the person's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .crop import LUMA, Square, cut

Array = NDArray[np.float32]
SIZE, GRID = 34, 4
TIGHT = 0.62
"""Side of what is compared by the side of the mesh's square: eyes, nose and mouth, little hair."""
_STEPS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


def look(picture: Image.Image, face: Square) -> Array:
    """How often each pattern is found in each cell, [cells, 59], each row summing to 1; `face` is the mesh's square."""
    tight = cut(picture, Square(face.x, face.y, face.side * TIGHT, face.turned), 2 * SIZE)
    grey = (tight.astype(np.float32) @ LUMA).reshape(SIZE, 2, SIZE, 2).mean((1, 3))
    inner, code = grey[1:-1, 1:-1], np.zeros((SIZE - 2, SIZE - 2), np.int64)
    for bit, (down, right) in enumerate(_STEPS):
        code |= (grey[1 + down : SIZE - 1 + down, 1 + right : SIZE - 1 + right] >= inner).astype(np.int64) << bit
    side = (SIZE - 2) // GRID
    cells = _uniform()[code].reshape(GRID, side, GRID, side).transpose(0, 2, 1, 3).reshape(GRID * GRID, -1)
    counts = np.array([np.bincount(cell, minlength=59) for cell in cells])
    return (counts / cells.shape[1]).astype(np.float32)


def unlike(first: Array, second: Array) -> float:
    """Chi-square of the histograms, mean of the cells; strangers are above some 0.36."""
    return float(((first - second) ** 2 / (first + second + 1e-9)).sum(1).mean() / 2)


@cache
def _uniform() -> NDArray[np.int64]:
    """Pattern -> its bin: one each for those with at most two changes around the circle, one for all others."""
    changes = [bin(code ^ ((code >> 1) | ((code & 1) << 7))).count("1") for code in range(256)]
    kept = [code for code in range(256) if changes[code] <= 2]
    return np.array([kept.index(code) if code in kept else 58 for code in range(256)])
