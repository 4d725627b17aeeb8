"""A benchmark is one file: which corpus, which splits, which scheme, which metrics, and how it differs from its paper.

benchmark("dreaddit").slices[0].metrics -> ("f1", "accuracy", "ece")
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from ..catalogue import nearest
from ..scheme import scheme
from .metrics import CHANGES, METRICS, SPAN_METRICS

Decide = Literal["many", "one", "value"]
Kind = Literal["gold", "equity", "spans", "rationales", "drops", "between"]
_BY_KIND: dict[str, Decide] = {"many-of": "many", "one-of": "one", "dimensional": "value", "ordinal": "value"}
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Hearing:
    """How clips of speech are heard.

    `own` takes every person's measures against that person's own unlabelled clips. `apart` are what training and test
    never share: always the speaker, and perhaps the statement. `sound` is what is done to the clips of the test
    (`insula.evaluate.clips`), `only` the clips that count, by regular expressions such as {gender = "F"}, and `between`
    what two groups of them differ in. `learnt` are the corpora that stand in for the folds: a test of generalisation.
    """

    own: bool = False
    apart: tuple[str, ...] = ("speaker",)
    sound: str = ""
    only: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    between: str = ""
    learnt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sensing:
    """How windows of bodies are judged.

    `own` takes them against the first five minutes of each person's own rest, which are then not scored. `without` are
    groups of measures (heart, pulse, skin, temperature, movement) that the test lacks, `only` those it has alone.
    `meditation` counts it among rest. `learnt` is a corpus that stands in for the other people of this one.
    """

    own: bool = False
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    meditation: bool = False
    learnt: str = ""


@dataclass(frozen=True)
class Slice:
    """One view of a benchmark: a scheme (or some of its labels), and the metrics, the headline first.

    `decide` is what an answer is: any number of labels, the one with the highest score, or values. `answers` are the
    schemes a pipeline may answer in, the best first: usually just the one of the gold. `items` says how a conversation
    becomes questions (`insula.evaluate.items`), `where` which of the test's are scored, and `of` which labels' scores
    count once all were decided between. `level` names a dimension whose whole numbers are the labels; with `quartiles`
    a dimension becomes a question: of the top quarter, or of the bottom one? `kind` is how it is scored: against gold,
    by gaps between groups, by stretches of text, by marked words, or by what a turn's absence changes. `hearing` says
    how speech is heard, where a benchmark is of speech, and `sensing` how bodies are judged.
    """

    name: str
    scheme: str
    answers: tuple[str, ...]
    metrics: tuple[str, ...]
    labels: tuple[str, ...]
    decide: Decide
    items: str = "turns"
    where: str = ""
    of: tuple[str, ...] = ()
    level: str = ""
    quartiles: bool = False
    kind: Kind = "gold"
    hearing: Hearing = Hearing()
    sensing: Sensing = Sensing()

    @property
    def scored(self) -> list[int]:
        """The columns whose scores count."""
        return [self.labels.index(label) for label in self.of or self.labels]

    @property
    def whole(self) -> bool:
        """Whether every item and every label counts."""
        return not self.where and not self.of


@dataclass(frozen=True)
class Benchmark:
    """`train`, `dev` and `test` are (corpus, split); a test of generalisation trains and tunes on another corpus.

    Test items whose text also stands in `exclude`, a split that pipelines are known to learn from, are not scored.
    `params` are given to the rows of a pipeline by name; with `mask` the words that name the labels are hidden from
    pipelines and baselines alike. `baselines` are those of `insula.evaluate.baselines`, the first two for every report.
    A benchmark of speech is taken in `folds` of its speakers instead of splits, each fold heard by what learnt from the
    others (`insula.evaluate.speakers`); its baselines are those of `insula.evaluate.listeners`. One of `bodies` leaves
    out one person after the other (`insula.evaluate.bodies`). One of `pictures` is of single ones, in splits or folds
    (`insula.evaluate.pictures`).
    """

    name: str
    title: str
    paper: str
    differs: str
    train: tuple[str, str]
    dev: tuple[str, str]
    test: tuple[str, str]
    slices: tuple[Slice, ...]
    pipeline: str = "text"
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)
    exclude: tuple[str, str] | None = None
    mask: bool = False
    baselines: tuple[str, ...] = ("blind", "tfidf")
    folds: int = 0
    bodies: bool = False
    pictures: bool = False


def benchmarks() -> tuple[Benchmark, ...]:
    """Every benchmark, by name."""
    return tuple(_benchmarks()[name] for name in sorted(_benchmarks()))


def benchmark(name: str) -> Benchmark:
    """The benchmark of this name; raises KeyError with near names."""
    if name not in _benchmarks():
        raise KeyError(f"no benchmark {name!r}; did you mean {nearest(name, _benchmarks())}?")
    return _benchmarks()[name]


@cache
def _benchmarks() -> dict[str, Benchmark]:
    folder = resources.files("insula.evaluate") / "benchmarks"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name[:-5]: _read(file.name[:-5], tomllib.loads(file.read_text(encoding="utf-8"))) for file in files}


def _read(name: str, record: dict[str, Any]) -> Benchmark:
    kind = record.pop("kind", "gold")
    slices = tuple(_slice({"kind": kind, **one}) for one in record.pop("slice"))
    return Benchmark(name=name, slices=slices, **_tuples(record))


def _slice(record: dict[str, Any]) -> Slice:
    known = scheme(record["scheme"])
    given = _tuples(record)
    given["hearing"] = Hearing(**_tuples(given.get("hearing", {})))
    given["sensing"] = Sensing(**_tuples(given.get("sensing", {})))
    there = (*METRICS, *SPAN_METRICS, *CHANGES)
    if unknown := [metric for metric in given["metrics"] if metric not in there]:
        raise ValueError(f"no metric is called {unknown[0]!r}; there are {', '.join(there)}")
    decide, labels = _BY_KIND[known.kind], known.labels
    if given.get("level"):
        decide, labels = "one", tuple(str(level) for level in range(int(known.high) + 1))
    elif given.get("quartiles"):
        decide = "many"
    return Slice(**{"answers": (known.name,), "labels": labels, "decide": decide, **given})


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
