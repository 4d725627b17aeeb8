"""Running benchmarks: a pipeline, two baselines, and a row of numbers per metric, all on the same items.

    evaluate(["goemotions"], "text", limit=500) -> [Result(benchmark="goemotions", metric="macro_f1", slice="28",
    ...), ...]

The headline scores every item. An abstention decides on no label and gets the train split's rates or means as its
scores: what saying nothing is worth. Where there are any, a second row with the slice "... (answered)" scores only what
was answered. Coverage is the answered share. Intervals come from drawing conversations, not turns.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..catalogue import build
from ..component import name as name_of
from ..conversation import Conversation
from ..pipeline import Pipeline
from ..presets import parts
from ..presets import pipeline as preset
from .answers import Answers, NoAnswer, answers, read_with
from .baselines import BASELINES, Material, Texts
from .bootstrap import Interval, interval
from .items import Reading
from .metrics import METRICS
from .split import Split, known, overlap, read_split, split_of
from .task import Benchmark, Slice, benchmark

Note = Callable[[str], None]
Part = Literal["train", "dev", "test"]


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
    """Everything behind the results of one slice, for reports: answers are filled where `answered` is false.

    `groups` numbers the conversations the items are from.
    """

    benchmark: Benchmark
    slice: Slice
    results: tuple[Result, ...]
    gold: NDArray[np.float32]
    answers: Answers
    answered: NDArray[np.bool_]
    baselines: Mapping[str, Answers]
    groups: NDArray[np.intp] | None = None


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
        for outcome in _outcomes(one, pipeline, limit, seed, note, reasons):
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


def _outcomes(
    one: Benchmark,
    pipeline: str | Pipeline | None,
    limit: int | None,
    seed: int,
    note: Note,
    reasons: list[str],
) -> Iterator[Outcome]:
    if one.bodies:
        from .bodies import people

        return people(one, pipeline, limit, seed)
    if one.pictures:
        from .pictures import looked

        return looked(one, pipeline, limit, seed, note)
    if not one.folds:
        return _benchmark(one, pipeline, limit, seed, note, reasons)
    from .speakers import folds

    return folds(one, pipeline, limit, seed, note)


def _benchmark(
    one: Benchmark,
    pipeline: str | Pipeline | None,
    limit: int | None,
    seed: int,
    note: Note,
    reasons: list[str],
) -> Iterator[Outcome]:
    run = Run(one, pipeline if pipeline is not None else one.pipeline, limit, seed)
    kind = one.slices[0].items
    if shared := overlap(run.split("train", kind), run.split("test", kind)):
        note(f"{one.name}: {shared}")
    for slice in one.slices:
        try:
            yield run.outcome(slice)
        except NoAnswer as error:
            reasons.append(f"{run.name} has no answer for {one.name} {slice.name}: {error}")
            note(reasons[-1])


class Scorer:
    """Numbers of what is called `name` on one benchmark, with intervals and beside its baselines."""

    def __init__(self, benchmark: Benchmark, name: str, seed: int = 0) -> None:
        self.benchmark, self.name, self.seed = benchmark, name, seed

    def score(self, outcome: Outcome) -> Iterator[Result]:
        """A number for each metric of the slice, and again for what was answered, where not everything was."""
        slice, answered = outcome.slice, outcome.answered
        for metric in slice.metrics:
            yield self._result(outcome, metric)
        if 0 < answered.sum() < len(answered):
            part = replace(
                outcome,
                slice=replace(slice, name=f"{slice.name} (answered)"),
                gold=outcome.gold[answered],
                answers=outcome.answers.only(answered),
                answered=answered[answered],
                baselines={name: one.only(answered) for name, one in outcome.baselines.items()},
                groups=None if outcome.groups is None else np.unique(outcome.groups[answered], return_inverse=True)[1],
            )
            for metric in slice.metrics:
                yield replace(self._result(part, metric), coverage=float(answered.mean()))

    def _result(self, outcome: Outcome, metric: str) -> Result:
        gold, of, items = outcome.gold[:, outcome.slice.scored], METRICS[metric], len(outcome.gold)

        def statistic(answer: Answers, weights: NDArray | None) -> NDArray:
            return of.function(gold, getattr(answer.of(outcome.slice.scored), of.of), weights)

        score = interval(lambda w: statistic(outcome.answers, w), items, seed=self.seed, groups=outcome.groups)
        others = {name: float(statistic(one, None)[0]) for name, one in outcome.baselines.items()}
        coverage = float(outcome.answered.mean())
        return self.result(outcome.slice.name, metric, score, items, coverage, others, outcome.answers)

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


class Run(Scorer):
    """One pipeline on one benchmark; splits are read and the pipeline is run when first asked for, once."""

    def __init__(self, benchmark: Benchmark, pipeline: str | Pipeline, limit: int | None = None, seed: int = 0) -> None:
        self.limit = limit
        self.pipeline = _built(pipeline, benchmark.params) if isinstance(pipeline, str) else pipeline
        parts = "+".join(name_of(part) for part in self.pipeline.components)
        super().__init__(benchmark, pipeline if isinstance(pipeline, str) else parts, seed)
        self._conversations: dict[Part, tuple[Conversation, ...]] = {}
        self._splits: dict[tuple[Part, str], Split] = {}
        self._readings: dict[Part, dict[str, list[Reading]]] = {}

    def conversations(self, part: Part) -> tuple[Conversation, ...]:
        """A part of the data as its corpus gives it."""
        if part not in self._conversations:
            where = {"train": self.benchmark.train, "dev": self.benchmark.dev, "test": self.benchmark.test}[part]
            self._conversations[part] = read_split(*where, mask=self.benchmark.mask)
        return self._conversations[part]

    def split(self, part: Part, items: str) -> Split:
        """The questions of one kind: train is what baselines learn from, dev tunes thresholds, test is scored."""
        if (part, items) not in self._splits:
            found = split_of(self.conversations(part), items)
            if part == "test" and self.benchmark.exclude:
                learnt = {text.lower() for text in split_of(read_split(*self.benchmark.exclude)).texts}
                found = found.only([k for k, text in enumerate(found.texts) if text.lower() not in learnt])
            self._splits[part, items] = found
        return self._splits[part, items]

    def chosen(self, items: str) -> NDArray[np.intp]:
        """Numbers of the test items that are scored."""
        return self.split("test", items).sample(self.limit, self.seed)

    def readings(self, part: Literal["dev", "test"], items: str) -> list[Reading]:
        """What the pipeline said of the dev items, or of the chosen test items; one pass serves every kind of items."""
        if part not in self._readings:
            kinds = list(dict.fromkeys(slice.items for slice in self.benchmark.slices))
            splits = [self.split(part, kind) for kind in kinds]
            if part == "test":
                splits = [split.only(self.chosen(split.kind)) for split in splits]
            self._readings[part] = dict(zip(kinds, read_with(self.pipeline, splits), strict=True))
        return self._readings[part][items]

    def answers(self, slice: Slice) -> Answers:
        """What the pipeline answers; raises NoAnswer where it speaks no scheme that leads to the slice's."""
        return answers(self.readings("test", slice.items), slice, lambda: self._tuning(slice))

    def _tuning(self, slice: Slice) -> tuple[Answers, NDArray]:
        gold = self.split("dev", slice.items).gold(slice)
        judged = known(gold)
        return answers(self.readings("dev", slice.items), slice, None).only(judged), gold[judged]

    def baselines(self, slice: Slice) -> dict[str, Answers]:
        """The baselines' answers to the chosen test items, all from train and dev alone."""
        splits = [self.split(part, slice.items) for part in ("train", "dev", "test")]
        train, dev = splits[0].gold(slice), splits[1].gold(slice)
        learnt, tuning = known(train), known(dev)
        texts = Texts(_pick(splits[0].texts, learnt), _pick(splits[1].texts, tuning), splits[2].texts)
        known_items = tuple(item for item, keep in zip(splits[0].items, learnt, strict=True) if keep)
        given = Material(self._asked(slice), texts, train[learnt], dev[tuning], splits[2].items, known_items)
        chosen = self.chosen(slice.items)
        return {name: BASELINES[name](given).only(chosen) for name in self.benchmark.baselines}

    def _asked(self, slice: Slice) -> Slice:
        """The first slice that asks the same question: baselines are tuned to its headline, parts of it get no own."""
        same = (slice.scheme, slice.labels, slice.items, slice.level, slice.quartiles)
        every = self.benchmark.slices
        return next(x for x in every if (x.scheme, x.labels, x.items, x.level, x.quartiles) == same)

    def outcome(self, slice: Slice) -> Outcome:
        """The outcome of a slice; raises NoAnswer where nothing can be scored."""
        if slice.kind == "drops":
            from .counterfactual import drops

            return drops(self, slice)
        if slice.kind == "rationales":
            from .rationales import rationales

            return rationales(self, slice)
        answer, baselines = self.answers(slice), self.baselines(slice)
        if slice.kind == "equity":
            from .equity import gaps

            return gaps(self, slice, answer, baselines)
        places = self.scored(slice)
        if slice.kind == "spans":
            from .spans import spans

            return spans(self, slice, places, answer, baselines)
        chosen = self.chosen(slice.items)[places]
        gold = self.split("test", slice.items).gold(slice)[chosen]
        answer, baselines = answer.only(places), {name: one.only(places) for name, one in baselines.items()}
        filled = answer.filled(baselines["blind"])
        groups = self.split("test", slice.items).only(chosen).groups
        outcome = Outcome(self.benchmark, slice, (), gold, filled, answer.answered, baselines, groups)
        return replace(outcome, results=tuple(self.score(outcome)))

    def scored(self, slice: Slice) -> NDArray[np.intp]:
        """Which of the chosen items a slice scores: those judged that meet its condition; raises NoAnswer for none."""
        split, chosen = self.split("test", slice.items), self.chosen(slice.items)
        judged = np.flatnonzero(known(split.gold(slice)[chosen]))
        found = judged[split.only(chosen[judged]).where(slice)] if len(judged) else judged
        if not len(found):
            raise NoAnswer("none of the chosen items is judged under it")
        return found


def _built(name: str, params: Mapping[str, Mapping[str, Any]]) -> Pipeline:
    """A pipeline by name, its rows with the benchmark's own parameters where it has any for them."""
    rows = parts(name)
    if params.keys().isdisjoint(rows):
        return preset(name)
    return Pipeline(*(build(row, **params.get(row, {})) for row in rows))


def _pick(texts: tuple[str, ...], mask: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(text for text, keep in zip(texts, mask, strict=True) if keep)
