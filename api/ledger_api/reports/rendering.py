"""A report as bytes: JSON; a zip of CSV files; a workbook. Text is text in each, money yuan with two places."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import orjson
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from ledger.application.importing.sheet_cells import write_text
from ledger.catalogue import say
from ledger.values.money import fen_to_yuan
from ledger_api.reports.assembling import Report, Sheet, sheets
from ledger_api.tables.delimited import as_text, csv_bytes, write_csv
from ledger_api.tables.workbook import add_table

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The same report gives the same zip."""
_FEN: Final = "_fen"
_SHEET_NAME_MAX: Final = 31


def as_json(report: Report) -> bytes:
    """The report for programs."""
    return orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_csv(report: Report) -> bytes:
    """A zip: `about.csv`, one CSV a table, and one for each list of a reader."""
    language = report.asking.language
    names = [one.name for one in report.readers]
    files = {"about": csv_bytes([[as_text(name), as_text(text)] for name, text in _about(report, names)])}
    files |= {one.table.code: write_csv(one) for one in report.tables}
    for told in report.readers:
        files |= {one.name: _csv(one) for one in sheets(told, language)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(f"{name}.csv", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return made.getvalue()


def as_xlsx(report: Report) -> bytes:
    """A workbook: what it stands for, a sheet a table with its trails, and one for each list of a reader. Sheets bear
    the names that people know them by.
    """
    language = report.asking.language
    book = Workbook()
    book.properties.creator = "charity-ledger"
    first: Any = book.active
    first.title = say("report.about", language)
    names = [one.title(language) for one in report.readers]
    for number, (name, text) in enumerate(_about(report, names), 1):
        write_text(first.cell(number, 1), name)
        write_text(first.cell(number, 2), text)
        first.cell(number, 2).alignment = Alignment(wrap_text=True, vertical="top")
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 20, 80
    for one in report.tables:
        add_table(book, one)
    for told in report.readers:
        for sheet in sheets(told, language):
            _fill(book.create_sheet(sheet.title[:_SHEET_NAME_MAX]), sheet)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _about(report: Report, names: Sequence[str]) -> list[tuple[str, str]]:
    """Title and scope, then each part with what gives it again; `names` are what the readers are called."""
    parts = [(one.table.code, one.command) for one in report.tables]
    return [*report.about(), *parts, *((name, one.query) for name, one in zip(names, report.readers, strict=True))]


def _csv(sheet: Sheet) -> bytes:
    lines = [[as_text(title) for _, title in sheet.heads]]
    lines += [[_text(name, value) for (name, _), value in zip(sheet.heads, row, strict=True)] for row in sheet.rows]
    return csv_bytes(lines)


def _text(name: str, value: int | str | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return fen_to_yuan(value) if name.endswith(_FEN) else str(value)
    return value.isoformat() if isinstance(value, date) else as_text(value)


def _fill(target: Any, sheet: Sheet) -> None:
    for place, (_, title) in enumerate(sheet.heads, 1):
        head = target.cell(1, place)
        write_text(head, title)
        head.font = Font(bold=True)
    for number, row in enumerate(sheet.rows, 2):
        for place, ((name, _), value) in enumerate(zip(sheet.heads, row, strict=True), 1):
            cell = target.cell(number, place)
            if isinstance(value, str):
                write_text(cell, value)
            elif isinstance(value, int) and name.endswith(_FEN):
                cell.value, cell.number_format = Decimal(value) / 100, "#,##0.00"
            elif isinstance(value, date):
                cell.value, cell.number_format = value, "yyyy-mm-dd"
            else:
                cell.value = value
    target.freeze_panes = "A2"
