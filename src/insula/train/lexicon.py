"""Learn the lexicon's weights: sparse linear models on word presence, from GoEmotions and EmoBank.

    INSULA_DATA=... python -m insula.train.lexicon      # under a minute on one core: lexicon.json.gz, english.txt

Only the training parts are learnt from; thresholds and calibration come from the development parts. Emoji too rare in
these texts take their weights from EmoTag1200 (Shoeb & de Melo 2020). The card is `weights/text-lexicon.md`.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import precision_recall_curve

import insula
from insula.data.arrays import texts
from insula.data.lexicons import scores as emoji_scores
from insula.perceive.text import lexicon
from insula.perceive.text.lexicon import Weights
from insula.perceive.text.rules import units
from insula.scheme import mapping, scheme

Array = NDArray[Any]
Words = dict[str, dict[str, float]]
FOLDER = Path(insula.__file__).parent
EMOTIONS, DIMENSIONS = scheme("goemotions28").labels, scheme("vad").labels
# How often a unit must be seen to get a weight, and a word to count as frequent English.
SEEN, PAIR_SEEN, EMOBANK_SEEN, ENGLISH_SEEN = 5, 30, 3, 10
SPARSITY, SHRINKAGE, COVERAGE = 2.0, 1.5, 0.9
# Plutchik's eight as GoEmotions' labels, with the weight of a full score: a strong emoji alone decides a text.
EMOJI = {
    "anger": {"anger": 7.0},
    "anticipation": {"excitement": 4.0},
    "disgust": {"disgust": 7.0},
    "fear": {"fear": 7.0},
    "joy": {"joy": 7.0},
    "sadness": {"sadness": 7.0},
    "surprise": {"surprise": 7.0},
    "trust": {"admiration": 3.0, "caring": 3.0},
}
EMOJI_LEAST, EMOJI_NEUTRAL = 0.25, -3.0


def learn() -> Weights:
    """The weights, learnt, calibrated on development data, not yet written."""
    posts, emotions = texts("goemotions", "train", "goemotions28")
    sentences, affect = texts("emobank", "train", "vad")
    vocabulary = _vocabulary(posts, sentences)
    coefficients, bias = _emotion_weights(_matrix(posts, vocabulary), emotions)
    rare = _rare_emoji(vocabulary)
    vocabulary |= {emoji: len(vocabulary) + index for index, emoji in enumerate(rare)}
    coefficients = np.vstack([coefficients, np.array([[row.get(e, 0.0) for e in EMOTIONS] for row in rare.values()])])
    slopes, centre = _affect_weights(_matrix(sentences, vocabulary), affect, coefficients)
    words = _sparse(vocabulary, EMOTIONS, coefficients, 0.1, 2)
    for name, row in _sparse(vocabulary, DIMENSIONS, slopes, 0.01, 3).items():
        words.setdefault(name, {}).update(row)
    biases = dict(zip((*EMOTIONS, *DIMENSIONS), np.round([*bias, *centre], 4).tolist(), strict=True))
    table = mapping("goemotions28", "sentiment4").table
    groups = {group: [e for e in EMOTIONS if group in table.get(e, {})] for group in scheme("sentiment4").labels}
    return _calibrated(Weights(words, biases, {}, groups, ""))


def _vocabulary(posts: Sequence[str], sentences: Sequence[str]) -> dict[str, int]:
    seen = _count(posts)
    names = {name for name, count in seen.items() if count >= (PAIR_SEEN if " " in name else SEEN)}
    names |= {name for name, count in _count(sentences).items() if count >= EMOBANK_SEEN and " " not in name}
    return {name: column for column, name in enumerate(sorted(names))}


def _count(some: Iterable[str]) -> Counter[str]:
    return Counter(name for text in some for name in {unit.name for unit in units(text)})


def _matrix(some: Sequence[str], vocabulary: dict[str, int]) -> csr_matrix:
    """(texts, units): how much each unit counts, over the square root of the text's length, as the lexicon reads it."""
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for text in some:
        found = units(text)
        size = max(1, sum(" " not in unit.name for unit in found)) ** 0.5
        for name, count in lexicon.counts(found).items():
            if name in vocabulary:
                values.append(count / size)
                columns.append(vocabulary[name])
        starts.append(len(values))
    return csr_matrix((values, columns, starts), (len(some), len(vocabulary)))


def _emotion_weights(x: csr_matrix, targets: Array) -> tuple[Array, Array]:
    """One sparse logistic model a label: coefficients (units, labels) and intercepts."""
    models = [
        LogisticRegression(C=SPARSITY, l1_ratio=1, solver="liblinear", tol=1e-3, random_state=0).fit(x, column)
        for column in targets.T
    ]
    return np.stack([model.coef_[0] for model in models], 1), np.array([model.intercept_[0] for model in models])


def _affect_weights(x: csr_matrix, targets: Array, coefficients: Array) -> tuple[Array, Array]:
    """Ridge on words and on the emotions' raw scores, folded into one weight per word (units, dimensions).

    So a word EmoBank never shows still has a valence: that of the emotions it speaks for.
    """
    scale = float((x @ coefficients).std())
    model = Ridge(alpha=SHRINKAGE).fit(hstack([x, x @ coefficients / scale]).tocsr(), targets)
    own, shared = np.split(model.coef_.T, [len(coefficients)])
    return own + coefficients @ shared / scale, model.intercept_


