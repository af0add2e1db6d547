"""Where the user finds a fault: the column, letter and text of the cell that it comes from.

A proposer may name a header, an event names its own field, a rule only the values that it saw. Nothing is guessed: a
fault of which no column is meant is the row's.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from ledger.application.importing.fields.plain import half_width
from ledger.application.importing.fields.types import ACCOUNT, CREDIT_CODE, ID_NUMBER, ID_OR_MASK, PARTY_NUMBER
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.recognising.headers import MappedColumn
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Place, WrongCell
from ledger.application.importing.tables import column_letter
from ledger.application.proposing.telling.columns import columns_of
from ledger.flows.fields import IDENTIFIER
from ledger.flows.forms import form
from ledger.values.text import has_personal_pattern, text_faults, without_personal

NUMBERS: Final = (ACCOUNT, CREDIT_CODE, ID_NUMBER, ID_OR_MASK, PARTY_NUMBER)
"""Columns that hold persons' numbers by right: they go to the vault, and never into a text of the log."""
_TEXT_CHARACTERS_MAX: Final = 2000
_VALUE_CHARACTERS_MAX: Final = 200
OF_DAYS: Final = frozenset({"E_DATE_FUTURE", "E_FACT_IN_FUTURE", "E_BEFORE_OPENING"})
"""Refusals of a day: one that is still to come, or that lies before the books begin."""
_PLAIN_ID: Final = re.compile(IDENTIFIER)
_NOT_OF_THE_ROW: Final = frozenset({"today", "position", "entity", "kind", "limit", "max", "at", "found", "findings"})


