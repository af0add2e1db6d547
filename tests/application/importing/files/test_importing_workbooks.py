"""xlsx workbooks are read by one library, or by another row by row: the same cells, and none through a float that it
does not fit in.
"""

import io
import zipfile
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ledger.application.importing.readers import xlsx
from ledger.application.importing.readers.limits import DEFAULT_LIMITS
from ledger.application.importing.readers.xlsx import read_xlsx
from ledger.application.importing.readers.xlsx_marks import read_marks
from ledger.application.importing.tables import RawTable
from ledger.errors import InputError
from ledger_api.demo.year.making import make

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

CELLS = [
    ('<c r="A1"><v>430601199001010011</v></c>', 430601199001010011),
    ('<c r="A1"><v>-1234567890123456789</v></c>', -1234567890123456789),
    ('<c r="A1"><v>123456789012345</v></c>', 123456789012345),
    ('<c r="A1"><v>123.45</v></c>', Decimal("123.45")),
    ('<c r="A1"><v>0.30000000000000004</v></c>', Decimal("0.3")),
    ('<c r="A1"><v>1E3</v></c>', 1000),
    ('<c r="A1" t="e"><v>#N/A</v></c>', "#N/A"),
    ('<c r="A1" t="e"><f>B1</f><v>#REF!</v></c>', "#REF!"),
    ('<c r="A1" t="b"><v>1</v></c>', "TRUE"),
    ('<c r="A1" t="str"><f>B1</f><v>甲</v></c>', "甲"),
    ('<c r="A1" t="s"><v>0</v></c>', "共用"),
    ('<c r="A1" t="s"><v>1</v></c>', "两段"),
    ('<c r="A1" t="inlineStr"><is><t>430601199001010011</t></is></c>', "430601199001010011"),
    ('<c r="A1" t="inlineStr"><is><r><t>张</t></r><r><t>三</t></r></is></c>', "张三"),
    ('<c r="A1" s="1"><v>45900</v></c>', datetime(2025, 8, 31)),  # noqa: DTZ001 - a cell names no zone
    ('<c r="A1" s="1"><v>45900.5</v></c>', datetime(2025, 8, 31, 12)),  # noqa: DTZ001 - a cell names no zone
    ('<c r="A1" s="1"><v>60</v></c>', datetime(1900, 2, 28)),  # noqa: DTZ001 - a cell names no zone
    ('<c r="A1" s="2"><v>0.25</v></c>', time(6)),
    ("<c><v>7</v></c>", 7),
]
"""A cell as it is written, and what it says."""


def workbook(sheet: str) -> bytes:
    """A workbook of one sheet whose rows are given as XML."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{part}.xml" '
            f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
            for part, kind in (
                ("workbook", "sheet.main"),
                ("worksheets/sheet1", "worksheet"),
                ("styles", "styles"),
                ("sharedStrings", "sharedStrings"),
            )
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="花名册" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>共用</t></si>'
        "<si><r><t>两</t></r><r><t>段</t></r></si></sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts><font/></fonts>'
        '<fills><fill><patternFill patternType="none"/></fill></fills><borders><border/></borders>'
        '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
        '<xf numFmtId="20" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return written.getvalue()


def both(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[RawTable]:
    """What both ways of reading give; they agree."""
    at_once = read_xlsx("x.xlsx", data, DEFAULT_LIMITS)
    with monkeypatch.context() as patch:
        patch.setattr(xlsx, "AT_ONCE_MAX", -1)
        assert read_xlsx("x.xlsx", data, DEFAULT_LIMITS) == at_once
    return at_once


@pytest.mark.parametrize(("written", "said"), CELLS, ids=[str(n) for n in range(len(CELLS))])
def test_a_cell_says_the_same_in_both_ways(written: str, said: object, monkeypatch: pytest.MonkeyPatch) -> None:
    (table,) = both(workbook(f'<row r="1">{written}</row>'), monkeypatch)
    assert [row.cells for row in table.rows] == [(said,)]
    assert type(table.rows[0].cells[0]) is type(said)


def test_rows_and_columns_stand_where_they_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = '<row r="3"><c r="C3"><v>1</v></c><c><v>2</v></c></row><row><c t="inlineStr"><is><t>下</t></is></c></row>'
    (table,) = both(workbook(rows), monkeypatch)
    assert [(row.number, row.cells) for row in table.rows] == [(3, (None, None, 1, 2)), (4, ("下",))]


def test_a_cell_that_names_another_row_stands_there() -> None:
    """What a hostile or broken program writes: how far the sheet reaches is told by its cells, not by its rows."""
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B11" t="e"><v>#N/A</v></c><c r="C1" t="e"><v>#REF!</v></c></row>'
        '<row r="12"><c r="C12" t="e"><v>#NUM!</v></c></row>'
    )
    with zipfile.ZipFile(io.BytesIO(workbook(rows))) as archive:
        marks = read_marks(archive)["花名册"]
    assert marks.exact == {11: {1: "#N/A"}, 1: {2: "#REF!"}, 12: {2: "#NUM!"}}
    assert (marks.last_row, marks.width) == (12, 3)


def test_an_error_beyond_the_last_value_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="C1" t="e"><v>#DIV/0!</v></c></row>'
    (table,) = both(workbook(rows), monkeypatch)
    assert table.rows[0].cells == (1, None, "#DIV/0!")


def test_a_stray_cell_in_the_last_corner_costs_no_memory() -> None:
    """A rectangle of 17 thousand million cells is not kept; its width is refused as that of any sheet."""
    far = workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="CV1048576"><v>2</v></c></row>')
    (table,) = read_xlsx("x.xlsx", far, DEFAULT_LIMITS)
    assert [(row.number, len(row.cells)) for row in table.rows] == [(1, 1), (1048576, 100)]
    wide = workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')
    with pytest.raises(InputError, match="E_FILE_TOO_MANY_COLUMNS"):
        read_xlsx("x.xlsx", wide, DEFAULT_LIMITS)


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.text(alphabet="甲乙 1,.元年月日-#", max_size=6).map(str.strip),  # blanks at its ends say nothing
                st.integers(-(10**14), 10**14),
                st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2),
                st.booleans(),
                st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)).map(  # noqa: DTZ001 - a cell names no zone
                    lambda moment: moment.replace(microsecond=0)
                ),
            ),
            max_size=5,
        ),
        max_size=6,
    )
)
def test_what_a_program_wrote_is_read_alike(rows: list[list[object]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("甲")
    for row in rows:
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    with pytest.MonkeyPatch.context() as patch:
        both(written.getvalue(), patch)


def test_an_interrupt_is_no_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(xlsx, "read_marks", stopped)
    with pytest.raises(KeyboardInterrupt):
        read_xlsx("x.xlsx", workbook(""), DEFAULT_LIMITS)


def test_the_offices_of_a_year_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every workbook that the invented offices of a small year write."""
    make(tmp_path, Decimal("0.007"), 6, 10)
    books = sorted(tmp_path.rglob("*.xlsx"))
    assert len(books) > 20
    for path in books:
        both(path.read_bytes(), monkeypatch)
