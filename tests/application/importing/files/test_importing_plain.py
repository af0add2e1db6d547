"""Of a sheet in the plain form two searches tell what the parser tells; every other sheet is the parser's."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.application.importing.readers import xlsx_marks
from ledger.application.importing.readers.xlsx_marks import SheetMarks, read_marks
from ledger.application.importing.readers.xlsx_plain import plain_sheet
from ledger_api.demo.year.making import make
from tests.application.importing.files.test_importing_workbooks import workbook

PART = "xl/worksheets/sheet1.xml"

PLAIN = (
    '<row r="2" spans="1:3" ht="25.5" customHeight="1"><c r="A2" s="1" t="s"><v>0</v></c>'
    '<c r="C2"><v>-12.5</v></c></row>\n<row r="4"><c r="B4" t="inlineStr">'
    '<is><t xml:space="preserve"> 张&amp;三 </t></is></c><c r="AB4" s="3" />'
    '<c r="D4"></c><c r="E4" t="n"><v /></c></row><row r="9"/>'
)

NOT_PLAIN = {
    "hidden row": '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>',
    "hidden row, first": '<row hidden="1" r="1"><c r="A1"><v>1</v></c></row>',
    "formula": '<row r="1"><c r="A1"><f>B1</f><v>1</v></c></row>',
    "error": '<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>',
    "long number": '<row r="1"><c r="A1"><v>430601199001010011</v></c></row>',
    "long negative number": '<row r="1"><c r="A1"><v>-430601199001010011</v></c></row>',
    "long number in a reference": '<row r="1"><c r="A1"><v>43060119900101001&#49;</v></c></row>',
    "long number in two parts": '<row r="1"><c r="A1"><v>430601199001<![CDATA[010011]]></v></c></row>',
    "long number after a blank": '<row r="1"><c r="A1"><v> 430601199001010011</v></c></row>',
    "no reference": '<row r="1"><c><v>1</v></c></row>',
    "no row number": '<row><c r="A1"><v>1</v></c></row>',
    "single quotes": "<row r='1'><c r='A1' t='e'><v>#N/A</v></c></row>",
    "error in single quotes": '<row r="1"><c r="A1" t=\'e\'><v>#N/A</v></c></row>',
    "blanks about the sign": '<row r="1"><c r = "A1"  t = "e"><v>#N/A</v></c></row>',
    "comment": '<row r="1"><!-- <row r="7"> --><c r="A1"><v>1</v></c></row>',
    "text of two runs": '<row r="1"><c r="A1" t="inlineStr"><is><r><t>张</t></r><r><t>三</t></r></is></c></row>',
    "a prefix that is not declared": '<row r="1" x14ac:dyDescent="0.25"><c r="A1"><v>1</v></c></row>',
    "more about a cell": '<row r="1"><c r="A1" cm="1"><v>1</v></c></row>',
}


def by_parser(data: bytes) -> SheetMarks:
    with pytest.MonkeyPatch.context() as patch, zipfile.ZipFile(io.BytesIO(data)) as archive:
        patch.setattr(xlsx_marks, "plain_sheet", lambda _document: None)
        return read_marks(archive)["花名册"]


def document_of(rows: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook(rows))) as archive:
        return archive.read(PART)


def marks_of(data: bytes) -> SheetMarks:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return read_marks(archive)["花名册"]


def test_the_plain_form_is_told_as_the_parser_tells_it() -> None:
    found = plain_sheet(document_of(PLAIN))
    assert found is not None
    assert (found.last_row, found.columns) == (9, frozenset((b"A", b"B", b"C", b"D", b"E", b"AB")))
    assert marks_of(workbook(PLAIN)) == by_parser(workbook(PLAIN))


@pytest.mark.parametrize("rows", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_else_stands_there_is_the_parsers(rows: str) -> None:
    assert plain_sheet(document_of(rows)) is None


AROUND = {
    "another encoding": lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "two bytes a character": lambda text: text.encode("utf-16"),
    "no character": lambda text: text.encode().replace("甲".encode(), b"\xff\xfe"),
    "a prefix": lambda text: text.replace("sheetData", "x:sheetData").encode(),
    "a declaration": lambda text: text.replace("<worksheet", "<!DOCTYPE worksheet><worksheet").encode(),
    "data in a comment": lambda text: text.replace("<sheetData>", "<!-- <sheetData> --><sheetData>").encode(),
}


@pytest.mark.parametrize("written", AROUND.values(), ids=AROUND)
def test_another_document_is_the_parsers(written: object) -> None:
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'
    text = f'<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData>{row}</sheetData></worksheet>'
    assert plain_sheet(text.format("甲").encode()) is not None
    assert callable(written)
    letter = "é" if "ISO" in str(written(text)[:60]) else "甲"
    assert plain_sheet(written(text.format(letter))) is None


def test_what_excel_says_of_a_row_is_plain() -> None:
    """Where the prefix is declared; else the document is broken, which the parser says."""
    row = (
        '<sheetData><row r="1" spans="1:1" x14ac:dyDescent="0.25"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert plain_sheet(f'<worksheet xmlns:x14ac="http://x">{row}'.encode()) is not None
    assert plain_sheet(f"<worksheet>{row}".encode()) is None


def test_what_stands_about_the_data_is_kept() -> None:
    """Hidden columns stand before it, merged blocks after it."""
    around = (
        '<worksheet><cols><col min="2" max="3" hidden="1"/></cols><sheetData>',
        '</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells></worksheet>',
    )
    found = plain_sheet(PLAIN.join(around).encode())
    assert found is not None
    assert found.around == "".join(around).encode()


@given(st.integers(min_value=0), st.binary(max_size=3), st.integers(min_value=0, max_value=3))
def test_a_spoilt_sheet_is_not_told_otherwise_than_by_the_parser(place: int, put: bytes, cut: int) -> None:
    """Bytes put in and cut out anywhere: where the plain form is still seen, the parser reads the document, too, and
    finds what is found without it.
    """
    whole = document_of(PLAIN)
    place %= len(whole)
    spoilt = whole[:place] + put + whole[place + cut :]
    if plain_sheet(spoilt) is None:
        return
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(PLAIN))) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, spoilt if name == PART else old.read(name))
    try:
        found = marks_of(changed.getvalue())
    except (ExpatError, ValueError):  # what stands around the data is the parser's in both ways
        with pytest.raises((ExpatError, ValueError)):
            by_parser(changed.getvalue())
    else:
        assert found == by_parser(changed.getvalue())


def test_the_workbooks_of_offices_are_plain(tmp_path: Path) -> None:
    """Every workbook that a library wrote for a small year and that has nothing hidden: none is slow."""
    make(tmp_path, Decimal("0.003"), 3, 10)
    seen = 0
    for file in tmp_path.rglob("*.xlsx"):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    document = archive.read(name)
                    special = b"hidden" in document or b"<f>" in document or b'"e"' in document
                    assert special or plain_sheet(document) is not None, (file.name, name)
                    seen += not special
    assert seen > 20
