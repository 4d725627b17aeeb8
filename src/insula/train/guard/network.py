"""The guard's learnt reader as a torch module, and as the int8 graph that runs.

Two transformer layers over the text encoder's frozen trunk, begun as those that read emotions; the mean of a piece's
tokens goes through one linear head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from insula.guard.reader import OUTPUTS

from ..encoder import DEPTH, WIDTH, Layer
from ..export import Graph, add_layer, measure, pool, save

LAYERS = 2
DROPOUT = 0.15
RATE, HEAD_RATE = 3e-4, 2e-3
WARM = 0.1  # share of the steps in which the rate rises
BATCH = 32
Array = NDArray[np.float32]


class Top(nn.Module):
    """`hidden` (batch, tokens, 384) and `mask` (batch, tokens) -> log-odds (batch, 8) of OUTPUTS."""

    def __init__(self, start: Path | None = None) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(DROPOUT) for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, len(OUTPUTS))
        if start:
            weights = load_file(start)
            for index, layer in enumerate(self.layers):
                prefix = f"encoder.layers.{DEPTH // 2 + index}."
                layer.load_state_dict({k[len(prefix) :]: v for k, v in weights.items() if k.startswith(prefix)})

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        attend = mask[:, None, None, :].bool()
        for layer in self.layers:
            hidden = layer(hidden, attend)
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        return self.head(functional.dropout(mean, DROPOUT, self.training))


def fit(pieces: Sequence[Array], targets: Array, weights: Array, start: Path | None, epochs: int, seed: int) -> Top:
    """A network taught these pieces (tokens, 384) with targets (n, 8) in 0..1, each piece with its weight."""
    torch.manual_seed(seed)
    top = Top(start)
    groups = [{"params": top.layers.parameters(), "lr": RATE}, {"params": top.head.parameters(), "lr": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.05)
    steps = epochs * (len(pieces) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / (WARM * steps)) * max(0.0, 1 - step / steps)
    )
    draws = np.random.default_rng(seed)
    for _ in range(epochs):
        for rows in _batches(pieces, draws):
            hidden, mask = stack([pieces[row] for row in rows])
            with torch.autocast("cpu", torch.bfloat16):
                raw = top(hidden, mask)
            wrong = functional.binary_cross_entropy_with_logits(
                raw.float(), torch.tensor(targets[rows]), reduction="none"
            )
            loss = (wrong * torch.tensor(weights[rows])[:, None]).mean(0).sum()
            optimiser.zero_grad()
            loss.backward()  # pyright: ignore[reportUnknownMemberType]
            nn.utils.clip_grad_norm_(top.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return top.eval()


def export(top: Top, pieces: Sequence[Array], path: Path) -> None:
    """Write the graph: `hidden`, `mask` -> `raw` (batch, 8). The pieces give the activations' ranges."""
    passes = ((mask, lambda h=hidden, m=mask: top(h, m)) for hidden, mask in (stack([one]) for one in pieces))
    graph, hidden = Graph(measure(top.layers, passes)), "hidden"
    for index, layer in enumerate(top.layers):
        hidden = add_layer(graph, cast("Layer", layer), hidden, f"layer{index}")
    pool(graph, hidden)
    weight = graph.constant("head.weight", top.head.weight.detach().numpy().T)
    graph.node("MatMul", ["pooled", weight], ["head.product"])
    graph.node("Add", ["head.product", graph.constant("head.bias", top.head.bias.detach().numpy())], ["raw"])
    save(graph, {"hidden": ("f", "btw"), "mask": ("i", "bt")}, {"raw": "bk"}, path)


def stack(pieces: Sequence[Array]) -> tuple[Tensor, Tensor]:
    """Pieces side by side, filled up with zeros, and which tokens are there."""
    longest = max(map(len, pieces))
    hidden, mask = torch.zeros(len(pieces), longest, WIDTH), torch.zeros(len(pieces), longest)
    for row, piece in enumerate(pieces):
        hidden[row, : len(piece)] = torch.from_numpy(piece)
        mask[row, : len(piece)] = 1
    return hidden, mask


def _batches(pieces: Sequence[Array], draws: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Rows of pieces of about one length, in random order."""
    order = np.argsort([len(piece) + 8 * draws.random() for piece in pieces], kind="stable")
    cut = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    yield from (cut[place] for place in draws.permutation(len(cut)))
