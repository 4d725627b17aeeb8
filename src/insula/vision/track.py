"""Faces followed through a film, each under a name that stays: "face 1", "face 2" in order of appearance.

    tracks = Tracks.open()
    for frame in film.frames(): tracks.see(frame) -> [Seen("face 1", box, points, square), ...]

The mesh of the last frame says where to look in the next one; the detector is asked twice a second, and when somebody
was lost. Who leaves and returns is known again by where they were a moment ago or by their `appearance`. Names are
never taken back: nothing depends on what comes later.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .appearance import look, unlike
from .crop import Square, cut
from .detect import Box, Detector
from .frames import Frame
from .mesh import Mesh, Points, around

Array = NDArray[np.float32]
ASK = 0.5
"""Seconds between two questions to the detector."""
SOON = 0.2
"""The same, while somebody has just been lost."""
THERE = 0.5
"""Probability of a whole face below which the mesh has lost it."""
SAME_PLACE = 0.3
"""Overlap of two boxes from which on they are one face."""
BRIEF = 1.0
"""Seconds after which who appears where somebody was lost may be somebody else."""
ALIKE = 0.38
"""How unlike (`appearance`) a face may be of one seen before: of 80 people of FERPlus, each in four sizes, lights and
turns, 95 in 100 are known again, and one in 100 is taken for one other person."""
MOMENT, ALMOST = 3.0, 0.42
"""Seconds for which somebody who was lost is expected back, and how unlike they may then be."""
SIZES = (0.9, 1.0, 1.1)
"""Who enters is compared a little smaller and larger too, because the mesh has only just found them."""
LOOKS = 8
"""How many looks of a person are remembered, a second apart at least."""
UNSURE = 4
"""Questions to the detector after which what only the mesh sees is given up."""
CUT, OTHER = 0.18, 0.6
"""Mean difference of two small pictures in a row, 0..1, from which on it is another scene; of two faces in a row,
turned upright and made equal in light and contrast, from which on it is another face (0.13 at most in one's film)."""
_STRIDE, _FACE = 20, 16


@dataclass(frozen=True, eq=False)
class Seen:
    """A face in a frame, in pixels of its picture; `points` is None where it is too small or covered for a mesh."""

    name: str
    box: Box
    square: Square
    points: Points | None


@dataclass
class _Face:
    """One person: where they are, or were, and what they look like."""

    name: str
    box: Box
    square: Square
    at: float
    confidence: float = 1.0
    looks: list[Array] = field(default_factory=list[Array])
    looked: float = -1e9
    unseen: int = 0
    there: bool = True
    small: Array | None = None

    def leave(self) -> None:
        """They are gone, and whoever comes in their place is somebody else unless they look alike."""
        self.there, self.at, self.small = False, -1e9, None

    def unlike(self, *seen: Array) -> float:
        return min((unlike(one, other) for one in self.looks for other in seen), default=1.0)


class Tracks:
    """The faces of one film, in order; frames must come in order too."""

    def __init__(self, detector: Detector, mesh: Mesh) -> None:
        self._detector, self._mesh = detector, mesh
        self._faces = list[_Face]()
        self._asked = self._lost = -1e9
        self._small: NDArray[np.float32] | None = None
        self._last: tuple[Any, list[Seen]] = (None, [])

    @classmethod
    def open(cls, detector: Detector | None = None) -> Tracks:
        """Raises ModuleNotFoundError where a network's package is not installed."""
        return cls(detector or Detector.open(), Mesh.open())

    def see(self, frame: Frame) -> list[Seen]:
        """Who is in this frame."""
        if frame.image is self._last[0]:
            return self._last[1]
        picture = Image.fromarray(frame.image)
        if self._is_cut(frame.image):
            for face in self._faces:
                face.leave()
            self._asked = -1e9
        found = self._follow(picture, frame.seconds)
        wait = SOON if self._lost > self._asked else ASK
        if frame.seconds - self._asked >= wait - 1e-6:
            self._asked = frame.seconds
            found = self._ask(picture, frame, found)
        for face in self._faces:
            if face.name in found and found[face.name].points and frame.seconds - face.looked >= 1.0:
                self._remember(face, look(picture, face.square), frame.seconds)
        self._last = (frame.image, [found[face.name] for face in self._faces if face.name in found])
        return self._last[1]

    def _follow(self, picture: Image.Image, second: float) -> dict[str, Seen]:
        """Those who were here in the last frame, where they are now."""
        found = dict[str, Seen]()
        for face in self._faces:
            if not face.there:
                continue
            points = self._mesh.read(picture, face.square)
            box = points.box
            moved = face.box.overlap(box) < 0.2 or not 0.6 < box.w / (face.box.w + 1e-6) < 1.7
            taken = any(one.box.overlap(box) > 0.5 for one in found.values())
            if points.visible < THERE or moved or taken:
                face.there, face.small, self._lost = False, None, second
                continue
            before, face.small = face.small, _small(picture, points)
            if before is not None and float(np.abs(face.small - before).mean()) > OTHER:
                face.leave()
                self._asked = -1e9
                continue
            found[face.name] = self._at(face, points, second)
        return found

    def _ask(self, picture: Image.Image, frame: Frame, found: dict[str, Seen]) -> dict[str, Seen]:
        """What the detector sees, given to those who are here, those who were, or somebody new."""
        here = {face.name: face for face in self._faces if face.name in found}
        unmatched = set(here)
        for box in self._detector(frame.image):
            name = max(here, key=lambda one: _overlap(here[one].box, box), default="")
            if name and _overlap(here[name].box, box) >= SAME_PLACE:
                unmatched.discard(name)
                here[name].unseen, here[name].confidence = 0, box.confidence
                continue
            seen = self._enter(picture, box, frame.seconds, found)
            found[seen.name] = seen
        for name in unmatched:
            here[name].unseen += 1
            if here[name].unseen >= UNSURE:
                here[name].there = False
                del found[name]
        return found

    def _enter(self, picture: Image.Image, box: Box, second: float, found: dict[str, Seen]) -> Seen:
        """Somebody who was not here in the last frame."""
        points = self._mesh.read(picture, around(box))
        for _ in range(2 if points.visible >= THERE else 0):
            points = self._mesh.read(picture, points.square)
        meshed = points if points.visible >= THERE and _overlap(points.box, box) > 0.2 else None
        square = meshed.square if meshed else around(box)
        looks = [look(picture, replace(square, side=size * square.side)) for size in SIZES]
        face = self._known(looks, meshed.box if meshed else box, second, found)
        if face is None:
            face = _Face(f"face {len(self._faces) + 1}", box, square, second)
            self._faces.append(face)
            self._remember(face, looks[1], second)
        face.confidence, face.unseen = box.confidence, 0
        if meshed:
            return self._at(face, meshed, second)
        # without a mesh there is nothing to follow: it is found anew each time the detector is asked
        face.box, face.square, face.at, face.there = box, square, second, False
        return Seen(face.name, box, square, None)

    def _known(self, looks: list[Array], box: Box, second: float, found: dict[str, Seen]) -> _Face | None:
        """Who of those seen before this is: the one who was just here, else the one most alike, else nobody."""
        away = [face for face in self._faces if face.name not in found]
        near = [face for face in away if second - face.at <= BRIEF and _overlap(face.box, box) >= SAME_PLACE]
        if near:
            return max(near, key=lambda face: _overlap(face.box, box))
        # how far below what is allowed of each
        odds = {face.name: self._allowed(face, second) - face.unlike(*looks) for face in away}
        likely = max(away, key=lambda face: odds[face.name], default=None)
        return likely if likely and odds[likely.name] >= 0 else None

    def _allowed(self, face: _Face, second: float) -> float:
        return ALMOST if second - face.at <= MOMENT else ALIKE

    def _at(self, face: _Face, points: Points, second: float) -> Seen:
        face.box, face.square, face.at, face.there = points.box, points.square, second, True
        box = Box(face.box.x, face.box.y, face.box.w, face.box.h, face.confidence)
        return Seen(face.name, box, face.square, points)

    def _remember(self, face: _Face, looks: Array, second: float) -> None:
        """Keep a look that adds something; the oldest but the first goes."""
        face.looked = second
        if face.unlike(looks) < 0.08:
            return
        face.looks.append(looks)
        if len(face.looks) > LOOKS:
            del face.looks[1]

    def _is_cut(self, image: NDArray[np.uint8]) -> bool:
        down, right = (max(1, side // _STRIDE) for side in image.shape[:2])
        small = (image[::down, ::right] / 255).astype(np.float32)
        before, self._small = self._small, small
        return before is not None and before.shape == small.shape and float(np.abs(small - before).mean()) > CUT


def _small(picture: Image.Image, points: Points) -> Array:
    """A face in a few pixels, turned upright, with a mean of 0 and a deviation of 1."""
    grey = cut(picture, points.portrait, _FACE).astype(np.float32).mean(2)
    return (grey - grey.mean()) / (grey.std() + 1)


def _overlap(first: Box, second: Box) -> float:
    """As `Box.overlap`; a detector's box and a mesh's differ, so that one that holds the other's middle counts too."""
    x, y = second.x + second.w / 2, second.y + second.h / 2
    inside = abs(x - first.x - first.w / 2) < first.w / 4 and abs(y - first.y - first.h / 2) < first.h / 4
    alike = 0.5 < (second.w + 1e-6) / (first.w + 1e-6) < 2
    return max(first.overlap(second), 0.5 if inside and alike else 0.0)
