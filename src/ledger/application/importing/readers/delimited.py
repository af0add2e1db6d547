"""csv, and txt separated by tabs, bars or semicolons.

The delimiter is the one that gives most lines the same, largest number of fields: a bar inside a remark or a comma
inside an amount does not win against the real one.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable

from ledger.application.importing.readers.encodings import decode
from ledger.application.importing.readers.limits import Limits, check_rows, trimmed
from ledger.application.importing.tables import RawRow, RawTable
from ledger.errors import InputError

_DELIMITERS = ",|\t;，"
_SAMPLE_LINES = 60
_LINES_IN_A_CELL_MAX = 40


def read_delimited(name: str, data: bytes, limits: Limits) -> RawTable:
    """The one table of a text file; refuses with `E_FILE_ENCODING`, `E_FILE_QUOTE` and the limits' codes."""
    text, encoding = decode(name, data)
    if "\x00" in text:
        raise InputError("E_FILE_UNREADABLE", file=name)
    delimiter = find_delimiter(text.splitlines()[:_SAMPLE_LINES])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    form = f"{'csv' if delimiter == ',' else 'txt'} {encoding}"
    return RawTable(name, None, _rows(name, reader, limits), form=form)


def _rows(name: str, reader: Iterable[list[str]], limits: Limits) -> list[RawRow]:
    rows: list[RawRow] = []
    try:
        for number, cells in enumerate(reader, 1):
            check_rows(name, None, len(rows), limits)
            if any(cell.count("\n") > _LINES_IN_A_CELL_MAX for cell in cells):
                raise InputError("E_FILE_QUOTE", file=name, row=number)
            if kept := trimmed(name, number, [cell or None for cell in cells], limits):
                rows.append(RawRow(number, kept, width=len(cells)))
    except csv.Error:
        # The csv module refuses a cell of more than 131,072 characters: a quotation mark that is never closed.
        raise InputError("E_FILE_QUOTE", file=name, row=len(rows) + 1) from None
    return rows


def find_delimiter(lines: list[str]) -> str:
    """The delimiter that most lines agree on; a comma when no other is seen."""
    told = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    best, best_score = ",", 0
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(_width(cells) for cells in csv.reader(told, delimiter=delimiter))
        except csv.Error:
            continue
        score = max(((width - 1) * seen for width, seen in widths.items()), default=0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _width(cells: list[str]) -> int:
    """How many fields a line has; one that begins with another delimiter was cut at padding, not at a border."""
    return sum(not cell.strip().startswith(tuple(_DELIMITERS)) for cell in cells)
