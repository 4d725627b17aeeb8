"""`insula train text --recipe NAME --out FOLDER`: from corpora to weights, a catalogue row and a card, in one run.

Fit (`fit.py`), export to int8 (`export.py`), then everything that is chosen (calibration, thresholds, label sets,
novelty limit) is fitted on development data with the exported network, so that what is measured is what runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from insula.network.text import Network, digest
from insula.network.windows import LONGEST, pieces_per_word, windows
from insula.scheme import scheme

from .calibration import calibrate, quality_of
from .card import write_card
from .encoder import Reader
from .export import export_top, export_trunk, measure
from .fit import Schedule, Task, fit, pad
from .recipe import Recipe, folded, recipe, targets, test_texts
from .tokens import PRETRAINED, SHA256, start

Array = NDArray[np.float32]
Progress = Callable[[int, int, float], None]


def train(name: str, out: Path, progress: Progress | None = None, threads: int = 2) -> Path:
    """Train a recipe into a folder; returns the path of the weights' `.json`, ready for `Encoder(weights=...)`.

    A recipe with a `start` begins from the checkpoint of another trained into the same folder, shares its trunk and
    changes only the layers above it.
    """
    plan = recipe(name)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    forbidden = test_texts(plan.lessons)
    data = {lesson.corpus: _without(forbidden, *targets(lesson, "train")) for lesson in plan.lessons}
    reader = Reader({head: len(scheme(kind).labels) for head, kind in plan.schemes().items()})
    tokenizer = _begin(plan, reader, [text for texts, _ in data.values() for text in texts], out)
    scales = standardise(plan, data)
    tasks = [
        Task(tokens(tokenizer, data[one.corpus][0]), data[one.corpus][1], one.epochs, one.weight)
        for one in plan.lessons
    ]
    kinds = {head: scheme(kind).kind for head, kind in plan.schemes().items()}
    fit(reader, kinds, tasks, Schedule(**plan.schedule), progress)
    unstandardise(reader, scales)
    save_file(reader.state_dict(), out / f"{plan.name}.safetensors")
    return finish(plan, reader, tasks, out)


def finish(plan: Recipe, reader: Reader, tasks: Sequence[Task], out: Path) -> Path:
    """Export, calibrate on development data, write the `.json` and the card."""
    sample = [row for task in tasks for row in list(task.tokens)[: 4000 // len(tasks)]]
    heard = _batches(sample[:: max(1, len(sample) // 800)])
    measured = measure(reader.encoder.layers, ((mask, partial(reader.encoder, ids, mask)) for ids, mask in heard))
    published = {head: plan.schemes()[head] for head in plan.publish}
    weight = torch.cat([reader.heads[head].weight for head in published]).detach().numpy()  # pyright: ignore
    bias = torch.cat([reader.heads[head].bias for head in published]).detach().numpy()  # pyright: ignore
    trunk = out / f"{plan.start or plan.name}.trunk.onnx"
    if not plan.start:
        export_trunk(reader.encoder, plan.shared_layers, measured, trunk)
    top = out / f"{plan.name}.onnx"
    away = novelty(reader, sample)
    export_top(reader.encoder, plan.shared_layers, measured, (weight, bias), away, top, plan.packed)
    record = {
        "name": plan.name,
        "summary": plan.summary,
        "licence": plan.licence,
        "commercial_ok": plan.commercial_ok,
        "trunk": trunk.name,
        "top": top.name,
        "tokenizer": f"{plan.start or plan.name}.tokenizer.json",
        "revision": digest(trunk, top),
        "novelty_limit": 1e9,
        "pieces_limit": 1e9,
        "heads": [],
    }
    path = out / f"{plan.name}.json"
    _write(record, path)
    heads, quality, limits = choose(plan, published, Network(out, plan.name, 1))
    record |= {**limits, "heads": heads}
    _write(record, path)
    grown = (
        f"{plan.start}, its first {plan.shared_layers} layers kept" if plan.start else f"{PRETRAINED}, sha256 {SHA256}"
    )
    write_card(record, plan.lessons, grown, quality, out)
    return path


def choose(
    plan: Recipe, published: dict[str, str], network: Network
) -> tuple[list[object], list[dict[str, object]], dict[str, float]]:
    """Calibrated heads, how good they are on development data, and the limits of what can be read, all from dev."""
    heads: list[object] = []
    quality: list[dict[str, object]] = []
    read = {lesson.corpus: targets(lesson, "dev") for lesson in plan.lessons}
    raw_of = {name: raw_scores(network, texts) for name, (texts, _) in read.items()}
    column = 0
    for head, kind in published.items():
        columns = (column, column := column + len(scheme(kind).labels))
        name = next(name for name, (_, goals) in read.items() if head in goals)
        goal, raw = read[name][1][head], raw_of[name][0]
        known = ~np.isnan(goal).all(1)
        fitted = calibrate(kind, columns, raw[known], goal[known])
        heads.append(asdict(fitted))
        quality.append({"scheme": kind, **quality_of(fitted, raw[known], goal[known])})
    distances = [distance for _, novel in raw_of.values() for distance in novel]
    cut = [windows(text, network.tokenizer) for texts, _ in read.values() for text in texts]
    pieces = [min(map(pieces_per_word, some)) for some in cut if some]
    return heads, quality, {"novelty_limit": _rare(distances, 0.001), "pieces_limit": _rare(pieces, 0.002)}


def _rare(values: Sequence[float], share: float) -> float:
    """What this share of the development texts exceeds."""
    return round(float(np.quantile(values, 1 - share)), 3)


def raw_scores(network: Network, texts: Sequence[str]) -> tuple[Array, list[float]]:
    """Raw scores (texts, columns), windows of long texts weighted by length as the component does, and novelties."""
    cut = [windows(text, network.tokenizer) for text in texts]
    readings = iter(network.run([window for some in cut for window in some]))
    rows, novel = [], []
    for some in cut:
        mine = [next(readings) for _ in some]
        lengths = np.array([len(window.ids) for window in some], np.float32)
        width = len(mine[0].raw) if mine else 1
        rows.append(
            (np.stack([r.raw for r in mine]) * lengths[:, None]).sum(0) / lengths.sum() if mine else np.zeros(width)
        )
        novel += [min(r.novelty for r in mine)] if mine else []
    width = max(map(len, rows))
    return np.stack([row if len(row) == width else np.zeros(width) for row in rows]).astype(np.float32), novel


def tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Token ids with the first and last token, cut at the longest window."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [[101, *encoding.ids[:LONGEST], 102] for encoding in encodings]


def standardise(plan: Recipe, data: dict[str, tuple[list[str], dict[str, Array]]]) -> dict[str, tuple[Array, Array]]:
    """Bring dimensional targets to mean 0 and deviation 1, in place; returns what undoes it."""
    scales: dict[str, tuple[Array, Array]] = {}
    for head, kind in plan.schemes().items():
        if scheme(kind).kind == "dimensional":
            mine = [goals for _, goals in data.values() if head in goals]
            values = np.concatenate([goals[head] for goals in mine])
            mean, deviation = np.nanmean(values, 0), np.nanstd(values, 0)
            scales[head] = mean, deviation
            for goals in mine:
                goals[head] = (goals[head] - mean) / deviation
    return scales


@torch.no_grad()
def unstandardise(reader: Reader, scales: dict[str, tuple[Array, Array]]) -> None:
    """Fold the standardisation into the heads, so that they speak in the scheme's own units."""
    for head, (mean, deviation) in scales.items():
        layer = reader.heads[head]
        assert isinstance(layer, torch.nn.Linear)
        layer.weight.mul_(torch.from_numpy(deviation)[:, None])
        layer.bias.mul_(torch.from_numpy(deviation)).add_(torch.from_numpy(mean))


@torch.inference_mode()
def novelty(reader: Reader, rows: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """Mean (384) and whitening (384, 384) of the pooled states of training texts (Lee et al. 2018, Mahalanobis)."""
    pooled = torch.cat([reader.pool(ids, mask) for ids, mask in _batches(rows)]).numpy()
    mean = pooled.mean(0)
    covariance = np.cov(pooled - mean, rowvar=False)
    values, vectors = np.linalg.eigh(covariance + np.eye(len(mean)) * covariance.trace() / len(mean) * 0.01)
    return mean.astype(np.float32), (vectors / np.sqrt(values)).astype(np.float32)


def _write(record: dict[str, object], path: Path) -> None:
    path.write_text(json.dumps(record, indent=1), encoding="utf-8")


def _begin(plan: Recipe, reader: Reader, texts: list[str], out: Path) -> Tokenizer:
    if not plan.start:
        return start(reader.encoder, texts, out / f"{plan.name}.tokenizer.json")
    state = {k: v for k, v in load_file(out / f"{plan.start}.safetensors").items() if k.startswith("encoder.")}
    reader.load_state_dict(state, strict=False)
    frozen = [reader.encoder.words, reader.encoder.positions, reader.encoder.norm]
    for module in [*frozen, *reader.encoder.layers[: plan.shared_layers]]:
        module.requires_grad_(False)
    return Tokenizer.from_file(str(out / f"{plan.start}.tokenizer.json"))


def _without(
    forbidden: frozenset[str], texts: list[str], goals: dict[str, Array]
) -> tuple[list[str], dict[str, Array]]:
    keep = [row for row, text in enumerate(texts) if folded(text) not in forbidden]
    return [texts[row] for row in keep], {head: values[keep] for head, values in goals.items()}


def _batches(rows: Sequence[Sequence[int]], size: int = 32) -> Iterator[tuple[Tensor, Tensor]]:
    ordered = sorted(rows, key=len)
    for first in range(0, len(ordered), size):
        yield pad(ordered[first : first + size])
