"""The sums of batches: what is signed, what is taken out with a reason, and what must meet at the end."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from ledger.accounts.roles import Role
from ledger.flows.checks import own
from ledger.flows.event import Event
from ledger.flows.knowledge import Knowledge
from ledger.flows.public_money.payment.batches import (
    BatchApproved,
    BatchClosed,
    BatchLineExcluded,
    excluded_need,
    lines_need,
    payment_need,
    prepared,
    results_need,
)
from ledger.flows.public_money.payment.payments import (
    RESTS_SINCE,
    Line,
    SubsidyPaid,
    SubsidyReturned,
    SubsidyReturnedLate,
    line,
)
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset
from ledger.flows.rules import Verdict, rule

_MEET: Final = "应发=实发+失败+取消"
_BEYOND_SINCE: Final = 8
"""The edition since which what was paid beyond a batch's lines is no part of its total."""


@rule(BatchApproved, code="BATCH_TOTAL", source="制表")
def lines_equal_total(event: BatchApproved, model: Knowledge) -> Verdict:
    """What is signed, what the lines say and what was prepared less what was taken out are one figure. A household of
    which everything is kept back is not paid, as when the list was prepared; older signatures count it as listed.
    """
    before = prepared(model, event.batch)
    nets, excluded = _lines(model, event.batch)
    count, fen = sum(net > 0 for net in nets.values()), sum(nets.values())
    restated = None if before is None else before.total_fen - excluded
    if event.count not in {count, len(nets)} or event.total_fen != fen or restated not in {None, fen}:
        yield {
            "batch": event.batch,
            "count": event.count,
            "total_fen": event.total_fen,
            "lines": count,
            "lines_fen": fen,
            "restated_fen": restated,
        }


def _lines(model: Knowledge, batch: str) -> tuple[Mapping[str, int], int]:
    """Enrolment -> fen to be paid, and the fen taken out, of a batch. Needs `lines_need`."""
    net, owner, excluded = _dues(model, batch)
    nets: dict[str, int] = {}
    for payment, fen in net.items():
        enrolment = owner.get(payment, payment)
        nets[enrolment] = nets.get(enrolment, 0) + fen
    return nets, excluded


def _dues(
    model: Knowledge, batch: str, paid: Mapping[str, int] | None = None
) -> tuple[Mapping[str, int], Mapping[str, str], int]:
    """Payment -> fen to be paid; payment -> enrolment; and the fen taken out, of a batch. A line is taken out whole,
    or, where it was `paid` less than was due, with the rest. Needs `lines_need`.
    """
    net: dict[str, int] = {}
    owner: dict[str, str] = {}
    excluded = 0
    for recorded in own(model, lines_need(batch)):
        event = recorded.event
        if isinstance(event, SubsidyAuthorised):
            net[event.payment] = event.amount_fen
            owner[event.payment] = event.enrolment
        elif isinstance(event, SubsidyOffset):
            net[event.payment] = net.get(event.payment, 0) - event.amount_fen
        elif isinstance(event, BatchLineExcluded) and event.batch == batch:
            excluded += event.amount_fen
            if event.payment is not None:
                left = net.pop(event.payment, 0) - event.amount_fen
                if left > 0 and (paid or {}).get(event.payment, recorded.position) < recorded.position:
                    net[event.payment] = left
    return net, owner, excluded


def _paid_at(model: Knowledge, batch: str) -> Mapping[str, int]:
    """Payment -> where it was paid first, of a batch; earlier editions took no rests out. Needs `results_need`."""
    found: dict[str, int] = {}
    for recorded in own(model, results_need(batch)) if model.edition >= RESTS_SINCE else ():
        if isinstance(recorded.event, SubsidyPaid):
            found.setdefault(recorded.event.payment, recorded.position)
    return found


def _in_part(model: Knowledge, batch: str) -> Mapping[str, int]:
    """Payment -> the rest that was taken out of it, of lines that are not out whole. Needs `lines_need` and
    `results_need`.
    """
    net, _, _ = _dues(model, batch, _paid_at(model, batch))
    found: dict[str, int] = {}
    for one in (recorded.event for recorded in own(model, lines_need(batch))):
        if isinstance(one, BatchLineExcluded) and one.batch == batch and net.get(one.payment or "", 0) > 0:
            found[str(one.payment)] = found.get(str(one.payment), 0) + one.amount_fen
    return found


