"""The rules of batches: the order of the steps, what may be promised, and the sums that must meet at the end.

What finance and the bank did with the money is judged in `transit_rules.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, get_args

from ledger.accounts.roles import Role
from ledger.flows.authority.entities import is_office
from ledger.flows.checks import OWN_SINCE, fund_short, own, own_matters, total
from ledger.flows.event import Event
from ledger.flows.giving.funds import unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.entitlement.enrolments import enrolment_need
from ledger.flows.public_money.entitlement.programmes import programme_need, unknown_programmes
from ledger.flows.public_money.payment.batches import (
    STEPS,
    BatchApproved,
    BatchClosed,
    BatchLineExcluded,
    BatchPrepared,
    BatchReviewed,
    BatchSent,
    FundSource,
    batch_need,
    excluded_need,
    kinds_done,
    lines_need,
    of_another,
    payment_need,
    prepared,
    results_need,
)
from ledger.flows.public_money.payment.payments import SubsidyPaid, SubsidyReturned, SubsidyReturnedLate, line
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset
from ledger.flows.public_money.payment.transit import (
    BatchFunded,
    BatchInstructed,
    BatchResultImported,
    BatchUnspentReturned,
    QuotaPart,
)
from ledger.flows.rules import Verdict, rule

_ROAD: Final = "代发全流程 (代发全流程)"
_AFTER: Final[Mapping[str, str]] = {
    "batch.reviewed": "batch.prepared",
    "batch.approved": "batch.prepared",
    "batch.sent": "batch.approved",
    "batch.instructed": "batch.approved",
    "batch.funded": "batch.approved",
    "batch.result_imported": "batch.approved",
    "batch.line_excluded": "batch.prepared",
    "batch.unspent_returned": "batch.prepared",
    "batch.closed": "batch.approved",
}
"""What must have happened before; review is left out where a duty profile has no second pair of eyes."""
_ENDED_BY: Final[Mapping[str, frozenset[str]]] = {
    "batch.reviewed": frozenset({"batch.reviewed", "batch.approved"}),
    "batch.approved": frozenset({"batch.approved"}),
}
"""What a step may not follow, besides the end."""
_BEYOND_SINCE: Final = 8
"""The edition since which what was paid beyond a batch's lines is no part of its total."""

Step = (
    BatchReviewed
    | BatchApproved
    | BatchSent
    | BatchInstructed
    | BatchFunded
    | BatchResultImported
    | BatchLineExcluded
    | BatchUnspentReturned
    | BatchClosed
)
_STEPS: Final = get_args(Step)


@rule(BatchPrepared, code="BATCH_TWICE", source=_ROAD, form=True)
def prepared_once(event: BatchPrepared, model: Knowledge) -> Verdict:
    if prepared(model, event.batch) is not None:
        yield {"batch": event.batch}


@rule(BatchPrepared, code="PROGRAMME_UNKNOWN", source="业务规则", form=True)
def programme_known(event: BatchPrepared, model: Knowledge) -> Verdict:
    yield from unknown_programmes(model, event.programme)


@rule(
    BatchPrepared,
    BatchFunded,
    BatchLineExcluded,
    BatchUnspentReturned,
    code="FUND_UNKNOWN",
    source="社会救助暂行办法 art. 5",
    form=True,
)
def fund_known(
    event: BatchPrepared | BatchFunded | BatchLineExcluded | BatchUnspentReturned,
    model: Knowledge,
) -> Verdict:
    yield from unknown(model, event.fund)


@rule(BatchPrepared, code="FUND_SOURCE_SUM", source=_ROAD, form=True)
def documents_cover_total(event: BatchPrepared, model: Knowledge) -> Verdict:
    fen = event.promised_fen + total(event.carried)
    if fen != event.total_fen:
        yield {"batch": event.batch, "sources_fen": fen, "total_fen": event.total_fen}


@rule(BatchPrepared, code="FUND_INSUFFICIENT", source="提交代发")
def fund_can_promise(event: BatchPrepared, model: Knowledge) -> Verdict:
    yield from fund_short(model, event.fund, event.promised_fen)


