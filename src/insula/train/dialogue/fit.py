"""Fit the dialogue network: batches of similar length, one corpus a batch, on states of the frozen trunk.

The trunk's states are computed once, by the int8 graph that will run, so that what is learnt fits what is served.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from insula.network.exchange import REACH, Exchange
from insula.network.text import FIRST, LAST, Trunk
from insula.scheme import scheme

from ..encoder import WIDTH
from ..fit import Schedule, has_bfloat16, head_loss, linear
from .lessons import Task
from .reader import MECHANISMS, Reader

Half = NDArray[np.float16]
Progress = Callable[[int, int, float], None]


def states(tasks: Iterable[Task], trunk: Trunk, progress: Progress | None = None) -> dict[tuple[int, ...], Half]:
    """Token ids of every turn that is read -> its states after the trunk, (tokens + 2, 384) of float16."""
    ids = {one.words.ids for task in tasks for said in task.exchanges for one in said}
    ordered = sorted(ids, key=len)
    found: dict[tuple[int, ...], Half] = {}
    start = 0
    while start < len(ordered):
        length = len(ordered[start])
        stop = start
        while stop < len(ordered) and stop - start < 64 and len(ordered[stop]) == length:
            stop += 1
        rows = np.array([(FIRST, *row, LAST) for row in ordered[start:stop]], np.int32)
        hidden = trunk.run(rows, np.ones_like(rows)).astype(np.float16)
        found.update(zip(ordered[start:stop], hidden, strict=True))
        start = stop
        if progress:
            progress(start, len(ordered), 0.0)
    return found


def collate(exchanges: Sequence[Exchange], memory: Mapping[tuple[int, ...], Half]) -> dict[str, Tensor]:
    """Exchanges -> the inputs of `Reader`."""
    size, turns = len(exchanges), REACH + 1
    longest = max(sum(len(one.words.ids) + 2 for one in said) for said in exchanges)
    hidden = np.zeros((size, longest, WIDTH), np.float16)
    mask, place = np.zeros((size, longest), np.int64), np.zeros((size, longest), np.int64)
    distance, same, other = (np.zeros((size, turns), np.int64) for _ in range(3))
    for row, said in enumerate(exchanges):
        start = 0
        for entry, one in enumerate(said):
            found = memory[one.words.ids]
            stop = start + len(found)
            hidden[row, start:stop], mask[row, start:stop], place[row, start:stop] = found, 1, entry
            distance[row, entry] = one.distance
            if entry:
                (same if one.same else other)[row, entry] = 1
            start = stop
    arrays = {"mask": mask, "place": place, "distance": distance, "same": same, "other": other}
    return {"hidden": torch.from_numpy(hidden).float(), **{k: torch.from_numpy(v) for k, v in arrays.items()}}


def fit(
    reader: Reader,
    kinds: Mapping[str, str],
    tasks: Sequence[Task],
    memory: Mapping[tuple[int, ...], Half],
    schedule: Schedule,
    progress: Progress | None = None,
) -> Reader:
    """Train the reader; `kinds` says of each head how it is learnt (one-of, many-of, ordinal, dimensional)."""
    torch.manual_seed(schedule.seed)
    plan = list(_plan(tasks, schedule))
    body = list(reader.layers.parameters())
    known = {id(parameter) for parameter in body}
    heads = [parameter for parameter in reader.parameters() if id(parameter) not in known]
    groups = [{"params": body, "lr": schedule.learning_rate}, {"params": heads, "lr": schedule.head_learning_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=schedule.weight_decay, fused=True)
    ramp = torch.optim.lr_scheduler.LambdaLR(optimiser, linear(len(plan), schedule.warmup))
    reader.train()
    mean = 0.0
    for step, (task, rows) in enumerate(plan):
        batch = collate([task.exchanges[row] for row in rows], memory)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bfloat16()):
            found = reader(batch)
        loss = task.lesson.weight * losses({k: v.float() for k, v in found.items()}, task, rows, batch, kinds)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*body, *heads], 1.0)
        optimiser.step()
        ramp.step()
        mean += (loss.item() - mean) / min(step + 1, 200)
        if progress:
            progress(step + 1, len(plan), mean)
    return reader.eval()


def losses(
    found: Mapping[str, Tensor],
    task: Task,
    rows: Sequence[int],
    batch: Mapping[str, Tensor],
    kinds: Mapping[str, str],
) -> Tensor:
    """All that a batch teaches: its heads, and the causes and rationales where its corpus marks them."""
    total = torch.zeros(())
    for head, goals in task.targets.items():
        goal = torch.from_numpy(goals[list(rows)])
        if kinds[head] == "ordinal":
            goal = cumulative(goal)
        elif head in task.rarity:
            goal = goal * torch.from_numpy(task.rarity[head])
        kind = {"ordinal": "many-of"}.get(kinds[head], kinds[head])
        total = total + head_loss(found[head.replace(".", "_")], goal, kind)
    if task.lesson.causes:
        total = total + _cause_loss(found, task, rows, batch)
    if task.lesson.rationales:
        total = total + _rationale_loss(found["rationale"], task, rows, batch)
    return total


def cumulative(levels: Tensor) -> Tensor:
    """Levels (B, labels) of 0, 1, 2 -> (B, 2 labels): at least 1, at least 2 (Frank & Hall 2001)."""
    return torch.cat([torch.where(levels.isnan(), levels, (levels >= at).float()) for at in (1, 2)], 1)


def _cause_loss(found: Mapping[str, Tensor], task: Task, rows: Sequence[int], batch: Mapping[str, Tensor]) -> Tensor:
    goal = torch.full(found["cause"].shape, float("nan"))
    for row, index in enumerate(rows):
        causes = task.causes[index]
        goal[row, : len(causes)] = torch.tensor(causes)
    known = ~goal.isnan()
    if not known.any():
        return torch.zeros(())
    loss = functional.binary_cross_entropy_with_logits(found["cause"][known], goal[known])
    ends: list[Tensor] = []
    for row, index in enumerate(rows):
        for entry, first, last in task.spans[index]:
            tokens = ((batch["place"][row] == entry) & (batch["mask"][row] == 1)).nonzero().flatten()
            scores = functional.log_softmax(found["span"][row, tokens[1:-1]], 0)
            ends.append(-scores[first, 0] - scores[last, 1])
    return 2 * loss + (0.5 * torch.stack(ends).mean() if ends else 0.0)


def _rationale_loss(scores: Tensor, task: Task, rows: Sequence[int], batch: Mapping[str, Tensor]) -> Tensor:
    goal = torch.zeros_like(scores)
    for row, index in enumerate(rows):
        for mechanism, first, last in task.rationales[index]:
            goal[row, first + 1 : last + 2, mechanism] = 1.0
    here = (batch["place"] == 0) & (batch["mask"] == 1)
    return functional.binary_cross_entropy_with_logits(scores[here], goal[here]) * len(MECHANISMS)


@torch.no_grad()
def start_at_base_rates(reader: Reader, tasks: Sequence[Task], kinds: Mapping[str, str]) -> None:
    """Set the bias of each many-of and ordinal head to the log-odds of its labels."""
    for head in {head for task in tasks for head in task.targets if kinds[head] in ("many-of", "ordinal")}:
        goals = torch.from_numpy(np.concatenate([task.targets[head] for task in tasks if head in task.targets]))
        goals = cumulative(goals) if kinds[head] == "ordinal" else goals
        layer = reader.heads[head.replace(".", "_")]
        assert isinstance(layer, nn.Linear)
        layer.bias.copy_(goals.nanmean(0).clamp(1e-3, 1 - 1e-3).logit())


def outputs(name: str) -> int:
    """How many scores a head of this scheme has: one a label, two for an ordinal one."""
    kind = scheme(name)
    return len(kind.labels) * (2 if kind.kind == "ordinal" else 1)


def _plan(tasks: Sequence[Task], schedule: Schedule) -> Iterator[tuple[Task, list[int]]]:
    """All batches in their order: within a corpus of similar length, between corpora well mixed."""
    shuffle = random.Random(schedule.seed)
    plan: list[tuple[float, Task, list[int]]] = []
    for task in tasks:
        mine: list[list[int]] = []
        for epoch in range(math.ceil(task.lesson.epochs)):
            rows = _heard(task, shuffle)
            shuffle.shuffle(rows)
            rows = rows[: int(len(rows) * min(1.0, task.lesson.epochs - epoch))]
            mine += _similar_length(rows, task.exchanges, schedule.batch, shuffle)
        plan += [((k + shuffle.random()) / len(mine), task, rows) for k, rows in enumerate(mine)]
    plan.sort(key=lambda entry: entry[0])
    yield from ((task, rows) for _, task, rows in plan)


def _heard(task: Task, shuffle: random.Random) -> list[int]:
    """The rows of an epoch: every one but a share of those labelled neutral."""
    rows = range(len(task.exchanges))
    if task.lesson.neutral == 1:
        return list(rows)
    head, how = next(iter(task.lesson.schemes().items()))
    column = scheme(how).labels.index("neutral")
    neutral = task.targets[head][:, column] == 1
    return [row for row in rows if not neutral[row] or shuffle.random() < task.lesson.neutral]


def _similar_length(
    rows: list[int], exchanges: Sequence[Exchange], batch: int, shuffle: random.Random
) -> list[list[int]]:
    def length(row: int) -> int:
        return sum(len(one.words.ids) + 2 for one in exchanges[row])

    chunks: list[list[int]] = []
    for start in range(0, len(rows), batch * 50):
        pool = sorted(rows[start : start + batch * 50], key=length)
        chunks += [pool[i : i + batch] for i in range(0, len(pool), batch)]
    shuffle.shuffle(chunks)
    return chunks


def standardise(tasks: Sequence[Task], kinds: Mapping[str, str]) -> dict[str, tuple[Half, Half]]:
    """Bring dimensional targets to mean 0 and deviation 1, in place; returns what undoes it."""
    scales: dict[str, tuple[Half, Half]] = {}
    for head in (head for head, kind in kinds.items() if kind == "dimensional"):
        mine = [task.targets[head] for task in tasks if head in task.targets]
        values = np.concatenate(mine)
        mean, deviation = np.nanmean(values, 0), np.nanstd(values, 0)
        scales[head] = mean, deviation
        for goals in mine:
            goals[:] = (goals - mean) / deviation
    return scales


@torch.no_grad()
def unstandardise(reader: Reader, scales: Mapping[str, tuple[Half, Half]]) -> None:
    """Fold the standardisation into the heads, so that they speak in the scheme's own units."""
    for head, (mean, deviation) in scales.items():
        layer = reader.heads[head.replace(".", "_")]
        assert isinstance(layer, nn.Linear)
        layer.weight.mul_(torch.from_numpy(deviation)[:, None])
        layer.bias.mul_(torch.from_numpy(deviation)).add_(torch.from_numpy(mean))