@rule(BatchApproved, BatchClosed, code="LINE_KEPT_BACK", source="追缴实务 (抵扣)", edition=5)
def nothing_kept_back_of_lines_taken_out(event: BatchApproved | BatchClosed, model: Knowledge) -> Verdict:
    """Of a line that was taken out and never went to the bank nothing was kept back: its deduction is reversed first.
    What the bank sent back was kept back of, and is paid again without it; so was a line of which only the rest is out.
    """
    kept: dict[str, int] = {}
    out: set[str] = set()
    for one in (recorded.event for recorded in own(model, lines_need(event.batch))):
        if isinstance(one, SubsidyOffset):
            kept[one.payment] = kept.get(one.payment, 0) + one.amount_fen
        elif isinstance(one, BatchLineExcluded) and one.batch == event.batch and one.payment is not None:
            out.add(one.payment)
    if out & kept.keys() and isinstance(event, BatchClosed):
        out -= _in_part(model, event.batch).keys()
    results = own(model, results_need(event.batch)) if out & kept.keys() and isinstance(event, BatchClosed) else ()
    gone = {one.event.payment for one in results if isinstance(one.event, SubsidyReturned | SubsidyReturnedLate)}
    for payment in sorted(out & kept.keys() - gone):
        yield {"batch": event.batch, "payment": payment, "kept_fen": kept[payment]}


@rule(BatchLineExcluded, code="LINE_EXCLUDED_TWICE", source="代发全流程 (代发全流程)", form=True)
def excluded_once(event: BatchLineExcluded, model: Knowledge) -> Verdict:
    """What the bank paid of a line is taken out too when it came back after the rest was."""
    if event.payment is not None and _only_rests_are_out(model, line(model, event.payment), event.batch):
        return
    for recorded in own(model, excluded_need(event.enrolment)):
        before = recorded.event
        if isinstance(before, BatchLineExcluded) and (before.batch, before.payment) == (event.batch, event.payment):
            yield {"batch": event.batch, "enrolment": event.enrolment}


def _only_rests_are_out(model: Knowledge, of: Line, batch: str) -> bool:
    """Whether more may be taken out of a line of which only a rest is."""
    waits = of.standing <= 0 or _rest(model, of, batch) > 0
    return model.edition >= RESTS_SINCE and batch in of.rests_out and waits


@rule(BatchLineExcluded, code="EXCLUDED_AMOUNT", source=_MEET, edition=5)
def taken_out_whole(event: BatchLineExcluded, model: Knowledge) -> Verdict:
    """A line is taken out with all that was to be paid of it, else the batch would never meet its total; one of which
    the bank paid less than was due, with the rest.
    """
    due = None if event.payment is None else _due(model, event.payment, event.batch)
    if due is not None and due != event.amount_fen:
        yield {"batch": event.batch, "payment": event.payment, "amount_fen": event.amount_fen, "due_fen": due}


def _due(model: Knowledge, payment: str, batch: str) -> int | None:
    """What a batch is still to pay of a line, of one that is paid whole what it was to; None where the line was not
    authorised for it. Needs `payment_need`.
    """
    due: int | None = None
    for one in (recorded.event for recorded in own(model, payment_need(payment))):
        if isinstance(one, SubsidyAuthorised) and (one.payment, one.batch) == (payment, batch):
            due = one.amount_fen
        elif isinstance(one, SubsidyOffset) and one.batch == batch and due is not None:
            due -= one.amount_fen
    if due is None:
        return None
    if model.edition < RESTS_SINCE:
        return due
    of = line(model, payment)
    return _rest(model, of, batch) or due - (of.rest_out_fen if batch in of.rests_out else 0)


def _rest(model: Knowledge, of: Line, batch: str) -> int:
    """What the bank left unpaid of a line that it paid, in the batch for which the line was authorised last."""
    mine = of.authorised is not None and of.authorised.batch == batch
    return of.rest_fen if mine and model.edition >= RESTS_SINCE else 0


@rule(BatchLineExcluded, code="LINE_PAID", source="代发全流程 (代发全流程)")
def not_paid(event: BatchLineExcluded, model: Knowledge) -> Verdict:
    """Of a line of which the bank paid less than was due the rest may be taken out."""
    of = None if event.payment is None else line(model, event.payment)
    if of is not None and of.standing > 0 and not _rest(model, of, event.batch):
        yield {"batch": event.batch, "payment": event.payment}


