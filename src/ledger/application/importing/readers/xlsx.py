"""xlsx workbooks: values by openpyxl row by row, hidden rows, formulas and merged blocks by `xlsx_marks`."""

import io
import math
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from ledger.application.importing.readers.archive import ZIP_FAULTS, check_members, check_ratio
from ledger.application.importing.readers.limits import Limits, check_rows, check_sheets, trimmed
from ledger.application.importing.readers.xlsx_marks import SheetMarks, read_marks
from ledger.application.importing.tables import CellValue, RawRow, RawTable
from ledger.errors import InputError, LedgerError


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
    except Exception:  # noqa: BLE001 - a damaged workbook fails in dozens of ways, which mean the same to the user
        raise InputError("E_FILE_UNREADABLE", file=name) from None


def _sheets(name: str, data: bytes, limits: Limits) -> Iterator[RawTable]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
        # openpyxl warns of styles and extensions it leaves out; none of them changes a value.
        warnings.simplefilter("ignore")
        infos = archive.infolist()
        check_ratio(name, len(data), sum(info.file_size for info in infos), limits)
        check_members(name, infos, limits)
        marks = read_marks(archive)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        check_sheets(name, len(book.worksheets), limits)
        for sheet in book.worksheets:
            mark = marks.get(sheet.title, SheetMarks())
            rows = _rows(name, sheet, mark, limits)
            hidden = sheet.sheet_state != "visible"
            yield RawTable(name, sheet.title, rows, frozenset(mark.columns), hidden, "xlsx", tuple(mark.merges))
        book.close()


def _rows(name: str, sheet: Any, marks: SheetMarks, limits: Limits) -> list[RawRow]:
    # Some programs write a wrong extent; without this, openpyxl would silently stop at it.
    sheet.reset_dimensions()
    rows: list[RawRow] = []
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        formulas = marks.formulas.get(number)
        cells = trimmed(name, number, [exact(value) for value in values], limits)
        if not cells and not formulas:
            continue
        check_rows(name, sheet.title, len(rows), limits)
        if formulas:
            cells += (None,) * (max(formulas) + 1 - len(cells))
            rows.append(RawRow(number, cells, number in marks.rows, formulas))
        else:
            rows.append(RawRow(number, cells, number in marks.rows))
    return rows


def exact(value: Any) -> CellValue:
    """A cell's value without floats: a spreadsheet keeps 15 significant digits, so that many are taken and no more."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal | datetime | date | time):
        return value
    if isinstance(value, float):
        return number(value)
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def number(value: float) -> CellValue:
    """The decimal number a spreadsheet shows for a stored float; whole numbers become `int`."""
    if not math.isfinite(value):
        return "#NUM!"
    text = Decimal(f"{value:.15g}")
    return int(text) if text == text.to_integral_value() and abs(text) < Decimal(10) ** 30 else text
