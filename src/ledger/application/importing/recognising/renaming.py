"""Headers that nobody knows, given the name that somebody says they have: 「爱心款」 is 捐赠金额.

Only the titles of the header row are changed, before the table is recognised; a unit in a title stays with it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from ledger.application.importing.kinds.base import FileKind
from ledger.application.importing.kinds.registry import KINDS
from ledger.application.importing.recognising.headers import columns_by_header, header_name, titles_of
from ledger.application.importing.tables import CellValue, RawRow, RawTable
from ledger.errors import InputError

_ROWS_SEARCHED: Final = 40
_UNITS: Final = {100: "元", 1_000_000: "万元", 1: "分", 100_000: "千元", 10_000_000_000: "亿元"}


def renamed(tables: Iterable[RawTable], columns: Mapping[str, str], kind: FileKind | None) -> list[RawTable]:
    """The tables with these titles replaced. `columns` maps a title of the file to a header that is known, or to the
    name of a field of `kind`; `E_COLUMN_NAME` for neither.
    """
    wanted = {title: _header(name, kind) for title, name in columns.items()}
    return [_in_table(table, wanted) for table in tables]


def titles_in(tables: Iterable[RawTable], titles: Collection[str]) -> set[tuple[str, ...]]:
    """The header rows of the tables, as `renamed` finds them by these titles: all their titles in order."""
    found = ((table, _header_place(table, titles)) for table in tables)
    return {_all_titles(table.rows[place]) for table, place in found if place >= 0}


def possible_titles(tables: Iterable[RawTable]) -> set[tuple[str, ...]]:
    """Every row of the tables that could be a header row by its place, as titles."""
    return {_all_titles(row) for table in tables for row in table.rows[:_ROWS_SEARCHED]}


def _all_titles(row: RawRow) -> tuple[str, ...]:
    """Blank cells at the end are no titles: one form of file keeps them and another does not."""
    titles = titles_of(row.cells)
    while titles and not titles[-1]:
        titles.pop()
    return tuple(titles)


def _header(name: str, kind: FileKind | None) -> str:
    kinds = (kind,) if kind is not None else tuple(KINDS.values())
    shapes = [shape for one in kinds for shape in one.shapes]
    if any(header_name(name).base in columns_by_header(shape) for shape in shapes):
        return name
    if kind is not None:
        for column in (column for shape in shapes for column in shape.columns):
            if column.name == name:
                return column.headers[0]
    fields = dict.fromkeys(column.headers[0] for shape in shapes for column in shape.columns) if kind else ()
    raise InputError("E_COLUMN_NAME", value=name[:100], columns="、".join(fields) or "-")


def _header_place(table: RawTable, titles: Collection[str]) -> int:
    """The row that has most of the titles is the header; -1 without any."""
    best, most = -1, 0
    for place, row in enumerate(table.rows[:_ROWS_SEARCHED]):
        found = sum(title in titles for title in titles_of(row.cells))
        if found > most:
            best, most = place, found
    return best


def _in_table(table: RawTable, wanted: Mapping[str, str]) -> RawTable:
    """Without any of the titles the table stays as it is."""
    best = _header_place(table, wanted)
    if best < 0:
        return table
    rows = list(table.rows)
    rows[best] = _in_row(rows[best], wanted)
    return replace(table, rows=rows)


def _in_row(row: RawRow, wanted: Mapping[str, str]) -> RawRow:
    cells: list[CellValue] = list(row.cells)
    for index, title in enumerate(titles_of(row.cells)):
        if title in wanted:
            fen = header_name(title).fen_per_unit
            cells[index] = wanted[title] if fen is None else f"{header_name(wanted[title]).base}({_UNITS[fen]})"
    return replace(row, cells=tuple(cells))
