"""How much one file may hold, so that no upload can eat the machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.application.importing.tables import CellValue
from ledger.errors import InputError


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest sizes read; a roster of a county has 50,000 rows of 26 columns in about 10 MB."""

    bytes_max: int = 64 * 1024 * 1024
    unpacked_bytes_max: int = 384 * 1024 * 1024
    ratio_max: int = 400
    members_max: int = 200
    parts_max: int = 2000
    """Of the zip that a workbook is; pictures and notes are parts too."""
    sheets_max: int = 200
    rows_max: int = 200_000
    columns_max: int = 256
    cell_characters_max: int = 32_767


DEFAULT_LIMITS = Limits()


def check_size(name: str, size_bytes: int, limits: Limits) -> None:
    """Refuses a file that is too large (`E_FILE_TOO_LARGE`)."""
    if size_bytes > limits.bytes_max:
        raise InputError(
            "E_FILE_TOO_LARGE", file=name, size_mb=size_bytes // 1048576, limit_mb=limits.bytes_max // 1048576
        )


def check_rows(name: str, sheet: str | None, rows: int, limits: Limits) -> None:
    """Refuses a sheet with too many rows (`E_FILE_TOO_MANY_ROWS`)."""
    if rows > limits.rows_max:
        raise InputError("E_FILE_TOO_MANY_ROWS", file=name, sheet=sheet or "-", limit=limits.rows_max)


def check_sheets(name: str, sheets: int, limits: Limits) -> None:
    """Refuses a workbook with too many sheets (`E_FILE_TOO_MANY_SHEETS`)."""
    if sheets > limits.sheets_max:
        raise InputError("E_FILE_TOO_MANY_SHEETS", file=name, limit=limits.sheets_max)


def trimmed(name: str, number: int, cells: Sequence[CellValue], limits: Limits) -> tuple[CellValue, ...]:
    """The cells without the blank ones at the end; `E_FILE_TOO_MANY_COLUMNS`, `E_CELL_TOO_LONG` beyond the limits."""
    width = len(cells)
    while width and (cells[width - 1] is None or cells[width - 1] == ""):
        width -= 1
    if width > limits.columns_max:
        raise InputError("E_FILE_TOO_MANY_COLUMNS", file=name, row=number, limit=limits.columns_max)
    kept = tuple(cells[:width])
    for cell in kept:
        if isinstance(cell, str) and len(cell) > limits.cell_characters_max:
            raise InputError("E_CELL_TOO_LONG", file=name, row=number, limit=limits.cell_characters_max)
    return kept
