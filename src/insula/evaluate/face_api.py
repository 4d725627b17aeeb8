"""The expression net of face-api as its npm package ships it, run with torch: a peer of `insula.network.face`.

    Net.open("vladmandic-face-api-1.7.15.tgz")(image) -> probabilities [7]

Four blocks of separable convolutions, each densely joined, on faces of 112 x 112 pixels; weights are bytes with a scale
and a least value for each array, as TensorFlow.js stores them.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

NAME = "face_expression_model"
SIDE = 112
_MEAN = torch.tensor([122.782, 117.001, 104.298])  # of red, green and blue in what it learnt from


class Net:
    """RGB uint8 [h, w, 3] -> float32 [7]: neutral, happy, sad, angry, fearful, disgusted, surprised."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = weights

    @classmethod
    def open(cls, package: str) -> Net:
        """From the folder of the package, or its packed file. Raises FileNotFoundError, ValueError."""
        manifest, packed = (_part(Path(package), f"{NAME}{end}") for end in ("-weights_manifest.json", ".bin"))
        weights, at = dict[str, Tensor](), 0
        for one in (weight for group in json.loads(manifest) for weight in group["weights"]):
            weights[one["name"]], at = _array(one, packed, at)
        if at != len(packed):
            raise ValueError(f"{package}: {len(packed)} bytes of weights, {at} are described")
        return cls(weights)

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One face."""
        wide = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
        wide = functional.interpolate(wide, size=(SIDE, SIDE), mode="bilinear")
        wide = (wide - _MEAN[None, :, None, None]) / 255
        for number in range(4):
            wide = self._block(wide, f"dense{number}", first=number == 0)
        flat = functional.avg_pool2d(wide, 7, 2).flatten(1) @ self._weights["fc/weights"] + self._weights["fc/bias"]
        return torch.softmax(flat, -1)[0].numpy()

    def _block(self, wide: Tensor, name: str, first: bool) -> Tensor:
        one = functional.relu(self._whole(wide, f"{name}/conv0") if first else self._apart(wide, f"{name}/conv0", 2))
        two = self._apart(one, f"{name}/conv1")
        three = self._apart(functional.relu(one + two), f"{name}/conv2")
        four = self._apart(functional.relu(one + two + three), f"{name}/conv3")
        return functional.relu(one + two + three + four)

    def _whole(self, wide: Tensor, name: str) -> Tensor:
        filters = self._weights[f"{name}/filters"].permute(3, 2, 0, 1)
        return functional.conv2d(_padded(wide, 2), filters, self._weights[f"{name}/bias"], stride=2)

    def _apart(self, wide: Tensor, name: str, stride: int = 1) -> Tensor:
        each = self._weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
        wide = functional.conv2d(_padded(wide, stride), each, None, stride=stride, groups=wide.shape[1])
        points = self._weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1)
        return functional.conv2d(wide, points, self._weights[f"{name}/bias"])


def _padded(wide: Tensor, stride: int) -> Tensor:
    """As TensorFlow's "same" pads for filters of 3 x 3: more at the right and at the bottom."""
    more = [max((-(-side // stride) - 1) * stride + 3 - side, 0) for side in wide.shape[-2:]]
    high, broad = more
    return functional.pad(wide, (broad // 2, broad - broad // 2, high // 2, high - high // 2))


def _array(one: Mapping[str, Any], packed: bytes, at: int) -> tuple[Tensor, int]:
    size, stored = int(np.prod(one["shape"])), one.get("quantization")
    kind = np.dtype(stored["dtype"] if stored else np.float32)
    values = np.frombuffer(packed, kind, size, at).astype(np.float32)
    if stored:
        values = values * np.float32(stored["scale"]) + np.float32(stored["min"])
    return torch.from_numpy(values.reshape(one["shape"]).copy()), at + size * kind.itemsize


def _part(package: Path, name: str) -> bytes:
    if package.is_dir():
        return next(package.rglob(name), package / name).read_bytes()
    with tarfile.open(package) as file:
        for member in file:
            if Path(member.name).name == name and (part := file.extractfile(member)):
                return part.read()
    raise FileNotFoundError(f"{package} holds no {name}")
