"""Sub-totals and totals inside a list: checked against the rows above them, never imported."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.application.importing.checks.lines import is_grand, safe_text, total_word
from ledger.application.importing.fields.plain import CellContext, CellFault
from ledger.application.importing.fields.types import COUNT, MONEY
from ledger.application.importing.recognising.headers import Header, MappedColumn
from ledger.application.importing.rows import Note, Place, WrongCell
from ledger.application.importing.tables import RawRow, column_letter
from ledger.values.money import fen_to_yuan

_UNKNOWN: None = None


@dataclass(slots=True)
class _Sums:
    """Sums by column; a column with a cell that could not be read is poisoned and no longer compared."""

    sums: dict[str, int] = field(default_factory=dict)
    poisoned: set[str] = field(default_factory=set)
    rows: int = 0

    def add(self, values: Mapping[str, int], poisoned: frozenset[str]) -> None:
        self.rows += 1
        self.poisoned |= poisoned
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0) + value

    def of(self, name: str) -> int | None:
        return _UNKNOWN if name in self.poisoned else self.sums.get(name, 0)


@dataclass(slots=True)
class Totals:
    """Running sums of one table: since the last total of any kind, since the last grand one, of all, and by village."""

    header: Header
    whole: _Sums = field(default_factory=_Sums)
    part: _Sums = field(default_factory=_Sums)
    since_grand: _Sums = field(default_factory=_Sums)
    groups: dict[str, _Sums] = field(default_factory=dict)

    def add(self, row: RawRow, values: Mapping[str, int], poisoned: frozenset[str]) -> None:
        """Counts a data row; `poisoned` names the columns whose cell could not be read."""
        self.whole.add(values, poisoned)
        self.part.add(values, poisoned)
        self.since_grand.add(values, poisoned)
        for name in {safe_text(row.cells[i]) for i in self._group_columns() if i < len(row.cells)} - {""}:
            self.groups.setdefault(name, _Sums()).add(values, poisoned)

    def _group_columns(self) -> list[int]:
        return [each.index for each in self.header.columns if each.column.name in {"township", "village", "group_no"}]

    def check(
        self, row: RawRow, place: Place, contexts: Mapping[str, CellContext], earlier: "_Sums | None" = None
    ) -> tuple[list[WrongCell], list[Note]]:
        """Compares a total line with the rows it may stand for; every column that fits none of them is wrong."""
        who, word = total_word([safe_text(cell) for cell in row.cells]) or ("", "小计")
        references = self._references(who, word, earlier)
        wrong: list[WrongCell] = []
        checked = 0
        for each in self.header.columns:
            stated = _stated(each, row, contexts[each.column.name])
            if stated is None:
                continue
            computed = [reference.of(each.column.name) for reference in references]
            checked += None not in computed
            if stated not in computed and None not in computed:
                wrong.append(_mismatch(each, row, place, stated, computed[0] or 0))
        self.part = _Sums()
        if is_grand(who, word):
            self.since_grand = _Sums()
        note = Note(place, "W_TOTAL_CHECKED" if checked else "W_TOTAL_UNCHECKED", {"label": f"{who}{word}"})
        return wrong, [] if wrong else [note]

    def _references(self, who: str, word: str, earlier: "_Sums | None") -> list[_Sums]:
        """What the line may add up: its named village, the rows since the last sub-total, the table, the file."""
        named = [sums for name, sums in self.groups.items() if who and (name in who or who in name)]
        if is_grand(who, word):
            both = [_joined(self.whole, earlier)] if earlier and earlier.rows else []
            return [self.whole, *named, self.since_grand, *both, self.part]
        return [*named, self.part, self.whole] if named else [self.part, self.whole]


def _joined(one: _Sums, other: _Sums) -> _Sums:
    names = {*one.sums, *other.sums}
    sums = {name: one.sums.get(name, 0) + other.sums.get(name, 0) for name in names}
    return _Sums(sums, one.poisoned | other.poisoned, one.rows + other.rows)


def _stated(each: MappedColumn, row: RawRow, context: CellContext) -> int | None:
    """The figure a total line gives for a column that is added up; text there is no figure."""
    if not each.column.sums or each.index >= len(row.cells) or each.column.type not in {MONEY, COUNT}:
        return None
    text = safe_text(row.cells[each.index])
    if not re.search(r"\d", text) or total_word([text]):
        return None
    try:
        figure = each.column.type.parse(row.cells[each.index], context)
    except CellFault:
        return None
    return figure if isinstance(figure, int) else None


def _mismatch(each: MappedColumn, row: RawRow, place: Place, stated: int, computed: int) -> WrongCell:
    is_money = each.column.type is MONEY
    params = {
        "stated": fen_to_yuan(stated) if is_money else stated,
        "computed": fen_to_yuan(computed) if is_money else computed,
        "difference": fen_to_yuan(stated - computed) if is_money else stated - computed,
    }
    value = safe_text(row.cells[each.index])
    return WrongCell(place, each.title, column_letter(each.index), value, "E_SUBTOTAL", params)


def merged(all_sums: list[Totals]) -> _Sums:
    """The sums of several tables, for a grand total that stands on the last sheet."""
    joined = _Sums()
    for totals in all_sums:
        joined = _joined(joined, totals.whole)
    return joined
