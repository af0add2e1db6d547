"""xlsx workbooks: values by calamine; by `xlsx_marks` what is hidden, formulas, merged blocks, errors and long numbers.

calamine keeps the whole rectangle of a sheet; one with a stray cell far away, or whose part was not found, is read by
openpyxl row by row, which takes some thirty times as long. Both give the same cells, but
for blanks at the ends of a text.
"""

import io
import math
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ledger.application.importing.readers.archive import ZIP_FAULTS, check_members, check_ratio
from ledger.application.importing.readers.limits import Limits, check_rows, check_sheets, trimmed
from ledger.application.importing.readers.xlsx_marks import SheetMarks, read_marks
from ledger.application.importing.tables import CellValue, RawRow, RawTable
from ledger.errors import InputError, LedgerError

AT_ONCE_MAX: Final = 8_000_000
"""Cells of a sheet's rectangle that are kept at once; a county's roster has a million and a half."""

_PANIC: Final = "PanicException"
"""What a fault inside calamine comes up as; it is no `Exception`."""


def looks_like_xlsx(data: bytes) -> bool:
    """Whether the zip holds a workbook; a damaged zip is no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except ZIP_FAULTS:
        return False


def read_xlsx(name: str, data: bytes, limits: Limits) -> list[RawTable]:
    """Every worksheet, hidden ones marked; `E_FILE_UNREADABLE`, `E_FILE_ZIP_BOMB` or a limit's code."""
    try:
        return list(_sheets(name, data, limits))
    except LedgerError:
        raise
    except BaseException as error:  # a damaged workbook fails in dozens of ways, which mean the same to the user
        if not isinstance(error, Exception) and type(error).__name__ != _PANIC:
            raise
        raise InputError("E_FILE_UNREADABLE", file=name) from None


def _sheets(name: str, data: bytes, limits: Limits) -> Iterator[RawTable]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        check_ratio(name, len(data), sum(info.file_size for info in infos), limits)
        check_members(name, infos, limits)
        marks = read_marks(archive)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    check_sheets(name, len(sheets), limits)
    if any(sheet.name not in marks or marks[sheet.name].area > AT_ONCE_MAX for sheet in sheets):
        yield from _sheets_by_row(name, data, marks, limits)
        return
    for sheet in sheets:
        mark = marks[sheet.name]
        values = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        rows = _rows(name, sheet.name, values, mark, limits)
        hidden = sheet.visible != SheetVisibleEnum.Visible
        yield RawTable(name, sheet.name, rows, frozenset(mark.columns), hidden, "xlsx", tuple(mark.merges))


def _sheets_by_row(name: str, data: bytes, marks: Mapping[str, SheetMarks], limits: Limits) -> Iterator[RawTable]:
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions it leaves out; none of them changes a value.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        check_sheets(name, len(book.worksheets), limits)
        for sheet in book.worksheets:
            mark = marks.get(sheet.title, SheetMarks())
            # Some programs write a wrong extent; without this, openpyxl would silently stop at it.
            sheet.reset_dimensions()
            rows = _rows(name, sheet.title, sheet.iter_rows(values_only=True), mark, limits)
            hidden = sheet.sheet_state != "visible"
            yield RawTable(name, sheet.title, rows, frozenset(mark.columns), hidden, "xlsx", tuple(mark.merges))
        book.close()


def _rows(name: str, sheet: str, lines: Iterable[Sequence[Any]], marks: SheetMarks, limits: Limits) -> list[RawRow]:
    rows: list[RawRow] = []
    for number, values in enumerate(lines, 1):
        formulas = marks.formulas.get(number)
        cells = trimmed(name, number, _cells(values, marks.exact.get(number)), limits)
        if not cells and not formulas:
            continue
        check_rows(name, sheet, len(rows), limits)
        if formulas:
            cells += (None,) * (max(formulas) + 1 - len(cells))
            rows.append(RawRow(number, cells, number in marks.rows, formulas))
        else:
            rows.append(RawRow(number, cells, number in marks.rows))
    return rows


def _cells(values: Sequence[Any], marked: Mapping[int, str | int] | None) -> list[CellValue]:
    """The values of a row, and in their place those that a reader does not give as they stand."""
    cells = [exact(value) for value in values]
    for column, value in (marked or {}).items():
        cells += [None] * (column + 1 - len(cells))
        if not isinstance(value, int) or isinstance(cells[column], int | Decimal):  # not where it is shown as a day
            cells[column] = value
    return cells


def exact(value: Any) -> CellValue:
    """A cell's value without floats: a spreadsheet keeps 15 significant digits, so that many are taken and no more."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int | Decimal | datetime | time):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell names no zone
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def number(value: float) -> CellValue:
    """The decimal number a spreadsheet shows for a stored float; whole numbers become `int`."""
    if not math.isfinite(value):
        return "#NUM!"
    text = Decimal(f"{value:.15g}")
    return int(text) if text == text.to_integral_value() and abs(text) < Decimal(10) ** 30 else text
