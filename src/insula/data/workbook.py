"""Tables in .xlsx workbooks, read with the standard library.

rows(Path("answers.xlsx")) -> {"A": "name", "B": "1"}, {"A": "Ada", "C": "3"}, ...
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from .files import MalformedData

_IN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows(file: Path, sheet: int = 1) -> Iterator[dict[str, str]]:
    """The rows of one sheet, each cell that holds something by the letters of its column.

    Numbers are given as they are written. Raises MalformedData for a file that is no whole workbook.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            texts = "xl/sharedStrings.xml"
            shared = ElementTree.fromstring(packed.read(texts)) if texts in packed.namelist() else ()
            table = ElementTree.fromstring(packed.read(f"xl/worksheets/sheet{sheet}.xml"))
    except (zipfile.BadZipFile, KeyError, EOFError, ElementTree.ParseError) as error:
        raise MalformedData(f"{file}: not a whole .xlsx workbook with a sheet {sheet} ({error})") from None
    strings = ["".join(text.text or "" for text in one.iter(f"{_IN}t")) for one in shared]
    for row in table.iter(f"{_IN}row"):
        cells = ((one.get("r", "").rstrip("0123456789"), _value(one, strings)) for one in row.findall(f"{_IN}c"))
        yield {column: value for column, value in cells if value is not None}


def _value(cell: ElementTree.Element, strings: list[str]) -> str | None:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_IN}t"))
    value = cell.find(f"{_IN}v")
    if value is None or value.text is None:
        return None
    return strings[int(value.text)] if cell.get("t") == "s" else value.text
