"""Fairy tales by H. C. Andersen and Danish hymns, sentence by sentence, rated for valence (Fiction4).

    {"sentence_en": "Down there it was quiet.", "valence_human": 5.5, "a1": 5, ...} -> vad {"valence": 0.1}

A story is one conversation with a turn per sentence in order; hymns of one year are one, too. Ratings 0..10 are moved
to -1..1 as (x - 5) / 5; gold is the published mean, "rater:a1", ... are the annotators. The text is the English
translation, the Danish original is in `meta["danish"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from ...conversation import Annotation, Conversation, Turn
from ..files import number, objects
from ..gold import GOLD, dimensions

_RATERS = {"valence_human": GOLD, "a1": "rater:a1", "a2": "rater:a2", "a3": "rater:a3"}


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per story or year of hymns."""
    del split
    rows = sorted(objects(path), key=lambda row: (row["category"], _name(row), row["row"]))
    for item, story in groupby(rows, key=_name):
        conversation = Conversation(id=item)
        for row in story:
            turn = f"s{row['row']}"
            conversation.add(Turn("narrator", row["sentence_en"], id=turn, meta={"danish": row["sentence_da"]}))
            conversation.add(*_valences(path, row, turn))
        yield conversation


def _name(row: dict[str, Any]) -> str:
    return row["text_id"] if row["year"] is None else f"{row['text_id']}-{row['year']:.0f}"


def _valences(path: Path, row: dict[str, Any], turn: str) -> Iterator[Annotation]:
    for column, rater in _RATERS.items():
        if row[column] is not None:
            valence = round((number(path, row[column], column) - 5) / 5, 4)
            yield dimensions("vad", {"valence": valence}, rater, turn)
