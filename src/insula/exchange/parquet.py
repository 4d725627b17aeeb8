"""Parquet: a text per row, read and written in batches. The columns written are those of `wide`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from insula.conversation import Conversation

from . import columns
from .document import partial
from .source import Source
from .wide import FIXED, Row, Wide, judgements

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

_READ_ROWS = 1024
_WRITTEN_ROWS = 8192


def read(source: Source) -> Iterator[Conversation]:
    """Conversations in the order of the rows. Raises Unreadable for a damaged file, or where no column holds text."""
    import pyarrow
    import pyarrow.parquet

    file = source.file if source.file.seekable() else io.BytesIO(source.file.read())
    try:
        table = pyarrow.parquet.ParquetFile(file)
    except (pyarrow.ArrowException, OSError) as error:
        raise source.unreadable(f"is not a whole Parquet file ({str(error).splitlines()[0]})") from None
    found = columns.text_columns(table.schema_arrow.names, source)
    rows = ((number, found, row) for number, row in enumerate(_rows(table, source), 1))
    return columns.assemble(rows, source)


def _rows(table: pyarrow.parquet.ParquetFile, source: Source) -> Iterator[tuple[Any, ...]]:
    import pyarrow

    batches = table.iter_batches(_READ_ROWS)
    while True:
        try:
            batch = next(batches, None)
        except (pyarrow.ArrowException, OSError) as error:
            source.problem("", f"is damaged, so what follows cannot be read ({error})")
            return
        if batch is None:
            return
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class Writer:
    """A row per turn, written in row groups beside the path and put there when closed: half a file cannot be read."""

    done: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        self.path, self._partial = path, partial(path)
        self._rows = list[tuple[str, Row]]()
        self._wide: Wide | None = None
        self._file: pyarrow.parquet.ParquetWriter | None = None
        self._partial.touch()

    def write(self, conversation: Conversation) -> None:
        """Take in one conversation."""
        if self._wide is None:
            if not conversation.turns and not judgements(conversation):
                return
            self._wide = Wide(conversation)
        self._rows += [(conversation.id, row) for row in self._wide.rows(conversation)]
        if len(self._rows) >= _WRITTEN_ROWS:
            self._flush(self._wide)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        self._flush(self._wide or Wide(Conversation()))
        if self._file:
            self._file.close()
        if error is not None:
            error.add_note(f"what was done until then is in {self._partial}")
            return
        self._partial.replace(self.path)
        if self._wide:
            self._wide.warn_unknown(self.path)

    def _flush(self, wide: Wide) -> None:
        import pyarrow
        import pyarrow.parquet

        schema = _schema(wide)
        file = self._file = self._file or pyarrow.parquet.ParquetWriter(self._partial, schema)
        cells = zip(*(_cells(source, row, wide) for source, row in self._rows), strict=True)
        arrays = [pyarrow.array(map(_whole, column), field.type) for column, field in zip(cells, schema, strict=False)]
        if arrays:
            file.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
        self._rows.clear()


def _whole(cell: Any) -> Any:
    """A text without halves of characters, which Parquet does not take."""
    half = isinstance(cell, str) and not cell.isascii()
    return cell.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if half else cell


def _schema(wide: Wide) -> pyarrow.Schema:
    import pyarrow

    text, number, score = pyarrow.string(), pyarrow.float64(), pyarrow.float32()
    fields = [(name, number if name in ("start", "end") else text) for name in (*FIXED, *wide.meta)]
    for block in wide.blocks.values():
        texts = len(block.columns) - len(block.labels)
        fields += [(name, text if place < texts else score) for place, name in enumerate(block.columns)]
    return pyarrow.schema(fields)


def _cells(source: str, row: Row, wide: Wide) -> list[Any]:
    turn, (start, end) = row.turn, row.seconds or (None, None)
    cells: list[Any] = [source, turn.id, start, end, turn.speaker, row.text]
    cells += [None if (value := turn.meta.get(name)) is None else str(value) for name in wide.meta]
    for key, block in wide.blocks.items():
        if annotation := row.found.get(key):
            cells += [
                *block.texts(annotation, annotation.top),
                *(annotation.scores.get(label) for label in block.labels),
            ]
        else:
            cells += [None] * len(block.columns)
    return cells
