"""Workbooks: cells by column, of shared and inline texts and of numbers; what is no workbook says so."""

import zipfile

import pytest

from insula.data.files import MalformedData
from insula.data.workbook import rows

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="C1"><v>3.5</v></c></row>'
    '<row r="2"><c r="B2" t="inlineStr"><is><t>here</t></is></c><c r="AA2"/></row>'
    "</sheetData></worksheet>"
)
SHARED = (
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<si><t>no</t></si><si><r><t>two </t></r><r><t>parts</t></r></si></sst>"
)


def write(path, sheet=SHEET, shared=SHARED):
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
        if shared:
            packed.writestr("xl/sharedStrings.xml", shared)
    return path


def test_cells_by_column(tmp_path):
    found = list(rows(write(tmp_path / "a.xlsx")))
    assert found == [{"A": "two parts", "C": "3.5"}, {"B": "here"}]


def test_no_shared_texts_at_all(tmp_path):
    sheet = SHEET.replace('<c r="A1" t="s"><v>1</v></c>', "")
    assert list(rows(write(tmp_path / "a.xlsx", sheet, ""))) == [{"C": "3.5"}, {"B": "here"}]


@pytest.mark.parametrize("damage", ["cut", "text", "sheet"])
def test_what_is_no_workbook_is_named(tmp_path, damage):
    path = write(tmp_path / "answers.xlsx")
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    if damage == "text":
        path.write_text("name,value\n")
    with pytest.raises(MalformedData, match=r"answers\.xlsx"):
        list(rows(path, 2 if damage == "sheet" else 1))
