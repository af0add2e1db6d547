"""Payment batches (发放批次): from the list to the bank's last result, and where the money lies meanwhile.

制表 → 复核 → 签批 → 送财政 → 已支付令 → 银行已发 → 回盘 → 结案. A batch promises its total when it is prepared; the
payment order moves quota into the bank's transit account and keeps the promise; each paid line leaves transit
(`payments.py`). A line that may not be paid is taken out with a reason and the rest goes on. The rules stand in
`batch_rules.py` and `batch_sums.py`; the money on its way in `transit.py`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from ledger.accounts.legs import Leg, commitment
from ledger.accounts.roles import Role
from ledger.flows.authority.entities import OFFICES
from ledger.flows.checks import OWN_SINCE, total
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    BatchId,
    Count,
    Day,
    DocumentNo,
    EnrolmentId,
    Fen,
    FreeText,
    FundId,
    Label,
    Month,
    NumberLabel,
    Origin,
    PaperNumber,
    PaymentId,
    PositiveFen,
    ProgrammeId,
)
from ledger.flows.giving.funds import fund_need
from ledger.flows.knowledge import NEEDS_KEPT, Knowledge, Need, Recorded
from ledger.flows.public_money.entitlement.enrolments import enrolment_need
from ledger.flows.public_money.entitlement.programmes import Level, programme_need
from ledger.flows.rules import Verdict

STEPS: Final = ("batch.prepared", "batch.reviewed", "batch.approved", "batch.sent", "batch.instructed", "batch.closed")
"""The acts that move a batch on, in their order."""
LINES: Final = ("subsidy.authorised", "subsidy.offset", "batch.line_excluded")
"""What a batch consists of."""
PAID: Final = ("subsidy.paid",)
RETURNED_LATE: Final = ("subsidy.returned_late",)
RETURNED: Final = ("subsidy.returned", *RETURNED_LATE)
RESULTS: Final = (*PAID, *RETURNED)
"""What became of its lines."""
PAYMENT: Final = ("subsidy.authorised", "subsidy.offset", *RESULTS)
OF_PAYMENT: Final = (*PAYMENT, "batch.line_excluded")
"""What there is of a payment, taken out of its batch among them."""


class FundSource(Part):
    """Which funding document pays how much of a batch; several documents pay one batch (代发全流程)."""

    document: DocumentNo
    level: Level
    budget_code: PaperNumber
    fen: PositiveFen


class Carried(Part):
    """Money of an earlier batch's failed lines that still lies in transit and pays part of this one."""

    batch: BatchId
    fen: PositiveFen


_SIGNED_ON: Final = ("batch.sent", "batch.instructed", "batch.funded", "batch.result_imported", "batch.closed")
"""What rests on the signature."""


class BatchStep(Event):
    """An act on a batch."""

    batch: BatchId

    def carries(self, later: Event) -> bool:
        """What names the batch as its own or brings money to it, and not what only names it beside its own."""
        return self.batch in {getattr(later, "batch", None), getattr(later, "carried_to", None)}

    def needs(self) -> tuple[Need, ...]:
        return (batch_need(self.batch),)


class BatchPrepared(BatchStep):
    """制表: the list of one programme and month, with what pays for it; the part from quota is promised at once."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {
        "batch": ("batch.reviewed", "batch.approved", *_SIGNED_ON, "batch.unspent_returned"),
    }

    kind: Literal["batch.prepared"] = "batch.prepared"
    version: Literal[1] = 1
    programme: ProgrammeId
    month: Month
    fund: FundId
    township: Label | None
    count: Count
    """Enrolments to be paid: one a household or person, however many components the line has."""
    persons: Count
    total_fen: PositiveFen
    """What the bank is to pay: authorised amounts less deductions."""
    fund_source: Annotated[tuple[FundSource, ...], Field(max_length=60)]
    carried: Annotated[tuple[Carried, ...], Field(max_length=60)]
    """Documents and carried money together make the total."""
    on: Day
    origin: Origin

    @property
    def promised_fen(self) -> int:
        """What is to come from quota."""
        return total(self.fund_source)

    def needs(self) -> tuple[Need, ...]:
        return batch_need(self.batch), programme_need(self.programme), fund_need(self.fund), OFFICES

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return commitment(self.fund, self.promised_fen, self.batch) if self.fund_source else ()


class BatchReviewed(BatchStep):
    """复核: a second person went through the list."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["batch.reviewed"] = "batch.reviewed"
    version: Literal[1] = 1
    on: Day
    note: FreeText | None
    origin: Origin


class BatchApproved(BatchStep):
    """签批: the lines that remain, as they stand authorised, may be paid."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {"batch": _SIGNED_ON}

    kind: Literal["batch.approved"] = "batch.approved"
    version: Literal[1] = 1
    count: Count
    total_fen: Fen
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return batch_need(self.batch), lines_need(self.batch)


class BatchSent(BatchStep):
    """送财政: the application for funds (用款申请) went to the finance bureau."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["batch.sent"] = "batch.sent"
    version: Literal[1] = 1
    organisation: Label
    application_no: NumberLabel | None
    total_fen: PositiveFen
    on: Day
    origin: Origin


