"""The donation register: gifts by transfer and in cash are booked from it; gifts through a channel are only named.

A channel's bill knows to the second what was paid and refunded, the register knows who gave and for what: so the bill
books the gift and the register adds to it, whichever file comes first. A transfer is known again by its serial number,
whatever else in its row was corrected; a gift without one by all that its row says (see `_like` and `numbered`).
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.application.importing.keys import row_key
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Place
from ledger.application.proposing.cells import whole
from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.campaigns import campaign_of, name_campaign
from ledger.application.proposing.giving.donors import channel_donation, donor, donors_once, pledge_id
from ledger.application.proposing.giving.intents import elsewhere, fund_meant
from ledger.application.proposing.giving.numbered import alike_by_number, refuse_number
from ledger.application.proposing.giving.register_receipts import RegisterReceipts
from ledger.application.proposing.giving.serials import (
    GIFTS,
    SERIAL_COLUMN,
    by_serial,
    ranked,
    says_another,
    twice_told,
)
from ledger.application.proposing.outside import OUTSIDE
from ledger.application.proposing.own_numbers import own_reference
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.books.statements import LineRecorded
from ledger.flows.event import Event
from ledger.flows.knowledge import Need, Recorded

_COLUMNS: Final = {
    "E_ACCOUNT_CHOICE": "收款账户",
    "E_FUND_CHOICE": "指定项目或受益人",
    "E_PLEDGE_UNKNOWN": "认捐编号",
    "E_FACT_IN_FUTURE": "到账日期",
    "E_DATE_FUTURE": "到账日期",
}


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Gifts, their registration, and the receipts that the register names."""
    register = _Register(parsed, context, Proposal(columns=_COLUMNS), context.entity("charity"))
    register.read()
    return register.proposal


