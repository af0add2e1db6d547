"""Columns of long numbers that a spreadsheet has rounded: one destroyed cell puts its neighbours under suspicion.

A rounded ID keeps a right check digit once in eleven times. Where a column has destroyed IDs, every ID of it that ends
in three zeros is therefore refused; and where all long numbers of a column end in zeros, all of them are.
"""

from collections.abc import Sequence

from ledger.application.importing.fields.types import ACCOUNT, CODE, ID_NUMBER, ID_OR_MASK, PARTY_NUMBER
from ledger.application.importing.recognising.headers import Header, MappedColumn
from ledger.application.importing.rows import CleanRow, WrongCell
from ledger.application.importing.tables import column_letter

_KEPT_DIGITS = 15
_LONG_DIGITS_MIN = 18
_DISTINCT_MIN = 3
_ID_TYPES = (ID_NUMBER, ID_OR_MASK, PARTY_NUMBER)


def suspects(header: Header, rows: Sequence[CleanRow], wrong: Sequence[WrongCell]) -> list[WrongCell]:
    """The cells of rows that were read, but whose numbers cannot be trusted."""
    found: list[WrongCell] = []
    destroyed = {cell.letter for cell in wrong if cell.code == "E_ID_DESTROYED"}
    for each in header.columns:
        letter = column_letter(each.index)
        if each.column.type in _ID_TYPES and letter in destroyed:
            found += [_wrong(row, each, "E_ID_DESTROYED") for row in rows if _value(row, each).endswith("000")]
        elif each.column.type in {ACCOUNT, CODE}:
            long = {value for row in rows if _is_long(value := _value(row, each))}
            if len(long) >= _DISTINCT_MIN and all(set(value[_KEPT_DIGITS:]) == {"0"} for value in long):
                found += [_wrong(row, each, "E_NUMBER_DESTROYED") for row in rows if _value(row, each) in long]
    return found


def _value(row: CleanRow, each: MappedColumn) -> str:
    value = row.values.get(each.column.name)
    return value if isinstance(value, str) else ""


def _is_long(value: str) -> bool:
    return len(value) >= _LONG_DIGITS_MIN and value.isdigit()


def _wrong(row: CleanRow, each: MappedColumn, code: str) -> WrongCell:
    letter = column_letter(each.index)
    return WrongCell(row.place, each.title, letter, _value(row, each), code, {"hint": each.column.type.hint_zh})
