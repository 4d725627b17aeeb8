"""One fit loop for every text head: batches of similar length, one task a batch, bfloat16 where the processor has it.

A task is texts as token ids with a target matrix; NaN marks what its raters did not say and costs nothing. Many-of
heads learn with binary cross entropy, one-of heads with cross entropy, dimensional heads with squared error on
standardised targets (the standardisation is folded back into the head's weights when it is saved).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .encoder import Reader


@dataclass(frozen=True)
class Task:
    """Texts as token ids and, per head they teach, a matrix (texts, labels of the head)."""

    tokens: Sequence[Sequence[int]]
    targets: Mapping[str, NDArray[np.float32]]
    epochs: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: the learning rate rises for `warmup` of all steps, then falls linearly to zero.

    Heads start from nothing and learn faster than the pretrained encoder; at its pace rare labels are never learnt.
    """

    learning_rate: float = 8e-5
    head_learning_rate: float = 2e-3
    batch: int = 32
    warmup: float = 0.06
    weight_decay: float = 0.01
    seed: int = 0


def fit(
    reader: Reader,
    kinds: Mapping[str, str],
    tasks: Sequence[Task],
    schedule: Schedule,
    progress: Callable[[int, int, float], None] | None = None,
) -> Reader:
    """Train every parameter that still requires a gradient; returns the reader, in evaluation mode.

    `kinds` says of each head whether it is "many-of", "one-of" or "dimensional".
    """
    torch.manual_seed(schedule.seed)
    plan = list(batches(tasks, schedule))
    body = [p for p in reader.encoder.parameters() if p.requires_grad]
    heads = list(reader.heads.parameters())
    groups = [{"params": body, "lr": schedule.learning_rate}, {"params": heads, "lr": schedule.head_learning_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=schedule.weight_decay, fused=True)
    ramp = torch.optim.lr_scheduler.LambdaLR(optimiser, linear(len(plan), schedule.warmup))
    start_at_base_rates(reader, tasks, kinds)
    reader.train()
    mean = 0.0
    for step, (task, rows) in enumerate(plan):
        ids, mask = pad([task.tokens[row] for row in rows])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bfloat16()):
            scores = reader(ids, mask)
        losses = [
            head_loss(scores[head].float(), torch.from_numpy(targets[rows]), kinds[head])
            for head, targets in task.targets.items()
        ]
        loss = task.weight * torch.stack(losses).sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
        optimiser.step()
        ramp.step()
        mean += (loss.item() - mean) / min(step + 1, 200)
        if progress:
            progress(step + 1, len(plan), mean)
    return reader.eval()


@torch.no_grad()
def start_at_base_rates(reader: Reader, tasks: Sequence[Task], kinds: Mapping[str, str]) -> None:
    """Set each many-of head's bias to the log-odds of its labels, so that the first steps are not spent on them."""
    for head in {head for task in tasks for head in task.targets if kinds[head] == "many-of"}:
        targets = np.concatenate([task.targets[head] for task in tasks if head in task.targets])
        rate = torch.from_numpy(np.nanmean(targets, axis=0)).clamp(1e-4, 1 - 1e-4)
        layer = reader.heads[head]
        assert isinstance(layer, torch.nn.Linear)
        layer.bias.copy_(rate.logit())


def head_loss(scores: Tensor, targets: Tensor, kind: str) -> Tensor:
    """Loss per text, summed over its labels; a label nobody judged costs nothing."""
    known = ~targets.isnan()
    if kind == "one-of":
        rows = known.all(1)
        return -(functional.log_softmax(scores[rows], 1) * targets[rows]).sum() / max(int(rows.sum()), 1)
    if kind == "many-of":
        each = functional.binary_cross_entropy_with_logits(scores[known], targets[known], reduction="sum")
    else:
        each = ((scores[known] - targets[known]) ** 2).sum()
    return each / max(int(known.any(1).sum()), 1)


def batches(tasks: Sequence[Task], schedule: Schedule) -> Iterator[tuple[Task, NDArray[np.int64]]]:
    """All batches of a run in their order: within a task of similar length, between tasks well mixed."""
    shuffle = random.Random(schedule.seed)
    plan: list[tuple[float, Task, NDArray[np.int64]]] = []
    for task in tasks:
        mine: list[NDArray[np.int64]] = []
        for epoch in range(math.ceil(task.epochs)):
            rows = list(range(len(task.tokens)))
            shuffle.shuffle(rows)
            rows = rows[: int(len(rows) * min(1.0, task.epochs - epoch))]
            mine += _similar_length(rows, task.tokens, schedule.batch, shuffle)
        # the k-th of n batches stands near k/n of the run, so every task is heard all the way through
        plan += [((k + shuffle.random()) / len(mine), task, rows) for k, rows in enumerate(mine)]
    plan.sort(key=lambda entry: entry[0])
    for _, task, rows in plan:
        yield task, rows


def _similar_length(
    rows: list[int], tokens: Sequence[Sequence[int]], batch: int, shuffle: random.Random
) -> list[NDArray[np.int64]]:
    out: list[NDArray[np.int64]] = []
    for start in range(0, len(rows), batch * 50):
        pool = sorted(rows[start : start + batch * 50], key=lambda row: len(tokens[row]))
        chunks = [np.array(pool[i : i + batch]) for i in range(0, len(pool), batch)]
        shuffle.shuffle(chunks)
        out += chunks
    return out


def pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token id lists -> (ids, mask), both (batch, longest) of int64."""
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask


def linear(steps: int, warmup: float) -> Callable[[int], float]:
    rising = max(1, int(steps * warmup))
    return lambda step: min((step + 1) / rising, max(0.0, (steps - step) / max(1, steps - rising)))


def has_bfloat16() -> bool:
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()  # pyright: ignore
