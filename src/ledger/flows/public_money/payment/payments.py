"""Payments (到账、退票): what the bank did with each line. Facts: they are recorded whatever a rule thinks of them.

A line that never left the bank posts nothing; one that was paid and came back is posted back. Money that came back
weeks after a success is `subsidy.returned_late`. Results come in parts and out of order: a return that arrives before
its payment is recorded too, and the two cancel out when the payment arrives. The rules stand in `payment_rules.py`.
"""

from collections.abc import Sequence
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
from ledger.flows.public_money.payment.courses import Counted, Course, Parted
from ledger.flows.public_money.payment.lines import Line
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
SUMS_SINCE: Final = 10
"""The edition since which the sums of payments and returns say what of a line stands."""


def line(model: Knowledge, payment: str) -> Line:
    """Where a payment of the voucher's entity stands; before the fifth edition anybody's. Needs `payment_need`."""
    if model.edition < OWN_SINCE:
        return model.folded(_counted_line, payment_need(payment), payment)
    early = _own_parted_line if model.edition >= RESTS_SINCE else _own_counted_line
    fold = _own_line if model.edition >= SUMS_SINCE else early
    return model.folded(fold, payment_need(payment), f"{payment} {model.entity}")


def _own_line(history: Sequence[Recorded], of: str) -> Line:
    return line_in(*_own(history, of))


def _own_parted_line(history: Sequence[Recorded], of: str) -> Line:
    return line_in(*_own(history, of), RESTS_SINCE)


def _counted_line(history: Sequence[Recorded], payment: str) -> Line:
    return line_in(history, payment, RESTS_SINCE - 1)


def _own_counted_line(history: Sequence[Recorded], of: str) -> Line:
    return _counted_line(*_own(history, of))


def _own(history: Sequence[Recorded], of: str) -> tuple[Sequence[Recorded], str]:
    payment, _, entity = of.rpartition(" ")
    return [recorded for recorded in history if recorded.entity == entity], payment


def line_in(history: Sequence[Recorded], payment: str, edition: int = SUMS_SINCE) -> Line:
    """Where a payment stands by the events of its history, in position order, as an edition of the rules sees it."""
    early = Parted if edition >= RESTS_SINCE else Counted
    found = Line(course=Course() if edition >= SUMS_SINCE else early())
    for recorded in history:
        _take(found, payment, recorded)
    return found


def _take(state: Line, payment: str, recorded: Recorded) -> None:
    """Move the state on by one event of the payment's history."""
    event = recorded.event
    if isinstance(event, SubsidyAuthorised):
        if event.payment == payment:
            state.authorised, state.offset_fen, state.reissue, state.rest_out_fen = event, 0, None, 0
            state.again, state.anew, state.is_bound = state.failed is not None, (), state.is_bound or bool(state.anew)
            state.taken_out, state.rests_out = state.taken_out - {event.batch}, state.rests_out - {event.batch}
        elif isinstance(state.course, Course) and event.amount_fen <= state.open_back_fen:
            state.anew += ((event.payment, event.amount_fen),)
        else:
            state.reissue, state.reissue_fen = event.payment, event.amount_fen
    elif isinstance(event, BatchLineExcluded):
        _take_out(state, event, recorded.position)
    elif isinstance(event, SubsidyOffset):
        state.offset_fen += event.amount_fen
    elif isinstance(event, SubsidyPaid):
        state.course.paid(event.amount_fen, recorded.position, event.occurred_on, event.batch)
        state.paid_on = event.occurred_on
        state.credited += ((recorded.position, event),)
        if state.failed is not None and state.standing > 0:
            state.failed = None
    elif isinstance(event, SubsidyReturned | SubsidyReturnedLate):
        state.backs += ((event.occurred_on, recorded.position, event),)
        if state.authorised is None or state.authorised.batch == event.batch:
            state.again = False
        if isinstance(event, SubsidyReturned) and not event.was_paid:
            state.failed = state.failed if state.paid_after(event.occurred_on) else event
            return
        state.course.back(event.amount_fen, recorded.position, event.batch)
        # Of a line that was paid in parts the others stand. By the first editions there was one payment.
        state.failed = state.failed if state.parts else event


def _take_out(state: Line, event: BatchLineExcluded, at: int) -> None:
    """Take a line out of its batch: whole, or what the bank left of it unpaid."""
    state.taken_out |= {event.batch}
    if isinstance(state.course, Parted):
        is_rest = state.rest_fen > 0 and state.authorised is not None and state.authorised.batch == event.batch
    else:
        is_rest = state.course.out(event.amount_fen, at, event.batch)
    if is_rest:
        state.rests_out |= {event.batch}
        state.rest_out_fen += event.amount_fen
    else:
        state.rests_out -= {event.batch}
