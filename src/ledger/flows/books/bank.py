"""What the bank does by itself: interest and fees; and money moved between the entity's own accounts (内部调款).

Interest and fees are booked from their statement line and explain it. Source: 一般凭证; 内部调款须审批.
"""

from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.matching import line_need, line_overdrawn, line_unknown
from ledger.flows.books.papers import before_paper, over_paper, paper_needs
from ledger.flows.checks import account_short, in_future, moved_before, movement_need
from ledger.flows.event import Event, Stage
from ledger.flows.fields import AccountId, Day, DocumentNo, FundId, LineId, MovementId, PositiveFen
from ledger.flows.giving.funds import facts, fund_need, income, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.running.costs import cost, cost_forbidden, freed


class BankInterest(Event):
    """The bank paid interest; `fund` is the one the agreement gives it to (to the fund itself, or to free money)."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["bank.interest"] = "bank.interest"
    version: Literal[1] = 1
    movement: MovementId
    line: LineId | None
    account: AccountId
    fund: FundId
    amount_fen: PositiveFen
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return _booked_needs(self)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (debit(self.fund, Role.BANK, self.amount_fen, self.account), interest(model, self.fund, self.amount_fen))


class Fee(Event):
    """The bank took a fee."""

    stage: ClassVar[Stage] = Stage.FACT

    movement: MovementId
    line: LineId | None
    account: AccountId
    fund: FundId
    amount_fen: PositiveFen
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return _booked_needs(self)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            cost(self.fund, "management", self.amount_fen),
            credit(self.fund, Role.BANK, self.amount_fen, self.account),
        )


class BankFee(Fee):
    """As it was first written: what a restricted fund pays the bank stays restricted, although it is spent."""

    kind: Literal["bank.fee"] = "bank.fee"
    version: Literal[1] = 1


class BankFeeSpent(Fee):
    """Money that is spent like any other: what a restricted fund pays the bank is restricted no more."""

    kind: Literal["bank.fee"] = "bank.fee"
    version: Literal[2] = 2

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (*super().postings(model), *freed(model, self.fund, self.amount_fen))


class BankTransferred(Event):
    """A fund's money went from one of the entity's bank accounts to another."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["bank.transferred"] = "bank.transferred"
    version: Literal[1] = 1
    movement: MovementId
    from_account: AccountId
    to_account: AccountId
    fund: FundId
    amount_fen: PositiveFen
    approval: DocumentNo | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund), *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.BANK, self.amount_fen, self.to_account),
            credit(self.fund, Role.BANK, self.amount_fen, self.from_account),
        )


_FEES: Final = (BankFee, BankFeeSpent)


def interest(model: Knowledge, fund: str, fen: int) -> Leg:
    """The credit of interest: other income, or, for money held for somebody, more of what is owed to that payee."""
    found = facts(model, fund)
    if found is not None and found.kind == "agency":
        return income(found, fen)
    return credit(fund, Role.OTHER_INCOME, fen)


def _booked_needs(event: BankInterest | Fee) -> tuple[Need, ...]:
    own = (movement_need(event), fund_need(event.fund))
    return own if event.line is None else (*own, line_need(event.line))


@rule(BankInterest, *_FEES, BankTransferred, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: BankInterest | Fee | BankTransferred, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(BankInterest, *_FEES, BankTransferred, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: BankInterest | Fee | BankTransferred, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(BankInterest, *_FEES, BankTransferred, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: BankInterest | Fee | BankTransferred, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(BankInterest, *_FEES, code="LINE_UNKNOWN", source="多对多对账", form=True)
def line_is_known(event: BankInterest | Fee, model: Knowledge) -> Verdict:
    yield from line_unknown(model, event.line, event.account)


@rule(BankInterest, *_FEES, code="BANK_LINE_OVERALLOCATED", source="多对多对账", form=True)
def within_the_line(event: BankInterest | Fee, model: Knowledge) -> Verdict:
    yield from line_overdrawn(
        model, event.line, event.amount_fen if event.kind == "bank.interest" else -event.amount_fen
    )


@rule(*_FEES, code="COST_ON_RESTRICTED", source="不得列支管理费")
def fund_may_bear_it(event: Fee, model: Knowledge) -> Verdict:
    yield from cost_forbidden(model, event.fund, "management")


@rule(BankFee, code="FEE_FREES_NOTHING", source="民间非营利组织会计制度 (限定性净资产)", form=True, edition=4)
def frees_what_it_spends(event: BankFee, model: Knowledge) -> Verdict:
    if found := freed(model, event.fund, event.amount_fen):
        yield {"fund": event.fund, "amount_fen": event.amount_fen, "freed_fen": -found[-1].amount_fen}


@rule(*_FEES, BankTransferred, code="ACCOUNT_SHORT", source="no fund below zero")
def account_holds_it(event: Fee | BankTransferred, model: Knowledge) -> Verdict:
    source = event.from_account if isinstance(event, BankTransferred) else event.account
    yield from account_short(model, event.fund, (Role.BANK, source), event.amount_fen)


@rule(BankTransferred, code="TRANSFER_SAME", source="内部调款须审批", form=True)
def two_accounts(event: BankTransferred, model: Knowledge) -> Verdict:
    if event.from_account == event.to_account:
        yield {"account": event.from_account}


@rule(BankTransferred, code="NO_APPROVAL", source="内部调款须审批; T23 (own accounts, without papers)")
def has_papers(event: BankTransferred, model: Knowledge) -> Verdict:
    if event.approval is None:
        yield {"from_account": event.from_account, "to_account": event.to_account, "amount_fen": event.amount_fen}


@rule(BankTransferred, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: BankTransferred, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)


@rule(BankTransferred, code="PAPER_AFTER", source="线下审批登记 (paid before decision, paid without paper)")
def after_the_paper(event: BankTransferred, model: Knowledge) -> Verdict:
    yield from before_paper(model, event.approval, event.on)
