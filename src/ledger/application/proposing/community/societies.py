"""Mutual-aid societies (互助社台账): a society is a fund of the entity that keeps its books.

What a source has given in all, or a society has granted in all, stands in the register; what is booked is the
difference to what the book knows, so next month's list adds only what is new. A society that was registered at last,
or has more members, is changed. What was granted is granted in a year: the sheet's title says which, or the user does,
and never the day of the import.
"""

from datetime import date
from typing import Any, Final

from ledger.accounts.roles import Role
from ledger.application.importing.recognising.titles import Titles
from ledger.application.importing.report import ParsedFile
from ledger.application.importing.rows import CleanRow, Note, Place
from ledger.application.proposing.cells import whole
from ledger.application.proposing.chains import Chain
from ledger.application.proposing.community.booked import booked
from ledger.application.proposing.community.society_states import SocietyStates
from ledger.application.proposing.community.which_society import Societies
from ledger.application.proposing.context import Context
from ledger.application.proposing.known import older_told
from ledger.application.proposing.proposal import Proposal, RowRefusedError, each_row
from ledger.errors import InputError
from ledger.flows.community.societies import SOCIETY_KINDS
from ledger.flows.event import Event
from ledger.flows.knowledge import Need
from ledger.values.dates import Period

_SOURCES: Final = (
    ("county_fen", "county", "县级补助"),
    ("village_fen", "village", "村集体"),
    ("donors_fen", "donor", "企业乡贤"),
    ("members_fen", "member", "会员"),
)
_TOTALS: Final = ("raised_fen", "balance_fen", "helped_households", "helped_fen")


def propose(parsed: ParsedFile, context: Context) -> Proposal:
    """Registration or change, contributions by source, grants, and the sheet itself, for each society. E_MONTH_NEEDED
    for a sheet of grants that does not say of which year.
    """
    proposal = Proposal()
    entity = context.entity("agent", "society")
    registered = {
        str(getattr(item.event, "number_ref", "")): str(getattr(item.event, "account", ""))
        for item in context.standing
        if item.event.kind == "bank.account_registered" and item.entity == entity
    }
    accounts = {row.place: _account(context, registered, row) for row in parsed.rows if row.values.get("account")}
    known = Societies(context, entity, accounts)
    days = {(one.file, one.sheet): _as_of(one.titles, context) for one in parsed.sheets}
    undated = [row for row in parsed.rows if days[row.place.file, row.place.sheet] is None]
    if any(_granted(row) and not _told_before(known, context, row) for row in undated):
        raise InputError("E_MONTH_NEEDED", kind="互助社台账", file=parsed.file)

    older: list[Place] = []

    def one(row: CleanRow) -> None:
        day = days[row.place.file, row.place.sheet]
        named = (known.of(row), accounts.get(row.place))
        society = _Society(parsed, context, (entity, *named), row, day)
        society.propose(proposal)
        if society.older:
            older.append(row.place)

    each_row(parsed, proposal, one)
    proposal.notes += older_told(older)
    return proposal


def _has_accounts(parsed: ParsedFile, row: CleanRow) -> bool:
    """Whether the row's sheet has a column of accounts."""
    sheets = (one for one in parsed.sheets if (one.file, one.sheet) == (row.place.file, row.place.sheet))
    return any(each.column.name == "account" for one in sheets for each in one.header.columns)


def _account(context: Context, registered: dict[str, str], row: CleanRow) -> str:
    """The account that a row names: as it is registered, or by its reference."""
    reference = context.reference("account-number", str(row.values["account"]))
    return registered.get(reference) or f"acct-{reference}"


def _told_before(known: Societies, context: Context, row: CleanRow) -> bool:
    """Whether the last sheet said the same of a row's society; of one that nobody can tell no sheet said anything."""
    try:
        return _said_last(context, known.meant(row), row) is not None
    except RowRefusedError:
        return True


