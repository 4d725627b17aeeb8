"""The text encoder as a torch module: a six-layer BERT read from safetensors, with linear heads on its mean.

Only training needs this file (and torch). What users run is the same network as int8 ONNX, see `train/export.py`.
Written out here so that the exported graph, the weights' names and the trained network are one and the same thing.
Source: Wang et al. 2020 (MiniLM, arXiv:2002.10957); Reimers & Gurevych 2019 (mean pooling, arXiv:1908.10084).
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

WIDTH, DEPTH, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS = 384, 6, 12, 1536, 30522, 512


class Layer(nn.Module):
    """One post-norm transformer layer: (batch, tokens, width) -> the same."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, FEED_FORWARD)
        self.down = nn.Linear(FEED_FORWARD, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = dropout

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, _ = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        drop = self.dropout if self.training else 0.0
        context = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=drop)
        context = self.out(context.transpose(1, 2).reshape(batch, tokens, WIDTH))
        x = self.norm1(x + functional.dropout(context, self.dropout, self.training))
        feed = self.down(functional.gelu(self.up(x)))
        return self.norm2(x + functional.dropout(feed, self.dropout, self.training))


class Encoder(nn.Module):
    """Token ids and mask, both (batch, tokens) -> hidden states (batch, tokens, 384)."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(DEPTH))
        self.dropout = dropout

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        x = functional.dropout(x, self.dropout, self.training)
        attend = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, attend)
        return x


class Reader(nn.Module):
    """The encoder with one linear head per scheme on the mean of its tokens.

    A head on a mean is a mean of per-token scores, so "which words" is read off exactly, not estimated.
    """

    def __init__(self, heads: dict[str, int], dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = Encoder(dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(WIDTH, size) for name, size in heads.items()})

    def pool(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden = self.encoder(ids, mask)
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weight).sum(1) / weight.sum(1)

    def forward(self, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        pooled = functional.dropout(self.pool(ids, mask), self.encoder.dropout, self.training)
        return {name: head(pooled) for name, head in self.heads.items()}


def load_pretrained(encoder: Encoder, path: Path) -> None:
    """Fill an encoder from a `transformers` BERT checkpoint (`model.safetensors`)."""
    source = {name.removeprefix("bert."): value for name, value in load_file(path).items()}
    types = source["embeddings.token_type_embeddings.weight"][0]
    state = {
        "words.weight": source["embeddings.word_embeddings.weight"],
        # every text is segment 0, so its embedding is folded into the positions
        "positions.weight": source["embeddings.position_embeddings.weight"] + types,
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for index in range(DEPTH):
        theirs, ours = f"encoder.layer.{index}", f"layers.{index}"
        for kind in ("weight", "bias"):
            parts = [source[f"{theirs}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            state[f"{ours}.qkv.{kind}"] = torch.cat(parts)
            for mine, name in names.items():
                state[f"{ours}.{mine}.{kind}"] = source[f"{theirs}.{name}.{kind}"]
    encoder.load_state_dict(state)
