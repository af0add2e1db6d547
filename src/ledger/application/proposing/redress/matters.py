"""Which matter a row of the recovery ledger tells of: one that the book has, or a new one.

One document may order several recoveries of one person, by their months; a row whose months overlap those of a matter
that the file names no more is that matter, and changed. What was ordered before the book began stands in its opening,
which names no document: a row of the same person, programme and sum, decided before that, is that recovery.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import RowRefusedError
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningRecovery
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.redress.clues import FindingConfirmed
from ledger.values.dates import day_text

KNOWN = ("finding.confirmed", "recovery.ordered", "opening.recorded")
"""What tells of the matters of a person."""

Key = tuple[str, str, str]
"""认定文书号, the person (number or name), 救助类别."""
Months = tuple[str, str]


def key_of(row: CleanRow, programme_id: str | None = None) -> Key:
    """What a matter has in common with others of one document; the programme as the file names it, or by its id."""
    values = row.values
    who = values.get("id_number") or values["name"]
    return str(values.get("decision_no") or ""), str(who), str(programme_id or values.get("programme") or "")


def months_of(source: Any) -> Months:
    """The first and the last month of a row or a finding; empty where nothing is said."""
    if isinstance(source, CleanRow):
        return str(source.values.get("month_from") or ""), str(source.values.get("month_to") or "")
    return source.period_from or "", source.period_to or ""


def meet(one: Months, other: Months) -> bool:
    """Whether they have a month in common, or may have."""
    return not ((one[1] and other[0] and one[1] < other[0]) or (other[1] and one[0] and other[1] < one[0]))


@dataclass(frozen=True, slots=True)
class Matter:
    """What the book has of a document, a person and a programme: the order's number, and what it rests on. `sheet`
    where a check sheet found it; `dated` where the number is made of the months too.
    """

    recovery: str
    finding: str
    months: Months
    sheet: bool
    dated: bool
    fen: int
    before: OpeningRecovery | None = None
    """What the opening says of it, where it was ordered before the book began."""
    since: date = date.min
    """The first day on which the book may tell of it."""

    def is_of(self, row: CleanRow, recovery: str) -> bool:
        """Whether a row, whose number would be `recovery`, tells of it."""
        if self.dated:
            return self.recovery == recovery
        return self.months == months_of(row) or (self.sheet and self.fen == whole(row.values, "due_fen"))

    def told_elsewhere(self, known: Sequence[Recorded]) -> bool:
        """Whether its finding was confirmed by hand, or is that of several recoveries: no one row says what it is."""
        shared = 0
        for event in (item.event for item in known):
            if isinstance(event, FindingConfirmed) and event.finding == self.finding and event.place is None:
                return True
            if isinstance(event, OpeningRecorded):
                shared += sum(one.finding == self.finding for one in event.recoveries)
        return shared > 1


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a register by what they share, so that a row can be told from its neighbours."""

    of_key: Mapping[Key, Sequence[CleanRow]]
    of_person: Mapping[Key, Sequence[CleanRow]]
    """Whatever the document."""

    @classmethod
    def of(cls, rows: Iterable[CleanRow]) -> "Rows":
        """Gather the rows of a file."""
        by_key: defaultdict[Key, list[CleanRow]] = defaultdict(list)
        by_person: defaultdict[Key, list[CleanRow]] = defaultdict(list)
        for row in rows:
            by_key[key_of(row)].append(row)
            by_person["", *key_of(row)[1:]].append(row)
        return cls(by_key, by_person)

    def alike(self, row: CleanRow) -> Sequence[CleanRow]:
        """The rows of one document, person and programme, and the row itself."""
        return self.of_key[key_of(row)]

    def others(self, row: CleanRow) -> list[CleanRow]:
        """The other rows of the person and the programme."""
        return [one for one in self.of_person["", *key_of(row)[1:]] if one is not row]


