"""EmoBank: sentences rated for valence, arousal and dominance by readers and by writers (Buechel & Hahn 2017).

    V, A, D on 1..5 -> vad on -1..1 as (x - 3) / 2

Raters: "gold" is the authors' combination; "rater:reader" and "rater:writer" are the means of each perspective;
"rater:reader-1", ... are single ratings in file order (the publisher gives no person's id, so the same number on two
sentences need not be the same person).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...conversation import Annotation, Conversation
from ..files import number, records
from ..gold import dimensions, short_text

_COLUMNS = {"V": "valence", "A": "arousal", "D": "dominance"}


def read(split: str, sentences: Path, documents: Path, *ratings: Path) -> Iterator[Conversation]:
    """The sentences of one split, with the gold means and the ratings found in the other files."""
    rows = [row for row in records(sentences, "id", "split", "text", *_COLUMNS) if row["split"] == split]
    found = _ratings(ratings, {row["id"] for row in rows})
    source = {row["id"]: row for row in records(documents, "id", "document", "category", separator="\t")}
    for row in rows:
        item = row["id"]
        gold = dimensions("vad", _scores(sentences, row))
        about = source.get(item, {})
        meta = {"document": about.get("document", ""), "genre": about.get("category", "")}
        yield short_text(item, row["text"], gold, *found.get(item, ()), **meta)


def _ratings(paths: tuple[Path, ...], wanted: set[str]) -> dict[str, list[Annotation]]:
    found: dict[str, list[Annotation]] = defaultdict(list)
    for path in paths:
        perspective = "reader" if "reader" in path.name else "writer"
        seen: dict[str, int] = defaultdict(int)
        for row in records(path, "id", *_COLUMNS):
            if row["id"] not in wanted:
                continue
            seen[row["id"]] += 1
            person = f"-{seen[row['id']]}" if path.name.startswith("individual") else ""
            found[row["id"]].append(dimensions("vad", _scores(path, row), f"rater:{perspective}{person}"))
    return found


def _scores(path: Path, row: Mapping[str, str]) -> dict[str, float]:
    return {name: round((number(path, row[column], column) - 3) / 2, 4) for column, name in _COLUMNS.items()}
