"""What is on record about each corpus, where its files are, and its conversations.

load("goemotions", "test") -> conversations with ids "goemotions/test/ed5f85d", ...
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from importlib import import_module, resources
from pathlib import Path

from ..catalogue import nearest
from ..conversation import Conversation
from .files import MalformedData, MissingData, find

Reader = Callable[..., Iterator[Conversation]]
_WORD = re.compile(r"\w+")
_NAMES = re.compile(r"@\w+|https?://\S+|\brt\b")


@dataclass(frozen=True)
class Corpus:
    """What is on record about a corpus.

    `splits` gives the published files of each split, `counts` the published size of each in `counted` ("conversations"
    or "turns"), `sha256` the hash of each file as it was last seen. `carve` is the share of a split that was not
    published: it is cut out of "train" by a digest of the item's group (its post, its writer or, where neither is
    known, its words without case, marks, names and links), the same on every machine. `commercial_ok` is true only
    where the licence clearly allows it.
    """

    name: str
    title: str
    folder: str
    url: str
    licence: str
    commercial_ok: bool
    paper: str
    reader: str
    schemes: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    sha256: Mapping[str, str]
    counted: str = "conversations"
    carve: Mapping[str, float] = field(default_factory=dict[str, float])
    missing: str = ""
    notes: str = ""

    @property
    def here(self) -> bool:
        """Whether all its files are on this machine; False, too, where INSULA_DATA is not set."""
        try:
            return all(self.paths(split) for split in self.splits)
        except MissingData:
            return False

    def paths(self, split: str) -> tuple[Path, ...]:
        """The files of one split on this machine; raises MissingData for the first that is not here."""
        if split not in self.splits:
            raise KeyError(f"{self.name} has no split {split!r}: it has {', '.join(self.splits)}")
        folder = root() / self.folder
        found = [(name, find(folder, name)) for name in self.splits[split]]
        if absent := [name for name, path in found if path is None]:
            raise MissingData(f"{self.name}: {absent[0]} is not in {folder}; get the corpus at {self.url}")
        return tuple(path for _, path in found if path)


def root() -> Path:
    """The folder of corpora, from the environment variable INSULA_DATA; raises MissingData saying what to set."""
    layout = "the folder with one sub-folder per corpus, such as goemotions/train.tsv"
    if not (place := os.environ.get("INSULA_DATA")):
        raise MissingData(f"INSULA_DATA is not set: set it to {layout}")
    if not Path(place).is_dir():
        raise MissingData(f"INSULA_DATA points to {place}, which is not a folder: set it to {layout}")
    return Path(place)


def corpora() -> tuple[Corpus, ...]:
    """Every corpus with a reader, by name; whether its files are here is another question (`insula.data.checks`)."""
    return tuple(_records()[name] for name in sorted(_records()))


def corpus(name: str) -> Corpus:
    """The corpus of this name; raises KeyError with near names."""
    if name not in _records():
        raise KeyError(f"no corpus {name!r}; did you mean {nearest(name, _records())}?")
    return _records()[name]


def load(name: str, split: str) -> Iterator[Conversation]:
    """The conversations of one split, in published order, read lazily; ids are "name/split/item".

    A published id that comes again gets a number behind it.

    Raises at once KeyError for an unknown corpus or split and MissingData for absent files; while reading,
    MalformedData naming the file and the line or item.
    """
    record = corpus(name)
    paths = record.paths(split)
    module, _, function = record.reader.partition(":")
    read: Reader = getattr(import_module(module), function)
    return _load(record, split, _explained(read(split, *paths), paths))


def _explained(conversations: Iterator[Conversation], paths: tuple[Path, ...]) -> Iterator[Conversation]:
    last = ""
    try:
        for conversation in conversations:
            last = conversation.id
            yield conversation
    except MalformedData:
        raise
    except (KeyError, ValueError) as error:  # a label or field the publisher does not describe
        what = f"no field {error}" if isinstance(error, KeyError) else str(error)
        where = f"after item {last}" if last else "in its first item"
        raise MalformedData(f"{', '.join(map(str, paths))}: {where}: {what}") from error


def _load(record: Corpus, split: str, conversations: Iterator[Conversation]) -> Iterator[Conversation]:
    seen: Counter[str] = Counter()
    for conversation in conversations:
        seen[conversation.id] += 1
        if (times := seen[conversation.id]) > 1:  # published ids are not always unique
            conversation.id += f"-{times}"
        if record.carve and not _belongs(record, split, conversation):
            continue
        conversation.id = f"{record.name}/{split}/{conversation.id}"
        yield conversation


def _belongs(record: Corpus, split: str, conversation: Conversation) -> bool:
    if split != "train" and split not in record.carve:
        return True
    group = conversation.meta.get("group") or words(conversation)
    place = int.from_bytes(blake2b(f"{record.name}/{group}".encode(), digest_size=4).digest(), "big") / 2**32
    for name, share in record.carve.items():
        if place < share:
            return split == name
        place -= share
    return split == "train"


def words(conversation: Conversation) -> str:
    """What is said, without case, marks, names and links: equal for texts that differ in nothing else."""
    text = " ".join(turn.text for turn in conversation.turns)
    return " ".join(_WORD.findall(_NAMES.sub(" ", text.lower()))) or conversation.id


@cache
def _records() -> dict[str, Corpus]:
    text = (resources.files("insula.data") / "corpora.toml").read_text(encoding="utf-8")
    return {name: _record(name, fields) for name, fields in tomllib.loads(text).items()}


def _record(name: str, fields: dict[str, object]) -> Corpus:
    splits = {split: tuple(files) for split, files in fields.pop("splits").items()}  # type: ignore[attr-defined]
    schemes = tuple(fields.pop("schemes"))  # type: ignore[arg-type]
    return Corpus(name=name, splits=splits, schemes=schemes, **fields)  # type: ignore[arg-type]
