"""A benchmark is one file: which corpus, which splits, which scheme, which metrics, and how it differs from its paper.

benchmark("dreaddit").slices[0].metrics -> ("f1", "accuracy", "ece")
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from ..catalogue import nearest
from ..scheme import scheme
from .metrics import METRICS

Decide = Literal["many", "one", "value"]
_BY_KIND: dict[str, Decide] = {"many-of": "many", "one-of": "one", "dimensional": "value"}


@dataclass(frozen=True)
class Slice:
    """One view of a benchmark: a scheme (or some of its labels), and the metrics, the headline first.

    `decide` is what an answer is: any number of labels, the one with the highest score, or values. `answers` are the
    schemes a pipeline may answer in, the best first: usually just the one of the gold.
    """

    name: str
    scheme: str
    answers: tuple[str, ...]
    metrics: tuple[str, ...]
    labels: tuple[str, ...]
    decide: Decide


@dataclass(frozen=True)
class Benchmark:
    """`train`, `dev` and `test` are (corpus, split); a test of generalisation trains and tunes on another corpus.

    Test items whose text also stands in `exclude`, a split that pipelines are known to learn from, are not scored.
    """

    name: str
    title: str
    paper: str
    differs: str
    train: tuple[str, str]
    dev: tuple[str, str]
    test: tuple[str, str]
    slices: tuple[Slice, ...]
    kind: Literal["gold", "equity"] = "gold"
    pipeline: str = "text"
    exclude: tuple[str, str] | None = None


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
    slices = tuple(_slice(one) for one in record.pop("slice"))
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    return Benchmark(name=name, slices=slices, **fields)


def _slice(record: dict[str, Any]) -> Slice:
    known = scheme(record["scheme"])
    metrics = tuple(record["metrics"])
    if unknown := [metric for metric in metrics if metric not in (*METRICS, "gap")]:
        raise ValueError(f"no metric is called {unknown[0]!r}; there are {', '.join(METRICS)}")
    return Slice(
        record["name"],
        known.name,
        tuple(record.get("answers", [known.name])),
        metrics,
        tuple(record.get("labels", known.labels)),
        record.get("decide", _BY_KIND[known.kind]),
    )
