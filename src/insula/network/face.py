"""What a face expresses, read from a small picture of it, calibrated.

    Face.open().read(crops)[0].emotion        # {"neutral": .03, "happiness": .91, "surprise": .04, ...}

Faces are looked at in grey at 48 x 48 pixels, each also mirrored: an upright square from the brows' upper edge to the
chin, as in FERPlus, which taught it. Valence and arousal are where each expression lies (the map from fer8 to vad),
weighed by its probability: nobody rated them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from insula.conversation import Anchor
from insula.network.calibrate import Head
from insula.network.text import digest, session, weights_folder
from insula.scheme import mapping

Array = NDArray[np.float32]
SIDE = 48
FLAT = 6.0  # of 255: the deviation of grey below which there is nothing to see
BATCH = 32
_NOWHERE = Anchor()
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class FaceReading:
    """What one face expresses; empty, with a reason, where it cannot be told.

    `emotion` under fer8 (probabilities that sum to 1), `affect` valence and arousal under vad; `labels` is decided,
    `possible` cannot be ruled out.
    """

    emotion: Mapping[str, float]
    affect: Mapping[str, float]
    labels: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    reason: str = ""


class Face:
    """The shipped reader of faces: `head` is its scheme, `revision` what made its numbers.

    `side` is the pixels of the cut it wants, `reach` how much wider that is than from brows to chin.
    """

    side, reach = SIDE, 1.0

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.head = Head.from_record(record["head"])
        self.farthest = float(record["farthest"])
        self._centre = np.array(record["centre"], np.float32)
        self._spread = np.array(record["spread"], np.float32)
        self._strict = np.array(record["strict"], np.float32)
        self.revision = digest(folder / f"{name}.onnx")
        self._session = session(folder / f"{name}.onnx", threads)

    @staticmethod
    def open(name: str = "face", threads: int = 1) -> Face:
        """By name from the shipped weights, or the path of a trained `.json`. Raises FileNotFoundError."""
        folder = Path(name).parent if name.endswith(".json") else weights_folder()
        stem = Path(name).stem if name.endswith(".json") else name
        if not (folder / f"{stem}.json").is_file():
            raise FileNotFoundError(f"no weights {name!r}: {folder / stem}.json is not there; `insula train face`")
        return _open(folder, stem, threads)

    def read(self, crops: ArrayLike) -> list[FaceReading]:
        """Faces uint8 [n, h, w], [n, h, w, 1] or [n, h, w, 3] in RGB -> a reading each.

        Raises ValueError for anything else.
        """
        grey = pixels(crops)
        raw, embedding = self.run(grey)
        away = self.strangeness(embedding)
        found = []
        for face, logits, far in zip(grey, raw, away, strict=True):
            found.append(self.judge(logits, self.unreadable(face, float(far))))
        return found

    def judge(self, logits: Array, reason: str = "") -> FaceReading:
        """What logits [8] mean; nothing, where there is a reason not to say."""
        if reason:
            return FaceReading({}, {}, reason=reason)
        found = self.head.annotation(self.head.calibrated(logits[None])[0], _NOWHERE, "")
        return FaceReading(found.scores, affect(found.scores), found.labels, found.possible)

    def unreadable(self, face: NDArray[np.uint8], far: float) -> str:
        """Why a grey face that is so strange cannot be read, or ""."""
        if float(face.std()) < FLAT:
            return "nothing to see: all of one grey"
        if far > self.farthest:
            return f"unlike the faces it learnt from (strangeness {far:.2f}, up to {self.farthest:.2f} is usual)"
        return ""

    def run(self, grey: NDArray[np.uint8]) -> tuple[Array, Array]:
        """Grey faces [n, 48, 48] -> logits [n, 8] and what they are read from [n, d], the means over both mirrors."""
        logits: list[Array] = []
        embeddings: list[Array] = []
        for start in range(0, len(grey), BATCH):
            some = grey[start : start + BATCH].astype(np.float32)[:, None] / 255
            out: Any = self._session.run(["logits", "embedding"], {"faces": np.concatenate([some, some[..., ::-1]])})
            logits.append(out[0].reshape(2, len(some), -1).mean(0))
            embeddings.append(out[1].reshape(2, len(some), -1).mean(0))
        wide = len(self._centre)
        none = np.zeros((0, len(self.head.kind.labels)), np.float32), np.zeros((0, wide), np.float32)
        return (np.concatenate(logits), np.concatenate(embeddings)) if logits else none

    def embed(self, crops: ArrayLike) -> Array:
        """Faces -> float32 [n, d]: what the expression is read from, each number in deviations from usual faces."""
        return (self.run(pixels(crops))[1] - self._centre) / self._spread

    def strangeness(self, embedding: Array) -> Array:
        """How far [n] from usual faces, in the directions in which those hardly differ; 1 is usual."""
        return np.sqrt((((embedding - self._centre) @ self._strict) ** 2).mean(1))


def pixels(crops: ArrayLike) -> NDArray[np.uint8]:
    """Any faces -> grey uint8 [n, 48, 48]. Raises ValueError for what are no pictures."""
    given = np.asarray(crops)
    shape = given.shape
    wrong = ValueError(f"faces are uint8 [n, h, w] or [n, h, w, 1 or 3], not {given.dtype} {list(shape)}")
    if given.dtype != np.uint8 or len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise wrong
    if len(shape) == 4:
        given = given[..., 0] if shape[3] == 1 else np.round(given.astype(np.float32) @ LUMA).astype(np.uint8)
    if not given.shape[1] * given.shape[2]:
        raise wrong
    if given.shape[1:] == (SIDE, SIDE):
        return given
    return np.stack([_resized(face) for face in given]) if len(given) else np.zeros((0, SIDE, SIDE), np.uint8)


def _resized(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(face).resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def affect(emotion: Mapping[str, float]) -> Mapping[str, float]:
    """Probabilities under fer8 -> valence and arousal."""
    found = mapping("fer8", "vad").scores(emotion)
    return MappingProxyType({name: round(found[name], 4) for name in ("valence", "arousal")})


@cache
def _open(folder: Path, name: str, threads: int) -> Face:
    return Face(folder, name, threads)
