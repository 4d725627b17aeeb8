"""From a head's raw scores to calibrated numbers, decisions and doubt; everything here was fitted on development data.

A head's record (in the weights' `.json`) holds a slope and an intercept per label (Platt 1999), a decision threshold
per label, and what conformal prediction adds: `keep`, the probability down to which labels stay possible so that on
average nine in ten true labels are among them (Angelopoulos et al. 2022, conformal risk control), and `margin`, the
half-width that holds nine in ten true values of a dimension (Vovk et al. 2005, split conformal).

Of a one-of head the label with the largest probability over threshold is decided. An ordinal head of levels 0, 1, 2 has
two raw scores a label, for "at least 1" and "at least 2" (Frank & Hall 2001), and a threshold for each level: of each
label the level with the largest probability over threshold is decided. Its score is the expected level, kept where
rounding gives that decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Anchor, Annotation
from insula.scheme import Scheme, scheme

Array = NDArray[np.float32]
COVERAGE = 0.9
WITHIN = 0.49  # of a level: what rounds to it
NO_MARGIN: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Head:
    """One scheme a model speaks, with its columns among the model's raw scores.

    `exclusive` says that of a many-of scheme's labels its corpus allows one: they are scored and decided as one-of.
    """

    scheme: str
    columns: tuple[int, int]
    slope: tuple[float, ...]
    intercept: tuple[float, ...]
    thresholds: tuple[float, ...] = ()
    keep: float = 0.0
    margin: tuple[float, ...] = ()
    exclusive: bool = False

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Head:
        """A head from its JSON."""
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
        return cls(**fields)

    @cached_property
    def kind(self) -> Scheme:
        """The scheme itself."""
        return scheme(self.scheme)

    def calibrated(self, raw: Array) -> Array:
        """Raw scores (texts, all columns) -> calibrated scores (texts, labels of this head)."""
        logits = raw[:, slice(*self.columns)] * np.array(self.slope, np.float32) + np.array(self.intercept, np.float32)
        if self.kind.kind == "dimensional":
            return logits.clip(self.kind.low, self.kind.high)
        if self.exclusive or self.kind.kind == "one-of":
            shifted = np.exp(logits - logits.max(1, keepdims=True))
            return shifted / shifted.sum(1, keepdims=True)
        probabilities = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return self._levels(probabilities) if self.kind.kind == "ordinal" else probabilities

    def _levels(self, at_least: Array) -> Array:
        labels = len(self.kind.labels)
        one, two = at_least[:, :labels], np.minimum(at_least[:, labels:], at_least[:, :labels])
        each = np.stack([1 - one, one - two, two], 2)
        thresholds = np.array(self.thresholds or (1.0,) * labels * 3, np.float32).reshape(labels, 3)
        decided = (each / thresholds).argmax(2).astype(np.float32)
        return (one + two).clip(decided - WITHIN, decided + WITHIN)

    def annotation(self, scores: Array, at: Anchor, rater: str, because: tuple[str, ...] = ()) -> Annotation:
        """Calibrated scores of one text -> the annotation."""
        return self._annotations(scores[None], [at], rater, because)[0]

    def annotations(self, raw: Array, at: Sequence[Anchor], rater: str, reasons: Sequence[str]) -> list[Annotation]:
        """Raw scores of many texts -> an annotation each; a text with a reason gets an abstention instead."""
        found = self._annotations(self.calibrated(raw), at, rater, ())
        for index, reason in enumerate(reasons):
            if reason:
                found[index] = self.abstention(at[index], rater, reason)
        return found

    def _annotations(
        self, scores: Array, at: Sequence[Anchor], rater: str, because: tuple[str, ...]
    ) -> list[Annotation]:
        labels, layer = self.kind.labels, self.kind.layer
        margin = MappingProxyType(dict(zip(labels, self.margin, strict=True))) if self.margin else NO_MARGIN
        decided = self._chosen(scores)
        possible = _names(scores >= self.keep, labels) if self.keep else [()] * len(scores)
        values = (np.round(scores.astype(np.float64), 4) + 0.0).tolist()
        return [
            Annotation(layer, MappingProxyType(dict(zip(labels, row))), a, self.scheme, rater, d, p, margin, because)  # noqa: B905
            for row, a, d, p in zip(values, at, decided, possible, strict=True)
        ]

    def _chosen(self, scores: Array) -> list[tuple[str, ...]]:
        if self.exclusive or self.kind.kind == "one-of":
            weighed = scores / np.array(self.thresholds, np.float32) if self.thresholds else scores
            return [(self.kind.labels[best],) for best in weighed.argmax(1).tolist()]
        if self.kind.kind == "many-of":
            return _names(scores >= np.array(self.thresholds, np.float32), self.kind.labels)
        if self.kind.kind == "ordinal":
            return _names(scores >= 0.5, self.kind.labels)
        return [()] * len(scores)

    def abstention(self, at: Anchor, rater: str, reason: str) -> Annotation:
        """Looked, cannot tell, and why."""
        return Annotation(self.kind.layer, {}, at, self.scheme, rater, reason=reason)


def _names(chosen: NDArray[np.bool_], labels: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Rows of yes and no -> the labels of each row."""
    found: list[list[str]] = [[] for _ in range(len(chosen))]
    for row, column in zip(*(part.tolist() for part in chosen.nonzero()), strict=True):
        found[row].append(labels[column])
    return [tuple(some) for some in found]
