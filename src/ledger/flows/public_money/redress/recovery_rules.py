"""The rules of recoveries: nothing without a finding and a notice, nothing beyond what was ordered.

Ordering, planning and writing off are gates. What was collected or given back is fact: too much of it is
marked, never refused.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ledger.accounts.roles import Role
from ledger.flows.authority.entities import is_office
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningRecovery
from ledger.flows.checks import OWN_SINCE, account_short, in_future, moved_before, own, own_matters, total
from ledger.flows.giving.funds import unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.redress.clues import confirmed, finding_need, is_closed, notice_served, orders_taken_over
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
    ordered,
    recovery_need,
)
from ledger.flows.rules import Verdict, rule

_PRACTICE: Final = "追缴实务 (追缴)"
_BALANCE: Final = "应追=已追+核销+未追"
_GIVEN_UP_SINCE: Final = 10
"""The edition of the rules since which what was written off is told of money that comes in after all."""

Movement = RecoveryCollected | RecoveryHandedOver | RecoveryRemitted | RecoveryRefunded
Later = RecoveryPlan | Movement | RecoveryWrittenOff


@rule(RecoveryOrdered, code="RECOVERY_TWICE", source=_BALANCE, form=True)
def ordered_once(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    if ordered(model, event.recovery) is not None:
        yield {"recovery": event.recovery}


@rule(RecoveryOrdered, code="FUND_UNKNOWN", source="社会救助暂行办法 art. 5", form=True)
def fund_known(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(RecoveryOrdered, code="FINDING_UNKNOWN", source="先认定后追缴 (only 认定 may create a receivable)", form=True)
def finding_known(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    if confirmed(model, event.finding) is None:
        yield {"finding": event.finding}


@own_matters(RecoveryOrdered, edition=OWN_SINCE, across=is_office)
def finding_of_this_entity(event: RecoveryOrdered) -> Sequence[Need]:
    return (finding_need(event.finding),)


@rule(RecoveryOrdered, code="FINDING_CLOSED", source="线索—认定—追缴—整改")
def finding_open(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    if is_closed(model, event.finding):
        yield {"finding": event.finding}


@rule(RecoveryOrdered, code="NOTICE_MISSING", source=_PRACTICE)
def notice_first(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    if confirmed(model, event.finding) is not None and not notice_served(model, event.finding):
        yield {"finding": event.finding, "recovery": event.recovery}


@rule(RecoveryOrdered, code="RECOVERY_OVER_FINDING", source=_BALANCE)
def within_finding(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    finding = confirmed(model, event.finding)
    if finding is None:
        return
    before = sum(
        recorded.event.amount_fen
        for recorded in model.history(f"finding:{event.finding}", "recovery.ordered")
        if isinstance(recorded.event, RecoveryOrdered)
    )
    if before + event.amount_fen > finding.amount_fen:
        yield {
            "finding": event.finding,
            "ordered_fen": before + event.amount_fen,
            "finding_fen": finding.amount_fen,
        }


@rule(RecoveryOrdered, code="RECOVERY_OVER_FINDING", source="期初建账 (orders taken over are orders)", edition=3)
def within_finding_taken_over(event: RecoveryOrdered, model: Knowledge) -> Verdict:
    """Where older books ordered recoveries on a finding, a new one goes beyond it unless the finding says more."""
    finding, taken_over = confirmed(model, event.finding), orders_taken_over(model, event.finding)
    if finding is None or not taken_over:
        return
    earlier = [recorded.event for recorded in model.history(f"finding:{event.finding}", "recovery.ordered")]
    now_fen = event.amount_fen + sum(one.amount_fen for one in earlier if isinstance(one, RecoveryOrdered))
    ordered_fen = now_fen + sum(row.ordered_fen for row in taken_over)
    if now_fen <= finding.amount_fen < ordered_fen:  # what is beyond it without them is told above
        yield {"finding": event.finding, "ordered_fen": ordered_fen, "finding_fen": finding.amount_fen}


@rule(
    RecoveryPlanned,
    RecoveryPlanListed,
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryRemitted,
    RecoveryRefunded,
    RecoveryWrittenOff,
    code="RECOVERY_UNKNOWN",
    source=_BALANCE,
    form=True,
)
def recovery_known(event: Later, model: Knowledge) -> Verdict:
    """The order must be known, and fund and finding must be its own: a sum posted elsewhere would balance nothing."""
    order = ordered(model, event.recovery)
    if order is None or (order.fund, order.finding) != (event.fund, event.finding):
        yield {"recovery": event.recovery, "finding": event.finding, "fund": event.fund}


@own_matters(
    RecoveryPlanned,
    RecoveryPlanListed,
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryRemitted,
    RecoveryRefunded,
    RecoveryWrittenOff,
    edition=OWN_SINCE,
)
def recovery_of_this_entity(event: Later) -> Sequence[Need]:
    """Whoever ordered it takes the money in: it stands in that entity's books alone."""
    return (recovery_need(event.recovery),)


