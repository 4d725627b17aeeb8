"""Numbers of sheets, honestly: how good what could be read is, how much could be read, and what may be chance.

    scores([sheet]) -> [Number(answerer="local", metric="accuracy", score=.31, low=.28, high=.34, parse=.97, ...), ...]
    paired(first, second) -> Interval(score=.02, low=-.01, high=.05)

Intervals are of 95 %, from drawing groups of questions (all seeds of all questions of a scenario together).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..bootstrap import Interval, interval
from ..share import alike, share
from .exam import Columns, Metric, mean
from .sheet import Row, Sheet

ALL = "all"


@dataclass(frozen=True)
class Number:
    """One score of one answerer on one slice, over the answers that could be read.

    `parse` is their share of those asked, `asked` how many answers there were, `unasked` how many never came (the
    server failed, a limit was reached), `questions` how many different ones, `spread` the standard deviation of the
    score between seeds.
    """

    exam: str
    answerer: str
    kind: str
    mode: str
    slice: str
    metric: str
    score: float
    low: float
    high: float
    parse: float
    asked: int
    unasked: int
    questions: int
    spread: float


def scores(sheets: Iterable[Sheet], slices: bool = True, seed: int = 0) -> list[Number]:
    """Every metric of every sheet: over all, and over each slice of its questions."""
    parts = [(sheet, name, rows) for sheet in sheets for name, rows in _parts(sheet, slices)]
    return [number for part in parts for number in _numbers(*part, seed)]


def paired(first: Sheet, second: Sheet, metric: str = "", seed: int = 0) -> tuple[Interval, int]:
    """How much better `first` did than `second` where both could be read, and on how many answers that is.

    Raises ValueError when they are not of one exam or share no answer that could be read.
    """
    if first.exam.name != second.exam.name:
        raise ValueError(f"{first.exam.name} and {second.exam.name} are different exams: nothing to compare")
    theirs = {(row.id, row.seed): row for row in second.rows if row.parsed}
    pairs = [(row, theirs[row.id, row.seed]) for row in first.rows if row.parsed and (row.id, row.seed) in theirs]
    if not pairs:
        raise ValueError(f"{first.answerer} and {second.answerer} share no answer that could be read")
    rule = first.exam.metrics[metric or next(iter(first.exam.metrics))]
    ours, others = (_columns(rows, [*first.rows, *second.rows]) for rows in zip(*pairs, strict=True))
    groups = _groups([row for row, _ in pairs])
    shares = _is_share(rule, ours) and _is_share(rule, others)
    within = (-1.0, 1.0) if shares else (-np.inf, np.inf)
    found = interval(lambda w: rule(ours, w) - rule(others, w), len(pairs), seed=seed, groups=groups, within=within)
    if shares and found.high - found.low < 1e-9:
        found = alike(found.score, int(groups.max()) + 1)
    return found, len(pairs)


def _parts(sheet: Sheet, slices: bool) -> list[tuple[str, list[Row]]]:
    parts: dict[str, list[Row]] = {ALL: list(sheet.rows)}
    for row in sheet.rows if slices else ():
        for name, one in row.slices.items():
            parts.setdefault(f"{name} {one}", []).append(row)
    return [(name, rows) for name, rows in parts.items() if name == ALL or len(rows) < len(sheet.rows)]


def _numbers(sheet: Sheet, part: str, rows: Sequence[Row], seed: int) -> Iterable[Number]:
    asked = [row for row in rows if row.asked]
    parsed = [row for row in asked if row.parsed]
    columns, groups = _columns(parsed, sheet.rows), _groups(parsed)
    for name, rule in sheet.exam.metrics.items():
        found = _interval(rule, columns, groups, seed)
        if np.isnan(found.score) and parsed and name != next(iter(sheet.exam.metrics)):
            continue  # no item here has the value
        yield Number(
            sheet.exam.name, sheet.answerer, sheet.kind, sheet.mode, part, name,
            found.score, found.low, found.high,
            len(parsed) / len(asked) if asked else float("nan"),
            len(asked), len(rows) - len(asked), len({row.id for row in rows}),
            _spread(rule, columns, np.array([row.seed for row in parsed])),
        )  # fmt: skip


def _interval(rule: Metric, columns: Columns, groups: NDArray[np.intp], seed: int) -> Interval:
    """Where all are right, or none is, drawing again shows no doubt; a share of so many groups still has some."""
    if not len(groups):
        return Interval(*[float("nan")] * 3)
    shares = _is_share(rule, columns)
    within = (0.0, 1.0) if shares else (-np.inf, np.inf)
    found = interval(lambda w: rule(columns, w), len(groups), seed=seed, groups=groups, within=within)
    if shares and found.score in (0.0, 1.0):
        many = int(groups.max()) + 1
        return share(int(found.score) * many, many)
    return found


def _is_share(rule: Metric, columns: Columns) -> bool:
    """Whether a metric, by what it does, is the mean of one value that is 0 to 1 in all answers.

    It must be so with every such value turned round as well: a difference of two that are 0 looks like either of them.
    """
    within = [name for name, x in columns.items() if np.nanmin(x, initial=1) >= 0 and np.nanmax(x, initial=0) <= 1]
    weights = np.random.default_rng(0).integers(1, 5, (2, len(next(iter(columns.values()))))).astype(np.float32)
    both = (columns, {name: 1 - x if name in within else x for name, x in columns.items()})
    found = [rule(one, weights) for one in both]
    return any(
        all(np.array_equal(x, mean(name)(one, weights)) for x, one in zip(found, both, strict=True)) for name in within
    )


def _spread(rule: Metric, columns: Columns, seeds: NDArray) -> float:
    which = np.unique(seeds)
    if len(which) < 2:
        return float("nan")
    weights = (seeds[None, :] == which[:, None]).astype(np.float32)
    return float(np.std(rule(columns, weights), ddof=1))


def _columns(rows: Sequence[Row], every: Sequence[Row]) -> dict[str, NDArray]:
    """What any row of `every` has, for `rows`; NaN where one has it not."""
    names = dict.fromkeys(name for row in every for name in row.values)
    return {name: np.array([row.values.get(name, np.nan) for row in rows], np.float64) for name in names}


def _groups(rows: Sequence[Row]) -> NDArray[np.intp]:
    return np.unique([row.group for row in rows], return_inverse=True)[1].astype(np.intp)
