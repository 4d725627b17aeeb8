"""Published word lists as plain tables.

    scores("emotag")["🌈"] -> {"anger": 0.0, "anticipation": 0.28, ..., "trust": 0.33}

Read where `INSULA_DATA` points, like the corpora; affective norms are moved to -1..1, associations stay 0..1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from ..catalogue import nearest
from .files import MissingData, fields, find, number, records
from .record import root

Row = tuple[str, dict[str, float]]
_PLUTCHIK = ("anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise", "trust")


@dataclass(frozen=True)
class Lexicon:
    """What is on record about a word list; `columns` are what each word is scored on, `entries` its published size."""

    name: str
    title: str
    folder: str
    file: str
    url: str
    licence: str
    commercial_ok: bool
    paper: str
    columns: tuple[str, ...]
    entries: int
    sha256: Mapping[str, str]

    @property
    def path(self) -> Path:
        """Its file on this machine; raises MissingData."""
        folder = root() / self.folder
        if found := find(folder, self.file):
            return found
        raise MissingData(f"{self.name}: {self.file} is not in {folder}; get it at {self.url}")


def lexicons() -> tuple[Lexicon, ...]:
    """Every word list on record, by name."""
    return tuple(_records()[name] for name in sorted(_records()))


def lexicon(name: str) -> Lexicon:
    """The word list of this name; raises KeyError with near names."""
    if name not in _records():
        raise KeyError(f"no lexicon {name!r}; did you mean {nearest(name, _records())}?")
    return _records()[name]


def scores(name: str) -> dict[str, dict[str, float]]:
    """Word (or emoji) -> its scores, by column; raises KeyError, MissingData or MalformedData."""
    record = lexicon(name)
    return dict(_READERS[name](record.path))


def _warriner(path: Path) -> Iterator[Row]:
    columns = {"valence": "V.Mean.Sum", "arousal": "A.Mean.Sum", "dominance": "D.Mean.Sum"}
    for row in records(path, "Word", *columns.values()):
        yield row["Word"], {name: round((number(path, row[c], c) - 5) / 4, 4) for name, c in columns.items()}


def _nrc_vad(path: Path) -> Iterator[Row]:
    columns = ("Valence", "Arousal", "Dominance")
    for row in records(path, "Word", *columns, separator="\t", quoted=False):
        yield row["Word"], {name.lower(): round(2 * number(path, row[name], name) - 1, 4) for name in columns}


def _emolex(path: Path) -> Iterator[Row]:
    found: dict[str, dict[str, float]] = {}
    for word, emotion, there, *_ in fields(path, 3):
        found.setdefault(word, {})[emotion] = number(path, there, "association")
    yield from found.items()


def _emotag(path: Path) -> Iterator[Row]:
    for row in records(path, "emoji", *_PLUTCHIK):
        yield row["emoji"], {name: number(path, row[name], name) for name in _PLUTCHIK}


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "warriner": _warriner,
    "nrc-vad": _nrc_vad,
    "emolex": _emolex,
    "emotag": _emotag,
}


@cache
def _records() -> dict[str, Lexicon]:
    text = (resources.files("insula.data") / "lexicons.toml").read_text(encoding="utf-8")
    return {
        name: Lexicon(name=name, **row | {"columns": tuple(row["columns"])})
        for name, row in tomllib.loads(text).items()
    }