@rule(
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryRemitted,
    RecoveryRefunded,
    code="MOVEMENT_TWICE",
    source="重复导入不重记",
    form=True,
)
def moved_once(event: Movement, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(
    RecoveryCollected,
    RecoveryHandedOver,
    RecoveryRemitted,
    RecoveryRefunded,
    code="FACT_IN_FUTURE",
    source="会计期间",
    form=True,
)
def day_has_come(event: Movement, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


def _outstanding(model: Knowledge, event: Later) -> int:
    return model.balance(event.fund, Role.RECOVERABLE, event.recovery)


@rule(RecoveryPlanned, RecoveryPlanListed, code="PLAN_SUM", source=_PRACTICE)
def plan_covers(event: RecoveryPlan, model: Knowledge) -> Verdict:
    planned = total(event.instalments)
    if planned != _outstanding(model, event):
        yield {"recovery": event.recovery, "planned_fen": planned, "left_fen": _outstanding(model, event)}


@rule(RecoveryCollected, RecoveryWrittenOff, code="OVER_COLLECTED", source=_BALANCE)
def within_order(event: RecoveryCollected | RecoveryWrittenOff, model: Knowledge) -> Verdict:
    left = _outstanding(model, event)
    if event.amount_fen > left:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "left_fen": left, **_given_up(event, model)}


def _given_up(event: RecoveryCollected | RecoveryWrittenOff, model: Knowledge) -> dict[str, int | str]:
    """What was written off of a recovery that is paid after all, and where that stands: it is taken back first."""
    if model.edition < _GIVEN_UP_SINCE or not isinstance(event, RecoveryCollected):
        return {}
    known = [
        (one.position, one.event.amount_fen)
        for one in own(model, recovery_need(event.recovery))
        if isinstance(one.event, RecoveryWrittenOff)
    ]
    places = "、".join(str(position) for position, _ in known)
    return {"given_up_fen": sum(fen for _, fen in known), "position": places} if known else {}


@rule(RecoveryCollected, code="COLLECT_ACCOUNT", source=_PRACTICE, form=True)
def account_of_mode(event: RecoveryCollected, model: Knowledge) -> Verdict:
    """Money that came in lies in an account; a deduction names its enrolment; the treasury's money passed us by."""
    into_account = event.mode in {"transfer", "cash"}
    if (event.account is not None) != into_account or (event.mode == "offset" and event.enrolment is None):
        yield {"recovery": event.recovery, "mode": event.mode}


@rule(RecoveryCollected, code="OFFSET_NOT_KEPT_BACK", source=_PRACTICE)
def deduction_was_made(event: RecoveryCollected, model: Knowledge) -> Verdict:
    if event.mode != "offset":
        return
    kept = -model.balance(event.fund, Role.OFFSET_CLEARING, event.enrolment or "")
    if event.amount_fen > kept:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "kept_fen": kept}


