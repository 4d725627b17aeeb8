"""The dialogue network as int8 ONNX, to run on the states of text-open's trunk."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from insula.network.dialogue import WORDED

from ..encoder import Layer
from ..export import EXTENSIONS, Graph, Measured, add_layer, save
from .reader import NARROW, Reader

Array = NDArray[np.float32]


def export(reader: Reader, measured: Measured, heads: list[str], novelty: tuple[Array, Array], path: Path) -> None:
    """Write the graph. Inputs (batch b, tokens t, turns n): `hidden` (b, t, 384), `mask` (b, t), `turns` (b, n, t) with
    1 where a token belongs to a turn, `distance` (b, n), `same` and `other` (b, n).

    Outputs: `parts` (b, 3, labels): own words, memory, contagion, which sum to the raw scores; `tokens` (b, t, labels):
    what each token adds, as in a mean, to the own part of the heads whose words are shown; `weights` (b, 2, n) of
    earlier turns in memory and contagion; `cause` (b, n), `span` (b, t, 2), `rationale` (b, t, 3) as log-odds;
    `novelty` (b).
    """
    graph = Graph(measured)
    hidden = _entries(graph, reader)
    for index, layer in enumerate(reader.layers):
        hidden = add_layer(graph, cast("Layer", layer), hidden, f"layer{index}")
    means = _means(graph, hidden)
    own = _own(graph, means)
    parts = _mix(graph, reader, means, own)
    layers = [cast("nn.Linear", reader.heads[head.replace(".", "_")]) for head in heads]
    weight = torch.cat([layer.weight for layer in layers]).detach().numpy().T
    bias = torch.cat([layer.bias for layer in layers]).detach().numpy()
    only_own = np.zeros((3, len(bias)), np.float32)
    only_own[0] = bias
    graph.node("MatMul", [parts, graph.constant("heads.weight", weight)], ["heads.product"])
    graph.node("Add", ["heads.product", graph.constant("heads.bias", only_own)], ["parts"])
    worded = [_linear(graph, cast("nn.Linear", reader.heads[head]), hidden, head) for head in WORDED if head in heads]
    graph.node("Concat", worded, ["tokens"], axis=-1)
    _causes(graph, reader, means, own)
    words = _gelu(graph, _linear(graph, reader.word, hidden, "word"), "word")
    graph.node("Identity", [_linear(graph, reader.span, words, "span")], ["span"])
    graph.node("Identity", [_linear(graph, reader.rationale, words, "rationale")], ["rationale"])
    _novelty(graph, own, novelty)
    inputs = {"hidden": ("f", "btw"), "mask": ("i", "bt"), "turns": ("f", "bnt"), "distance": ("l", "bn")}
    outputs = {"parts": "bpk", "tokens": "bte", "weights": "b2n", "cause": "bn"}
    outputs |= {"span": "bt2", "rationale": "bt3", "novelty": "b"}
    save(graph, inputs | {"same": ("f", "bn"), "other": ("f", "bn")}, outputs, path)


def _entries(graph: Graph, reader: Reader) -> str:
    """Hidden states with what is known of each token's turn: who spoke, and how long ago."""
    distances = graph.constant("distances", _array(reader.distances.weight))
    graph.node("Gather", [distances, "distance"], ["entry.distance"])
    roles = reader.roles.weight
    base = graph.constant("role.own", _array(roles[0]))
    last = graph.constant("axis.last", np.array([-1]))
    total = graph.node("Add", ["entry.distance", base], ["entry.own"])
    for name, row in (("other", 1), ("same", 2)):
        graph.node("Unsqueeze", [name, last], [f"{name}.column"])
        step = graph.constant(f"role.{name}", _array(roles[row] - roles[0]))
        graph.node("Mul", [f"{name}.column", step], [f"entry.{name}.step"])
        total = graph.node("Add", [total, f"entry.{name}.step"], [f"entry.{name}"])
    graph.node("Transpose", ["turns"], ["turns.by.token"], perm=[0, 2, 1])
    graph.node("MatMul", ["turns.by.token", total], ["entry.tokens"])
    return graph.node("Add", ["hidden", "entry.tokens"], ["entered"])


def _means(graph: Graph, hidden: str) -> str:
    graph.node("MatMul", ["turns", hidden], ["turns.sum"])
    graph.node("ReduceSum", ["turns", "axis.last"], ["turns.count"], keepdims=1)
    return graph.node("Div", ["turns.sum", "turns.count"], ["means"])


def _own(graph: Graph, means: str) -> str:
    zero, one = graph.constant("zero", np.array([0])), graph.constant("one", np.array([1]))
    return graph.node("Slice", [means, zero, one, one], ["own"])  # (b, 1, 384)


