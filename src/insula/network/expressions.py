"""Bring your own: any ONNX network that tells expressions from pictures of faces, in place of the shipped one.

    Expressions("my.onnx")      # beside it my.json: {"labels": ["angry", "happy", ...], "mean": [.485, ...], ...}

What the network cannot say itself is in a `.json` of the same name, or given as `recipe`: see `Recipe`. Its labels are
matched to scheme fer8 by name. Its probabilities are its own, neither calibrated nor tuned here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from insula.scheme import scheme

from .calibrate import Head
from .face import BATCH, FLAT, LUMA, FaceReading, affect
from .text import digest, session

Array = NDArray[np.float32]
SCHEME = "fer8"
# What networks call the labels of fer8.
ALIASES = {
    **{"joy": "happiness", "happy": "happiness", "sad": "sadness", "angry": "anger", "surprised": "surprise"},
    **{"afraid": "fear", "fearful": "fear", "scared": "fear", "disgusted": "disgust", "contemptuous": "contempt"},
}


@dataclass(frozen=True)
class Recipe:
    """How a network wants faces, and what it gives back.

    `labels` in the order of its output; ones that fer8 does not have are named "" and left out. `side` in pixels, where
    its input does not state it. Pixels are 0..1, less `mean`, divided by `std` (one number, or one a channel; a `std`
    of 1/255 leaves 0..255), in `order` "rgb" or "bgr". `reach` is how much wider than from brows to chin it looks.
    `output` is "logits" or "probabilities".
    """

    labels: Sequence[str]
    side: int = 0
    mean: Sequence[float] = (0.0,)
    std: Sequence[float] = (1.0,)
    order: str = "rgb"
    reach: float = 1.0
    output: str = "logits"

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Recipe:
        """Raises ValueError for what no recipe has, and for one without labels."""
        known = [one.name for one in fields(cls)]
        if strange := sorted(set(record) - set(known)):
            raise ValueError(f"a recipe has no {', '.join(strange)}: it has {', '.join(known)}")
        if not record.get("labels"):
            raise ValueError("say which expressions the network tells, in order: labels")
        made = cls(**record)
        for name, allowed in (("order", ("rgb", "bgr")), ("output", ("logits", "probabilities"))):
            if (value := getattr(made, name)) not in allowed:
                raise ValueError(f"{name} is {' or '.join(allowed)}, not {value!r}")
        return made

    @property
    def numbers(self) -> tuple[Array, Array]:
        """Mean and standard deviation, of all colours or of each."""
        return np.array(self.mean, np.float32), np.array(self.std, np.float32)


class Expressions:
    """Reads as `Face` does; `side` and `reach` say which cut of a face it wants, `revision` what made its numbers.

    Raises FileNotFoundError and ValueError, which say what is missing or does not fit.
    """

    def __init__(self, network: str | Path, recipe: Mapping[str, Any] | None = None, threads: int = 1) -> None:
        path = Path(network)
        if not path.is_file():
            raise FileNotFoundError(f"there is no network {str(path)!r}")
        self._recipe = Recipe.of(_beside(path) if recipe is None else recipe)
        self.labels = [_known(label) for label in self._recipe.labels]
        self.revision = digest(path)
        try:
            self._session: Any = session(path, threads)
        except Exception as error:  # onnxruntime's own errors have no common class
            raise ValueError(f"{path.name} is no ONNX network that can be opened: {str(error)[:200]}") from None
        self._input = self._session.get_inputs()[0]
        self._last, self._channels, self.side = _shape(self._input.shape, self._recipe.side)
        self.reach = self._recipe.reach
        if any(each.shape not in ((1,), (self._channels,)) for each in self._recipe.numbers):
            raise ValueError(f"mean and std are one number, or one for each of the {self._channels} channels")
        self._run(np.zeros((1, self.side, self.side, 3), np.uint8))

    def read(self, crops: ArrayLike) -> list[FaceReading]:
        """Faces uint8 [n, h, w, 3] in RGB -> a reading each; one that is all of one grey cannot be read."""
        faces = np.asarray(crops)
        if faces.dtype != np.uint8 or faces.ndim != 4 or faces.shape[3] != 3:
            raise ValueError(f"faces are uint8 [n, h, w, 3], not {faces.dtype} {list(faces.shape)}")
        parts = [self._run(faces[start : start + BATCH]) for start in range(0, len(faces), BATCH)]
        rows = np.concatenate(parts) if parts else np.zeros((0, len(self.labels)), np.float32)
        return [self._judge(face, row) for face, row in zip(faces, rows, strict=True)]

    def _judge(self, face: NDArray[np.uint8], row: Array) -> FaceReading:
        if float((face @ LUMA).std()) < FLAT:
            return FaceReading({}, {}, reason="nothing to see: all of one grey")
        emotion = dict.fromkeys(scheme(SCHEME).labels, 0.0)
        for label, probability in zip(self.labels, row.tolist(), strict=True):
            if label:
                emotion[label] += probability
        total = sum(emotion.values())
        if not 0 < total < float("inf"):
            return FaceReading({}, {}, reason="the network gives no expression")
        emotion = {label: probability / total for label, probability in emotion.items()}
        return FaceReading(emotion, affect(emotion), (max(emotion, key=lambda label: emotion[label]),))

    def _run(self, faces: NDArray[np.uint8]) -> Array:
        """Probabilities [n, labels], one picture at a time where the network takes no more."""
        given = self._pixels(faces)
        size = 1 if self._input.shape[0] == 1 else len(given)
        parts = [given[start : start + size] for start in range(0, len(given), size)]
        found = np.concatenate([np.asarray(self._session.run(None, {self._input.name: one})[0]) for one in parts])
        if found.shape != (len(faces), len(self.labels)):
            told = f"it gives {list(found.shape[1:])} numbers a face"
            raise ValueError(f"the recipe has {len(self.labels)} labels, but the network does not fit: {told}")
        if self._recipe.output == "probabilities":
            return found
        powers = np.exp(found - found.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def _pixels(self, faces: NDArray[np.uint8]) -> Array:
        wide = np.stack([_resized(face, self.side) for face in faces]).astype(np.float32) / 255
        wide = wide[..., ::-1] if self._recipe.order == "bgr" else wide
        wide = wide @ LUMA[:, None] if self._channels == 1 else wide
        mean, std = self._recipe.numbers
        wide = (wide - mean) / std
        return np.ascontiguousarray(wide if self._last else wide.transpose(0, 3, 1, 2), np.float32)


def plain_head() -> Head:
    """Scheme fer8 without anything fitted: the likeliest label is decided."""
    labels = len(scheme(SCHEME).labels)
    return Head(SCHEME, (0, labels), (1.0,) * labels, (0.0,) * labels)


def _beside(path: Path) -> Mapping[str, Any]:
    file = path.with_suffix(".json")
    if not file.is_file():
        raise FileNotFoundError(f"how {path.name} wants its faces is not known: write {file.name} beside it")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file.name} is no JSON: {error}") from None


def _shape(shape: Sequence[Any], side: int) -> tuple[bool, int, int]:
    """Whether colour is the last axis, how many there are, and pixels of a side."""
    if len(shape) != 4 or not {shape[1], shape[3]} & {1, 3}:
        raise ValueError(f"the network takes {list(shape)}, not pictures [n, 1 or 3, h, w] or [n, h, w, 1 or 3]")
    last = shape[1] not in (1, 3)
    stated = shape[2] if isinstance(shape[2], int) else 0
    if not (stated or side) or (stated and side and stated != side):
        raise ValueError(f"the network takes {list(shape)}: say how many pixels a side has, with side")
    return last, shape[3] if last else shape[1], stated or side


def _known(label: str) -> str:
    plain = ALIASES.get(label.strip().lower(), label.strip().lower())
    if plain and plain not in scheme(SCHEME).labels:
        known = ", ".join(scheme(SCHEME).labels)
        raise ValueError(f"{label!r} is no expression of {SCHEME} ({known}); name what it means, or '' to leave it out")
    return plain


def _resized(face: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    if face.shape[:2] == (side, side):
        return face
    return np.asarray(Image.fromarray(face).resize((side, side), Image.Resampling.BILINEAR))
