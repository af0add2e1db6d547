"""What a reader of values leaves out of a worksheet: hidden rows and columns, formulas, merged blocks, and the cells
whose values it would not give exactly: errors, and numbers of more digits than a float has.

One pass over the sheet's XML (ECMA-376 part 1, 18.3.1), which builds no tree.
"""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field

from ledger.application.importing.readers.markup import markup_parser
from ledger.application.importing.readers.xlsx_plain import plain_sheet
from ledger.application.importing.tables import Merge

_RELATION_SUFFIX = "relationships id"
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})$")
_COLUMNS_MAX = 16_384
_MERGES_MAX = 20_000
_AT_ONCE_BYTES = 64 * 1024 * 1024
"""A larger part is parsed as it streams by."""
_TRUE = frozenset(("1", "true"))
_FLOAT_DIGITS = 15
"""Decimal digits that every 64-bit float holds, and all that a spreadsheet shows."""
_ERROR = "e"
_NOT_READ_HERE = ("s", "str", "inlineStr", "b", "d")
"""Types of cells whose values every reader gives as they stand."""


@dataclass(slots=True)
class SheetMarks:
    """Hidden row numbers, hidden columns counted from 0, formulas by row and column, merged blocks; errors and long
    numbers by row and column; and how far the sheet's cells reach, in rows and columns.
    """

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    formulas: dict[int, dict[int, str]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    exact: dict[int, dict[int, str | int]] = field(default_factory=dict)
    last_row: int = 0
    width: int = 0

    @property
    def area(self) -> int:
        """The cells of the rectangle that holds all of the sheet's."""
        return self.last_row * self.width


def read_marks(archive: zipfile.ZipFile) -> dict[str, SheetMarks]:
    """The marks of each sheet by its name; a sheet whose part is not found has none."""
    names = set(archive.namelist())
    found: dict[str, SheetMarks] = {}
    for title, part in _parts(archive).items():
        if part in names:
            found[title] = _marks_of(archive, part)
    return found


def _marks_of(archive: zipfile.ZipFile, part: str) -> SheetMarks:
    plain = plain_sheet(archive.read(part)) if archive.getinfo(part).file_size <= _AT_ONCE_BYTES else None
    reader = _SheetReader()
    parser = markup_parser(reader.start, reader.end, reader.text)
    if plain is None:
        with archive.open(part) as stream:
            parser.ParseFile(stream)
        return reader.marks
    isfinal = True
    parser.Parse(plain.around, isfinal)
    reader.marks.last_row = plain.last_row
    reader.marks.width = max((_column_number(letters.decode()) for letters in plain.columns), default=0)
    return reader.marks


def cell_place(reference: str) -> tuple[int, int]:
    """(row from 1, column from 0) of a reference such as `B7`; ValueError when it is none."""
    match = _CELL.match(reference)
    if match is None:
        raise ValueError(reference)
    return int(match[2]), _column_number(match[1]) - 1


def _column_number(letters: str) -> int:
    """The number from 1 of a column such as `AB`."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> the path of its part."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith(" Relationship"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith(" sheet"):
            link = next((value for name, value in attributes.items() if name.endswith(_RELATION_SUFFIX)), "")
            sheets.append((attributes.get("name", ""), link))

    isfinal = True
    markup_parser(relation).Parse(archive.read("xl/_rels/workbook.xml.rels"), isfinal)
    markup_parser(sheet).Parse(archive.read("xl/workbook.xml"), isfinal)
    return {name: _path(targets.get(link, "")) for name, link in sheets}


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath("xl/" + target)


class _SheetReader:
    """Collects marks from the events of one sheet."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._row = 0
        self._cell = ""
        self._type = ""
        self._digits = "0"
        self._column = 0
        self._columns: dict[str, int] = {}
        """Letters of a column that were seen -> its number from 1."""
        self._formula: list[str] | None = None
        self._value: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._open(attributes)
        elif name == "v":
            self._value = None if self._type in _NOT_READ_HERE else []
        elif name == "f":
            self._formula = []
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._digits = str(self._row)
            self._column = 0
            self.marks.last_row = max(self.marks.last_row, self._row)
            if attributes.get("hidden") in _TRUE:
                self.marks.rows.add(self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            first, last = int(attributes.get("min", 0)), min(int(attributes.get("max", 0)), _COLUMNS_MAX)
            self.marks.columns |= set(range(first - 1, last))
        elif name == "mergeCell" and len(self.marks.merges) < _MERGES_MAX:
            self.marks.merges.append(_merge(attributes.get("ref", "")))

    def _open(self, attributes: dict[str, str]) -> None:
        """A cell opens; one without a reference stands beside the last one. Where it stands is worked out once for each
        column, for every cell of a sheet comes by here.
        """
        self._cell = cell = attributes.get("r", "")
        self._type = attributes.get("t", "n")
        letters = cell[: -len(self._digits)] if cell.endswith(self._digits) else ""
        known = self._columns.get(letters)
        if known is not None:
            self._row, self._column = int(self._digits), known
            return
        if cell:
            self._row, column = cell_place(cell)
            self._column = column + 1
            if letters.isalpha():
                self._columns[letters] = self._column
        else:
            self._column += 1
        self.marks.last_row = max(self.marks.last_row, self._row)
        self.marks.width = max(self.marks.width, self._column)

    def text(self, data: str) -> None:
        """The text of a formula or of a number."""
        if self._formula is not None:
            self._formula.append(data)
        elif self._value is not None:
            self._value.append(data)

    def end(self, tag: str) -> None:
        """A formula or a number closes."""
        if self._value is not None and tag.endswith(" v"):
            said, self._value = "".join(self._value).strip(), None
            if self._type == _ERROR:
                self._keep(said)
            elif len(said) > _FLOAT_DIGITS and said.lstrip("-").isdecimal():
                self._keep(int(said))
        elif self._formula is not None and tag.endswith(" f"):
            if self._cell:
                row, column = cell_place(self._cell)
                self.marks.formulas.setdefault(row, {})[column] = "".join(self._formula)
            self._formula = None

    def _keep(self, value: str | int) -> None:
        self.marks.exact.setdefault(self._row, {})[self._column - 1] = value


def _merge(reference: str) -> Merge:
    first, _, last = reference.partition(":")
    top, left = cell_place(first)
    bottom, right = cell_place(last or first)
    return Merge(top, left, bottom, right)
