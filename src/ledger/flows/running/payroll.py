"""Wages (工资): paid net, with what is withheld and what the employer adds, then handed on to the offices.

Who earned how much is in the list, by digest; the log holds the sums. Source: 一般凭证.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import Purse, account_short, in_future, moved_before, movement_need, role_of
from ledger.flows.event import Event, Stage
from ledger.flows.fields import AccountId, Day, DigestText, Fen, FundId, Month, MovementId, PositiveFen
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.running.costs import CostNature, cost, cost_forbidden, freed


class PayrollPaid(Event):
    """The wages of a month: gross = net + withheld for insurance + withheld tax; the employer's part is cost too."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["payroll.paid"] = "payroll.paid"
    version: Literal[1] = 1
    movement: MovementId
    fund: FundId
    nature: CostNature
    month: Month
    persons: Annotated[int, Field(ge=1, le=100_000)]
    gross_fen: PositiveFen
    insurance_fen: Fen
    tax_fen: Fen
    net_fen: Fen
    employer_fen: Fen
    """The employer's insurance and housing contributions, not part of the gross wage."""
    list_digest: DigestText
    means: Purse
    account: AccountId
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        whole = self.net_fen + self.insurance_fen + self.tax_fen + self.employer_fen
        legs = (
            cost(self.fund, self.nature, whole),
            credit(self.fund, role_of(self.means), self.net_fen, self.account),
            credit(self.fund, Role.SALARY_PAYABLE, self.insurance_fen + self.employer_fen),
            credit(self.fund, Role.TAX_PAYABLE, self.tax_fen),
        )
        return (*(leg for leg in legs if leg.amount_fen), *freed(model, self.fund, whole))


class PayrollRemitted(Event):
    """What was withheld or owed for wages was paid to the insurance fund or the tax office."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["payroll.remitted"] = "payroll.remitted"
    version: Literal[1] = 1
    movement: MovementId
    fund: FundId
    what: Literal["insurance", "tax"]
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, self.owed(), self.amount_fen),
            credit(self.fund, role_of(self.means), self.amount_fen, self.account),
        )

    def owed(self) -> Role:
        """The account of the debt that is paid."""
        return Role.TAX_PAYABLE if self.what == "tax" else Role.SALARY_PAYABLE


@rule(PayrollPaid, PayrollRemitted, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: PayrollPaid | PayrollRemitted, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(PayrollPaid, PayrollRemitted, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: PayrollPaid | PayrollRemitted, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(PayrollPaid, PayrollRemitted, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: PayrollPaid | PayrollRemitted, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(PayrollPaid, code="PAYROLL_SUM", source="一般凭证", form=True)
def gross_is_the_sum(event: PayrollPaid, model: Knowledge) -> Verdict:
    parts_fen = event.net_fen + event.insurance_fen + event.tax_fen
    if parts_fen != event.gross_fen:
        yield {"month": event.month, "gross_fen": event.gross_fen, "parts_fen": parts_fen}


@rule(PayrollPaid, code="COST_ON_RESTRICTED", source="不得列支管理费")
def fund_may_bear_it(event: PayrollPaid, model: Knowledge) -> Verdict:
    yield from cost_forbidden(model, event.fund, event.nature)


@rule(PayrollPaid, PayrollRemitted, code="ACCOUNT_SHORT", source="no fund below zero")
def account_holds_it(event: PayrollPaid | PayrollRemitted, model: Knowledge) -> Verdict:
    paid_fen = event.net_fen if isinstance(event, PayrollPaid) else event.amount_fen
    yield from account_short(model, event.fund, (role_of(event.means), event.account), paid_fen)


@rule(PayrollRemitted, code="PAYROLL_OVER_REMITTED", source="一般凭证")
def no_more_than_owed(event: PayrollRemitted, model: Knowledge) -> Verdict:
    owed_fen = -model.balance(event.fund, event.owed())
    if event.amount_fen > owed_fen:
        yield {"fund": event.fund, "what": event.what, "amount_fen": event.amount_fen, "owed_fen": owed_fen}
