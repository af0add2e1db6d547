"""The wrong rows as a workbook: each with its own cells, its row number in the file, and why. All of them.

A sheet has its header as the file had it, and the lines that say its month, unit or account, so that corrected rows can
be uploaded again as they stand; a hidden sheet names the file, in which equal rows are then counted. Every cell is a
text and never a formula, whatever the file holds.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from ledger.application.importing.fields.plain import forget_texts
from ledger.application.importing.readers.opening import read_tables
from ledger.application.importing.recognising.added import HEADS, SHEET, Source, added_columns, source_rows
from ledger.application.importing.recognising.headers import titles_of
from ledger.application.importing.report import ParsedFile, SheetReport
from ledger.application.importing.sheet_cells import write_text
from ledger.application.importing.tables import CellValue
from ledger_api.http.imports.rows import SeenRow

_OTHERS: Final = {"zh": "其他", "en": "others"}
Cells = tuple[CellValue, ...]
Grid = dict[int, Cells]
"""A table's rows by their numbers."""

NO_CELLS: Final[Grid] = {}
_TITLE_LINE: Final = "W_LINE_TITLE"
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
    grids, sources = _grids(parsed, data), dict[str, Source]()
    titled = {note.place for note in parsed.notes if note.code == _TITLE_LINE}
    for number, report in enumerate(parsed.sheets, 1):
        own = [row for place, row in wrong.items() if (place.file, place.sheet) == (report.file, report.sheet)]
        if own:
            sheet = book.create_sheet(_title(report, taken))
            sources[sheet.title] = Source(parsed.digest, number)
            lines = [place.row for place in titled if (place.file, place.sheet) == (report.file, report.sheet)]
            _sheet(sheet, report, grids.get((report.file, report.sheet), {}), own, lines, language)
    known = {(report.file, report.sheet) for report in parsed.sheets}
    others = [row for place, row in wrong.items() if (place.file, place.sheet) not in known]
    if others or not book.worksheets:
        _rows(book.create_sheet(_OTHERS[language]), [], others, {}, language)
    if sources:
        hidden = book.create_sheet(SHEET)
        hidden.sheet_state = "hidden"
        for row in source_rows(sources):
            hidden.append([_text(hidden, text) for text in row])
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


def _sheet(
    sheet: Any, report: SheetReport, grid: Grid, rows: Sequence[SeenRow], titled: Sequence[int], language: str
) -> None:
    """The lines above the header, the header, and the rows, with such lines as stand among them."""
    added = added_columns(titles_of(grid.get(report.header.last_row, ())))
    if added:  # wrong rows that came back and are wrong again
        grid = {number: (*cells[: added.start], *cells[added.stop :]) for number, cells in grid.items()}
    above = [cells for number, cells in sorted(grid.items()) if number < report.header.first_row]
    heads = [grid.get(number, ()) for number in range(report.header.first_row, report.header.last_row + 1)]
    last = max(row.place.row for row in rows)
    among = {number: grid.get(number, ()) for number in titled if report.header.last_row < number < last}
    _rows(sheet, heads, rows, grid, language, above=above, among=among)


def _rows(
    sheet: Any,
    heads: Sequence[Cells],
    rows: Sequence[SeenRow],
    grid: Grid,
    language: str,
    *,
    above: Sequence[Cells] = (),
    among: Mapping[int, Cells] = NO_CELLS,
) -> None:
    """The header's lines and the rows, each with what is added on its right."""
    bodies = {row.place.row: grid.get(row.place.row, row.cells) for row in rows}
    width = max((_width(cells) for cells in (*heads, *bodies.values())), default=0)
    for cells in above:
        sheet.append([_text(sheet, text) for text in _padded(cells, 0, ())])
    for number, cells in enumerate(heads or [()]):
        more = HEADS[language] if number >= len(heads) - 1 else ("", "")
        sheet.append([_text(sheet, text, head=True) for text in _padded(cells, width, more)])
    waiting = sorted(among.items(), reverse=True)
    for row in rows:
        while waiting and waiting[-1][0] < row.place.row:
            sheet.append([_text(sheet, text) for text in _padded(waiting.pop()[1], 0, ())])
        told = (str(row.place.row), "\n".join(dict.fromkeys(cell.message(language) for cell in row.faults)))
        sheet.append([_text(sheet, text) for text in _padded(bodies[row.place.row], width, told)])


def _width(cells: Cells) -> int:
    """How many cells hold something, with those before them."""
    return max((at for at, cell in enumerate(cells, 1) if cell not in {None, ""}), default=0)


def _padded(cells: Sequence[CellValue], width: int, more: Sequence[str]) -> list[str]:
    texts = ["" if cell is None else str(cell) for cell in (cells[:width] if width else cells)]
    return [*texts, *[""] * (width - len(texts)), *more]


def _text(sheet: Any, text: str, *, head: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    write_text(cell, text[:_REASON_MAX])
    if head:
        cell.font, cell.fill = _BOLD, _FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell
