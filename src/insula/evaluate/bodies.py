"""Benchmarks of bodies: every person's windows are judged by what learnt from everybody else, or from another corpus.

There is no published split of these corpora, so people are left out one by one; all windows are scored once, with an
interval from drawing people. How much to shrink, and calibration, are chosen within the training people. That training
and test share nobody is asserted for each fit. No self-report is an input: none is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..body.states import MEASURES, NAMES, STATES
from ..pipeline import Pipeline
from .answers import Answers, highest
from .bootstrap import interval
from .metrics import Array as Numbers
from .metrics import macro_f1
from .run import Outcome, Result, Scorer
from .sensors import Names, Windows, windows
from .task import Benchmark, Sensing, Slice

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Judge = Callable[[Array], tuple[Array, Array]]
"""Values (windows, measures) -> chances (windows, labels), and what the highest is decided by."""
Learner = Callable[[Array, NDArray[np.intp], Names, int], Judge]
QUIET = ("baseline", "rest")  # what a person's own rest is taken from


def blind(values: Array, truth: NDArray[np.intp], people: Names, count: int) -> Judge:
    """How often each label is in training, whatever is measured."""
    del values, people
    rates = np.bincount(truth, minlength=count) / len(truth)
    return lambda some: _plainly(np.tile(rates, (len(some), 1)))


def heart_rate(values: Array, truth: NDArray[np.intp], people: Names, count: int) -> Judge:
    """Gaussians of the heart rate alone."""
    from ..body.states import Gaussians

    only = [NAMES.index("heart.rate")]
    made = Gaussians.fit(values[:, only], truth, people, 0.0, count)
    return lambda some: _plainly(made.chances(some[:, only]))


def forest(values: Array, truth: NDArray[np.intp], people: Names, count: int) -> Judge:
    """A hundred random trees on the measures of the minute alone, as Schmidt et al. 2018 have them.

    Raises ImportError where scikit-learn is missing.
    """
    try:
        from sklearn.ensemble import RandomForestClassifier
    except ModuleNotFoundError as error:
        raise ImportError(f"random trees need {error.name}: pip install 'insula[eval]'") from error
    del people
    now = slice(0, len(MEASURES))
    middle = np.nanmedian(values[:, now], 0)
    model = RandomForestClassifier(100, criterion="entropy", min_samples_split=20, random_state=0)
    model.fit(np.where(np.isfinite(values[:, now]), values[:, now], middle), truth)

    def judge(some: Array) -> tuple[Array, Array]:
        found = np.zeros((len(some), count))
        given = np.where(np.isfinite(some[:, now]), some[:, now], middle)
        found[:, model.classes_] = np.asarray(model.predict_proba(given))
        return _plainly(found)

    return judge


def states(values: Array, truth: NDArray[np.intp], people: Names, count: int) -> Judge:
    """What `insula train body` fits, anew."""
    from ..train.body.states import fitted

    made = fitted(values, truth, people, count)[0]

    def judge(some: Array) -> tuple[Array, Array]:
        chances = made.chances(some)
        return chances, np.log(chances + 1e-12) + made.lean

    return judge


def _plainly(chances: Array) -> tuple[Array, Array]:
    return chances, chances


LEARNERS: Mapping[str, Learner] = MappingProxyType(
    {"blind": blind, "heart rate": heart_rate, "forest": forest, "body": states}
)


def strangers(train: Names, test: Names) -> None:
    """Raise AssertionError where a person is on both sides."""
    if shared := set(train.tolist()) & set(test.tolist()):
        raise AssertionError(f"{len(shared)} people are in training and in test, such as {sorted(shared)[0]}")


def people(benchmark: Benchmark, pipeline: str | Pipeline | None, limit: int | None, seed: int) -> Iterator[Outcome]:
    """One outcome per slice. `pipeline` is one of `LEARNERS`, by default the benchmark's; `limit` draws windows.

    Raises ValueError for a pipeline: its weights know these people, and only what is fitted anew does not.
    """
    name = benchmark.pipeline if pipeline is None else pipeline
    if not isinstance(name, str) or name not in LEARNERS:
        raise ValueError(
            f"{benchmark.name} leaves people out one by one, so what judges is fitted anew: "
            f"choose one of {', '.join(LEARNERS)}"
        )
    run = LeftOut(benchmark, name, limit, seed)
    for slice in benchmark.slices:
        yield run.outcome(slice)


class LeftOut(Scorer):
    """One learner on one benchmark, and its baselines."""

    def __init__(self, benchmark: Benchmark, name: str, limit: int | None = None, seed: int = 0) -> None:
        super().__init__(benchmark, f"{name}, one person left out", seed)
        self.learner, self.limit = name, limit

    @property
    def windows(self) -> Windows:
        """Everybody's windows of the test."""
        return windows(self.benchmark.test[0])

    def outcome(self, slice: Slice) -> Outcome:
        """The answers of the learner and the baselines to one slice, and its numbers."""
        some, sensing = self.windows, slice.sensing
        truth = _truth(some, slice)
        counted = self._drawn((truth >= 0) & ~(_rested(some)[1] if sensing.own else np.zeros(len(some), bool)))
        answer, *others = (self._answers(name, slice, counted) for name in (self.learner, *self.benchmark.baselines))
        gold = np.eye(len(slice.labels), dtype=np.float32)[truth[counted]]
        groups = np.unique(some.people[counted], return_inverse=True)[1]
        baselines = dict(zip(self.benchmark.baselines, others, strict=True))
        answered = np.asarray(np.isfinite(_given(some, sensing)[counted]).any(1))
        outcome = Outcome(self.benchmark, slice, (), gold, answer, answered, baselines, groups)
        return replace(outcome, results=tuple(self._results(outcome, counted)))

    def _results(self, outcome: Outcome, counted: Mask) -> Iterator[Result]:
        sensing = outcome.slice.sensing
        yield from self.score(outcome)
        if sensing.own:
            yield self._change(outcome, counted, "own_gain", replace(sensing, own=False), 1)
        if sensing.learnt:
            yield self._change(outcome, counted, "transfer_loss", replace(sensing, learnt=""), -1)

    def _change(self, outcome: Outcome, counted: Mask, metric: str, other: Sensing, sign: int) -> Result:
        """How much macro-F1 changes beside another way of sensing the same windows."""
        beside = replace(outcome.slice, sensing=other)
        statistics = {}
        for name, said in (("", outcome.answers), *outcome.baselines.items()):
            than = self._answers(name or self.learner, beside, counted)
            statistics[name] = _difference(outcome, said, than, sign)
        items, once = len(outcome.gold), np.ones((1, len(outcome.gold)), np.float32)
        score = interval(statistics.pop(""), items, seed=self.seed, groups=outcome.groups)
        others = {name: float(one(once)[0]) for name, one in statistics.items() if name != "blind"}
        coverage = float(outcome.answered.mean())
        return self.result(outcome.slice.name, metric, score, items, coverage, others, outcome.answers)

    def _answers(self, name: str, slice: Slice, counted: Mask) -> Answers:
        scores, by = self._judged(name, slice.labels, slice.sensing)
        return Answers(scores[counted], highest(by[counted]).astype(bool), (name,))

    @cache  # noqa: B019
    def _judged(
        self, name: str, labels: tuple[str, ...], sensing: Sensing
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The chances of every window, and what is decided by; of rest and stress the likelier is."""
        some = self.windows
        given = _given(some, sensing)
        found, by = np.zeros((len(some), len(labels)), np.float32), np.zeros((len(some), len(labels)), np.float32)
        for judge, rows in self._fits(name, sensing.own, sensing.learnt):
            chances, leaning = judge(given[rows])
            found[rows] = _as(labels, chances)
            by[rows] = leaning if len(labels) == len(STATES) else found[rows]
        return found, by

    @cache  # noqa: B019
    def _fits(self, name: str, own: bool, learnt: str) -> list[tuple[Judge, NDArray[np.intp]]]:
        """What was learnt for each part of the windows, and which these are; what a test lacks changes nothing here."""
        some, made = self.windows, list[tuple[Judge, NDArray[np.intp]]]()
        other = windows(learnt) if learnt else some
        values, truth, count = _lessons(other, own)
        for person in [None] if learnt else np.unique(some.people):
            train = (truth >= 0) & (np.ones(len(other), bool) if person is None else other.people != person)
            rows = np.flatnonzero(np.ones(len(some), bool) if person is None else some.people == person)
            names = [
                np.char.add(f"{one} ", kept)
                for one, kept in (
                    (learnt or self.benchmark.test[0], other.people[train]),
                    (self.benchmark.test[0], some.people[rows]),
                )
            ]
            strangers(*names)
            made.append((LEARNERS[name](values[train], truth[train], other.people[train], count), rows))
        return made

    def _drawn(self, counted: Mask) -> Mask:
        places = np.flatnonzero(counted)
        if self.limit is None or self.limit >= len(places):
            return counted
        chosen = np.zeros(len(counted), bool)
        chosen[np.random.default_rng(self.seed).permutation(places)[: self.limit]] = True
        return chosen


def _lessons(some: Windows, own: bool) -> tuple[Array, NDArray[np.intp], int]:
    """What is learnt from: the three states where a corpus has them, else stress and rest; -1 is not learnt from."""
    labels, said = (STATES, some.states) if np.isin(some.states, STATES).any() else (("rest", "stress"), some.stress)
    truth = np.array([labels.index(one) if one in labels else -1 for one in said])
    if own:
        truth[_rested(some)[1]] = -1
    return _given(some, Sensing(own=own)), truth, len(labels)


def _given(some: Windows, sensing: Sensing) -> Array:
    """The values as they are judged: against the own rest, and NaN where the test lacks them."""
    from ..train.body.states import against

    values = against(some, _rested(some)[0]) if sensing.own else some.values.copy()
    groups = np.array([name.partition(".")[0] for name in NAMES])
    values[:, np.isin(groups, sensing.without)] = np.nan
    if sensing.only:
        values[:, ~np.isin(groups, sensing.only)] = np.nan
    return values


def _rested(some: Windows) -> tuple[Mapping[str, Array], Mask]:
    from ..train.body.states import first_rest

    labels = np.where(np.isin(some.states, QUIET), some.states, some.stress)
    stated = np.isin(some.states, STATES).any()
    return first_rest(some, some.states if stated else labels, QUIET[0] if stated else QUIET[1])


def _truth(some: Windows, slice: Slice) -> NDArray[np.intp]:
    """The label of each window, -1 where it does not count."""
    said = some.states if slice.scheme == "wesad3" else some.stress
    stated = np.isin(some.states, STATES)
    counts = stated if stated.any() and not slice.sensing.meditation else np.ones(len(some), bool)
    found = np.array([slice.labels.index(one) if one in slice.labels else -1 for one in said])
    return np.where(counts, found, -1)


def _as(labels: tuple[str, ...], chances: Array) -> Array:
    """Chances of three states as those of rest and stress, where these are asked for."""
    if len(labels) == chances.shape[1]:
        return chances
    stress = chances[:, STATES.index("stress")]
    return np.column_stack([1 - stress, stress])


def _difference(outcome: Outcome, first: Answers, second: Answers, sign: int) -> Callable[[Numbers], Numbers]:
    return lambda weights: (
        sign * (macro_f1(outcome.gold, first.decided, weights) - macro_f1(outcome.gold, second.decided, weights))
    )
