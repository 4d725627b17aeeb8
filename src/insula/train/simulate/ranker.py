"""Which reply was given to these words: two projections, learnt by telling it from the replies given elsewhere.

    fit_ranker(every_state(train), every_state(dev)) -> weights of `insula.simulate.appraise.fit`

The loss is that of contrastive predictive coding (van den Oord et al. 2018, arXiv:1807.03748) within a batch; the
calibration to a probability is Platt's (1999), on development talks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, dropout

from insula.network.dialogue import Dialogue
from insula.simulate.appraise import Met, fit, states

Array = NDArray[np.float32]
States = tuple[Array, Array]
WIDTH = 16
EPOCHS = 12
BATCH = 128
CHUNK = 200


def fit_ranker(train: States, dev: States, seed: int = 0) -> dict[str, Array]:
    """Weights of the ranker from the states of train's exchanges, calibrated on those of dev."""
    torch.manual_seed(seed)
    context, reply = train
    table = {"context_mean": context.mean(0), "context_spread": context.std(0) + 1e-6}
    table |= {"reply_mean": reply.mean(0), "reply_spread": reply.std(0) + 1e-6}
    left, right = (torch.nn.Linear(size, WIDTH) for size in (context.shape[1], reply.shape[1]))
    scaled = [
        torch.tensor((x - table[f"{n}_mean"]) / table[f"{n}_spread"])
        for n, x in (("context", context), ("reply", reply))
    ]
    rate = torch.optim.AdamW([*left.parameters(), *right.parameters()], lr=2e-3, weight_decay=0.3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(context)).split(BATCH):
            near = left(dropout(scaled[0][rows], 0.2)) @ right(dropout(scaled[1][rows], 0.2)).T
            own = torch.arange(len(rows))
            loss = cross_entropy(near, own) + cross_entropy(near.T, own)
            rate.zero_grad()
            loss.backward()  # pyright: ignore[reportUnknownMemberType]
            rate.step()
    for name, one in (("context", left), ("reply", right)):
        table |= {name: one.weight.detach().numpy().T.copy(), f"{name}_bias": one.bias.detach().numpy().copy()}
    table["calibration"] = calibrated(table, dev)
    return {name: np.ascontiguousarray(one, np.float32) for name, one in table.items()}


def every_state(exchanges: Sequence[Met]) -> States:
    """States of contexts and replies, some at a time."""
    network = Dialogue.open()
    found = [states(network, exchanges[start : start + CHUNK]) for start in range(0, len(exchanges), CHUNK)]
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


def scores(table: dict[str, Array], context: Array, reply: Array) -> Array:
    """Raw scores before calibration (n,)."""
    left = (context - table["context_mean"]) / table["context_spread"] @ table["context"] + table["context_bias"]
    right = (reply - table["reply_mean"]) / table["reply_spread"] @ table["reply"] + table["reply_bias"]
    return (left * right).sum(1)


def calibrated(table: dict[str, Array], dev: States) -> Array:
    """Slope and intercept that make scores of true and of exchanged replies of dev probabilities."""
    from sklearn.linear_model import LogisticRegression

    context, reply = dev
    other = reply[np.random.default_rng(0).permutation(len(reply))]
    found = np.concatenate([scores(table, context, reply), scores(table, context, other)])
    true = np.repeat([1, 0], len(reply))
    model = LogisticRegression(C=1e6).fit(found[:, None], true)
    return np.array([model.coef_[0, 0], model.intercept_[0]], np.float32)


def unseen(train: States, dev: States) -> Array:
    """How much each reply of train fits (n,), told by a ranker of the other half: its own it knows too well."""
    middle = len(train[0]) // 2
    first, second = ((part[:middle], part[middle:]) for part in train)
    halves = [(first[0], second[0]), (first[1], second[1])]
    found = [fit(fit_ranker(one, dev), *other) for one, other in (halves, halves[::-1])]
    return np.concatenate(found[::-1])
