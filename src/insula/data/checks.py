"""Whether a corpus is here, whole, as published, and cleanly split.

check("goemotions") -> [Finding("goemotions", "files", "ok", "3 files, all as on record"), ...]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Literal

from ..conversation import Conversation
from .files import MalformedData
from .record import Corpus, corpus, load, root, words

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at in a corpus (`about`: files, count, ids, leak), and `what` was found.

    A "note" is worth knowing and cannot be mended here, such as a text that the publisher put into two splits.
    """

    corpus: str
    about: str
    verdict: Verdict
    what: str

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done about it."""
        return self.verdict != "problem"


@dataclass
class _Split:
    """What a split holds, kept after one reading."""

    size: int
    ids: list[str]
    groups: set[str]
    texts: set[str]


def check(name: str) -> list[Finding]:
    """Read a whole corpus and report on files, hashes, counts, ids and what is shared between train and test.

    Raises KeyError for an unknown corpus and MissingData where a file is absent; what cannot be read is a finding.
    """
    record = corpus(name)
    files = _files(record)
    try:
        splits = {split: _read(record, load(name, split)) for split in record.splits}
    except MalformedData as error:
        return [*files, Finding(name, "files", "problem", str(error))]
    return [*files, *_counts(record, splits), *_ids(record, splits), *_leaks(record, splits)]


def shared(train: tuple[str, str], test: tuple[str, str]) -> frozenset[str]:
    """The ids in one corpus's split whose text is also in another's: `shared(("emobank", "train"), ("tec", "test"))`.

    Texts are the same when they differ in case, marks, names and links alone; those under four words are left out, as
    anybody may say them. A number measured on the rest owes nothing to having seen the answers.
    """
    seen = {words(conversation) for conversation in load(*train)}
    found = ((conversation.id, words(conversation)) for conversation in load(*test))
    return frozenset(item for item, text in found if text in seen and len(text.split()) > 3)


def _files(record: Corpus) -> list[Finding]:
    paths = dict.fromkeys(path for split in record.splits for path in record.paths(split))
    folder = root() / record.folder
    unknown = [path for path in paths if _known(record, folder, path) is None]
    changed = [path for path in paths if (on_record := _known(record, folder, path)) and on_record != _hash(path)]
    found = [Finding(record.name, "files", "problem", f"{path}: not the file on record (sha256)") for path in changed]
    found += [Finding(record.name, "files", "note", f"{path}: its sha256 is not on record") for path in unknown]
    whole = Finding(record.name, "files", "ok", f"{len(paths)} files, all as on record")
    return found or [whole]


def _known(record: Corpus, folder: Path, path: Path) -> str | None:
    return record.sha256.get(path.relative_to(folder).as_posix())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _read(record: Corpus, conversations: Iterable[Conversation]) -> _Split:
    split = _Split(0, [], set(), set())
    for conversation in conversations:
        split.size += len(conversation.turns) if record.counted == "turns" else 1
        split.ids.append(conversation.id.split("/", 2)[-1])
        if group := conversation.meta.get("group"):
            split.groups.add(group)
        if text := words(conversation):
            split.texts.add(text)
    return split


def _counts(record: Corpus, splits: dict[str, _Split]) -> list[Finding]:
    found: list[Finding] = []
    for name, published in record.counts.items():
        carved = [cut for cut in record.carve if cut not in record.counts] if name == "train" else []
        size = sum(splits[part].size for part in (name, *carved))
        verdict: Verdict = "ok" if size == published else "problem"
        parts = f" (with {' and '.join(carved)} carved out)" if carved else ""
        found.append(Finding(record.name, "count", verdict, f"{name}{parts}: {size} of {published} {record.counted}"))
    return found


def _ids(record: Corpus, splits: dict[str, _Split]) -> list[Finding]:
    found: list[Finding] = []
    for name, split in splits.items():
        if twice := len(split.ids) - len(set(split.ids)):
            found.append(Finding(record.name, "ids", "problem", f"{name}: {twice} ids come twice"))
    for one, other in combinations(splits, 2):
        if shared := len(set(splits[one].ids) & set(splits[other].ids)):
            found.append(Finding(record.name, "ids", "problem", f"{shared} ids are in {one} and in {other}"))
    return found or [Finding(record.name, "ids", "ok", "every id is unique")]


def _leaks(record: Corpus, splits: dict[str, _Split]) -> list[Finding]:
    if "train" not in splits or "test" not in splits:
        return []
    train, test = splits["train"], splits["test"]
    both = {"texts": len(train.texts & test.texts), "groups (a post or a writer)": len(train.groups & test.groups)}
    found = [
        Finding(record.name, "leak", "note", f"{count} {what} of test are in train, too")
        for what, count in both.items()
        if count
    ]
    return found or [Finding(record.name, "leak", "ok", "nothing of test is in train")]
