"""Receipts that the donation register names: issued for one or several of its rows, or matched to one issued before.

A register knows a receipt's number and not its code. Where the receipt system's own export was read first, the receipt
stands under its code as issued in advance; then the register only says which gifts it is for.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import donor, donors_once, payer_label
from ledger.application.proposing.proposal import Proposal, Refusals, RowRefusedError
from ledger.flows.event import Event
from ledger.flows.giving.receipts import COVER_KINDS, NO_CODE, is_uncoded, number_tag
from ledger.flows.knowledge import Need

_NUMBER: Final = re.compile(r"[A-Za-z0-9._~-]{1,60}", re.ASCII)


def receipts_of(context: Context, entity: str, number: str) -> list[Any]:
    """An entity's receipts of a number, whatever their codes: `donation.receipt_issued` events."""
    need = Need(number_tag(number), ("donation.receipt_issued",))
    return [item.event for item in context.find([need])[need] if item.entity == entity]


def _code(context: Context, entity: str, number: str) -> str:
    """What stands for the code that a register does not say: each charity's own where the book has several."""
    known = next((one for one in receipts_of(context, entity, number) if is_uncoded(one.code)), None)
    if known is not None:
        return str(known.code)
    return NO_CODE if context.is_only(entity, "charity") else f"{NO_CODE}.{entity}"


class RegisterReceipts:
    """Collects which rows each receipt is for, and proposes the receipts when all rows were read."""

    def __init__(self, parsed: ParsedFile, context: Context, proposal: Proposal, entity: str) -> None:
        self._parsed, self._context, self._proposal, self._entity = parsed, context, proposal, entity
        self._covered: dict[str, list[tuple[CleanRow, str, int]]] = {}

    def note(self, row: CleanRow, donation: str) -> None:
        """Remember the receipt of a row that names its number and day. Raises E_RECEIPT_NUMBER."""
        number = row.values.get("receipt_no")
        if number and _NUMBER.fullmatch(str(number)) is None:
            raise RowRefusedError("票据号码", "E_RECEIPT_NUMBER", value=str(number))
        if number and isinstance(row.values.get("receipt_on"), date):
            covered = self._covered.setdefault(str(number), [])
            covered.append((row, donation, whole(row.values, "amount_fen")))

    def propose(self) -> None:
        """Propose each receipt as issued, or as matched."""
        for number, covered in self._covered.items():
            self._of_others(number, covered)
            coded = [one for one in receipts_of(self._context, self._entity, number) if not is_uncoded(one.code)]
            if len(coded) > 1:
                params = {"value": number, "found": len(coded)}
                self._proposal.refuse(covered[0][0], "票据号码", "E_RECEIPT_CHOICE", params)
            elif coded:
                self._matched(coded[0], covered)
            elif not self._used(number, covered):
                self._issued(number, covered)

    def _of_others(self, number: str, covered: list[tuple[CleanRow, str, int]]) -> None:
        """Rows of a receipt that another giver's row names too: one paper may be made out for all, or one is
        miswritten. W_RECEIPT_SHARED.
        """
        first, *others = [row for row, _, _ in covered]
        giver = donor(self._context, first.values)[0]["donor"]
        for row in others:
            if donor(self._context, row.values)[0]["donor"] != giver:
                told = {"receipt_no": number, "row": first.place.row}
                self._proposal.notes.append(Note(row.place, "W_RECEIPT_SHARED", told))

    def _used(self, number: str, covered: list[tuple[CleanRow, str, int]]) -> bool:
        """Whether the book has the number as that of a receipt for other gifts only: what it was made out for is not
        known from one more row, so the row is told and the receipt stands. E_RECEIPT_USED. As many gifts of the same
        sum are no others: their rows were changed, which the receipt itself shows.
        """
        known = next((one for one in receipts_of(self._context, self._entity, number) if is_uncoded(one.code)), None)
        if known is None:
            return False
        had = {cover.donation for cover in known.covers}
        news = [row for row, donation, _ in covered if donation not in had]
        if (len(news), sum(fen for *_, fen in covered)) == (len(had), known.amount_fen):
            return False
        told = {"value": number, "issued_on": str(known.issued_on), "known_fen": known.amount_fen, "count": len(had)}
        for row in news:
            self._proposal.refuse(row, "票据号码", "E_RECEIPT_USED", told)
        return bool(news)

    def _issued(self, number: str, covered: list[tuple[CleanRow, str, int]]) -> None:
        first = covered[0][0]
        who, _ = donor(self._context, first.values)
        code = _code(self._context, self._entity, number)
        receipt = f"{code}-{number}"
        said = {
            "receipt": receipt,
            "code": code,
            "number": number,
            "form": "electronic",
            "payer": who["donor"],
            "amount_fen": sum(fen for _, _, fen in covered),
            "covers": [{"donation": donation, "fen": fen} for _, donation, fen in covered],
            "in_advance": False,
            "issued_on": str(first.values["receipt_on"]),
            "origin": "history",
            "place": self._context.place(self._parsed, first),
        }
        kinds = (who, *donors_once(self._context, first.values))
        labels = dict.fromkeys(payer_label(one, first.values) for one in kinds)
        event, *once = (self._context.event("donation.receipt_issued", **said, payer_label=one) for one in labels)
        known = Need(f"receipt:{receipt}", ("donation.receipt_issued",))
        self._add(first, known, event, first.values["receipt_on"], tuple(once))

    def _matched(self, issued: Any, covered: list[tuple[CleanRow, str, int]]) -> None:
        """What the receipt does not cover yet of the rows that name it."""
        known = Need(f"receipt:{issued.receipt}", COVER_KINDS)
        done = {cover.donation for event in self._context.events(known) for cover in getattr(event, "covers", ())}
        covers = [{"donation": donation, "fen": fen} for _, donation, fen in covered if donation not in done]
        if covers:
            first = covered[0][0]
            # A receipt that was made out before the money came covers the gift from the day on which there is one.
            days = [row.values[name] for row, _, _ in covered for name in ("receipt_on", "received_on")]
            day = max(one for one in days if isinstance(one, date))
            fields = {"receipt": issued.receipt, "covers": covers}
            event = self._context.event("donation.receipt_covered", **fields, on=str(day), origin="history")
            self._add(first, Need(known.tag, ("donation.receipt_covered",)), event, day)

    def _add(self, row: CleanRow, known: Need, event: Any, day: Any, once: tuple[Event, ...] = ()) -> None:
        if isinstance(day, date):
            sameness: Any = "content" if event.kind == "donation.receipt_covered" else "key"
            self._proposal.add_beside(
                row, known, self._entity, day, event, sameness=sameness, once=once, restate=_restated(row)
            )


def _restated(row: CleanRow) -> Callable[[Refusals], Refusals]:
    """A receipt whose gift is not in the book yet, because it waits for a signature or for its channel's bill, comes
    when the register is read again: that is no fault of the row.
    """
    later = ("W_RECEIPT_LATER", {"receipt_no": str(row.values.get("receipt_no"))})

    def restated(refusals: Refusals) -> Refusals:
        return [later] if any(code == "E_DONATION_UNKNOWN" for code, _ in refusals) else refusals

    return restated
