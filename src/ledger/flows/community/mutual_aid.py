"""Village mutual-aid societies (救急难互助社): registered, raised, given to neighbours in need, reviewed.

Each society is one fund inside the entity that keeps its books. How much a society must have raised is set by the
county (`mutual_aid.line_set`) and is never a figure in this code.
"""

from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import Purse, account_short, find, fund_short, in_future, moved_before, movement_need, role_of
from ledger.flows.community.societies import society_need, standing
from ledger.flows.event import Event, Stage
from ledger.flows.fields import (
    AccountId,
    Count,
    Day,
    DigestText,
    DocumentNo,
    DonorRef,
    Fen,
    FundId,
    HouseholdRef,
    Label,
    MovementId,
    PersonRef,
    PositiveFen,
    SocietyId,
)
from ledger.flows.giving.funds import covered, fund_need, income, known, release
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

SourceKind = Literal["county", "village", "member", "donor"]
"""Who brought the money: 县级补助, 村集体, 会员互助金, 企业乡贤捐赠."""

LINE_TAG: Final = "policy:mutual_aid.line"


class MutualAidLineSet(Event):
    """The county says how much a society must have raised, from a day on."""

    stage: ClassVar[Stage] = Stage.GATE

    kind: Literal["mutual_aid.line_set"] = "mutual_aid.line_set"
    version: Literal[1] = 1
    line_fen: PositiveFen
    effective_from: Day
    document: DocumentNo

    def more_tags(self) -> tuple[str, ...]:
        return (LINE_TAG,)


class MutualAidContributed(Event):
    """A society was given money: by the county, the village, a member or a donor."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["mutual_aid.contributed"] = "mutual_aid.contributed"
    version: Literal[1] = 1
    movement: MovementId
    society: SocietyId
    fund: FundId
    source: SourceKind
    donor: DonorRef | None
    donor_label: Label | None
    amount_fen: PositiveFen
    cumulative_fen: Fen | None
    """What the society's list says this source has given in all, with this sum."""
    means: Purse
    account: AccountId
    """Where it lies: the society's own account, or the village's when it has none."""
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), society_need(self.society), fund_need(self.fund), raised_need(self.society))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        came = debit(self.fund, role_of(self.means), self.amount_fen, self.account)
        return covered(model, (came, income(known(model, self.fund), self.amount_fen)))


class MutualAidGranted(Event):
    """A society helped somebody in urgent need after its meeting decided so."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["mutual_aid.granted"] = "mutual_aid.granted"
    version: Literal[1] = 1
    movement: MovementId
    society: SocietyId
    fund: FundId
    person: PersonRef | None
    household: HouseholdRef | None
    households: Count
    amount_fen: PositiveFen
    cause: Label
    """事由: illness, fire, accident …"""
    met_on: Day | None
    published_from: Day | None
    published_to: Day | None
    signed_list: DigestText | None
    means: Purse
    account: AccountId
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        own = (society_need(self.society), raised_need(self.society), fund_need(self.fund))
        return (movement_need(self), *own, line_need())

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return (
            debit(self.fund, Role.PROGRAMME_COST, self.amount_fen),
            credit(self.fund, role_of(self.means), self.amount_fen, self.account),
            *release(model, known(model, self.fund), self.amount_fen),
        )


class MutualAidReviewed(Event):
    """A society's own sheet on a day, compared with the book: raised, given, left."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["mutual_aid.reviewed"] = "mutual_aid.reviewed"
    version: Literal[1] = 1
    society: SocietyId
    fund: FundId
    raised_fen: Fen
    balance_fen: Fen
    helped_households: Count
    helped_fen: Fen
    reaches_line: bool | None
    """What the sheet itself claims."""
    as_of: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        own = (society_need(self.society), raised_need(self.society), fund_need(self.fund))
        return (*own, line_need())


_CORRECTED_SINCE: Final = 5
"""The edition of the rules since which a line set again for the same day counts as the later one says."""

Acts = MutualAidContributed | MutualAidGranted | MutualAidReviewed


def raised_need(society: str) -> Need:
    """Every contribution to a society."""
    return Need(f"society:{society}", ("mutual_aid.contributed",))


def line_need() -> Need:
    """The lines that the county set."""
    return Need(LINE_TAG, ("mutual_aid.line_set",))


