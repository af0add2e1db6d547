"""Time deposits (定期存款): placed with a certificate, matured with interest.

Moving money between current and time deposit without papers is what auditors found first; both ends are events, and a
deposit still belongs to the fund it came from. Source: 一般凭证; 大额资金无审批.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.bank import interest
from ledger.flows.books.papers import before_paper, over_paper, paper_needs
from ledger.flows.checks import account_short, in_future, moved_before, movement_need, taken
from ledger.flows.event import Event, Stage
from ledger.flows.fields import AccountId, Day, DepositId, DocumentNo, Fen, FundId, MovementId, NumberLabel, PositiveFen
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

RatePpm = Annotated[int, Field(ge=0, le=1_000_000)]
"""A yearly rate in millionths: 1.55 % is 15,500."""


class DepositPlaced(Event):
    """Money of a fund is placed at the bank for a term; the certificate's number is kept."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["deposit.placed"] = "deposit.placed"
    version: Literal[1] = 1
    movement: MovementId
    deposit: DepositId
    certificate: NumberLabel
    account: AccountId
    fund: FundId
    amount_fen: PositiveFen
    rate_ppm: RatePpm
    on: Day
    matures_on: Day
    approval: DocumentNo | None

    def needs(self) -> tuple[Need, ...]:
        own = (movement_need(self), _deposit_need(self.deposit), fund_need(self.fund))
        return (*own, *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.DEPOSIT, self.amount_fen, self.deposit),
            credit(self.fund, Role.BANK, self.amount_fen, self.account),
        )


class DepositMatured(Event):
    """A deposit, or a part of it, came back with its interest."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["deposit.matured"] = "deposit.matured"
    version: Literal[1] = 1
    movement: MovementId
    deposit: DepositId
    account: AccountId
    fund: FundId
    principal_fen: PositiveFen
    interest_fen: Fen
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), _deposit_need(self.deposit), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        back = (
            debit(self.fund, Role.BANK, self.principal_fen + self.interest_fen, self.account),
            credit(self.fund, Role.DEPOSIT, self.principal_fen, self.deposit),
        )
        return (*back, interest(model, self.fund, self.interest_fen)) if self.interest_fen else back


def _deposit_need(deposit: str) -> Need:
    return Need(f"deposit:{deposit}", ("deposit.placed",))


@rule(DepositPlaced, DepositMatured, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: DepositPlaced | DepositMatured, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(DepositPlaced, DepositMatured, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: DepositPlaced | DepositMatured, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(DepositPlaced, DepositMatured, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: DepositPlaced | DepositMatured, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(DepositPlaced, code="DEPOSIT_TWICE", source="一般凭证", form=True)
def placed_once(event: DepositPlaced, model: Knowledge) -> Verdict:
    yield from taken(model, _deposit_need(event.deposit), deposit=event.deposit)


@rule(DepositPlaced, code="DEPOSIT_TERM", source="一般凭证", form=True)
def matures_later(event: DepositPlaced, model: Knowledge) -> Verdict:
    if event.matures_on <= event.on:
        yield {"deposit": event.deposit, "on": str(event.on), "matures_on": str(event.matures_on)}


@rule(DepositPlaced, code="NO_APPROVAL", source="大额资金无审批")
def has_papers(event: DepositPlaced, model: Knowledge) -> Verdict:
    if event.approval is None:
        yield {"from_account": event.account, "to_account": event.deposit, "amount_fen": event.amount_fen}


@rule(DepositPlaced, code="ACCOUNT_SHORT", source="no fund below zero")
def account_holds_it(event: DepositPlaced, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (Role.BANK, event.account), event.amount_fen)


@rule(DepositPlaced, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: DepositPlaced, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)


@rule(DepositPlaced, code="PAPER_AFTER", source="线下审批登记 (paid before decision, paid without paper)")
def after_the_paper(event: DepositPlaced, model: Knowledge) -> Verdict:
    yield from before_paper(model, event.approval, event.on)


@rule(DepositMatured, code="DEPOSIT_UNKNOWN", source="一般凭证", form=True)
def was_placed(event: DepositMatured, model: Knowledge) -> Verdict:
    """A deposit of this book, or one that stands in the opening balances of the fund."""
    placed = (recorded.event for recorded in model.history(f"deposit:{event.deposit}", "deposit.placed"))
    here = any(getattr(one, "fund", None) == event.fund for one in placed)
    if not here and model.balance(event.fund, Role.DEPOSIT, event.deposit) <= 0:
        yield {"deposit": event.deposit, "fund": event.fund}


@rule(DepositMatured, code="DEPOSIT_SHORT", source="一般凭证")
def deposit_holds_it(event: DepositMatured, model: Knowledge) -> Verdict:
    for short in account_short(model, event.fund, (Role.DEPOSIT, event.deposit), event.principal_fen):
        yield {**short, "deposit": event.deposit}
