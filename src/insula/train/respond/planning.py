"""Learn what a supporter does next: the recurrent network of `respond.planner`, on talks as rows (torch).

table = fit_plan(train, dev)          # both: (rows with gold strategies used, rows with tagged ones, gold of the next)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from insula.respond.talk import STRATEGIES, Talk

Array = NDArray[np.floating]
Table = dict[str, Array]
HIDDEN, STATES, HEADS, DROPOUT = 96, 64, 24, 0.4
EPOCHS, BATCH, RATE, DECAY, SMOOTHING = 12, 24, 2e-3, 0.02, 0.05
WITHOUT_STATE = 0.15  # share of talks that are learnt without the person's state, so that it can be left out
TAGGED = 0.5  # share of talks that are learnt with tagged strategies in place of gold ones
NONE = -1


@dataclass(frozen=True)
class Lesson:
    """A talk with the strategies a tagger reads, those by gold (n, 8), and the number of the next one, or NONE."""

    talk: Talk
    gold: Array
    next: NDArray[np.intp]


class Network(nn.Module):
    """`respond.plan.next_strategy` in torch; the calibration is fitted after."""

    def __init__(self, states: int, heads: int, facts: int) -> None:
        super().__init__()
        self.states, self.heads = nn.Linear(states, STATES), nn.Linear(heads, HEADS)
        self.gru = nn.GRU(STATES + HEADS + facts, HIDDEN, batch_first=True)
        self.next = nn.Linear(HIDDEN, len(STRATEGIES), bias=False)
        self.skip = nn.Linear(STATES + HEADS + facts, len(STRATEGIES))
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, heads: Tensor, facts: Tensor) -> Tensor:
        """(talks, turns, ...) each -> logits (talks, turns, 8)."""
        said, felt = (torch.tanh(one(self.drop(x))) for one, x in ((self.states, states), (self.heads, heads)))
        inputs = self.drop(torch.cat([said, felt, facts], -1))
        return self.next(self.drop(self.gru(inputs)[0])) + self.skip(inputs)


def fit_plan(train: Sequence[Lesson], dev: Sequence[Lesson], seed: int = 0) -> Table:
    """The planner's arrays: of the pass that is likeliest on dev, and calibrated there (Guo et al. 2017)."""
    torch.manual_seed(seed)
    draws = np.random.default_rng(seed)
    scaling = _scaling(train)
    network = Network(train[0].talk.states.shape[1], train[0].talk.heads.shape[1], train[0].talk.facts.shape[1])
    steps = EPOCHS * -(-len(train) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    best: tuple[float, dict[str, Tensor]] = (np.inf, {})
    for _ in range(EPOCHS):
        _pass(network, [train[k] for k in draws.permutation(len(train))], scaling, optimiser, schedule, draws)
        loss = likelihood(logits(network, dev, scaling), _targets(dev))
        if loss < best[0]:
            best = loss, {name: one.clone() for name, one in network.state_dict().items()}
    network.load_state_dict(best[1])
    return _table(network, scaling, dev, train)


def _pass(
    network: Network, lessons: Sequence[Lesson], scaling: Table, optimiser: Any, schedule: Any, draws: Any
) -> None:
    network.train()
    for start in range(0, len(lessons), BATCH):
        some = lessons[start : start + BATCH]
        inputs, targets = _batch(some, scaling, draws)
        scores = network(*inputs)
        asked = targets != NONE
        loss = nn.functional.cross_entropy(scores[asked], targets[asked], label_smoothing=SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()


def logits(network: Network, lessons: Sequence[Lesson], scaling: Table) -> Tensor:
    """After every turn that a supporter's follows: (turns, 8), with tagged strategies."""
    network.eval()
    found: list[Tensor] = []
    with torch.no_grad():
        for start in range(0, len(lessons), BATCH):
            inputs, targets = _batch(lessons[start : start + BATCH], scaling, None)
            found.append(network(*inputs)[targets != NONE])
    return torch.cat(found)


def likelihood(scores: Tensor, targets: Tensor) -> float:
    """Mean negative log-likelihood."""
    return float(nn.functional.cross_entropy(scores, targets))


def _targets(lessons: Sequence[Lesson]) -> Tensor:
    return torch.tensor(np.concatenate([one.next[one.next != NONE] for one in lessons]))


def _batch(lessons: Sequence[Lesson], scaling: Table, draws: Any) -> tuple[list[Tensor], Tensor]:
    """Padded rows and targets; with `draws` some talks lose the person's state, and some have gold strategies."""
    rows: list[tuple[Array, Array, Array]] = []
    for one in lessons:
        gold = draws is not None and draws.random() > TAGGED
        facts = (one.talk.with_used(one.gold) if gold else one.talk).facts
        states = (one.talk.states - scaling["states_mean"]) / scaling["states_spread"]
        heads = (one.talk.heads - scaling["heads_mean"]) / scaling["heads_spread"]
        rows.append((states, heads * (draws is None or draws.random() > WITHOUT_STATE), facts))
    parts = zip(*rows, strict=True)
    padded = [nn.utils.rnn.pad_sequence([torch.tensor(x) for x in part], True).float() for part in parts]
    targets = [torch.tensor(one.next) for one in lessons]
    return padded, nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=NONE)


def _scaling(lessons: Sequence[Lesson]) -> Table:
    found: Table = {}
    for name in ("states", "heads"):
        every = np.concatenate([getattr(one.talk, name) for one in lessons])
        found |= {f"{name}_mean": every.mean(0), f"{name}_spread": every.std(0) + 1e-6}
    return found


def _table(network: Network, scaling: Table, dev: Sequence[Lesson], train: Sequence[Lesson]) -> Table:
    def array(weight: Any) -> Array:
        return weight.detach().numpy().T.copy()

    slope, intercept = _calibration(logits(network, dev, scaling), _targets(dev))
    counts = np.bincount(_targets(train).numpy(), minlength=len(STRATEGIES))
    return {
        **scaling,
        **{f"{name}": array(getattr(network, name).weight) for name in ("states", "heads", "next", "skip")},
        **{f"{name}_bias": array(getattr(network, name).bias) for name in ("states", "heads", "skip")},
        "gru_in": array(network.gru.weight_ih_l0),
        "gru_out": array(network.gru.weight_hh_l0),
        "gru_in_bias": array(network.gru.bias_ih_l0),
        "gru_out_bias": array(network.gru.bias_hh_l0),
        "slope": slope,
        "intercept": intercept,
        "rates": (counts / counts.sum()).astype(np.float32),
    }


def _calibration(scores: Tensor, targets: Tensor) -> tuple[Array, Array]:
    """One temperature, as a slope, and an intercept per strategy, by the likelihood on dev."""
    slope, intercept = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(scores.shape[1]))
    optimiser = torch.optim.LBFGS([slope, intercept], max_iter=50)

    def closure() -> Tensor:
        optimiser.zero_grad()
        held = 1e-3 * (intercept**2).sum()
        loss = nn.functional.cross_entropy(scores * slope + intercept, targets) + held
        loss.backward()
        return loss

    optimiser.step(closure)  # pyright: ignore[reportArgumentType]
    return slope.detach().numpy(), intercept.detach().numpy()
