"""Running benchmarks: a pipeline, two baselines, and a row of numbers per metric, all on the same items.

    evaluate(["goemotions"], "text", limit=500) -> [Result(benchmark="goemotions", metric="macro_f1", slice="28",
    ...), ...]

The headline scores every item. An abstention decides on no label and gets the train split's rates or means as its
scores: what saying nothing is worth. Where there are any, a second row with the slice "... (answered)" scores only what
was answered. Coverage is the answered share.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..component import name as name_of
from ..pipeline import Pipeline
from ..presets import pipeline as preset
from .answers import Answers, NoAnswer, Reading, answers, read_with
from .baselines import Texts, blind, tfidf
from .bootstrap import Interval, interval
from .metrics import METRICS
from .split import Split, known, overlap, read_split
from .task import Benchmark, Slice, benchmark

Note = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """One number.

    What was measured on what, its 95 % bootstrap interval, and what the baselines get on the same items.
    """

    benchmark: str
    metric: str
    slice: str
    score: float
    low: float
    high: float
    coverage: float
    n: int
    baselines: Mapping[str, float]
    pipeline: str
    revision: str


@dataclass(frozen=True)
class Outcome:
    """Everything behind the results of one slice, for reports: answers are filled where `answered` is false."""

    benchmark: Benchmark
    slice: Slice
    results: tuple[Result, ...]
    gold: NDArray[np.float32]
    answers: Answers
    answered: NDArray[np.bool_]
    baselines: Mapping[str, Answers]


def evaluate(
    names: Iterable[str],
    pipeline: str | Pipeline | None = None,
    limit: int | None = None,
    seed: int = 0,
    note: Note = warnings.warn,
) -> list[Result]:
    """The results of the named benchmarks; see `outcomes` for the parameters and what is raised."""
    return [result for one in outcomes(names, pipeline, limit, seed, note) for result in one.results]


def outcomes(
    names: Iterable[str],
    pipeline: str | Pipeline | None = None,
    limit: int | None = None,
    seed: int = 0,
    note: Note = warnings.warn,
) -> Iterator[Outcome]:
    """One outcome per slice, as each is done.

    `pipeline` is a preset, a catalogue row or a Pipeline, by default the benchmark's own. `limit` draws that many
    test items by `seed`, which also seeds the bootstrap. `note` hears, in sentences, what a reader of the numbers
    should know: texts shared by train and test, and slices the pipeline has no answer for. Raises KeyError for an
    unknown benchmark, insula.data.MissingData for absent files, ImportError where scikit-learn is missing, and
    ValueError when the pipeline can answer nothing at all.
    """
    chosen = [benchmark(name) for name in names]
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}: at least one item must be scored")
    found, reasons = 0, list[str]()
    for one in chosen:
        for outcome in _benchmark(one, pipeline, limit, seed, note, reasons):
            found += 1
            yield outcome
    if not found and reasons:
        raise ValueError("; ".join(reasons))


def to_json(results: Iterable[Result]) -> str:
    """One object, {"results": [...]}, numbers to four places; a number that does not exist is null."""
    return json.dumps({"results": [_plain(asdict(result)) for result in results]}, indent=1, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, float):
        return round(value, 4) + 0.0 if math.isfinite(value) else None  # + 0.0: no minus in front of a zero
    return value


def _benchmark(
    one: Benchmark,
    pipeline: str | Pipeline | None,
    limit: int | None,
    seed: int,
    note: Note,
    reasons: list[str],
) -> Iterator[Outcome]:
    run = Run(one, pipeline if pipeline is not None else one.pipeline, limit, seed)
    if shared := overlap(run.train, run.test):
        note(f"{one.name}: {shared}")
    for slice in one.slices:
        try:
            yield from run.outcomes(slice)
        except NoAnswer as error:
            reasons.append(f"{run.name} has no answer for {one.name} {slice.name}: {error}")
            note(reasons[-1])


class Run:
    """One pipeline on one benchmark; splits are read and the pipeline is run when first asked for, once."""

    def __init__(self, benchmark: Benchmark, pipeline: str | Pipeline, limit: int | None = None, seed: int = 0) -> None:
        self.benchmark, self.limit, self.seed = benchmark, limit, seed
        self.pipeline = preset(pipeline) if isinstance(pipeline, str) else pipeline
        parts = "+".join(name_of(part) for part in self.pipeline.components)
        self.name = pipeline if isinstance(pipeline, str) else parts

    @cached_property
    def train(self) -> Split:
        """What baselines learn from."""
        return read_split(*self.benchmark.train)

    @cached_property
    def dev(self) -> Split:
        """What thresholds are tuned on."""
        return read_split(*self.benchmark.dev)

    @cached_property
    def test(self) -> Split:
        """What is scored, or drawn from."""
        test = read_split(*self.benchmark.test)
        if not self.benchmark.exclude:
            return test
        learnt = {text.lower() for text in read_split(*self.benchmark.exclude).texts}
        return test.only([k for k, text in enumerate(test.texts) if text.lower() not in learnt])

    @cached_property
    def chosen(self) -> NDArray[np.intp]:
        """Numbers of the test items that are scored."""
        return self.test.sample(self.limit, self.seed)

    @cached_property
    def readings(self) -> list[Reading]:
        """What the pipeline said of the chosen test items."""
        return read_with(self.pipeline, self.test.only(self.chosen))

    @cached_property
    def _dev_readings(self) -> list[Reading]:
        return read_with(self.pipeline, self.dev)

    def answers(self, slice: Slice) -> Answers:
        """What the pipeline answers; raises NoAnswer where it speaks no scheme that leads to the slice's."""
        return answers(self.readings, slice, lambda: self._tuning(slice))

    def _tuning(self, slice: Slice) -> tuple[Answers, NDArray]:
        gold = self.dev.gold(slice)
        judged = known(gold)
        return answers(self._dev_readings, slice, None).only(judged), gold[judged]

    def baselines(self, slice: Slice) -> dict[str, Answers]:
        """The blind and the TF-IDF answers to the chosen test items, both from train and dev alone."""
        train, dev = self.train.gold(slice), self.dev.gold(slice)
        learnt, tuning = known(train), known(dev)
        texts = Texts(_pick(self.train.texts, learnt), _pick(self.dev.texts, tuning), self.test.texts)
        return {
            "blind": blind(train[learnt], slice, len(self.chosen)),
            "tfidf": tfidf(texts, train[learnt], dev[tuning], slice).only(self.chosen),
        }

    def outcomes(self, slice: Slice) -> Iterator[Outcome]:
        """The outcome of a slice; several for a benchmark that splits it further."""
        answer, baselines = self.answers(slice), self.baselines(slice)
        if self.benchmark.kind == "equity":
            from .equity import gaps

            yield gaps(self, slice, answer, baselines)
            return
        gold = self.test.gold(slice)[self.chosen]
        judged = known(gold)
        gold, answer = gold[judged], answer.only(judged)
        baselines = {name: one.only(judged) for name, one in baselines.items()}
        if not len(gold):
            raise NoAnswer("none of the chosen items is judged under it")
        filled = answer.filled(baselines["blind"])
        results = self._score(slice, gold, filled, answer.answered, baselines)
        yield Outcome(self.benchmark, slice, tuple(results), gold, filled, answer.answered, baselines)

    def _score(
        self,
        slice: Slice,
        gold: NDArray[np.float32],
        answer: Answers,
        answered: NDArray[np.bool_],
        baselines: Mapping[str, Answers],
    ) -> Iterator[Result]:
        for metric in slice.metrics:
            yield self._result(slice, metric, gold, answer, answered, baselines)
        if 0 < answered.sum() < len(answered):
            part = replace(slice, name=f"{slice.name} (answered)")
            kept = {name: one.only(answered) for name, one in baselines.items()}
            for metric in slice.metrics:
                some = self._result(part, metric, gold[answered], answer.only(answered), answered[answered], kept)
                yield replace(some, coverage=float(answered.mean()))

    def _result(
        self,
        slice: Slice,
        metric: str,
        gold: NDArray[np.float32],
        answer: Answers,
        answered: NDArray[np.bool_],
        baselines: Mapping[str, Answers],
    ) -> Result:
        how = METRICS[metric]
        score = interval(lambda w: how.function(gold, getattr(answer, how.of), w), len(gold), seed=self.seed)
        others = {name: float(how.function(gold, getattr(one, how.of), None)[0]) for name, one in baselines.items()}
        return self.result(slice.name, metric, score, len(gold), float(answered.mean()), others, answer)

    def result(
        self,
        slice: str,
        metric: str,
        score: Interval,
        n: int,
        coverage: float,
        baselines: Mapping[str, float],
        answer: Answers,
    ) -> Result:
        """A number of this run, with the name of what gave it: a mapped answer says so."""
        name = self.name if len(answer.way) < 2 else f"{self.name} map:{'->'.join(answer.way)}"
        numbers = (score.score, score.low, score.high, coverage, n, baselines)
        return Result(self.benchmark.name, metric, slice, *numbers, name, answer.revision)


def _pick(texts: tuple[str, ...], mask: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(text for text, keep in zip(texts, mask, strict=True) if keep)
