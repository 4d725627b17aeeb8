"""Conversations as numbers, for studies of emotion in conversation: a vector per turn, who speaks, what is felt.

    talks = published("meld", "test", "ekman7")         # list[Talk], see talk_corpora.py
    bias = fit(network, training, development, weighted_f1, neutral=6, epochs=8, rate=1e-3, seed=0)
    decided(predict(network, talks), neutral=6, bias=bias)              # label numbers of all turns

A network here is any module from a `Batch` to log-probabilities (talks, turns, labels) that gives a turn nothing of
what follows it: the batch carries, for each turn, where its speaker and where anybody else spoke last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
MOST_SPEAKERS = 8  # later arrivals share the last place
_UNJUDGED = -1
_BIASES = np.linspace(-1.5, 1.5, 21).tolist()
Score = Callable[[Ints, Ints], float]


@dataclass(frozen=True)
class Talk:
    """One conversation: `vectors` (turns, width); `speakers` numbered by first word; `labels`, -1 where not judged."""

    vectors: Floats
    speakers: Ints
    labels: Ints

    @cached_property
    def before(self) -> Ints:
        """(2, turns): at which turn the same speaker, and at which anybody else, spoke last before; -1 for never."""
        found = np.full((2, len(self.speakers)), -1)
        for turn, speaker in enumerate(self.speakers):
            for earlier in range(turn - 1, -1, -1):
                row = int(self.speakers[earlier] != speaker)
                if found[row, turn] < 0:
                    found[row, turn] = earlier
        return found


@dataclass(frozen=True)
class Batch:
    """Talks side by side, filled up with turns without a label; `before` is (talks, 2, turns)."""

    vectors: Tensor
    speakers: Tensor
    labels: Tensor
    before: Tensor

    @staticmethod
    def of(talks: Sequence[Talk]) -> Batch:
        longest = max(len(talk.labels) for talk in talks)
        vectors = np.zeros((len(talks), longest, talks[0].vectors.shape[1]), np.float32)
        speakers = np.zeros((len(talks), longest), np.int64)
        felt, before = np.full_like(speakers, _UNJUDGED), np.full((len(talks), 2, longest), -1)
        for row, talk in enumerate(talks):
            turns = len(talk.labels)
            vectors[row, :turns], felt[row, :turns], before[row, :, :turns] = talk.vectors, talk.labels, talk.before
            speakers[row, :turns] = np.minimum(talk.speakers, MOST_SPEAKERS - 1)
        return Batch(*map(torch.from_numpy, (vectors, speakers, felt, before)))


def at(states: Sequence[Tensor], places: Tensor, width: int) -> Tensor:
    """Of each talk the state (talks, width) it had at its turn in `places` (talks,); zeros where that is -1."""
    if not states:
        return torch.zeros(len(places), width)
    taken = torch.stack(list(states), 1)[torch.arange(len(places)), places.clamp(min=0)]
    return taken * (places >= 0).unsqueeze(-1)


def fit(
    network: nn.Module,
    training: Sequence[Talk],
    development: Sequence[Talk],
    score: Score,
    neutral: int,
    *,
    epochs: int,
    rate: float,
    seed: int,
    loss: Callable[[nn.Module, Batch], Tensor] | None = None,
    batch: int = 64,
) -> float:
    """Train, and keep the epoch whose `score(labels, decided labels)` on development is best; returns its `bias`.

    Parameters called "transitions" learn faster: few numbers that start at nothing.
    """
    draw = np.random.default_rng(seed)
    named = list(network.named_parameters())
    few = [p for name, p in named if name.endswith("transitions")]
    many = {"params": [p for name, p in named if not name.endswith("transitions")]}
    optimiser = torch.optim.AdamW([many, {"params": few, "lr": 20 * rate}], lr=rate, weight_decay=0.01)
    best, chosen, kept = -1.0, 0.0, network.state_dict()
    for _ in range(epochs):
        network.train()
        for talks in _batches(training, batch, draw):
            one = Batch.of(talks)
            value = (loss or mean_loss)(network, one)
            optimiser.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
        now, bias = tuned(score, labels(development), predict(network, development), neutral)
        if now > best:
            best, chosen = now, bias
            kept = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(kept)
    network.eval()
    return chosen


def mean_loss(network: nn.Module, batch: Batch) -> Tensor:
    """Mean negative log-probability of the labels of judged turns."""
    return functional.nll_loss(network(batch).flatten(0, 1), batch.labels.flatten(), ignore_index=_UNJUDGED)


def _batches(talks: Sequence[Talk], size: int, draw: np.random.Generator) -> Iterator[list[Talk]]:
    """Talks of about one length together, in a new order each time."""
    lengths = np.array([len(talk.labels) for talk in talks]) + draw.random(len(talks)) * 2
    order = np.argsort(lengths)
    for start in draw.permutation(np.arange(0, len(talks), size)):
        yield [talks[row] for row in order[start : start + size]]


@torch.inference_mode()
def predict(network: nn.Module, talks: Sequence[Talk], batch: int = 64) -> list[Floats]:
    """What the network says of every turn of every talk, (turns, labels) each, in the order given."""
    network.eval()
    order = sorted(range(len(talks)), key=lambda row: len(talks[row].labels))
    found: dict[int, Floats] = {}
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        said = network(Batch.of([talks[row] for row in rows])).numpy()
        found |= {row: one[: len(talks[row].labels)] for row, one in zip(rows, said, strict=True)}
    return [found[row] for row in range(len(talks))]


def tuned(score: Score, gold: Ints, said: Sequence[Floats], neutral: int) -> tuple[float, float]:
    """The best score on development data and what has to be taken off the log-probability of neutral to reach it."""
    judged = gold >= 0
    tried = [(score(gold[judged], decided(said, neutral, bias)[judged]), -abs(bias), bias) for bias in _BIASES]
    return max(tried)[0], max(tried)[2]


def decided(said: Sequence[Floats], neutral: int, bias: float) -> Ints:
    """The label number of every turn, one talk after the other."""
    scores = np.concatenate(said)
    scores[:, neutral] -= bias
    return scores.argmax(1)


def labels(talks: Sequence[Talk]) -> Ints:
    """The labels of all turns, one talk after the other."""
    return np.concatenate([talk.labels for talk in talks])


def groups(talks: Sequence[Talk]) -> Ints:
    """The number of its talk for every turn, for intervals that draw whole talks."""
    return np.repeat(np.arange(len(talks)), [len(talk.labels) for talk in talks])
