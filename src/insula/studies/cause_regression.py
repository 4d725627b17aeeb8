"""Causes by logistic regression on what the text encoder says of two turns: which turn, and which of its clauses.

    model = Turns.fit(items, looks, development, development_looks)
    model.probabilities(test, test_looks)                  # (pairs,)

The encoder judges every turn by its own words; nobody tells which emotion people saw. Source of the setting: Poria et
al. 2021, arXiv:2012.11820, where the encoder is a RoBERTa fine-tuned on the pairs themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ..conversation import Conversation, Span
from ..evaluate.items import Item
from ..evaluate.spans import gold_words
from ..network.text import Network
from ..network.windows import windows
from .measure import Array

FAR = 4  # turns further back than this are alike
_CLAUSE = re.compile(r"[^.,;:!?…]+[.,;:!?…]*\s*|[.,;:!?…]+\s*")
Looks = Mapping[str, Array]


def looks(texts: Iterable[str]) -> dict[str, Array]:
    """Text -> its seven Ekman probabilities and, of length one, its pooled vector; zeros for a text without tokens."""
    network = Network.open("text-open")
    head = next(head for head in network.heads if head.scheme == "ekman7")
    found = {text: windows(text, network.tokenizer)[:1] for text in dict.fromkeys(texts)}
    readings = iter(network.run([window for some in found.values() for window in some]))
    made: dict[str, Array] = {}
    for text, some in found.items():
        reading = next(readings) if some else None
        if reading is None:
            made[text] = np.zeros(7 + 384)
        else:
            pooled = reading.pooled / np.linalg.norm(reading.pooled)
            made[text] = np.concatenate([head.calibrated(reading.raw[None])[0], pooled])
    return made


def texts(conversations: Iterable[Conversation]) -> list[str]:
    """Every turn's text."""
    return [turn.text for conversation in conversations for turn in conversation.turns]


@dataclass(frozen=True)
class Turns:
    """Is this turn a cause of what is felt in that one? `history`: whether it knows how they stand to each other."""

    model: Pipeline
    threshold: float
    history: bool

    @staticmethod
    def fit(items: Sequence[Item], development: Sequence[Item], known: Looks, history: bool = True) -> Turns:
        """Learnt on `items`; the threshold is that of the best F1 of causes on `development`."""
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=300))
        model.fit(_pair_features(items, known, history), truth(items))
        scores = model.predict_proba(_pair_features(development, known, history))[:, 1]
        return Turns(model, best_threshold(truth(development), scores), history)

    def probabilities(self, items: Sequence[Item], known: Looks) -> Array:
        """(pairs,) that the turn is a cause."""
        return self.model.predict_proba(_pair_features(items, known, self.history))[:, 1]


def truth(items: Sequence[Item]) -> Array:
    """1 where people marked a cause, else 0."""
    return np.array([int(item.gold["cause"].scores["cause"] >= 0.5) for item in items])


def best_threshold(gold: Array, scores: Array) -> float:
    """The threshold with the best F1 of the positive class."""
    tried = np.unique(np.quantile(scores, np.linspace(0.02, 0.98, 97)))
    f1 = [2 * (gold[scores >= t]).sum() / max(gold.sum() + (scores >= t).sum(), 1) for t in tried]
    return float(tried[int(np.argmax(f1))])


def _pair_features(items: Sequence[Item], known: Looks, history: bool) -> Array:
    rows: list[Array] = []
    for item in items:
        assert item.target
        source, target = known[item.turn.text], known[item.target.text]
        felt = int(target[:6].argmax())
        alike = float(source[7:] @ target[7:])
        both = [float(source[felt]), alike, np.log1p(len(item.turn.text)), np.log1p(len(item.target.text))]
        row = np.concatenate([source[:7], target[:7], both])
        if history:
            place = np.eye(FAR + 1)[min(item.distance, FAR)]
            same = float(item.turn.speaker == item.target.speaker)
            row = np.concatenate([row, place, [same], np.outer(place, [source[felt], source[6], alike]).ravel()])
        rows.append(row)
    return np.stack(rows)


@dataclass(frozen=True)
class Clauses:
    """Which stretch of a causal turn is the cause: from the first to the last likely clause."""

    model: Pipeline

    @staticmethod
    def fit(items: Sequence[Item], known: Looks) -> Clauses:
        """Learnt on the clauses of turns with a marked stretch; `known` must hold the clauses too."""
        rows, inside = [], []
        for item in items:
            if not gold_words(item):
                continue
            low, high = item.gold["cause"].at.chars or (0, len(item.turn.text))
            cut = clauses(item.turn.text)
            rows.append(_clause_features(item, cut, known))
            inside += [low <= (start + end) / 2 <= high for start, end in cut]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=300))
        return Clauses(model.fit(np.concatenate(rows), np.array(inside)))

    def stretch(self, item: Item, known: Looks) -> str:
        """The words of the item's turn that are its cause, if it is one."""
        cut = clauses(item.turn.text)
        likely = self.model.predict_proba(_clause_features(item, cut, known))[:, 1]
        chosen = [k for k, p in enumerate(likely) if p >= 0.5] or [int(likely.argmax())]
        return item.turn.text[cut[chosen[0]][0] : cut[chosen[-1]][1]].strip()


def clauses(text: str) -> list[Span]:
    """The characters of each clause; one for a text without marks."""
    return [match.span() for match in _CLAUSE.finditer(text)] or [(0, len(text))]


def clause_texts(items: Iterable[Item]) -> list[str]:
    """Every clause of every turn asked about."""
    return [item.turn.text[start:end] for item in items for start, end in clauses(item.turn.text)]


def _clause_features(item: Item, cut: Sequence[Span], known: Looks) -> Array:
    assert item.target
    target, rows = known[item.target.text], []
    for place, (start, end) in enumerate(cut):
        own = known[item.turn.text[start:end]]
        words = len(item.turn.text[start:end].split())
        where = [
            place == 0,
            place == len(cut) - 1,
            place / len(cut),
            len(cut) == 1,
            np.log1p(len(cut)),
            np.log1p(words),
        ]
        felt = int(target[:6].argmax())
        how = [own[felt], own[6], float(own[7:] @ target[7:]), item.distance == 0, item.text == item.target.text]
        rows.append([float(value) for value in (*where, *how, *own[:7])])
    return np.array(rows)
