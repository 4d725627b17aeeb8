"""The trained encoder as int8 ONNX: a trunk (embeddings and lower layers) and one top (upper layers and heads) per
licence.

Weights are symmetric int8 per output channel, kept to 7 bits so that processors without VNNI do not saturate.
Activations are uint8 with ranges measured once on training texts: a range taken per batch would let a text's
neighbours change its scores, and reading a file at once and streaming it must agree. Word embeddings are int8 with a
scale per word. A packed graph stores the weights of its layers at half a byte each (`gptq.py`), and every graph its
large float matrices at half precision; ONNX Runtime makes the int8 and float32 ones of them as it loads.

The graph is written node by node with ONNX Runtime's own operators (com.microsoft), so what is exported is what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from .encoder import HEADS, POSITIONS, WIDTH, Encoder, Layer
from .gptq import BLOCK, UNIT, ZERO, Packed, quantise

EXTENSIONS = "com.microsoft"
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Entering:
    """The activations that enter a product: the range that holds nearly all, and their second moments (in, in)."""

    low: float
    high: float
    moments: Array


Measured = Mapping[str, Entering]


@dataclass
class Graph:
    """Nodes and constants, collected in order; `measured` is what enters each quantised product, by its name."""

    measured: Measured
    packed: bool = False
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def matrix(self, name: str, value: Array) -> str:
        """A float matrix, stored at half precision."""
        half = self.constant(f"{name}.half", value.astype(np.float16))
        return self.node("Cast", [half], [name], to=TensorProto.FLOAT)

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), list(outputs), outputs[0], domain=domain, **attributes))
        return outputs[0]


def export_trunk(encoder: Encoder, depth: int, measured: Measured, path: Path) -> None:
    """Token ids and mask, int32 (batch, tokens) -> `hidden` (batch, tokens, 384) after the first `depth` layers."""
    graph = Graph(measured)
    hidden = _embeddings(graph, encoder)
    for index in range(depth):
        hidden = add_layer(graph, cast("Layer", encoder.layers[index]), hidden, f"layer{index}")
    graph.node("Identity", [hidden], ["hidden"])
    save(graph, {"ids": ("i", "bt"), "mask": ("i", "bt")}, {"hidden": "btw"}, path)


def export_top(
    encoder: Encoder,
    depth: int,
    measured: Measured,
    heads: tuple[Array, Array],
    novelty: tuple[Array, Array],
    path: Path,
    packed: bool = False,
) -> None:
    """`hidden` and mask -> `pooled` (batch, 384), `scores` per token (batch, tokens, labels), `novelty` (batch).

    `heads` is (weight (labels, 384), bias); the mean of `scores` over a text's tokens is its raw score. `novelty` is
    (mean (384), whitening (384, 384)) of training texts; the output is the squared distance over 384, near 1 for them.
    """
    graph = Graph(measured, packed)
    hidden = "hidden"
    for index in range(depth, len(encoder.layers)):
        hidden = add_layer(graph, cast("Layer", encoder.layers[index]), hidden, f"layer{index}")
    weight, bias = heads
    graph.node("MatMul", [hidden, graph.constant("heads.weight", weight.T)], ["heads.product"])
    graph.node("Add", ["heads.product", graph.constant("heads.bias", bias)], ["scores"])
    pool(graph, hidden)
    mean, whitening = novelty
    graph.node("Sub", ["pooled", graph.constant("novelty.mean", mean)], ["novelty.centred"])
    graph.node("MatMul", ["novelty.centred", graph.matrix("novelty.whitening", whitening)], ["novelty.white"])
    graph.node("Mul", ["novelty.white", "novelty.white"], ["novelty.square"])
    graph.node("ReduceMean", ["novelty.square", graph.constant("last", np.array([-1]))], ["novelty"], keepdims=0)
    save(
        graph,
        {"hidden": ("f", "btw"), "mask": ("i", "bt")},
        {"pooled": "bw", "scores": "btk", "novelty": "b"},
        path,
    )


@torch.inference_mode()
def measure(
    layers: Iterable[nn.Module], passes: Iterable[tuple[Tensor, Callable[[], object]]], share: float = 0.9999
) -> dict[str, Entering]:
    """The activations entering each product of the layers, with the range that holds this share of them.

    Each pass is the mask (batch, tokens) of what it reads, and the call that sends it through the layers.
    """
    seen: dict[str, list[Tensor]] = {}

    def watch(name: str, module: nn.Module) -> None:
        module.register_forward_pre_hook(lambda _, inputs: seen.setdefault(name, []).append(inputs[0][real]))

    every = list(layers)
    for index, layer in enumerate(every):
        for part in ("qkv", "out", "up", "down"):
            watch(f"layer{index}.{part}", getattr(layer, part))
    for mask, call in passes:
        real = mask.bool()
        call()
    for layer in every:
        for part in ("qkv", "out", "up", "down"):
            getattr(layer, part)._forward_pre_hooks.clear()
    return {name: _entering_of(torch.cat(values).numpy(), share) for name, values in seen.items()}


def _entering_of(values: Array, share: float) -> Entering:
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return Entering(float(min(low, 0.0)), float(max(high, 0.0)), (values.T @ values / len(values)).astype(np.float32))


def pool(graph: Graph, hidden: str) -> None:
    """Add the output `pooled`, the mean of `hidden` over the tokens that the graph's input `mask` says are there."""
    graph.node("Cast", ["mask"], ["weight"], to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["weight", graph.constant("axis2", np.array([2]))], ["weight3"])
    graph.node("Mul", [hidden, "weight3"], ["weighted"])
    axis = graph.constant("axis1", np.array([1]))
    graph.node("ReduceSum", ["weighted", axis], ["summed"], keepdims=0)
    graph.node("ReduceSum", ["weight", axis], ["count"], keepdims=1)
    graph.node("Div", ["summed", "count"], ["pooled"])


