"""What this program adds to a workbook of wrong rows, and knows again when it comes back: which file each row is of.

On the right of a table stand the row's number in the file that it was taken from, and what was wrong with it; a hidden
sheet names the file by its digest. None of it is a column of the table.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from ledger.application.importing.fields.plain import half_width
from ledger.application.importing.tables import CellValue, RawTable

HEADS: Final = {"zh": ("原文件行号", "原因"), "en": ("Row in the file", "Reason")}
"""The titles of the columns that are added, side by side."""
SHEET: Final = "_source"
"""The hidden sheet: for each of the others its title, the file's digest, and which of its tables it was."""
_TOP: Final = ("sheet", "digest", "table")
_WIDTH: Final = 2


class Source(NamedTuple):
    """Which table, counted from 1, of which file."""

    digest: str
    table: int


def added_at(titles: Sequence[str]) -> int | None:
    """Where the columns stand that this program added to a header; None without them."""
    bare = [half_width(title).strip() for title in titles]
    pairs = list(pairwise(bare))
    return next((at for at, pair in enumerate(pairs) if pair in HEADS.values()), None)


def without_added(titles: Sequence[str]) -> list[str]:
    """The titles of the table itself."""
    at = added_at(titles)
    return list(titles) if at is None else [*titles[:at], *titles[at + _WIDTH :]]


def added_columns(titles: Sequence[str]) -> range:
    """The columns that this program added."""
    at = added_at(titles)
    return range(0) if at is None else range(at, at + _WIDTH)


def source_rows(sources: Mapping[str, Source]) -> list[tuple[str, ...]]:
    """The cells of the hidden sheet, by the titles of the others."""
    return [_TOP, *((title, one.digest, str(one.table)) for title, one in sources.items())]


NOTES_SHEET: Final = "填写说明"
"""The sheet of a template that says how its columns are filled in."""


def is_source(table: RawTable) -> bool:
    """Whether a sheet is the hidden one."""
    return table.hidden and table.sheet == SHEET


def sources_of(tables: Iterable[RawTable]) -> dict[tuple[str, str | None], Source]:
    """Which table of which file each sheet was taken from, as the hidden sheet beside it says."""
    found: dict[tuple[str, str | None], Source] = {}
    for table in tables:
        for row in table.rows if is_source(table) else ():
            cells = [*map(_text, row.cells), "", "", ""]
            if cells[1].startswith("sha256:") and cells[2].isdecimal():
                found[table.file, cells[0]] = Source(cells[1], int(cells[2]))
    return found


def row_told(cell: str) -> int | None:
    """The row's number in the file that it was taken from; None where somebody changed it."""
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 8 else None


def _text(cell: CellValue) -> str:
    return "" if cell is None else str(cell)
