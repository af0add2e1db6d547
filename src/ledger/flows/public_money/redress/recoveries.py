"""Recoveries (追缴): ordered on a finding, paid by transfer, in cash, by deduction, or straight to the treasury.

What came in beyond the order is given back. This year's money goes back to its programme, earlier years' to the
treasury: the order says which (追缴实务). Collected (追回) and handed to the treasury (上缴) are two figures. The rules
stand in `recovery_rules.py`.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.authority.entities import OFFICES
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningRecovery
from ledger.flows.checks import OWN_SINCE, movement_need, own
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    Day,
    DocumentNo,
    EnrolmentId,
    FindingId,
    FreeText,
    FundId,
    HouseholdRef,
    Label,
    MovementId,
    NumberLabel,
    Origin,
    PaymentId,
    PersonRef,
    PositiveFen,
    ProgrammeId,
    RecoveryId,
)
from ledger.flows.giving.funds import fund_need
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.public_money.redress.clues import finding_need
from ledger.flows.source import Place

Destination = Literal["programme", "treasury"]
Mode = Literal["transfer", "cash", "offset", "paid_to_treasury"]
OpenReason = Literal["instalments", "hardship", "untraceable", "disputed", "in_court", "deceased", "other"]
"""未追缴原因: why something is still outstanding."""


RefundMode = Literal["transfer", "cash", "by_treasury"]
"""How too much is given back: out of a bank account, out of a cash box, or by the treasury that had it (退库)."""


_MOVED: Final = ("recovery.collected", "recovery.handed_over", "recovery.remitted", "recovery.refunded")


CLOSED: Final[Rests] = {"finding": ("finding.closed", "finding.reopened")}
"""What rests on the money and the acceptance of a finding: its end, until it is opened again."""


class Instalment(Part):
    """One part of a plan, due on a day; None where nobody can say when."""

    due_on: Day | None
    fen: PositiveFen


class _OfRecovery(Event):
    """An act on a recovery; fund and finding are the order's, repeated so that both histories show it."""

    recovery: RecoveryId
    finding: FindingId
    fund: FundId

    def needs(self) -> tuple[Need, ...]:
        return (recovery_need(self.recovery),)


class _Movement(_OfRecovery):
    """Money of a recovery that moved, with its own number."""

    movement: MovementId

    def needs(self) -> tuple[Need, ...]:
        return recovery_need(self.recovery), movement_need(self)


