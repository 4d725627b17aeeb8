"""Tables a clinician edits: tab-separated, a header, one thing a line; a mistake is told with its line and column.

records(file, "kind", "cue") -> Record(line=2, fields={"kind": "suicide", "cue": "<want> to die"}), ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


class Mistake(ValueError):
    """A table says something it cannot mean: which file, which line, which column, and what would do."""


@dataclass(frozen=True)
class Record:
    """One line of a table: the number it has in an editor, and its fields by column."""

    file: str
    line: int
    fields: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.fields[column]

    def wrong(self, column: str, what: str) -> Mistake:
        """A mistake in this line, to be raised."""
        return Mistake(f"{self.file}, line {self.line}, column {column!r}: {what}")

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """The field, if it is one of these. Raises Mistake."""
        if self[column] not in allowed:
            raise self.wrong(column, f"{self[column]!r} is not one of {', '.join(allowed)}")
        return self[column]

    def number(self, column: str) -> float:
        """The field as a number. Raises Mistake."""
        try:
            return float(self[column])
        except ValueError:
            raise self.wrong(column, f"{self[column]!r} is no number") from None


def folder(name: str) -> Traversable:
    """A folder of the guard's own tables."""
    return resources.files("insula") / "guard" / name


def records(file: Traversable | Path, *columns: str) -> Iterator[Record]:
    """The lines of a table that must have exactly these columns; empty lines are passed over. Raises Mistake."""
    name = file.name
    lines = file.read_text(encoding="utf-8").split("\n")
    header = tuple(lines[0].rstrip("\r").split("\t"))
    if header != columns:
        raise Mistake(f"{name}, line 1: the columns are {', '.join(header)}; they must be {', '.join(columns)}")
    for number, line in enumerate(lines[1:], 2):
        fields = line.rstrip("\r").split("\t")
        if fields == [""]:
            continue
        if len(fields) != len(columns):
            raise Mistake(
                f"{name}, line {number}: {len(fields)} columns in place of {len(columns)} (tabs between them)"
            )
        yield Record(name, number, dict(zip(columns, fields, strict=True)))
