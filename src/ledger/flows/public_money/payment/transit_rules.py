"""The rules of a batch's money on its way: payment order, transit account, pay files, results, money sent back.

A pay file is ours and may be refused; orders, results and returns are facts of finance and the bank, and only marked.
"""

from collections.abc import Iterable

from ledger.accounts.roles import Role
from ledger.flows.checks import in_future, moved_before, own, total
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.payment.batch_rules import short_of_quota
from ledger.flows.public_money.payment.batch_sums import left_unpaid
from ledger.flows.public_money.payment.batches import (
    BatchLineExcluded,
    back_or_out_need,
    batch_need,
    lines_need,
    prepared,
    results_need,
    steps,
)
from ledger.flows.public_money.payment.pay_files import asked
from ledger.flows.public_money.payment.payments import (
    RESTS_SINCE,
    SUMS_SINCE,
    SubsidyReturned,
    SubsidyReturnedLate,
)
from ledger.flows.public_money.payment.transit import (
    BatchFunded,
    BatchInstructed,
    BatchResultImported,
    BatchUnspentReturned,
)
from ledger.flows.rules import Verdict, rule


@rule(BatchFunded, code="QUOTA_SHORT", source="指标台账与审批表 (指标台账)")
def order_within_quota(event: BatchFunded, model: Knowledge) -> Verdict:
    yield from short_of_quota(model, event.fund, event.sources)


@rule(BatchInstructed, code="PAY_FILE_TWICE", source="代发全流程 (代发全流程)", form=True)
def file_sent_once(event: BatchInstructed, model: Knowledge) -> Verdict:
    for before in steps(model, event.batch):
        if isinstance(before, BatchInstructed) and before.file_digest == event.file_digest:
            yield {"batch": event.batch, "file_digest": event.file_digest}


@rule(BatchInstructed, code="PAY_FILE_SUM", source="代发全流程 (代发全流程)")
def files_within_total(event: BatchInstructed, model: Knowledge) -> Verdict:
    """A line that came back is sent again, as often as it came back, and the rest of one that was paid less than was
    due; what was taken out is not.
    """
    before = prepared(model, event.batch)
    if before is None:
        return
    sent = sum(e.total_fen for e in steps(model, event.batch) if isinstance(e, BatchInstructed)) + event.total_fen
    history = [item.event for item in own(model, back_or_out_need(event.batch))]
    out = sum(e.amount_fen for e in history if isinstance(e, BatchLineExcluded) and e.batch == event.batch)
    returns = [e for e in history if isinstance(e, SubsidyReturned | SubsidyReturnedLate) and e.batch == event.batch]
    back = {(e.payment, e.occurred_on): e.amount_fen for e in returns}  # told of one day twice, it is one return
    most = before.total_fen - out + sum(back.values())
    if sent > most and model.edition >= SUMS_SINCE:
        files = [item for item in own(model, batch_need(event.batch)) if item.event.kind == event.kind]
        told = [*own(model, lines_need(event.batch)), *own(model, results_need(event.batch))]
        mine = [item for item in told if getattr(item.event, "batch", None) == event.batch]
        sent, most = asked(before.total_fen, files, mine, event.total_fen)
    elif sent > most and model.edition >= RESTS_SINCE:
        most += left_unpaid(model, event.batch)
    if sent > most:
        yield {"batch": event.batch, "sent_fen": sent, "total_fen": most}


@rule(BatchFunded, code="ORDER_SUM", source="代发全流程 (代发全流程)", form=True)
def order_sums(event: BatchFunded, model: Knowledge) -> Verdict:
    if total(event.sources) != event.amount_fen:
        yield {"batch": event.batch, "sources_fen": total(event.sources), "amount_fen": event.amount_fen}


@rule(BatchFunded, code="BATCH_OVERFUNDED", source="代发全流程 (代发全流程)")
def order_within_promise(event: BatchFunded, model: Knowledge) -> Verdict:
    promised = model.balance(event.fund, Role.COMMITTED, event.batch)
    if event.amount_fen > promised:
        yield {"batch": event.batch, "amount_fen": event.amount_fen, "promised_fen": promised}


@rule(BatchUnspentReturned, code="ORDER_SUM", source="代发全流程 (代发全流程)", form=True)
def return_sums(event: BatchUnspentReturned, model: Knowledge) -> Verdict:
    expected = 0 if event.carried_to is not None else event.amount_fen
    if total(event.sources) != expected or event.carried_to == event.batch:
        yield {"batch": event.batch, "sources_fen": total(event.sources), "amount_fen": event.amount_fen}


@rule(BatchUnspentReturned, code="TRANSIT_SHORT", source="代发全流程 (代发全流程)")
def transit_covers(event: BatchUnspentReturned, model: Knowledge) -> Verdict:
    left = model.balance(event.fund, Role.TRANSIT, event.batch)
    if event.amount_fen > left:
        yield {"batch": event.batch, "amount_fen": event.amount_fen, "left_fen": left}


@rule(BatchUnspentReturned, code="BATCH_UNKNOWN", source="代发全流程 (代发全流程)", form=True)
def next_batch_known(event: BatchUnspentReturned, model: Knowledge) -> Verdict:
    if event.carried_to is not None and prepared(model, event.carried_to) is None:
        yield {"batch": event.carried_to}


@rule(BatchResultImported, code="RESULT_TWICE", source="代发全流程 (代发全流程)", form=True)
def result_once(event: BatchResultImported, model: Knowledge) -> Verdict:
    for before in _results(event, model):
        if before.source.file_digest == event.source.file_digest:
            yield {"batch": event.batch, "file_digest": event.source.file_digest}


@rule(BatchResultImported, code="RESULT_SUM", source="到账回执")
def results_within_total(event: BatchResultImported, model: Knowledge) -> Verdict:
    """Nothing is paid or under way beyond what does not stand paid yet, and no file speaks of more than the batch.

    A failed line comes again when it is paid, and a paid one when it came back: of what stood paid, as much may be back
    as a file of a later day calls failed, and no more. The days count, and not the order in which the files are read.
    """
    before = prepared(model, event.batch)
    if before is None:
        return
    others = _results(event, model)
    most = _most([*others, event])
    if most > max(before.total_fen, _most(others)):
        yield {"batch": event.batch, "results_fen": most, "total_fen": before.total_fen}


def _most(files: Iterable[BatchResultImported]) -> int:
    """The most that result files, by their days, speak of at once."""
    stands = most = 0
    for one in sorted(files, key=lambda file: file.occurred_on):
        most = max(most, max(stands, one.failed_fen) + one.paid_fen + one.pending_fen)
        stands = max(0, stands - one.failed_fen) + one.paid_fen
    return most


def _results(event: BatchResultImported, model: Knowledge) -> list[BatchResultImported]:
    found = own(model, Need(f"batch:{event.batch}", ("batch.result_imported",)))
    return [recorded.event for recorded in found if isinstance(recorded.event, BatchResultImported)]


@rule(BatchFunded, BatchUnspentReturned, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def moved_once(event: BatchFunded | BatchUnspentReturned, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(BatchFunded, BatchUnspentReturned, BatchResultImported, code="FACT_IN_FUTURE", source="会计期间", form=True)
def day_has_come(event: BatchFunded | BatchUnspentReturned | BatchResultImported, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)
