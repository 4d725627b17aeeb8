"""Train what reads faces, and write it with its record and card.

    train_face(Path("runs")) -> runs/face.json, face.onnx, face.md

The train split of FER+ teaches; its dev split (FER2013's public test) calibrates, and says from where on
a face is too strange to be read. The test split is never looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data import load
from insula.network.calibrate import Head
from insula.network.face import pixels
from insula.network.text import digest, session
from insula.scheme import scheme
from insula.train.calibration import calibrate, expected_calibration_error, quick_f1

from .export import export
from .learn import Recipe, learn, restored
from .net import FaceNet

Array = NDArray[np.float32]
LABELS = scheme("fer8").labels
USUAL, ROOM = 0.995, 1.5  # share of dev's faces that are usual, and how much farther from usual still is no reason
DIRECTIONS = 16  # in which faces hardly differ: what differs there is no face
RANGES = 512  # faces on which ranges are measured


def train_face(out: Path, note: Callable[[str], None] = lambda _: None, recipe: Recipe | None = None) -> Path:
    """Train, write, and return the path of the `.json`; a run that was stopped goes on where it was.

    Raises insula.data.MissingData where FER+ is not here.
    """
    recipe = recipe or Recipe()
    out.mkdir(parents=True, exist_ok=True)
    train, votes = faces("train")
    dev, judged = faces("dev")
    taught = (votes[:, : len(LABELS)].sum(1) > 0) & (votes[:, -1] < votes[:, : len(LABELS)].max(1))
    train, votes = train[taught], votes[taught]
    truth = gold(judged)
    dev, truth = dev[truth >= 0], truth[truth >= 0]
    state = learn(train, shares(votes), out, recipe, lambda net: _progress(net, dev, truth), note)
    note("writing")
    draw = np.random.default_rng(recipe.seed)
    some = draw.permutation(len(train))[: 8 * RANGES]
    export(restored(state), train[some[:RANGES]], out / "face.onnx")
    return write(out, train[some], dev, truth, len(train))


def faces(split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Grey faces [n, 48, 48] of FER+ and the votes for each of its ten answers [n, 10]."""
    every = list(load("ferplus", split))
    seen = [pixels(np.asarray(one.signals("video")[0].samples))[0] for one in every]
    return np.stack(seen), np.array([list(one.turns[0].meta["votes"].values()) for one in every])


def shares(votes: NDArray[np.int64]) -> Array:
    """The shares of votes for the eight expressions; single votes are mistakes where there are others."""
    named = votes[:, : len(LABELS)].astype(np.float32)
    sure = np.where(named > 1, named, 0)
    kept = np.where(sure.any(1, keepdims=True), sure, named)
    return kept / kept.sum(1, keepdims=True).clip(1)


def gold(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the expression with the most votes, -1 where most could name none, or saw no face."""
    named = votes[:, : len(LABELS)]
    return np.where(named.max(1) >= votes.max(1), named.argmax(1), -1)


def write(out: Path, train: NDArray[np.uint8], dev: NDArray[np.uint8], truth: NDArray[np.int64], count: int) -> Path:
    """Record and card of the network that lies in the folder, calibrated on dev.

    `train` are some of the faces it learnt from, by which others are strange or not.
    """
    graph = out / "face.onnx"
    raw, found = run(graph, dev)
    _, usual = run(graph, train)
    centre, spread = usual.mean(0), usual.std(0) + 1e-3
    strict = steady(usual)
    far = np.sqrt((((found - centre) @ strict) ** 2).mean(1))
    targets = np.eye(len(LABELS), dtype=np.float32)[truth]
    head = calibrate("fer8", (0, len(LABELS)), raw, targets)
    revision = digest(graph)
    record: dict[str, Any] = {
        "head": asdict(head),
        "centre": np.round(centre.astype(np.float64), 4).tolist(),
        "spread": np.round(spread.astype(np.float64), 4).tolist(),
        "strict": np.round(strict.astype(np.float64), 2).tolist(),
        "farthest": round(ROOM * float(np.quantile(far, USUAL)), 3),
        "revision": revision,
    }
    (out / "face.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
    card = (resources.files("insula.train.face") / "face.card.md").read_text(encoding="utf-8")
    filled = card.format(
        revision=revision,
        sha256=sha256(graph.read_bytes()).hexdigest(),
        faces=f"{count:,}",
        dev=f"{len(dev):,}",
        quality=quality(head, raw, targets),
        farthest=record["farthest"],
    )
    (out / "face.md").write_text(filled, encoding="utf-8")
    return out / "face.json"


def steady(usual: Array) -> Array:
    """The directions [numbers, DIRECTIONS] in which usual faces differ least, scaled so that they differ by 1."""
    sizes, directions = np.linalg.eigh(np.cov(usual.T.astype(np.float64)))
    return (directions[:, :DIRECTIONS] / np.sqrt(sizes[:DIRECTIONS] + 1e-6)).astype(np.float32)


def run(graph: Path, grey: NDArray[np.uint8]) -> tuple[Array, Array]:
    """Logits and embeddings of faces and their mirrors, averaged, as `insula.network.face` makes them."""
    running = session(graph, 1)
    parts: list[tuple[Array, Array]] = []
    for start in range(0, len(grey), 32):
        some = grey[start : start + 32].astype(np.float32)[:, None] / 255
        out: Any = running.run(["logits", "embedding"], {"faces": np.concatenate([some, some[..., ::-1]])})
        parts.append((out[0].reshape(2, len(some), -1).mean(0), out[1].reshape(2, len(some), -1).mean(0)))
    return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])


def quality(head: Head, raw: Array, targets: Array) -> str:
    """Accuracy, macro-F1 and calibration error, in words."""
    scores = head.calibrated(raw)
    decided, truth = scores.argmax(1), targets.argmax(1)
    error = expected_calibration_error(scores.ravel(), targets.ravel() > 0.5)
    return (
        f"accuracy {(decided == truth).mean():.4f}, macro-F1 {quick_f1(truth, decided, 'macro'):.4f}, "
        f"expected calibration error {error:.4f}"
    )


def _progress(net: FaceNet, dev: NDArray[np.uint8], truth: NDArray[np.int64]) -> str:
    import torch

    found: list[NDArray[np.int64]] = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(dev), 64):
            some = torch.from_numpy(dev[start : start + 64]).float()[:, None] / 255
            found.append(net(some).argmax(1).numpy())
    decided = np.concatenate(found)
    return f"accuracy {(decided == truth).mean():.4f}, macro-F1 {quick_f1(truth, decided, 'macro'):.4f}"
