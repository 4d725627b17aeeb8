"""Corpora of one text and one label a line.

    "i feel so proud of her;joy" -> carer6 {"joy": 1.0, ...}

Neither quoting nor a header; what separates text and label differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation
from ..files import MalformedData, lines
from ..gold import one_of, short_text


def carer(split: str, path: Path) -> Iterator[Conversation]:
    """CARER (Saravia et al. 2018): lower-cased tweets, labelled by hashtag. Items have no ids: theirs is the line."""
    source = "val" if split == "dev" else split
    for line, content in lines(path):
        text, _, label = content.rpartition(";")
        if not text:
            raise MalformedData(f"{path}: line {line}: expected 'text;label'")
        yield short_text(f"{source}-{line}", text, one_of("carer6", label))
