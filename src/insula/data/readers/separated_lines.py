"""Corpora of one text and its labels a line, without header or quoting.

    "i feel so proud of her;joy" -> carer6 {"joy": 1.0, ...}

What separates text and labels differs from corpus to corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...conversation import Conversation
from ..files import MalformedData, lines
from ..gold import many_of, one_of, short_text

_SSEC = 8  # columns in front of the text, one an emotion, "---" where it is absent


def carer(split: str, path: Path) -> Iterator[Conversation]:
    """CARER (Saravia et al. 2018): lower-cased tweets, labelled by hashtag. Items have no ids: theirs is the line."""
    source = "val" if split == "dev" else split
    for line, content in lines(path):
        text, _, label = content.rpartition(";")
        if not text:
            raise MalformedData(f"{path}: line {line}: expected 'text;label'")
        yield short_text(f"{source}-{line}", text, one_of("carer6", label))


def tec(split: str, path: Path) -> Iterator[Conversation]:
    """TEC (Mohammad 2012): tweets labelled by their own hashtag, which was taken out: `id:\\ttext\\t:: label`."""
    del split
    for line, content in lines(path):
        item, _, rest = content.partition(":\t")
        text, _, label = rest.rpartition(":: ")
        if not text:
            raise MalformedData(f"{path}: line {line}: expected 'id:<tab>text<tab>:: label'")
        yield short_text(item, text.strip(), one_of("ekman6", label.strip()))


def ssec(split: str, majority: Path, anyone: Path, everyone: Path) -> Iterator[Conversation]:
    """SSEC (Schuff et al. 2017): political tweets under Plutchik's eight, several at once.

    Gold is what at least half of the annotators saw; "rater:anyone" and "rater:everyone" are the files of the lowest
    and the highest agreement. The tweets have no ids: theirs is the line, the same in all three files.
    Raises MalformedData where the files differ in length.
    """
    files = {"gold": majority, "rater:anyone": anyone, "rater:everyone": everyone}
    rows = {rater: [line.split("\t") for _, line in lines(path)] for rater, path in files.items()}
    if len({len(table) for table in rows.values()}) > 1:
        raise MalformedData(f"{majority}: not as long as {anyone.name} and {everyone.name}")
    for line, row in enumerate(rows["gold"]):
        if len(row) <= _SSEC:  # the publisher's mark of an item nobody annotated
            continue
        annotations = [
            many_of("plutchik8", [cell.lower() for cell in rows[rater][line][:_SSEC] if cell != "---"], rater)
            for rater in files
        ]
        yield short_text(f"{split}-{line + 1}", row[_SSEC], *annotations)