@rule(RecoveryCollected, code="RECOVERY_DESTINATION", source=_PRACTICE)
def paid_where_ordered(event: RecoveryCollected, model: Knowledge) -> Verdict:
    order = ordered(model, event.recovery)
    if event.mode == "paid_to_treasury" and order is not None and order.destination != "treasury":
        yield {"recovery": event.recovery, "destination": order.destination}


_OF_OPENING_SINCE: Final = 7
"""The edition of the rules since which cash that an opening took over may be banked."""


def _cash(model: Knowledge, recovery: str) -> Counter[str]:
    """Box -> fen of a recovery that were taken in cash there and neither banked nor given back. What came in before the
    books were taken over may lie in any box of its fund that held as much then; more than a box holds no rule lets out.
    """
    boxes: Counter[str] = Counter()
    for recorded in own(model, recovery_need(recovery)):
        other = recorded.event
        if isinstance(other, RecoveryCollected) and other.mode == "cash":
            boxes[other.account or ""] += other.amount_fen
        elif isinstance(other, RecoveryHandedOver):
            boxes[other.cash_account] -= other.amount_fen
        elif isinstance(other, RecoveryRefunded) and other.mode == "cash":
            box = other.account or ""  # where nothing of it lies any more, it is other money
            boxes[box] -= min(other.amount_fen, max(0, boxes[box]))
        elif isinstance(other, OpeningRecorded) and model.edition >= _OF_OPENING_SINCE:
            for row in other.recoveries:
                if row.recovery == recovery:
                    boxes += _held_at_opening(other, row)
    return boxes


def _held_at_opening(opening: OpeningRecorded, row: OpeningRecovery) -> Counter[str]:
    """Box -> fen that may be of a recovery, of what the box held when the books were taken over."""
    lines = (line for line in opening.lines if (line.fund, line.role) == (row.fund, Role.CASH))
    return Counter({line.party: max(0, min(line.balance_fen, row.collected_fen)) for line in lines})


@rule(RecoveryHandedOver, code="HANDED_OVER_MORE", source=_PRACTICE)
def cash_was_collected(event: RecoveryHandedOver, model: Knowledge) -> Verdict:
    cash_fen = _cash(model, event.recovery).total()
    if event.amount_fen > cash_fen:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "cash_fen": cash_fen}


@rule(RecoveryHandedOver, code="HANDED_OVER_MORE", source=f"{_PRACTICE}: each box banks what it took", edition=5)
def cash_was_in_that_box(event: RecoveryHandedOver, model: Knowledge) -> Verdict:
    """No box banks what another one took. What no box took is told above."""
    boxes = _cash(model, event.recovery)
    if boxes[event.cash_account] < event.amount_fen <= boxes.total():
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "cash_fen": boxes[event.cash_account]}


@rule(RecoveryHandedOver, code="HANDED_OVER_EARLY", source=_PRACTICE, edition=7)
def cash_was_there_by_then(event: RecoveryHandedOver, model: Knowledge) -> Verdict:
    """Cash is banked on the day on which it was taken or later. What nobody took at all is told above."""
    taken = (recorded.event for recorded in own(model, recovery_need(event.recovery)))
    later = [one for one in taken if isinstance(one, RecoveryCollected) and one.mode == "cash"]
    later = [one for one in later if one.occurred_on > event.occurred_on]
    cash_fen = _cash(model, event.recovery).total()
    if later and cash_fen - sum(one.amount_fen for one in later) < event.amount_fen <= cash_fen:
        collected_on = min(one.occurred_on for one in later)
        yield {"recovery": event.recovery, "on": str(event.occurred_on), "collected_on": str(collected_on)}