class Places:
    """The cells of one file's rows."""

    def __init__(self, parsed: ParsedFile) -> None:
        self._kind = parsed.kind
        self._rows: Mapping[Place, CleanRow] = {row.place: row for row in parsed.rows}
        self._raw = {**parsed.spoilt, **{row.place: row.raw for row in parsed.rows}}
        self._headers = {(one.file, one.sheet): one.header.columns for one in parsed.sheets}
        self._units = {(one.file, one.sheet): one.titles.fen_per_unit for one in parsed.sheets}
        self._known = {
            header: column.name
            for shape in kind_named(parsed.kind).shapes
            for column in shape.columns
            for header in column.headers
        }

    def columns(self, place: Place) -> Sequence[MappedColumn]:
        """The columns of the sheet that a place is in."""
        return self._headers.get((place.file, place.sheet), ())

    def fen_per_unit(self, place: Place, each: MappedColumn) -> int:
        """The unit in which a column counts money: its header's, else the sheet's, else the usual one."""
        return each.fen_per_unit or self._units.get((place.file, place.sheet)) or each.column.fen_per_unit

    def text(self, place: Place, each: MappedColumn) -> str:
        """What stands in a row's cell."""
        raw = self._raw.get(place, ())
        return raw[each.index] if 0 <= each.index < len(raw) else ""

    def first(self, place: Place, names: Sequence[str]) -> MappedColumn | None:
        """The first column of these names in which the row has something, and rather not the 0.00 of the side on which
        it has nothing; else the first that the sheet has.
        """
        own = {each.column.name: each for each in self.columns(place)}
        there = [own[name] for name in names if name in own]
        row = self._rows.get(place)
        filled = [each for each in there if self.text(place, each)]
        some = (each for each in filled if row is None or row.values.get(each.column.name) != 0)
        return next(some, next(iter(filled or there), None))

    def named(self, place: Place, field: str, event_kind: str = "") -> MappedColumn | None:
        """The column that a field of an event comes from."""
        return self.first(place, columns_of(self._kind, field, event_kind))

    def all_named(self, place: Place, field: str, event_kind: str = "") -> list[MappedColumn]:
        """All columns that a field of an event may come from."""
        own = {each.column.name: each for each in self.columns(place)}
        return [own[name] for name in dict.fromkeys(columns_of(self._kind, field, event_kind)) if name in own]

    def at(self, cell: WrongCell) -> WrongCell:
        """The fault with its column, letter and value, as far as it is one cell's."""
        if not cell.place.row or cell.letter:
            return cell
        each = self._of_day(cell) or self._titled(cell) or self._of_field(cell) or self._of_params(cell)
        if each is None:
            params = dict(cell.params)
            if cell.code == "E_CELL_MISSING":
                params.setdefault("hint", form("no_column", column=cell.column))
            return replace(cell, column=cell.column if cell.column in self._known else "", params=params)
        text = self.text(cell.place, each)
        shown = without_personal(text) if cell.code == "E_TEXT_PERSONAL" else text
        if cell.value and not cell.value.strip("*"):
            shown = cell.value  # who refused it will not have it shown
        params = dict(cell.params)
        if cell.code == "E_CELL_MISSING":
            params.setdefault("hint", each.column.type.hint_zh)
        if "field" in params:
            params["field"] = each.title
        letter = column_letter(each.index)
        return replace(cell, column=each.title, letter=letter, value=shown[:_VALUE_CHARACTERS_MAX], params=params)

    def _of_day(self, cell: WrongCell) -> MappedColumn | None:
        """Of a day that cannot be, the column that says it."""
        row = self._rows.get(cell.place)
        if cell.code not in OF_DAYS or row is None:
            return None
        days = [value for name, value in cell.params.items() if name not in _NOT_OF_THE_ROW]
        own = self.columns(cell.place)
        names = (name for day in days for name, value in row.values.items() if _same_day(day, value))
        stated = [each for day in days for each in own if _same_day(day, row.values.get(each.column.name))]
        if (titled := self._titled(cell)) in stated:  # several columns may say the same day
            return titled
        return next(iter(stated), None) or next(
            (each for name in names if (each := self.named(cell.place, name))), None
        )

    def _titled(self, cell: WrongCell) -> MappedColumn | None:
        """By the header, as this file spells it or as it might."""
        if not cell.column:
            return None
        own = self.columns(cell.place)
        same = (each for each in own if each.title == cell.column)
        name = self._known.get(cell.column)
        return next(same, None) or next((each for each in own if each.column.name == name), None)

    def _of_field(self, cell: WrongCell) -> MappedColumn | None:
        """By the field that an event names, and where that says too little by what is wrong with a cell's text."""
        field = str(cell.params.get("field", ""))
        event_kind = str(cell.params.get("kind", ""))
        faulty = _test_of(cell)
        found = [each for each in self.columns(cell.place) if faulty(self.text(cell.place, each))]
        told = [each for each in found if each.column.type not in NUMBERS]
        meant = self._faulty_part(cell, field, event_kind) if field else None
        if cell.code.startswith("E_TEXT_") and meant not in told:
            return told[0] if told else None
        return meant or (told[0] if field and told else None)

    def _faulty_part(self, cell: WrongCell, field: str, event_kind: str) -> MappedColumn | None:
        """Of several columns that make up a field the one whose text no identifier may hold, else the first."""
        parts = self.all_named(cell.place, field, event_kind)
        texts = {each.title: half_width(self.text(cell.place, each)) for each in parts}
        value = str(cell.params.get("value", cell.value))
        odd = (
            each for each in parts if (text := texts[each.title]) in value and text and not _PLAIN_ID.fullmatch(text)
        )
        return next(odd, None) or self.named(cell.place, field, event_kind)

    def _of_params(self, cell: WrongCell) -> MappedColumn | None:
        """By a value that a rule names and the row has: a day, an amount, a text, and at last a reference."""
        row = self._rows.get(cell.place)
        if row is None:
            return None
        asked = {name: value for name, value in cell.params.items() if name not in _NOT_OF_THE_ROW}
        for same in (_same_day, _same_number, _same_text):
            for name, value in asked.items():
                for each in self._candidates(cell, name):
                    if same(value, row.values.get(each.column.name)):
                        return each
        return next((each for name in asked for each in self._candidates(cell, name)), None)

    def _candidates(self, cell: WrongCell, name: str) -> Iterator[MappedColumn]:
        own = {each.column.name: each for each in self.columns(cell.place)}
        names = columns_of(self._kind, name)
        yield from (own[one] for one in names if one in own and self.text(cell.place, own[one]))


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and len(value) == len("2025-09-30") and value[4:5] == value[7:8] == "-"


def _same_day(said: Any, value: Any) -> bool:
    shown = value.isoformat() if isinstance(value, date) else str(value)[:10]
    return _is_day(said) and said == shown


def _same_number(said: Any, value: Any) -> bool:
    return type(said) is int and type(value) is int and said == value and bool(said)


def _same_text(said: Any, value: Any) -> bool:
    return isinstance(said, str) and isinstance(value, str) and bool(value) and said == value


def _test_of(cell: WrongCell) -> Callable[[str], bool]:
    """What makes a cell the one at fault."""
    if cell.code == "E_TEXT_PERSONAL":
        return has_personal_pattern
    if cell.code.startswith("E_TEXT_"):
        most = cell.params.get("max", _TEXT_CHARACTERS_MAX)
        return lambda text: any(one.code == cell.code for one in text_faults(text, most))
    return lambda text: bool(cell.value) and text == cell.value
