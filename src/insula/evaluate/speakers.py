"""Benchmarks of speech: every clip is heard by what learnt from other speakers, and from nobody else.

    parts = parted(clips.speakers, clips.genders, 12)       # the fold of each clip; no speaker is in two

There is no published split of these corpora, so speakers are dealt into folds, women and men in turn; a fold's clips
are heard by what learnt from the other folds, and all clips together are scored once, with an interval from drawing
speakers. Where `apart` says so, a clip is also heard only by what learnt from other statements; where `learnt` names
corpora, by what learnt from those alone. That training and test share nobody is asserted for each fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ..pipeline import Pipeline
from .answers import Answers, highest
from .bootstrap import interval
from .clips import Array, Clips, Names, clips, joined
from .listeners import LISTENERS, Hear, Listener
from .metrics import Array as Numbers
from .metrics import unweighted_recall
from .run import Outcome, Result, Scorer
from .task import Benchmark, Hearing, Slice

Mask = NDArray[np.bool_]
Statistic = Callable[[Numbers], Numbers]


def parted(speakers: Names, genders: Names, count: int) -> NDArray[np.intp]:
    """The fold (from 0) of each clip: speakers of each gender in an order of their own, dealt one fold after the other.

    Folds are as many as speakers where there are fewer of these. Raises ValueError for a single speaker.
    """
    gender = dict(zip(speakers, genders, strict=True))
    order = sorted(gender, key=lambda who: (gender[who], blake2b(str(who).encode()).digest()))
    if len(order) < 2:
        raise ValueError("one speaker alone cannot be heard by what learnt from others")
    fold = {who: place % min(count, len(order)) for place, who in enumerate(order)}
    return np.array([fold[who] for who in speakers])


def strangers(train: Clips, test: Clips) -> None:
    """Raise AssertionError where a speaker is on both sides."""
    if shared := set(train.speakers) & set(test.speakers):
        raise AssertionError(f"{len(shared)} speakers are in training and in test, such as {sorted(shared)[0]}")


def folds(
    benchmark: Benchmark,
    pipeline: str | Pipeline | None,
    limit: int | None,
    seed: int,
    note: Callable[[str], None],
) -> Iterator[Outcome]:
    """One outcome per slice. `pipeline` is one of `LISTENERS`, by default the benchmark's; `limit` draws clips.

    Raises ValueError for a pipeline: its weights may know these speakers, and only what is fitted in folds does not.
    """
    name = benchmark.pipeline if pipeline is None else pipeline
    if not isinstance(name, str) or name not in LISTENERS:
        raise ValueError(
            f"{benchmark.name} is measured in folds of speakers, so what listens is fitted anew in each: "
            f"choose one of {', '.join(LISTENERS)}"
        )
    corpus = benchmark.test[0]
    others = [one for one in benchmark.baselines if one != "egemaps" or clips(corpus).egemaps.shape[1]]
    if len(others) < len(benchmark.baselines):
        note(f"{benchmark.name}: no functionals of opensmile lie beside the corpus, so its peer is left out")
    run = Folds(benchmark, name, tuple(others), limit, seed, LISTENERS)
    for slice in benchmark.slices:
        yield run.outcome(slice)


class Folds(Scorer):
    """One listener on one benchmark, and the baselines; whoever listens is fitted once for all sounds of the test."""

    def __init__(
        self,
        benchmark: Benchmark,
        name: str,
        others: tuple[str, ...],
        limit: int | None = None,
        seed: int = 0,
        listeners: Mapping[str, Listener] = LISTENERS,
        encoder: str = "tiny.en",
    ) -> None:
        super().__init__(benchmark, f"{name} in folds", seed)
        self.listener, self.others, self.listeners, self.encoder = name, others, listeners, encoder
        self.corpus = benchmark.test[0]
        self.chosen = _drawn(len(clips(self.corpus)), limit, seed)

    def clips(self, sound: str = "") -> Clips:
        """The clips that are asked about."""
        return clips(self.corpus, sound, self.encoder).only(self.chosen)

    def outcome(self, slice: Slice) -> Outcome:
        """The answers of the listener and the baselines to one slice, and its numbers."""
        test, hearing = self.clips(), slice.hearing
        counted = np.isin(test.labels, slice.labels) & _only(test, hearing)
        measured = not hearing.sound and all(clips(one).egemaps.shape[1] for one in (self.corpus, *hearing.learnt))
        names = [one for one in self.others if one != "egemaps" or measured]
        answer, *others = (self._answers(name, slice, counted) for name in (self.listener, *names))
        gold = (test.labels[counted, None] == np.array(slice.labels)).astype(np.float32)
        groups = np.unique(test.speakers[counted], return_inverse=True)[1]
        baselines = dict(zip(names, others, strict=True))
        filled = answer.filled(baselines["blind"])
        outcome = Outcome(self.benchmark, slice, (), gold, filled, answer.answered, baselines, groups)
        return replace(outcome, results=tuple(self._results(outcome, test, counted)))

    def _results(self, outcome: Outcome, test: Clips, counted: Mask) -> Iterator[Result]:
        hearing = outcome.slice.hearing
        if hearing.between:
            yield self.between(outcome, test.only(counted))
            return
        yield from self.score(outcome)
        if not hearing.only:
            yield from self.lead(outcome)
        if hearing.learnt:
            yield self.loss(outcome, counted)

    def _answers(self, name: str, slice: Slice, counted: Mask) -> Answers:
        scores = self.heard(name, slice)[counted]
        return Answers(scores, highest(scores), (name,))

    def heard(self, name: str, slice: Slice) -> Array:
        """The probabilities of every clip that has a label of the slice, NaN for the others."""
        hearing = slice.hearing
        found = np.full((len(self.chosen), len(slice.labels)), np.nan, np.float32)
        for hear, rows in self._fits(name, slice.labels, hearing.apart, hearing.learnt):
            found[rows] = hear(self.clips(hearing.sound).only(rows), hearing.own)
        return found

    @cache  # noqa: B019
    def _fits(
        self, name: str, labels: tuple[str, ...], apart: tuple[str, ...], learnt: tuple[str, ...]
    ) -> list[tuple[Hear, NDArray[np.intp]]]:
        """What was learnt for each part of the clips, and which these are; whole or not, they are heard by the same."""
        made: list[tuple[Hear, NDArray[np.intp]]] = []
        for train, rows in self._parts(labels, apart, learnt):
            strangers(train, self.clips().only(rows))
            made.append((self.listeners[name](train, labels), rows))
        return made

    def _parts(
        self, labels: tuple[str, ...], apart: tuple[str, ...], learnt: tuple[str, ...]
    ) -> Iterator[tuple[Clips, NDArray[np.intp]]]:
        """Clips to learn from, and which of the clips asked about what was learnt then hears."""
        every = self.clips()
        judged = np.isin(every.labels, labels)
        if learnt:
            others = joined(clips(corpus, "", self.encoder) for corpus in learnt)
            yield others.only(np.isin(others.labels, labels)), np.flatnonzero(judged)
            return
        fold = parted(every.speakers, every.genders, self.benchmark.folds)
        statements = np.unique(every.statements) if "statement" in apart else [None]
        for number in np.unique(fold):
            for statement in statements:
                said = every.statements == statement if statement is not None else np.ones(len(every), bool)
                test = judged & (fold == number) & said
                train = judged & (fold != number) & (~said if statement is not None else True)
                if test.any():
                    yield every.only(train), np.flatnonzero(test)

    def between(self, outcome: Outcome, test: Clips) -> Result:
        """How much better one group is heard than the other, first minus second in the order of their names."""
        groups = getattr(test, f"{outcome.slice.hearing.between}s")
        first, second = np.unique(groups)[:2]

        def gap(answer: Answers, weights: Numbers) -> Numbers:
            one, other = (
                unweighted_recall(outcome.gold, answer.decided, weights * (groups == group))
                for group in (first, second)
            )
            return one - other

        return self._change(outcome, "gap", {name: lambda w, one=one: gap(one, w) for name, one in _all(outcome)})

    def lead(self, outcome: Outcome) -> Iterator[Result]:
        """How far the listener is above the peer, a machine on eGeMAPS: opensmile's, or ours where it has none."""
        peer = next((outcome.baselines[name] for name in ("egemaps", "prosody") if name in outcome.baselines), None)
        if peer is not None:
            above = {name: _difference(outcome, one, peer) for name, one in _all(outcome)}
            yield self._change(outcome, "lead", above)

    def loss(self, outcome: Outcome, counted: Mask) -> Result:
        """What it costs to have learnt from other corpora alone: recall in folds of this one less recall.

        In folds all labels of the corpus are learnt, and those asked about are decided between.
        """
        first = self.benchmark.slices[0]
        inside = replace(first, hearing=Hearing(own=outcome.slice.hearing.own))
        columns = [first.labels.index(label) for label in outcome.slice.labels]
        heard = {name: self.heard(name or self.listener, inside)[counted][:, columns] for name, _ in _all(outcome)}
        at_home = {name: Answers(scores, highest(scores)) for name, scores in heard.items()}
        return self._change(
            outcome, "loss", {name: _difference(outcome, at_home[name], one) for name, one in _all(outcome)}
        )

    def _change(self, outcome: Outcome, metric: str, by_name: dict[str, Statistic]) -> Result:
        items, once = len(outcome.gold), np.ones((1, len(outcome.gold)), np.float32)
        score = interval(by_name.pop(""), items, seed=self.seed, groups=outcome.groups)
        others = {name: float(statistic(once)[0]) for name, statistic in by_name.items() if name != "blind"}
        coverage = float(outcome.answered.mean())
        return self.result(outcome.slice.name, metric, score, items, coverage, others, outcome.answers)


def _all(outcome: Outcome) -> list[tuple[str, Answers]]:
    """The listener's answers, under "", and those of the baselines."""
    return [("", outcome.answers), *outcome.baselines.items()]


def _difference(outcome: Outcome, first: Answers, second: Answers) -> Statistic:
    return lambda weights: (
        unweighted_recall(outcome.gold, first.decided, weights)
        - unweighted_recall(outcome.gold, second.decided, weights)
    )


def _only(test: Clips, hearing: Hearing) -> Mask:
    kept = np.ones(len(test), bool)
    for name, value in hearing.only.items():
        said = {"speaker": test.speakers, "gender": test.genders, "intensity": test.intensities}[name]
        kept &= np.array([bool(re.fullmatch(value, one)) for one in said])
    return kept


def _drawn(count: int, limit: int | None, seed: int) -> NDArray[np.intp]:
    if limit is None or limit >= count:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:limit])
