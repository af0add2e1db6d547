"""Advances (资金拆借、垫付): free money goes first when gifts are on their way, and comes back when they arrive.

An advance is a debt between two funds of one entity, with a due day; it is neither income nor cost. Only free money may
be lent: restricted and agency money waits for its own purpose.
"""

from typing import ClassVar, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.papers import over_paper, paper_needs
from ledger.flows.checks import (
    Purse,
    account_short,
    find,
    fund_short,
    in_future,
    moved_before,
    movement_need,
    role_of,
    taken,
)
from ledger.flows.event import Event, Stage
from ledger.flows.fields import AccountId, AdvanceId, Day, DocumentNo, FundId, Label, MovementId, Origin, PositiveFen
from ledger.flows.giving.funds import fund_need, kind_of, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule


class FundAdvanced(Event):
    """A fund lends to another until gifts arrive. Shown on both fund sheets until repaid (资金拆借)."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["fund.advanced"] = "fund.advanced"
    version: Literal[1] = 1
    advance: AdvanceId
    source: FundId
    target: FundId
    amount_fen: PositiveFen
    purpose: Label
    approval: DocumentNo
    due: Day
    means: Purse
    account: AccountId
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        funds = (fund_need(self.source), fund_need(self.target))
        return (_advance_need(self.advance), *funds, *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return _lend(self, self.amount_fen)


class FundAdvanceRepaid(Event):
    """The fund that was lent to pays back; `source` and `target` are those of the advance."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["fund.advance_repaid"] = "fund.advance_repaid"
    version: Literal[1] = 1
    movement: MovementId
    advance: AdvanceId
    source: FundId
    target: FundId
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), _advance_need(self.advance))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return _lend(self, -self.amount_fen)


def _advance_need(advance: str) -> Need:
    return Need(f"advance:{advance}", ("fund.advanced",))


def _lend(event: FundAdvanced | FundAdvanceRepaid, fen: int) -> tuple[Leg, ...]:
    """Lend `fen` on the event's account from one fund to another; a negative amount pays back."""
    role = role_of(event.means)
    return (
        debit(event.source, Role.RECEIVABLE, fen, event.advance),
        credit(event.source, role, fen, event.account),
        debit(event.target, role, fen, event.account),
        credit(event.target, Role.PAYABLE, fen, event.advance),
    )


# ---- rules


@rule(FundAdvanced, code="ADVANCE_TWICE", source="a file read twice doubles nothing", form=True)
def advance_new(event: FundAdvanced, model: Knowledge) -> Verdict:
    yield from taken(model, _advance_need(event.advance), advance=event.advance)


@rule(FundAdvanced, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def funds_known(event: FundAdvanced, model: Knowledge) -> Verdict:
    yield from unknown(model, event.source, event.target)


@rule(FundAdvanced, code="ADVANCE_SHAPE", source="资金拆借 between funds of one entity", form=True)
def advance_between_two(event: FundAdvanced, model: Knowledge) -> Verdict:
    if event.source == event.target or event.due < event.on:
        yield {"advance": event.advance, "source": event.source, "due": event.due.isoformat()}


@rule(FundAdvanced, FundAdvanceRepaid, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: FundAdvanced | FundAdvanceRepaid, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(FundAdvanced, code="ADVANCE_SOURCE", source="资金拆借 between funds of one entity")
def lender_may_lend(event: FundAdvanced, model: Knowledge) -> Verdict:
    lender = kind_of(model, event.source)
    if lender not in {"unrestricted", ""}:
        yield {"fund": event.source, "fund_kind": lender}


@rule(FundAdvanced, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def lender_can_promise(event: FundAdvanced, model: Knowledge) -> Verdict:
    yield from fund_short(model, event.source, event.amount_fen)


@rule(FundAdvanced, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def lender_holds_it_there(event: FundAdvanced, model: Knowledge) -> Verdict:
    yield from account_short(model, event.source, (role_of(event.means), event.account), event.amount_fen)


@rule(FundAdvanceRepaid, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: FundAdvanceRepaid, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(FundAdvanceRepaid, code="ADVANCE_UNKNOWN", source="资金拆借 between funds of one entity", form=True)
def advance_known(event: FundAdvanceRepaid, model: Knowledge) -> Verdict:
    """An advance of this book, or one that stands in the opening balances of both funds."""
    for recorded in find(model, _advance_need(event.advance)):
        made = recorded.event
        if isinstance(made, FundAdvanced) and (made.source, made.target) == (event.source, event.target):
            return
    lent = model.balance(event.source, Role.RECEIVABLE, event.advance)
    if lent <= 0 or model.balance(event.target, Role.PAYABLE, event.advance) >= 0:
        yield {"advance": event.advance}


@rule(FundAdvanceRepaid, code="ADVANCE_OVER", source="资金拆借 between funds of one entity")
def repaid_within(event: FundAdvanceRepaid, model: Knowledge) -> Verdict:
    owed = model.balance(event.source, Role.RECEIVABLE, event.advance)
    if event.amount_fen > owed:
        yield {"advance": event.advance, "amount_fen": event.amount_fen, "owed_fen": owed}


@rule(FundAdvanceRepaid, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def borrower_can_repay(event: FundAdvanceRepaid, model: Knowledge) -> Verdict:
    yield from fund_short(model, event.target, event.amount_fen)


@rule(FundAdvanceRepaid, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def borrower_holds_it_there(event: FundAdvanceRepaid, model: Knowledge) -> Verdict:
    yield from account_short(model, event.target, (role_of(event.means), event.account), event.amount_fen)


@rule(FundAdvanced, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: FundAdvanced, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)
