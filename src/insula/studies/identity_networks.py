"""Networks that tell oneself from the others: identity-masked attention, a cell with two pasts, a skip-edge field.

    EmotionIC(vectors=384, outputs=7, parts=frozenset(PARTS))(batch)     # (talks, turns, 7) log-probabilities

Built after EmotionIC (arXiv:2303.11117); every part gives a turn only what came before it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .measure import Array
from .talks import Batch, Floats, at

PARTS = ("attention", "recurrence", "random field")
_BEAM = 64
_NEVER = -1e9


class IdentityAttention(nn.Module):
    """Each turn looks back: half the heads at its own speaker's turns up to itself, half at others' turns before it."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.ask, self.tell, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, turns: Tensor, speakers: Tensor) -> Tensor:
        talks, length, width = turns.shape

        def split(states: Tensor) -> Tensor:
            return states.view(talks, length, self.heads, width // self.heads).transpose(1, 2)

        keys, values = (split(one) for one in self.tell(turns).chunk(2, -1))
        weight = split(self.ask(turns)) @ keys.transpose(2, 3) / (width // self.heads) ** 0.5
        same = speakers[:, :, None] == speakers[:, None, :]
        past = torch.ones(length, length, dtype=torch.bool).tril()
        half = self.heads // 2
        seen = torch.stack([same & past] * half + [~same & past] * half, 1)
        # a turn with nobody else before it takes nothing from them, rather than an even share of what it may not see
        share = weight.masked_fill(~seen, _NEVER).softmax(-1) * seen
        return self.norm(turns + self.out((share @ values).transpose(1, 2).reshape(talks, length, width)))


class DialogueCell(nn.Module):
    """A gated recurrent cell with two pasts: what this speaker was in, and what the last other speaker was in.

    Three gates that sum to 1 say how much of a state is new, kept from oneself and caught from the other.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.gates = nn.Linear(3 * width, 3 * width)
        self.reset = nn.Linear(3 * width, 2 * width)
        self.new = nn.Linear(3 * width, width)

    def forward(self, turn: Tensor, own: Tensor, other: Tensor) -> Tensor:
        everything = torch.cat([turn, own, other], -1)
        keep_own, keep_other = self.reset(everything).sigmoid().chunk(2, -1)
        fresh = self.new(torch.cat([turn, keep_own * own, keep_other * other], -1)).tanh()
        gates = self.gates(everything).view(-1, 3, self.width).softmax(1)
        return gates[:, 0] * fresh + gates[:, 1] * own + gates[:, 2] * other

    def along(self, turns: Tensor, before: Tensor) -> Tensor:
        """States (talks, turns, width); `before` (talks, 2, turns) says where own and other turns last were."""
        states: list[Tensor] = []
        for turn in range(turns.shape[1]):
            own, other = (at(states, before[:, kind, turn], self.width) for kind in (0, 1))
            states.append(self(turns[:, turn], own, other))
        return torch.stack(states, 1)


class SkipField(nn.Module):
    """A conditional random field whose edges lead to the speaker's own last turn and to the last turn by another.

    `transitions` (2, labels, labels) are log-potentials from the earlier label (rows) to the later one (columns).
    """

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(2, outputs, outputs))

    def filtered(self, emissions: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """Log-beliefs in each label given the talk up to each turn, and each turn's part of the log normaliser."""
        beliefs: list[Tensor] = []
        certain: list[Tensor] = []  # the same as probabilities
        normalisers: list[Tensor] = []
        moves = self.transitions.exp()
        for turn in range(emissions.shape[1]):
            raw = emissions[:, turn]
            for kind in (0, 1) if certain else ():
                places = before[:, kind, turn]
                told = at(certain, places, raw.shape[1]) @ moves[kind]
                raw = raw + torch.where((places >= 0)[:, None], told.clamp(min=1e-12).log(), 0.0)
            normalisers.append(raw.logsumexp(-1))
            beliefs.append(raw - normalisers[-1][:, None])
            certain.append(beliefs[-1].exp())
        return torch.stack(beliefs, 1), torch.stack(normalisers, 1)

    def loss(self, emissions: Tensor, batch: Batch) -> Tensor:
        """Mean negative log-likelihood of a turn's part of the gold sequence."""
        judged = batch.labels >= 0
        gold = batch.labels.clamp(min=0)
        score = emissions.gather(-1, gold[..., None])[..., 0]
        for kind in (0, 1):
            places = batch.before[:, kind]
            moved = self.transitions[kind][gold.gather(1, places.clamp(min=0)), gold]
            score = score + moved * (places >= 0)
        return (self.filtered(emissions, batch.before)[1] - score)[judged].mean()

    def best(self, emissions: Floats, before: Array) -> Array:
        """The most probable labels of a whole talk, (turns,), among the `_BEAM` best histories. Not streaming."""
        moves = self.transitions.detach().numpy()
        scores, histories = np.zeros(1), np.zeros((1, 0), np.int64)
        for turn, emitted in enumerate(emissions):
            each = scores[:, None] + emitted
            for kind in (0, 1):
                if (place := before[kind, turn]) >= 0:
                    each = each + moves[kind][histories[:, place]]
            order = np.argsort(-each, axis=None)[:_BEAM]
            old, new = np.unravel_index(order, each.shape)
            scores, histories = each[old, new], np.column_stack([histories[old], new])
        return histories[0]


class Fielded(nn.Module):
    """Emissions and, where there is one, a field over them: a batch -> log-probabilities given the talk so far."""

    def __init__(self, outputs: int, *, field: bool) -> None:
        super().__init__()
        self.field = SkipField(outputs) if field else None

    def emissions(self, batch: Batch) -> Tensor:
        """What each turn says before labels speak to labels: log-probabilities (talks, turns, outputs)."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> Tensor:
        emitted = self.emissions(batch)
        return self.field.filtered(emitted, batch.before)[0] if self.field else emitted

    def loss(self, batch: Batch) -> Tensor:
        emitted = self.emissions(batch)
        if self.field:
            return self.field.loss(emitted, batch)
        return functional.nll_loss(emitted.flatten(0, 1), batch.labels.flatten(), ignore_index=-1)


class EmotionIC(Fielded):
    """All three `PARTS`, or some of them, over turn vectors."""

    def __init__(self, vectors: int, outputs: int, parts: frozenset[str], width: int = 64) -> None:
        super().__init__(outputs, field="random field" in parts)
        self.drop = nn.Dropout(0.3)
        self.turn = nn.Linear(vectors, width)
        self.attention = IdentityAttention(width) if "attention" in parts else None
        self.recurrence = DialogueCell(width) if "recurrence" in parts else None
        self.out = nn.Linear(width, outputs)

    def emissions(self, batch: Batch) -> Tensor:
        states = functional.gelu(self.turn(self.drop(batch.vectors)))
        if self.attention:
            states = self.attention(states, batch.speakers)
        if self.recurrence:
            states = states + self.recurrence.along(states, batch.before)
        return self.out(self.drop(states)).log_softmax(-1)


class OverAnswers(Fielded):
    """A field over what a reader already answered: its log-scores are weighed anew, then labels speak to labels.

    Small enough (a few hundred numbers) to be kept in a study's record and used on anybody's dialogue.
    """

    def __init__(self, outputs: int, *, field: bool = True) -> None:
        super().__init__(outputs, field=field)
        self.weigh = nn.Linear(outputs, outputs)
        nn.init.eye_(self.weigh.weight)
        nn.init.zeros_(self.weigh.bias)

    def emissions(self, batch: Batch) -> Tensor:
        return self.weigh(batch.vectors).log_softmax(-1)