@rule(BatchPrepared, code="TRANSIT_SHORT", source=_ROAD)
def carried_money_is_there(event: BatchPrepared, model: Knowledge) -> Verdict:
    for part in event.carried:
        left = model.balance(event.fund, Role.TRANSIT, part.batch)
        if part.fen > left:
            yield {"batch": part.batch, "amount_fen": part.fen, "left_fen": left}


@rule(BatchPrepared, code="QUOTA_SHORT", source="指标台账与审批表 (指标台账)")
def documents_have_quota(event: BatchPrepared, model: Knowledge) -> Verdict:
    yield from short_of_quota(model, event.fund, event.fund_source)


def short_of_quota(model: Knowledge, fund: str, parts: Iterable[FundSource | QuotaPart]) -> Verdict:
    """One finding for each funding document whose quota is smaller than what is asked of it."""
    wanted: dict[str, int] = {}
    for part in parts:
        wanted[part.document] = wanted.get(part.document, 0) + part.fen
    for document, fen in wanted.items():
        left = model.balance(fund, Role.QUOTA, document)
        if left < fen:
            yield {"document": document, "amount_fen": fen, "left_fen": left}


@rule(
    *_STEPS,
    code="BATCH_UNKNOWN",
    source=_ROAD,
    form=True,
)
def batch_known(event: Step, model: Knowledge) -> Verdict:
    if prepared(model, event.batch) is None:
        yield {"batch": event.batch}


@own_matters(BatchPrepared, edition=OWN_SINCE, across=is_office)
def programme_of_this_entity(event: BatchPrepared) -> Sequence[Need]:
    """An office may pay what another's programme gives; nobody else does."""
    return (programme_need(event.programme),)


@own_matters(
    BatchPrepared,
    *_STEPS,
    edition=OWN_SINCE,
)
def batch_of_this_entity(event: BatchPrepared | Step) -> Sequence[Need]:
    named = [batch_need(event.batch)]
    if isinstance(event, BatchUnspentReturned) and event.carried_to is not None:
        named.append(batch_need(event.carried_to))
    if isinstance(event, BatchLineExcluded):
        named.append(enrolment_need(event.enrolment))
        named += [] if event.payment is None else [payment_need(event.payment)]
    return named


@rule(
    *_STEPS,
    code="BATCH_STATE",
    source=_ROAD,
)
def step_in_order(event: Step, model: Knowledge) -> Verdict:
    done = set(kinds_done(model, event.batch))
    late = bool(done & {"batch.closed", *_ENDED_BY.get(event.kind, ())})
    if done and (late or _AFTER[event.kind] not in done):
        yield {"batch": event.batch, "step": event.kind, "state": _last(model, event.batch)}


def _last(model: Knowledge, batch: str) -> str:
    done = kinds_done(model, batch)
    return max(done, key=STEPS.index) if done else "-"


@rule(BatchFunded, BatchLineExcluded, BatchUnspentReturned, code="BATCH_DIFFERS", source="专款专用", form=True)
def fund_of_batch(event: BatchFunded | BatchLineExcluded | BatchUnspentReturned, model: Knowledge) -> Verdict:
    yield from of_another(model, event.batch, event.fund)


@rule(BatchUnspentReturned, code="BATCH_DIFFERS", source="应发=实发+失败+取消", form=True)
def fund_of_next_batch(event: BatchUnspentReturned, model: Knowledge) -> Verdict:
    if event.carried_to is not None:
        yield from of_another(model, event.carried_to, event.fund)


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


def _dues(model: Knowledge, batch: str) -> tuple[Mapping[str, int], Mapping[str, str], int]:
    """Payment -> fen to be paid; payment -> enrolment; and the fen taken out, of a batch. Needs `lines_need`."""
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
                net.pop(event.payment, None)
    return net, owner, excluded


