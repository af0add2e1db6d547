"""Old xls workbooks (also WPS `.et`) by xlrd, with their hidden rows; xls gives no formula texts, only results."""

import io
from datetime import datetime
from typing import Any

import xlrd

from ledger.application.importing.readers.limits import Limits, check_rows, check_sheets, trimmed
from ledger.application.importing.readers.xlsx import number
from ledger.application.importing.tables import CellValue, Merge, RawRow, RawTable
from ledger.errors import InputError, LedgerError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# BOF records of BIFF 2, 3, 4, 5 and 8 streams that are not wrapped in a compound document.
_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
# Where Excel keeps the modules of a workbook's programs (MS-OVBA 2.2.1); a name in the compound document's directory.
_MACROS_STORAGE = "_VBA_PROJECT_CUR".encode("utf-16-le")
_NO_DATE = (0, 0, 0)


def looks_like_xls(data: bytes) -> bool:
    """Whether the bytes are a compound document or a bare BIFF stream."""
    return data.startswith((_OLE, *_BIFF))


def is_encrypted_package(data: bytes) -> bool:
    """Whether a compound document wraps a password-protected xlsx (MS-OFFCRYPTO 2.3.4.4)."""
    return data.startswith(_OLE) and _ENCRYPTED_STREAM in data


def read_xls(name: str, data: bytes, limits: Limits) -> list[RawTable]:
    """Every worksheet; `E_FILE_PASSWORD`, `E_FILE_MACROS`, `E_FILE_UNREADABLE` or a limit's code."""
    if _MACROS_STORAGE in data:
        raise InputError("E_FILE_MACROS", file=name)
    try:
        with xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True) as book:
            check_sheets(name, book.nsheets, limits)
            return [_table(name, book, sheet, limits) for sheet in book.sheets()]
    except LedgerError:
        raise
    except xlrd.XLRDError as error:
        code = "E_FILE_PASSWORD" if "encrypt" in str(error).lower() else "E_FILE_UNREADABLE"
        raise InputError(code, file=name) from None
    except Exception:  # noqa: BLE001 - a damaged workbook fails in dozens of ways, which mean the same to the user
        raise InputError("E_FILE_UNREADABLE", file=name) from None


def _table(name: str, book: Any, sheet: Any, limits: Limits) -> RawTable:
    hidden_rows = {index for index, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0}
    hidden_columns = frozenset(index for index, info in sheet.colinfo_map.items() if info.hidden)
    rows: list[RawRow] = []
    for index in range(sheet.nrows):
        values = [_value(book, cell) for cell in sheet.row(index)]
        if cells := trimmed(name, index + 1, values, limits):
            check_rows(name, sheet.name, len(rows), limits)
            rows.append(RawRow(index + 1, cells, index in hidden_rows))
    # xlrd gives merged blocks half open; ours are inclusive and count rows from 1.
    merges = tuple(Merge(top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells)
    return RawTable(name, sheet.name, rows, hidden_columns, bool(sheet.visibility), "xls", merges)


def _value(book: Any, cell: Any) -> CellValue:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value) or None
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return number(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _moment(book, cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return None


def _moment(book: Any, serial: float) -> CellValue:
    """A date cell; a bare time of day is given as text, an impossible date as the number it is."""
    try:
        parts = xlrd.xldate_as_tuple(serial, book.datemode)
    except xlrd.xldate.XLDateError:
        return number(serial)
    if parts[:3] == _NO_DATE:
        return "{:02d}:{:02d}:{:02d}".format(*parts[3:])
    return datetime(*parts)  # noqa: DTZ001 -- a cell of a spreadsheet has no zone
