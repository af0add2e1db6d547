"""Headers that somebody says the meaning of: 「爱心款」 is 捐赠金额, or the money is in 实收, not in 捐赠金额.

What was said goes before what the file's own titles say, and nothing of the file is changed: messages name its columns
as it does, and a unit in a title stays with it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.application.importing.kinds.base import FileKind
from ledger.application.importing.kinds.registry import KINDS
from ledger.application.importing.recognising.added import without_added
from ledger.application.importing.recognising.headers import Header, columns_by_header, header_name, titles_of
from ledger.application.importing.tables import CellValue, RawRow, RawTable
from ledger.errors import InputError

_ROWS_SEARCHED: Final = 40
_TITLES_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Said:
    """A table's header row as somebody says that it is meant; `places` are the columns of which something was said."""

    row: RawRow
    places: frozenset[int]

    def in_place_of(self, row: RawRow | None) -> RawRow | None:
        """A row with the titles that it is said to have."""
        return self.row if row is not None and row.number == self.row.number else row


def said_of(tables: Sequence[RawTable], columns: Mapping[str, str], kind: FileKind | None) -> list[Said | None]:
    """For each table what is said of its header. `columns` maps a title of the file to a header that is known, or to
    the name of a field of `kind`. Raises E_COLUMN_NAME for neither and for a title that no table has, E_KIND_NEEDED for
    the name of a field while the kind is not chosen.
    """
    wanted = {title: _header(name, kind) for title, name in columns.items()}
    found = [_in_table(table, wanted) for table in tables]
    seen = {title for one in found if one is not None for title in one[1]}
    for title in wanted:
        if title not in seen:
            there = dict.fromkeys(name for table in tables for name in _titles_at(table, wanted) if name)
            shown = "、".join(name[:20] for name in list(there)[:_TITLES_SHOWN])
            raise InputError("E_COLUMN_NAME", value=title[:100], columns=shown or "-")
    return [None if one is None else one[0] for one in found]


def require_one_each(table: RawTable, said: Said | None, kind: FileKind, header: Header) -> None:
    """Raises E_COLUMN_TWICE when two of a table's columns are said to be the same one, E_COLUMN_NAME when one is said
    to be what the kind of this file has not.
    """
    if said is None or said.row.number not in range(header.first_row, header.last_row + 1):
        return
    known, taken = columns_by_header(header.shape), dict[str, str]()
    own = next(titles_of(row.cells) for row in table.rows if row.number == said.row.number)
    for index, name in enumerate(titles_of(said.row.cells)):
        if index not in said.places:
            continue
        column = known.get(header_name(_header(name, kind)).base)
        if column is None:  # another sheet's shape of the kind has it
            continue
        if column.name in taken:
            both = "、".join((taken[column.name], own[index]))
            raise InputError("E_COLUMN_TWICE", file=table.file, value=name[:100], columns=both)
        taken[column.name] = own[index]


def titles_in(tables: Iterable[RawTable], titles: Collection[str]) -> set[tuple[str, ...]]:
    """The header rows of the tables, as `said_of` finds them by these titles: all their titles in order."""
    found = ((table, _header_place(table, titles)) for table in tables)
    return {_all_titles(table.rows[place]) for table, place in found if place >= 0}


def possible_titles(tables: Iterable[RawTable]) -> set[tuple[str, ...]]:
    """Every row of the tables that could be a header row by its place, as titles."""
    return {_all_titles(row) for table in tables for row in table.rows[:_ROWS_SEARCHED]}


def _all_titles(row: RawRow) -> tuple[str, ...]:
    """Blank cells at the end are no titles: one form of file keeps them and another does not. Nor are the columns that
    this program adds to rows that are to be mended.
    """
    titles = without_added(titles_of(row.cells))
    while titles and not titles[-1]:
        titles.pop()
    return tuple(titles)


def _header(name: str, kind: FileKind | None) -> str:
    kinds = (kind,) if kind is not None else tuple(KINDS.values())
    shapes = [shape for one in kinds for shape in one.shapes]
    if any(header_name(name).base in columns_by_header(shape) for shape in shapes):
        return name
    for column in (column for shape in shapes for column in shape.columns):
        if column.name == name:
            if kind is None:
                raise InputError("E_KIND_NEEDED", value=name[:100])
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


def _titles_at(table: RawTable, titles: Collection[str]) -> list[str]:
    """The titles of the row that is the header by these titles; without any, those of the widest row."""
    best = _header_place(table, titles)
    rows = [titles_of(row.cells) for row in table.rows[:_ROWS_SEARCHED]]
    return rows[best] if best >= 0 else max(rows, key=lambda row: sum(map(bool, row)), default=[])


def _in_table(table: RawTable, wanted: Mapping[str, str]) -> tuple[Said, set[str]] | None:
    """What is said of the table, and by which titles; None without any of them."""
    best = _header_place(table, wanted)
    if best < 0:
        return None
    row = table.rows[best]
    cells: list[CellValue] = list(row.cells)
    places = {index: title for index, title in enumerate(titles_of(row.cells)) if title in wanted}
    for index, title in places.items():
        cells[index] = wanted[title]
    return Said(replace(row, cells=tuple(cells)), frozenset(places)), set(places.values())
