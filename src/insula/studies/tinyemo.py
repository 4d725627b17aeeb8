"""Metric projection: frozen vision features carried into a space of label texts, where the nearest text is the emotion.

Claim (Gutierrez 2024, TinyEmo: Scaling down Emotional Reasoning via Metric Projection, arXiv:2410.07062): a small
projector from frozen vision features to the space of label texts classifies emotions without decoding, better and
faster than a language model that writes the label; the language model then only has to explain. Probes of the
projector show its biases.

Ours: the named set is FER+ (official test split). Two kinds of frozen features: of a network of photographs that never
saw an emotion (EfficientNet-Lite0 cut short, ImageNet), and of our face network, which learnt from FER+'s votes. The
projector (two layers) carries them to the 384 numbers our text encoder gives sentences such as "a face that shows
anger", trained so that the own text is nearest. Against it: a logistic regression on the same features, the most
frequent label, label texts replaced by random vectors (does the text space matter?), and labels asked for in words
nobody trained on ("joy", "rage"). The local language model (SmolLM2 135M) is told the strongest action units in words
and writes the label (its answer is held to the eight), with its milliseconds; and it explains what the projector said.
Probes: what the projector calls a grey picture, noise and the mean face; and dark pictures against light ones.

Differs: works-scaled. No image-text encoder and no LLM of 0.7 billion and more: our text encoder, a model that cannot
see and reads action units instead. Few faces for the language model (see n).

Found: the projector is as good as a logistic regression and no better (.82 against .83 on the faces' network, .51
against .51 on the photographs'), and random vectors in place of texts do as well: the text space adds no accuracy. What
it adds is other words: asked for in words it never saw, it keeps .78. It is far ahead of the label written by the small
language model, in a thousandth of the time. Light and dark pictures are read alike; noise is given a feeling.

    insula study tinyemo --scale full
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import load
from .measure import macro_f1, measured, minus

SYSTEM = "tinyemo"
STATUS = "works-scaled"

LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
TEXTS = tuple(f"a face that shows {label}" for label in LABELS)
OTHER = ("calm", "joy", "amazement", "grief", "rage", "revulsion", "terror", "scorn")
TRAINED, TESTED, SEEDS, TOLD = 2000, 800, 2, 20
WIDTH, SHARP = 384, 0.1
Array = NDArray[Any]


@dataclass(frozen=True)
class Named:
    """Pictures [n, 48, 48], what they are called (numbers of LABELS), and their features by kind."""

    grey: Array
    labels: Array
    features: dict[str, Array]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Accuracy and macro-F1 of the projector and of what stands beside it, milliseconds, and probes of bias."""
    full = scale == "full"
    train, test = (
        (named("train", TRAINED), named("test", TESTED)) if full else (made_up(200, seed), made_up(80, seed + 1))
    )
    texts = text_space(TEXTS) if full else np.random.default_rng(seed).normal(size=(len(LABELS), WIDTH))
    metrics: list[dict[str, Any]] = []
    notes = ["Baseline of each row: the most frequent label. Intervals draw pictures and seeds."]
    projectors = list[Projector]()
    for kind in train.features:
        projectors = [Projector(train.features[kind], train.labels, texts, one) for one in range(SEEDS if full else 1)]
        metrics += _scores(kind, projectors, train, test, seed)
        if full:
            other = text_space([f"a face that shows {word}" for word in OTHER])
            words = np.array([one(test.features[kind], other) for one in projectors])
            metrics += _both("projector, words it was not trained on", kind, test.labels, words, train.labels)
            metrics += _light(kind, projectors, test)
            notes.append(_probes(kind, projectors[0]))
    if full:
        told, said = _language_model(test, projectors[0])
        metrics += told
        notes += said
    return {"metrics": metrics, "data": ["ferplus"] if full else [], "notes": notes}


