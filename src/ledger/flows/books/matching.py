"""Matching (对账): which events explain a bank line.

Lines and events are many-to-many: one line holds 412 teachers' gifts, one gift comes on two lines. Only over-allocation
is refused, on either side. Interest and fees are booked from their own line and explain it by themselves. Source:
Accounting Law art. 17; 多对多对账.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.roles import MONEY, Role
from ledger.flows.books.statements import LineRecorded
from ledger.flows.checks import distinct, find
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import AccountId, EventId, LineId, SignedFen
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule

LINE_KINDS: Final = (
    "bank.line_recorded",
    "bank.allocated",
    "bank.interest",
    "bank.fee",
    "suspense.received",
    "cash.banked",
)
"""What is recorded under a line: the line itself and everything that explains it."""


_BOOKED_IN: Final = frozenset({"bank.interest", "suspense.received", "cash.banked"})
"""Money in that is booked from its own line."""


class AllocatedPart(Part):
    """How much of the line one event explains, with the sign of the line."""

    event: EventId
    amount_fen: SignedFen


class Allocation(Event):
    """A line, or a part of it, is explained by events. A wrong allocation is reversed and made again."""

    stage: ClassVar[Stage] = Stage.FACT

    line: LineId
    parts: Annotated[tuple[AllocatedPart, ...], Field(min_length=1, max_length=5_000)]

    def needs(self) -> tuple[Need, ...]:
        explained = tuple(_explained_need(part.event) for part in self.parts)
        return (line_need(self.line), *dict.fromkeys(explained))


class LineAllocated(Allocation):
    """As it was first written: it does not say on which account the line stands."""

    kind: Literal["bank.allocated"] = "bank.allocated"
    version: Literal[1] = 1


class LineAllocatedOnAccount(Allocation):
    """With the line's account, so that what an event moved is counted on each account by itself."""

    kind: Literal["bank.allocated"] = "bank.allocated"
    version: Literal[2] = 2
    account: AccountId


def line_need(line: str) -> Need:
    """The history of a line: itself and what explains it."""
    return Need(f"line:{line}", LINE_KINDS)


def line_of(model: Knowledge, line: str) -> LineRecorded | None:
    """A recorded line, or None; needs `line_need(line)`."""
    for recorded in model.history(f"line:{line}", *LINE_KINDS):
        if isinstance(recorded.event, LineRecorded):
            return recorded.event
    return None


def explained_fen(model: Knowledge, line: str) -> int:
    """Signed fen of a line that events explain; needs `line_need(line)`. Interest and fees explain their own line."""
    found = 0
    for recorded in model.history(f"line:{line}", *LINE_KINDS):
        event = recorded.event
        if isinstance(event, Allocation):
            found += sum(part.amount_fen for part in event.parts if not model.is_reversed(part.event))
        elif event.kind in _BOOKED_IN:
            found += int(getattr(event, "amount_fen", 0))
        elif event.kind == "bank.fee":
            found -= int(getattr(event, "amount_fen", 0))
    return found


def line_unknown(model: Knowledge, line: str | None, account: str | None = None) -> Verdict:
    """The body of LINE_UNKNOWN: a line that no statement brought, or that stands on another account."""
    found = None if line is None else line_of(model, line)
    if line is not None and (found is None or account not in {None, found.account}):
        yield {"line": line, "account": account}


def line_overdrawn(model: Knowledge, line: str | None, amount_fen: int) -> Verdict:
    """The body of BANK_LINE_OVERALLOCATED: `amount_fen` more would explain more than the line holds."""
    found = None if line is None else line_of(model, line)
    if found is None or line is None:
        return
    explained = explained_fen(model, line) + amount_fen
    if abs(explained) > abs(found.amount_fen) or explained * found.amount_fen < 0:
        yield {"line": line, "line_fen": found.amount_fen, "explained_fen": explained}


def _explained_need(event_id: str) -> Need:
    return Need(f"event:{event_id}", ("bank.allocated",))