def _embeddings(graph: Graph, encoder: Encoder) -> str:
    words = encoder.words.weight.detach().numpy()
    scale = np.abs(words).max(1, keepdims=True) / 127 + 1e-12
    graph.node("Gather", [graph.constant("words", np.round(words / scale).astype(np.int8)), "ids"], ["words.int8"])
    graph.node("Cast", ["words.int8"], ["words.float"], to=TensorProto.FLOAT)
    graph.node("Gather", [graph.constant("words.scale", scale.astype(np.float32)), "ids"], ["words.scales"])
    graph.node("Mul", ["words.float", "words.scales"], ["words.found"])
    positions = graph.constant("positions", encoder.positions.weight.detach().numpy()[:POSITIONS])
    graph.node("Shape", ["ids"], ["tokens"], start=1, end=2)
    starts, steps = graph.constant("zero", np.array([0])), graph.constant("one", np.array([1]))
    graph.node("Slice", [positions, starts, "tokens", starts, steps], ["positions.here"])
    graph.node("Add", ["words.found", "positions.here"], ["embedded"])
    gamma, beta = _norm(graph, encoder.norm.weight, encoder.norm.bias, "norm")
    return graph.node("LayerNormalization", ["embedded", gamma, beta], ["embeddings"], axis=-1, epsilon=1e-12)


def add_layer(graph: Graph, layer: Layer, hidden: str, name: str) -> str:
    """One quantised transformer layer; returns the name of its output. Reads the graph's input `mask`."""
    weight, scale, zero = _quantised(graph, layer.qkv.weight, f"{name}.qkv")
    bias = graph.constant(f"{name}.qkv.bias", layer.qkv.bias.detach().numpy())
    entering, entering_scale, entering_zero = _entering(graph, hidden, f"{name}.qkv")
    inputs = [entering, weight, bias, entering_scale, scale, "mask", entering_zero, zero]
    context = graph.node("QAttention", inputs, [f"{name}.context"], EXTENSIONS, num_heads=HEADS)
    context = _linear(graph, layer.out, context, f"{name}.out")
    hidden = _add_and_norm(graph, layer.norm1, context, hidden, f"{name}.norm1")
    feed = _linear(graph, layer.up, hidden, f"{name}.up")
    graph.node("Gelu", [feed], [f"{name}.gelu"], EXTENSIONS)
    feed = _linear(graph, layer.down, f"{name}.gelu", f"{name}.down")
    return _add_and_norm(graph, layer.norm2, feed, hidden, f"{name}.norm2")


def _linear(graph: Graph, linear: nn.Linear, hidden: str, name: str) -> str:
    weight, scale, zero = _quantised(graph, linear.weight, name)
    bias = graph.constant(f"{name}.bias", linear.bias.detach().numpy())
    entering, entering_scale, entering_zero = _entering(graph, hidden, name)
    inputs = [entering, weight, entering_scale, scale, entering_zero, zero, bias]
    return graph.node("MatMulIntegerToFloat", inputs, [f"{name}.product"], EXTENSIONS)


