"""Payments (到账、退票): what the bank did with each line. Facts: they are recorded whatever a rule thinks of them.

A line that never left the bank posts nothing; one that was paid and came back is posted back. Money that came back
weeks after a success is `subsidy.returned_late`. Results come in parts and out of order: a return that arrives before
its payment is recorded too, and the two cancel out when the payment arrives. The rules stand in `payment_rules.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import OWN_SINCE
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import (
    BatchId,
    Count,
    Day,
    EnrolmentId,
    FreeText,
    FundId,
    Month,
    NumberLabel,
    Origin,
    PaymentId,
    PersonRef,
    PositiveFen,
    ProgrammeId,
)
from ledger.flows.giving.funds import fund_need
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.public_money.entitlement.deaths import death_need
from ledger.flows.public_money.entitlement.enrolments import enrolment_need, person_need
from ledger.flows.public_money.entitlement.programmes import EXCLUSIONS, OPENINGS, programme_need
from ledger.flows.public_money.payment.batches import BatchLineExcluded, batch_need, names_payment, payment_need
from ledger.flows.public_money.payment.subsidies import (
    DUE,
    Component,
    Households,
    SubsidyAuthorised,
    SubsidyOffset,
    arrears_needs,
    due_tags,
)

ReturnCode = Literal[
    "NAME_MISMATCH",
    "NO_ACCOUNT",
    "CLOSED",
    "DORMANT",
    "FROZEN",
    "ID_EXPIRED",
    "LIMIT",
    "CARD_REPLACED",
    "INTERBANK_RETURN",
    "DUPLICATE",
    "OTHER",
]
"""代发回盘: each bank's own codes, normalised; the bank's words stay in `reason_text`."""


class SubsidyPaid(Event):
    """The bank credited the payee. `amount_fen` is what arrived: the authorised amount less deductions.

    A payment of a book that starts in mid-year is `origin: history`: nobody authorised it here, so it is compared with
    the enrolment instead.
    """

    stage: ClassVar[Stage] = Stage.FACT
    rested_also: ClassVar[Rests] = {
        "payment": ("subsidy.returned", "subsidy.returned_late"),
        "batch": ("batch.closed",),
    }

    kind: Literal["subsidy.paid"] = "subsidy.paid"
    version: Literal[1] = 1
    payment: PaymentId
    enrolment: EnrolmentId
    programme: ProgrammeId
    fund: FundId
    batch: BatchId
    component: Component
    period_from: Month
    period_to: Month
    amount_fen: PositiveFen
    persons: Count
    households: Households
    subjects: Annotated[tuple[PersonRef, ...], Field(max_length=60)]
    occurred_on: Day
    result_ref: NumberLabel | None
    """The bank's serial number of the credit."""
    origin: Origin

    def carries(self, later: Event) -> bool:
        """The end of its batch, and money that came back since; no failure of which no money had left."""
        if isinstance(later, _Return):
            left = not isinstance(later, SubsidyReturned) or later.was_paid
            return left and later.payment == self.payment and later.occurred_on >= self.occurred_on
        return getattr(later, "batch", None) == self.batch

    def more_tags(self) -> tuple[str, ...]:
        """The months of the normal component, as when it was authorised."""
        return due_tags(self)

    def needs(self) -> tuple[Need, ...]:
        slots = (Need(tag, DUE) for tag in due_tags(self))
        own = (payment_need(self.payment), batch_need(self.batch), fund_need(self.fund), OPENINGS, *slots)
        if self.origin == "decision":
            return (*own, *(death_need(person) for person in self.subjects))
        people = (need for person in self.subjects for need in (death_need(person), person_need(person)))
        own = (*own, enrolment_need(self.enrolment), *arrears_needs(self))
        return (*own, programme_need(self.programme), EXCLUSIONS, *people)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.RELIEF_COST, self.amount_fen, self.programme),
            credit(self.fund, Role.TRANSIT, self.amount_fen, self.batch),
        )


class _Return(Event):
    """A line that failed or came back."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_also: ClassVar[Rests] = {
        "payment": ("subsidy.authorised", "subsidy.paid"),
        "batch": ("batch.closed",),
    }

    payment: PaymentId
    enrolment: EnrolmentId
    programme: ProgrammeId
    fund: FundId
    batch: BatchId
    amount_fen: PositiveFen
    code: ReturnCode
    reason_text: FreeText | None
    occurred_on: Day
    result_ref: NumberLabel | None

    def carries(self, later: Event) -> bool:
        """What was authorised in its place, and, of money that came back, its next payment and the end of its batch."""
        if isinstance(later, SubsidyAuthorised):
            return names_payment(later, self.payment)
        back = not isinstance(self, SubsidyReturned) or self.was_paid
        if isinstance(later, SubsidyPaid):
            return back and later.payment == self.payment and later.occurred_on >= self.occurred_on
        return back and getattr(later, "batch", None) == self.batch

    def needs(self) -> tuple[Need, ...]:
        return payment_need(self.payment), batch_need(self.batch), fund_need(self.fund)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.TRANSIT, self.amount_fen, self.batch),
            credit(self.fund, Role.RELIEF_COST, self.amount_fen, self.programme),
        )


class SubsidyReturned(_Return):
    """退票: the bank's result says that a line failed; `was_paid` when the money had left and came back."""

    kind: Literal["subsidy.returned"] = "subsidy.returned"
    version: Literal[1] = 1
    was_paid: bool

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return super().postings(model) if self.was_paid else ()


class SubsidyReturnedLate(_Return):
    """A line that the bank had reported as paid came back later, perhaps after the month was closed."""

    kind: Literal["subsidy.returned_late"] = "subsidy.returned_late"
    version: Literal[1] = 1


