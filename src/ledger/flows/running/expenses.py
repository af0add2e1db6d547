"""Expenses (费用): rent, travel, printing, a fundraising evening; paid from a fund, by the nature of the cost.

A grant to somebody outside is not an expense (see `granting.grants`); a bank's fee has its own event. Source: 业务规则
(26).
"""

from typing import ClassVar, Literal

from ledger.accounts.legs import Leg, credit
from ledger.flows.books.papers import before_paper, over_paper, paper_needs
from ledger.flows.checks import Purse, account_short, in_future, moved_before, movement_need, role_of
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AccountId,
    Day,
    DocumentNo,
    FreeText,
    FundId,
    Label,
    MovementId,
    PayeeRef,
    PositiveFen,
    ProjectId,
)
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.running.costs import PURPOSE_SINCE, CostNature, cost, cost_astray, cost_forbidden, freed


class ExpensePaid(Event):
    """A cost was paid. A firm is named as `supplier`; a person stands in the vault under `payee`."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["expense.paid"] = "expense.paid"
    version: Literal[1] = 1
    movement: MovementId
    fund: FundId
    project: ProjectId | None
    nature: CostNature
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    payee: PayeeRef | None
    supplier: Label | None
    purpose: FreeText
    approval: DocumentNo | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund), *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        paid = credit(self.fund, role_of(self.means), self.amount_fen, self.account)
        return (cost(self.fund, self.nature, self.amount_fen), paid, *freed(model, self.fund, self.amount_fen))


@rule(ExpensePaid, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(ExpensePaid, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(ExpensePaid, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(ExpensePaid, code="COST_ON_RESTRICTED", source="不得列支管理费")
def fund_may_bear_it(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from cost_forbidden(model, event.fund, event.nature)


@rule(
    ExpensePaid,
    code="COST_OUTSIDE_PURPOSE",
    source="Charity Law arts. 54 and 56",
    warns=True,
    edition=PURPOSE_SINCE,
)
def use_of_the_fund(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from cost_astray(model, event.fund, event.nature, event.purpose)


@rule(ExpensePaid, code="ACCOUNT_SHORT", source="no fund below zero")
def account_holds_it(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)


@rule(ExpensePaid, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)


@rule(ExpensePaid, code="PAPER_AFTER", source="线下审批登记 (paid before decision, paid without paper)")
def after_the_paper(event: ExpensePaid, model: Knowledge) -> Verdict:
    yield from before_paper(model, event.approval, event.on)
