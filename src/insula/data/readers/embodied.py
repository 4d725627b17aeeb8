"""CHEER-Ekman: the emotion that a body part shows in a sentence of fiction (Duong et al. 2025).

    {"sentence": "Her hands shook .", "body_part_token_idx": 1, "label": "Fear"} -> ekman6 {"fear": 1.0, ...} at "hands"

The annotation is anchored at the characters of the body part; the three sentences before are in `meta["context"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ...conversation import Anchor, Conversation
from ..files import objects
from ..gold import many_of, short_text


def read(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per sentence and body part."""
    del split
    for row in objects(path):
        sentence, place = row["sentence"], row["body_part_token_idx"]
        tokens = sentence.split(" ")
        start = len(" ".join(tokens[:place])) + (place > 0)
        anchor = Anchor("t1", chars=(start, start + len(tokens[place])))
        gold = replace(many_of("ekman6", [row["label"].lower()]), at=anchor)
        item, context = row["sentence_id"], tuple(row["context"])
        yield short_text(f"{item}-{place}", sentence, gold, group=item, context=context)