# ---- what other flows ask


RESTS_SINCE: Final = 9
"""The edition of the rules since which the rest of a line that was paid less than was due is paid or taken out."""


@dataclass(slots=True)
class Line:
    """Where one payment stands. `standing` counts payments less returns of paid money: 1 is paid, 0 is not, and below 0
    a return arrived before its payment.
    """

    authorised: SubsidyAuthorised | None = None
    offset_fen: int = 0
    standing: int = 0
    paid_fen: int = 0
    """What the last payment credited; of several that stand together, all of them."""
    paid_on: date | None = None
    failed: SubsidyReturned | SubsidyReturnedLate | None = None
    """The last return, as long as it is not made good by a payment."""
    reissue: str | None = None
    """The payment that was authorised in place of this one."""
    returns: list[SubsidyReturned | SubsidyReturnedLate] = field(default_factory=list)
    """Every return that was told, in the order of telling."""
    taken_out: frozenset[str] = frozenset()
    """The batches that it was taken out of and not authorised for since."""
    rests_out: frozenset[str] = frozenset()
    """Those of which only the rest was taken out while it stood paid, for the bank had paid less than was due."""
    rest_out_fen: int = 0
    """That rest, in the batch for which it was authorised last."""
    parts: list[tuple[date, int]] = field(default_factory=list)
    """Day and fen of what stands paid: one payment, or several of which each but the first paid what was left."""
    again: bool = False
    """Whether it was authorised again, under its own number, since it failed."""

    @property
    def net_fen(self) -> int | None:
        """What the bank should credit; None when nothing was authorised here."""
        return None if self.authorised is None else self.authorised.amount_fen - self.offset_fen

    @property
    def rest_fen(self) -> int:
        """What the bank left unpaid of a line that stands paid, and nobody took out."""
        if self.net_fen is None or self.standing <= 0:
            return 0
        return max(0, self.net_fen - self.rest_out_fen - self.paid_fen)

    @property
    def is_out(self) -> bool:
        """Whether it was taken out of the batch for which it was authorised last."""
        return self.authorised is not None and self.authorised.batch in self.taken_out

    @property
    def may_come_again(self) -> bool:
        """Whether it came back and nothing was authorised in its place: not another payment, nor itself once more."""
        return self.failed is not None and self.standing <= 0 and self.reissue is None and not self.again

    def paid_after(self, day: date) -> bool:
        """Whether it stands paid by a payment of a later day, so that what failed on that day is made good."""
        return self.standing > 0 and self.paid_on is not None and self.paid_on > day


def line(model: Knowledge, payment: str) -> Line:
    """Where a payment of the voucher's entity stands; before the fifth edition anybody's. Needs `payment_need`."""
    if model.edition < OWN_SINCE:
        return model.folded(line_in, payment_need(payment), payment)
    return model.folded(_own_line, payment_need(payment), f"{payment} {model.entity}")


def _own_line(history: Sequence[Recorded], of: str) -> Line:
    payment, _, entity = of.rpartition(" ")
    return line_in([recorded for recorded in history if recorded.entity == entity], payment)


def line_in(history: Sequence[Recorded], payment: str) -> Line:
    """Where a payment stands by the events of its history, in position order."""
    found = Line()
    for recorded in history:
        _take(found, payment, recorded.event)
    return found


def _take(state: Line, payment: str, event: Event) -> None:
    """Move the state on by one event of the payment's history."""
    if isinstance(event, SubsidyAuthorised):
        if event.payment == payment:
            state.authorised, state.offset_fen, state.reissue, state.rest_out_fen = event, 0, None, 0
            state.again = state.failed is not None
            state.taken_out, state.rests_out = state.taken_out - {event.batch}, state.rests_out - {event.batch}
        else:
            state.reissue = event.payment
    elif isinstance(event, BatchLineExcluded):
        _take_out(state, event)
    elif isinstance(event, SubsidyOffset):
        state.offset_fen += event.amount_fen
    elif isinstance(event, SubsidyPaid):
        state.standing += not state.parts
        state.parts += [(event.occurred_on, event.amount_fen)] if state.standing > 0 else []
        state.paid_fen = sum(fen for _, fen in state.parts) or event.amount_fen
        state.paid_on = event.occurred_on
        state.failed = None if state.standing > 0 else state.failed
    elif isinstance(event, SubsidyReturned | SubsidyReturnedLate):
        state.returns.append(event)
        if state.authorised is None or state.authorised.batch == event.batch:
            state.again = False
        if isinstance(event, SubsidyReturned) and not event.was_paid:
            state.failed = state.failed if state.paid_after(event.occurred_on) else event
            return
        if _sends_back_a_part(state, event.amount_fen):
            return
        state.standing, state.parts = state.standing - 1, []
        state.failed = event


def _take_out(state: Line, event: BatchLineExcluded) -> None:
    """Take a line out of its batch: whole, or what the bank left of it unpaid."""
    is_rest = bool(state.rest_fen) and state.authorised is not None and state.authorised.batch == event.batch
    state.taken_out |= {event.batch}
    if is_rest:
        state.rests_out |= {event.batch}
        state.rest_out_fen += event.amount_fen
    else:
        state.rests_out -= {event.batch}


def _sends_back_a_part(state: Line, fen: int) -> bool:
    """Whether money that came back is one of several payments of a line, of which the others stand."""
    part = next((one for one in reversed(state.parts) if one[1] == fen), None)
    if part is None or len(state.parts) == 1:
        return False
    state.parts.remove(part)
    state.paid_fen -= fen
    return True
