"""Grants (资助): committed from what a fund can still promise, reduced, and paid.

A commitment is a memo that keeps promised money from being promised twice; it shrinks as the grant is paid. A payment
is cost at once, or a prepayment until its use is reported (see `grant_use.py`).
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, commitment, credit, debit
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
    own_matters,
    role_of,
    taken,
)
from ledger.flows.event import Event, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    Count,
    Day,
    DocumentNo,
    FreeText,
    FundId,
    GrantId,
    Label,
    MovementId,
    Origin,
    PayeeRef,
    PositiveFen,
    ProjectId,
)
from ledger.flows.giving.funds import (
    fund_need,
    kind_of,
    known,
    outside_purpose,
    release,
    unknown,
)
from ledger.flows.granting.allocations import project_party
from ledger.flows.granting.related import related_need, related_now
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

PayeeKind = Literal["organisation", "person", "household", "school", "hospital", "village", "roster"]
"""Who is paid; a roster is a list of many persons kept as an attachment."""
_NAMED_SINCE: Final = 11


class GrantCommitted(Event):
    """A grant is decided: so much of a fund, for this purpose, to this payee. Source: Charity Law arts. 54 and 56."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_on: ClassVar[Rests] = {"grant": ("grant.disbursed", "grant.reduced")}

    kind: Literal["grant.committed"] = "grant.committed"
    version: Literal[1] = 1
    grant: GrantId
    fund: FundId
    project: ProjectId | None
    """The project whose set-aside money is used first."""
    payee: PayeeRef | None
    payee_kind: PayeeKind
    payee_label: Label | None
    amount_fen: PositiveFen
    purpose: Label
    persons: Count
    approval: DocumentNo | None
    due: Day | None
    """The day by which its use is to be reported."""
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        related = () if self.payee is None else (related_need(self.payee),)
        return (_committed_need(self.grant), fund_need(self.fund), *related, *paper_needs(self.approval))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        promised = commitment(self.fund, self.amount_fen, self.grant)
        covered = self.covered(model)
        return promised + (commitment(self.fund, -covered, project_party(self.project or "")) if covered else ())

    def covered(self, model: Knowledge) -> int:
        """Fen of this grant that its project had set aside already."""
        if self.project is None:
            return 0
        return min(self.amount_fen, max(0, model.balance(self.fund, Role.COMMITTED, project_party(self.project))))


