"""How pleasant and how arousing people find a photograph, by what a frozen network sees in it.

    Scene.open().read([image])[0].affect      # {"valence": .54, "arousal": -.12}

EfficientNet-Lite0 (Tan & Le 2019), cut after its eighth block, was taught what is shown on photographs (ImageNet); on
the means and deviations of that block a ridge regression was fitted to the norms of OASIS. It says what a picture
brings about in people on average, not what somebody in it feels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from insula.network.text import digest, session, weights_folder

Array = NDArray[np.float32]
Picture = NDArray[np.uint8]
SIDE = 160
FLAT = 2.0  # of 255: the deviation of every colour below which there is nothing to see
BATCH = 8


@dataclass(frozen=True)
class SceneReading:
    """Valence and arousal under vad with `margin` around them; empty, with a reason, where there is nothing to see."""

    affect: Mapping[str, float]
    margin: Mapping[str, float]
    reason: str = ""


class Scene:
    """The shipped reader of photographs."""

    def __init__(self, folder: Path, threads: int) -> None:
        record = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
        self.weights, self.bias = (np.array(record[name], np.float32) for name in ("weights", "bias"))
        valence, arousal = map(float, record["margin"])
        self.margin: Mapping[str, float] = MappingProxyType({"valence": valence, "arousal": arousal})
        self.revision = digest(folder / "scene.onnx")
        self._session = session(folder / "scene.onnx", threads)

    @staticmethod
    def open(folder: Path | None = None, threads: int = 1) -> Scene:
        """The shipped one, or that of a folder. Raises FileNotFoundError."""
        place = folder or weights_folder()
        if not (place / "scene.json").is_file():
            raise FileNotFoundError(f"no weights: {place / 'scene.json'} is not there; `insula train scene` makes them")
        return _open(place, threads)

    def read(self, pictures: Sequence[Picture]) -> list[SceneReading]:
        """Pictures uint8 [h, w, 3] in RGB -> a reading each."""
        values = (self.features(pictures) @ self.weights + self.bias).clip(-1, 1)
        found = list[SceneReading]()
        for picture, (valence, arousal) in zip(pictures, values.tolist(), strict=True):
            if float(picture.reshape(-1, 3).std(0).max()) < FLAT:
                found.append(SceneReading({}, {}, "nothing to see: all of one colour"))
            else:
                affect = {"valence": round(valence, 4), "arousal": round(arousal, 4)}
                found.append(SceneReading(affect, self.margin))
        return found

    def features(self, pictures: Sequence[Picture]) -> Array:
        """[n, numbers]: what the network sees."""
        return seen(self._session, pictures)


def seen(running: Any, pictures: Sequence[Picture]) -> Array:
    """What the network sees in pictures [n, numbers]."""
    parts = list[Array]()
    for start in range(0, len(pictures), BATCH):
        parts.append(running.run(["seen"], {"pictures": entered(pictures[start : start + BATCH])})[0])
    return np.concatenate(parts)


def entered(pictures: Iterable[Picture]) -> Array:
    """Pictures as the network takes them: float32 [n, 3, SIDE, SIDE], about -1..1; their shape is not kept."""
    small = [Image.fromarray(one).resize((SIDE, SIDE), Image.Resampling.BILINEAR) for one in pictures]
    wide = np.stack([np.asarray(one) for one in small]).astype(np.float32)
    return ((wide - np.float32(127)) / np.float32(128)).transpose(0, 3, 1, 2)


@cache
def _open(folder: Path, threads: int) -> Scene:
    return Scene(folder, threads)
