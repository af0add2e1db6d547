"""What became of a grant (使用反馈): what was used, on whom, with which papers, and what came back unspent.

Paid is not used: four figures are kept apart, paid, reported, not reported, returned. A prepayment becomes cost when
its use is reported, and only then is the restriction on it released.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import Purse, find, in_future, moved_before, movement_need, own_matters, role_of
from ledger.flows.event import Event, Stage
from ledger.flows.fields import AccountId, Count, Day, DigestText, FreeText, FundId, GrantId, MovementId, PositiveFen
from ledger.flows.giving.funds import (
    AHEAD_SINCE,
    RESTRICTED_KINDS,
    fund_need,
    kind_of,
    known,
    release,
    restrict_again,
    unknown,
)
from ledger.flows.granting.grants import GrantDisbursed
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

_OPENED_SINCE: Final = 4
"""The edition of the rules since which a prepayment of before the book counts as paid."""
PAID_KINDS: Final = ("grant.disbursed", "grant.use_reported", "grant.unspent_returned")


class GrantUseReported(Event):
    """The executor says what was spent, on whom, and shows papers (使用反馈); a prepayment becomes cost."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["grant.use_reported"] = "grant.use_reported"
    version: Literal[1] = 1
    movement: MovementId
    """The report's own number."""
    grant: GrantId
    fund: FundId
    used_fen: PositiveFen
    """Spent since the report before."""
    as_of: Day
    persons: Count
    households: Count
    papers: DigestText | None
    on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund), _flow_need(self.grant))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        fen = min(self.used_fen, max(0, model.balance(self.fund, Role.PREPAID, self.grant)))
        if not fen:
            return ()
        cost = debit(self.fund, Role.PROGRAMME_COST, fen, self.grant)
        spent = credit(self.fund, Role.PREPAID, fen, self.grant)
        return (cost, spent, *release(model, known(model, self.fund), fen, self.grant))


class GrantUnspentReturned(Event):
    """What an executor or beneficiary did not use came back; it serves its fund's purpose again."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["grant.unspent_returned"] = "grant.unspent_returned"
    version: Literal[1] = 1
    movement: MovementId
    grant: GrantId
    fund: FundId
    amount_fen: PositiveFen
    means: Purse
    account: AccountId
    persons: Count
    reason: FreeText
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), fund_need(self.fund), _flow_need(self.grant))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        back = debit(self.fund, role_of(self.means), self.amount_fen, self.account)
        waiting = self.waiting(model)
        booked = self.amount_fen - waiting
        legs = [back]
        if waiting:
            legs.append(credit(self.fund, Role.PREPAID, waiting, self.grant))
        if booked:
            legs.append(credit(self.fund, Role.PROGRAMME_COST, booked, self.grant))
            legs += restrict_again(model, known(model, self.fund), booked, self.grant)
        return tuple(legs)

    def waiting(self, model: Knowledge) -> int:
        """Fen of it that were prepaid and never cost."""
        return min(self.amount_fen, max(0, model.balance(self.fund, Role.PREPAID, self.grant)))


def _flow_need(grant: str) -> Need:
    return Need(f"grant:{grant}", PAID_KINDS)


def _unreported(model: Knowledge, grant: str) -> int:
    """Fen paid, less what was reported as used, less what came back."""
    fen = 0
    for recorded in find(model, _flow_need(grant)):
        event = recorded.event
        if isinstance(event, GrantDisbursed):
            fen += event.amount_fen
        elif isinstance(event, GrantUseReported):
            fen -= event.used_fen
        elif isinstance(event, GrantUnspentReturned):
            fen -= event.amount_fen
    return fen


# ---- rules


@rule(
    GrantUseReported, GrantUnspentReturned, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True
)
def movement_new(event: GrantUseReported | GrantUnspentReturned, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(GrantUseReported, GrantUnspentReturned, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: GrantUseReported | GrantUnspentReturned, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(
    GrantUseReported,
    GrantUnspentReturned,
    code="GRANT_FUND",
    source="Charity Law arts. 54 and 56 (专款专用: what comes of a grant stays in the fund that paid it)",
    form=True,
    edition=4,
)
def paid_from_this_fund(event: GrantUseReported | GrantUnspentReturned, model: Knowledge) -> Verdict:
    """A grant of before this book was paid from the fund that still has it as prepaid, if any has."""
    paid = {one.event.fund for one in find(model, _flow_need(event.grant)) if isinstance(one.event, GrantDisbursed)}
    if paid and event.fund not in paid and model.balance(event.fund, Role.PREPAID, event.grant) <= 0:
        yield {"grant": event.grant, "fund": event.fund, "paid_from": "、".join(sorted(paid))}


@rule(GrantUseReported, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def reported_by_today(event: GrantUseReported, model: Knowledge) -> Verdict:
    yield from in_future(model, event.on)


@rule(GrantUnspentReturned, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True)
def returned_by_today(event: GrantUnspentReturned, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(GrantUseReported, GrantUnspentReturned, code="USE_OVER_PAID", source="no more is used than was paid")
def used_within(event: GrantUseReported | GrantUnspentReturned, model: Knowledge) -> Verdict:
    """What was paid before this book began still lies in the opening's prepayments."""
    fen = event.used_fen if isinstance(event, GrantUseReported) else event.amount_fen
    left = _unreported(model, event.grant)
    if model.edition >= _OPENED_SINCE:
        left = max(left, model.balance(event.fund, Role.PREPAID, event.grant))
    if fen > left:
        yield {"grant": event.grant, "amount_fen": fen, "left_fen": left}


@own_matters(GrantUseReported, GrantUnspentReturned)
def paid_by_this_entity(event: GrantUseReported | GrantUnspentReturned) -> Sequence[Need]:
    return (_flow_need(event.grant),)


@rule(
    GrantUnspentReturned,
    code="UNSPENT_RESTRICTED",
    source="民间非营利组织会计制度 (限定性净资产)",
    warns=True,
    edition=AHEAD_SINCE,
)
def restricts_more_than_it_freed(event: GrantUnspentReturned, model: Knowledge) -> Verdict:
    """Its payment is not in this book, or not yet; what came back serves the fund's purpose all the same."""
    booked = event.amount_fen - event.waiting(model)
    freed = max(0, -model.balance(event.fund, Role.NET_UNRESTRICTED, event.grant))
    if kind_of(model, event.fund) in RESTRICTED_KINDS and booked > freed:
        yield {"grant": event.grant, "fund": event.fund, "amount_fen": booked, "freed_fen": freed}


@rule(GrantUseReported, code="NO_USE_PAPERS", source="使用反馈须附凭据", warns=True)
def papers_shown(event: GrantUseReported, model: Knowledge) -> Verdict:
    if event.papers is None:
        yield {"grant": event.grant}
