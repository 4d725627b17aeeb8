"""Export the fitted dialogue network and choose, on development data, all that is chosen: calibration, thresholds.

What is measured is what runs: every figure comes from the exported int8 network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from insula.network.calibrate import Head
from insula.network.dialogue import Dialogue, Heard
from insula.network.text import Trunk, digest
from insula.scheme import scheme

from ..calibration import Labels, Objective, calibrate, platt, quality_of, quick_f1, threshold
from ..card import write_card
from ..export import measure
from .export import export
from .fit import collate, outputs, states
from .lessons import Lesson, Recipe, Task, task
from .reader import MECHANISMS, Reader

Array = NDArray[np.float32]
TARGET = "insula.perceive.dialogue.encoder:DialogueEncoder"
CHUNK = 256
SAMPLE = 800  # exchanges that activation ranges and novelty are measured on


def finish(plan: Recipe, reader: Reader, tasks: Sequence[Task], out: Path) -> Path:
    """Write `dialogue.onnx`, its `.json` and its card; returns the path of the `.json`."""
    reader = reader.eval()
    trunk = out / f"{plan.start}.trunk.onnx"
    sample = _sample(tasks)
    memory = states([sample], Trunk(trunk, 2))
    batches = [collate(sample.exchanges[k : k + 16], memory) for k in range(0, len(sample.exchanges), 16)]
    measured = measure(reader.layers, ((b["mask"], partial(reader.encode, b)) for b in batches))
    top = out / "dialogue.onnx"
    heads = list(plan.schemes())
    export(reader, measured, heads, novelty(reader, batches), top)
    record = {
        "name": "dialogue",
        "summary": plan.summary,
        "licence": plan.licence,
        "commercial_ok": False,
        "trunk": trunk.name,
        "top": top.name,
        "tokenizer": f"{plan.start}.tokenizer.json",
        "revision": digest(trunk, top),
        "novelty_limit": 1e9,
        "cause": [1.0, 0.0, 0.5],
        "rationale": [[1.0, 0.0, 0.5]] * len(MECHANISMS),
        "heads": {},
    }
    path = out / "dialogue.json"
    _write(record, path)
    found, quality = choose(plan, Dialogue(out, "dialogue", 2))
    record |= found
    _write(record, path)
    heard = [replace(lesson, epochs=lesson.epochs + lesson.again) for lesson in plan.lessons]
    write_card(record, heard, f"{plan.start}, its trunk kept", quality, out, TARGET)
    return path


def choose(plan: Recipe, network: Dialogue) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Calibrated heads, causes, rationales and the novelty limit, and how good they are on development data."""
    read = [_read(lesson, network) for lesson in plan.lessons]
    heads: dict[str, Any] = {}
    quality: list[dict[str, Any]] = []
    column = 0
    for head, kind in plan.schemes().items():
        columns = (column, column := column + outputs(kind))
        raw, goal = _pooled(head, read)
        fitted = calibrate(kind, columns, raw, goal, _objective(plan, head))
        heads[head] = asdict(fitted)
        quality.append({"scheme": head, **_quality(fitted, raw, goal)})
    causes = [found for found in read if found.task.lesson.causes]
    rationales = [found for found in read if found.task.lesson.rationales]
    cause, figures = _causes(causes)
    novel = [one.novelty for found in read for one in found.heard]
    record = {
        "heads": heads,
        "cause": cause,
        "rationale": _rationales(rationales),
        "novelty_limit": round(float(np.quantile(novel, 0.999)), 3),
    }
    return record, [*quality, figures]


class _Read:
    """The development split of a lesson with what the network says of it."""

    def __init__(self, task: Task, heard: list[Heard]) -> None:
        self.task, self.heard = task, heard
        self.raw = np.stack([one.raw for one in heard])


def _read(lesson: Lesson, network: Dialogue) -> _Read:
    found = task(lesson, "dev", network.tokenizer)
    starts = range(0, len(found.exchanges), CHUNK)
    return _Read(found, [one for k in starts for one in network.run(found.exchanges[k : k + CHUNK])])


def _pooled(head: str, read: Iterable[_Read]) -> tuple[Array, Array]:
    """Raw scores and targets of every corpus that teaches a head, each corpus with equally many turns at most."""
    mine = [(one.raw, one.task.targets[head]) for one in read if head in one.task.targets]
    mine = [(raw[known], goal[known]) for raw, goal in mine if (known := ~np.isnan(goal).all(1)).any()]
    most = min(len(raw) for raw, _ in mine) if len(mine) > 1 else len(mine[0][0])
    draw = np.random.default_rng(0)
    kept = [(raw[rows], goal[rows]) for raw, goal in mine for rows in [draw.permutation(len(raw))[: 2 * most]]]
    return np.concatenate([raw for raw, _ in kept]), np.concatenate([goal for _, goal in kept])