def money_moved(model: Knowledge, recorded: Recorded, account: str) -> int:
    """Signed fen that an event moved on an account, or in transit at the paying bank, whose file names no account."""
    legs = model.legs_of(recorded.position)
    return sum(
        leg.amount_fen for leg in legs if leg.role in MONEY and (leg.party == account or leg.role is Role.TRANSIT)
    )


@rule(LineAllocated, LineAllocatedOnAccount, code="LINE_UNKNOWN", source="多对多对账", form=True)
def allocates_a_line(event: Allocation, model: Knowledge) -> Verdict:
    yield from line_unknown(model, event.line, _account(event))


@rule(LineAllocated, LineAllocatedOnAccount, code="BANK_LINE_OVERALLOCATED", source="多对多对账", form=True)
def within_the_line(event: Allocation, model: Knowledge) -> Verdict:
    yield from line_overdrawn(model, event.line, sum(part.amount_fen for part in event.parts))


@rule(
    LineAllocated,
    LineAllocatedOnAccount,
    code="MATCH_PARTS",
    source="多对多对账 (each event once, with the line's sign)",
    form=True,
)
def parts_are_plain(event: Allocation, model: Knowledge) -> Verdict:
    line = line_of(model, event.line)
    sign = 0 if line is None else line.amount_fen
    if not distinct([part.event for part in event.parts]) or any(part.amount_fen * sign <= 0 for part in event.parts):
        yield {"line": event.line, "line_fen": sign}


@rule(LineAllocated, LineAllocatedOnAccount, code="MATCH_EVENT", source="多对多对账", form=True)
def events_are_known(event: Allocation, model: Knowledge) -> Verdict:
    for part in event.parts:
        found = model.by_id(part.event)
        if found is None or found.entity != model.entity or model.is_reversed(part.event):
            yield {"line": event.line, "event": part.event}


@rule(LineAllocated, LineAllocatedOnAccount, code="EVENT_OVERALLOCATED", source="多对多对账", form=True)
def within_the_event(event: Allocation, model: Knowledge) -> Verdict:
    line = line_of(model, event.line)
    for part in event.parts if line is not None else ():
        found = model.by_id(part.event)
        if found is None or line is None:
            continue
        moved = money_moved(model, found, line.account)
        explained = part.amount_fen + _explained_before(model, found, part.amount_fen, _account(event))
        if moved and (abs(explained) > abs(moved) or explained * moved < 0):
            yield {"line": event.line, "event": part.event, "event_fen": moved, "explained_fen": explained}


@rule(LineAllocated, LineAllocatedOnAccount, code="MATCH_NO_MONEY", source="多对多对账", warns=True)
def events_moved_money(event: Allocation, model: Knowledge) -> Verdict:
    line = line_of(model, event.line)
    for part in event.parts if line is not None else ():
        found = model.by_id(part.event)
        if found is not None and line is not None and not money_moved(model, found, line.account):
            yield {"line": event.line, "event": part.event, "account": line.account}


def _account(event: Event) -> str | None:
    return event.account if isinstance(event, LineAllocatedOnAccount) else None


def _explained_before(model: Knowledge, found: Recorded, fen: int, account: str | None) -> int:
    """Signed fen of an event that lines explain already, as it counts for a part of `fen` more.

    A correction by the bank (冲正) comes back on the same account and frees what it undoes. What moved between own
    accounts is counted on each by itself; of an allocation that names no account only the sign tells, and lines of
    the other sign free nothing then, or one transfer would explain two payments. Money in transit has no account.
    """
    told = [
        (part.amount_fen, _account(recorded.event))
        for recorded in find(model, _explained_need(found.event.id))
        if isinstance(recorded.event, Allocation)
        for part in recorded.event.parts
        if part.event == found.event.id
    ]
    legs = [leg for leg in model.legs_of(found.position) if leg.role in MONEY and leg.amount_fen]
    between = len({leg.amount_fen > 0 for leg in legs}) > 1
    in_transit = any(leg.role is Role.TRANSIT for leg in legs)

    def counts(one: int, where: str | None) -> bool:
        if account is None or where is None or in_transit:
            return not between or one * fen > 0
        return where == account

    return sum(one for one, where in told if counts(one, where))
