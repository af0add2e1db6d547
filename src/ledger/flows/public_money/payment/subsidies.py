"""Subsidies authorised (发放明细): one event a component of an enrolment's line in a batch, and the deductions from it.

Only `normal` is unique for an enrolment and month: it takes the slot `due:<enrolment>:<month>`. Arrears, a rise from an
earlier month, price and one-off supplements may come on top, each with a reason and what it refers to (补发、提标补差).
What the bank made of a line stands in `payments.py`, the rules in `subsidy_rules.py`.
"""

from typing import Annotated, ClassVar, Final, Literal, Protocol

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import movement_need
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    BatchId,
    Count,
    Day,
    DocumentNo,
    EnrolmentId,
    EventId,
    FreeText,
    FundId,
    Month,
    MovementId,
    Origin,
    PaymentId,
    PersonRef,
    PositiveFen,
    ProgrammeId,
    RecoveryId,
)
from ledger.flows.giving.funds import fund_need
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.entitlement.enrolments import enrolment_need, person_need
from ledger.flows.public_money.entitlement.programmes import EXCLUSIONS, OPENINGS, programme_need
from ledger.flows.public_money.payment.batches import OF_PAYMENT, batch_need, names_payment, payment_need

MONTHS_MAX: Final = 12
"""The longest period of a component; an allowance is paid monthly, quarterly or yearly."""
Component = Literal["normal", "arrears", "uplift", "price", "one_off"]
DUE: Final = ("subsidy.authorised", "subsidy.paid")
"""The kinds that claim a month of an enrolment."""
ARREARS: Final = frozenset({"arrears", "uplift"})
"""Components that make up for months gone by: of one month each is due once, unless it came back."""
Households = Annotated[int, Field(ge=0, le=1)]
"""1 on the component that counts its household in 户次, 0 on a further component of the same line."""


class Reference(Part):
    """What a payment beside the normal one refers to: a failed payment, a decision of this book, a document."""

    payment: PaymentId | None
    event: EventId | None
    document: DocumentNo | None

    @property
    def named(self) -> bool:
        """Whether it refers to anything."""
        return (self.payment, self.event, self.document) != (None, None, None)


class SubsidyAuthorised(Event):
    """One component of one line may be paid. Source: 社会救助暂行办法 art. 12 (按月发给).

    `subjects` are the persons whom the line is for, as far as they are known by reference.
    """

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {"payment": OF_PAYMENT, "batch": ("batch.approved",)}

    kind: Literal["subsidy.authorised"] = "subsidy.authorised"
    version: Literal[1] = 1
    payment: PaymentId
    enrolment: EnrolmentId
    programme: ProgrammeId
    batch: BatchId
    component: Component
    period_from: Month
    period_to: Month
    amount_fen: PositiveFen
    persons: Count
    subjects: Annotated[tuple[PersonRef, ...], Field(max_length=60)]
    reason: FreeText | None
    reference: Reference | None
    origin: Origin

    def carries(self, later: Event) -> bool:
        """The signature on its batch, and what there is of its payment or stands in its place."""
        signed = later.kind == "batch.approved" and getattr(later, "batch", None) == self.batch
        return signed or names_payment(later, self.payment)

    def more_tags(self) -> tuple[str, ...]:
        """The months of the normal component are slots: a second claim on one meets the first."""
        return due_tags(self)

    def needs(self) -> tuple[Need, ...]:
        wanted = [
            payment_need(self.payment),
            enrolment_need(self.enrolment),
            programme_need(self.programme),
            EXCLUSIONS,
            OPENINGS,
            batch_need(self.batch),
            *(person_need(person) for person in self.subjects),
            *(Need(tag, DUE) for tag in due_tags(self)),
            *arrears_needs(self),
        ]
        if self.reference is not None and self.reference.payment is not None:
            wanted.append(payment_need(self.reference.payment))
        return tuple(wanted)


class SubsidyOffset(Event):
    """扣回: part of an authorised amount is kept back for an overpayment; the household gets the rest.

    The cost is the whole amount; what is kept back waits in clearing until the recovery takes it.
    """

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = {"payment": ("batch.line_excluded",), "batch": ("batch.approved",)}
    """The signature counts it, unless its line was taken out."""

    kind: Literal["subsidy.offset"] = "subsidy.offset"
    version: Literal[1] = 1
    movement: MovementId
    payment: PaymentId
    enrolment: EnrolmentId
    programme: ProgrammeId
    fund: FundId
    batch: BatchId
    recovery: RecoveryId | None
    amount_fen: PositiveFen
    reason: FreeText | None
    on: Day
    origin: Origin

    def carries(self, later: Event) -> bool:
        """The signature on its batch, and that its line was taken out of it."""
        return getattr(later, "batch", None) == self.batch and (
            later.kind == "batch.approved" or names_payment(later, self.payment)
        )

    def needs(self) -> tuple[Need, ...]:
        own = (payment_need(self.payment), batch_need(self.batch), fund_need(self.fund), movement_need(self))
        return (*own, enrolment_need(self.enrolment))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.RELIEF_COST, self.amount_fen, self.programme),
            credit(self.fund, Role.OFFSET_CLEARING, self.amount_fen, self.enrolment),
        )


# ---- what other flows ask


class _Claim(Protocol):
    @property
    def enrolment(self) -> str: ...
    @property
    def component(self) -> str: ...
    @property
    def period_from(self) -> str: ...
    @property
    def period_to(self) -> str: ...


def due_tags(claim: _Claim) -> tuple[str, ...]:
    """The slots that a normal component takes, one a month: `due:<enrolment>:<month>`. None for other components."""
    if claim.component != "normal":
        return ()
    if claim.period_from == claim.period_to:
        return (f"due:{claim.enrolment}:{claim.period_from}",)
    return tuple(f"due:{claim.enrolment}:{month}" for month in months(claim.period_from, claim.period_to))


def arrears_needs(claim: _Claim) -> tuple[Need, ...]:
    """What was claimed, paid, returned and taken out of an enrolment, for a claim of arrears; nothing for others."""
    if claim.component not in ARREARS:
        return ()
    return (Need(f"enrolment:{claim.enrolment}", OF_PAYMENT),)


def months(first: str, last: str) -> tuple[str, ...]:
    """The months from `first` to `last`, both included, at most `MONTHS_MAX`; none when `last` is earlier."""
    if first == last:
        return (first,)
    start, end = _index(first), _index(last)
    return tuple(f"{i // 12:04d}-{i % 12 + 1:02d}" for i in range(start, min(end, start + MONTHS_MAX - 1) + 1))


def tells_return(reason: str | None) -> bool:
    """Whether a reason says that it makes good what came back from the bank (退票)."""
    return any(word in (reason or "") for word in ("退票", "退回", "重发"))


def length(first: str, last: str) -> int:
    """How many months a period has; 0 or less when it runs backwards."""
    return _index(last) - _index(first) + 1


def _index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
