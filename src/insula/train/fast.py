"""`insula train text --recipe text-fast`: word and word-pair vectors that imitate the encoder, for corpora.

The student sees the gold labels and, on every text, what the int8 encoder says (Hinton et al. 2015); it is chosen and
calibrated on the same development data.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import nn
from torch.nn import functional

from insula.perceive.text.calibrate import Head
from insula.perceive.text.fast import Vectors, grams
from insula.perceive.text.network import Network, digest
from insula.scheme import scheme

from .calibration import calibrate, quality_of
from .card import write_card
from .recipe import Lesson, folded, targets, test_texts
from .text import raw_scores

Array = NDArray[np.float32]


def train_fast(out: Path, teacher: str, progress: Callable[[int, int, float], None] | None = None) -> Path:
    """Distil the teacher (`Network.open` name or path) into a folder; returns the path of the `.json`."""
    text = (resources.files("insula") / "train" / "fast.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)
    lessons = [Lesson(**lesson) for lesson in settings["task"]]
    network = Network.open(teacher)
    forbidden = test_texts(lessons)
    texts = [t for lesson in lessons for t in targets(lesson, "train")[0] if folded(t) not in forbidden]
    heads, columns = kept_heads(network, settings["publish"])
    soft = raw_scores(network, texts)[0][:, columns]
    gold = gold_columns(heads, lessons[0], texts)
    index = vocabulary(texts, settings["at_least"])
    model = distil(index, texts, soft, gold, heads, settings, progress)
    return finish(model, index, heads, network.revision, lessons, out)


def kept_heads(network: Network, publish: Sequence[str]) -> tuple[list[Head], NDArray[np.int64]]:
    """The teacher's heads that the student learns, renumbered, and their columns at the teacher."""
    heads, columns = list[Head](), list[int]()
    for head in network.heads:
        if head.scheme in publish:
            first, last = head.columns
            heads.append(replace(head, columns=(len(columns), len(columns) + last - first)))
            columns += range(first, last)
    return heads, np.array(columns)


def vocabulary(texts: Sequence[str], at_least: int) -> dict[str, int]:
    """N-grams that stand in at least so many texts, most frequent first."""
    counts = Counter(gram for text in texts for gram in set(grams(text)))
    kept = sorted((gram for gram, n in counts.items() if n >= at_least), key=lambda gram: (-counts[gram], gram))
    return {gram: row for row, gram in enumerate(kept)}


def gold_columns(heads: Sequence[Head], lesson: Lesson, texts: Sequence[str]) -> Array:
    """Gold labels in the columns of the category heads; NaN where a text has none."""
    width = max(head.columns[1] for head in heads)
    out = np.full((len(texts), width), np.nan, np.float32)
    known_texts, goals = targets(lesson, "train")
    row_of = {text: row for row, text in enumerate(known_texts)}
    for head in heads:
        if head.scheme in goals:
            for row, text in enumerate(texts):
                if text in row_of:
                    out[row, slice(*head.columns)] = goals[head.scheme][row_of[text]]
    return out


class Student(nn.Module):
    """A mean of n-gram vectors and one linear layer."""

    def __init__(self, size: int, width: int, labels: int) -> None:
        super().__init__()
        self.vectors = nn.EmbeddingBag(size, width, mode="mean")
        self.heads = nn.Linear(width, labels)
        nn.init.normal_(self.vectors.weight, std=0.05)

    def forward(self, rows: torch.Tensor, starts: torch.Tensor, drop: float = 0.0) -> torch.Tensor:
        return self.heads(functional.dropout(self.vectors(rows, starts), drop, self.training))