@dataclass(slots=True)
class _Register:
    """One register file."""

    parsed: ParsedFile
    context: Context
    proposal: Proposal
    entity: str

    def read(self) -> None:
        """Propose every row, then the receipts, which may cover several rows."""
        receipts = RegisterReceipts(self.parsed, self.context, self.proposal, self.entity)
        again = {one.place for one in self.parsed.duplicates}
        names = self._names()
        alike = self._alike(names)
        numbered = alike_by_number(self.context, self.parsed, names, self._accounts())
        twice = twice_told(self.context, self.parsed, names)
        short = self._short(again | {row.place for row in self.parsed.rows if id(row) in twice})

        def one(row: CleanRow) -> None:
            channel = self._channel(row)
            if channel is not None:
                donation = self._registered(row, channel)
            else:
                donation = names[id(row)]
                if id(row) in twice:
                    raise RowRefusedError(SERIAL_COLUMN, "E_GIFT_SERIAL_TWICE", **twice[id(row)])
                _refuse_likeness(row, alike.get(id(row), ()))
                refuse_number(self.context, row, numbered.get(id(row)))
                if id(row) in short:
                    said, line_fen = short[id(row)]
                    raise RowRefusedError("捐赠金额(元)", "E_LINE_AMOUNT", amount_fen=said, line_fen=line_fen)
                self._gift(row, donation)
            if row.place not in again:
                receipts.note(row, donation)

        each_row(self.parsed, self.proposal, one)
        receipts.propose()

    def _channel(self, row: CleanRow) -> Any:
        label = str(row.values.get("account_label") or row.values.get("method") or "")
        return self.context.channel_named(label, self.entity)

    def _names(self) -> dict[int, str]:
        """The donation number of every row that books a gift. Rows that share a serial number are told apart, with
        those that stood beside them in the file that they were taken from.
        """
        called = ranked(self.parsed)
        names: dict[int, str] = {}
        for row in (*self.parsed.others, *self.parsed.rows):
            if id(row) in called:
                names[id(row)] = self._own("serial", *called[id(row)])
            else:
                names[id(row)] = self._own(row_key(self.parsed.kind, row, row.ordinal))
        return names

    def _own(self, *natural: str) -> str:
        return own_reference(self.context, self.entity, "donation", "donation", *natural)

    def _short(self, again: Container[Place]) -> dict[int, tuple[int, int]]:
        """Rows of which the bank's line, where it is recorded already, brought less than they say: (said, line) fen;
        those at the places of `again` are not added.

        Who promised 500,000 and sent 300,000 gave 300,000: the register of a hurried day writes down what was due.
        """
        of_line: dict[tuple[str, str], list[CleanRow]] = {}
        for (label, serial), rows in by_serial(self.parsed.rows).items():
            own = [row for row in rows if self._channel(row) is None]
            account = self._bank_account(label) if own and label else None
            if account is not None:
                of_line.setdefault((account, serial), []).extend(own)
        needs = {account: Need(f"account:{account}", ("bank.line_recorded",)) for account, _ in of_line}
        found = self.context.find(needs.values())
        lines: dict[tuple[str, str], int] = {}
        for account, need in needs.items():
            for line in (item.event for item in found[need] if isinstance(item.event, LineRecorded)):
                if line.serial is not None and line.amount_fen > 0:
                    lines[account, line.serial] = lines.get((account, line.serial), 0) + line.amount_fen
        said = {
            key: sum(whole(row.values, "amount_fen") for row in rows if row.place not in again)
            for key, rows in of_line.items()
        }
        return {
            id(row): (said[key], lines[key])
            for key, rows in of_line.items()
            if key in lines and said[key] > lines[key]
            for row in rows
        }

    def _accounts(self) -> dict[int, str]:
        """The account of every row that is no channel's; a row whose account is not known is told of it later."""
        found: dict[int, str] = {}
        for row in self.parsed.rows:
            if self._channel(row) is None:
                with suppress(RowRefusedError):
                    found[id(row)] = str(self._account(row).account)
        return found

    def _account(self, row: CleanRow) -> Any:
        cash = "现金" in str(row.values.get("method") or "")
        label = str(row.values.get("account_label") or ("现金" if cash else "?"))
        return self.context.account(label=label, entity=self.entity)

    def _bank_account(self, label: str) -> str | None:
        """The bank account that a label names; what is wrong with the label is told where the gift is booked."""
        try:
            account = self.context.account(label=label, entity=self.entity)
        except RowRefusedError:
            return None
        return str(account.account) if account.holding == "bank" else None

    def _alike(self, names: Mapping[int, str]) -> dict[int, list[Recorded]]:
        """For rows that are not known: gifts of the same donor and day that may be the same gift, and no row here."""
        rows = [row for row in self.parsed.rows if self._channel(row) is None]
        donors = {id(row): donor(self.context, row.values)[0]["donor"] for row in rows}
        needs = {donor_ref: Need(f"donor:{donor_ref}", GIFTS) for donor_ref in donors.values() if donor_ref}
        given = self.context.find(needs.values())
        here = set(names.values())
        found: dict[int, list[Recorded]] = {}
        for row in rows:
            known = given[needs[donors[id(row)]]] if donors[id(row)] else []
            if not any(getattr(item.event, "donation", "") == names[id(row)] for item in known):
                own = [item for item in known if item.entity == self.entity]
                others = [item for item in own if getattr(item.event, "donation", "") not in here]
                found[id(row)] = [item for item in others if _like(row, item.event)]
        return found

    def _gift(self, row: CleanRow, donation: str) -> None:
        who, subjects = donor(self.context, row.values)
        self.proposal.subjects.extend((self.entity, subject) for subject in subjects)
        day = row.values["received_on"]
        if not isinstance(day, date):
            raise RowRefusedError("到账日期", "E_CELL_MISSING")
        event = self._booked(row, donation, who)
        once = tuple(self._booked(row, donation, one) for one in donors_once(self.context, row.values))
        self.proposal.add(row, Need(f"donation:{donation}", GIFTS), self.entity, day, event, once=once)
        name_campaign(self.context, self.proposal, (self.parsed, row), self.entity, day, row.values.get("campaign"))

    def _common(self, row: CleanRow) -> dict[str, Any]:
        values = row.values
        return {
            "amount_fen": values["amount_fen"],
            "campaign": campaign_of(self.context, values.get("campaign")),
            "earmark": values.get("purpose"),
            "wants_receipt": bool(values.get("receipted")),
            "place": self.context.place(self.parsed, row),
        }

    def _booked(self, row: CleanRow, donation: str, who: Mapping[str, Any]) -> Event:
        values, context = row.values, self.context
        cash = "现金" in str(values.get("method") or "")
        account = self._account(row)
        pledge = values.get("pledge_no")
        parts = (
            [{"pledge": pledge_id(context, self.entity, str(pledge)), "fen": values["amount_fen"]}] if pledge else []
        )
        fields = {
            **self._common(row),
            **who,
            "donation": donation,
            "fund": fund_meant(context, self.entity, values),
            "means": "cash" if cash or account.holding == "cash" else "bank",
            "account": account.account,
            "order_no": values.get("reference"),
            "pledge_parts": parts,
            "occurred_on": str(values["received_on"]),
        }
        persons = whole(values, "persons")
        if persons > 1:
            return context.event("donation.collective", **fields, persons=persons, lines=[])
        return context.event("donation.received", **fields)

    def _registered(self, row: CleanRow, channel: Any) -> str:
        values, order = row.values, row.values.get("reference")
        if not order:
            raise RowRefusedError("银行流水号或支付单号", "E_ORDER_MISSING", channel=channel.name)
        note = elsewhere(row, fund_meant(self.context, self.entity, values), channel)
        who, subjects = donor(self.context, values)
        self.proposal.subjects.extend((self.entity, subject) for subject in subjects)
        donation = channel_donation(self.context, channel.provider, str(order))
        day = values.get("registered_on") or values["received_on"]
        said = {
            **self._common(row),
            "donation": donation,
            "register_no": str(values.get("seq") or row.place.row),
            "channel": channel.channel,
            "order_no": order,
            "registered_on": str(day),
            "arrived_on": str(values["received_on"]),
        }
        given = [who, *donors_once(self.context, values)]
        event, *once = (self.context.event("donation.registered", **said, **one) for one in given)
        if not isinstance(day, date):
            raise RowRefusedError("到账日期", "E_CELL_MISSING")
        need = Need(f"donation:{donation}", ("donation.registered",))
        self.proposal.add(row, need, self.entity, day, event, once=tuple(once))
        if note is not None:
            self.proposal.notes.append(note)
        return donation


def _like(row: CleanRow, event: Event) -> bool:
    """Whether a recorded gift may be this row with something corrected or filled in: the same day, and no two serials.

    A row without a serial number that names another amount looks like a correction; one that brings a serial number
    looks like the gift that had none, if the amount is the same.
    """
    same_day = getattr(event, "occurred_on", None) == row.values["received_on"]
    own, other = row.values.get("reference"), getattr(event, "order_no", None)
    same_amount = getattr(event, "amount_fen", 0) == row.values["amount_fen"]
    return same_day and getattr(event, "means", "") != "channel" and (not own or (not other and same_amount))


def _refuse_likeness(row: CleanRow, alike: Sequence[Recorded]) -> None:
    """E_GIFT_ALIKE, unless the row's remark says that it is another gift."""
    if alike and not says_another(row):
        amount = getattr(alike[0].event, "amount_fen", 0)
        if alike[0].position == OUTSIDE:
            raise RowRefusedError("捐赠金额(元)", "E_GIFT_ALIKE_WAITING", amount_fen=amount)
        raise RowRefusedError("捐赠金额(元)", "E_GIFT_ALIKE", position=alike[0].position, amount_fen=amount)
