"""Funds (基金): money with one purpose inside an entity, and what every other flow asks about one.

`facts(model, fund)` tells its kind; `income` and `release` turn that kind into legs. Restricted net assets follow the
money: income into a restricted fund is restricted income, and spending it releases what is left of the restriction;
what was spent ahead of its gifts is remembered, and they are free by as much when they come, so that no statement
depends on what was recorded first. What an entity sets aside out of free money stays unrestricted, wherever it lies
(民间非营利组织会计制度, 净资产).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar, Final, Literal, NamedTuple

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.errors import RefusedError
from ledger.flows.event import Event, Stage
from ledger.flows.fields import Day, DocumentNo, FreeText, FundId, Label, Origin, PayeeRef, PositiveFen, ProgrammeId
from ledger.flows.knowledge import NEEDS_KEPT, Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule

FundKind = Literal["unrestricted", "restricted", "agency", "community", "village", "mutual_aid", "lottery", "fiscal"]

RESTRICTED_KINDS: Final = frozenset({"restricted", "community", "village", "mutual_aid"})
"""Kinds whose gifts are restricted income, to be released as they are spent."""

OPENING_KINDS: Final = ("fund.opened", "mutual_aid.society_registered")
"""A mutual-aid society's registration opens its fund in effect: the society's book is one fund."""

AHEAD: Final = ":ahead"
"""The sub-ledger of unrestricted net assets that holds, on the debit side, what a fund spent while nothing restricted
was left. No id and no party of a free voucher begins with a colon."""

AHEAD_SINCE: Final = 6
"""The edition of the rules since which that is remembered."""

WAITING_SINCE: Final = 10
"""The edition of the rules since which money that waits for its owner's name (待查款) is not the fund's to promise."""

_RESTRICTED: Final = frozenset({Role.NET_RESTRICTED, Role.DONATION_RESTRICTED})

GOODS_SUFFIX: Final = ":goods"
"""What the party of an agency fund's goods ends with, and no party of its money does."""

_INCOME: Final[Mapping[str, Role]] = {
    "unrestricted": Role.DONATION_UNRESTRICTED,
    "agency": Role.AGENCY,
    "lottery": Role.FISCAL_INCOME,
    "fiscal": Role.FISCAL_INCOME,
}


class FundFacts(NamedTuple):
    """What was recorded of a fund when it was opened, and the uses that it may be spent on now."""

    fund: str
    kind: str
    final_payee: str | None = None
    purposes: tuple[str, ...] = ()
    no_cost: bool = False


class FundOpened(Event):
    """A fund is set up with its kind and purpose. Source: Charity Law arts. 54 and 56 (专款专用)."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["fund.opened"] = "fund.opened"
    version: Literal[1] = 1
    fund: FundId
    name: Label
    fund_kind: FundKind
    purpose: FreeText
    purposes: tuple[Label, ...]
    """The uses it may be spent on, as codes that a grant repeats; empty when people judge by `purpose` alone."""
    final_payee: PayeeRef | None
    """Of an agency fund: the one organisation or person for whom the money is held."""
    parent: FundId | None
    """Of a community or village fund: the fund that it is part of."""
    programmes: tuple[ProgrammeId, ...]
    no_cost: bool
    """Whether the donors forbade that management or fundraising cost be taken from it."""
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        own = (fund_need(self.fund),)
        return own if self.parent is None else (*own, fund_need(self.parent))


class FundPurposeChanged(Event):
    """The uses of a fund are changed with the donors' consent or a re-filed plan. Source: Charity Law arts. 56, 58."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["fund.purpose_changed"] = "fund.purpose_changed"
    version: Literal[1] = 1
    fund: FundId
    purpose: FreeText
    purposes: tuple[Label, ...]
    basis: Literal["donor_consent", "plan_refiled", "residual_property"]
    document: DocumentNo
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (fund_need(self.fund),)


