"""Recoveries of the book that a register names no more: a row that says nearly the same is one of them, corrected.

A matter is known by its document, its person and its programme, so a number that was mistyped and mended would be
claimed, and its money booked, a second time. Where the book has a matter that agrees with a new row in all but one of
these, and no other row of the file is that one, the row tells of it. A receipt that several rows name is told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.redress.matters import Matter, months_of
from ledger.application.proposing.relief.programmes import person_ref
from ledger.application.proposing.words import plain
from ledger.flows.knowledge import Need, Recorded

_UNSAID = "未填"


class Corrected:
    """The rows of a register beside what the book has of their documents and people."""

    def __init__(self, context: Context, entity: str, rows: Iterable[CleanRow]) -> None:
        self._context, self._entity = context, entity
        self._of_receipt: defaultdict[str, list[CleanRow]] = defaultdict(list)
        self._of_document: defaultdict[str, list[CleanRow]] = defaultdict(list)
        self._orders: dict[str, Sequence[Any]] = {}
        self._booked: defaultdict[str, set[str]] | None = None
        """Receipt -> the recoveries that it was booked for, once it was asked for."""
        for row in rows:
            self._of_document[_document(row)].append(row)
            self._of_receipt[str(row.values.get("receipt_no") or "")].append(row)

    def matter(
        self, row: CleanRow, found: Sequence[Recorded], person: str, programme: str, own: Matter
    ) -> Matter | None:
        """The recorded matter that a row corrects, whose own number the book does not have; `found` is what the book
        tells of its person.
        """
        if self._context.events(Need(f"recovery:{own.recovery}", ("recovery.ordered",))):
            return None
        of_person: list[Any] = [
            item.event for item in found if item.event.kind == "recovery.ordered" and item.entity == self._entity
        ]
        for order in (*of_person, *self._of(_document(row))):
            others = [
                order.person != person,
                (order.document or "") != _document(row),
                order.programme != programme,
            ]
            if order.place is None or others.count(True) != 1 or order.amount_fen != whole(row.values, "due_fen"):
                continue
            for finding in self._context.events(Need(f"finding:{order.finding}", ("finding.confirmed",))):
                if self._is_told(order, row) or not _agree(finding, row):
                    continue
                if order.person == person or self._is_this_person(order, row):
                    months, sheet = months_of(finding), bool(finding.clues)
                    return Matter(order.recovery, order.finding, months, sheet, dated=True, fen=order.amount_fen)
        return None

    def same_receipt(self, row: CleanRow) -> list[int]:
        """Other rows of the file that name a row's receipt, and another person or another document."""
        receipt = str(row.values.get("receipt_no") or "")
        return [
            other.place.row
            for other in (self._of_receipt[receipt] if receipt else ())
            if (_document(other), self._person(other)) != (_document(row), self._person(row))
        ]

    def booked_receipt(self, row: CleanRow, recovery: str) -> Any:
        """What the book has collected on another recovery of another person or document under a row's receipt; None
        where nothing.
        """
        receipt = str(row.values.get("receipt_no") or "")
        if self._booked is None:
            self._booked = defaultdict(set)
            for item in self._context.by_kind("recovery.collected"):
                if item.entity == self._entity and (number := getattr(item.event, "voucher_ref", None)):
                    self._booked[str(number)].add(str(getattr(item.event, "recovery", "")))
        for other in sorted(self._booked[receipt] - {recovery}) if receipt else ():
            orders = self._context.events(Need(f"recovery:{other}", ("recovery.ordered",)))
            if any((one.document or "", one.person) == (_document(row), self._person(row)) for one in orders):
                continue
            collected = self._context.events(Need(f"recovery:{other}", ("recovery.collected",)))
            for one in collected:
                if one.voucher_ref == receipt:
                    return one
        return None

    def _of(self, document: str) -> Sequence[Any]:
        """What the book's orders of a document are; none of no document."""
        if document not in self._orders:
            need = Need(f"document:{document}", ("recovery.ordered",))
            items = self._context.find([need])[need] if document else []
            self._orders[document] = [item.event for item in items if item.entity == self._entity]
        return self._orders[document]

    def _is_told(self, order: Any, row: CleanRow) -> bool:
        """Whether another row of the file is of an order's document and person."""
        rows = self._of_document[order.document or ""]
        return any(self._person(one) == order.person for one in rows if one is not row)

    def _is_this_person(self, order: Any, row: CleanRow) -> bool:
        """Whether somebody else's order is this row's: the name is the same, or the receipt, or the file names others
        that the book has of the document.
        """
        name = self._context.opened([order.person]).get(order.person, {}).get("name")
        if name is not None and plain(name) == plain(str(row.values["name"])):
            return True
        receipt = row.values.get("receipt_no")
        if receipt and receipt in {one.voucher_ref for one in self._collected(order)}:
            return True
        persons = {one.person for one in self._of(_document(row))}
        return any(self._person(one) in persons for one in self._of_document[_document(row)] if one is not row)

    def _collected(self, order: Any) -> Sequence[Any]:
        return self._context.events(Need(f"recovery:{order.recovery}", ("recovery.collected",)))

    def _person(self, row: CleanRow) -> str:
        number = row.values.get("id_number")
        return person_ref(self._context, None if number is None else str(number), str(row.values["name"]))


def _document(row: CleanRow) -> str:
    return str(row.values.get("decision_no") or "")


def _agree(finding: Any, row: CleanRow) -> bool:
    """Whether a finding is of the months and the wrong that a row names; a check sheet says both in its own words."""
    if finding.clues:
        return True
    return bool(
        months_of(finding) == months_of(row) and finding.category == (row.values.get("circumstance") or _UNSAID)
    )