def matter_of(
    rows: Rows, context: Context, row: CleanRow, found: Sequence[Recorded], person: str, programme_id: str
) -> Matter:
    """The matter of a row: the recorded one with its months, one that the opening took over, one that no row of the
    file alike tells of and that it overlaps, or else a new one. E_RECOVERY_CHOICE, E_RECOVERY_TAKEN_OVER.
    """
    known = [item.event for item in found]
    key = key_of(row, programme_id)

    def made(months: Months) -> tuple[str, str]:
        natural = (*key, *months)
        return context.reference("recovery", *natural), context.reference("finding", *natural)

    recorded = list(_recorded(context, key, known))
    recovery, finding = made(months_of(row))
    for one in recorded:
        if one.is_of(row, recovery):
            return one
    before = _taken_over(rows, row, list(_openings(found, person, programme_id)))
    if before is not None:
        return before
    alike = rows.alike(row)
    for one in recorded:
        told = any(one.is_of(other, made(months_of(other))[0]) for other in alike if other is not row)
        undated = one.sheet and not one.dated  # its months are the sheet's, and not what the register said
        if not told and (undated or meet(one.months, months_of(row))):
            return one
    return Matter(recovery, finding, months_of(row), sheet=False, dated=True, fen=0)


def _recorded(context: Context, key: Key, known: Sequence[Any]) -> Iterator[Matter]:
    """The matters of a key, from findings and orders of its person. Older ones have a number without their months."""
    found = {one.finding: one for one in known if one.kind == "finding.confirmed" and one.programme == key[2]}
    for one in found.values():
        for natural in ((*key, *months_of(one)), key):
            if context.reference("finding", *natural) == one.finding:
                recovery = context.reference("recovery", *natural)
                yield Matter(
                    recovery, one.finding, months_of(one), sheet=False, dated=natural != key, fen=one.amount_fen
                )
    undated = context.reference("recovery", *key)
    for order in known:
        of_sheet = order.kind == "recovery.ordered" and order.finding in found and bool(found[order.finding].clues)
        if of_sheet and order.place is not None and (order.document or "") == key[0]:
            months, dated = months_of(found[order.finding]), order.recovery != undated
            yield Matter(order.recovery, order.finding, months, sheet=True, dated=dated, fen=order.amount_fen)


def _openings(found: Sequence[Recorded], person: str, programme_id: str) -> Iterator[tuple[date, OpeningRecovery]]:
    """What openings took over of a person and a programme, with the day on which each book begins."""
    for item in found:
        if isinstance(event := item.event, OpeningRecorded):
            mine = (one for one in event.recoveries if (one.person, one.programme) == (person, programme_id))
            yield from ((event.on, one) for one in mine)


def _taken_over(rows: Rows, row: CleanRow, taken: Sequence[tuple[date, OpeningRecovery]]) -> Matter | None:
    """The recovery of the opening that a row tells of: of its sum, and of its day where several have that."""
    may = [one for one in taken if _may_be(row, one[0])]
    same = [one for one in may if one[1].ordered_fen == whole(row.values, "due_fen")]
    if len(same) > 1:
        days = {row.values.get("decided_on"), row.values.get("served_on")}
        same = [one for one in same if one[1].ordered_on in days] or same
    if len(same) > 1:
        raise RowRefusedError("认定日期", "E_RECOVERY_CHOICE", found=len(same))
    for on, one in same:
        return Matter(
            one.recovery, one.finding, ("", ""), sheet=False, dated=False, fen=one.ordered_fen, before=one, since=on
        )
    others = rows.others(row)
    for on, one in may if _decided(row) else ():
        told = (_may_be(other, on) and one.ordered_fen == whole(other.values, "due_fen") for other in others)
        if not any(told):
            rest = {"due_fen": whole(row.values, "due_fen"), "ordered_fen": one.ordered_fen}
            raise RowRefusedError(
                "应追缴金额(元)", "E_RECOVERY_TAKEN_OVER", ordered_on=day_text(one.ordered_on), **rest
            )
    return None


def _may_be(row: CleanRow, on: date) -> bool:
    """Whether a row may tell of what was ordered before a book began: nothing says that it was decided since."""
    day = _decided(row)
    return day is None or day < on


def _decided(row: CleanRow) -> date | None:
    days = (row.values.get("decided_on"), row.values.get("served_on"))
    return next((day for day in days if isinstance(day, date)), None)
