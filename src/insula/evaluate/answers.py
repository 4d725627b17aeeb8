"""What a pipeline answers on a split, in a benchmark's scheme, and how scores become decisions.

    (readings,) = read_with(pipeline, [split])
    answers(readings, slice, None).decided -> bool array (items, labels)

Decisions are the pipeline's own (`Annotation.labels`) where it makes any; otherwise thresholds tuned on the dev split
with the same pipeline. The test split never tunes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..conversation import Annotation
from ..pipeline import Pipeline
from .items import ITEMS, Reading
from .split import Split, columns, known, route, to_scheme
from .task import Slice

_AT_ONCE = 256  # conversations held with everything that was said of them


class NoAnswer(ValueError):
    """A pipeline and a slice have no scheme in common, nor one that a map leads to."""


@dataclass(frozen=True)
class Answers:
    """Scores (items, labels), NaN where the pipeline abstained, and the labels it decides on."""

    scores: NDArray[np.float32]
    decided: NDArray[np.bool_]
    raters: tuple[str, ...] = ()
    way: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """The revisions of the raters that answered: what stands behind the @."""
        return " ".join(rater.partition("@")[2] for rater in self.raters if "@" in rater)

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which items have any score."""
        return known(self.scores)

    def filled(self, blind: Answers) -> Answers:
        """The same with something to score where there is nothing: how often a label occurs, the mean of a dimension.

        What an abstention decides stays nothing, so it misses whatever was there.
        """
        return replace(self, scores=np.where(np.isfinite(self.scores), self.scores, blind.scores))

    def only(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Answers:
        """The answers on some of the items."""
        return replace(self, scores=self.scores[chosen], decided=self.decided[chosen])

    def of(self, labels: Sequence[int]) -> Answers:
        """What was said of some of the labels, once all were decided between."""
        return replace(self, scores=self.scores[:, labels], decided=self.decided[:, labels])


def read_with(pipeline: Pipeline, splits: Sequence[Split]) -> list[list[Reading]]:
    """Run once over the bare conversations of splits that share them: for each split, what was answered to its items.

    Only the answers are kept, so that memory does not grow with the number of turns.
    """
    asked: dict[int, list[tuple[int, int]]] = {}
    for which, split in enumerate(splits):
        for place, item in enumerate(split.items):
            asked.setdefault(item.conversation, []).append((which, place))
    found: list[list[Reading]] = [[{}] * len(split.items) for split in splits]
    numbers = sorted(asked)
    done = pipeline.run_many(splits[0].bare(numbers), _AT_ONCE)
    for number, conversation in zip(numbers, done, strict=True):
        for which, place in asked[number]:
            split = splits[which]
            found[which][place] = ITEMS[split.kind].read(conversation, split.items[place], pipeline.writes)
    return found


def answers(readings: Sequence[Reading], slice: Slice, dev: Callable[[], tuple[Answers, NDArray]] | None) -> Answers:
    """The readings in the slice's scheme. `dev` gives answers and gold of the dev split; it is called only when needed.

    Raises NoAnswer when no scheme of the readings leads to the slice's.
    """
    schemes = dict.fromkeys(name for reading in readings for name in reading)
    ways = [way for target in slice.answers if (way := route(schemes, target))]
    if not ways:
        spoken, wanted = ", ".join(schemes) or "no scheme", " or ".join(slice.answers)
        raise NoAnswer(f"it speaks {spoken}, and no map leads from there to {wanted}")
    way = ways[0]
    found = [to_scheme({way[0]: one[way[0]]}, way[-1]) if way[0] in one else None for one in readings]
    raters = dict.fromkeys(one[way[0]].rater for one in readings if way[0] in one)
    scores = columns(found, slice)
    decided = _decide(scores, found, slice, dev)
    return Answers(scores, decided, tuple(raters), way)


def _decide(
    scores: NDArray[np.float32],
    found: Sequence[Annotation | None],
    slice: Slice,
    dev: Callable[[], tuple[Answers, NDArray]] | None,
) -> NDArray[np.bool_]:
    if slice.decide == "value":
        return np.zeros(scores.shape, bool)
    if slice.decide == "one":
        return _own_choice(highest(scores), found, slice)
    if dev is None or any(annotation and annotation.labels for annotation in found):
        chosen = [set(annotation.labels) if annotation else set[str]() for annotation in found]
        return np.array([[label in labels for label in slice.labels] for labels in chosen], bool)
    tuned, gold = dev()
    return above(scores, thresholds(gold[tuned.answered], tuned.scores[tuned.answered]))


def _own_choice(best: NDArray[np.bool_], found: Sequence[Annotation | None], slice: Slice) -> NDArray[np.bool_]:
    """The one label a pipeline decided on, where it did: that may be another than the one with the highest score."""
    if slice.level:
        return best
    for row, annotation in enumerate(found):
        if annotation and len(annotation.labels) == 1 and annotation.labels[0] in slice.labels:
            best[row] = [label == annotation.labels[0] for label in slice.labels]
    return best


def highest(scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The one label with the highest score; none where there are no scores."""
    finite = np.nan_to_num(scores, nan=-np.inf)
    best = np.zeros(scores.shape, bool)
    best[np.arange(len(scores)), finite.argmax(1)] = True
    return best & np.isfinite(scores)


def above(scores: NDArray[np.float32], bounds: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The labels that reach their threshold; none where there are no scores."""
    return np.nan_to_num(scores, nan=-np.inf) >= bounds


def thresholds(gold: NDArray, scores: NDArray) -> NDArray[np.float32]:
    """Per label the threshold with the best F1 on development data; infinite for a label that never occurs there."""
    return np.array([_threshold(gold[:, k] > 0.5, scores[:, k]) for k in range(scores.shape[1])], np.float32)


def _threshold(truth: NDArray[np.bool_], scores: NDArray) -> float:
    if not truth.any():
        return np.inf
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(ranked) + 1) + truth.sum())
    cut = np.append(ranked[:-1] > ranked[1:], True)  # equal scores cannot be told apart
    best = int(np.argmax(np.where(cut, f1, -1)))
    return float((ranked[best] + ranked[best + 1]) / 2 if best + 1 < len(ranked) else ranked[best])
