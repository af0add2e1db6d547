"""Clean rows, wrong cells and remarks, each with the place where a user finds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.catalogue import say

_ROW = {"zh": " 第{row}行", "en": " row {row}"}
_CELL = {"zh": " {letter}列“{column}”", "en": ", column {letter} “{column}”"}
_TITLE = {"zh": "“{column}”", "en": ", column “{column}”"}
_COLON = {"zh": "：", "en": ": "}
Value = str | int | bool | date | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: file (inside the archive), sheet (None in text files), row as the user counts; row 0 is
    the sheet, or the file, as a whole.
    """

    file: str
    sheet: str | None
    row: int

    def as_a_whole(self) -> "Place":
        """The sheet in which this place is."""
        return Place(self.file, self.sheet, 0)

    @property
    def row_told(self) -> int | None:
        """The row for machines: None where the sheet as a whole is meant."""
        return self.row or None

    def text(self, language: str = "zh", letter: str = "", column: str = "") -> str:
        """The place in words, down to the column where one is given."""
        cell = (_CELL if letter else _TITLE)[language].format(letter=letter, column=column) if column else ""
        sheet = f" [{self.sheet}]" if self.sheet else ""
        row = _ROW[language].format(row=self.row) if self.row else ""
        return self.file + sheet + row + cell


@dataclass(frozen=True, slots=True)
class TakenFrom:
    """Where a row stood in the file that it was taken from to be mended: the file's digest, which of its tables (from
    1), and the row there.
    """

    digest: str
    table: int
    row: int


@dataclass(frozen=True, slots=True)
class CleanRow:
    """One row that can be used: values by English field name, and the row's own cells as text.

    `shape` names the variant of the kind (`ccb`, `received`, …). `ordinal` tells honest equal rows of one file apart:
    0 for the first of them, 1 for the second. `typed` is given where texts hold full-width digits or letters: the
    values with those texts as they stand, for releases before recorded them so.
    """

    place: Place
    values: Mapping[str, Value]
    raw: tuple[str, ...]
    shape: str = ""
    ordinal: int = 0
    typed: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that cannot be used; `column` is the header's text, `letter` its column, `value` what stands there."""

    place: Place
    column: str
    letter: str
    value: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Place, value, reason and cure in `zh` or `en`."""
        place = self.place.text(language, self.letter, self.column)
        told = say(self.code, language, **{"value": self.value, "column": self.column, **self.params, "place": place})
        return told if place in told else place + _COLON[language] + told


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader did or saw that the user should know: a skipped line, a checked total, a hidden sheet."""

    place: Place
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """The remark in `zh` or `en`."""
        return say(self.code, language, **{**self.params, "place": self.place.text(language)})
