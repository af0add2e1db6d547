"""The wrong rows as a workbook: each with its own cells, its row number in the file, and why. All of them.

A sheet has its header as the file had it, so that corrected rows can be uploaded again as they stand. Every cell is a
text and never a formula, whatever the file holds.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from ledger.application.importing.fields.plain import forget_texts
from ledger.application.importing.readers.opening import read_tables
from ledger.application.importing.report import ParsedFile, SheetReport
from ledger.application.importing.sheet_cells import write_text
from ledger.application.importing.tables import CellValue
from ledger_api.http.imports.rows import SeenRow

_HEADS: Final = {"zh": ("原文件行号", "原因"), "en": ("Row in the file", "Reason")}
_OTHERS: Final = {"zh": "其他", "en": "others"}
Cells = tuple[CellValue, ...]
Grid = dict[int, Cells]
"""A table's rows by their numbers."""

_FILL: Final = PatternFill("solid", fgColor="FCE4D6")
_BOLD: Final = Font(bold=True)
_TITLE_MAX: Final = 31
_UNFIT: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_REASON_MAX: Final = 32_000


def errors_workbook(parsed: ParsedFile, data: bytes, rows: Sequence[SeenRow], language: str) -> bytes:
    """The workbook. `data` are the file's bytes, of which the cells of a row that could not be read are taken."""
    wrong = {row.place: row for row in rows if row.state == "wrong"}
    book = Workbook(write_only=True)
    taken: set[str] = set()
    grids = _grids(parsed, data)
    for report in parsed.sheets:
        own = [row for place, row in wrong.items() if (place.file, place.sheet) == (report.file, report.sheet)]
        if own:
            sheet = book.create_sheet(_title(report, taken))
            _sheet(sheet, report, grids.get((report.file, report.sheet), {}), own, language)
    known = {(report.file, report.sheet) for report in parsed.sheets}
    others = [row for place, row in wrong.items() if (place.file, place.sheet) not in known]
    if others or not book.worksheets:
        _rows(book.create_sheet(_OTHERS[language]), [], others, {}, language)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _grids(parsed: ParsedFile, data: bytes) -> dict[tuple[str, str | None], Grid]:
    try:
        return {
            (table.file, table.sheet): {row.number: row.cells for row in table.rows}
            for table in read_tables(parsed.file, data)
        }
    finally:
        forget_texts()


def _title(report: SheetReport, taken: set[str]) -> str:
    wanted = (report.sheet or report.file.rpartition(".")[0] or "1").translate(_UNFIT)[: _TITLE_MAX - 4]
    title, number = wanted, 1
    while title.lower() in taken:
        number += 1
        title = f"{wanted}~{number}"
    taken.add(title.lower())
    return title


def _sheet(sheet: Any, report: SheetReport, grid: Grid, rows: Sequence[SeenRow], language: str) -> None:
    _rows(sheet, _heads(report, grid), rows, grid, language)


def _heads(report: SheetReport, grid: Grid) -> list[Cells]:
    return [grid.get(number, ()) for number in range(report.header.first_row, report.header.last_row + 1)]


def _rows(sheet: Any, heads: Sequence[Cells], rows: Sequence[SeenRow], grid: Grid, language: str) -> None:
    """The header's lines and the rows, each with what is added on its right."""
    bodies = [grid.get(row.place.row, row.cells) for row in rows]
    width = max((len(cells) for cells in (*heads, *bodies)), default=0)
    for number, cells in enumerate(heads or [()]):
        more = _HEADS[language] if number >= len(heads) - 1 else ("", "")
        sheet.append([_text(sheet, text, head=True) for text in _padded(cells, width, more)])
    for row, cells in zip(rows, bodies, strict=True):
        told = (str(row.place.row), "\n".join(dict.fromkeys(cell.message(language) for cell in row.faults)))
        sheet.append([_text(sheet, text) for text in _padded(cells, width, told)])


def _padded(cells: Sequence[CellValue], width: int, more: Sequence[str]) -> list[str]:
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [*texts, *[""] * (width - len(texts)), *more]


def _text(sheet: Any, text: str, *, head: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    write_text(cell, text[:_REASON_MAX])
    if head:
        cell.font, cell.fill = _BOLD, _FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell
