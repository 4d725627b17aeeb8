"""An exam is one file: which published questions, how they are put, how answers are marked, what blind rules get.

    exam("emobench").questions()[0].choices[0].options

A module of `insula.evaluate.exams` with a constant EXAM is an exam; nothing else registers it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...catalogue import nearest
from ...data.files import MissingData, find
from ...data.record import root
from ...llm import LLM
from .question import Asked, Mark, Question

Array = NDArray[np.floating]
Columns = Mapping[str, Array]
Metric = Callable[[Columns, Array], Array]
"""(values by name (items,), weights (weightings, items)) -> one number per weighting; NaN is left out."""
EXAMS = Path(__file__).parents[1] / "exams"


def mean(name: str) -> Metric:
    """The mean of one value of the marks."""

    def metric(columns: Columns, weights: Array) -> Array:
        values = columns.get(name, np.full(weights.shape[1], np.nan))
        known = np.isfinite(values)
        drawn, plain = weights[:, known].sum(1), values[known].mean() if known.any() else np.nan
        return np.where(drawn > 0, weights[:, known] @ values[known] / np.maximum(drawn, 1e-9), plain)

    return metric


@dataclass(frozen=True)
class Exam:
    """Questions, how to put them and how to mark answers.

    `files` are the published files in `folder` (of INSULA_DATA) and their sha256, "" for one never seen here; an exam
    of own items has none.
    `metrics` has the official score first. `blind` are rules that never read the scenario, `reader` is this engine's
    own small readers, where they can answer; both give replies that are marked as a model's are. `converse` replaces
    the one call to the model by several. `judge` marks instead of `mark` where a judge is given, by asking it; `mark`
    is then what can be said without one. `differs` says what is not as in the paper, `human` what people got, with its
    source.
    """

    name: str
    title: str
    paper: str
    licence: str
    differs: str
    load: Callable[[Mapping[str, Path]], Sequence[Question]]
    ask: Callable[[Question, int, str], Asked]
    mark: Callable[[Asked, str], Mark]
    metrics: Mapping[str, Metric]
    blind: Mapping[str, Callable[[Asked], str]]
    folder: str = ""
    url: str = ""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    size: int = 0
    modes: tuple[str, ...] = ("base",)
    reader: Callable[[Sequence[Asked]], Sequence[str]] | None = None
    converse: Callable[[Asked, LLM], Awaitable[str]] | None = None
    judge: Callable[[Asked, str, LLM], Awaitable[Mark]] | None = None
    human: str = ""

    def paths(self) -> dict[str, Path]:
        """Its files on this machine; raises MissingData naming the first that is not here and where to get it."""
        if not self.files:
            return {}
        folder = root() / self.folder
        found = {name: find(folder, name) for name in self.files}
        for name, path in found.items():
            if path is None:
                hash = f" (sha256 {self.files[name][:12]}…)" if self.files[name] else ""
                raise MissingData(f"{self.name}: {name}{hash} is not in {folder}; get it at {self.url}")
        return {name: path for name, path in found.items() if path}

    def changed(self) -> list[str]:
        """What differs from the files on record, in sentences: another version gives other numbers."""
        return [
            f"{self.name}: {path} is another version: sha256 {found[:12]}…, on record is {self.files[name][:12]}…"
            for name, path in self.paths().items()
            if self.files[name] and (found := sha256(path.read_bytes()).hexdigest()) != self.files[name]
        ]

    def questions(self) -> list[Question]:
        """All its questions, in published order.

        Raises MissingData, MalformedData naming file and line, and ValueError when there are not as many as published.
        """
        found = list(self.load(self.paths()))
        if self.size and len(found) != self.size:
            places = ", ".join(str(path) for path in self.paths().values())
            raise ValueError(f"{self.name}: {len(found)} of {self.size} questions in {places}: is a file cut short?")
        return found


def exams() -> tuple[str, ...]:
    """The names of all exams; none is loaded."""
    return tuple(sorted(file.stem.replace("_", "-") for file in EXAMS.glob("[a-z]*.py")))


@cache
def exam(name: str) -> Exam:
    """The exam of this name; raises KeyError with near names."""
    if name not in exams():
        raise KeyError(f"no exam {name!r}; did you mean {nearest(name, exams())}?")
    return import_module(f"insula.evaluate.exams.{name.replace('-', '_')}").EXAM
