"""What costs nothing to beat, fitted in the same run: the blind answer, TF-IDF with a linear model, and a few others.

    blind(train_gold, slice, items)                     # the same answer for every text
    tfidf(texts, train_gold, dev_gold, slice)           # words and characters; needs insula[eval]
    BASELINES["positional"](material)                   # the turn itself and the one before it are the cause

What takes minutes on a large corpus is kept in the folder `INSULA_CACHE` (by default ~/.cache/insula) under a digest of
the data and the settings.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .answers import Answers, above, highest, thresholds
from .items import Item
from .metrics import METRICS, pearson
from .task import Slice

_WORDS = {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True, "strip_accents": "unicode"}
_CHARACTERS = {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 3, "sublinear_tf": True, "max_features": 60_000}
_CLASSIFIER = {"C": 1.0, "class_weight": "balanced", "solver": "liblinear", "random_state": 0}
_RIDGE = (1.0, 3.0, 10.0)  # strengths tried on the dev split
_TOWARDS_RARE = (
    0.0,
    0.25,
    0.5,
    0.75,
    1.0,
)  # how far the choice of one label leans to rare ones, tried on the dev split
_RIDGE_ON_STATES = (30.0, 100.0, 300.0, 1000.0, 3000.0)  # the same for 384 dense columns
_VERSION = 1  # of this file's method; goes into the digest
_CERTAIN = 1e-4  # probabilities stay this far from 0 and 1


@dataclass(frozen=True)
class Texts:
    """The texts of the three splits."""

    train: tuple[str, ...]
    dev: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """What a baseline may learn from, and the test items it answers; gold is that of train and dev alone.

    `learnt` are the train items that `train` is the gold of.
    """

    slice: Slice
    texts: Texts
    train: NDArray[np.float32]
    dev: NDArray[np.float32]
    items: tuple[Item, ...]
    learnt: tuple[Item, ...] = ()


def blind(gold: NDArray[np.float32], slice: Slice, items: int) -> Answers:
    """The best answer that does not look at the text, chosen on `gold` of the train split.

    The mean of each dimension, the most frequent label, or the k most frequent labels with the k that the slice's first
    metric likes best; scores are how often each label occurs.
    """
    rates = np.asarray(np.nanmean(gold, axis=0, dtype=np.float64), np.float32)
    decided = np.zeros(gold.shape[1], bool)
    if slice.decide != "value":
        decided[np.argsort(-rates, kind="stable")[: _how_many(gold, rates, slice)]] = True
    return Answers(np.tile(rates, (items, 1)), np.tile(decided, (items, 1)), ("blind",))


def _how_many(gold: NDArray[np.float32], rates: NDArray[np.float32], slice: Slice) -> int:
    if slice.decide == "one":
        return 1
    order, tried = np.argsort(-rates, kind="stable"), np.zeros((len(rates) + 1, len(rates)), bool)
    for k in range(1, len(rates) + 1):
        tried[k, order[:k]] = True
    metric = METRICS[slice.metrics[0]].function
    return int(np.argmax([metric(gold, np.broadcast_to(answer, gold.shape), None)[0] for answer in tried]))


def tfidf(texts: Texts, train: NDArray[np.float32], dev: NDArray[np.float32], slice: Slice) -> Answers:
    """Logistic regression, calibrated and with thresholds from dev; or ridge regression, its strength from dev.

    Raises ImportError where scikit-learn is missing.
    """
    return _kept(_digest(texts, train, dev, slice), "tfidf", lambda: _fit(_features(texts), train, dev, slice, _RIDGE))


def positional(items: Sequence[Item], reach: int = 1) -> Answers:
    """The rule that a cause is in the turn itself or in the `reach` turns before it."""
    near = np.array([[item.distance <= reach] for item in items])
    return Answers(near.astype(np.float32), near, ("positional",))


def chance(train: NDArray[np.float32], items: int) -> Answers:
    """Each label drawn as often as it occurs in train."""
    rates = np.asarray(train.mean(0), np.float32)
    decided = np.random.default_rng(0).random((items, len(rates))) < rates
    return Answers(np.tile(rates, (items, 1)), decided, ("random",))


def transition(given: Material) -> Answers:
    """How often each label followed the one before it in train; decided is the commonest (Markov 1913)."""
    rates = given.train.mean(0)
    followed: dict[str, NDArray] = {}
    for item, row in zip(given.learnt, given.train, strict=True):
        followed[item.before] = followed.get(item.before, rates) + row
    counts = np.array([followed.get(item.before, rates) for item in given.items], np.float32)
    scores = counts / counts.sum(1, keepdims=True)
    return Answers(scores, highest(scores), ("transition",))


def encoder(texts: Texts, train: NDArray[np.float32], dev: NDArray[np.float32], slice: Slice) -> Answers:
    """The same linear models on the mean state of the text encoder instead of TF-IDF."""
    key = f"{_digest(texts, train, dev, slice)}-encoder"
    return _kept(key, "encoder", lambda: _fit(_states(texts), train, dev, slice, _RIDGE_ON_STATES))


BASELINES: Mapping[str, Callable[[Material], Answers]] = MappingProxyType(
    {
        "blind": lambda given: blind(given.train, given.slice, len(given.items)),
        "tfidf": lambda given: tfidf(given.texts, given.train, given.dev, given.slice),
        "encoder": lambda given: encoder(given.texts, given.train, given.dev, given.slice),
        "positional": lambda given: positional(given.items),
        "transition": transition,
        "random": lambda given: chance(given.train, len(given.items)),
    }
)


def _kept(key: str, name: str, make: Callable[[], Answers]) -> Answers:
    """The answers under this key in the cache, made and put there where they are not."""
    path = _cache() / "baselines" / f"{key}.npz"
    if path.is_file():
        kept = np.load(path)
        return Answers(kept["scores"], kept["decided"], (name,))
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, scores=made.scores, decided=made.decided)
    part.replace(path)
    return Answers(made.scores, made.decided, (name,))


def _cache() -> Path:
    return Path(os.environ.get("INSULA_CACHE") or Path.home() / ".cache" / "insula")


def _digest(texts: Texts, train: NDArray[np.float32], dev: NDArray[np.float32], slice: Slice) -> str:
    settings: tuple[object, ...] = (_VERSION, _WORDS, _CHARACTERS, _CLASSIFIER, _RIDGE, slice.labels, slice.decide)
    if slice.decide == "one":
        settings += (_TOWARDS_RARE, slice.metrics[0], slice.of)
    digest = blake2b(repr(settings).encode(), digest_size=12)
    for part in (texts.train, texts.dev, texts.test):
        digest.update("\x00".join(part).encode("utf-8", "surrogatepass") + b"\x01")
    for gold in (train, dev):
        digest.update(gold.tobytes())
    return digest.hexdigest()


def _fit(
    features: tuple[Any, Any, Any],
    train: NDArray[np.float32],
    dev: NDArray[np.float32],
    slice: Slice,
    strengths: Sequence[float],
) -> Answers:
    if slice.decide == "value":
        columns = [_ridge(features, train[:, k], dev[:, k], strengths) for k in range(train.shape[1])]
        return Answers(np.column_stack(columns), np.zeros((features[2].shape[0], train.shape[1]), bool))
    fitted = [_logistic(features, train[:, k], dev[:, k]) for k in range(train.shape[1])]
    on_dev, on_test = (np.column_stack(column) for column in zip(*fitted, strict=True))
    if slice.decide == "one":
        rates = np.maximum(train.mean(0), _CERTAIN) ** _lean(train, dev, on_dev, slice)
        return Answers(on_test, highest(on_test / rates))
    return Answers(on_test, above(on_test, thresholds(dev, on_dev)))


def _lean(train: NDArray, dev: NDArray, on_dev: NDArray, slice: Slice) -> float:
    """The power of a label's rate to divide its probability by that the slice's first metric likes best on dev."""
    metric, rates, of = METRICS[slice.metrics[0]].function, np.maximum(train.mean(0), _CERTAIN), slice.scored
    found = [metric(dev[:, of], highest(on_dev / rates**power)[:, of], None)[0] for power in _TOWARDS_RARE]
    return _TOWARDS_RARE[int(np.argmax(found))]


@lru_cache(maxsize=1)
def _features(texts: Texts) -> tuple[Any, Any, Any]:
    """Sparse features of train, dev and test; kept for the next slice of the same benchmark."""
    try:
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ModuleNotFoundError as error:
        raise ImportError(f"the TF-IDF baseline needs {error.name}: pip install 'insula[eval]'") from error
    # one or two texts have nothing that occurs twice
    rare = {"min_df": 1} if len(texts.train) < 100 else {}
    both = [TfidfVectorizer(**{**settings, **rare}).fit(texts.train) for settings in (_WORDS, _CHARACTERS)]
    made = [hstack([one.transform(part) for one in both]).tocsr() for part in (texts.train, texts.dev, texts.test)]
    return made[0], made[1], made[2]


@lru_cache(maxsize=1)
def _states(texts: Texts) -> tuple[Any, Any, Any]:
    """The encoder's pooled state of each text, (texts, 384), its windows weighted by length."""
    from ..network.text import Network
    from ..network.windows import windows

    network = Network.open("text-open")
    parts: list[NDArray] = []
    for some in (texts.train, texts.dev, texts.test):
        cut = [windows(text, network.tokenizer) for text in some]
        readings = iter(network.run([window for one in cut for window in one]))
        parts.append(np.array([_mean_state([next(readings).pooled for _ in one], one) for one in cut]))
    middle, spread = parts[0].mean(0), parts[0].std(0) + 1e-9
    return tuple((part - middle) / spread for part in parts)  # pyright: ignore[reportReturnType]