class RecoveryOrdered(_OfRecovery):
    """责令退回: what a finding established is to be paid back. Source: 社会救助暂行办法 art. 68."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_on: ClassVar[Rests] = {"recovery": ("recovery.planned", *_MOVED, "recovery.written_off")}
    rests_since: ClassVar[int] = 3

    kind: Literal["recovery.ordered"] = "recovery.ordered"
    version: Literal[1] = 1
    programme: ProgrammeId
    enrolment: EnrolmentId | None
    household: HouseholdRef | None
    person: PersonRef | None
    amount_fen: PositiveFen
    destination: Destination
    document: DocumentNo | None
    due_on: Day | None
    responsible: Label | None
    on: Day
    origin: Origin
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        ordered = Need(f"finding:{self.finding}", ("recovery.ordered",))
        return recovery_need(self.recovery), finding_need(self.finding), fund_need(self.fund), ordered, OFFICES

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return debit(self.fund, Role.RECOVERABLE, self.amount_fen, self.recovery), to_destination(self, self.amount_fen)


class RecoveryPlan(_OfRecovery):
    """分期: what is still outstanding is to come in parts, and why it is not paid at once. The newest stands."""

    stage: ClassVar[Stage] = Stage.GATE

    instalments: Annotated[tuple[Instalment, ...], Field(max_length=120)]
    reason: OpenReason
    document: DocumentNo | None
    on: Day
    origin: Origin


class RecoveryPlanned(RecoveryPlan):
    """分期: what is still outstanding is to come in parts, and why it is not paid at once."""

    kind: Literal["recovery.planned"] = "recovery.planned"
    version: Literal[1] = 1


class RecoveryPlanListed(RecoveryPlan):
    """A plan that a register told at a row, so that the same register is known when it is read again."""

    kind: Literal["recovery.planned"] = "recovery.planned"
    version: Literal[2] = 2
    place: Place | None


class RecoveryCollected(_Movement):
    """追回: money came in. In mode `offset` it was kept back from a later payment (`subsidy.offset`).

    `account` is the bank account or cash box of a transfer or of cash; `enrolment` and `payment` name the deduction.
    """

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"recovery": ("recovery.handed_over", "recovery.refunded")}
    rests_since: ClassVar[int] = 3
    rested_also: ClassVar[Rests] = CLOSED

    kind: Literal["recovery.collected"] = "recovery.collected"
    version: Literal[1] = 1
    mode: Mode
    amount_fen: PositiveFen
    account: AccountId | None
    enrolment: EnrolmentId | None
    payment: PaymentId | None
    voucher_ref: NumberLabel | None
    """缴款凭证号: the receipt's number, or the bank's serial."""
    note: FreeText | None
    occurred_on: Day
    place: Place | None

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return self._came(), credit(self.fund, Role.RECOVERABLE, self.amount_fen, self.recovery)

    def carries(self, later: Event) -> bool:
        """The end of the finding, what is given back, and the banking of cash that was taken in cash, from its box."""
        if not isinstance(later, RecoveryHandedOver):
            return True
        return self.mode == "cash" and later.cash_account == self.account

    def _came(self) -> Leg:
        if self.mode == "offset":
            return debit(self.fund, Role.OFFSET_CLEARING, self.amount_fen, self.enrolment or "")
        if self.mode == "paid_to_treasury":
            return debit(self.fund, Role.DUE_TO_TREASURY, self.amount_fen, self.recovery)
        role = Role.CASH if self.mode == "cash" else Role.BANK
        return debit(self.fund, role, self.amount_fen, self.account or "")


class RecoveryHandedOver(_Movement):
    """乡镇代收后缴存: cash that a township took is paid into the bank; the days between are what is looked at."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["recovery.handed_over"] = "recovery.handed_over"
    version: Literal[1] = 1
    amount_fen: PositiveFen
    cash_account: AccountId
    account: AccountId
    voucher_ref: NumberLabel | None
    occurred_on: Day

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.BANK, self.amount_fen, self.account),
            credit(self.fund, Role.CASH, self.amount_fen, self.cash_account),
        )


class RecoveryRemitted(_Movement):
    """上缴: what the bureau collected for the treasury is paid over to it."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["recovery.remitted"] = "recovery.remitted"
    version: Literal[1] = 1
    amount_fen: PositiveFen
    account: AccountId
    voucher_ref: NumberLabel | None
    occurred_on: Day

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.DUE_TO_TREASURY, self.amount_fen, self.recovery),
            credit(self.fund, Role.BANK, self.amount_fen, self.account),
        )


class RecoveryRefunded(_Movement):
    """退还多收: what came in beyond the order goes back to whoever paid it."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["recovery.refunded"] = "recovery.refunded"
    version: Literal[1] = 1
    mode: RefundMode
    amount_fen: PositiveFen
    account: AccountId | None
    """The bank account or cash box; None when the treasury gives it back."""
    document: DocumentNo
    """The decision to give it back."""
    voucher_ref: NumberLabel | None
    note: FreeText | None
    occurred_on: Day
    place: Place | None

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return debit(self.fund, Role.RECOVERABLE, self.amount_fen, self.recovery), self._went()

    def _went(self) -> Leg:
        if self.mode == "by_treasury":
            return credit(self.fund, Role.DUE_TO_TREASURY, self.amount_fen, self.recovery)
        role = Role.CASH if self.mode == "cash" else Role.BANK
        return credit(self.fund, role, self.amount_fen, self.account or "")