def raised(model: Knowledge, society: str, source: str | None = None) -> int:
    """Fen that a society has raised in this book, in all or from one source."""
    events = (recorded.event for recorded in find(model, raised_need(society)))
    return sum(e.amount_fen for e in events if isinstance(e, MutualAidContributed) and source in {None, e.source})


def _below_line(event: MutualAidGranted | MutualAidReviewed, model: Knowledge, fen: int) -> Verdict:
    """The line in force on the event's day, when `fen` does not reach it; nothing when none was set."""
    day = event.occurred_on if isinstance(event, MutualAidGranted) else event.as_of
    lines = [r.event for r in find(model, line_need()) if isinstance(r.event, MutualAidLineSet)]
    if model.edition >= _CORRECTED_SINCE:
        lines.reverse()  # of several from one day `max` takes the one set last
    in_force = [line for line in lines if line.effective_from <= day]
    line_fen = max(in_force, key=lambda line: line.effective_from).line_fen if in_force else 0
    if fen < line_fen:
        yield {"society": event.society, "raised_fen": fen, "line_fen": line_fen, "short_fen": line_fen - fen}


# ---- rules


@rule(
    MutualAidContributed, MutualAidGranted, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True
)
def movement_new(event: MutualAidContributed | MutualAidGranted, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(
    MutualAidContributed,
    MutualAidGranted,
    MutualAidReviewed,
    code="SOCIETY_UNKNOWN",
    source="互助社 are registered or filed",
    form=True,
)
def society_known(event: Acts, model: Knowledge) -> Verdict:
    found = standing(model, event.society)
    if found is None or found.fund != event.fund:
        yield {"society": event.society, "fund": event.fund}


@rule(
    MutualAidContributed,
    MutualAidGranted,
    code="FACT_IN_FUTURE",
    source="what has not happened is not recorded",
    form=True,
)
def not_in_future(event: MutualAidContributed | MutualAidGranted, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(MutualAidContributed, code="MAS_CUMULATIVE", source="筹资合计 follows from the contributions")
def list_agrees(event: MutualAidContributed, model: Knowledge) -> Verdict:
    whole = raised(model, event.society, event.source) + event.amount_fen
    if event.cumulative_fen is not None and event.cumulative_fen != whole:
        yield {"society": event.society, "said_fen": event.cumulative_fen, "booked_fen": whole}


@rule(MutualAidGranted, code="MAS_CAPITAL", source="每家筹措资金不少于规定数额", warns=True)
def raised_enough_to_grant(event: MutualAidGranted, model: Knowledge) -> Verdict:
    yield from _below_line(event, model, raised(model, event.society))


@rule(MutualAidReviewed, code="MAS_CAPITAL", source="每家筹措资金不少于规定数额", warns=True)
def raised_enough(event: MutualAidReviewed, model: Knowledge) -> Verdict:
    yield from _below_line(event, model, event.raised_fen)


@rule(MutualAidGranted, code="MAS_MEETING", source="互助社章程: the meeting decides before money is paid", warns=True)
def meeting_before(event: MutualAidGranted, model: Knowledge) -> Verdict:
    if event.met_on is None or event.met_on > event.occurred_on:
        yield {"society": event.society, "met_on": None if event.met_on is None else event.met_on.isoformat()}


@rule(MutualAidGranted, code="MAS_UNREGISTERED", source="全部登记为社会团体", warns=True)
def registered_before(event: MutualAidGranted, model: Knowledge) -> Verdict:
    found = standing(model, event.society)
    if found is not None and found.status != "registered":
        yield {"society": event.society, "status": found.status}


@rule(MutualAidGranted, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def account_holds_it(event: MutualAidGranted, model: Knowledge) -> Verdict:
    yield from account_short(model, event.fund, (role_of(event.means), event.account), event.amount_fen)


@rule(MutualAidGranted, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def society_has_it(event: MutualAidGranted, model: Knowledge) -> Verdict:
    yield from fund_short(model, event.fund, event.amount_fen)


@rule(MutualAidReviewed, code="MAS_SHEET", source="the society's sheet and the book agree", warns=True)
def sheet_agrees(event: MutualAidReviewed, model: Knowledge) -> Verdict:
    booked = raised(model, event.society)
    held = sum(model.balance(event.fund, role) for role in (Role.BANK, Role.CASH))
    if event.raised_fen != booked or event.balance_fen != held:
        yield {
            "society": event.society,
            "raised_fen": event.raised_fen,
            "booked_fen": booked,
            "balance_fen": event.balance_fen,
            "held_fen": held,
        }
