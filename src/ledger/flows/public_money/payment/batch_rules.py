"""The rules of batches: the order of the steps, and what may be promised.

The sums that must meet at the end are in `batch_sums.py`; what finance and the bank did with the money is judged in
`transit_rules.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, get_args

from ledger.accounts.roles import Role
from ledger.flows.authority.entities import is_office
from ledger.flows.checks import OWN_SINCE, fund_short, own_matters, total
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
    kinds_done,
    of_another,
    payment_need,
    prepared,
)
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