class RecoveryWrittenOff(_OfRecovery):
    """核销: what cannot be collected is given up, with the authority that decided so."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_also: ClassVar[Rests] = CLOSED

    kind: Literal["recovery.written_off"] = "recovery.written_off"
    version: Literal[1] = 1
    amount_fen: PositiveFen
    reason: OpenReason
    authority: Label
    document: DocumentNo
    on: Day
    origin: Origin

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        order = ordered(model, self.recovery)
        if order is None:
            return ()
        given_up = to_destination(order, -self.amount_fen)
        return given_up, credit(self.fund, Role.RECOVERABLE, self.amount_fen, self.recovery)


# ---- what other flows ask

RECOVERY = (
    "opening.recorded",
    "recovery.ordered",
    "recovery.collected",
    "recovery.handed_over",
    "recovery.remitted",
    "recovery.refunded",
    "recovery.written_off",
)
MONEY = ("opening.recorded", "recovery.ordered", "recovery.collected", "recovery.refunded", "recovery.written_off")


def recovery_need(recovery: str) -> Need:
    """The history of a recovery's money."""
    return Need(f"recovery:{recovery}", RECOVERY)


def money_need(finding: str) -> Need:
    """Everything ordered, collected, given back and written off on a finding."""
    return Need(f"finding:{finding}", MONEY)


def ordered(model: Knowledge, recovery: str) -> RecoveryOrdered | None:
    """The order of a recovery, also one that older books ordered, or None."""
    for recorded in own(model, recovery_need(recovery)):
        event = recorded.event
        if isinstance(event, RecoveryOrdered):
            return event
        if isinstance(event, OpeningRecorded):
            return _taken_over(event, next(row for row in event.recoveries if row.recovery == recovery))
    return None


def _taken_over(opening: OpeningRecorded, row: OpeningRecovery) -> RecoveryOrdered:
    """What the opening says of a recovery, as the order it was; its receivable stands in the opening's lines."""
    return RecoveryOrdered(
        id=opening.id,
        recovery=row.recovery,
        finding=row.finding,
        fund=row.fund,
        programme=row.programme,
        enrolment=None,
        household=None,
        person=row.person,
        amount_fen=row.ordered_fen,
        destination=row.destination,
        document=None,
        due_on=None,
        responsible=None,
        on=row.ordered_on,
        origin="history",
        place=None,
    )


def unsettled_fen(model: Knowledge, finding: str) -> int:
    """Fen of a finding that were ordered and neither collected (and kept) nor written off. What counts against an order
    is what the entity recorded that ordered it.
    """
    fen = 0
    owner: dict[str, str] = {}
    for recorded in model.history(f"finding:{finding}", *MONEY):
        event = recorded.event
        if isinstance(event, RecoveryOrdered):
            owner.setdefault(event.recovery, recorded.entity)
            fen += event.amount_fen
        elif isinstance(event, RecoveryCollected | RecoveryRefunded | RecoveryWrittenOff):
            if model.edition < OWN_SINCE or owner.get(event.recovery) == recorded.entity:
                fen += event.amount_fen if isinstance(event, RecoveryRefunded) else -event.amount_fen
        elif isinstance(event, OpeningRecorded):
            rows = [row for row in event.recoveries if row.finding == finding]
            fen += sum(row.ordered_fen - row.collected_fen for row in rows)
            owner |= {row.recovery: recorded.entity for row in rows if row.recovery not in owner}
    return fen


def to_destination(order: RecoveryOrdered, fen: int) -> Leg:
    """The credit of `fen` where an order sends its money: less cost of the programme, or owed to the treasury."""
    if order.destination == "programme":
        return credit(order.fund, Role.RELIEF_COST, fen, order.programme)
    return credit(order.fund, Role.DUE_TO_TREASURY, fen, order.recovery)
