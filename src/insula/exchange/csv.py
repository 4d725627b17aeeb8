"""Comma-separated values: a text per row, read and written in constant memory.

    id,review          ->  Conversation(Turn("author", "Lovely."), id="reviews.csv:2")
    7,Lovely.

Semicolons, tabs and bars are recognised. A row with more cells than the header is left out, because its text may have
been cut at a comma, and reported; so is one without a text. What is written is described in `wide`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from insula.conversation import Annotation, Conversation

from . import columns
from .source import Source
from .stream import Stream
from .wide import Block, Key, Row, Wide, judgements

# an unclosed quote swallows what follows up to here, not the memory
_LONGEST_CELL = 1 << 26
_QUOTED = re.compile('["\r\n]').search


def read(source: Source) -> Iterator[Conversation]:
    """Conversations in the order of the rows. Raises Unreadable where no column holds text."""
    csv.field_size_limit(_LONGEST_CELL)
    return columns.assemble(_rows(source), source)


class Writer(Stream):
    """A row per turn, its columns fixed by the first conversation in which anything was said."""

    def __init__(self, path: Path, resume: bool) -> None:
        super().__init__(path, resume)
        self._header = _header(path)
        self._wide: Wide | None = None
        self._spellers: list[tuple[Key, Callable[[Annotation], str], str]] = []

    def lines(self, conversation: Conversation) -> str:
        """The rows of one conversation, with the header before the first."""
        begin, wide = "", self._wide
        if wide is None:
            if not conversation.turns and not judgements(conversation):
                return ""
            wide = self._wide = Wide(conversation)
            begin = self._begin(wide)
        source = _cells([conversation.id])
        return begin + "".join([self._line(source, row, wide.meta) for row in wide.rows(conversation)])

    def records(self, path: Path) -> Iterator[tuple[int, str]]:
        """Each row that has all its cells."""
        end = 0

        def lines() -> Iterator[str]:
            nonlocal end
            with path.open("rb") as file:
                for line in file:
                    end += len(line)
                    yield line.decode("utf-8", "replace")

        csv.field_size_limit(_LONGEST_CELL)
        rows = csv.reader(lines())
        width = len(next(rows, ()))
        start = end
        for row in rows:
            if len(row) == width:
                yield start, row[0]
            start = end

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if self._wide:
            self._wide.warn_unknown(self.path)

    def _begin(self, wide: Wide) -> str:
        if self._header and self._header != wide.header:
            raise ValueError(f"{self.path} was begun with other columns, so it cannot be resumed: give a new name")
        self._spellers = [(key, _speller(block), "," * len(block.columns)) for key, block in wide.blocks.items()]
        return "" if self._header else _cells(wide.header) + "\n"

    def _line(self, source: str, row: Row, meta: tuple[str, ...]) -> str:
        turn, (start, end) = row.turn, row.seconds or ("", "")
        texts = [turn.id, str(start), str(end), turn.speaker, row.text]
        cells = f"{source},{_cells(texts + [_string(turn.meta.get(name)) for name in meta])}"
        for key, spell, blank in self._spellers:
            cells += spell(row.found[key]) if key in row.found else blank
        return cells + "\n"


def _speller(block: Block) -> Callable[[Annotation], str]:
    """A judgement -> its cells, each with a comma before it; scores have four decimals."""
    labels, template, blank = block.labels, ",%.4f" * len(block.labels), "," * len(block.labels)

    def spell(annotation: Annotation) -> str:
        scores = annotation.scores
        if scores and tuple(scores) == labels:
            numbers = tuple(scores.values())
            top = labels[numbers.index(max(numbers))]
            return f",{_cells(block.texts(annotation, top))}{template % numbers}"
        found = "".join([f",{scores[label]:.4f}" if label in scores else "," for label in labels]) if scores else blank
        return f",{_cells(block.texts(annotation, annotation.top))}{found}"

    return spell


def _cells(texts: Sequence[str]) -> str:
    """Cells with commas between them, quoted where they must be."""
    joined = ",".join(texts)
    if joined.count(",") == len(texts) - 1 and not _QUOTED(joined):
        return joined
    return ",".join(['"' + text.replace('"', '""') + '"' if "," in text or _QUOTED(text) else text for text in texts])


def _string(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(next(csv.reader(file), ()))


def _rows(source: Source) -> Iterator[tuple[int, columns.Columns, Sequence[str]]]:
    head, lines = source.head.decode("utf-8", "replace"), source.lines()
    above, first = _header_line(source, lines)
    delimiter = delimiter_of(first)
    quoting = csv.QUOTE_NONE if _bare(head, delimiter) else csv.QUOTE_MINIMAL
    rows = csv.reader(chain([first], lines), delimiter=delimiter, quoting=quoting)
    names = [name.strip() for name in next(rows)]
    found = columns.text_columns(names, source)
    width, start = len(names), above + rows.line_num + 1
    while True:
        try:
            for row in rows:
                if len(row) == width or _fits(row, width, found.text, source, start):
                    yield start, found, row
                start = above + rows.line_num + 1
            return
        except csv.Error as error:
            source.problem(f"line {start}", f"{error}: perhaps a quote is never closed")
            start = above + rows.line_num + 1


def _header_line(source: Source, lines: Iterator[str]) -> tuple[int, str]:
    """How many lines stand above the header, empty or a spreadsheet's "sep=;", and the header."""
    for above, line in enumerate(lines):
        if line.strip() and not line.startswith("sep="):
            return above, line
    raise source.unreadable("holds nothing but empty lines")


def _fits(row: list[str], width: int, text: int, source: Source, line: int) -> bool:
    if not row:
        return False
    cells = f"{len(row)} cells where the header has {width}"
    if len(row) > width:
        source.problem(f"line {line}", f"{cells}; left out (a text with a comma in it needs quotes)")
        return False
    if len(row) <= text:
        source.problem(f"line {line}", f"{cells}, none of them the text; left out")
        return False
    source.problem(f"line {line}", f"{cells}; the missing ones are taken as empty")
    row += [""] * (width - len(row))
    return True


def delimiter_of(header: str) -> str:
    """The separator that occurs most in a header line."""
    return max(",\t;|", key=header.count)


def _bare(head: str, delimiter: str) -> bool:
    """Whether quotes are just quotes, as in many tab-separated files: some cell opens one and never closes it."""
    cells = [cell for line in head.split("\n")[:-1] for cell in line.rstrip("\r").split("\t")]
    bare = any(cell.startswith('"') and (len(cell) == 1 or not cell.endswith('"')) for cell in cells)
    whole = len({line.count("\t") for line in head.split("\n")[:-1]}) <= 1
    return delimiter == "\t" and bare and whole
