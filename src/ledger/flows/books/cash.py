"""Cash (现金): drawn from the bank, counted by two, and what a count made of a difference.

Money that comes in by hand is in `giving` (boxes, gifts); what is here keeps the drawer honest. Source:
现金管理暂行条例; 日清月结; 白条抵库 (白条抵库).
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import account_short, in_future, moved_before, movement_need
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import (
    AccountId,
    Count,
    Day,
    DocumentNo,
    Fen,
    FreeText,
    FundId,
    Label,
    MovementId,
    OfficerId,
    PositiveFen,
    SignedFen,
)
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule


class CashWithdrawn(Event):
    """Cash was drawn from a bank account into a cash box of the entity (提现)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["cash.withdrawn"] = "cash.withdrawn"
    version: Literal[1] = 1
    movement: MovementId
    from_account: AccountId
    account: AccountId
    """The cash box."""
    fund: FundId
    amount_fen: PositiveFen
    purpose: Label
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.CASH, self.amount_fen, self.account),
            credit(self.fund, Role.BANK, self.amount_fen, self.from_account),
        )


class Denomination(Part):
    """So many notes or coins of one value."""

    value_fen: PositiveFen
    pieces: Count


class CashCounted(Event):
    """A cash box was counted by one person before another (盘点). It states what lay there; it moves nothing."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["cash.counted"] = "cash.counted"
    version: Literal[1] = 1
    account: AccountId
    book_fen: SignedFen
    """What the book showed at that moment, as the count sheet says."""
    counted_fen: Fen
    iou_fen: Fen
    """Slips that lay in the place of money."""
    notes: Annotated[tuple[Denomination, ...], Field(max_length=20)]
    counted_by: OfficerId
    witnessed_by: OfficerId
    surprise: bool
    explanation: FreeText
    on: Day


class CashAdjusted(Event):
    """A difference that a count found is settled by decision: over is other income, short is other cost."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["cash.adjusted"] = "cash.adjusted"
    version: Literal[1] = 1
    movement: MovementId
    account: AccountId
    fund: FundId
    difference_fen: SignedFen
    """Positive: more lay there than the book showed."""
    reason: FreeText
    approval: DocumentNo
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        other = Role.OTHER_INCOME if self.difference_fen > 0 else Role.OTHER_COST
        return (
            debit(self.fund, Role.CASH, self.difference_fen, self.account),
            credit(self.fund, other, self.difference_fen),
        )


@rule(CashWithdrawn, CashAdjusted, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: CashWithdrawn | CashAdjusted, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(CashWithdrawn, CashAdjusted, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: CashWithdrawn | CashAdjusted, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(CashWithdrawn, CashCounted, CashAdjusted, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: CashWithdrawn | CashCounted | CashAdjusted, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(CashWithdrawn, code="ACCOUNT_SHORT", source="no fund below zero")
def bank_holds_it(event: CashWithdrawn, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (Role.BANK, event.from_account), event.amount_fen)


@rule(CashCounted, code="CASH_COUNT_SUM", source="现金盘点表", form=True)
def notes_add_up(event: CashCounted, model: Knowledge) -> Verdict:
    total_fen = sum(one.value_fen * one.pieces for one in event.notes)
    if event.notes and total_fen != event.counted_fen:
        yield {"account": event.account, "counted_fen": event.counted_fen, "notes_fen": total_fen}


@rule(CashCounted, code="CASH_COUNT_ALONE", source="日清月结", form=True)
def two_people_count(event: CashCounted, model: Knowledge) -> Verdict:
    if event.counted_by == event.witnessed_by:
        yield {"account": event.account, "officer": event.counted_by}


@rule(CashCounted, code="CASH_IOU", source="白条抵库 (白条抵库)")
def no_slips(event: CashCounted, model: Knowledge) -> Verdict:
    if event.iou_fen:
        yield {"account": event.account, "iou_fen": event.iou_fen}


@rule(CashCounted, code="CASH_DIFFERENCE", source="Accounting Law art. 17")
def count_meets_book(event: CashCounted, model: Knowledge) -> Verdict:
    if event.counted_fen != event.book_fen:
        yield {"account": event.account, "book_fen": event.book_fen, "counted_fen": event.counted_fen}


@rule(CashCounted, code="CASH_BOOK", source="Accounting Law art. 17", warns=True)
def sheet_meets_ledger(event: CashCounted, model: Knowledge) -> Verdict:
    ledger_fen = model.bank_balance(event.account)
    if ledger_fen != event.book_fen:
        yield {"account": event.account, "book_fen": event.book_fen, "ledger_fen": ledger_fen}


@rule(CashAdjusted, code="CASH_NO_DIFFERENCE", source="日清月结", form=True)
def there_is_a_difference(event: CashAdjusted, model: Knowledge) -> Verdict:
    if not event.difference_fen:
        yield {"account": event.account}


@rule(CashAdjusted, code="ACCOUNT_SHORT", source="no fund below zero")
def box_held_it(event: CashAdjusted, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (Role.CASH, event.account), -event.difference_fen)
