"""A rise of the standard that is paid afterwards (提标补差), held against the standards that the book knows.

What a household is owed of it follows from the two standards, its persons and the months; a row that says another
amount is told, with both. Nothing is told where the book cannot work it out: the amount is decided case by case or by
tiers, the household was not enrolled in all of the months, or no decision of the book raised the standard in them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.application.importing.rows import Note
from ledger.application.proposing.context import Context
from ledger.application.proposing.relief.beside_normal import Beside, rise
from ledger.application.proposing.relief.paying.remarks import Remarks
from ledger.application.proposing.relief.programmes import TERMS
from ledger.application.proposing.relief.roster_rows import Entry
from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.monthly import Monthly
from ledger.values.dates import Period, periods

_MODES: Final = frozenset({"difference", "full"})
"""How an amount comes about that moves with the standard."""
_UPLIFT: Final = "uplift"


class _Owed(NamedTuple):
    """What a rise makes of some months, and by which standards and persons at first."""

    fen: int
    old_fen: int
    new_fen: int
    persons: int


def of_rows(
    context: Context, entries: Mapping[str, Entry], remarks: Remarks, month: str, standards: Sequence[Any]
) -> list[Note]:
    """Remarks at the rows (enrolment -> row) of a roster of `month` whose rise is not what the standards make it."""
    paid = {name: one for name, one in entries.items() if one.arrears_fen > 0}
    meant = {
        name: (one, fen)
        for name, entry in paid.items()
        for one, fen in remarks.readable(entry)
        if one.component == _UPLIFT and one.is_dated
    }
    needs = {name: Need(f"enrolment:{name}", TERMS) for name in meant}
    known = context.find(needs.values()) if standards else {}
    notes: list[Note] = []
    for name, (one, fen) in meant.items():
        entry, decisions = entries[name], [item.event for item in known.get(needs[name], ())]
        owed = _owed(decisions, standards, entry.category, one, month)
        if owed is not None and owed.fen != fen:
            params: dict[str, Any] = {"amount_fen": fen, "expected_fen": owed.fen}
            params |= {"old_fen": owed.old_fen, "new_fen": owed.new_fen, "persons": owed.persons}
            notes.append(Note(entry.row.place, "W_UPLIFT_AMOUNT", {**params, "first": one.first, "last": one.last}))
    return notes


def _owed(decisions: Sequence[Any], standards: Sequence[Any], category: str, meant: Beside, month: str) -> _Owed | None:
    until = Period.parse(month).last_day
    total, first = 0, None
    for each in periods(Period.parse(meant.first), Period.parse(meant.last)):
        of = Beside(meant.component, str(each), str(each), is_dated=True, says_returned=False)
        past = [one for one in decisions if one.from_month <= str(each)]
        raised = rise(standards, category, of, until)
        if not past or raised is None or past[-1].kind == TERMS[2] or past[-1].monthly.mode not in _MODES:
            return None
        was: Monthly = past[-1].monthly
        new = Monthly.model_validate({**was.model_dump(), "standard_fen": raised.amount_fen_per_month})
        fen = (new.expected_base_fen() or 0) - (was.expected_base_fen() or 0)
        first = first or (_Owed(0, was.standard_fen, new.standard_fen, was.persons) if fen > 0 else None)
        total += max(0, fen)
    return None if first is None else first._replace(fen=total)