@rule(BatchApproved, BatchClosed, code="LINE_KEPT_BACK", source="追缴实务 (抵扣)", edition=5)
def nothing_kept_back_of_lines_taken_out(event: BatchApproved | BatchClosed, model: Knowledge) -> Verdict:
    """Of a line that was taken out and never went to the bank nothing was kept back: its deduction is reversed first.
    What the bank sent back was kept back of, and is paid again without it.
    """
    kept: dict[str, int] = {}
    out: set[str] = set()
    for one in (recorded.event for recorded in own(model, lines_need(event.batch))):
        if isinstance(one, SubsidyOffset):
            kept[one.payment] = kept.get(one.payment, 0) + one.amount_fen
        elif isinstance(one, BatchLineExcluded) and one.batch == event.batch and one.payment is not None:
            out.add(one.payment)
    results = own(model, results_need(event.batch)) if out & kept.keys() and isinstance(event, BatchClosed) else ()
    gone = {one.event.payment for one in results if isinstance(one.event, SubsidyReturned | SubsidyReturnedLate)}
    for payment in sorted(out & kept.keys() - gone):
        yield {"batch": event.batch, "payment": payment, "kept_fen": kept[payment]}


@rule(BatchLineExcluded, code="LINE_EXCLUDED_TWICE", source=_ROAD, form=True)
def excluded_once(event: BatchLineExcluded, model: Knowledge) -> Verdict:
    for recorded in own(model, excluded_need(event.enrolment)):
        before = recorded.event
        if isinstance(before, BatchLineExcluded) and (before.batch, before.payment) == (event.batch, event.payment):
            yield {"batch": event.batch, "enrolment": event.enrolment}


@rule(BatchLineExcluded, code="EXCLUDED_AMOUNT", source="应发=实发+失败+取消", edition=5)
def taken_out_whole(event: BatchLineExcluded, model: Knowledge) -> Verdict:
    """A line is taken out with all that was to be paid of it, else the batch would never meet its total."""
    due = None if event.payment is None else _due(model, event.payment, event.batch)
    if due is not None and due != event.amount_fen:
        yield {"batch": event.batch, "payment": event.payment, "amount_fen": event.amount_fen, "due_fen": due}


def _due(model: Knowledge, payment: str, batch: str) -> int | None:
    """What a batch was to pay of a line; None where the line was not authorised for it. Needs `payment_need`."""
    due: int | None = None
    for one in (recorded.event for recorded in own(model, payment_need(payment))):
        if isinstance(one, SubsidyAuthorised) and (one.payment, one.batch) == (payment, batch):
            due = one.amount_fen
        elif isinstance(one, SubsidyOffset) and one.batch == batch and due is not None:
            due -= one.amount_fen
    return due


@rule(BatchLineExcluded, code="LINE_PAID", source=_ROAD)
def not_paid(event: BatchLineExcluded, model: Knowledge) -> Verdict:
    if event.payment is not None and line(model, event.payment).standing > 0:
        yield {"batch": event.batch, "payment": event.payment}


@rule(BatchClosed, code="BATCH_NOT_SETTLED", source="应发=实发+失败+取消; 代发全流程")
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


@rule(BatchClosed, code="BATCH_PAID_BEYOND", source="应发=实发+失败+取消", warns=True, edition=_BEYOND_SINCE)
def nothing_paid_beyond(event: BatchClosed, model: Knowledge) -> Verdict:
    """The doubts of the payments themselves (NOT_AUTHORISED, LINE_EXCLUDED, PAYMENT_AMOUNT) outlive the batch."""
    beyond = _beyond(model, event.batch)
    if beyond:
        yield {"batch": event.batch, "beyond_fen": beyond}


def _beyond(model: Knowledge, batch: str) -> int:
    """What stands paid of lines that were taken out or never authorised, and of others more than was due. Needs
    `lines_need` and `results_need`.
    """
    due, _, _ = _dues(model, batch)
    standing: defaultdict[str, int] = defaultdict(int)
    for recorded in own(model, results_need(batch)):
        standing[getattr(recorded.event, "payment", "")] += _credited(recorded.event)
    return sum(max(0, fen - due.get(payment, 0)) for payment, fen in standing.items())


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
