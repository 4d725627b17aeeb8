"""Learn the guard's reader of replies from DiaSafety: one line per way to be unsafe, over the encoder's states.

    train_reply(Path("runs")) -> runs/guard-reply.safetensors, with its card beside it

A line tells unsafe from safe replies of one category, and from replies of supporters, who are none of its business. How
far it is held back and the slope that makes its score a probability (Platt 1999) are chosen on development parts; from
its threshold on, so few replies of supporters are taken for unsafe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import resources
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from insula.data import load
from insula.guard.reply import before
from insula.guard.unsafe import LABELS, states
from insula.network.dialogue import Dialogue
from insula.network.text import digest

Array = NDArray[np.float32]
SUPPORT = (("esconv", "supporter", 3000), ("counsel-chat", "counsellor", 600))  # and how many of each, at most
HELD_BACK = (3e-4, 1e-3, 3e-3)  # inverse strengths of the ridge that are tried
QUIET = 0.998  # of supporters' replies on which a line is to stay below its threshold
BATCH = 500  # pairs whose states are held at once


def train_reply(out: Path) -> Path:
    """Train, write weights and card, and return the weights' path. Raises MissingData where a corpus is not here."""
    network = Dialogue.open()
    (learnt, taught, kinds), (seen, gold, seen_kinds) = (_judged(network, split) for split in ("train", "dev"))
    support, seen_support = (_support(network, split) for split in ("train", "dev"))
    mean, spread = learnt.mean(0), learnt.std(0) + 1e-3
    learnt, seen, support, seen_support = ((one - mean) / spread for one in (learnt, seen, support, seen_support))
    found = [
        _line(
            *_with(support, learnt[kinds == n], taught[kinds == n]),
            *_with(seen_support, seen[seen_kinds == n], gold[seen_kinds == n]),
        )
        for n in range(len(LABELS))
    ]
    lines, intercepts = np.stack([line for line, _ in found]), np.array([intercept for _, intercept in found])
    quiet = 1 / (1 + np.exp(-(seen_support @ lines.T + intercepts)))
    out.mkdir(parents=True, exist_ok=True)
    path = out / "guard-reply.safetensors"
    parts = {"lines": lines, "intercepts": intercepts, "mean": mean, "spread": spread}
    parts["thresholds"] = np.quantile(quiet, QUIET, axis=0)
    save_file({name: np.ascontiguousarray(one, dtype=np.float16) for name, one in parts.items()}, path)
    card = (resources.files("insula.train.guard") / "reply.card.md").read_text(encoding="utf-8")
    numbers = {"revision": digest(path), "sha256": sha256(path.read_bytes()).hexdigest()}
    filled = card.format(learnt=len(learnt), support=len(support), **numbers)
    path.with_suffix(".md").write_text(filled, encoding="utf-8")
    return path


def _judged(network: Dialogue, split: str) -> tuple[Array, Array, NDArray[np.int64]]:
    """Replies of DiaSafety: states (items, 1536), whether they are unsafe, and the number of their category."""
    talks = list(load("diasafety", split))
    unsafe = [float(bool(talk.read("boundary")[0].labels)) for talk in talks]
    kinds = [LABELS.index(talk.turns[1].meta["category"]) for talk in talks]
    pairs = [(talk.turns[0].text, talk.turns[1].text) for talk in talks]
    return _states(network, pairs), np.array(unsafe, np.float32), np.array(kinds)


def _support(network: Dialogue, split: str) -> Array:
    """States of what supporters answered."""
    pairs = [pair for name, speaker, most in SUPPORT for pair in islice(_answers(name, split, speaker), most)]
    return _states(network, pairs)


def _answers(name: str, split: str, speaker: str) -> Iterator[tuple[str, str]]:
    for talk in load(name, split):
        for turn in talk.turns:
            if turn.speaker == speaker and (said := before(talk, turn)):
                yield said[0], turn.text


def _states(network: Dialogue, pairs: Sequence[tuple[str, str]]) -> Array:
    return np.concatenate([states(network, pairs[start : start + BATCH]) for start in range(0, len(pairs), BATCH)])


def _with(support: Array, some: Array, unsafe: Array) -> tuple[Array, Array]:
    return np.concatenate([some, support]), np.concatenate([unsafe, np.zeros(len(support), np.float32)])


def _line(learnt: Array, taught: Array, seen: Array, gold: Array) -> tuple[Array, float]:
    """The line whose probabilities fit the development part best, with its slope folded in."""
    tried: list[tuple[float, Array, float]] = []
    for strength in HELD_BACK:
        fitted = LogisticRegression(C=strength, max_iter=300).fit(learnt, taught)
        raw = fitted.decision_function(seen)[:, None]
        platt = LogisticRegression(C=1e6).fit(raw, gold)
        slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
        loss = float(log_loss(gold, platt.predict_proba(raw)[:, 1]))
        tried.append((loss, fitted.coef_[0] * slope, float(fitted.intercept_[0]) * slope + shift))
    _, line, intercept = min(tried, key=lambda one: one[0])
    return line, intercept