def _as_of(titles: Titles, context: Context) -> date | None:
    """The day up to which a sheet counts: the end of the month that the user or its title names, or of its year; no
    later than today. None where neither says anything.
    """
    today, month = context.options.today, context.options.month or titles.month
    if month is not None:
        return min(Period.parse(month).last_day, today)
    return None if titles.year is None else min(date(titles.year, 12, 31), today)


class _Society:
    """One row of the societies' ledger."""

    def __init__(
        self,
        parsed: ParsedFile,
        context: Context,
        named: tuple[str, str, str | None],
        row: CleanRow,
        day: date | None,
    ) -> None:
        (self._entity, self._society, account), self._context = named, context
        self._row, self._values = row, row.values
        self._place = context.place(parsed, row)
        self._tag = f"society:{self._society}"
        self._own = {"society": self._society, "fund": self._society}
        self._dated = day is not None
        self._day = context.options.today if day is None else day
        self._states = SocietyStates(context, self._society, self._day)
        account = account or self._states.account(listed=_has_accounts(parsed, row))
        self._has_account = account is not None
        self._account = account or str(context.account(label="村账").account)
        self._chain = Chain(context)
        self._again: list[tuple[date, Event]] = []
        """What a newer sheet, read before, found again after this one."""

    @property
    def older(self) -> bool:
        """Whether the row is of a sheet that was read before, and what it says of the society itself was told
        otherwise since; that its totals were is found where they are compared with the book's.
        """
        return self._states.told_since and self._states.sums_stand(_said(self._row))

    def propose(self, proposal: Proposal) -> None:
        """The chain of one society."""
        known = self._stands()
        totals = [self._raised(column, source) for column, source, _ in _SOURCES]
        grants = None if self._said_before() else self._grants()
        self._moved(sum(_grown(one) for one in totals) - _grown(grants))
        raised = [self._more(*one) for one in totals]
        if self._states.newest:
            for (_, (_, said_fen), booked_fen), (_, _, label) in zip(totals, _SOURCES, strict=True):
                if said_fen < booked_fen:
                    told = {"source": label, "said_fen": said_fen, "booked_fen": booked_fen}
                    proposal.notes.append(Note(self._row.place, "W_SOCIETY_LESS", told))
        for (column, source, label), (movement, fen) in zip(_SOURCES, raised, strict=True):
            total = whole(self._values, column)
            fields = {"source": source, "donor_label": label, "cumulative_fen": total}
            self._book("mutual_aid.contributed", movement, fen, fields)
        if grants is not None:
            granted = self._more(*grants)
            helped = {"households": self._more_households(granted[0]), "cause": "本年救助合计"}
            self._book("mutual_aid.granted", *granted, helped)
            self._reviewed()
        self._chain.close(proposal, self._row, self._entity, known)
        for on, event in self._again:
            need = Need(self._tag, SOCIETY_KINDS[1:])
            proposal.add_beside(self._row, need, self._entity, on, event, sameness="content")

    def _said_before(self) -> bool:
        """Whether the sheet is one that was read before. Where it says what the last one of an earlier year said, it is
        that one, for money that was granted since would be missing from the balance; where it names no year, it is
        whatever the last one was.
        """
        last = _said_last(self._context, self._society, self._row)
        return last is not None and (not self._dated or last.as_of.year < self._day.year)

    def _raised(self, column: str, source: str) -> tuple[str, tuple[str, int], int]:
        """Kind, name and total, and what the book knows, of a source's contributions."""
        kind = "mutual_aid.contributed"
        return kind, (source, whole(self._values, column)), booked(self._context, self._tag, kind, source=source)

    def _grants(self) -> tuple[str, tuple[str, int], int]:
        """The same of the grants of the sheet's year."""
        year, kind = self._day.year, "mutual_aid.granted"
        said = (f"granted-{year}", _said(self._row)["helped_fen"])
        return kind, said, booked(self._context, self._tag, kind, year=year)

    def _more_households(self, movement: str) -> int:
        """The households that the year's number has grown by, beside the movement that the total makes up."""
        households = whole(self._values, "helped_households")
        known = (self._context, self._tag, "mutual_aid.granted")
        before = booked(*known, field="households", year=self._day.year)
        return max(0, households - before + booked(*known, field="households", movement=movement))

    def _moved(self, more_fen: int) -> None:
        """What lay in another account before the society had its own, when the newest sheet says that its account holds
        all that the society has.
        """
        if not (self._has_account and self._states.known and self._states.newest):
            return
        held = self._context.balances(self._entity, self._society, Role.BANK)
        if self._values.get("balance_fen") != sum(held.values()) + more_fen:
            return
        for account, fen in held.items():
            if account != self._account and fen > 0:
                where = {"from_account": account, "to_account": self._account}
                natural = (self._society, "moved", *where.values(), fen, self._day)
                movement = self._context.reference("movement", *natural)
                rest = {"fund": self._society, "amount_fen": fen, "on": str(self._day)}
                tag = f"movement:{movement}"
                self._chain.add(tag, self._day, "bank.transferred", movement=movement, **where, **rest)

    def _stands(self) -> Need:
        """The registration; once it is known, a change where the sheet says something else of the society."""
        founded = self._values.get("founded_on")
        day = founded if isinstance(founded, date) else self._day
        now = self._states.told(self._row, self._account, own=self._has_account)
        if not self._states.known:
            place = {"township": self._values.get("township"), "village": self._values["village"]}
            fields = {**self._own, **now, **place, "founded_on": None if founded is None else str(founded)}
            rest = {"on": str(day), "origin": "history", "place": self._place}
            return self._chain.add(self._tag, day, SOCIETY_KINDS[0], **fields, **rest)
        for on, said in self._states.changes(now, self._place):
            fields = {"society": self._society, **said, "reason": "互助社台账", "origin": "history"}
            if on == self._day:
                self._chain.restate_of_day(self._tag, on, SOCIETY_KINDS[1], **fields)
            else:
                self._again.append((on, self._context.event(SOCIETY_KINDS[1], **fields)))
        return Need(self._tag, SOCIETY_KINDS[:1])

    def _more(self, kind: str, said: tuple[str, int], before: int) -> tuple[str, int]:
        """The movement that is known by the total that it makes up, and what that says more than the book knows."""
        movement = self._context.reference("movement", self._society, *said)
        return movement, said[1] - before + booked(self._context, self._tag, kind, movement=movement)

    def _book(self, kind: str, movement: str, fen: int, fields: dict[str, Any]) -> None:
        if fen > 0:
            money = {"amount_fen": fen, "means": "bank", "account": self._account}
            rest = {"occurred_on": str(self._day), "place": self._place}
            tag = f"movement:{movement}"
            self._chain.add(tag, self._day, kind, movement=movement, **self._own, **fields, **money, **rest)

    def _reviewed(self) -> None:
        self._chain.restate(
            self._tag,
            self._day,
            "mutual_aid.reviewed",
            **self._own,
            **_said(self._row),
            reaches_line=self._values.get("reaches_goal"),
            as_of=str(self._day),
            place=self._place,
        )


def _grown(total: tuple[str, tuple[str, int], int] | None) -> int:
    """By how much a total exceeds what the book knows."""
    return 0 if total is None else max(0, total[1][1] - total[2])


def _said(row: CleanRow) -> dict[str, int]:
    """The sheet's own totals, in fen and households."""
    return {name: whole(row.values, name) for name in _TOTALS}


def _granted(row: CleanRow) -> bool:
    """Whether a row says anything of this year."""
    return any(whole(row.values, name) for name in ("helped_households", "helped_fen"))


def _said_last(context: Context, society: str, row: CleanRow) -> Any:
    """The last sheet's account of a society, if this row says the same; else None."""
    reviews = context.events(Need(f"society:{society}", ("mutual_aid.reviewed",)))
    said = _said(row)
    last = max(reviews, key=lambda one: one.as_of, default=None)
    return last if last is not None and {name: getattr(last, name) for name in said} == said else None
