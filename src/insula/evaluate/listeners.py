"""Who listens: each learns from the clips of some speakers and then hears those of others.

    LISTENERS["egemaps"](train, labels, own=False)(test) -> probabilities (clips, labels)

With `own` every person's measures are taken against that person's own clips, unlabelled: minus their mean, by their
deviation. Strengths and temperatures are chosen among the speakers of the training clips alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .clips import Array, Clips, Names

Hear = Callable[[Clips], Array]
Listener = Callable[[Clips, tuple[str, ...], bool], Hear]
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


def chance(train: Clips, labels: tuple[str, ...], own: bool) -> Hear:
    """How often each label is in the training clips: the same answer to every clip."""
    del own
    rates = np.array([(train.labels == label).mean() for label in labels], np.float32)
    return lambda test: np.tile(rates, (len(test), 1))


def machine(columns: Columns) -> Listener:
    """A support vector machine with radial kernel on some columns (Schuller et al. 2009, as eGeMAPS is used).

    Raises ImportError where scikit-learn is missing.
    """

    def listen(train: Clips, labels: tuple[str, ...], own: bool) -> Hear:
        def given(some: Clips) -> Array:
            values = np.nan_to_num(columns(some))
            return against_own(values, some.speakers) if own else values

        truth = np.array([labels.index(label) for label in train.labels])
        values = given(train)
        strength, temperature = _chosen(values, truth, train.speakers, len(labels))
        decide = _fitted(values, truth, strength, len(labels))
        return lambda test: _softmax(decide(given(test)) / temperature)

    return listen


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


def _both(some: Clips) -> Array:
    return np.concatenate([some.functionals, _last_layer(some)], 1)


LISTENERS: Mapping[str, Listener] = MappingProxyType(
    {
        "blind": chance,
        "egemaps": machine(lambda some: some.egemaps),
        "prosody": machine(lambda some: some.functionals),
        "encoder": machine(_last_layer),
        "both": machine(_both),
    }
)
