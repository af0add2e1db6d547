"""What a reader hands on: tables of raw cells with the places a user sees in a spreadsheet.

A cell is text, a number (`int` or `Decimal`, never a float), a date, a time, a truth value or None for a blank one.
Rows are counted from 1 as Excel counts them; columns are counted from 0 and shown as letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

CellValue = str | int | Decimal | datetime | date | time | None


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: its number as the user sees it, its cells from column A, and whether it is hidden or filtered away.

    `width` is how many fields a text file's line has, empty ones at its end included; 0 in other forms.
    """

    number: int
    cells: tuple[CellValue, ...]
    hidden: bool = False
    formulas: Mapping[int, str] | None = None
    width: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return all(cell is None or cell == "" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged block: first and last row as the user counts them, first and last column counted from 0, inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class RawTable:
    """One sheet, or the one table of a text file; `file` is the name inside the archive where there is one."""

    file: str
    sheet: str | None
    rows: list[RawRow]
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    form: str = "csv"
    merges: tuple[Merge, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether no row holds anything."""
        return all(row.is_blank for row in self.rows)


def column_letter(index: int) -> str:
    """The letters of a column counted from 0: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