def _objective(plan: Recipe, head: str) -> Objective | None:
    """What the decisions of a head should make large, as the recipe says."""
    name = plan.decide.get(head)
    return None if name is None else _OBJECTIVES[name](scheme(plan.schemes()[head]).labels)


def _weighted(_: Sequence[str]) -> Objective:
    return lambda truth, decided: quick_f1(truth, decided, "weighted")


def _weighted_and_macro(_: Sequence[str]) -> Objective:
    return lambda truth, decided: quick_f1(truth, decided, "weighted") + quick_f1(truth, decided, "macro")


def _micro_of_named(labels: Sequence[str]) -> Objective:
    """Micro-F1 of every label but the one that says there is nothing to name."""
    rest = {k for k, label in enumerate(labels) if label in ("neutral", "others")}

    def objective(truth: Labels, decided: Labels) -> float:
        named, said = ~np.isin(truth, list(rest)), ~np.isin(decided, list(rest))
        return float(2 * ((truth == decided) & named).sum() / max(named.sum() + said.sum(), 1))

    return objective


_OBJECTIVES: Mapping[str, Callable[[Sequence[str]], Objective]] = {
    "weighted-f1": _weighted,
    "weighted-and-macro-f1": _weighted_and_macro,
    "micro-f1-without-neutral": _micro_of_named,
}


def _quality(head: Head, raw: Array, goal: Array) -> dict[str, float]:
    if head.kind.kind == "ordinal":
        levels = np.round(head.calibrated(raw)).astype(int)
        found = [quick_f1(goal[:, k].astype(int), levels[:, k], "macro") for k in range(levels.shape[1])]
        return {f"macro-F1 {label}": round(f1, 4) for label, f1 in zip(head.kind.labels, found, strict=True)}
    return quality_of(head, raw, goal)


def _causes(read: Sequence[_Read]) -> tuple[list[float], dict[str, Any]]:
    """Slope, intercept and threshold of the causes of a turn, over all pairs of development data."""
    pairs = [
        (float(heard.cause[k]), cause)
        for one in read
        for heard, causes in zip(one.heard, one.task.causes, strict=True)
        for k, cause in enumerate(causes)
        if not np.isnan(cause)
    ]
    scores, goal = np.array(pairs, np.float32).T
    raw = np.log(scores / (1 - scores))
    slope, intercept = platt(raw, goal)
    sure = 1 / (1 + np.exp(-(slope * raw + intercept)))
    limit = threshold(sure, goal > 0.5)
    f1 = f1_score(goal > 0.5, sure >= limit)
    return [slope, intercept, limit], {"scheme": "cause", "F1 of pairs within reach": round(float(f1), 4)}


def _rationales(read: Sequence[_Read]) -> list[list[float]]:
    """The same per mechanism, over the words of replies."""
    found: list[list[float]] = []
    for mechanism in range(len(MECHANISMS)):
        raw: list[Array] = []
        goal: list[Array] = []
        for one in read:
            for heard, spans in zip(one.heard, one.task.rationales, strict=True):
                scores = heard.rationale_of(mechanism)
                raw.append(scores)
                goal.append(np.zeros(len(scores), np.float32))
                for index, first, last in spans:
                    if index == mechanism:
                        goal[-1][first : last + 1] = 1.0
        scores, goals = np.concatenate(raw), np.concatenate(goal)
        slope, intercept = platt(scores, goals)
        sure = (1 / (1 + np.exp(-(slope * scores + intercept)))).astype(np.float32)
        found.append([slope, intercept, threshold(sure, goals > 0.5, rounds=10)])
    return found


@torch.inference_mode()
def novelty(reader: Reader, batches: Sequence[Mapping[str, Any]]) -> tuple[Array, Array]:
    """Mean (384) and whitening (384, 384) of the turns' own states (Lee et al. 2018, Mahalanobis)."""
    own = torch.cat([reader.encode(dict(batch))[1][:, 0] for batch in batches]).numpy()
    mean = own.mean(0)
    covariance = np.cov(own - mean, rowvar=False)
    values, vectors = np.linalg.eigh(covariance + np.eye(len(mean)) * covariance.trace() / len(mean) * 0.01)
    return mean.astype(np.float32), (vectors / np.sqrt(values)).astype(np.float32)


def _sample(tasks: Sequence[Task]) -> Task:
    """Exchanges from every corpus, as one task without targets."""
    each = SAMPLE // len(tasks)
    exchanges = [one for task in tasks for one in list(task.exchanges)[:: max(1, len(task.exchanges) // each)][:each]]
    exchanges.sort(key=lambda said: sum(len(one.words.ids) for one in said))
    return Task(tasks[0].lesson, exchanges, {}, (), (), ())


def _write(record: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(record, indent=1), encoding="utf-8")