def _rare_emoji(vocabulary: dict[str, int]) -> Words:
    """Emoji without a weight of their own -> weights from people's ratings of them."""
    found: Words = {}
    for emoji, row in emoji_scores("emotag").items():
        name = emoji[0]
        if name in vocabulary or not units(name):
            continue
        weights: dict[str, float] = {}
        for basic, score in row.items():
            for label, weight in EMOJI[basic].items():
                if score > EMOJI_LEAST:
                    weights[label] = weight * score
        if weights:
            found[name] = weights | {"neutral": EMOJI_NEUTRAL * max(row.values())}
    return found


def _sparse(vocabulary: dict[str, int], labels: Sequence[str], weights: Array, least: float, digits: int) -> Words:
    found: Words = {}
    for name, column in sorted(vocabulary.items()):
        row = {
            label: round(float(w), digits) for label, w in zip(labels, weights[column], strict=True) if abs(w) > least
        }
        if row:
            found[name] = row
    return found


def _calibrated(weights: Weights) -> Weights:
    """The same weights with slopes, thresholds, conformal sets and margins from development data."""
    posts, truth = texts("goemotions", "dev", "goemotions28")
    raw = [lexicon.read(post, (0, len(post)), weights).raw for post in posts]
    weights.heads["goemotions28"] = _platt(np.array([[one[e] for e in EMOTIONS] for one in raw]), truth, EMOTIONS)
    emotions = [lexicon.emotions(one, weights) for one in raw]
    weights.heads["goemotions28"] |= _decisions(emotions, truth, EMOTIONS)
    groups = tuple(weights.groups)
    grouped = np.stack([truth[:, [EMOTIONS.index(e) for e in weights.groups[g]]].max(1) for g in groups], 1)
    weights.heads["sentiment4"] = {"calibration": dict.fromkeys(groups, (1.0, 0.0))}
    before = [lexicon.sentiments(one, weights) for one in emotions]
    odds = np.array([[np.log(p / (1 - p)) for p in one.values()] for one in before])
    weights.heads["sentiment4"] = _platt(odds, grouped, groups)
    after = [lexicon.sentiments(one, weights) for one in emotions]
    weights.heads["sentiment4"] |= _decisions(after, grouped, groups)
    weights.heads["vad"] = {"margin": _margin(weights)}
    return weights


def _platt(raw: Array, truth: Array, labels: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, label in enumerate(labels):
        model = LogisticRegression(C=1.0).fit(raw[:, [column]], truth[:, column])
        found[label] = (round(float(model.coef_[0, 0]), 4), round(float(model.intercept_[0]), 4))
    return {"calibration": found}


def _decisions(scores: Sequence[dict[str, float]], truth: Array, labels: Sequence[str]) -> dict[str, Any]:
    """The threshold of the best F1 per label, and the one probability that keeps nine in ten true labels possible."""
    table = np.array([[one[label] for label in labels] for one in scores])
    thresholds = dict(zip(labels, map(_best_threshold, truth.T, table.T), strict=True))
    weight = truth / np.maximum(truth.sum(1, keepdims=True), 1)
    order = np.argsort(table[truth > 0])
    lost = np.cumsum(weight[truth > 0][order]) / len(table)
    keep = float(table[truth > 0][order][np.searchsorted(lost, 1 - COVERAGE)])
    return {"threshold": thresholds, "keep": round(keep, 4)}


def _best_threshold(truth: Array, scores: Array) -> float:
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return round(float(thresholds[f1[:-1].argmax()]), 4)


def _margin(weights: Weights) -> dict[str, float]:
    sentences, truth = texts("emobank", "dev", "vad")
    guess = [lexicon.affect(lexicon.read(s, (0, len(s)), weights).raw) for s in sentences]
    error = np.abs(np.array([list(one.values()) for one in guess]) - truth)
    return dict(zip(DIMENSIONS, np.round(np.quantile(error, COVERAGE, axis=0), 4).tolist(), strict=True))


def write(weights: Weights) -> None:
    """`lexicon.json.gz` and `english.txt`, in the package."""
    folder = FOLDER / "perceive" / "text"
    record = {"words": weights.words, "bias": weights.bias, "heads": weights.heads, "groups": weights.groups}
    plain = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    packed = gzip.compress(plain, mtime=0)
    (folder / lexicon.FILE).write_bytes(packed)
    seen = _count([*texts("goemotions", "train", "goemotions28")[0], *texts("emobank", "train", "vad")[0]])
    frequent = sorted(
        name for name, count in seen.items() if count >= ENGLISH_SEEN and name[0].isalpha() and " " not in name
    )
    (folder / "english.txt").write_text("\n".join(frequent) + "\n", encoding="utf-8")
    print(f"{len(weights.words)} units, {len(packed) / 1024:.0f} KB, sha256 {sha256(packed).hexdigest()}")


if __name__ == "__main__":
    write(learn())