class RestrictionReleased(Event):
    """A restriction ends for another reason than spending: a term ran out, the donor freed the money."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["restriction.released"] = "restriction.released"
    version: Literal[1] = 1
    fund: FundId
    amount_fen: PositiveFen
    reason: Literal["term_ended", "donor_freed", "purpose_fulfilled", "other"]
    reason_text: FreeText
    document: DocumentNo | None
    on: Day
    origin: Origin

    def needs(self) -> tuple[Need, ...]:
        return (fund_need(self.fund),)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        if model.edition >= AHEAD_SINCE and (fund := facts(model, self.fund)) and fund.kind in RESTRICTED_KINDS:
            return release(model, fund, self.amount_fen)
        return (
            debit(self.fund, Role.NET_RESTRICTED, self.amount_fen),
            credit(self.fund, Role.NET_UNRESTRICTED, self.amount_fen),
        )


# ---- what other flows ask and post


@lru_cache(maxsize=NEEDS_KEPT)
def fund_need(fund: str) -> Need:
    """The history that tells what a fund is; small, however many gifts it had."""
    return Need(f"fund:{fund}", (*OPENING_KINDS, "fund.purpose_changed"))


def facts(model: Knowledge, fund: str) -> FundFacts | None:
    """What a fund of the voucher's entity is, or None when nobody opened it. Needs `fund_need(fund)`."""
    return model.folded(_facts, fund_need(fund), f"{model.entity} {fund}")


def _facts(history: Sequence[Recorded], whose: str) -> FundFacts | None:
    entity, _, fund = whose.partition(" ")
    found: FundFacts | None = None
    for recorded in history:
        event = recorded.event
        if recorded.entity != entity or getattr(event, "fund", None) != fund:
            continue
        if isinstance(event, FundOpened):
            found = FundFacts(fund, event.fund_kind, event.final_payee, event.purposes, event.no_cost)
        elif isinstance(event, FundPurposeChanged):
            found = None if found is None else found._replace(purposes=event.purposes)
        else:
            found = FundFacts(fund, "mutual_aid")
    return found


def known(model: Knowledge, fund: str) -> FundFacts:
    """`facts`, for postings: raises RefusedError E_FUND_UNKNOWN, which a rule has said before."""
    found = facts(model, fund)
    if found is None:
        raise RefusedError("E_FUND_UNKNOWN", fund=fund)
    return found


def kind_of(model: Knowledge, fund: str) -> str:
    """The kind of a fund; empty when nobody opened it (another rule says so)."""
    found = facts(model, fund)
    return "" if found is None else found.kind


def unknown(model: Knowledge, *funds: str) -> Verdict:
    """The body of every flow's FUND_UNKNOWN rule: one finding for each fund that nobody opened."""
    for fund in dict.fromkeys(funds):
        if facts(model, fund) is None:
            yield {"fund": fund}


def income(fund: FundFacts, fen: int, *, goods: bool = False) -> Leg:
    """The credit of a gift of `fen` to a fund: income, restricted income, or a debt to the final payee."""
    if fund.kind == "agency":
        return credit(fund.fund, Role.AGENCY, fen, owed_goods(fund) if goods else fund.final_payee or "")
    return credit(fund.fund, _INCOME.get(fund.kind, Role.DONATION_RESTRICTED), fen)


def owed_goods(fund: FundFacts) -> str:
    """The sub-ledger of goods held for a final payee: goods never let more money be passed on than came in."""
    return f"{fund.final_payee}{GOODS_SUFFIX}"


def restricted_left(model: Knowledge, fund: str) -> int:
    """Fen of a fund that are still under restriction: restricted net assets and this year's restricted income."""
    return -(model.balance(fund, Role.NET_RESTRICTED) + model.balance(fund, Role.DONATION_RESTRICTED))


def spent_ahead(model: Knowledge, fund: str) -> int:
    """Fen that a fund spent while nothing restricted was left, and that no gift has covered since."""
    return model.balance(fund, Role.NET_UNRESTRICTED, AHEAD)


def release(model: Knowledge, fund: FundFacts, fen: int, party: str = "") -> tuple[Leg, ...]:
    """Free as much of `fen` as is still restricted, because it was spent on its purpose, and remember the rest as spent
    ahead of its gifts; no legs for a free fund. `party` says for what (a grant).
    """
    if fund.kind not in RESTRICTED_KINDS:
        return ()
    freed = min(fen, max(0, restricted_left(model, fund.fund)))
    ahead = fen - freed if model.edition >= AHEAD_SINCE else 0
    legs = (
        debit(fund.fund, Role.NET_RESTRICTED, freed, party),
        debit(fund.fund, Role.NET_UNRESTRICTED, ahead, AHEAD),
        credit(fund.fund, Role.NET_UNRESTRICTED, freed + ahead, party),
    )
    return _moving(legs)


