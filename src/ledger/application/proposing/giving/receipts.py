"""The receipt system's export (财政电子票据): receipts issued, taken back with a red letter, voided, exchanged.

A receipt that the donation register already named is the same receipt. Any other is issued in advance: nothing says yet
which gifts it is for, and the list of open advance receipts asks for it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import donor
from ledger.application.proposing.giving.register_receipts import receipts_of
from ledger.application.proposing.proposal import Proposal, RowRefusedError, attempt_together
from ledger.application.proposing.words import is_organisation, plain
from ledger.flows.giving.receipts import COVER_KINDS, is_uncoded
from ledger.flows.knowledge import Need
from ledger.values.uscc import uscc_last_holds

_TAKEN_BACK: Final = {"冲红": "red_letter", "作废": "voided", "换开": "exchanged"}
_VOID: Final = "作废"
_EXCHANGED: Final = "换开"
_Rows = Sequence[CleanRow]


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Receipts by code and number; a receipt with several items has several rows."""
    export = _Export(parsed, context, context.entity("charity"))
    for rows in export.receipts.values():
        number = str(rows[0].values["receipt_no"])
        attempt_together(rows, export.proposal, partial(export.receipt, rows), number)
    return export.proposal


class _Export:
    """One export file."""

    def __init__(self, parsed: ParsedFile, context: Context, entity: str) -> None:
        self._parsed, self._context, self._entity = parsed, context, entity
        self.proposal = Proposal(
            columns={"E_FACT_IN_FUTURE": "开票日期", "E_DATE_FUTURE": "开票日期", "E_RECEIPT_UNKNOWN": "原票号码"}
        )
        self.receipts: dict[tuple[str, str], list[CleanRow]] = {}
        self._series: dict[str, str] = {}
        """Receipt that a register named without a code -> the code under which this export has it."""
        said = (row.values for row in parsed.rows if row.values.get("original_receipt_no"))
        self._back = {(str(one["receipt_code"]), str(one["original_receipt_no"])) for one in said}
        """Receipts that other rows name as the one that they take back."""
        for row in parsed.rows:
            self.receipts.setdefault((str(row.values["receipt_code"]), str(row.values["receipt_no"])), []).append(row)

    def receipt(self, rows: _Rows, first: CleanRow) -> None:
        """One receipt: issued, and taken back when its state says so. A red letter is the receipt's that it names."""
        values = first.values
        _require_unlike(rows)
        amount = sum(whole(row.values, "amount_fen") for row in rows)
        exchanged = self._exchanges(first, amount)
        if values.get("original_receipt_no") and not exchanged:
            if not self._original(str(values["receipt_code"]), str(values["original_receipt_no"])):
                red = str(values["receipt_no"])
                self._taken_back(first, str(values["original_receipt_no"]), "red_letter", red, is_row=True)
            else:
                self.proposal.noted += 1
            return
        stands = self._stands(first) if str(values.get("state")) == _VOID else None
        if stands is not None and (amount <= 0 or (not values.get("payer_name") and amount == stands.amount_fen)):
            self._known(first, stands)
            self._taken_back(first, str(values["receipt_no"]), _TAKEN_BACK[_VOID], values.get("red_receipt_no"))
            return
        if amount <= 0 and str(values.get("state")) == _VOID:
            blank = {"value": f"{values['receipt_code']}-{values['receipt_no']}"}
            self.proposal.notes.append(Note(first.place, "W_RECEIPT_BLANK_VOID", blank))
            self.proposal.noted += 1
            return
        if amount <= 0:
            raise RowRefusedError("金额", "E_RECEIPT_AMOUNT", value=values["receipt_no"])
        known = self._named_by_register(str(values["receipt_no"]))
        if known is not None and self._series.setdefault(known.receipt, str(values["receipt_code"])) != str(
            values["receipt_code"]
        ):
            known = None  # the number of another series, whose receipt the register cannot mean too
        if known is None:
            self._issued(first, amount)
        elif known.amount_fen != amount:
            params = {"said_fen": amount, "known_fen": known.amount_fen, "receipt_no": values["receipt_no"]}
            raise RowRefusedError("金额", "E_RECEIPT_DIFFERS", **params)
        else:
            self._known(first, known)
            self._of_this_payer(first, known)
        mode = _TAKEN_BACK.get(str(values.get("state")))
        if exchanged:
            self._exchanged(first, str(values["original_receipt_no"]))
        elif mode is not None:
            self._taken_back(first, str(values["receipt_no"]), mode, values.get("red_receipt_no"))

    def _goes_back(self, row: CleanRow) -> bool:
        """Whether this file takes the receipt of a row back too: then no gift is to be found for it."""
        own = str(row.values["receipt_code"]), str(row.values["receipt_no"])
        return own in self._back or (
            str(row.values.get("state")) in _TAKEN_BACK and not row.values.get("original_receipt_no")
        )

    def _exchanges(self, row: CleanRow, amount: int) -> bool:
        """Whether a row is the new receipt of an exchange (换开), made out instead of the one that it names, and no red
        letter: this file calls a red letter so at the receipt, or an earlier release took it for one.
        """
        values = row.values
        code, number = str(values["receipt_code"]), str(values["receipt_no"])
        if not values.get("original_receipt_no") or str(values.get("state")) != _EXCHANGED or amount <= 0:
            return False
        reds = (one.values.get("red_receipt_no") for one in self._parsed.rows if one.values["receipt_code"] == code)
        known = self._context.events(Need(f"receipt:{code}-{number}", ("donation.receipt_reversed",)))
        return number not in map(str, reds) and all(one.red != f"{code}-{number}" for one in known)

    def _exchanged(self, row: CleanRow, original: str) -> None:
        """The receipt that was exchanged goes back, unless this file has its own state or its red letter."""
        code = str(row.values["receipt_code"])
        reds = (
            one
            for one in self._parsed.rows
            if (str(one.values["receipt_code"]), str(one.values.get("original_receipt_no"))) == (code, original)
            and (str(one.values.get("state")) != _EXCHANGED or whole(one.values, "amount_fen") <= 0)
        )
        if not self._original(code, original) and next(reds, None) is None:
            self._taken_back(row, original, _TAKEN_BACK[_EXCHANGED], row.values.get("red_receipt_no"))

    def _of_this_payer(self, row: CleanRow, known: Any) -> None:
        """Whether the payer is whom the register names. W_RECEIPT_PAYER: it may be another receipt of this number."""
        was = known.payer_label or self._context.opened([known.payer]).get(known.payer, {}).get("name")
        now = row.values.get("payer_name")
        if was and now and plain(str(was)) != plain(str(now)):
            told = {"receipt_no": str(row.values["receipt_no"]), "issued_on": str(known.issued_on)}
            self.proposal.notes.append(Note(row.place, "W_RECEIPT_PAYER", {**told, "known_fen": known.amount_fen}))

    def _stands(self, row: CleanRow) -> Any:
        """The receipt of a row that was voided, if it was recorded when it was issued: the row may be blank since."""
        code, number = str(row.values["receipt_code"]), str(row.values["receipt_no"])
        return next(
            (
                one
                for one in receipts_of(self._context, self._entity, number)
                if one.code == code or is_uncoded(one.code)
            ),
            None,
        )

    def _known(self, row: CleanRow, receipt: Any) -> None:
        """A row of a receipt that is in the book."""
        need = Need(f"receipt:{receipt.receipt}", ("donation.receipt_issued",))
        self.proposal.add(row, need, self._entity, self._day(row), receipt, sameness="exists")

    def _original(self, code: str, number: str) -> bool:
        """Whether this file has the row of the receipt that a red letter takes back, with its state. The state of a new
        receipt of an exchange is about the one that it names.
        """
        rows = self.receipts.get((code, number), [])
        amount = sum(whole(row.values, "amount_fen") for row in rows)
        return any(str(row.values.get("state")) in _TAKEN_BACK and not self._exchanges(row, amount) for row in rows)

    def _named_by_register(self, number: str) -> Any:
        return next((one for one in receipts_of(self._context, self._entity, number) if is_uncoded(one.code)), None)

    def _issued(self, row: CleanRow, amount: int) -> None:
        values, context = row.values, self._context
        who, subjects = donor(context, _payer(values))
        self.proposal.subjects.extend((self._entity, subject) for subject in subjects)
        receipt = f"{values['receipt_code']}-{values['receipt_no']}"
        event = context.event(
            "donation.receipt_issued",
            receipt=receipt,
            code=values["receipt_code"],
            number=values["receipt_no"],
            form="electronic",
            payer=who["donor"],
            payer_label=who["donor_label"],
            amount_fen=amount,
            covers=[],
            in_advance=True,
            issued_on=str(values["issued_on"]),
            origin="history",
            place=context.place(self._parsed, row),
        )
        known = Need(f"receipt:{receipt}", ("donation.receipt_issued",))
        if not self._goes_back(row) and not context.events(known):
            told = {"receipt_no": str(values["receipt_no"]), "amount_fen": amount}
            self.proposal.notes.append(Note(row.place, "W_RECEIPT_ADVANCE", told))
        self.proposal.add(row, known, self._entity, self._day(row), event)

    def _taken_back(self, row: CleanRow, number: str, mode: str, red: Any, *, is_row: bool = False) -> None:
        """What the receipt covers, as far as it is known; the red letter's own day where the file has its row. `is_row`
        says that it is all that its row tells, so that it counts as a row.
        """
        code = str(row.values["receipt_code"])
        known = self._named_by_register(number)
        receipt = known.receipt if known is not None else f"{code}-{number}"
        covers: dict[str, int] = {}
        for event in self._context.events(Need(f"receipt:{receipt}", COVER_KINDS[:2])):
            for cover in event.covers:
                covers[cover.donation] = covers.get(cover.donation, 0) + cover.fen
        day = self._day(self.receipts.get((code, str(red)), [row])[0])
        reason = next(word for word, one in _TAKEN_BACK.items() if one == mode)
        fields = {"receipt": receipt, "mode": mode, "red": f"{code}-{red}" if red else None, "reason": reason}
        event = self._context.event(
            "donation.receipt_reversed",
            **fields,
            covers=[{"donation": donation, "fen": fen} for donation, fen in covers.items()],
            reversed_on=str(day),
            origin="history",
            place=self._context.place(self._parsed, row),
        )
        need = Need(f"receipt:{receipt}", ("donation.receipt_reversed",))
        add = self.proposal.add if is_row else self.proposal.add_beside
        issued = Need(need.tag, ("donation.receipt_issued",))
        add(row, need, self._entity, day, event, sameness="exists", after=issued)

    @staticmethod
    def _day(row: CleanRow) -> date:
        day = row.values["issued_on"]
        if not isinstance(day, date):
            raise RowRefusedError("开票日期", "E_CELL_MISSING")
        return day


def _payer(values: Mapping[str, Any]) -> dict[str, Any]:
    """The payer as the register would name it: a credit code or a certain name makes an organisation. A receipt that
    was voided may name nobody.
    """
    name, number = str(values.get("payer_name") or ""), values.get("payer_number")
    body = is_organisation(name) or (number is not None and uscc_last_holds(str(number)))
    return {"donor_name": name, "donor_number": number, "donor_type": "企业" if body else None}


def _require_unlike(rows: _Rows) -> None:
    """E_RECEIPT_ROW_TWICE where two rows of a receipt are wholly alike: as two items they would double it."""
    for at, row in enumerate(rows):
        if any(one.values == row.values for one in rows[:at]):
            raise RowRefusedError("票据号码", "E_RECEIPT_ROW_TWICE", value=row.values["receipt_no"])
