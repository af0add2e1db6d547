"""Mutual-aid societies (互助社台账): a society is a fund of the entity that keeps its books.

What a source has given in all, or a society has granted in all, stands in the register; what is booked is the
difference to what the book knows, so next month's list adds only what is new. A society that was registered at last,
or has more members, is changed.
"""

from datetime import date
from typing import Any, Final

from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain, coded
from ledger.application.proposing.community.booked import booked_fen
from ledger.application.proposing.context import Context
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.flows.community.societies import SOCIETY_KINDS
from ledger.flows.knowledge import Need

_STATUS: Final = {"已登记": "registered", "备案": "filed"}
_SOURCES: Final = (
    ("county_fen", "county", "县级补助"),
    ("village_fen", "village", "村集体"),
    ("donors_fen", "donor", "企业乡贤"),
    ("members_fen", "member", "会员"),
)
_TOTALS: Final = ("raised_fen", "balance_fen", "helped_households", "helped_fen")
_STATED: Final = ("name", "status", "uscc", "members", "money_with", "account")


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Registration or change, contributions by source, grants, and the sheet itself, for each society."""
    proposal = Proposal()
    entity = context.entity("agent", "society")
    accounts = {
        str(getattr(item.event, "number_ref", "")): str(getattr(item.event, "account", ""))
        for item in context.standing
        if item.event.kind == "bank.account_registered" and item.entity == entity
    }
    each_row(parsed, proposal, lambda row: _Society(parsed, context, entity, accounts, row).propose(proposal))
    return proposal


class _Society:
    """One row of the societies' ledger."""

    def __init__(
        self, parsed: ParsedFile, context: Context, entity: str, accounts: dict[str, str], row: CleanRow
    ) -> None:
        self._context, self._entity, self._row, self._values = context, entity, row, row.values
        self._file, self._place = parsed.file, context.place(parsed, row)
        natural = (self._values["township"], self._values["society_name"])
        self._society = "society-" + context.reference("society", *natural)
        self._tag = f"society:{self._society}"
        self._own = {"society": self._society, "fund": self._society}
        self._account = self._money_account(accounts)
        self._day = context.month_end()
        self._chain = Chain(context)

    def _money_account(self, accounts: dict[str, str]) -> str:
        """The society's own account when it is registered; else the one that holds villages' money."""
        number = self._values.get("account")
        if number:
            reference = self._context.reference("account-number", str(number))
            return accounts.get(reference) or f"acct-{reference}"
        return str(self._context.account(label="村账").account)

    def propose(self, proposal: Proposal) -> None:
        """The chain of one society."""
        known = self._stands()
        for column, source, label in _SOURCES:
            total = whole(self._values, column)
            fields = {"source": source, "donor_label": label, "cumulative_fen": total}
            before = booked_fen(self._context, self._tag, "mutual_aid.contributed", source=source)
            self._increase("mutual_aid.contributed", (source, total), before, fields)
        if not self._said_before():
            self._granted()
            self._reviewed()
        self._chain.close(proposal, self._row, self._entity, known)

    def _said_before(self) -> bool:
        """Whether the sheet is one of an earlier year again. It names no year; where it says what that one said, it is
        that one, for money that was granted since would be missing from the balance. Of another one somebody has to
        say the month: raises E_MONTH_NEEDED.
        """
        reviews = self._context.events(Need(self._tag, ("mutual_aid.reviewed",)))
        said = self._said()
        if not reviews or reviews[-1].as_of.year >= self._day.year:
            return False
        if {name: getattr(reviews[-1], name) for name in said} == said:
            return True
        if said["helped_fen"] and self._context.options.month is None:
            raise RowRefusedError("本年救助金额(元)", "E_MONTH_NEEDED", kind="互助社台账", file=self._file)
        return False

    def _granted(self) -> None:
        year, said = self._day.year, self._said()
        helped = {"households": said["helped_households"], "cause": "本年救助合计"}
        before = booked_fen(self._context, self._tag, "mutual_aid.granted", year=year)
        self._increase("mutual_aid.granted", (f"granted-{year}", said["helped_fen"]), before, helped)

    def _stands(self) -> Need:
        """The registration; once it is known, a change where the sheet says something else of the society."""
        founded = self._values.get("founded_on")
        day = founded if isinstance(founded, date) else self._day
        now = self._state()
        before = self._context.events(Need(self._tag, SOCIETY_KINDS))
        registered = Need(self._tag, (SOCIETY_KINDS[0],))
        if not before:
            place = {"township": self._values.get("township"), "village": self._values["village"]}
            fields = {**self._own, **now, **place, "founded_on": None if founded is None else str(founded)}
            rest = {"on": str(day), "origin": "history", "place": self._place}
            return self._chain.add(self._tag, day, SOCIETY_KINDS[0], **fields, **rest)
        if {name: getattr(before[-1], name) for name in _STATED} != now:
            fields = {"society": self._society, **now, "reason": "互助社台账"}
            rest = {"on": str(self._day), "origin": "history", "place": self._place}
            self._chain.add_report(self._tag, self._day, SOCIETY_KINDS[1], **fields, **rest)
        return registered

    def _state(self) -> dict[str, Any]:
        values = self._values
        return {
            "name": values["society_name"],
            "status": _status(str(values.get("registration") or "")),
            "uscc": values.get("credit_code"),
            "members": whole(values, "members"),
            "money_with": "own_account" if values.get("account") else "village_account",
            "account": self._account,
        }

    def _increase(self, kind: str, said: tuple[str, int], before: int, fields: dict[str, Any]) -> None:
        """What the total says more than the book knows; the movement is known by the total that it makes up."""
        movement = self._context.reference("movement", self._society, *said)
        increase = said[1] - before + booked_fen(self._context, self._tag, kind, movement=movement)
        if increase > 0:
            money = {"amount_fen": increase, "means": "bank", "account": self._account}
            rest = {"occurred_on": str(self._day), "place": self._place}
            tag = f"movement:{movement}"
            self._chain.add(tag, self._day, kind, movement=movement, **self._own, **fields, **money, **rest)

    def _said(self) -> dict[str, int]:
        """The sheet's own totals, in fen and households."""
        return {name: whole(self._values, name) for name in _TOTALS}

    def _reviewed(self) -> None:
        self._chain.add_report(
            self._tag,
            self._day,
            "mutual_aid.reviewed",
            **self._own,
            **self._said(),
            reaches_line=self._values.get("reaches_goal"),
            as_of=str(self._day),
            place=self._place,
        )


def _status(told: str) -> str:
    return "unregistered" if told.startswith("未") else coded(_STATUS, told, "unregistered")