def restrict_again(model: Knowledge, fund: FundFacts, fen: int, party: str) -> tuple[Leg, ...]:
    """Take back a release for `party`, of which `fen` fen came back unspent: what was spent ahead falls first.

    The first editions took back no more than had been released for that party.
    """
    if fund.kind not in RESTRICTED_KINDS:
        return ()
    ahead = 0
    if model.edition >= AHEAD_SINCE:
        ahead = min(fen, max(0, spent_ahead(model, fund.fund)))
    else:
        fen = min(fen, max(0, model.balance(fund.fund, Role.NET_RESTRICTED, party)))
    legs = (
        debit(fund.fund, Role.NET_UNRESTRICTED, fen, party),
        credit(fund.fund, Role.NET_UNRESTRICTED, ahead, AHEAD),
        credit(fund.fund, Role.NET_RESTRICTED, fen - ahead, party),
    )
    return _moving(legs)


def unrelease(model: Knowledge, fund: FundFacts, fen: int) -> tuple[Leg, ...]:
    """Restrict again what of `fen` was released, before a restricted gift can leave; what was spent of it is then spent
    ahead of other gifts.
    """
    spent = fen - max(0, restricted_left(model, fund.fund))
    if fund.kind not in RESTRICTED_KINDS or spent <= 0:
        return ()
    ahead = AHEAD if model.edition >= AHEAD_SINCE else ""
    return (debit(fund.fund, Role.NET_UNRESTRICTED, spent, ahead), credit(fund.fund, Role.NET_RESTRICTED, spent))


def covered(model: Knowledge, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """The legs of what brings or takes back restricted money, and those by which each fund stands as if it had been
    recorded first: a gift is free by what was spent ahead of it, and what no longer was spent is restricted again.
    """
    brought: dict[str, int] = {}
    ahead: dict[str, int] = {}
    for leg in legs:
        if leg.role in _RESTRICTED:
            brought[leg.fund] = brought.get(leg.fund, 0) - leg.amount_fen
        elif leg.party == AHEAD:
            ahead[leg.fund] = ahead.get(leg.fund, 0) + leg.amount_fen
    more: list[Leg] = []
    for fund in dict.fromkeys((*brought, *ahead)):
        spent = spent_ahead(model, fund) + ahead.get(fund, 0)
        if spent > 0:
            spent = min(spent, max(0, restricted_left(model, fund) + brought.get(fund, 0)))
        if spent:
            more += (debit(fund, Role.NET_RESTRICTED, spent), credit(fund, Role.NET_UNRESTRICTED, spent, AHEAD))
    return (*legs, *more)


def _moving(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    return tuple(leg for leg in legs if leg.amount_fen)


def outside_purpose(model: Knowledge, fund: str, purpose: str) -> Verdict:
    """The body of every RESTRICTION_BREACH rule: a fund that lists its uses, and this is none of them."""
    found = facts(model, fund)
    if found is not None and found.purposes and purpose not in found.purposes:
        yield {"fund": fund, "purpose": purpose, "allowed": "、".join(found.purposes)}


# ---- rules


@rule(FundOpened, code="FUND_TWICE", source="a fund is opened once", form=True)
def opened_once(event: FundOpened, model: Knowledge) -> Verdict:
    if facts(model, event.fund) is not None:
        yield {"fund": event.fund}


@rule(FundOpened, code="FUND_PAYEE", source="民间非营利组织会计制度, 受托代理", form=True)
def agency_names_payee(event: FundOpened, model: Knowledge) -> Verdict:
    if (event.fund_kind == "agency") != (event.final_payee is not None):
        yield {"fund": event.fund, "fund_kind": event.fund_kind}


@rule(FundOpened, code="FUND_PARENT_UNKNOWN", source="社区慈善基金 are part of a fund", form=True)
def parent_known(event: FundOpened, model: Knowledge) -> Verdict:
    if event.parent is not None and (event.parent == event.fund or facts(model, event.parent) is None):
        yield {"fund": event.fund, "parent": event.parent}


@rule(FundPurposeChanged, RestrictionReleased, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: FundPurposeChanged | RestrictionReleased, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(RestrictionReleased, code="RESTRICTED_NEGATIVE", source="民间非营利组织会计制度 (限定性净资产)")
def release_covered(event: RestrictionReleased, model: Knowledge) -> Verdict:
    left = restricted_left(model, event.fund)
    if event.amount_fen > left:
        yield {"fund": event.fund, "amount_fen": event.amount_fen, "left_fen": left}
