"""The table of cases: one line a turn, read and checked; a mistake is told with its line and column.

cases("dev")[0].conversation() -> its turns, without the labels
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from insula.conversation import Conversation, Turn
from insula.guard.tables import Record, folder, records
from insula.scheme import scheme

COLUMNS = ("case", "persona", "language", "turn", "speaker", "text", "level", "kinds", "category", "why")
SPLITS = ("dev", "test", "fresh")
CANNOT_TELL = "cannot-tell"
SPEAKERS = ("person", "companion")


@dataclass(frozen=True)
class Said:
    """One turn of a case; level "" at turns of the companion."""

    speaker: str
    text: str
    level: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A short talk: its category, who talks, and why it is in the suite."""

    id: str
    persona: str
    language: str
    category: str
    why: str
    turns: tuple[Said, ...]

    def conversation(self) -> Conversation:
        """The talk without its labels; turns are t1, t2, ..."""
        return Conversation(*(Turn(said.speaker, said.text) for said in self.turns), id=self.id)


def cases(split: str = "fresh", file: Traversable | Path | None = None) -> list[Case]:
    """The cases of a split, or of a table of one's own. Raises Mistake with line and column where it is wrong."""
    if file is None and split not in SPLITS:
        raise ValueError(f"no split {split!r} of the suite; there are {', '.join(SPLITS)}")
    known = personas()
    found: dict[str, list[Record]] = {}
    last = ""
    for record in records(file or folder("cases") / f"{split}.tsv", *COLUMNS):
        _check(record, known)
        if record["case"] != last and record["case"] in found:
            raise record.wrong("case", f"{record['case']!r} began further up; the lines of a case stand together")
        last = record["case"]
        earlier = found.setdefault(last, [])
        if record["turn"] != str(len(earlier) + 1):
            raise record.wrong("turn", f"{record['turn']!r} in place of {len(earlier) + 1}")
        earlier.append(record)
    return [_case(lines) for lines in found.values()]


def personas() -> dict[str, dict[str, str]]:
    """Who talks in the cases, by id."""
    lines = records(folder("cases") / "personas.tsv", "persona", "age", "about", "language", "style")
    return {line["persona"]: dict(line.fields) for line in lines}


def rubric() -> dict[str, dict[str, str]]:
    """What each level means, where it is expected and where not."""
    lines = records(folder("cases") / "rubric.tsv", "level", "meaning", "expected at", "not at")
    return {line["level"]: dict(line.fields) for line in lines}


def _check(record: Record, known: dict[str, dict[str, str]]) -> None:
    record.one_of("persona", tuple(known))
    if record.one_of("speaker", SPEAKERS) == "companion":
        if record["level"] or record["kinds"]:
            raise record.wrong("level", "the companion has no risk; leave level and kinds empty")
        return
    record.one_of("level", (*scheme("risk-level").labels, CANNOT_TELL))
    for kind in _kinds(record):
        if kind not in scheme("risk-kinds").labels:
            raise record.wrong("kinds", f"{kind!r} is not one of {', '.join(scheme('risk-kinds').labels)}")


def _kinds(record: Record) -> tuple[str, ...]:
    return tuple(kind for kind in record["kinds"].split(",") if kind)


def _case(lines: Sequence[Record]) -> Case:
    first = lines[0]
    turns = tuple(Said(line["speaker"], line["text"], line["level"], _kinds(line)) for line in lines)
    return Case(first["case"], first["persona"], first["language"], first["category"], first["why"], turns)


def person_turns(some: Sequence[Case]) -> Iterator[tuple[Case, int, Said]]:
    """Every turn of a person with its case and its place in it, from 0."""
    for case in some:
        for place, said in enumerate(case.turns):
            if said.speaker == "person":
                yield case, place, said
