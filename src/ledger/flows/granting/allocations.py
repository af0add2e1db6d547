"""Money set aside: from one fund to another, or to a project inside a fund.

An allocation never changes what donors meant: restricted money stays restricted in the fund that it goes to, and free
money stays free, because a board's decision is no donor's restriction (民间非营利组织会计制度, 限定性净资产).
"""

from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, between_funds, commitment, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.books.papers import over_paper, paper_needs
from ledger.flows.checks import Purse, account_short, fund_short, in_future, moved_before, movement_need, role_of
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AccountId,
    Day,
    DocumentNo,
    FreeText,
    FundId,
    Label,
    MovementId,
    Origin,
    PositiveFen,
    ProjectId,
)
from ledger.flows.giving.funds import (
    AHEAD,
    AHEAD_SINCE,
    RESTRICTED_KINDS,
    covered,
    fund_need,
    kind_of,
    known,
    outside_purpose,
    release,
    restricted_left,
    unknown,
)
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule

_HELD_FOR_OTHERS: Final = frozenset({"agency", "fiscal", "lottery"})
"""Kinds whose money is not the entity's to give to another fund."""


def project_party(project: str) -> str:
    """The sub-ledger of a project's commitment; a colon keeps it apart from grants and batches."""
    return f"project:{project}"


class FundAllocated(Event):
    """A fund gives to another fund of the entity, or sets money aside for one of its projects.

    Source: Charity Law arts. 53 and 54 (专款专用); community and village charity funds.
    """

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["fund.allocated"] = "fund.allocated"
    version: Literal[1] = 1
    movement: MovementId
    source: FundId
    target: FundId | None
    project: ProjectId | None
    amount_fen: PositiveFen
    purpose: Label
    approval: DocumentNo
    means: Purse | None
    account: AccountId | None
    """Where the money lies that goes to another fund; null for a project, whose money stays where it is."""
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        target = () if self.target is None else (fund_need(self.target),)
        return (movement_need(self), fund_need(self.source), *target, *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        if self.target is None:
            return commitment(self.source, self.amount_fen, project_party(self.project or ""))
        role = role_of(self.means or "bank")
        moved = between_funds(self.source, self.target, role, self.amount_fen, self.account or "")
        return moved + _restriction_follows(model, self.source, self.target, self.amount_fen)


class FundDeallocated(Event):
    """What a project did not need goes back to the free money of its fund."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["fund.deallocated"] = "fund.deallocated"
    version: Literal[1] = 1
    fund: FundId
    project: ProjectId
    amount_fen: PositiveFen
    reason: FreeText
    approval: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (fund_need(self.fund),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return commitment(self.fund, -self.amount_fen, project_party(self.project))


def _restriction_follows(model: Knowledge, source: str, target: str, fen: int) -> tuple[Leg, ...]:
    """Carry the restriction of `fen` into a restricted fund; into a free fund (history only) it is released. The first
    editions carried what was restricted when it was recorded, and no more.
    """
    giver, taker = known(model, source), known(model, target)
    if giver.kind not in RESTRICTED_KINDS:
        return ()
    if taker.kind not in RESTRICTED_KINDS:
        return release(model, giver, fen)
    carried = min(fen, max(0, restricted_left(model, source)))
    ahead = fen - carried if model.edition >= AHEAD_SINCE else 0
    legs = (
        debit(source, Role.NET_RESTRICTED, carried),
        debit(source, Role.NET_UNRESTRICTED, ahead, AHEAD),
        credit(source, Role.INTERFUND, carried + ahead, target),
        debit(target, Role.INTERFUND, carried + ahead, source),
        credit(target, Role.NET_RESTRICTED, carried + ahead),
    )
    return covered(model, tuple(leg for leg in legs if leg.amount_fen))


# ---- rules


@rule(FundAllocated, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: FundAllocated, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(FundAllocated, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def allocated_funds_known(event: FundAllocated, model: Knowledge) -> Verdict:
    yield from unknown(model, event.source, *(() if event.target is None else (event.target,)))


@rule(FundDeallocated, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def deallocated_fund_known(event: FundDeallocated, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(FundAllocated, code="ALLOCATION_SHAPE", source="an allocation has one target", form=True)
def allocated_to_one(event: FundAllocated, model: Knowledge) -> Verdict:
    """One target: another fund, with the account the money lies on, or a project, without."""
    to_fund = event.target is not None
    lies = event.account is not None and event.means is not None
    bare = event.account is None and event.means is None
    if to_fund == (event.project is not None) or event.target == event.source or not (lies if to_fund else bare):
        yield {"source": event.source, "target": event.target, "project": event.project, "account": event.account}


@rule(FundAllocated, FundDeallocated, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def not_in_future(event: FundAllocated | FundDeallocated, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(FundAllocated, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def source_can_promise(event: FundAllocated, model: Knowledge) -> Verdict:
    yield from fund_short(model, event.source, event.amount_fen)


@rule(FundAllocated, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def source_holds_it_there(event: FundAllocated, model: Knowledge) -> Verdict:
    if event.account is not None and event.means is not None:
        yield from account_short(model, event.source, (role_of(event.means), event.account), event.amount_fen)


@rule(FundAllocated, code="RESTRICTION_BREACH", source="Charity Law arts. 54 and 56")
def purpose_kept(event: FundAllocated, model: Knowledge) -> Verdict:
    yield from outside_purpose(model, event.source, event.purpose)
    if event.target is not None:
        yield from outside_purpose(model, event.target, event.purpose)


@rule(FundAllocated, code="RESTRICTION_LOST", source="Charity Law arts. 54 and 56")
def restricted_stays_restricted(event: FundAllocated, model: Knowledge) -> Verdict:
    if event.target is None:
        return
    kinds = kind_of(model, event.source), kind_of(model, event.target)
    if kinds[0] in RESTRICTED_KINDS and kinds[1] not in RESTRICTED_KINDS:
        yield {"source": event.source, "target": event.target, "amount_fen": event.amount_fen}


@rule(FundAllocated, code="FUND_NOT_OURS", source="民间非营利组织会计制度 (受托代理)")
def money_is_ours(event: FundAllocated, model: Knowledge) -> Verdict:
    for fund in (event.source, event.target):
        if fund is not None and kind_of(model, fund) in _HELD_FOR_OTHERS:
            yield {"fund": fund, "fund_kind": kind_of(model, fund)}


@rule(FundDeallocated, code="PROJECT_OVER", source="available = liquid - agency - commitments")
def project_holds_it(event: FundDeallocated, model: Knowledge) -> Verdict:
    left = model.balance(event.fund, Role.COMMITTED, project_party(event.project))
    if event.amount_fen > left:
        yield {"project": event.project, "amount_fen": event.amount_fen, "left_fen": left}


@rule(FundAllocated, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: FundAllocated, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)
