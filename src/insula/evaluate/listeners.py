"""Who listens: each learns from the clips of some speakers and then hears those of others.

    LISTENERS["egemaps"](train, labels)(test, own=False) -> probabilities (clips, labels)

With `own` every person's measures are taken against that person's own clips, unlabelled: minus their mean, by their
deviation. Strengths and temperatures are chosen among the speakers of the training clips alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .clips import Array, Clips, Names

Hear = Callable[[Clips, bool], Array]
Listener = Callable[[Clips, tuple[str, ...]], Hear]
Columns = Callable[[Clips], Array]
_STRENGTHS = (1.0, 5.0)  # C of the machines, chosen within the training speakers
_TEMPERATURES = np.geomspace(0.05, 5.0, 40)
_INNER = 3  # folds of training speakers


def against_own(values: Array, speakers: Names) -> Array:
    """Each person's rows (clips, columns) minus their mean, by their deviation; no label is looked at."""
    found = np.empty_like(values)
    for speaker in np.unique(speakers):
        own = speakers == speaker
        found[own] = (values[own] - values[own].mean(0)) / (values[own].std(0) + 1e-6)
    return found


def chance(train: Clips, labels: tuple[str, ...]) -> Hear:
    """Every label alike: the rates of the training clips would be upside down for a speaker who is left out."""
    del train
    return lambda test, _: np.full((len(test), len(labels)), 1 / len(labels), np.float32)


def machine(columns: Columns) -> Listener:
    """A support vector machine with radial kernel on some columns, as eGeMAPS is used (Eyben et al. 2016).

    It is fitted apart for people as they are and for people against their own clips. Raises ImportError where
    scikit-learn is missing.
    """

    def listen(train: Clips, labels: tuple[str, ...]) -> Hear:
        truth = np.array([labels.index(label) for label in train.labels])

        def given(some: Clips, own: bool) -> Array:
            values = np.nan_to_num(columns(some))
            return against_own(values, some.speakers) if own else values

        @cache
        def learnt(own: bool) -> tuple[Callable[[Array], Array], float]:
            values = given(train, own)
            strength, temperature = _chosen(values, truth, train.speakers, len(labels))
            return _fitted(values, truth, strength, len(labels)), temperature

        def hear(test: Clips, own: bool) -> Array:
            decide, temperature = learnt(own)
            return _softmax(decide(given(test, own)) / temperature)

        return hear

    return listen


def voice(states: Columns, prosody: Callable[[Clips], Array | None], soft: float = 0.0) -> Listener:
    """What `insula train voice` fits, anew: kernel machines on an encoder's layers and on prosody.

    `soft` is how much of a label weakly acted goes to neutral: the only graded targets that these corpora allow.
    """

    def listen(train: Clips, labels: tuple[str, ...]) -> Hear:
        from ..network.voice import Person, features
        from ..train.speech.head import fit

        head = fit(states(train), prosody(train), targets(train, labels, soft), train.speakers, seed=0)

        def hear(test: Clips, own: bool) -> Array:
            given, numbers = states(test), prosody(test)
            if not own:
                return head.predict(given, numbers)
            found = np.zeros((len(test), len(labels)), np.float32)
            for who in np.unique(test.speakers):
                rows = np.flatnonzero(test.speakers == who)
                some = given[rows], None if numbers is None else numbers[rows]
                found[rows] = head.predict(*some, Person.of(features(*some)))
            return found

        return hear

    return listen


def targets(train: Clips, labels: tuple[str, ...], soft: float = 0.0) -> Array:
    """1 for a clip's label, 0 for the others; with `soft` that share of what is weakly acted is neutral."""
    found = (train.labels[:, None] == np.array(labels)).astype(np.float32)
    if soft and "neutral" in labels:
        weak = (train.intensities == "normal") & (train.labels != "neutral")
        found[weak] *= 1 - soft
        found[weak, labels.index("neutral")] = soft
    return found


def _chosen(values: Array, truth: NDArray[np.intp], speakers: Names, labels: int) -> tuple[float, float]:
    """The strength with the best recall and the temperature with the best likelihood, on training speakers left out."""
    names = np.unique(speakers)
    best: tuple[float, float, NDArray[np.float64]] = (-1.0, _STRENGTHS[0], np.zeros((len(truth), labels)))
    for strength in _STRENGTHS:
        scores = np.zeros((len(truth), labels))
        for fold in range(min(_INNER, len(names))):
            out = np.isin(speakers, names[fold :: min(_INNER, len(names))])
            if out.all():
                continue
            scores[out] = _fitted(values[~out], truth[~out], strength, labels)(values[out])
        recall = float(np.mean([(scores[truth == k].argmax(1) == k).mean() for k in np.unique(truth)]))
        best = max(best, (recall, strength, scores), key=lambda one: one[0])
    losses = [-np.log(_softmax(best[2] / t)[np.arange(len(truth)), truth] + 1e-12).mean() for t in _TEMPERATURES]
    return best[1], float(_TEMPERATURES[int(np.argmin(losses))])


def _fitted(values: Array, truth: NDArray[np.intp], strength: float, labels: int) -> Callable[[Array], Array]:
    """Values -> how far each label is from the others, the farthest being the answer (clips, labels)."""
    try:
        from sklearn.svm import SVC
    except ModuleNotFoundError as error:
        raise ImportError(f"a support vector machine needs {error.name}: pip install 'insula[eval]'") from error
    there = np.unique(truth)
    middle, spread = values.mean(0), values.std(0) + 1e-6
    if len(there) == 1:
        return lambda some: np.eye(labels, dtype=np.float32)[np.full(len(some), there[0])]
    model = SVC(C=strength, class_weight="balanced").fit((values - middle) / spread, truth)

    def decide(some: Array) -> Array:
        found = np.full((len(some), labels), -float(labels), np.float32)
        raw = model.decision_function((some - middle) / spread)
        found[:, there] = raw if raw.ndim == 2 else np.column_stack([-raw, raw])
        return found

    return decide


def _softmax(scores: NDArray[np.floating]) -> Array:
    raised = np.exp(scores - scores.max(1, keepdims=True))
    return (raised / raised.sum(1, keepdims=True)).astype(np.float32)


def _last_layer(some: Clips) -> Array:
    return some.states[:, -1].reshape(len(some), -1)


LISTENERS: Mapping[str, Listener] = MappingProxyType(
    {
        "blind": chance,
        "egemaps": machine(lambda some: some.egemaps),
        "prosody": machine(lambda some: some.functionals),
        "encoder": machine(_last_layer),
        "voice": voice(lambda some: some.states, lambda some: some.functionals),
    }
)
