"""One recognised table, row by row: every cell by its column's type, every fault of a row, every line accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.application.importing.checks.columns import column_notes
from ledger.application.importing.checks.formulas import Formulas, is_stale
from ledger.application.importing.checks.lines import Line, line_of, safe_text, texts_of
from ledger.application.importing.checks.rounding import suspects
from ledger.application.importing.checks.summaries import check_comment, check_two_lines
from ledger.application.importing.checks.totals import Totals, merged
from ledger.application.importing.fields.plain import CellContext, CellFault, filled, has_wide
from ledger.application.importing.fields.types import MONEY, TEXT
from ledger.application.importing.kinds.base import WAN_YUAN, RowDraft
from ledger.application.importing.recognising.headers import Header, MappedColumn
from ledger.application.importing.recognising.recognise import Recognised
from ledger.application.importing.recognising.titles import Titles, account_of
from ledger.application.importing.rows import CleanRow, Note, Place, WrongCell
from ledger.application.importing.tables import CellValue, RawRow, RawTable, column_letter
from ledger.errors import InputError

_VALUE_CHARACTERS_MAX = 200
_NO_COLUMN = -1
_SKIP_CODES = {
    Line.COMMENT: "W_LINE_COMMENT",
    Line.CARRIED: "W_LINE_CARRIED",
    Line.SIGNATURE: "W_LINE_SIGNATURE",
    Line.HEADER: "W_LINE_HEADER",
    Line.NUMBERED: "W_LINE_NUMBERED",
    Line.TITLE: "W_LINE_TITLE",
}


@dataclass(slots=True)
class TableReading:
    """What one table gave."""

    table: RawTable
    recognised: Recognised
    titles: Titles
    month: str | None
    rows: list[CleanRow] = field(default_factory=list)
    wrong: list[WrongCell] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    spoilt: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    totals: Totals = field(init=False)
    contexts: dict[str, CellContext] = field(init=False)
    formulas: Formulas = field(init=False)
    covered: dict[tuple[int, int], CellValue] = field(init=False)
    account: str | None = field(init=False)
    too_wide: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        header = self.recognised.header
        has_formulas = any(row.formulas for row in self.table.rows)
        self.formulas = Formulas({row.number: row.cells for row in self.table.rows} if has_formulas else {})
        self.covered = _covered(self.table, header)
        self.account = self.titles.account
        self.too_wide = _too_wide(self.table, header)
        self.totals = Totals(header)
        self.contexts = {each.column.name: self._context(each) for each in header.columns}

    def _context(self, each: MappedColumn) -> CellContext:
        """The unit of a column: its header's, else the sheet's, else the usual one; 万元 is never merely assumed."""
        unit = each.fen_per_unit or self.titles.fen_per_unit
        if unit is None and each.column.type is MONEY and each.column.fen_per_unit == WAN_YUAN:
            raise InputError(
                "E_UNIT_UNKNOWN",
                file=self.table.file,
                sheet=self.table.sheet or "-",
                row=self.recognised.header.last_row,
                column=each.title,
            )
        year = self.titles.year or (int(self.month[:4]) if self.month else None)
        return CellContext(unit or each.column.fen_per_unit, year)

    def place(self, row: RawRow) -> Place:
        """Where the row stands."""
        return Place(self.table.file, self.table.sheet, row.number)


def read_table(
    table: RawTable, recognised: Recognised, titles: Titles, month: str | None, earlier: list[TableReading]
) -> TableReading:
    """All rows below the header. `earlier` are the file's other tables, for a grand total on the last sheet."""
    reading = TableReading(table, recognised, titles, month)
    data = [row for row in table.rows if row.number > recognised.header.last_row]
    formulas = 0
    reading.notes += column_notes(table, recognised.header)
    for position, row in enumerate(data):
        texts = texts_of(row)
        line = line_of(row, texts, recognised.header)
        formulas += len(row.formulas or ())
        if line is Line.DATA:
            filled = _fill_merged(row, reading.covered)
            _read_row(reading, filled, texts if filled is row else texts_of(filled))
        elif line is Line.TOTAL:
            wrong, notes = reading.totals.check(
                row, reading.place(row), reading.contexts, merged([other.totals for other in earlier])
            )
            reading.wrong += wrong
            reading.notes += notes
        elif line is Line.SUMMARY:
            _read_summary(reading, data[position:])
            break
        elif line is not Line.BLANK:
            _skip(reading, row, line)
    if rounded := suspects(recognised.header, reading.rows, reading.wrong):
        reading.wrong += rounded
        refused = {cell.place for cell in rounded}
        reading.spoilt |= {row.place: row.raw for row in reading.rows if row.place in refused}
        reading.rows = [row for row in reading.rows if row.place not in refused]
    if formulas:
        reading.notes.append(Note(Place(table.file, table.sheet, 1), "W_FORMULAS", {"count": formulas}))
    return reading


