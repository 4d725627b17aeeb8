"""CovidET-Appraisals: how people in the pandemic appraised what they wrote about (Zhan et al. 2023).

    dim1 7, dim12 NA, ... by worker 0 -> appraisal24 {"self-responsibility": 7.0, ...} by "rater:0"

A dimension that the post does not speak of is absent. Gold is the mean of those who rated a dimension: two for forty
posts, one otherwise. Each also wrote why; those are the rater's own words about the post and are not read, but for
the few pieces quoted from it, which are evidence where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from statistics import fmean

from ...conversation import Anchor, Annotation, Conversation
from ...scheme import scheme
from ..files import number, records
from ..gold import GOLD, dimensions, short_text, stretch

_QUOTE = re.compile(r'["“]([^"”]{8,})["”]')
_COLUMNS = {f"dim{place}": name for place, name in enumerate(scheme("appraisal24").labels, 1)}


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per post; everybody who rated it is a rater of their own."""
    del split
    rows = records(path, "post", "worker", "Reddit Post", *_COLUMNS, *(f"{column}_rationale" for column in _COLUMNS))
    for post, rated in groupby(sorted(rows, key=lambda row: int(row["post"])), key=lambda row: row["post"]):
        people = list(rated)
        text = people[0]["Reddit Post"]
        annotations = [one for row in people for one in _person(path, row, text)]
        by_person = [one for one in annotations if one.layer == "appraisal"]
        yield short_text(f"post-{post}", text, *annotations, _mean(by_person))


def _person(path: Path, row: Mapping[str, str], text: str) -> Iterator[Annotation]:
    rater = f"rater:{row['worker']}"
    quotes = [
        one for column, name in _COLUMNS.items() for one in _quotes(name, row[f"{column}_rationale"], text, rater)
    ]
    yield from quotes
    scores = {name: number(path, row[column], column) for column, name in _COLUMNS.items() if row[column]}
    yield replace(dimensions("appraisal24", scores, rater), because=tuple(one.id for one in quotes))


def _quotes(name: str, rationale: str, text: str, rater: str) -> Iterator[Annotation]:
    for quoted in _QUOTE.findall(rationale):
        if chars := stretch(text, quoted.strip(" .,!?")):
            yield Annotation("evidence", {name: 1.0}, Anchor("t1", chars=chars), "words", rater)


def _mean(people: list[Annotation]) -> Annotation:
    found = {name: [one.scores[name] for one in people if name in one.scores] for name in _COLUMNS.values()}
    scores = {name: fmean(numbers) for name, numbers in found.items() if numbers}
    return replace(dimensions("appraisal24", scores, GOLD), because=tuple(one.id for one in people))
