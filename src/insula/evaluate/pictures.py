"""Benchmarks of pictures: faces in the publisher's splits, photographs in folds of their themes.

    shown("ferplus", "test").images            # what people judged, and what most of them said

In splits, the train split teaches the baselines and the test split is scored once. In folds, every picture is judged by
what learnt from pictures of other themes, which is asserted; all are then scored together, with an interval from
drawing themes. Slices of faces: "majority" are those on whose expression over half of the voters agree (what FER+'s
authors test on), "apart" those that are not nearly the same as a picture of the train split.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..conversation import Annotation, Conversation
from ..pipeline import Pipeline
from .answers import Answers, highest
from .run import Outcome, Scorer
from .task import Benchmark, Slice

Array = NDArray[np.float32]
Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
ALIKE = 0.95
"""Correlation of two pictures at 12 x 12 grey pixels from which on they are nearly the same."""
_SMALL = 12


@dataclass(frozen=True)
class Pictures:
    """Pictures [h, w, 3], what gold says of each (None: nothing), which group it is of, and which are `agreed` on."""

    images: tuple[Image, ...]
    gold: tuple[Annotation | None, ...]
    groups: NDArray[np.str_]
    agreed: Mask

    def __len__(self) -> int:
        return len(self.images)

    def only(self, chosen: Mask | NDArray[np.intp]) -> Pictures:
        """Some of them."""
        rows = np.arange(len(self))[chosen]
        images, gold = (tuple(some[row] for row in rows) for some in (self.images, self.gold))
        return Pictures(images, gold, self.groups[rows], self.agreed[rows])

    def values(self, slice: Slice) -> Array:
        """Gold as numbers [n, labels]; NaN where it says nothing."""
        rows = [
            [one.scores.get(label, np.nan) for label in slice.labels] if one else [np.nan] * len(slice.labels)
            for one in self.gold
        ]
        return np.array(rows, np.float32).reshape(len(self), len(slice.labels))


def shown(corpus: str, split: str) -> Pictures:
    """The pictures of a split. Raises KeyError, and insula.data.MissingData for absent files."""
    from ..data import corpus as record

    return _shown(corpus, split, record(corpus).paths(split))


@lru_cache(maxsize=4)
def _shown(corpus: str, split: str, paths: tuple[object, ...]) -> Pictures:
    from ..data import load

    del paths
    return of(load(corpus, split))


def of(conversations: Iterator[Conversation]) -> Pictures:
    """Conversations of one picture each."""
    images, gold, groups, agreed = [], list[Annotation | None](), [], []
    for one in conversations:
        images.append(np.asarray(one.signals("video")[0].samples)[0])
        said = [x for layer in ("emotion", "affect") for x in one.read(layer, rater="gold") if not x.abstained]
        gold.append(said[0] if said else None)
        groups.append(one.meta.get("group", one.id))
        agreed.append(bool(one.turns[0].meta.get("majority", False)))
    return Pictures(tuple(images), tuple(gold), np.array(groups, np.str_), np.array(agreed, bool))


def looked(
    benchmark: Benchmark, pipeline: str | Pipeline | None, limit: int | None, seed: int, note: Callable[[str], None]
) -> Iterator[Outcome]:
    """One outcome per slice. `pipeline` is one of `VIEWERS`, by default the benchmark's; `limit` draws pictures.

    A baseline whose weights are not installed is left out, which `note` is told. Raises ValueError for another name.
    """
    from .viewers import VIEWERS

    name = benchmark.pipeline if pipeline is None else pipeline
    if not isinstance(name, str) or name not in VIEWERS:
        raise ValueError(f"{benchmark.name} is of single pictures: choose one of {', '.join(VIEWERS)} to look at them")
    missing = {one: VIEWERS[one].missing() for one in (name, *benchmark.baselines)}
    if missing[name]:
        raise ValueError(missing[name])
    for one in benchmark.baselines:
        if missing[one]:
            note(f"{benchmark.name}: {one} is left out: {missing[one]}")
    run = Looking(benchmark, name, tuple(one for one in benchmark.baselines if not missing[one]), limit, seed)
    for slice in benchmark.slices:
        yield run.outcome(slice)


class Looking(Scorer):
    """One viewer on one benchmark, and the baselines; each looks at every picture once."""

    def __init__(
        self, benchmark: Benchmark, name: str, others: tuple[str, ...], limit: int | None = None, seed: int = 0
    ) -> None:
        super().__init__(benchmark, f"{name} in folds" if benchmark.folds else name, seed)
        self.viewer, self.others = name, others
        every = shown(*benchmark.test)
        asked = np.flatnonzero([one is not None for one in every.gold])
        if limit is not None and limit < len(asked):
            asked = np.sort(np.random.default_rng(seed).choice(asked, limit, replace=False))
        self.test = every.only(asked)
        self._seen: dict[tuple[str, tuple[str, ...]], Array] = {}

    def outcome(self, slice: Slice) -> Outcome:
        """The answers of the viewer and the baselines to one slice, and its numbers."""
        values = self.test.values(slice)
        counted: Mask = np.asarray(np.isfinite(values).all(1) & self._where(slice, values))
        answer, *others = (self._answers(name, slice).only(counted) for name in (self.viewer, *self.others))
        baselines = dict(zip(self.others, others, strict=True))
        groups = np.unique(self.test.groups[counted], return_inverse=True)[1]
        filled, gold = answer.filled(baselines["blind"]), values[counted]
        outcome = Outcome(self.benchmark, slice, (), gold, filled, answer.answered, baselines, groups)
        return replace(outcome, results=tuple(self.score(outcome)))

    def _where(self, slice: Slice, values: Array) -> Mask:
        judged = values.sum(1) > 0 if slice.decide == "one" else np.ones(len(values), bool)
        if slice.where == "majority":
            return judged & self.test.agreed
        if slice.where == "apart":
            return judged & (nearest(self.test, shown(*self.benchmark.train)) < ALIKE)
        return judged

    def _answers(self, name: str, slice: Slice) -> Answers:
        scores = self.seen(name, slice)
        none = np.zeros(scores.shape, bool)
        return Answers(scores, none if slice.decide == "value" else highest(scores), (name,))

    def seen(self, name: str, slice: Slice) -> Array:
        """Scores [n, labels] of every picture asked about, NaN where the viewer abstains."""
        from .viewers import VIEWERS

        if (name, slice.labels) not in self._seen:
            viewer, found = VIEWERS[name], np.full((len(self.test), len(slice.labels)), np.nan, np.float32)
            for train, rows in self._parts():
                known: Mask = np.asarray(np.isfinite(train.values(slice)).all(1))
                found[rows] = viewer.learn(train.only(known), slice)(self.test.only(rows))
            self._seen[name, slice.labels] = found
        return self._seen[name, slice.labels]

    def _parts(self) -> Iterator[tuple[Pictures, NDArray[np.intp]]]:
        """What to learn from, and which of the pictures asked about are then looked at."""
        train = shown(*self.benchmark.train)
        if not self.benchmark.folds:
            yield train, np.arange(len(self.test))
            return
        fold = dict(zip(*dealt(train.groups, self.benchmark.folds), strict=True))
        of_train, of_test = (np.array([fold[one] for one in some.groups]) for some in (train, self.test))
        for number in range(self.benchmark.folds):
            rows, rest = np.flatnonzero(of_test == number), train.only(of_train != number)
            if shared := set(rest.groups.tolist()) & set(self.test.groups[rows].tolist()):
                raise AssertionError(f"{len(shared)} themes are in training and in test, such as {min(shared)}")
            if len(rows):
                yield rest, rows


def dealt(groups: NDArray[np.str_], folds: int) -> tuple[list[str], list[int]]:
    """Each group, and the fold it is in; the same on every machine."""
    names = np.unique(groups)
    return names.tolist(), (np.random.default_rng(0).permutation(len(names)) % folds).tolist()


def nearest(some: Pictures, others: Pictures) -> Array:
    """How alike each picture [n] is to the most similar of others: the correlation of their small grey versions."""
    one, other = _small(some), _small(others)
    return np.concatenate([(part @ other.T).max(1) for part in np.array_split(one, max(1, len(one) // 200))])


def _small(pictures: Pictures) -> Array:
    """[n, pixels], of mean 0 and length 1."""
    from PIL import Image as Pillow

    size = (_SMALL, _SMALL)
    rows = [np.asarray(Pillow.fromarray(image).convert("L").resize(size)).ravel() for image in pictures.images]
    wide = np.array(rows, np.float32)
    wide -= wide.mean(1, keepdims=True)
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-6)
