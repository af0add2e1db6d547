"""Faults that only showed when an event was made are told where the user finds them: at the cell that they came from.

An event names its own field; the row's cells say which column of the file that was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ledger.application.importing.fields.types import ACCOUNT, CREDIT_CODE, ID_NUMBER, ID_OR_MASK, PARTY_NUMBER
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.recognising.headers import MappedColumn
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import Place, WrongCell
from ledger.application.importing.tables import column_letter
from ledger.values.text import has_personal_pattern, text_faults

_NUMBERS: Final = (ACCOUNT, CREDIT_CODE, ID_NUMBER, ID_OR_MASK, PARTY_NUMBER)
"""Columns that hold persons' numbers by right: they go to the vault, and never into a text of the log."""
_TEXT_CHARACTERS_MAX: Final = 2000


def placed(parsed: ParsedFile, wrong: Sequence[WrongCell]) -> Iterator[WrongCell]:
    """The wrong cells, each whose column is no header of the file with the column that holds the fault, or none."""
    if not wrong:
        return
    raw = {row.place: row.raw for row in parsed.rows}
    columns = {(one.file, one.sheet): one.header.columns for one in parsed.sheets}
    known = {title for shape in kind_named(parsed.kind).shapes for each in shape.columns for title in each.headers}
    for cell in wrong:
        own = columns.get((cell.place.file, cell.place.sheet), ())
        if not cell.column or cell.column in known or any(each.title == cell.column for each in own):
            yield cell
            continue
        yield _at(cell, own, _cells(raw, cell.place))


def _cells(raw: Mapping[Place, tuple[str, ...]], place: Place) -> tuple[str, ...]:
    return raw.get(place, ())


def _at(cell: WrongCell, columns: Iterable[MappedColumn], texts: tuple[str, ...]) -> WrongCell:
    faulty = _test_of(cell)
    for each in columns:
        text = texts[each.index] if 0 <= each.index < len(texts) else ""
        if text and faulty(text) and each.column.type not in _NUMBERS:
            said: dict[str, Any] = {**cell.params, "field": each.title} if "field" in cell.params else dict(cell.params)
            return replace(cell, column=each.title, letter=column_letter(each.index), params=said)
    return replace(cell, column="")


def _test_of(cell: WrongCell) -> Callable[[str], bool]:
    """What makes a cell the one at fault."""
    if cell.code == "E_TEXT_PERSONAL":
        return has_personal_pattern
    if cell.code.startswith("E_TEXT_"):
        return lambda text: any(one.code == cell.code for one in text_faults(text, _TEXT_CHARACTERS_MAX))
    return lambda text: bool(cell.value) and text == cell.value
