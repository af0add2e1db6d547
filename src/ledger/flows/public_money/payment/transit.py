"""A batch's money on its way (支付令、代发、回盘): pay files, payment orders, results, what failed lines leave behind.

The order moves quota into the bank's transit account; each paid line leaves it (`payments.py`); what stays goes back to
quota or on to the batch that pays the failed lines again. The rules stand in `transit_rules.py`.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import movement_need
from ledger.flows.event import Part, Stage
from ledger.flows.fields import (
    AccountId,
    BatchId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    Fen,
    FundId,
    Label,
    MovementId,
    NumberLabel,
    Origin,
    PositiveFen,
)
from ledger.flows.giving.funds import fund_need
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.payment.batches import (
    BatchStep,
    back_or_out_need,
    batch_need,
    lines_need,
    promise_kept,
    results_need,
)
from ledger.flows.source import Source


class QuotaPart(Part):
    """Part of a payment order, by funding document."""

    document: DocumentNo
    fen: PositiveFen


class BatchInstructed(BatchStep):
    """A pay file (代发上盘) went to a bank; a batch that is paid through two banks has two, and lines that came back
    may be sent in another.
    """

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["batch.instructed"] = "batch.instructed"
    version: Literal[1] = 1
    bank: Label
    count: Count
    total_fen: PositiveFen
    file_digest: DigestText
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return batch_need(self.batch), back_or_out_need(self.batch)

    def may_need(self) -> tuple[Need, ...]:
        """What the bank left unpaid of lines is looked up where a file asks for more than was never paid; the first
        file of a batch reads none of its lines.
        """
        return lines_need(self.batch), results_need(self.batch)


class BatchFunded(BatchStep):
    """已支付令: finance moved quota into the transit account of the paying bank."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["batch.funded"] = "batch.funded"
    version: Literal[1] = 1
    movement: MovementId
    fund: FundId
    amount_fen: PositiveFen
    sources: Annotated[tuple[QuotaPart, ...], Field(max_length=60)]
    account: AccountId
    order_no: NumberLabel | None
    occurred_on: Day
    source: Source | None

    def needs(self) -> tuple[Need, ...]:
        return batch_need(self.batch), fund_need(self.fund), movement_need(self)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.TRANSIT, self.amount_fen, self.batch),
            *(credit(self.fund, Role.QUOTA, part.fen, part.document) for part in self.sources),
            *promise_kept(model, self.fund, self.batch, self.amount_fen),
        )


class BatchResultImported(BatchStep):
    """A result file (代发回盘) was taken over; results come in parts and out of order."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["batch.result_imported"] = "batch.result_imported"
    version: Literal[1] = 1
    paid_count: Count
    paid_fen: Fen
    failed_count: Count
    failed_fen: Fen
    pending_count: Count
    pending_fen: Fen
    occurred_on: Day
    source: Source

    def needs(self) -> tuple[Need, ...]:
        return batch_need(self.batch), Need(f"batch:{self.batch}", ("batch.result_imported",))


class BatchUnspentReturned(BatchStep):
    """Money of failed lines leaves transit: back to quota (支付退票), or on to the batch that pays them again."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["batch.unspent_returned"] = "batch.unspent_returned"
    version: Literal[1] = 1
    movement: MovementId
    fund: FundId
    amount_fen: PositiveFen
    sources: Annotated[tuple[QuotaPart, ...], Field(max_length=60)]
    """The quotas it returns to; empty when it is carried to another batch."""
    carried_to: BatchId | None
    occurred_on: Day
    source: Source | None

    def needs(self) -> tuple[Need, ...]:
        own = (batch_need(self.batch), fund_need(self.fund), movement_need(self))
        return own if self.carried_to is None else (*own, batch_need(self.carried_to))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        out = credit(self.fund, Role.TRANSIT, self.amount_fen, self.batch)
        if self.carried_to is not None:
            return debit(self.fund, Role.TRANSIT, self.amount_fen, self.carried_to), out
        return (*(debit(self.fund, Role.QUOTA, part.fen, part.document) for part in self.sources), out)