@rule(RecoveryHandedOver, RecoveryRemitted, code="ACCOUNT_SHORT", source="no fund below zero", edition=5)
def account_covers(event: RecoveryHandedOver | RecoveryRemitted, model: Knowledge) -> Verdict:
    where = (Role.CASH, event.cash_account) if isinstance(event, RecoveryHandedOver) else (Role.BANK, event.account)
    yield from account_short(model, event.fund, where, event.amount_fen)


@rule(RecoveryRemitted, code="REMITTED_MORE", source=_PRACTICE)
def treasury_was_owed(event: RecoveryRemitted, model: Knowledge) -> Verdict:
    owed = -model.balance(event.fund, Role.DUE_TO_TREASURY, event.recovery)
    if event.amount_fen > owed:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "owed_fen": owed}


@rule(RecoveryCollected, code="REMITTED_MORE", source=f"{_PRACTICE}: no treasury is paid twice", edition=5)
def treasury_was_not_paid(event: RecoveryCollected, model: Knowledge) -> Verdict:
    """The person paid the treasury what the bureau had handed to it. Too much for the order is told above."""
    order, owed = ordered(model, event.recovery), -model.balance(event.fund, Role.DUE_TO_TREASURY, event.recovery)
    straight = event.mode == "paid_to_treasury" and order is not None and order.destination == "treasury"
    if straight and owed < event.amount_fen <= _outstanding(model, event):
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "owed_fen": owed}


@rule(RecoveryRemitted, code="REMITTED_UNCOLLECTED", source=f"{_PRACTICE}: 先追回后上缴", edition=5)
def was_collected(event: RecoveryRemitted, model: Knowledge) -> Verdict:
    """The order owes the treasury from its first day; what is handed over came in by then, and not straight there."""
    held = 0
    for recorded in own(model, recovery_need(event.recovery)):
        other = recorded.event
        if isinstance(other, RecoveryCollected):
            held += 0 if other.mode == "paid_to_treasury" else other.amount_fen
        elif isinstance(other, RecoveryRefunded):
            held -= 0 if other.mode == "by_treasury" else other.amount_fen
        elif isinstance(other, RecoveryRemitted):
            held -= other.amount_fen
        elif isinstance(other, OpeningRecorded):
            held += sum(row.collected_fen for row in other.recoveries if row.recovery == event.recovery)
    if event.amount_fen > held:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "held_fen": held}


@rule(RecoveryRefunded, code="REFUND_ACCOUNT", source=_PRACTICE, form=True)
def account_of_refund(event: RecoveryRefunded, model: Knowledge) -> Verdict:
    """What we give back leaves an account of ours; what the treasury gives back leaves none."""
    if (event.account is not None) != (event.mode != "by_treasury"):
        yield {"recovery": event.recovery, "mode": event.mode}


@rule(RecoveryRefunded, code="REFUNDED_MORE", source=_BALANCE)
def was_too_much(event: RecoveryRefunded, model: Knowledge) -> Verdict:
    over = max(0, -_outstanding(model, event))
    if event.amount_fen > over:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "over_fen": over}


@rule(RecoveryRefunded, code="ACCOUNT_SHORT", source="no fund below zero")
def refund_covered(event: RecoveryRefunded, model: Knowledge) -> Verdict:
    if event.account is not None and event.mode != "by_treasury":
        role = Role.CASH if event.mode == "cash" else Role.BANK
        yield from account_short(model, event.fund, (role, event.account), event.amount_fen)


@rule(RecoveryRefunded, code="REFUND_NOT_OF_TREASURY", source=f"{_PRACTICE} (退库)")
def treasury_had_it(event: RecoveryRefunded, model: Knowledge) -> Verdict:
    """The treasury gives back what it had beyond what it is owed."""
    over = max(0, model.balance(event.fund, Role.DUE_TO_TREASURY, event.recovery))
    if event.mode == "by_treasury" and event.amount_fen > over:
        yield {"recovery": event.recovery, "amount_fen": event.amount_fen, "over_fen": over}