def _read_row(reading: TableReading, row: RawRow, texts: Sequence[str]) -> None:
    place = reading.place(row)
    if row.hidden:
        reading.wrong.append(WrongCell(place, "", "", safe_text(row.cells[0])[:_VALUE_CHARACTERS_MAX], "E_ROW_HIDDEN"))
    faults: list[WrongCell] = []
    values: dict[str, Any] = {}
    for each in reading.recognised.header.columns:
        cell = row.cells[each.index] if each.index < len(row.cells) else None
        try:
            values[each.column.name] = _cell(reading, each, cell, row)
        except CellFault as error:
            faults.append(_wrong(place, each, cell, error))
    if row.number in reading.too_wide:
        # Its cells may all have moved one column to the right, so none of them is told or believed.
        extra = reading.too_wide[row.number]
        faults = [WrongCell(place, "", "", safe_text(row.cells[-1]), "E_ROW_TOO_WIDE", {"extra": extra})]
        values = {}
    _count(reading, row, values)
    faults += _unfilled(reading, row, values) if not faults else []
    for column in reading.recognised.header.shape.columns:
        values.setdefault(column.name, None)
    typed = _typed(reading, values, row) if not faults and has_wide("".join(texts)) else None
    draft = RowDraft(values)
    _finish(reading, draft, faults, place, row)
    if faults:
        reading.wrong += faults
        reading.spoilt[place] = tuple(texts)
    elif not row.hidden:
        name = reading.recognised.header.shape.name
        reading.rows.append(CleanRow(place, draft.values, tuple(texts), name, typed=typed))


def _typed(reading: TableReading, values: Mapping[str, Any], row: RawRow) -> Mapping[str, Any] | None:
    """The values with their texts as they stand in the cells; None where that is no difference."""
    said = {
        each.column.name: filled(row.cells[each.index])
        for each in reading.recognised.header.columns
        if each.column.type is TEXT and each.index < len(row.cells) and values.get(each.column.name) is not None
    }
    if all(values[name] == text for name, text in said.items()):
        return None
    draft = RowDraft({**values, **said})
    _finish(reading, draft, [], reading.place(row), row)
    return draft.values


def _cell(reading: TableReading, each: MappedColumn, cell: CellValue, row: RawRow) -> Any:
    formula = row.formulas.get(each.index) if row.formulas else None
    if formula is not None and cell is not None:
        result = reading.formulas.recomputed(formula)
        if is_stale(cell, result):
            raise CellFault("E_FORMULA_STALE", formula=f"={formula}", computed=str(result))
    value = each.column.type.parse(cell, reading.contexts[each.column.name])
    if value is None:
        if formula is not None and cell is None:
            raise CellFault("E_FORMULA_NO_VALUE", value=f"={formula}")
        if each.column.needed:
            merged_over = (row.number, each.index) in reading.covered
            raise CellFault("E_CELL_MERGED" if merged_over else "E_CELL_MISSING", value="")
    elif each.column.least is not None and value < each.column.least:
        raise CellFault("E_MONEY_NEGATIVE" if value < 0 else "E_MONEY_ZERO", value=safe_text(cell))
    return value


def _unfilled(reading: TableReading, row: RawRow, values: Mapping[str, Any]) -> list[WrongCell]:
    """The groups of columns of which the row fills in none, told at the first column that the table has."""
    found: list[WrongCell] = []
    for group in reading.recognised.header.shape.row_groups():
        if all(values.get(name) is None for name in group):
            each = next(each for each in reading.recognised.header.columns if each.column.name in group)
            found.append(_wrong(reading.place(row), each, None, CellFault("E_CELL_MISSING")))
    return found


def _count(reading: TableReading, row: RawRow, values: Mapping[str, Any]) -> None:
    """Adds the row to the running sums; a hidden row may or may not be in the office's own total."""
    summed = reading.recognised.header.summed
    read = {name: value for name in summed & values.keys() if isinstance(value := values[name], int)}
    reading.totals.add(row, read, summed if row.hidden else summed - values.keys())