def _mix(graph: Graph, reader: Reader, means: str, own: str) -> str:
    """Own, memory and contagion states (b, 3, 384); also the output `weights`."""
    query = _linear(graph, reader.query, own, "query")
    key = _linear(graph, reader.key, means, "key")
    graph.node("Mul", [query, key], ["match.products"])
    graph.node("ReduceSum", ["match.products", "axis.last"], ["match.sum"], keepdims=0)
    graph.node("Mul", ["match.sum", graph.constant("match.scale", np.array(NARROW**-0.5, np.float32))], ["match"])
    parts, weights = [own], []
    for index, (name, value) in enumerate((("same", reader.memory), ("other", reader.contagion))):
        near = graph.constant(f"near.{name}", _array(reader.near[index]))
        graph.node("Gather", [near, "distance"], [f"near.{name}.here"])
        graph.node("Add", ["match", f"near.{name}.here"], [f"{name}.logit"])
        graph.node("Sub", [name, graph.constant(f"{name}.unit", np.array(1, np.float32))], [f"{name}.absent"])
        graph.node("Mul", [f"{name}.absent", graph.constant(f"{name}.far", np.array(1e4, np.float32))], [f"{name}.bar"])
        graph.node("Add", [f"{name}.logit", f"{name}.bar"], [f"{name}.masked"])
        graph.node("Softmax", [f"{name}.masked"], [f"{name}.soft"], axis=-1)
        graph.node("Mul", [f"{name}.soft", name], [f"{name}.weight"])
        weights.append(graph.node("Unsqueeze", [f"{name}.weight", "one"], [f"{name}.row"]))
        graph.node("MatMul", [f"{name}.row", means], [f"{name}.mean"])
        parts.append(_linear(graph, value, f"{name}.mean", f"{name}.value"))
    graph.node("Concat", weights, ["weights"], axis=1)
    return graph.node("Concat", parts, ["states"], axis=1)


def _causes(graph: Graph, reader: Reader, means: str, own: str) -> None:
    graph.node("Mul", [own, means], ["pair.together"])
    graph.node("Shape", [means], ["pair.shape"])
    graph.node("Expand", [own, "pair.shape"], ["pair.own"])
    graph.node("Concat", ["pair.own", means, "pair.together"], ["pair.all"], axis=-1)
    pair = _gelu(graph, _linear(graph, reader.pair, "pair.all", "pair"), "pair")
    score = _linear(graph, reader.cause, pair, "cause.score")
    graph.node("Squeeze", [score, "axis.last"], ["cause.flat"])
    near = _array(reader.cause_near)
    graph.node("Gather", [graph.constant("cause.other", near[1]), "distance"], ["cause.other.here"])
    graph.node("Gather", [graph.constant("cause.step", near[0] - near[1]), "distance"], ["cause.step.here"])
    graph.node("Mul", ["cause.step.here", "same"], ["cause.same.here"])
    graph.node("Add", ["cause.other.here", "cause.same.here"], ["cause.near"])
    graph.node("Add", ["cause.flat", "cause.near"], ["cause"])


def _novelty(graph: Graph, own: str, novelty: tuple[Array, Array]) -> None:
    """Squared distance over 384 of the turn's own state from those of training turns, near 1 for them."""
    mean, whitening = novelty
    graph.node("Squeeze", [own, "one"], ["novelty.own"])
    graph.node("Sub", ["novelty.own", graph.constant("novelty.mean", mean)], ["novelty.centred"])
    graph.node("MatMul", ["novelty.centred", graph.matrix("novelty.whitening", whitening)], ["novelty.white"])
    graph.node("Mul", ["novelty.white", "novelty.white"], ["novelty.square"])
    graph.node("ReduceMean", ["novelty.square", "axis.last"], ["novelty"], keepdims=0)


def _linear(graph: Graph, layer: nn.Linear, entering: str, name: str) -> str:
    product = graph.node(
        "MatMul", [entering, graph.matrix(f"{name}.weight", _array(layer.weight).T)], [f"{name}.product"]
    )
    if layer.bias is None:  # pyright: ignore[reportUnnecessaryComparison]
        return product
    return graph.node("Add", [product, graph.constant(f"{name}.bias", _array(layer.bias))], [f"{name}.sum"])


def _gelu(graph: Graph, entering: str, name: str) -> str:
    return graph.node("Gelu", [entering], [f"{name}.gelu"], EXTENSIONS)


def _array(tensor: Tensor) -> Array:
    return tensor.detach().numpy()