class BatchLineExcluded(BatchStep):
    """剔除清单: a line is taken out with the rule and the reason, and the rest of the batch goes on.

    Before it was authorised `payment` is None. A failed line that a later batch pays again names it in `moved_to`. So
    is the rest of a line of which the bank paid less than was due: another batch pays it, or by decision nobody does.
    """

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {"batch": ("batch.approved", "batch.closed")}
    ends_ahead: ClassVar[bool] = True

    kind: Literal["batch.line_excluded"] = "batch.line_excluded"
    version: Literal[1] = 1
    fund: FundId
    enrolment: EnrolmentId
    payment: PaymentId | None
    amount_fen: PositiveFen
    rule_code: NumberLabel | None
    reason: FreeText
    moved_to: BatchId | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        own = (
            batch_need(self.batch),
            fund_need(self.fund),
            excluded_need(self.enrolment),
            enrolment_need(self.enrolment),
        )
        return own if self.payment is None else (*own, payment_need(self.payment))

    def undoes(self, other: Event) -> bool:
        """Nothing was signed of a line that is out; and being out it rests on nothing."""
        return other is self or (isinstance(other, BatchApproved) and other.batch == self.batch)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return promise_kept(model, self.fund, self.batch, self.amount_fen)


class BatchClosed(BatchStep):
    """结案: everything that was prepared has been paid or taken out with a reason; no promise outlives it."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["batch.closed"] = "batch.closed"
    version: Literal[1] = 1
    paid_fen: Fen
    cancelled_fen: Fen
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return batch_need(self.batch), lines_need(self.batch), results_need(self.batch)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        before = prepared(model, self.batch)
        return () if before is None else promise_kept(model, before.fund, self.batch, before.total_fen)


# ---- what other flows ask


@lru_cache(maxsize=NEEDS_KEPT)
def batch_need(batch: str) -> Need:
    """The history of a batch's steps; a handful, however many lines it has."""
    return Need(f"batch:{batch}", STEPS)


class Road(NamedTuple):
    """How far a batch has come: its steps in order, their kinds, and its preparation if it has one."""

    steps: tuple[Event, ...]
    kinds: tuple[str, ...]
    prepared: BatchPrepared | None


def _road(history: Sequence[Recorded], batch: str) -> Road:
    own = tuple(recorded.event for recorded in history if getattr(recorded.event, "batch", None) == batch)
    start = next((event for event in own if isinstance(event, BatchPrepared)), None)
    return Road(own, tuple(event.kind for event in own), start)


def _own_road(history: Sequence[Recorded], of: str) -> Road:
    batch, _, entity = of.rpartition(" ")
    return _road([recorded for recorded in history if recorded.entity == entity], batch)


def road(model: Knowledge, batch: str) -> Road:
    """How far a batch of the voucher's entity has come; before the fifth edition anybody's. Needs `batch_need`."""
    if model.edition < OWN_SINCE:
        return model.folded(_road, batch_need(batch), batch)
    return model.folded(_own_road, batch_need(batch), f"{batch} {model.entity}")


def steps(model: Knowledge, batch: str) -> tuple[Event, ...]:
    """The steps that a batch has taken, in order; steps of a batch that its money was carried to are not among them."""
    return road(model, batch).steps


def prepared(model: Knowledge, batch: str) -> BatchPrepared | None:
    """The preparation of a batch, or None."""
    return road(model, batch).prepared


def kinds_done(model: Knowledge, batch: str) -> tuple[str, ...]:
    """The kinds of the steps that a batch has taken, in order."""
    return road(model, batch).kinds


def of_another(model: Knowledge, batch: str, fund: str | None, programme: str | None = None) -> Verdict:
    """The body of BATCH_DIFFERS: a fund or programme that is not the batch's own, so that its sums would never meet."""
    before = prepared(model, batch)
    if before is None:
        return
    if fund not in {None, before.fund} or programme not in {None, before.programme}:
        yield {"batch": batch, "fund": before.fund, "programme": before.programme}


def lines_need(batch: str) -> Need:
    """Every line of a batch: as many events as lines, read only when the batch is signed or closed, or sent again."""
    return Need(f"batch:{batch}", LINES)


def results_need(batch: str) -> Need:
    """What became of every line of a batch."""
    return Need(f"batch:{batch}", RESULTS)


def back_or_out_need(batch: str) -> Need:
    """The lines of a batch that failed, came back or were taken out: few."""
    return Need(f"batch:{batch}", ("batch.line_excluded", *RETURNED))


@lru_cache(maxsize=NEEDS_KEPT)
def payment_need(payment: str) -> Need:
    """Everything about one payment: authorised, deducted from, paid, returned, taken out."""
    return Need(f"payment:{payment}", OF_PAYMENT)


def names_payment(event: Event, payment: str) -> bool:
    """Whether an event is of a payment, or authorises another one in its place."""
    reference = getattr(event, "reference", None)
    return payment in {getattr(event, "payment", None), getattr(reference, "payment", None)}


def excluded_need(enrolment: str) -> Need:
    """The lines of an enrolment that were taken out of batches."""
    return Need(f"enrolment:{enrolment}", ("batch.line_excluded",))


def promise_kept(model: Knowledge, fund: str, batch: str, fen: int) -> tuple[Leg, ...]:
    """Release `fen` of what is still promised to a batch, and never more; no legs when nothing is."""
    kept = min(fen, model.balance(fund, Role.COMMITTED, batch))
    return commitment(fund, -kept, batch) if kept > 0 else ()
