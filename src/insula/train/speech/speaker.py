"""`insula train speaker`: the published speaker encoder as an ONNX graph a tenth of its size, with its card.

    convert(Path("weights"))  # weights/speaker.onnx, 1.5 MB, and weights/speaker.md

Nothing is learnt here. The weights are those in the package Resemblyzer (three LSTM layers and a linear one). Their
numbers become 8-bit integers, each 64 with a scale, but for the first matrix, which reads the sound and stays at 16
bits; ONNX Runtime turns them back as it loads.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.network.speaker import BANDS

SIZE, LAYERS = 256, 3
BLOCK = 64  # numbers that share a scale
SOURCE = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
CARD = """---
name: speaker
licence: Apache-2.0 (the weights in Resemblyzer 0.1.4, by Resemble AI)
commercial_ok: true
revision: {revision}
---
# speaker

Whose voice it is: 256 numbers for 1.6 seconds of speech (`insula.network.speaker`).

## Made from
- `pretrained.pt` of the package Resemblyzer 0.1.4 (https://github.com/resemble-ai/Resemblyzer, Apache-2.0), sha256
  {source}:
  the GE2E speaker encoder of Wan et al. 2018, trained by its authors on public recordings of English speakers
- nothing was learnt here: the numbers of all matrices but the first became 8-bit integers, each 64 with one scale; over
  36 clips of speech the cosine to the embeddings of the published weights is .9993 (mean) and .998 (least)

    insula train speaker

## Files
- speaker.onnx: sha256 {digest}

## For what, and for what not
To tell the speakers of one recording apart, and to know a person again who agreed to it. It is no proof of who somebody
is: it takes two people for one, and one person, calm and then shouting, for two; `python -m benchmarks.speakers` says
how often. A voice is biometric data: embeddings are kept no longer than a recording is read, unless somebody enrols.
"""


def convert(out: Path, source: Path | None = None) -> Path:
    """Write `speaker.onnx` and its card into a folder; the path of the graph.

    `source` is `pretrained.pt`, else that of the installed package. Raises LookupError when there is none, ValueError
    when it is another file, and ImportError naming the extra.
    """
    found = source or installed()
    if sha256(found.read_bytes()).hexdigest() != SOURCE:
        raise ValueError(f"{found.name} is not the file Resemblyzer 0.1.4 publishes: its sha256 differs")
    try:
        import onnx
        import torch
    except ModuleNotFoundError as error:
        raise ImportError(f"converting needs {error.name}: pip install 'insula[train]'") from None
    state = torch.load(found, map_location="cpu", weights_only=True)["model_state"]
    out.mkdir(parents=True, exist_ok=True)
    path = out / "speaker.onnx"
    onnx.save(_model({name: value.numpy() for name, value in state.items()}), str(path))
    digest = sha256(path.read_bytes()).hexdigest()
    card = CARD.format(revision=digest[:12], source=SOURCE, digest=digest)
    path.with_suffix(".md").write_text(card, encoding="utf-8")
    return path


def installed() -> Path:
    """`pretrained.pt`, found without importing the package, which would load a voice activity detector."""
    spec = find_spec("resemblyzer")
    if spec is None or spec.origin is None:
        raise LookupError("the weights come with Resemblyzer: pip install --no-deps Resemblyzer==0.1.4")
    return Path(spec.origin).parent / "pretrained.pt"


def _model(state: dict[str, NDArray[np.float32]]) -> Any:
    from onnx import TensorProto, helper, numpy_helper

    nodes, tensors = list[Any](), list[Any]()

    def node(kind: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, list(outputs), **attributes))
        return outputs[-1]

    def constant(name: str, values: NDArray[Any]) -> str:
        tensors.append(numpy_helper.from_array(values, name))
        return name

    def matrix(name: str, values: NDArray[np.float32]) -> str:
        """Blocks of 8-bit integers times their scales; ONNX Runtime folds these nodes as it loads."""
        blocks = values.reshape(-1, BLOCK)
        scale = (np.abs(blocks).max(-1, keepdims=True) / 127).astype(np.float16)
        whole = constant(
            f"{name}.integers", np.round(blocks / scale.astype(np.float32)).clip(-127, 127).astype(np.int8)
        )
        factor = node("Cast", [constant(f"{name}.scale", scale)], f"{name}.factor", to=TensorProto.FLOAT)
        number = node("Cast", [whole], f"{name}.float", to=TensorProto.FLOAT)
        product = node("Mul", [number, factor], f"{name}.product")
        return node("Reshape", [product, constant(f"{name}.shape", np.array(values.shape))], name)

    def gates(name: str) -> NDArray[np.float32]:
        """torch keeps input, forget, cell, output; ONNX input, output, forget, cell."""
        i, f, c, o = np.split(state[name], 4)
        return np.concatenate([i, o, f, c])

    x = node("Transpose", ["mel"], "time", perm=[1, 0, 2])
    first = constant("first.half", gates("lstm.weight_ih_l0")[None].astype(np.float16))
    before = node("Cast", [first], "input0", to=TensorProto.FLOAT)
    for layer in range(LAYERS):
        before = matrix(f"input{layer}", gates(f"lstm.weight_ih_l{layer}")[None]) if layer else before
        within = matrix(f"hidden{layer}", gates(f"lstm.weight_hh_l{layer}")[None])
        bias = np.concatenate([gates(f"lstm.bias_ih_l{layer}"), gates(f"lstm.bias_hh_l{layer}")])[None]
        biases = constant(f"bias{layer}", bias)
        outputs = (f"states{layer}", f"last{layer}")
        node("LSTM", [x, before, within, biases], *outputs, hidden_size=SIZE)
        x = node("Squeeze", [f"states{layer}", constant(f"axis{layer}", np.array([1]))], f"layer{layer}")
    last = node("Squeeze", [f"last{LAYERS - 1}", constant("zero", np.array([0]))], "final")
    turned = node("Transpose", [matrix("linear", state["linear.weight"])], "turned")
    added = node("Add", [node("MatMul", [last, turned], "line"), constant("bias", state["linear.bias"])], "added")
    positive = node("Relu", [added], "positive")
    node("LpNormalization", [positive], "voice", axis=-1, p=2)
    mel = helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["windows", "frames", BANDS])
    voice = helper.make_tensor_value_info("voice", TensorProto.FLOAT, ["windows", SIZE])
    graph = helper.make_graph(nodes, "speaker", [mel], [voice], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
