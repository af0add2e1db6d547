"""Staff advances (借支, 备用金): paid to a person of the house, cleared with papers and what is left over.

An advance between two funds is another thing (see `granting.advances`); the numbers share one name space. Source:
一般凭证.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.papers import before_paper, over_paper, paper_needs
from ledger.flows.checks import Purse, account_short, find, in_future, moved_before, movement_need, role_of, taken
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import (
    AccountId,
    AdvanceId,
    Day,
    DocumentNo,
    Fen,
    FreeText,
    FundId,
    MovementId,
    OfficerId,
    PositiveFen,
)
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.running.costs import PURPOSE_SINCE, CostNature, cost, cost_astray, cost_forbidden, freed


def staff_party(advance: str) -> str:
    """The sub-ledger of a staff advance; a colon keeps it apart from advances between funds."""
    return f"staff:{advance}"


class AdvancePaid(Event):
    """Money was handed to an officer to spend for the entity."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["advance.paid"] = "advance.paid"
    version: Literal[1] = 1
    movement: MovementId
    advance: AdvanceId
    officer: OfficerId
    fund: FundId
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    purpose: FreeText
    due: Day
    approval: DocumentNo | None
    on: Day

    def needs(self) -> tuple[Need, ...]:
        taken_by = Need(f"advance:{self.advance}", ("advance.paid", "fund.advanced"))
        return (movement_need(self), taken_by, fund_need(self.fund), *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.RECEIVABLE, self.amount_fen, staff_party(self.advance)),
            credit(self.fund, role_of(self.means), self.amount_fen, self.account),
        )


class AdvanceSpent(Part):
    """What part of an advance went on what."""

    nature: CostNature
    fen: PositiveFen
    purpose: FreeText


class AdvanceCleared(Event):
    """Papers and left-over money came back for an advance, or for a part of it."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["advance.cleared"] = "advance.cleared"
    version: Literal[1] = 1
    movement: MovementId
    advance: AdvanceId
    fund: FundId
    spent: Annotated[tuple[AdvanceSpent, ...], Field(max_length=200)]
    returned_fen: Fen
    means: Purse | None
    account: AccountId | None
    """Where the left-over money went; null when nothing was left."""
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), _advance_need(self.advance), fund_need(self.fund))

    def cleared_fen(self) -> int:
        """What the advance falls by."""
        return self.returned_fen + sum(part.fen for part in self.spent)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        used = tuple(cost(self.fund, part.nature, part.fen) for part in self.spent)
        legs = (*used, credit(self.fund, Role.RECEIVABLE, self.cleared_fen(), staff_party(self.advance)))
        if self.returned_fen:
            legs = (*legs, debit(self.fund, role_of(self.means or "cash"), self.returned_fen, self.account or ""))
        return (*legs, *freed(model, self.fund, self.cleared_fen() - self.returned_fen))


def _advance_need(advance: str) -> Need:
    return Need(f"advance:{advance}", ("advance.paid",))


@rule(AdvancePaid, AdvanceCleared, code="MOVEMENT_TWICE", source="重复导入不重记", form=True)
def booked_once(event: AdvancePaid | AdvanceCleared, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(AdvancePaid, AdvanceCleared, code="FUND_UNKNOWN", source="ADR-0003", form=True)
def fund_is_known(event: AdvancePaid | AdvanceCleared, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(AdvancePaid, AdvanceCleared, code="FACT_IN_FUTURE", source="会计期间", form=True)
def not_in_future(event: AdvancePaid | AdvanceCleared, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(AdvancePaid, code="STAFF_ADVANCE_TWICE", source="一般凭证", form=True)
def paid_once(event: AdvancePaid, model: Knowledge) -> Verdict:
    yield from taken(model, event.needs()[1], advance=event.advance)


@rule(AdvancePaid, code="ACCOUNT_SHORT", source="no fund below zero")
def account_holds_it(event: AdvancePaid, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)


@rule(AdvancePaid, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: AdvancePaid, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)


@rule(AdvancePaid, code="PAPER_AFTER", source="线下审批登记 (paid before decision, paid without paper)")
def after_the_paper(event: AdvancePaid, model: Knowledge) -> Verdict:
    yield from before_paper(model, event.approval, event.on)


@rule(AdvanceCleared, code="STAFF_ADVANCE_UNKNOWN", source="一般凭证", form=True)
def was_paid(event: AdvanceCleared, model: Knowledge) -> Verdict:
    """An advance of this book, or one that stands open in the opening balances of the fund."""
    paid = find(model, _advance_need(event.advance))
    here = any(getattr(recorded.event, "fund", None) == event.fund for recorded in paid)
    if not here and model.balance(event.fund, Role.RECEIVABLE, staff_party(event.advance)) <= 0:
        yield {"advance": event.advance, "fund": event.fund}


@rule(AdvanceCleared, code="STAFF_ADVANCE_SHAPE", source="一般凭证", form=True)
def says_where_the_rest_went(event: AdvanceCleared, model: Knowledge) -> Verdict:
    placed = event.means is not None and event.account is not None
    if not event.cleared_fen() or placed != bool(event.returned_fen):
        yield {"advance": event.advance, "returned_fen": event.returned_fen}


@rule(AdvanceCleared, code="STAFF_ADVANCE_OVER", source="一般凭证")
def no_more_than_open(event: AdvanceCleared, model: Knowledge) -> Verdict:
    open_fen = model.balance(event.fund, Role.RECEIVABLE, staff_party(event.advance))
    if event.cleared_fen() > open_fen:
        yield {"advance": event.advance, "cleared_fen": event.cleared_fen(), "open_fen": open_fen}


@rule(AdvanceCleared, code="COST_ON_RESTRICTED", source="不得列支管理费")
def fund_may_bear_it(event: AdvanceCleared, model: Knowledge) -> Verdict:
    for nature in dict.fromkeys(part.nature for part in event.spent):
        yield from cost_forbidden(model, event.fund, nature)


@rule(
    AdvanceCleared,
    code="COST_OUTSIDE_PURPOSE",
    source="Charity Law arts. 54 and 56",
    warns=True,
    edition=PURPOSE_SINCE,
)
def use_of_the_fund(event: AdvanceCleared, model: Knowledge) -> Verdict:
    for nature, purpose in dict.fromkeys((part.nature, part.purpose) for part in event.spent):
        yield from cost_astray(model, event.fund, nature, purpose)
