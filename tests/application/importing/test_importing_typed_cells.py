"""Cells with a type of their own: dates, times, truth values, error values of xlsx and xls; and hidden rows of xls."""

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import xlwt
from openpyxl import Workbook

from ledger.application.importing import parse_file
from ledger.application.importing.readers.opening import read_tables
from ledger.application.importing.tables import CellValue, column_letter
from tests.application.importing.offices import keys, parse_grid, sample, saved, wrong_codes

MOMENT = datetime(2025, 9, 5, 20, 11, 9)  # noqa: DTZ001 -- a cell of a spreadsheet has no zone
DAY = datetime(2025, 9, 5)  # noqa: DTZ001 -- as above


def cells(data: bytes) -> tuple[CellValue, ...]:
    return read_tables("a", data)[0].rows[0].cells


def test_typed_cells_of_an_xlsx() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(
        [MOMENT, date(2025, 9, 5), time(9, 14), timedelta(hours=30), True, False, 12, 1234.56, 0.1 + 0.2, "文"]
    )
    sheet["K1"], sheet["L1"] = "#N/A", 45905
    sheet["K1"].data_type = "e"
    assert cells(saved(book)) == (
        *(MOMENT, DAY, time(9, 14), "1 day, 6:00:00", "TRUE", "FALSE"),
        *(12, Decimal("1234.56"), Decimal("0.3"), "文", "#N/A", 45905),
    )


def old(*values: object, hidden: bool = False, error: bool = False) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    styles = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss"}
    for place, value in enumerate(values):
        style = xlwt.easyxf(num_format_str=styles.get(type(value), "General"))
        sheet.write(0, place, value, style)
    if error:
        sheet.row(0).set_cell_error(len(values), "#REF!")
    sheet.row(0).hidden = hidden
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_typed_cells_of_an_xls() -> None:
    values: list[object] = [MOMENT, date(2025, 9, 5), time(9, 14), True, 12, 1234.56, "文"]
    found = cells(old(*values, error=True))
    assert found == (MOMENT, DAY, "09:14:00", "TRUE", 12, Decimal("1234.56"), "文", "#REF!")


def test_an_impossible_date_of_an_xls_is_the_number_it_is() -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, 99_999_999, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    stream = io.BytesIO()
    book.save(stream)
    assert cells(stream.getvalue()) == (99_999_999,)


def test_hidden_rows_columns_merges_and_sheets_of_an_xls() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for number, row in enumerate(sample("deaths")):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    sheet.row(2).hidden = True
    sheet.col(9).hidden = True
    sheet.write_merge(6, 7, 0, 1, "制表：示例甲")
    other = book.add_sheet("旧")
    other.write(0, 0, "旧数据")
    other.visibility = 1
    stream = io.BytesIO()
    book.save(stream)
    table, hidden_table = read_tables("a", stream.getvalue())
    assert [row.number for row in table.rows if row.hidden] == [3]
    assert (table.hidden_columns, hidden_table.hidden) == (frozenset({9}), True)
    assert [(merge.top, merge.left, merge.bottom, merge.right) for merge in table.merges] == [(7, 0, 8, 1)]
    parsed = parse_file(stream.getvalue(), name="a.xls")
    assert [(row, code) for row, _, code in wrong_codes(parsed)] == [(3, "E_ROW_HIDDEN")]
    assert {note.code for note in parsed.notes} == {"W_SHEET_HIDDEN", "W_COLUMNS_HIDDEN", "W_LINE_SIGNATURE"}


def typed_deaths() -> list[list[object]]:
    """The death list with its dates as date cells, as a spreadsheet turns them the moment they are typed."""
    head, *rows = sample("deaths")
    dates = {head.index(title) for title in ("死亡日期", "注销或火化日期", "提供日期")}

    def typed(row: list[str]) -> list[object]:
        return [date.fromisoformat(c) if place in dates and len(c) == 10 else c for place, c in enumerate(row)]

    return [[*head], *map(typed, rows)]


def test_dates_typed_as_dates_give_the_keys_of_dates_typed_as_text() -> None:
    plain = keys(parse_grid(sample("deaths")))
    book, old_book = Workbook(), xlwt.Workbook()
    sheet, old_sheet = book.worksheets[0], old_book.add_sheet("a")
    style = xlwt.easyxf(num_format_str="yyyy年m月d日")
    for number, row in enumerate(typed_deaths()):
        sheet.append(row)
        for place, cell in enumerate(row):
            old_sheet.write(number, place, cell, *([style] if isinstance(cell, date) else []))
    stream = io.BytesIO()
    old_book.save(stream)
    for data in (saved(book), stream.getvalue()):
        parsed = parse_file(data, name="a")
        assert (parsed.wrong, keys(parsed)) == ((), plain)


def test_a_statement_saved_by_a_spreadsheet_without_seconds_keeps_its_keys() -> None:
    grid = sample("bank_icbc")
    at = grid[0].index("交易时间")
    saved_again = [[*row] for row in grid]
    for row in saved_again[1:]:
        row[at] = row[at].replace("-0", "/").replace("-", "/")[:-3]
    assert saved_again[1][at] == "2025/9/5 09:14"
    assert keys(parse_grid(saved_again)) == keys(parse_grid(grid))


def test_column_letters() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
