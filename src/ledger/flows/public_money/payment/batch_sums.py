"""The sums of batches: what is signed, what is taken out with a reason, and what must meet at the end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.accounts.roles import Role
from ledger.flows.checks import own
from ledger.flows.event import Event
from ledger.flows.knowledge import Knowledge, Recorded
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
from ledger.flows.public_money.payment.lines import Line
from ledger.flows.public_money.payment.payments import (
    RESTS_SINCE,
    SUMS_SINCE,
    SubsidyPaid,
    SubsidyReturned,
    SubsidyReturnedLate,
    line,
)
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised, SubsidyOffset
from ledger.flows.public_money.payment.tellings import had_left
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
    sums = _summed(own(model, lines_need(event.batch)), (), event.batch)  # nothing of it is paid yet
    nets, excluded = sums.by_enrolment(), sums.excluded
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


@dataclass(slots=True)
class _Sums:
    """What the histories of a batch say of its lines."""

    net: dict[str, int] = field(default_factory=dict)
    """Payment -> fen to be paid, of lines that are not out; of one of which the rest is, what is left."""
    owner: dict[str, str] = field(default_factory=dict)
    """Payment -> enrolment."""
    excluded: int = 0
    """The fen taken out."""
    kept: dict[str, int] = field(default_factory=dict)
    """Payment -> what was kept back of it."""
    out: dict[str, int] = field(default_factory=dict)
    """Payment -> what was taken out of it, whole or with the rest."""
    rests: dict[str, int] = field(default_factory=dict)
    """The same of lines that are not out whole."""
    standing: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Payment -> what stands paid of it."""
    returned: set[str] = field(default_factory=set)
    """The payments of which a return is told, whether or not its money had left."""

    def by_enrolment(self) -> Mapping[str, int]:
        """Enrolment -> fen to be paid."""
        nets: dict[str, int] = {}
        for payment, fen in self.net.items():
            enrolment = self.owner.get(payment, payment)
            nets[enrolment] = nets.get(enrolment, 0) + fen
        return nets

    @property
    def beyond(self) -> int:
        """What stands paid of lines that were taken out or never authorised, and of others more than was due."""
        return sum(max(0, fen - self.net.get(payment, 0)) for payment, fen in self.standing.items())

    @property
    def short(self) -> int:
        """What the bank left unpaid of lines that it paid, taken out or not."""
        stands = [(of, fen) for of, fen in self.standing.items() if fen > 0 and of in self.net]
        return sum(max(0, self.net[of] + self.rests.get(of, 0) - fen) for of, fen in stands)


def _sums(model: Knowledge, batch: str) -> _Sums:
    """The sums of a batch. Needs `lines_need` and `results_need`."""
    return _summed(own(model, lines_need(batch)), own(model, results_need(batch)), batch, model.edition)


def _summed(lines: Sequence[Recorded], results: Sequence[Recorded], batch: str, edition: int = SUMS_SINCE) -> _Sums:
    """A line is taken out whole, or, where it was paid less than was due, with the rest; earlier editions took no rests
    out.
    """
    sums = _Sums()
    paid_at: dict[str, int] = {}
    for recorded in results:
        payment = str(getattr(recorded.event, "payment", ""))
        sums.standing[payment] += _credited(recorded.event)
        if isinstance(recorded.event, SubsidyPaid):
            paid_at.setdefault(payment, recorded.position)
        else:
            sums.returned.add(payment)
    for recorded in lines:
        event = recorded.event
        if isinstance(event, SubsidyAuthorised):
            sums.net[event.payment] = event.amount_fen
            sums.owner[event.payment] = event.enrolment
            sums.rests.pop(event.payment, None)
        elif isinstance(event, SubsidyOffset):
            sums.net[event.payment] = sums.net.get(event.payment, 0) - event.amount_fen
            sums.kept[event.payment] = sums.kept.get(event.payment, 0) + event.amount_fen
        elif isinstance(event, BatchLineExcluded) and event.batch == batch:
            sums.excluded += event.amount_fen
            if event.payment is not None:
                was_paid = paid_at.get(event.payment, recorded.position) < recorded.position
                _take_out(sums, event.payment, event.amount_fen, may_be_rest=was_paid and edition >= RESTS_SINCE)
    if RESTS_SINCE <= edition < SUMS_SINCE:  # it took all that was ever taken out of a line for its rest
        sums.rests = {payment: fen for payment, fen in sums.out.items() if sums.net.get(payment, 0) > 0}
    return sums


def _take_out(sums: _Sums, payment: str, fen: int, *, may_be_rest: bool) -> None:
    sums.out[payment] = sums.out.get(payment, 0) + fen
    rest = sums.rests.pop(payment, 0) + fen
    left = sums.net.pop(payment, 0) - fen
    if left > 0 and may_be_rest:
        sums.net[payment], sums.rests[payment] = left, rest


@rule(BatchApproved, BatchClosed, code="LINE_KEPT_BACK", source="追缴实务 (抵扣)", edition=5)
def nothing_kept_back_of_lines_taken_out(event: BatchApproved | BatchClosed, model: Knowledge) -> Verdict:
    """Of a line that was taken out and never went to the bank nothing was kept back: its deduction is reversed first.
    What the bank sent back was kept back of, and is paid again without it; so was a line of which only the rest is out.
    """
    sums = _summed(own(model, lines_need(event.batch)), (), event.batch)
    if sums.out.keys() & sums.kept.keys() and isinstance(event, BatchClosed):
        sums = _sums(model, event.batch)
    for payment in sorted((sums.out.keys() & sums.kept.keys()) - sums.rests.keys() - sums.returned):
        yield {"batch": event.batch, "payment": payment, "kept_fen": sums.kept[payment]}


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
    sums = _sums(model, event.batch)
    paid, cancelled = sum(sums.standing.values()), sums.excluded
    promised = 0 if before is None else before.total_fen
    beyond = sums.beyond if model.edition >= _BEYOND_SINCE else 0
    if (event.paid_fen, event.cancelled_fen) != (paid, cancelled) or paid - beyond + cancelled != promised:
        yield {"batch": event.batch, "paid_fen": paid, "cancelled_fen": cancelled, "total_fen": promised}


@rule(BatchClosed, code="BATCH_PAID_BEYOND", source=_MEET, warns=True, edition=_BEYOND_SINCE)
def nothing_paid_beyond(event: BatchClosed, model: Knowledge) -> Verdict:
    """The doubts of the payments themselves (NOT_AUTHORISED, LINE_EXCLUDED, PAYMENT_AMOUNT) outlive the batch."""
    beyond = _sums(model, event.batch).beyond
    if beyond:
        yield {"batch": event.batch, "beyond_fen": beyond}


@rule(BatchClosed, code="BATCH_PAID_SHORT", source=_MEET, warns=True, edition=RESTS_SINCE)
def nothing_paid_short(event: BatchClosed, model: Knowledge) -> Verdict:
    """The rests of lines of which the bank paid less than the list said, taken out by decision: settled, and told."""
    rests = _sums(model, event.batch).rests
    if rests:
        yield {"batch": event.batch, "count": len(rests), "short_fen": sum(rests.values())}


def left_unpaid(model: Knowledge, batch: str) -> int:
    """What the bank left unpaid of lines that it paid, taken out or not. Needs `lines_need` and `results_need`."""
    return _sums(model, batch).short


def _credited(event: Event) -> int:
    """What a result adds to what stands paid."""
    if isinstance(event, SubsidyPaid):
        return event.amount_fen
    return -event.amount_fen if isinstance(event, SubsidyReturned | SubsidyReturnedLate) and had_left(event) else 0


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