def _finish(reading: TableReading, draft: RowDraft, faults: list[WrongCell], place: Place, row: RawRow) -> None:
    """The checks across cells; they see only rows whose own cells are right, so that one slip is told once."""
    if faults:
        return
    header = reading.recognised.header
    header.shape.finish(draft)
    for name, error in draft.faults:
        each = next((one for one in header.columns if one.column.name == name), None) or _stand_in(header, name)
        cell = row.cells[each.index] if 0 <= each.index < len(row.cells) else None
        faults.append(_wrong(place, each, cell, error))
    if reading.recognised.kind.needs_month:
        draft.values["month"] = reading.month or reading.titles.named_month
    if "row_account" in draft.values and draft.values.get("account") is None:
        draft.values["account"] = reading.account


def _stand_in(header: Header, name: str) -> MappedColumn:
    """A place for a fault of a column that the table does not have."""
    column = next(column for column in header.shape.columns if column.name == name)
    return MappedColumn(_NO_COLUMN, column.headers[0], column, None)


def _wrong(place: Place, each: MappedColumn, cell: CellValue, error: CellFault) -> WrongCell:
    shown = safe_text(cell)[:_VALUE_CHARACTERS_MAX]
    params = {"hint": each.column.type.hint_zh, **error.params}
    letter = "" if each.index == _NO_COLUMN else column_letter(each.index)
    return WrongCell(place, each.title, letter, shown, error.code, params)


def _too_wide(table: RawTable, header: Header) -> dict[int, int]:
    """Lines of a text file with more fields than the header, and how many more.

    An amount's comma without quotation marks moves all cells behind it. A delimiter at the end of every line, as some
    programs write it, moves nothing.
    """
    width = max((row.width for row in table.rows if header.first_row <= row.number <= header.last_row), default=0)
    below = [row for row in table.rows if row.number > header.last_row and row.width >= width > 0]
    if len({row.width for row in below}) == 1 and all(len(row.cells) <= width for row in below):
        return {}
    return {row.number: row.width - width for row in below if row.width > width}


def _covered(table: RawTable, header: Header) -> dict[tuple[int, int], CellValue]:
    """Cells under a vertically merged block, with the value of its top cell."""
    tops = {row.number: row.cells for row in table.rows}
    covered: dict[tuple[int, int], CellValue] = {}
    for merge in table.merges:
        cells = tops.get(merge.top, ())
        if merge.top > header.last_row and merge.bottom > merge.top and merge.left < len(cells):
            for number in range(merge.top + 1, min(merge.bottom, table.rows[-1].number) + 1):
                covered[number, merge.left] = cells[merge.left]
    return covered


def _fill_merged(row: RawRow, covered: Mapping[tuple[int, int], CellValue]) -> RawRow:
    """A merged village name belongs to every row it covers; where a figure is merged the row stays without it."""
    if not covered or not any((row.number, index) in covered for index in range(len(row.cells))):
        return row
    cells = tuple(
        covered.get((row.number, index)) if cell is None and _is_text(covered.get((row.number, index))) else cell
        for index, cell in enumerate(row.cells)
    )
    return RawRow(row.number, cells, row.hidden, row.formulas)


def _is_text(value: CellValue) -> bool:
    return isinstance(value, str) and not any(sign.isdigit() for sign in value)


def _skip(reading: TableReading, row: RawRow, line: Line) -> None:
    place, text = reading.place(row), next((text for cell in row.cells if (text := safe_text(cell))), "")
    reading.notes.append(Note(place, _SKIP_CODES[line], {"text": text[:_VALUE_CHARACTERS_MAX]}))
    if line is Line.TITLE:
        # Two accounts in one sheet: each begins with title lines of its own.
        reading.account = account_of([row]) or reading.account
    if line is Line.COMMENT and (wrong := check_comment(text, place, reading.rows)):
        reading.wrong += wrong


def _read_summary(reading: TableReading, rest: list[RawRow]) -> None:
    """WeChat's two summary lines end the list; anything filled in after them is not passed over."""
    figures = rest[1] if len(rest) > 1 else None
    place = reading.place(figures or rest[0])
    wrong = check_two_lines(rest[0], figures, place, reading.rows)
    reading.wrong += wrong
    if not wrong:
        reading.notes.append(Note(place, "W_SUMMARY_CHECKED"))
    for row in rest[2:]:
        reading.notes.append(Note(reading.place(row), "W_LINE_AFTER_SUMMARY", {"text": safe_text(row.cells[0])}))