class GrantReduced(Event):
    """Less will be paid than was decided; the rest is free again."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["grant.reduced"] = "grant.reduced"
    version: Literal[1] = 1
    grant: GrantId
    fund: FundId
    amount_fen: PositiveFen
    reason: FreeText
    approval: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (fund_need(self.fund),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return commitment(self.fund, -self.amount_fen, self.grant)


class GrantDisbursed(Event):
    """The bank paid a grant, or part of it. `basis` says whether it is cost at once or a prepayment until reported."""

    stage: ClassVar[Stage] = Stage.FACT
    rested_on: ClassVar[Rests] = {"grant": ("grant.use_reported", "grant.unspent_returned")}

    kind: Literal["grant.disbursed"] = "grant.disbursed"
    version: Literal[1] = 1
    movement: MovementId
    grant: GrantId
    fund: FundId
    amount_fen: PositiveFen
    basis: Literal["cost", "prepaid"]
    means: Purse
    account: AccountId
    payee: PayeeRef | None
    payee_kind: PayeeKind
    payee_label: Label | None
    purpose: Label
    persons: Count
    document: DocumentNo | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        related = () if self.payee is None else (related_need(self.payee),)
        return (movement_need(self), _committed_need(self.grant), fund_need(self.fund), *related)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        paid = credit(self.fund, role_of(self.means), self.amount_fen, self.account)
        promised = min(self.amount_fen, max(0, model.balance(self.fund, Role.COMMITTED, self.grant)))
        kept = commitment(self.fund, -promised, self.grant) if promised else ()
        if self.basis == "prepaid":
            return (debit(self.fund, Role.PREPAID, self.amount_fen, self.grant), paid, *kept)
        freed = release(model, known(model, self.fund), self.amount_fen, self.grant)
        return (debit(self.fund, Role.PROGRAMME_COST, self.amount_fen, self.grant), paid, *freed, *kept)


def _committed_need(grant: str) -> Need:
    return Need(f"grant:{grant}", ("grant.committed",))


# ---- rules


@rule(GrantCommitted, code="GRANT_TWICE", source="a file read twice doubles nothing", form=True)
def grant_new(event: GrantCommitted, model: Knowledge) -> Verdict:
    yield from taken(model, _committed_need(event.grant), grant=event.grant)


@rule(
    GrantDisbursed,
    code="MOVEMENT_TWICE",
    source="a file read twice doubles nothing",
    form=True,
)
def movement_new(event: GrantDisbursed, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(
    GrantCommitted,
    GrantReduced,
    GrantDisbursed,
    code="FUND_UNKNOWN",
    source="Charity Law art. 54",
    form=True,
)
def fund_known(event: GrantCommitted | GrantReduced | GrantDisbursed, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(
    GrantCommitted,
    GrantReduced,
    code="FACT_IN_FUTURE",
    source="what has not happened is not recorded",
    form=True,
)
def decided_by_today(event: GrantCommitted | GrantReduced, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(
    GrantDisbursed,
    code="FACT_IN_FUTURE",
    source="what has not happened is not recorded",
    form=True,
)
def paid_by_today(event: GrantDisbursed, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(GrantCommitted, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def fund_can_promise(event: GrantCommitted, model: Knowledge) -> Verdict:
    yield from fund_short(model, event.fund, event.amount_fen - event.covered(model))


@rule(GrantCommitted, GrantDisbursed, code="RESTRICTION_BREACH", source="Charity Law arts. 54 and 56")
def purpose_kept(event: GrantCommitted | GrantDisbursed, model: Knowledge) -> Verdict:
    yield from outside_purpose(model, event.fund, event.purpose)


@rule(GrantCommitted, GrantDisbursed, code="GRANT_OF_AGENCY_MONEY", source="民间非营利组织会计制度 (受托代理)")
def money_is_ours(event: GrantCommitted | GrantDisbursed, model: Knowledge) -> Verdict:
    if kind_of(model, event.fund) == "agency":
        yield {"fund": event.fund}


@rule(GrantCommitted, GrantDisbursed, code="RELATED_BENEFICIARY", source="Charity Law arts. 14, 40 and 59")
def payee_unrelated(event: GrantCommitted | GrantDisbursed, model: Knowledge) -> Verdict:
    day = event.on if isinstance(event, GrantCommitted) else event.occurred_on
    if event.payee is not None:
        yield from related_now(model, event.payee, day)


@rule(
    GrantCommitted,
    GrantDisbursed,
    code="PAYEE_UNNAMED",
    source="Charity Law arts. 14, 40 and 59",
    warns=True,
    edition=_NAMED_SINCE,
)
def payee_is_named(event: GrantCommitted | GrantDisbursed, model: Knowledge) -> Verdict:
    """Related parties are known by their references, so that nobody named by a label only is known to be none. It is
    told and refused by nothing: a reference that nobody declared would pass as well. Many persons stand on a list.
    """
    if event.payee is None and event.payee_kind != "roster":
        yield {"grant": event.grant}


@rule(GrantReduced, code="GRANT_OVER_REDUCED", source="available = liquid - agency - commitments")
def reduced_within(event: GrantReduced, model: Knowledge) -> Verdict:
    left = model.balance(event.fund, Role.COMMITTED, event.grant)
    if event.amount_fen > left:
        yield {"grant": event.grant, "amount_fen": event.amount_fen, "left_fen": left}


@rule(GrantDisbursed, code="NOT_COMMITTED", source="会计法 art. 25: approval stands before payment")
def was_decided(event: GrantDisbursed, model: Knowledge) -> Verdict:
    if not find(model, _committed_need(event.grant)):
        yield {"grant": event.grant, "amount_fen": event.amount_fen}


@own_matters(GrantDisbursed)
def decided_by_this_entity(event: GrantDisbursed) -> Sequence[Need]:
    return (_committed_need(event.grant),)


@rule(GrantDisbursed, code="OVER_COMMIT", source="no more is paid than was decided")
def paid_within(event: GrantDisbursed, model: Knowledge) -> Verdict:
    left = model.balance(event.fund, Role.COMMITTED, event.grant)
    if event.amount_fen > left and find(model, _committed_need(event.grant)):
        yield {"grant": event.grant, "amount_fen": event.amount_fen, "left_fen": left}


@rule(GrantDisbursed, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def fund_has_the_rest(event: GrantDisbursed, model: Knowledge) -> Verdict:
    """What was not promised to this grant is taken from what the fund could promise to others."""
    beyond = event.amount_fen - max(0, model.balance(event.fund, Role.COMMITTED, event.grant))
    yield from fund_short(model, event.fund, beyond) if beyond > 0 else ()


@rule(GrantDisbursed, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def account_holds_it(event: GrantDisbursed, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)


@rule(GrantCommitted, code="APPROVAL_EXCEEDED", source="线下审批登记")
def within_the_paper(event: GrantCommitted, model: Knowledge) -> Verdict:
    yield from over_paper(model, event.approval, event.amount_fen)
