"""What is told of a table's columns: those nobody knows, those read although hidden, and those that seem to be lost:
one that means what another gives, and one of ID numbers that is not read.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ledger.application.importing.checks.lines import safe_text
from ledger.application.importing.fields.plain import half_width
from ledger.application.importing.recognising.added import added_columns
from ledger.application.importing.recognising.headers import Header, titles_of
from ledger.application.importing.rows import Note, Place
from ledger.application.importing.tables import RawTable, column_letter

_ROWS_SEEN: Final = 50
_ID_TITLE: Final = re.compile(r"身份证|身份号码|证件号")
_ID_NUMBER: Final = re.compile(r"[1-9]\d{5}(?:[\d*]{8}|[\d*]{11})[\dXx*]$")


def column_notes(table: RawTable, header: Header) -> Iterator[Note]:
    """The remarks, at the header's last line."""
    place = Place(table.file, table.sheet, header.last_row)
    unread = list(header.unknown)
    for each in header.twice:
        params = {"column": each.title, "letter": column_letter(each.index)}
        read = {"read": each.read.title, "read_letter": column_letter(each.read.index)}
        yield Note(place, "W_COLUMN_TWICE", params | read)
        if each.title in unread:
            unread.remove(each.title)
    if unread:
        yield Note(place, "W_COLUMNS_UNKNOWN", {"columns": "、".join(unread)})
    if hidden := [each.title for each in header.columns if each.index in table.hidden_columns]:
        yield Note(place, "W_COLUMNS_HIDDEN", {"columns": "、".join(hidden)})
    if lost := [f"{column_letter(index)}{title}" for index, title in _identities(table, header)]:
        yield Note(place, "W_IDENTITY_UNREAD", {"columns": "、".join(lost)})


def _identities(table: RawTable, header: Header) -> Iterator[tuple[int, str]]:
    """Columns that are not read and whose title, or one of whose first cells, is of an ID number."""
    top = [row for row in table.rows if header.first_row <= row.number <= header.last_row]
    below = list(islice((row for row in table.rows if row.number > header.last_row), _ROWS_SEEN))
    lines = [titles_of(row.cells) for row in top]
    read = {*header.places, *(index for line in lines for index in added_columns(line))}
    for index in range(max((len(row.cells) for row in (*top, *below)), default=0)):
        if index in read:
            continue
        title = "".join(line[index] for line in lines if index < len(line))
        cells = (safe_text(row.cells[index]) for row in below if index < len(row.cells))
        if _ID_TITLE.search(title) or any(_ID_NUMBER.match(half_width(cell).strip()) for cell in cells):
            yield index, f"“{title}”" if title else ""
