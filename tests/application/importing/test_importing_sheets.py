"""What a workbook hides: hidden rows, columns and sheets, merged blocks, two-line headers, formulas."""

import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook

from ledger.application.importing import parse_file
from ledger.application.importing.checks.formulas import Formulas, is_stale
from tests.application.importing.offices import (
    HEAD,
    MONTH,
    ROSTER,
    changed,
    notes,
    parse_grid,
    saved,
    with_two_line_header,
    wrong_codes,
    zipped,
)


def test_hidden_rows_are_told_one_by_one_and_hidden_sheets_once() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in ROSTER:
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["Z"].hidden = True
    old = book.create_sheet("旧数据")
    old.append(["8月"])
    old.sheet_state = "hidden"
    parsed = parse_file(saved(book), name="a.xlsx", month=MONTH)
    assert [(row, code) for row, _, code in wrong_codes(parsed)] == [(3, "E_ROW_HIDDEN")]
    assert [row.place.row for row in parsed.rows] == [2, 4]
    assert {code for _, code in notes(parsed)} == {"W_SHEET_HIDDEN", "W_COLUMNS_HIDDEN"}


def test_of_two_equal_headers_the_visible_column_is_read() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(ROSTER):
        sheet.append([("本月实发(元)" if not number else "1"), *row])
    sheet.column_dimensions["A"].hidden = True
    parsed = parse_file(saved(book), name="a.xlsx", month=MONTH)
    assert [row.values["net_fen"] for row in parsed.rows] == [69_000, 76_000, 58_000]
    assert parsed.wrong == ()


def merged_roster(header: str) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in changed(ROSTER, 2, header, ""):
        sheet.append([cell or None for cell in row])
    column = HEAD.index(header) + 1
    sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    return saved(book)


def test_a_merged_village_belongs_to_each_row_and_a_merged_amount_to_none() -> None:
    village = parse_file(merged_roster("村(社区)"), name="a.xlsx", month=MONTH)
    assert [row.values["village"] for row in village.rows] == ["上坪村", "上坪村", "下坪村"]
    amount = parse_file(merged_roster("本月实发(元)"), name="a.xlsx", month=MONTH)
    assert wrong_codes(amount) == [(3, "本月实发(元)", "E_CELL_MERGED")]


def test_a_two_line_header_with_merged_cells() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["农村低保资金发放花名册"])
    upper = [*HEAD]
    lower: list[str | None] = [None] * len(HEAD)
    first = HEAD.index("补发(元)")
    upper[first], upper[first + 1] = "调整(元)", ""
    lower[first], lower[first + 1] = "补发", "扣回"
    sheet.append(upper)
    sheet.append(lower)
    for row in ROSTER[1:]:
        sheet.append(row)
    sheet.merge_cells(start_row=2, end_row=2, start_column=first + 1, end_column=first + 2)
    parsed = parse_file(saved(book), name="a.xlsx", month=MONTH)
    assert (parsed.wrong, parsed.sheets[0].header.unknown) == ((), ())
    assert [row.values["arrears_fen"] for row in parsed.rows] == [0, 38_000, 0]


def test_both_lines_of_a_two_line_header_repeat_on_the_next_page() -> None:
    grid = with_two_line_header(ROSTER)
    parsed = parse_grid([*grid[:3], *grid[:2], *grid[3:]], month=MONTH)
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    assert [code for _, code in notes(parsed)] == ["W_LINE_HEADER"] * 2


def formula_roster(stored: dict[str, str]) -> bytes:
    """The roster with the net as a formula; openpyxl stores no results, so they are put into the XML as Excel would."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in ROSTER:
        sheet.append([float(cell) if cell.isdigit() and len(cell) < 5 else cell for cell in row])
    for number in (2, 3, 4):
        sheet[f"S{number}"] = f"=N{number}+P{number}+Q{number}-R{number}"
    data = saved(book)
    if not stored:
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    for place, value in stored.items():
        formula = "N{0}+P{0}+Q{0}-R{0}".format(place[1:]).encode()
        members[part] = members[part].replace(
            b"<f>" + formula + b"</f><v />", b"<f>" + formula + b"</f><v>" + value.encode() + b"</v>"
        )
    return zipped(members)


def test_formulas_are_read_by_their_stored_results() -> None:
    parsed = parse_file(formula_roster({"S2": "690", "S3": "760", "S4": "580"}), name="a.xlsx", month=MONTH)
    assert (parsed.wrong, len(parsed.rows)) == ((), 3)
    assert "W_FORMULAS" in {code for _, code in notes(parsed)}


def test_a_formula_without_a_result_is_no_blank() -> None:
    parsed = parse_file(formula_roster({}), name="a.xlsx", month=MONTH)
    assert [code for _, _, code in wrong_codes(parsed)] == ["E_FORMULA_NO_VALUE"] * 3


def test_a_stale_formula_is_told_with_both_figures() -> None:
    parsed = parse_file(formula_roster({"S2": "690", "S3": "700", "S4": "580"}), name="a.xlsx", month=MONTH)
    assert wrong_codes(parsed) == [(3, "本月实发(元)", "E_FORMULA_STALE")]
    assert "760" in parsed.wrong[0].message()


FORMULAS: list[tuple[str, Decimal | None]] = [
    ("SUM(A1:A3)", Decimal(6)),
    ("sum(A1:B3, 4)", Decimal("16.5")),
    ("A1+A2*-A3", Decimal(-5)),
    ("(A1+A2)*A3/2", Decimal("4.5")),
    ("ROUND(B1/7,2)", Decimal("0.07")),
    ("$A$1-A2", Decimal(-1)),
    ("C9+A1", Decimal(1)),
    ("A1+C1", None),
    ("IF(A1>0,1,2)", None),
    ("A1/0", None),
    ("Sheet2!A1", None),
    ("SUM(A1:A3", None),
    ("A1 A2", None),
    ("SUM(A1:XFD1048576)", None),
    ("", None),
    ("(" * 200 + "1" + ")" * 99, None),
]


@pytest.mark.parametrize(("formula", "result"), FORMULAS)
def test_simple_formulas_are_computed_again_and_others_left(formula: str, result: Decimal | None) -> None:
    cells = {1: (1, Decimal("0.5"), "文字"), 2: (2, 2), 3: (3, 4)}
    assert Formulas(cells).recomputed(formula) == result
    assert not is_stale(result, result)
