"""`insula train text DATA.csv --out FOLDER`: new heads on the shipped encoder, from a person's own labels, in minutes.

    text,label                        text,labels                      text,urgency
    "where is my parcel",impatient    "ok thanks",calm;polite          "now!!",0.9

One label a text makes a one-of head, labels split by ";" a many-of head, numbers a dimension. A fifth of the texts is
held out for calibration and for the numbers on the card, by a digest of the text, so that repeated texts never stand
on both sides. The encoder itself does not change; its top is copied with the new heads in place of the old.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from sklearn.linear_model import LogisticRegression, Ridge

from insula.catalogue import user_folder
from insula.network.text import Network, digest, weights_folder
from insula.network.windows import windows
from insula.scheme import Scheme, register

from .calibration import calibrate
from .card import row

Array = NDArray[np.float32]
AT_LEAST = 20


def adapt(
    data: Path,
    out: Path,
    *,
    name: str = "",
    text_column: str = "text",
    label_column: str = "label",
    weights: str = "text-open",
    commercial_ok: bool = False,
) -> Path:
    """Fit heads to a csv; returns the path of the new weights' `.json` and registers the row "text.NAME".

    `commercial_ok` is what you say about your own data; the encoder's licence holds beside it. Raises ValueError for a
    csv without those columns, with fewer than 20 texts, or with only one label.
    """
    name = name or data.stem
    texts, labels = read_labelled(data, text_column, label_column)
    kind, names, goals = encode(labels)
    guest = Scheme(
        f"custom_{name}", "emotion" if kind != "dimensional" else "affect", kind, names, *_bounds(kind, goals)
    )
    register(guest)
    network = Network.open(weights)
    pooled, kept = pool(network, texts)
    goals, held = goals[kept], np.array([_held_out(texts[k]) for k in kept])
    weight, bias = fit_heads(pooled[~held], goals[~held], kind)
    out.mkdir(parents=True, exist_ok=True)
    replace_heads(weights_folder() / network.record["top"], weight, bias, out / f"{name}.onnx")
    fitted = calibrate(guest.name, (0, len(names)), pooled[held] @ weight.T + bias, goals[held])
    record = {k: network.record[k] for k in ("trunk", "tokenizer", "novelty_limit", "pieces_limit", "licence")}
    record |= {
        "name": name,
        "summary": f"Heads fitted to {data.name} on {network.record['name']}",
        "commercial_ok": commercial_ok and network.record["commercial_ok"],
        "top": f"{name}.onnx",
        "revision": digest(out / f"{name}.onnx"),
        "schemes": [_scheme_record(guest)],
        "heads": [asdict(fitted)],
    }
    path = out / f"{name}.json"
    path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    quality = held_out_quality(fitted.calibrated(pooled[held] @ weight.T + bias), goals[held], goals[~held], kind)
    _describe(record, quality, len(texts), path)
    return path


def read_labelled(data: Path, text_column: str, label_column: str) -> tuple[list[str], list[str]]:
    """Texts and their label cells; rows without either are left out."""
    with data.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or ())
        if missing := [c for c in (text_column, label_column) if c not in columns]:
            raise ValueError(f"{data.name} has no column {missing[0]!r}; its columns are {', '.join(columns)}")
        rows = [(r[text_column], r[label_column].strip()) for r in reader if r[text_column] and r[label_column]]
    if len(rows) < AT_LEAST:
        raise ValueError(f"{data.name} has {len(rows)} labelled texts; at least {AT_LEAST} are needed")
    return [text for text, _ in rows], [label for _, label in rows]


def encode(labels: Sequence[str]) -> tuple[Any, tuple[str, ...], Array]:
    """Label cells -> the kind of head, its labels, and a target matrix. Raises ValueError for a single label."""
    try:
        return "dimensional", ("value",), np.array([[float(label)] for label in labels], np.float32)
    except ValueError:
        pass
    split = [[part.strip() for part in label.split(";") if part.strip()] for label in labels]
    names = tuple(sorted({part for parts in split for part in parts}))
    if len(names) < 2:
        raise ValueError(f"every text has the same label ({labels[0]!r}): there is nothing to tell apart")
    goals = np.array([[float(name in parts) for name in names] for parts in split], np.float32)
    return ("many-of" if any(len(parts) > 1 for parts in split) else "one-of"), names, goals


def pool(network: Network, texts: Sequence[str]) -> tuple[Array, NDArray[np.int64]]:
    """Mean pooled states (texts with words, 384), and which texts those are."""
    cut = [windows(text, network.tokenizer) for text in texts]
    readings = iter(network.run([window for some in cut for window in some]))
    rows = [np.mean([next(readings).pooled for _ in some], axis=0) if some else None for some in cut]
    kept = np.array([k for k, row in enumerate(rows) if row is not None])
    return np.stack([r for r in rows if r is not None]), kept


def fit_heads(pooled: Array, goals: Array, kind: str) -> tuple[Array, Array]:
    """Weight (labels, 384) and bias (labels)."""
    if kind == "dimensional":
        model: Any = Ridge(alpha=1.0).fit(pooled, goals)
        return model.coef_.astype(np.float32).reshape(1, -1), np.asarray(model.intercept_, np.float32).reshape(1)
    models = [LogisticRegression(C=1.0, max_iter=500).fit(pooled, goals[:, k]) for k in range(goals.shape[1])]
    return np.concatenate([m.coef_ for m in models]).astype(np.float32), np.array(
        [m.intercept_[0] for m in models], np.float32
    )


def replace_heads(top: Path, weight: Array, bias: Array, out: Path) -> None:
    """The same network with other heads."""
    model = onnx.load(str(top))
    new = {"heads.weight": np.ascontiguousarray(weight.T), "heads.bias": bias}
    for constant in model.graph.initializer:
        if constant.name in new:
            constant.CopyFrom(numpy_helper.from_array(new[constant.name], constant.name))
    onnx.save(model, str(out))


def held_out_quality(scores: Array, goals: Array, learnt: Array, kind: str) -> dict[str, float]:
    """On the held-out fifth: correlation, or accuracy beside always saying the commonest label of the rest."""
    if kind == "dimensional":
        return {"r": round(float(np.corrcoef(scores[:, 0], goals[:, 0])[0, 1]), 4)}
    hit = goals[np.arange(len(goals)), scores.argmax(1)].mean()
    blind = goals[:, int(learnt.sum(0).argmax())].mean()
    return {"accuracy of the leading label": round(float(hit), 4), "blind": round(float(blind), 4)}


def _describe(record: dict[str, Any], quality: dict[str, float], texts: int, path: Path) -> None:
    figures = ", ".join(f"{name} {value}" for name, value in quality.items())
    body = f"# {record['name']}\n\n{record['summary']}, {texts} texts; on the held-out fifth: {figures}.\n"
    commercial = str(record["commercial_ok"]).lower()
    front = f"---\nname: {record['name']}\nlicence: {record['licence']}\ncommercial_ok: {commercial}\n---\n"
    path.with_suffix(".md").write_text(front + body, encoding="utf-8")
    entry = row(record["name"], record["summary"], record["licence"], record["commercial_ok"])
    user_folder().mkdir(parents=True, exist_ok=True)
    weights = json.dumps(str(path.resolve()))
    entry = entry.replace(f'"{record["name"]}.json"', weights)
    (user_folder() / f"{record['name']}.toml").write_text(entry, encoding="utf-8")


def _scheme_record(guest: Scheme) -> dict[str, Any]:
    fields = ("name", "layer", "kind", "labels", "low", "high")
    return {name: list(v) if isinstance(v := getattr(guest, name), tuple) else v for name in fields}


def _bounds(kind: str, goals: Array) -> tuple[float, float]:
    return (float(goals.min()), float(goals.max())) if kind == "dimensional" else (0.0, 1.0)


def _held_out(text: str) -> bool:
    return blake2b(" ".join(text.lower().split()).encode(), digest_size=1).digest()[0] % 5 == 0
