"""Recoveries (追缴) and the matters behind them as lines: ordered, planned, collected, handed over, given back, given
up; and each step of a finding from its confirmation to its end. The questions are answered in `recoveries.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.public_money.redress.clues import FindingConfirmed, FindingReferred, NoticeServed, is_case
from ledger.flows.public_money.redress.recoveries import (
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryOrdered,
    RecoveryPlan,
    RecoveryPlanListed,
    RecoveryPlanned,
    RecoveryRefunded,
    RecoveryRemitted,
    RecoveryWrittenOff,
)
from ledger.flows.public_money.redress.rectification import (
    CasesGrouped,
    FindingClosed,
    FindingReopened,
    LookBackPerformed,
    RectificationAccepted,
    RectificationPlanned,
    RectificationReported,
)
from ledger.log.columns import text
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, whole

ORDERS: Final = lines(
    "recovery_orders",
    text("recovery"),
    text("finding"),
    text("fund"),
    text("programme"),
    text("enrolment", optional=True),
    text("person", optional=True),
    text("destination"),
    text("document", optional=True),
    text("responsible", optional=True),
    whole("fen"),
    date_of("ordered_on"),
    date_of("due_on", optional=True),
)
"""What was ordered before the book began is as the opening tells it."""

MONEY: Final = lines(
    "recovery_money",
    text("recovery"),
    text("act"),
    text("mode"),
    whole("fen"),
    text("reason", optional=True),
    date_of("moved_on"),
    indexes=(("recovery",),),
)
"""`act` is collected, handed_over (cash to the bank), remitted (to the treasury), refunded (to whoever paid) or
written_off; of what was collected before the book began remitted_before and in_hand_before are the parts of which the
opening tells so. `mode` of collected is transfer, cash, offset, paid_to_treasury, or before_book; of refunded
transfer, cash or by_treasury."""

PLANS: Final = lines("recovery_plans", text("recovery"), date_of("due_on", optional=True), whole("fen"), text("reason"))

MATTERS: Final = lines(
    "matter_steps",
    text("finding"),
    text("act"),
    text("found_by", optional=True),
    text("authority", optional=True),
    text("category", optional=True),
    text("programme", optional=True),
    text("document", optional=True),
    text("problem", optional=True),
    whole("is_case"),
    whole("persons"),
    whole("fen"),
    date_of("done_on"),
    date_of("due_on", optional=True),
    indexes=(("finding",),),
)
"""`problem` is the finding that takes a case in (`act` grouped)."""

RECOVERIES: Final = Projection("recoveries", ORDERS, MONEY, PLANS, MATTERS, version=6)


@RECOVERIES.lines_of(RecoveryOrdered)
def _ordered(event: RecoveryOrdered) -> Iterator[Line]:
    names = ("recovery", "finding", "fund", "programme", "enrolment", "person", "destination", "document")
    said = {name: getattr(event, name) for name in names}
    more = {"responsible": event.responsible, "fen": event.amount_fen, "ordered_on": event.on, "due_on": event.due_on}
    yield Line(ORDERS, {**said, **more})


@RECOVERIES.lines_of(OpeningRecorded)
def _taken_over(event: OpeningRecorded) -> Iterator[Line]:
    blank = dict.fromkeys(("enrolment", "document", "responsible", "due_on"))
    told = _told_before(event)
    for row in event.recoveries:
        names = ("recovery", "finding", "fund", "programme", "person", "destination", "ordered_on")
        said = {name: getattr(row, name) for name in names}
        yield Line(ORDERS, {**blank, **said, "fen": row.ordered_fen})
        if row.collected_fen:
            yield _money(row.recovery, "collected", row.collected_fen, row.ordered_on, mode="before_book")
        for act, fen in told[row.recovery].items():
            yield _money(row.recovery, act, fen, row.ordered_on)


def _told_before(opening: OpeningRecorded) -> dict[str, Counter[str]]:
    """Recovery -> what an opening tells of where that is which came in before the book began.

    An order owes the treasury all of it: what came in and stands in the lines as owed no more was remitted; lines that
    fit no such sum tell nothing. Cash in the boxes of a fund is a recovery's where it can be of no other one, for the
    opening says what a box holds and not of whom.
    """
    owed: Counter[tuple[str, str]] = Counter()
    boxes: Counter[str] = Counter()
    for line in opening.lines:
        if line.role is Role.DUE_TO_TREASURY:
            owed[line.fund, line.party] -= line.balance_fen
        elif line.role is Role.CASH:
            boxes[line.fund] += line.balance_fen
    told: dict[str, Counter[str]] = {row.recovery: Counter() for row in opening.recoveries}
    holders: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in opening.recoveries:
        held_fen = row.collected_fen
        if row.destination == "treasury":
            stated_fen = owed[row.fund, row.recovery] - (row.ordered_fen - row.collected_fen)
            held_fen = stated_fen if 0 <= stated_fen <= row.collected_fen else row.collected_fen
            told[row.recovery]["remitted_before"] = row.collected_fen - held_fen
        if held_fen:
            holders[row.fund].append((row.recovery, held_fen))
    for fund, who in holders.items():
        if len(who) == 1:
            ((recovery, held_fen),) = who
            told[recovery]["in_hand_before"] = max(0, min(boxes[fund], held_fen))
    return {recovery: +counted for recovery, counted in told.items()}


@RECOVERIES.lines_of(RecoveryPlanned, RecoveryPlanListed)
def _planned(event: RecoveryPlan) -> Iterator[Line]:
    for part in event.instalments:
        said = {"recovery": event.recovery, "due_on": part.due_on, "fen": part.fen, "reason": event.reason}
        yield Line(PLANS, said)


@RECOVERIES.lines_of(RecoveryCollected)
def _collected(event: RecoveryCollected) -> Iterator[Line]:
    yield _money(event.recovery, "collected", event.amount_fen, event.occurred_on, mode=event.mode)


@RECOVERIES.lines_of(RecoveryHandedOver)
def _handed_over(event: RecoveryHandedOver) -> Iterator[Line]:
    yield _money(event.recovery, "handed_over", event.amount_fen, event.occurred_on)


@RECOVERIES.lines_of(RecoveryRemitted)
def _remitted(event: RecoveryRemitted) -> Iterator[Line]:
    yield _money(event.recovery, "remitted", event.amount_fen, event.occurred_on)


@RECOVERIES.lines_of(RecoveryRefunded)
def _refunded(event: RecoveryRefunded) -> Iterator[Line]:
    yield _money(event.recovery, "refunded", event.amount_fen, event.occurred_on, mode=event.mode)


@RECOVERIES.lines_of(RecoveryWrittenOff)
def _written_off(event: RecoveryWrittenOff) -> Iterator[Line]:
    yield _money(event.recovery, "written_off", event.amount_fen, event.on, reason=event.reason)


@RECOVERIES.lines_of(FindingConfirmed)
def _confirmed(event: FindingConfirmed) -> Iterator[Line]:
    names = ("found_by", "authority", "category", "programme", "document", "persons")
    said = {name: getattr(event, name) for name in names}
    yield _step(event.finding, "confirmed", event.on, fen=event.amount_fen, is_case=int(is_case(event)), **said)


@RECOVERIES.lines_of(NoticeServed)
def _served(event: NoticeServed) -> Iterator[Line]:
    yield _step(event.finding, "noticed", event.on, document=event.document, due_on=event.reply_due)


@RECOVERIES.lines_of(FindingReferred)
def _referred(event: FindingReferred) -> Iterator[Line]:
    yield _step(event.finding, "referred", event.on, document=event.document, persons=event.persons)


@RECOVERIES.lines_of(RectificationPlanned)
def _rectification(event: RectificationPlanned) -> Iterator[Line]:
    yield _step(event.finding, "rectifying", event.on, due_on=event.due_on)


@RECOVERIES.lines_of(RectificationReported)
def _reported(event: RectificationReported) -> Iterator[Line]:
    yield _step(event.finding, "reported", event.on, fen=event.rectified_fen, persons=event.disciplined)


@RECOVERIES.lines_of(RectificationAccepted)
def _accepted(event: RectificationAccepted) -> Iterator[Line]:
    yield _step(event.finding, "accepted", event.on)


@RECOVERIES.lines_of(LookBackPerformed)
def _looked_back(event: LookBackPerformed) -> Iterator[Line]:
    yield _step(event.finding, "looked_back", event.on, persons=event.relapsed)


@RECOVERIES.lines_of(CasesGrouped)
def _grouped(event: CasesGrouped) -> Iterator[Line]:
    for case in event.cases:
        yield _step(case, "grouped", event.on, problem=event.finding)


@RECOVERIES.lines_of(FindingClosed)
def _closed(event: FindingClosed) -> Iterator[Line]:
    yield _step(event.finding, "closed", event.on, document=event.document)


@RECOVERIES.lines_of(FindingReopened)
def _reopened(event: FindingReopened) -> Iterator[Line]:
    yield _step(event.finding, "reopened", event.on)


def _money(recovery: str, act: str, fen: int, on: date, mode: str = "", reason: str | None = None) -> Line:
    said = {"recovery": recovery, "act": act, "mode": mode, "fen": fen, "reason": reason, "moved_on": on}
    return Line(MONEY, said)


def _step(finding: str, act: str, on: date, **more: Any) -> Line:
    blank = dict.fromkeys(("found_by", "authority", "category", "programme", "document", "due_on", "problem"))
    return Line(
        MATTERS, {**blank, "is_case": 0, "persons": 0, "fen": 0, "finding": finding, "act": act, "done_on": on, **more}
    )
