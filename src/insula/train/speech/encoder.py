"""The graph of Whisper's encoder without weights: at most a few tens of kilobytes, to be fed from `model.bin` at load.

Every tensor is declared as lying outside, under the name CTranslate2 gives it; matrices of linear layers are turned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES = {"whisper-tiny": (4, 384), "whisper-base": (6, 512)}  # layers and width
HEAD = 64  # numbers a head of attention
BANDS, POSITIONS = 80, 1500


class Graph:
    """Nodes and the tensors they need, in the order they run."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def node(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; the names of what comes out."""
        from onnx import helper

        names = [f"{kind}{len(self.nodes)}.{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names if outputs > 1 else names[0]

    def weight(self, name: str, *shape: int) -> str:
        """A tensor that is given at load."""
        from onnx import TensorProto

        tensor = TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="model.bin")
        self.tensors.append(tensor)
        return name

    def constant(self, name: str, values: list[int] | list[float]) -> str:
        """A small tensor that stays in the graph."""
        import numpy as np
        from onnx import numpy_helper

        if name not in {tensor.name for tensor in self.tensors}:
            kind = np.float32 if isinstance(values[0], float) else np.int64
            self.tensors.append(numpy_helper.from_array(np.array(values, kind), name))
        return name

    def norm(self, name: str, x: str) -> str:
        gamma, beta = (self.weight(f"{name}/{part}", self.width) for part in ("gamma", "beta"))
        return self.node("LayerNormalization", x, gamma, beta, axis=-1, epsilon=1e-5)

    def linear(self, name: str, x: str, before: int, after: int) -> str:
        turned = self.node("MatMul", x, self.weight(f"{name}/weight", before, after))
        return self.node("Add", turned, self.weight(f"{name}/bias", after))

    def convolution(self, name: str, x: str, before: int, stride: int) -> str:
        weight, bias = self.weight(f"{name}/weight", self.width, before, 3), self.weight(f"{name}/bias", self.width)
        return self.node("Gelu", self.node("Conv", x, weight, bias, pads=[1, 1], strides=[stride], kernel_shape=[3]))

    def attention(self, name: str, x: str) -> str:
        width = self.width
        both = self.linear(f"{name}/linear_0", self.norm(f"{name}/layer_norm", x), width, 3 * width)
        heads = self.constant("heads", [0, width // HEAD, HEAD])
        asked, keys, said = (
            self.node("Transpose", self.node("Reshape", one, heads), perm=perm)
            for one, perm in zip(
                self.node("Split", both, outputs=3, axis=1, num_outputs=3),
                ([1, 0, 2], [1, 2, 0], [1, 0, 2]),
                strict=True,
            )
        )
        scaled = self.node("Mul", asked, self.constant("scale", [HEAD**-0.5]))
        weights = self.node("Softmax", self.node("MatMul", scaled, keys), axis=-1)
        heard = self.node("Transpose", self.node("MatMul", weights, said), perm=[1, 0, 2])
        flat = self.node("Reshape", heard, self.constant("flat", [0, width]))
        return self.linear(f"{name}/linear_1", flat, width, width)

    def feed_forward(self, name: str, x: str) -> str:
        width = self.width
        up = self.linear(f"{name}/linear_0", self.norm(f"{name}/layer_norm", x), width, 4 * width)
        return self.linear(f"{name}/linear_1", self.node("Gelu", up), 4 * width, width)


def write_graph(name: str, out: Path) -> Path:
    """Write `NAME.onnx` ("whisper-tiny", "whisper-base") into the folder; raises KeyError for another name."""
    from onnx import TensorProto, helper

    layers, width = SIZES[name]
    graph = Graph(width)
    heard = graph.convolution("conv2", graph.convolution("conv1", "mel", BANDS, 1), width, 2)
    x = graph.node("Transpose", graph.node("Squeeze", heard, graph.constant("first", [0])), perm=[1, 0])
    length = graph.node("Shape", x, end=1)
    table = graph.weight("position_encodings/encodings", POSITIONS, width)
    x = graph.node("Add", x, graph.node("Slice", table, graph.constant("first", [0]), length))
    every = [x]
    for layer in range(layers):
        x = graph.node("Add", x, graph.attention(f"layer_{layer}/self_attention", x))
        x = graph.node("Add", x, graph.feed_forward(f"layer_{layer}/ffn", x))
        every.append(x)
    every[-1] = graph.norm("layer_norm", x)
    stacked = [graph.node("Unsqueeze", one, graph.constant("first", [0])) for one in every]
    graph.nodes.append(helper.make_node("Concat", stacked, ["states"], axis=0))
    mel = helper.make_tensor_value_info("mel", TensorProto.FLOAT, [1, BANDS, "frames"])
    states = helper.make_tensor_value_info("states", TensorProto.FLOAT, [layers + 1, "half", width])
    made = helper.make_graph(graph.nodes, name, [mel], [states], graph.tensors)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.onnx").write_bytes(model.SerializeToString())
    return out / f"{name}.onnx"
