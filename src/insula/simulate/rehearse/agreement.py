"""How far ratings agree with an expert's: a table of messages with a level per skill, and any rater.

    agreement(labels("experts.tsv"), rated)["express"] -> Interval(kappa, low, high)

The table is tab-separated: `situation`, `before` (what the other said, may be empty), `text`, and a column per skill
with 0, 1, 2 or nothing. Other columns are let be. Agreement is Cohen's kappa with linear weights; messages of one
situation are drawn together.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data.files import MalformedData
from insula.evaluate.bootstrap import Interval, interval

from .dear_man import SKILLS

LEVELS = 3
Array = NDArray[Any]


@dataclass(frozen=True)
class Labelled:
    """A message as an expert rated it; skills left open are not in `levels`. `about` has the other columns."""

    situation: str
    before: str
    text: str
    levels: Mapping[str, int]
    about: Mapping[str, str]


def labels(path: Path) -> list[Labelled]:
    """The rows of a table; raises MalformedData naming file and line."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        columns = reader.fieldnames or ()
        if missing := [one for one in ("situation", "text", *SKILLS) if one not in columns]:
            raise MalformedData(f"{path}, line 1: no column {missing[0]!r}; there are {', '.join(columns)}")
        return [_row(path, number, row) for number, row in enumerate(reader, 2)]


def _row(path: Path, number: int, row: Mapping[str | None, Any]) -> Labelled:
    if None in row or any(value is None for value in row.values()):
        raise MalformedData(
            f"{path}, line {number}: too {'many' if None in row else 'few'} columns (tabs between them)"
        )
    levels: dict[str, int] = {}
    for skill in SKILLS:
        given = str(row[skill]).strip()
        if given and given not in ("0", "1", "2"):
            raise MalformedData(f"{path}, line {number}, column {skill!r}: {given!r} is none of 0, 1, 2")
        if given:
            levels[skill] = int(given)
    about = {str(key): value for key, value in row.items() if key not in ("situation", "before", "text", *SKILLS)}
    return Labelled(row["situation"], str(row.get("before", "")), row["text"], levels, about)


def agreement(gold: Sequence[Labelled], rated: Sequence[Mapping[str, int]], seed: int = 0) -> dict[str, Interval]:
    """Weighted kappa by skill and over "all" skills together, on what both rated; a skill never rated is left out."""
    found: dict[str, Interval] = {}
    for skill in ("all", *SKILLS):
        wanted = SKILLS if skill == "all" else (skill,)
        pairs = [
            (one.situation, one.levels[name], given[name])
            for one, given in zip(gold, rated, strict=True)
            for name in wanted
            if name in one.levels and name in given
        ]
        if pairs:
            found[skill] = _kappa(pairs, seed)
    return found


def difference(
    gold: Sequence[Labelled], first: Sequence[Mapping[str, int]], second: Sequence[Mapping[str, int]], seed: int = 0
) -> Interval:
    """How much better `first` agrees than `second` over all skills, on what both rated, drawn together."""
    rows = [
        (one.situation, one.levels[name], a[name], b[name])
        for one, a, b in zip(gold, first, second, strict=True)
        for name in SKILLS
        if name in one.levels and name in a and name in b
    ]
    groups = np.unique([row[0] for row in rows], return_inverse=True)[1]
    by, a, b = (np.array([row[k] for row in rows]) for k in (1, 2, 3))
    return interval(lambda w: kappa(by, a, w) - kappa(by, b, w), len(rows), seed=seed, groups=groups)


def _kappa(pairs: Sequence[tuple[str, int, int]], seed: int) -> Interval:
    groups = np.unique([one[0] for one in pairs], return_inverse=True)[1]
    gold, given = np.array([one[1] for one in pairs]), np.array([one[2] for one in pairs])
    return interval(lambda weights: kappa(gold, given, weights), len(pairs), seed=seed, groups=groups)


def kappa(gold: Array, given: Array, weights: Array) -> Array:
    """Linearly weighted kappa (Cohen 1968) per row of `weights` (rows, items); 0 where one side never varies."""
    apart = np.abs(gold - given) / (LEVELS - 1)
    total = np.maximum(weights.sum(1), 1e-9)
    seen = weights @ apart / total
    levels = np.arange(LEVELS)
    shares = [np.stack([weights @ (one == level) for level in levels], 1) / total[:, None] for one in (gold, given)]
    far = np.abs(levels[:, None] - levels[None]) / (LEVELS - 1)
    chance = np.einsum("ni,ij,nj->n", shares[0], far, shares[1])
    return np.where(chance > 1e-9, 1 - seen / np.maximum(chance, 1e-9), 0.0)
