"""Onward transfers (转赠): agency money that reaches the final payee it was given for.

Agency money is a debt and never income; what is passed on ends the debt. More than was received for a payee, or to
somebody else, is recorded because the bank paid it, and shown.
"""

from typing import ClassVar, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import Purse, account_short, in_future, moved_before, movement_need, role_of
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AccountId,
    Day,
    DigestText,
    DocumentNo,
    FundId,
    Label,
    MovementId,
    PayeeRef,
    PositiveFen,
)
from ledger.flows.giving.funds import facts, fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place


class AgencyTransferred(Event):
    """Agency money was paid to its final payee. Source: 民间非营利组织会计制度 (受托代理业务)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["agency.transferred"] = "agency.transferred"
    version: Literal[1] = 1
    movement: MovementId
    fund: FundId
    final_payee: PayeeRef
    payee_label: Label | None
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    document: DocumentNo | None
    received_proof: DigestText | None
    """The payee's own receipt for it."""
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.AGENCY, self.amount_fen, self.final_payee),
            credit(self.fund, role_of(self.means), self.amount_fen, self.account),
        )


# ---- rules


@rule(AgencyTransferred, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: AgencyTransferred, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(AgencyTransferred, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: AgencyTransferred, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(AgencyTransferred, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: AgencyTransferred, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(AgencyTransferred, code="AGENCY_PAYEE", source="民间非营利组织会计制度 (受托代理业务)")
def payee_is_the_one(event: AgencyTransferred, model: Knowledge) -> Verdict:
    fund = facts(model, event.fund)
    if fund is not None and fund.final_payee != event.final_payee:
        yield {"fund": event.fund, "payee": event.final_payee}


@rule(AgencyTransferred, code="AGENCY_BALANCE", source="no more is passed on than was received for a payee")
def held_for_payee(event: AgencyTransferred, model: Knowledge) -> Verdict:
    held = -model.balance(event.fund, Role.AGENCY, event.final_payee)
    if event.amount_fen > held:
        yield {"payee": event.final_payee, "amount_fen": event.amount_fen, "held_fen": held}


@rule(AgencyTransferred, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def account_holds_it(event: AgencyTransferred, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)