@rule(BatchClosed, code="BATCH_NOT_SETTLED", source=f"{_MEET}; 代发全流程")
def everything_settled(event: BatchClosed, model: Knowledge) -> Verdict:
    """Of every line all that was due is paid, or it was taken out. What the bank paid beyond that is no part of the
    total, so that it neither keeps a batch open nor stands for a line that was not paid; earlier editions had one sum.
    """
    before = prepared(model, event.batch)
    paid = _paid(model, event.batch)
    _, cancelled = _lines(model, event.batch)
    promised = 0 if before is None else before.total_fen
    beyond = _beyond(model, event.batch) if model.edition >= _BEYOND_SINCE else 0
    if (event.paid_fen, event.cancelled_fen) != (paid, cancelled) or paid - beyond + cancelled != promised:
        yield {"batch": event.batch, "paid_fen": paid, "cancelled_fen": cancelled, "total_fen": promised}


@rule(BatchClosed, code="BATCH_PAID_BEYOND", source=_MEET, warns=True, edition=_BEYOND_SINCE)
def nothing_paid_beyond(event: BatchClosed, model: Knowledge) -> Verdict:
    """The doubts of the payments themselves (NOT_AUTHORISED, LINE_EXCLUDED, PAYMENT_AMOUNT) outlive the batch."""
    beyond = _beyond(model, event.batch)
    if beyond:
        yield {"batch": event.batch, "beyond_fen": beyond}


@rule(BatchClosed, code="BATCH_PAID_SHORT", source=_MEET, warns=True, edition=RESTS_SINCE)
def nothing_paid_short(event: BatchClosed, model: Knowledge) -> Verdict:
    """The rests of lines of which the bank paid less than the list said, taken out by decision: settled, and told."""
    rests = _in_part(model, event.batch)
    if rests:
        yield {"batch": event.batch, "count": len(rests), "short_fen": sum(rests.values())}


def _beyond(model: Knowledge, batch: str) -> int:
    """What stands paid of lines that were taken out or never authorised, and of others more than was due. Needs
    `lines_need` and `results_need`.
    """
    due, _, _ = _dues(model, batch, _paid_at(model, batch))
    return sum(max(0, fen - due.get(payment, 0)) for payment, fen in _standing(model, batch).items())


def left_unpaid(model: Knowledge, batch: str) -> int:
    """What the bank left unpaid of lines that it paid, taken out or not. Needs `lines_need` and `results_need`."""
    due, _, _ = _dues(model, batch, _paid_at(model, batch))
    out = _in_part(model, batch)
    standing = _standing(model, batch).items()
    return sum(max(0, due.get(of, 0) + out.get(of, 0) - fen) for of, fen in standing if fen > 0 and of in due)


def _standing(model: Knowledge, batch: str) -> Mapping[str, int]:
    """Payment -> what stands paid of it. Needs `results_need`."""
    found: defaultdict[str, int] = defaultdict(int)
    for recorded in own(model, results_need(batch)):
        found[getattr(recorded.event, "payment", "")] += _credited(recorded.event)
    return found


def _paid(model: Knowledge, batch: str) -> int:
    """What the bank credited for a batch, less what came back. Needs `results_need`."""
    return sum(_credited(recorded.event) for recorded in own(model, results_need(batch)))


def _credited(event: Event) -> int:
    """What a result adds to what stands paid."""
    if isinstance(event, SubsidyPaid):
        return event.amount_fen
    back = isinstance(event, SubsidyReturnedLate) or (isinstance(event, SubsidyReturned) and event.was_paid)
    return -int(getattr(event, "amount_fen", 0)) if back else 0


@rule(BatchClosed, code="TRANSIT_LEFT", source="资金滞留 (资金滞留)", warns=True)
def transit_emptied(event: BatchClosed, model: Knowledge) -> Verdict:
    left = _in_transit(model, event.batch)
    if left > 0 or (left and model.edition < _BEYOND_SINCE):
        yield {"batch": event.batch, "left_fen": left}


@rule(BatchClosed, code="TRANSIT_OVERDRAWN", source="资金滞留 (代发户收支)", warns=True, edition=_BEYOND_SINCE)
def transit_not_overdrawn(event: BatchClosed, model: Knowledge) -> Verdict:
    """The bank paid more for a batch than the orders gave it."""
    left = _in_transit(model, event.batch)
    if left < 0:
        yield {"batch": event.batch, "short_fen": -left}


def _in_transit(model: Knowledge, batch: str) -> int:
    before = prepared(model, batch)
    return 0 if before is None else model.balance(before.fund, Role.TRANSIT, batch)
