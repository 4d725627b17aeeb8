"""The dialogue network as a torch module: three layers across turns over the text encoder's frozen trunk.

Each turn goes through the trunk alone; here its hidden states meet those of the turns before it. A label's score is a
sum of three parts that can be looked at: what the turn's own words say, what the same speaker's earlier turns add
(memory; Lee & Lee 2022, CoMPM) and what the others' earlier turns add (contagion; Liu et al. 2023, EmotionIC). Causes
are read off the same states: which turn, and from which word to which.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from insula.network.exchange import REACH

from ..encoder import WIDTH, Layer

MECHANISMS = ("emotional-reactions", "interpretations", "explorations")  # of empathy, with words that show each
NARROW = 128


class Reader(nn.Module):
    """Hidden states of a turn and its history -> scores in three parts, causes by turn and by word.

    Inputs, for a batch of B exchanges of up to K turns and T tokens: `hidden` (B, T, 384), `mask` (B, T), `place`
    (B, T): which entry of the exchange a token belongs to; `distance` (B, K) in turns; `same` and `other` (B, K): 1
    where an earlier turn was spoken by the same person, or another. Entry 0 is the turn read.
    """

    def __init__(self, heads: dict[str, int], dropout: float = 0.1) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(3))
        self.roles = nn.Embedding(3, WIDTH)
        self.distances = nn.Embedding(REACH + 1, WIDTH)
        nn.init.normal_(self.roles.weight, std=0.02)
        nn.init.normal_(self.distances.weight, std=0.02)
        self.query = nn.Linear(WIDTH, NARROW)
        self.key = nn.Linear(WIDTH, NARROW)
        self.near = nn.Parameter(torch.zeros(2, REACH + 1))
        self.memory = nn.Linear(WIDTH, WIDTH, bias=False)
        self.contagion = nn.Linear(WIDTH, WIDTH, bias=False)
        self.heads = nn.ModuleDict({name.replace(".", "_"): nn.Linear(WIDTH, size) for name, size in heads.items()})
        self.pair = nn.Linear(3 * WIDTH, NARROW)
        self.cause = nn.Linear(NARROW, 1)
        self.cause_near = nn.Parameter(torch.zeros(2, REACH + 1))
        self.word = nn.Linear(WIDTH, NARROW)
        self.span = nn.Linear(NARROW, 2)
        self.rationale = nn.Linear(NARROW, len(MECHANISMS))
        self.dropout = dropout

    def encode(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Hidden states (B, T, 384) after the layers, and the mean of each turn (B, K, 384)."""
        role = 2 * batch["same"] + batch["other"]  # entry 0 is neither: role 0 is the turn itself
        turn = self.roles(role.clamp(max=2)) + self.distances(batch["distance"])
        x = batch["hidden"] + torch.gather(turn, 1, batch["place"].unsqueeze(-1).expand(-1, -1, WIDTH))
        attend = batch["mask"][:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, attend)
        turns = functional.one_hot(batch["place"], batch["same"].shape[1]) * batch["mask"].unsqueeze(-1)
        weight = turns.to(x.dtype).transpose(1, 2)
        return x, weight @ x / weight.sum(-1, keepdim=True).clamp(min=1)

    def mix(self, means: Tensor, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Own, memory and contagion states (B, 3, 384), and the two sets of weights over turns (B, 2, K)."""
        own = means[:, 0]
        match = (self.query(own).unsqueeze(1) * self.key(means)).sum(-1) / NARROW**0.5
        parts, weights = [own], []
        for index, (name, value) in enumerate((("same", self.memory), ("other", self.contagion))):
            there = batch[name].bool()
            logit = (match + self.near[index][batch["distance"]]).masked_fill(~there, -1e4)
            weight = logit.softmax(-1) * there
            parts.append(value((weight.unsqueeze(1) @ means).squeeze(1)))
            weights.append(weight)
        return torch.stack(parts, 1), torch.stack(weights, 1)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        x, means = self.encode(batch)
        means = functional.dropout(means, self.dropout, self.training)
        parts, _ = self.mix(means, batch)
        whole = parts.sum(1)
        found = {name: head(whole) for name, head in self.heads.items()}
        words = functional.gelu(self.word(x))
        found["cause"] = self.causes(means, batch)
        found["span"] = self.span(words)
        found["rationale"] = self.rationale(words)
        return found

    def causes(self, means: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """Log-odds (B, K) that each turn holds a cause of what the turn read expresses."""
        own = means[:, :1].expand_as(means)
        pair = functional.gelu(self.pair(torch.cat([own, means, own * means], -1)))
        side = batch["same"].bool()
        near = torch.where(side, self.cause_near[0][batch["distance"]], self.cause_near[1][batch["distance"]])
        return self.cause(pair).squeeze(-1) + near
