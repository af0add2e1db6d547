"""A table as an Excel workbook that can be printed and bound: title, scope, units, numbers that Excel can add, notes,
and a second sheet that leads from every row to its events.

Text never becomes a formula, whatever it begins with. Money is a decimal number of yuan with two places; no float is
made here.
"""

import shlex
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from rich.cells import cell_len

from ledger.application.importing.sheet_cells import write_text
from ledger_api.tables.wording import Wording
from ledger_projections.summaries.table import Column, Said, Value

_FORMATS: Final = {"fen": "#,##0.00", "fen_each": "#,##0.00", "per_mille": "0.0%", "day": "yyyy-mm-dd"}
HEAD_FILL: Final = PatternFill("solid", fgColor="DDEBF7")
"""Behind the titles of columns."""
_BLANK_FILL: Final = PatternFill("solid", fgColor="EDEDED")
_LINE: Final = Side(style="thin", color="808080")
BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
"""Around every cell of a table."""
_NUMBER_WIDTH, _TEXT_WIDTH, _TEXT_WIDTH_MAX = 9, 10, 40
_LINE_POINTS: Final = 16
_NUMBER_FORMAT_WHOLE: Final = "#,##0"


def write_workbook(wording: Wording, file: IO[bytes]) -> None:
    """Write the workbook of a table."""
    book = Workbook()
    book.properties.creator = "charity-ledger"
    _put(book.active, book.create_sheet(wording.text("查证", "Trail")), wording)
    book.save(file)


def add_table(book: Workbook, wording: Wording) -> None:
    """Add a table's two sheets to a workbook of several."""
    trails = f"{wording.table.code} {wording.text('查证', 'Trail')}"
    _put(book.create_sheet(), book.create_sheet(trails), wording)


def _put(sheet: Any, trails: Any, wording: Wording) -> None:
    sheet.title = wording.table.code
    widths = _widths(wording)
    head_row = _above(sheet, wording, widths)
    first = _body(sheet, wording, head_row)
    _below(sheet, wording, first + len(wording.table.rows), widths)
    _set_up(sheet, wording, head_row, widths)
    _trails(trails, wording, first)


def _above(sheet: Any, wording: Wording, widths: Sequence[int]) -> int:
    """Title, scope and units; the row of the header."""
    lines = [wording.title, *(f"{wording.text('口径', 'Scope')}:{one}" for one in wording.scopes), wording.unit_line]
    for number, text in enumerate(lines, 1):
        across(sheet, number, text, widths)
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    sheet.row_dimensions[1].height = 2 * _LINE_POINTS
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.cell(len(lines), 1).alignment = Alignment(horizontal="right")
    return len(lines) + 1


def _body(sheet: Any, wording: Wording, head_row: int) -> int:
    """Header and rows; the first row under the header."""
    for place, title in enumerate(wording.heads, 1):
        head = sheet.cell(head_row, place)
        write_text(head, title)
        head.font, head.fill, head.border = Font(bold=True), HEAD_FILL, BOX
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for number, (row, texts) in enumerate(zip(wording.table.rows, wording.rows(), strict=True), head_row + 1):
        for place, (value, column) in enumerate(zip(row.cells, wording.table.columns, strict=True), 1):
            cell = sheet.cell(number, place)
            _fill(cell, value, column, texts[place - 1])
            cell.border = BOX
            cell.font = Font(bold=row.kind == "total", italic=row.kind == "part")
    return head_row + 1


def _fill(cell: Any, value: Value, column: Column, text: str) -> None:
    """A cell as Excel should hold it: a number, a day, a text; what the book does not hold is grey."""
    if value is None:
        cell.fill = _BLANK_FILL
    elif isinstance(value, Said | str):
        write_text(cell, text)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    elif isinstance(value, date):
        cell.value, cell.number_format = value, _FORMATS["day"]
    else:
        scale = {"fen": 100, "fen_each": 100, "per_mille": 1000}.get(column.unit)
        cell.value = value if scale is None else Decimal(value) / scale
        cell.number_format = _FORMATS.get(column.unit, _NUMBER_FORMAT_WHOLE)


def _below(sheet: Any, wording: Wording, row: int, widths: Sequence[int]) -> None:
    """Notes, where the figures come from, and who signs, over the whole width."""
    notes = [f"{wording.text('说明', 'Note')}:{one}" for one in wording.notes]
    signed = wording.text("单位负责人:          审核:          制表:", "Head:          Checked by:          Made by:")
    for number, text in enumerate([*notes, *wording.grounds, signed], row):
        across(sheet, number, text, widths)


def across(sheet: Any, row: int, text: str, widths: Sequence[int]) -> None:
    """A sentence over the whole width. Excel finds no height for merged cells, so it is given here."""
    cell = sheet.cell(row, 1)
    write_text(cell, text)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(widths))
    lines = -(-cell_len(text) // sum(widths))
    sheet.row_dimensions[row].height = _LINE_POINTS * lines


def _widths(wording: Wording) -> list[int]:
    """Each column's width in characters: wide enough for its numbers, texts up to a limit."""
    found = []
    for place, (column, title) in enumerate(zip(wording.table.columns, wording.heads, strict=True)):
        longest = max((cell_len(wording.cell(row.cells[place], column)) for row in wording.table.rows), default=0)
        texts = min(max(longest, cell_len(title)) + 2, _TEXT_WIDTH_MAX)
        found.append(max(_NUMBER_WIDTH, longest + 2) if column.is_number else max(texts, _TEXT_WIDTH))
    return found


def _set_up(sheet: Any, wording: Wording, head_row: int, widths: Sequence[int]) -> None:
    """A4 across, as wide as one page, the header on every page, page numbers below."""
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = f"B{head_row + 1}"  # by name: below an empty table stands a merged cell
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = f"{head_row}:{head_row}"
    sheet.oddFooter.center.text = "&P / &N"
    sheet.oddFooter.right.text = f"{wording.table.code} · {wording.table.position}"


def _trails(sheet: Any, wording: Wording, first: int) -> None:
    """Row by row, the commands that show the events behind it."""
    titles = (wording.text("表中行号", "Row"), wording.text("内容", "What"), wording.text("查证命令", "Command"))
    for place, title in enumerate(titles, 1):
        write_text(sheet.cell(1, place), title)
        sheet.cell(1, place).font = Font(bold=True)
    line = 2
    for number, (row, texts) in enumerate(zip(wording.table.rows, wording.rows(), strict=True), first):
        for tag in row.tags:
            sheet.cell(line, 1).value = number
            write_text(sheet.cell(line, 2), texts[0])
            write_text(sheet.cell(line, 3), f"charity-ledger trail {shlex.quote(tag)} --at {wording.table.position}")
            line += 1
    for letter, width in zip("ABC", (10, 30, 70), strict=True):
        sheet.column_dimensions[letter].width = width