def distil(
    index: dict[str, int],
    texts: Sequence[str],
    soft: Array,
    gold: Array,
    heads: Sequence[Head],
    settings: dict[str, float],
    progress: Callable[[int, int, float], None] | None,
) -> Student:
    """Fit the student to the teacher's calibrated probabilities, mixed with gold where there is gold."""
    torch.manual_seed(0)
    shuffle = np.random.default_rng(0)
    categories, goal = _goal(soft, gold, heads, settings["gold_share"])
    rows = [[index[g] for g in grams(text) if g in index] for text in texts]
    kept = np.array([k for k, some in enumerate(rows) if some])
    student = Student(len(index), int(settings["width"]), goal.shape[1])
    optimiser = torch.optim.Adam(student.parameters(), lr=settings["learning_rate"])
    epochs, size = int(settings["epochs"]), 256
    ramp = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * (len(kept) // size + 1))
    for epoch in range(epochs):
        order, loss = shuffle.permutation(kept), torch.zeros(())
        for first in range(0, len(order), size):
            chunk = order[first : first + size]
            # a word left out now and then keeps the pairs from learning single texts by heart
            some = [[g for g in rows[k] if shuffle.random() > settings["word_dropout"]] or rows[k] for k in chunk]
            starts = torch.tensor(np.cumsum([0, *map(len, some[:-1])]))
            raw = student(torch.tensor([g for one in some for g in one]), starts, settings["dropout"])
            wanted = torch.from_numpy(goal[chunk])
            loss = functional.binary_cross_entropy_with_logits(raw[:, categories], wanted[:, categories])
            loss = loss + 0.2 * functional.mse_loss(raw[:, ~categories], wanted[:, ~categories])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            ramp.step()
        if progress:
            progress(epoch + 1, epochs, float(loss))
    return student.eval()


def _goal(soft: Array, gold: Array, heads: Sequence[Head], share: float) -> tuple[torch.Tensor, Array]:
    """Which columns are categories, and what to aim at in every column."""
    goal = soft.copy()
    categories = torch.zeros(soft.shape[1], dtype=torch.bool)
    for head in heads:
        columns = slice(*head.columns)
        goal[:, columns] = head.calibrated(soft)
        categories[columns] = scheme(head.scheme).kind != "dimensional"
    known = ~np.isnan(gold)
    goal[known] = share * gold[known] + (1 - share) * goal[known]
    return categories, goal.astype(np.float32)


def finish(
    student: Student, index: dict[str, int], heads: Sequence[Head], teacher: str, lessons: Sequence[Lesson], out: Path
) -> Path:
    """Write int8 vectors, n-grams and the calibrated record."""
    out.mkdir(parents=True, exist_ok=True)
    vectors = student.vectors.weight.detach().numpy()
    scale = (np.abs(vectors).max(1) / 127 + 1e-12).astype(np.float32)
    table = {
        "vectors": np.round(vectors / scale[:, None]).astype(np.int8),
        "scale": scale,
        "heads": np.ascontiguousarray(student.heads.weight.detach().numpy().T),
        "bias": student.heads.bias.detach().numpy(),
    }
    save_file(table, out / "text-fast.safetensors")
    (out / "text-fast.grams.txt").write_text("\n".join(index), encoding="utf-8")
    record = {
        "name": "text-fast",
        "summary": "The encoder's emotions, sentiment groups and affect by a mean of word and word-pair vectors",
        "licence": "CC-BY-SA-4.0",
        "commercial_ok": True,
        "vectors": "text-fast.safetensors",
        "grams": "text-fast.grams.txt",
        "revision": digest(out / "text-fast.safetensors", out / "text-fast.grams.txt"),
        "heads": [],
    }
    path = out / "text-fast.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    found = Vectors(path)
    fitted, quality = [], []
    for head in heads:
        lesson = next(one for one in lessons if head.scheme in one.heads)
        texts, goals = targets(lesson, "dev")
        raw, goal = found.raw(texts)[0], goals[head.scheme]
        own = calibrate(head.scheme, head.columns, raw, goal)
        fitted.append(asdict(own))
        quality.append({"scheme": head.scheme, **quality_of(own, raw, goal)})
    path.write_text(json.dumps(record | {"heads": fitted}, indent=1), encoding="utf-8")
    write_card(record, lessons, f"distilled from text-open, revision {teacher}", quality, out)
    return path
