"""What is made of many people's votes on one item: majority, plurality, or everything; and training on each.

    votes int (items, labels) -> kept(votes, "majority") (items,) bool, target(votes, "all-inclusive") (items, labels)

Majority keeps items on which more than half agree, plurality those with one label ahead of all others; both throw away
the other items and the other votes. The all-inclusive rule (Chou 2024) keeps every vote of every item: the target is
the share of votes, and a label counts as there from a share of 1 / labels on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]
RULES = ("majority", "plurality", "all-inclusive")
HIDDEN, EPOCHS, BATCH = 128, 12, 128
PENALTY = 1.0


def shares(votes: Array) -> Array:
    """The share of each item's votes for each label."""
    return votes / np.maximum(votes.sum(1, keepdims=True), 1)


def kept(votes: Array, rule: str) -> NDArray[np.bool_]:
    """Which items a rule keeps."""
    ordered = np.sort(votes, 1)
    if rule == "majority":
        return 2 * ordered[:, -1] > votes.sum(1)
    return ordered[:, -1] > ordered[:, -2] if rule == "plurality" else votes.sum(1) > 0


def used(votes: Array, rule: str) -> Array:
    """How many of each item's votes go into the target: none where it is dropped, else the winner's, else all."""
    count = votes.sum(1) if rule == "all-inclusive" else votes.max(1)
    return np.where(kept(votes, rule), count, 0)


def target(votes: Array, rule: str) -> Array:
    """What is learned: one label, or the shares."""
    if rule == "all-inclusive":
        return shares(votes)
    return (votes == votes.max(1, keepdims=True)).astype(float)


def there(given: Array) -> NDArray[np.bool_]:
    """Labels that hold at least 1 / labels of an item's shares."""
    return given >= 1 / given.shape[1] - 1e-9


def unlikely(votes: Array) -> Array:
    """How unlikely two labels are to be given to one item, 0 (as often as the rarer one alone) to 1 (never)."""
    given = (votes > 0).astype(float)
    together = given.T @ given
    alone = np.minimum.outer(given.sum(0), given.sum(0))
    found = 1 - together / np.maximum(alone, 1)
    np.fill_diagonal(found, 0.0)
    return found


def learned(
    features: Array, votes: Array, rule: str, test: Array, *, penalty: Array | None = None, seed: int = 0
) -> Array:
    """Shares predicted for `test` (items, labels) by a network of one hidden layer, trained on what the rule keeps.

    `penalty` (labels, labels) adds to the loss how much of each prediction lies on two labels that are unlikely
    together (after Chou et al. 2022, Interspeech).
    """
    torch.manual_seed(seed)
    rows = kept(votes, rule)
    x, y = (torch.tensor(one[rows], dtype=torch.float32) for one in (features, target(votes, rule)))
    cost = None if penalty is None else torch.tensor(penalty, dtype=torch.float32)
    net = torch.nn.Sequential(
        *(torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.ReLU()),
        *(torch.nn.Dropout(0.3), torch.nn.Linear(HIDDEN, y.shape[1])),
    )
    adam = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            logs = net(x[batch]).log_softmax(-1)
            loss = -(y[batch] * logs).sum(-1).mean()
            if cost is not None:
                said = logs.exp()
                loss = loss + PENALTY * torch.einsum("nl,lm,nm->n", said, cost, said).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
    net.eval()
    with torch.no_grad():
        return net(torch.tensor(test, dtype=torch.float32)).softmax(-1).numpy()


def learned_by_rater(
    features: Array, items: Array, raters: Array, labels: Array, test: Array, *, seed: int = 0
) -> tuple[Array, Array]:
    """(raters, test items, labels) from a head per rater on a shared layer, and (test items, labels) from one head.

    One row of `items`, `raters` and `labels` is one person's rating of one item.
    """
    torch.manual_seed(seed)
    count, classes = int(raters.max()) + 1, int(labels.max()) + 1
    x = torch.tensor(features, dtype=torch.float32)
    rows, who, said = (torch.tensor(one, dtype=torch.long) for one in (items, raters, labels))
    trunk = torch.nn.Sequential(torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(0.3))
    everyone = torch.nn.Linear(HIDDEN, classes)
    own = torch.nn.Embedding(count, (HIDDEN + 1) * classes)
    torch.nn.init.zeros_(own.weight)

    def heads(hidden: torch.Tensor, one: torch.Tensor) -> torch.Tensor:
        weight = own(one).view(-1, HIDDEN + 1, classes)
        return everyone(hidden) + torch.einsum("nh,nhc->nc", hidden, weight[:, :HIDDEN]) + weight[:, HIDDEN]

    common = [*trunk.parameters(), *everyone.parameters()]
    adam = torch.optim.AdamW(
        [{"params": common, "weight_decay": 1e-2}, {"params": own.parameters(), "weight_decay": 0.3}], 2e-3
    )
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(rows)).split(BATCH):
            hidden = trunk(x[rows[batch]])
            loss = torch.nn.functional.cross_entropy(heads(hidden, who[batch]), said[batch])
            loss = loss + torch.nn.functional.cross_entropy(everyone(hidden), said[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
    trunk.eval()
    with torch.no_grad():
        hidden = trunk(torch.tensor(test, dtype=torch.float32))
        each = [heads(hidden, torch.full((len(hidden),), one)).softmax(-1).numpy() for one in range(count)]
        return np.array(each), everyone(hidden).softmax(-1).numpy()