def _mean_state(states: Sequence[NDArray], cut: Sequence[Any]) -> NDArray:
    """Zeros for a text without words."""
    return np.average(states, 0, [len(window.ids) for window in cut]) if states else np.zeros(384)


def _logistic(features: tuple[Any, Any, Any], train: NDArray, dev: NDArray) -> tuple[NDArray, NDArray]:
    """Probabilities on dev and test."""
    from sklearn.linear_model import LogisticRegression

    truth = train > 0.5
    if truth.all() or not truth.any():
        return np.full(len(dev), truth[0], np.float32), np.full(features[2].shape[0], truth[0], np.float32)
    model = LogisticRegression(**_CLASSIFIER).fit(features[0], truth)
    on_dev, on_test = (model.decision_function(part) for part in features[1:])
    slope, intercept = _platt(on_dev, dev > 0.5)
    return _sigmoid(slope * on_dev + intercept), _sigmoid(slope * on_test + intercept)


def _platt(scores: NDArray, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and intercept that calibrate scores on dev (Platt 1999).

    Balanced classes alone would overstate rare labels.
    """
    from sklearn.linear_model import LogisticRegression

    if truth.all() or not truth.any():
        return 1.0, 0.0
    fitted = LogisticRegression(C=100.0).fit(scores[:, None], truth)
    # a label that dev contradicts keeps its order: only how sure it is may come from there
    return max(float(fitted.coef_[0, 0]), 1e-3), float(fitted.intercept_[0])


def _sigmoid(logits: NDArray) -> NDArray:
    return np.clip(1 / (1 + np.exp(-logits)), _CERTAIN, 1 - _CERTAIN).astype(np.float32)


def _ridge(features: tuple[Any, Any, Any], train: NDArray, dev: NDArray, strengths: Sequence[float]) -> NDArray:
    """Values on test, by the strength that correlates best on dev."""
    from sklearn.linear_model import Ridge

    rated, tuning = np.isfinite(train), np.isfinite(dev)
    models = [Ridge(alpha=a, solver="sparse_cg").fit(features[0][rated], train[rated]) for a in strengths]
    fits = [_correlation(dev[tuning], model.predict(features[1][tuning])) for model in models]
    return models[int(np.argmax(fits))].predict(features[2]).astype(np.float32)


def _correlation(gold: Sequence[float] | NDArray, scores: NDArray) -> float:
    return float(pearson(np.asarray(gold)[:, None], scores[:, None])[0])