class Projector:
    """Features -> the space of texts; the nearest text by cosine is the label."""

    def __init__(self, features: Array, labels: Array, texts: Array, seed: int, epochs: int = 30) -> None:
        import torch
        from torch import nn

        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self.centre, self.spread = features.mean(0), features.std(0) + 1e-6
        self.middle = texts.mean(0)
        self.texts = texts
        self.net = nn.Sequential(
            nn.Linear(features.shape[1], 256), nn.GELU(), nn.Dropout(0.3), nn.Linear(256, texts.shape[1])
        )
        given = torch.from_numpy(self._standard(features))
        wanted, space = torch.from_numpy(labels.astype(np.int64)), torch.from_numpy(self._unit(texts))
        steps = epochs * max(1, len(given) // 128)
        optimizer = torch.optim.AdamW(self.net.parameters(), lr=1e-3, weight_decay=0.05)
        plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(steps):
            rows = torch.randint(0, len(given), (128,))
            near = nn.functional.normalize(self.net(given[rows]), dim=1) @ space.T / SHARP
            loss = nn.functional.cross_entropy(near, wanted[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            plan.step()
        self.net.eval()

    def __call__(self, features: Array, texts: Array | None = None) -> Array:
        """Features [n, numbers] -> the numbers [n] of the nearest of `texts`, else of those it learnt."""
        return self.near(features, texts).argmax(1)

    def near(self, features: Array, texts: Array | None = None) -> Array:
        """Cosines [n, texts]."""
        import torch

        with torch.inference_mode():
            carried = self.net(torch.from_numpy(self._standard(features))).numpy()
        carried /= np.linalg.norm(carried, axis=1, keepdims=True)
        return carried @ self._unit(self.texts if texts is None else texts).T

    def _standard(self, features: Array) -> Array:
        return ((features - self.centre) / self.spread).clip(-5, 5).astype(np.float32)

    def _unit(self, texts: Array) -> Array:
        """What sets texts apart: without what all share, of length 1."""
        apart = texts - self.middle
        return (apart / np.linalg.norm(apart, axis=1, keepdims=True)).astype(np.float32)


def _scores(kind: str, projectors: Sequence[Projector], train: Named, test: Named, seed: int) -> list[dict[str, Any]]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    said = np.array([one(test.features[kind]) for one in projectors])
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))
    others = linear.fit(train.features[kind], train.labels).predict(test.features[kind])[None]
    space = np.random.default_rng(seed).normal(size=(len(LABELS), WIDTH))
    control = Projector(train.features[kind], train.labels, space, seed)(test.features[kind])[None]
    gold = onehot(test.labels)
    return [
        *_both("projector", kind, test.labels, said, train.labels),
        *_both("logistic regression", kind, test.labels, others, train.labels),
        *_both("projector, random vectors for texts", kind, test.labels, control, train.labels),
        measured("accuracy, projector minus logistic", kind, minus(accuracy), gold, onehot(said)[:1], onehot(others)),
        measured(
            "accuracy, texts minus random vectors", kind, minus(accuracy), gold, onehot(said)[:1], onehot(control)
        ),
    ]


def _both(who: str, kind: str, gold: Array, said: Array, train: Array) -> list[dict[str, Any]]:
    """Accuracy and macro-F1 of runs [seeds, n]."""
    usual = onehot(np.full(len(gold), np.bincount(train).argmax()))
    wanted = onehot(gold)
    return [
        measured(f"{score}, {who}", kind, of, wanted, onehot(said), baseline=of(wanted, usual))
        for score, of in (("accuracy", accuracy), ("macro-F1", macro_f1))
    ]


def _light(kind: str, projectors: Sequence[Projector], test: Named) -> list[dict[str, Any]]:
    """Accuracy on the lighter half of the pictures less that on the darker one."""
    level = test.grey.mean((1, 2))
    light = level > np.median(level)

    def gap(gold: Array, said: Array) -> float:
        right, lit = (gold[:, :-1] * said).sum(1), gold[:, -1] > 0
        return float(right[lit].mean() - right[~lit].mean()) if 0 < lit.sum() < len(lit) else 0.0

    gold = np.concatenate([onehot(test.labels), light[:, None]], 1)
    said = onehot(np.array([one(test.features[kind]) for one in projectors]))
    return [measured("accuracy, light minus dark pictures", kind, gap, gold, said)]


def _probes(kind: str, projector: Projector) -> str:
    """What it says of pictures that hold nothing."""
    draw = np.random.default_rng(0)
    empty = np.full((1, 48, 48), 128, np.uint8)
    noise = draw.integers(0, 256, (50, 48, 48)).astype(np.uint8)
    blank, many = (projector(seen(some)[kind]) for some in (empty, noise))
    most = np.bincount(many, minlength=len(LABELS))
    middle = LABELS[int(projector(projector.centre[None])[0])]
    return (
        f"Probes of the projector on {kind}: a grey picture is called {LABELS[int(blank[0])]}, noise "
        f"{LABELS[int(most.argmax())]} ({most.max()} of {len(many)}), the mean of all features {middle}."
    )


def _language_model(test: Named, projector: Projector) -> tuple[list[dict[str, Any]], list[str]]:
    """The label written by the local model from action units in words; then its explanation of the projector's."""
    from ..llm.local import Local
    from ..llm.protocol import Message
    from .blendshape_lstm import Shape

    if missing := Local.available():
        return [], [f"The language model was left out: {missing}"]
    model, look = Local(adapter=None), Shape()
    rows = np.flatnonzero(test.labels >= 0)[:TOLD]
    written, spent, named_it = [], [], 0
    kind = list(test.features)[-1]
    start = time.process_time()
    ours = projector(test.features[kind][rows])
    quick = 1000 * (time.process_time() - start) / len(rows)
    schema = {"type": "object", "properties": {"emotion": {"enum": list(LABELS)}}, "required": ["emotion"]}
    for row, label in zip(rows, ours, strict=True):
        told = in_words(look(test.grey[row])[0])
        start = time.process_time()
        question = f"A face: {told}. Which emotion does it show? One of: {', '.join(LABELS)}."
        answer = asyncio.run(model.reply([Message("user", question)], max_tokens=24, schema=schema))
        spent.append(1000 * (time.process_time() - start))
        written.append(next((k for k, name in enumerate(LABELS) if f'"{name}"' in answer.text), -1))
        if len(spent) <= 10:
            why = f"A face: {told}. It shows {LABELS[label]}. Explain in one sentence why."
            told_why = asyncio.run(model.reply([Message("user", why)], max_tokens=48))
            named_it += LABELS[label] in told_why.text.lower()
    gold, runs = onehot(test.labels[rows]), (onehot(ours)[None], onehot(np.array(written))[None])
    metrics = [
        measured("accuracy, projector", "faces the language model saw", accuracy, gold, runs[0]),
        measured("accuracy, label written by the language model", "faces it saw", accuracy, gold, runs[1]),
        measured("accuracy, projector minus written", "faces it saw", minus(accuracy), gold, *runs),
    ]
    return metrics, [
        f"Milliseconds of the processor a label: projector {quick:.2f} (features not counted), written "
        f"{np.median(spent):.0f}. Of 10 explanations {named_it} name the label they were asked to explain."
    ]


def in_words(shapes: Array) -> str:
    """The strongest action units of a face's shapes, against an average face at rest."""
    from ..vision.action_units import UNITS, Rest

    if not np.isfinite(shapes).all():
        return "nothing can be made out"
    names = {
        **{"AU01": "inner brows raised", "AU02": "outer brows raised", "AU04": "brows drawn together"},
        **{"AU05": "eyes wide open", "AU06": "cheeks raised", "AU07": "lids tightened", "AU09": "nose wrinkled"},
        **{"AU10": "upper lip raised", "AU12": "corners of the mouth pulled up", "AU15": "corners of the mouth down"},
        **{"AU17": "chin raised", "AU20": "lips stretched", "AU23": "lips tightened", "AU25": "lips parted"},
        **{"AU26": "jaw dropped"},
    }
    level = Rest().intensities(shapes[: len(UNITS)].astype(np.float32))
    strong = sorted((unit for unit in level if level[unit] >= 1), key=lambda unit: -level[unit])[:4]
    return ", ".join(names[unit] for unit in strong) or "all at rest"


def accuracy(gold: Array, said: Array) -> float:
    """Share of pictures whose label is right; both (pictures, labels) of 0 and 1."""
    return float((gold * said).sum() / len(gold))


def onehot(labels: Array) -> Array:
    """Numbers [...], -1 for none -> (..., labels)."""
    return (np.asarray(labels)[..., None] == np.arange(len(LABELS))).astype(np.int8)


def text_space(texts: Sequence[str]) -> Array:
    """Our text encoder's mean state of each text, (texts, 384)."""
    from ..network.text import Network
    from ..network.windows import windows

    network = Network.open("text-open")
    cut = [windows(text, network.tokenizer)[0] for text in texts]
    return np.array([reading.pooled for reading in network.run(cut)])


def named(split: str, count: int) -> Named:
    """Some of FER+'s faces whose expression most could name; the same ones on every machine."""
    every = [one for one in load("ferplus", split) if one.read("emotion", rater="gold")[0].labels]
    rows = np.sort(np.random.default_rng(0).permutation(len(every))[:count])
    grey = np.stack([np.asarray(every[row].signals("video")[0].samples)[0, :, :, 0] for row in rows])
    labels = np.array([LABELS.index(every[row].read("emotion", rater="gold")[0].labels[0]) for row in rows])
    return Named(grey, labels, seen(grey))


def seen(grey: Array) -> dict[str, Array]:
    """Features of faces [n, 48, 48] by two frozen networks."""
    from ..network.face import Face
    from ..network.scene import Scene

    wide = [np.repeat(one[:, :, None], 3, 2) for one in grey]
    return {"photographs' network": Scene.open().features(wide), "faces' network": Face.open().embed(grey)}


def made_up(count: int, seed: int) -> Named:
    """Features that tell labels apart, with noise."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, len(LABELS), count)
    features = draw.normal(size=(count, 24)) + 3 * (labels[:, None] == np.arange(24))
    return Named(draw.integers(0, 256, (count, 48, 48)).astype(np.uint8), labels, {"made up": features})
