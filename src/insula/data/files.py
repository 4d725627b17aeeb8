"""Published files, found where they lie and read line by line.

    find(Path("dreaddit"), "dreaddit-train.csv") -> Path("dreaddit/dreaddit-train.slim.csv.gz")

A file is found by its publisher's name in any folder below, plain or gzipped, whole or slimmed (`.slim`, `.nouser`,
`.no-mystery`: copies from which columns about persons or placeholder rows were cut). Dots, dashes and underscores do
not matter, nor what stands in front of the name: "2018-E-c-En-dev.txt" is "E-c-En-dev.txt".
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

_CUT = re.compile(r"(\.slim|\.nouser|_noauthor|\.no-mystery)(?=\.)|\.gz$")
_MARKS = re.compile(r"[-_.]")
CUT_SHORT = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading a packed file raises that did not arrive whole."""


class MissingData(FileNotFoundError):
    """A corpus, or the folder of corpora, is not where it was looked for; the message says where, and what to do."""

    def __str__(self) -> str:
        return str(self.args[0])


class MalformedData(ValueError):
    """A published file does not look as its publisher describes it; the message names file and line."""


def find(folder: Path, name: str) -> Path | None:
    """The file of this published name at or below a corpus's folder, the nearest match; None where there is none."""
    wanted = _key(name)
    bare = wanted.rpartition("/")[2]
    found = [(path, _key(path.relative_to(folder).as_posix())) for path in folder.rglob("*") if path.is_file()]
    near = [(key != wanted, not key.endswith("/" + bare), key, path) for path, key in found if key.endswith(bare)]
    return min(near)[-1] if near else None


def _key(name: str) -> str:
    return _MARKS.sub("", _CUT.sub("", name)).lower()


def opened(path: Path, encoding: str = "utf-8") -> TextIO:
    """The file as text, unpacked if it is gzipped; bytes that are not in the encoding become the replacement sign."""
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding=encoding, errors="replace", newline=""))
    return path.open(encoding=encoding, errors="replace", newline="")


def lines(path: Path, encoding: str = "utf-8-sig") -> Iterator[tuple[int, str]]:
    """Each line that is not empty, with its number from 1 and without its end; only a line feed ends a line.

    Raises MalformedData for a packed file that is cut short.
    """
    number = 0
    with opened(path, encoding) as file:
        try:
            for number, line in enumerate(file, 1):
                if line := line.rstrip("\r\n"):
                    yield number, line
        except CUT_SHORT as error:
            raise MalformedData(f"{path}: after line {number}: the file is cut short or damaged ({error})") from None


def fields(path: Path, count: int, separator: str = "\t", skip: int = 0) -> Iterator[list[str]]:
    """The fields of each line of a file without quoting; raises MalformedData where there are fewer than `count`."""
    for number, line in lines(path):
        if number <= skip:
            continue
        row = line.split(separator)
        if len(row) < count:
            raise MalformedData(f"{path}: line {number}: expected {count} fields, found {len(row)}")
        yield row


def records(path: Path, *needed: str, separator: str = ",", quoted: bool = True) -> Iterator[dict[str, str]]:
    """The rows of a table with a header, by column name; raises MalformedData when a needed column is not there."""
    with opened(path, "utf-8-sig") as file:
        quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        table = csv.DictReader(file, delimiter=separator, quoting=quoting, restval="")
        header = table.fieldnames or ()
        if absent := [name for name in needed if name not in header]:
            raise MalformedData(f"{path}: no column {', '.join(absent)}; it has {', '.join(header)}")
        yield from table


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON object of each line; raises MalformedData for a line that is not one."""
    for number, line in lines(path):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise MalformedData(f"{path}: line {number}: not a JSON object ({error.msg})") from None


def document(path: Path) -> Any:
    """The whole file as one JSON value; raises MalformedData."""
    with opened(path) as file:
        try:
            return json.load(file)
        except json.JSONDecodeError as error:
            raise MalformedData(f"{path}: line {error.lineno}: not JSON ({error.msg})") from None
        except CUT_SHORT as error:
            raise MalformedData(f"{path}: the file is cut short or damaged ({error})") from None


def number(path: Path, text: str, what: str) -> float:
    """A published number; raises MalformedData naming the file and what it should have been."""
    try:
        return float(text)
    except ValueError:
        raise MalformedData(f"{path}: {what} should be a number, found {text!r}") from None
