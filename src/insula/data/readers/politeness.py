"""Stanford Politeness Corpus: requests, each rated by five people (Danescu-Niculescu-Mizil et al. 2013).

    Score1 13 of 1..25, TurkId1 "A33..." -> politeness {"politeness": 0.0} by "rater:5f0c..."

Raters go by a digest of their worker's number, so that one person's ratings stay together and nobody is named. Gold is
the mean of the five; the publisher's score, normalised per rater, is `meta["normalised"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path
from statistics import mean

from ...conversation import Conversation
from ..files import number, records
from ..gold import dimensions, short_text

_FIVE = range(1, 6)


def read(split: str, *paths: Path) -> Iterator[Conversation]:
    """One conversation per request, ids "wikipedia-629705"."""
    del split
    columns = [f"{column}{person}" for column in ("Score", "TurkId") for person in _FIVE]
    for path in paths:
        source = path.name.partition(".")[0]
        for row in records(path, "Community", "Id", "Request", "Normalized Score", *columns):
            scores = [(number(path, row[f"Score{person}"], "Score") - 13) / 12 for person in _FIVE]
            raters = [_person(row[f"TurkId{person}"]) for person in _FIVE]
            rated = [dimensions("politeness", {"politeness": x}, who) for x, who in zip(scores, raters, strict=True)]
            gold = dimensions("politeness", {"politeness": round(mean(scores), 4)})
            normalised = number(path, row["Normalized Score"], "Normalized Score")
            meta = {"community": row["Community"], "normalised": normalised}
            yield short_text(f"{source}-{row['Id']}", row["Request"], gold, *rated, **meta)


@cache
def _person(worker: str) -> str:
    return f"rater:{blake2b(worker.encode(), digest_size=4).hexdigest()}"