def _entering(graph: Graph, hidden: str, name: str) -> tuple[str, str, str]:
    found = graph.measured[name]
    scale = (found.high - found.low) / 255
    zero = np.array(np.clip(round(-found.low / scale), 0, 255), np.uint8)
    names = graph.constant(f"{name}.in.scale", np.array(scale, np.float32)), graph.constant(f"{name}.in.zero", zero)
    return graph.node("QuantizeLinear", [hidden, *names], [f"{name}.in"]), *names


def _add_and_norm(graph: Graph, norm: nn.LayerNorm, new: str, old: str, name: str) -> str:
    gamma, beta = _norm(graph, norm.weight, norm.bias, name)
    return graph.node("SkipLayerNormalization", [new, old, gamma, beta], [f"{name}.sum"], EXTENSIONS, epsilon=1e-12)


def _norm(graph: Graph, weight: Tensor, bias: Tensor, name: str) -> tuple[str, str]:
    gamma = graph.constant(f"{name}.gamma", weight.detach().numpy())
    return gamma, graph.constant(f"{name}.beta", bias.detach().numpy())


def _quantised(graph: Graph, weight: Tensor, name: str) -> tuple[str, str, str]:
    """A torch weight (out, in) as int8 (in, out) with a scale and a zero point per output channel."""
    values: Array = weight.detach().numpy().T
    zeros = graph.constant(f"{name}.zero", np.zeros(values.shape[1], np.int8))
    if graph.packed:
        packed = quantise(values, graph.measured[name].moments)
        return _unpacked(graph, packed, name), graph.constant(f"{name}.scale", packed.scale), zeros
    scale = (np.abs(values).max(0) / 63 + 1e-12).astype(np.float32)
    matrix = graph.constant(f"{name}.weight", np.round(values / scale).astype(np.int8))
    return matrix, graph.constant(f"{name}.scale", scale), zeros


def _unpacked(graph: Graph, packed: Packed, name: str) -> str:
    """Nodes that make the integers of packed weights; all they read is constant, so they run once, at loading."""
    halves = graph.constant(f"{name}.halves", packed.halves)
    lower, width = graph.constant(f"{name}.15", np.array(15, np.uint8)), packed.halves.shape[1]
    first = graph.node("BitwiseAnd", [halves, lower], [f"{name}.first"])
    four = graph.constant(f"{name}.4", np.array(4, np.uint8))
    second = graph.node("BitShift", [halves, four], [f"{name}.second"], direction="RIGHT")
    both = graph.node("Concat", [first, second], [f"{name}.both"], axis=0)
    levels = graph.node("Cast", [both], [f"{name}.levels"], to=TensorProto.FLOAT)
    blocks = graph.constant(f"{name}.blocks", np.array([-1, BLOCK, width]))
    levels = graph.node("Reshape", [levels, blocks], [f"{name}.level.blocks"])
    zero = graph.constant(f"{name}.none", np.array(ZERO, np.float32))
    signed = graph.node("Sub", [levels, zero], [f"{name}.signed"])
    parts = graph.constant(f"{name}.steps", packed.steps[:, None])
    parts = graph.node("Cast", [parts], [f"{name}.parts"], to=TensorProto.FLOAT)
    unit = graph.constant(f"{name}.unit", np.array(UNIT, np.float32))
    steps = graph.node("Div", [parts, unit], [f"{name}.step"])
    whole = graph.node("Round", [graph.node("Mul", [signed, steps], [f"{name}.stepped"])], [f"{name}.whole"])
    integers = graph.node("Cast", [whole], [f"{name}.integers"], to=TensorProto.INT8)
    shape = graph.constant(f"{name}.shape", np.array([-1, width]))
    return graph.node("Reshape", [integers, shape], [f"{name}.weight"])


def save(graph: Graph, inputs: dict[str, tuple[str, str]], outputs: dict[str, str], path: Path) -> None:
    """Write the graph; a shape is a word of letters, each a dimension, and an input has its type (i, f) before it."""
    sizes = {
        "b": "batch",
        "t": "tokens",
        "w": WIDTH,
        "k": "labels",
        "n": "turns",
        "e": "emotions",
        "p": 3,
        "2": 2,
        "3": 3,
    }
    kinds = {"i": TensorProto.INT32, "f": TensorProto.FLOAT, "l": TensorProto.INT64}

    def value(name: str, kind: str, shape: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kinds[kind], [sizes[letter] for letter in shape])

    body = helper.make_graph(
        graph.nodes,
        path.stem,
        [value(name, kind, shape) for name, (kind, shape) in inputs.items()],
        [value(name, "f", shape) for name, shape in outputs.items()],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(EXTENSIONS, 1)]
    model = helper.make_model(body, producer_name="insula", opset_imports=opsets, ir_version=9)
    path.write_bytes(model.SerializeToString())
