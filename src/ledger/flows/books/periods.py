"""Periods (会计期间): locked at once, closed against the lock's position and trial balance, reopened by name.

Several periods may be open. `state_of` folds what was recorded; a month of which nothing was recorded is open. Source:
会计期间; 会计期间.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ledger.accounts.legs import Leg
from ledger.accounts.roles import Role
from ledger.flows.authority.entities import chart_now, entity_need, unknown_entity
from ledger.flows.books.journal import AccountCode, own_accounts_need, place_of
from ledger.flows.event import Event, Part, Stage
from ledger.flows.fields import Day, DigestText, DocumentNo, EntityId, FreeText, FundId, Label, Month, SignedFen
from ledger.flows.giving.funds import fund_need, unknown
from ledger.flows.knowledge import Knowledge, Need, Recorded
from ledger.flows.rules import Verdict, rule
from ledger.values.dates import Period

State = Literal["open", "locked", "closed"]

CALENDAR_KINDS: Final = ("period.locked", "period.closed", "period.reopened")

RESULT: Final = frozenset(
    {
        Role.DONATION_UNRESTRICTED,
        Role.DONATION_RESTRICTED,
        Role.GOVERNMENT_GRANT,
        Role.FISCAL_INCOME,
        Role.OTHER_INCOME,
        Role.PROGRAMME_COST,
        Role.RELIEF_COST,
        Role.MANAGEMENT_COST,
        Role.FUNDRAISING_COST,
        Role.OTHER_COST,
    },
)
"""Income and cost: what is carried forward to net assets."""

MAX_CARRIED: Final = 5_000
"""How many lines one entry carries forward."""

PERIOD_END_SINCE: Final = 4
"""The edition of the rules since which a line is held against its account at the end of the period."""


class _OfPeriod(Event):
    """What the calendar's events have in common: an entity, a month, and the slot tag of the two."""

    stage: ClassVar[Stage] = Stage.GATE
    reversible: ClassVar[bool] = False

    entity: EntityId
    period: Month

    def more_tags(self) -> tuple[str, ...]:
        return (f"period:{self.entity}:{self.period}",)

    def needs(self) -> tuple[Need, ...]:
        return (entity_need(self.entity), calendar_need(self.entity))


class PeriodLocked(_OfPeriod):
    """No voucher may be dated in the month any more, from this position on."""

    kind: Literal["period.locked"] = "period.locked"
    version: Literal[1] = 1


class Unsettled(Part):
    """A thing that was still open at the close and was let stand by decision (an advance, a suspense item)."""

    what: Label
    count: Annotated[int, Field(ge=1, le=100_000_000)]
    explanation: FreeText
    document: DocumentNo | None


class PeriodClosed(_OfPeriod):
    """结账: the month is final. It names the position of its lock and the root of the trial balance there."""

    kind: Literal["period.closed"] = "period.closed"
    version: Literal[1] = 1
    position: Annotated[int, Field(ge=1, le=2**53 - 1)]
    trial_balance_root: DigestText
    unsettled: Annotated[tuple[Unsettled, ...], Field(max_length=200)]


class PeriodReopened(_OfPeriod):
    """反结账: a locked or closed month takes vouchers again; by whose decision is said and stays to be seen."""

    kind: Literal["period.reopened"] = "period.reopened"
    version: Literal[1] = 1
    reason: FreeText
    document: DocumentNo | None


class CarriedLine(Part):
    """The balance of one income or cost account of a fund, signed, debit positive; it is brought to zero."""

    fund: FundId
    role: Role
    party: Annotated[str, Field(max_length=200)]
    balance_fen: SignedFen


class CarriedAccount(CarriedLine):
    """The same of a detail account; `code` null is the role's leading account of the chart in force."""

    code: AccountCode | None


class CarryForward(Event):
    """结转: income and cost of a period go to net assets. Restricted donations go to restricted net assets."""

    stage: ClassVar[Stage] = Stage.GATE

    entity: EntityId
    period: Month
    lines: tuple[CarriedLine, ...]
    on: Day

    def more_tags(self) -> tuple[str, ...]:
        return (f"period:{self.entity}:{self.period}",)

    def needs(self) -> tuple[Need, ...]:
        funds = dict.fromkeys(line.fund for line in self.lines)
        return (entity_need(self.entity), *(fund_need(fund) for fund in funds))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        return tuple(leg for line in self.lines for leg in _carried(line))


class PeriodCarriedForward(CarryForward):
    """As it was first written: by the leading accounts, whatever detail accounts stand under them."""

    kind: Literal["period.carried_forward"] = "period.carried_forward"
    version: Literal[1] = 1
    lines: Annotated[tuple[CarriedLine, ...], Field(min_length=1, max_length=MAX_CARRIED)]


class PeriodAccountsCarriedForward(CarryForward):
    """Account by account, so that detail accounts come to zero too."""

    kind: Literal["period.carried_forward"] = "period.carried_forward"
    version: Literal[2] = 2
    lines: Annotated[tuple[CarriedAccount, ...], Field(min_length=1, max_length=MAX_CARRIED)]

    def needs(self) -> tuple[Need, ...]:
        return (*super().needs(), own_accounts_need(self.entity))


_CARRIES: Final = (PeriodCarriedForward, PeriodAccountsCarriedForward)


def _carried(line: CarriedLine) -> tuple[Leg, Leg]:
    net = Role.NET_RESTRICTED if line.role is Role.DONATION_RESTRICTED else Role.NET_UNRESTRICTED
    code = line.code if isinstance(line, CarriedAccount) else None
    return (
        Leg(line.fund, line.role, -line.balance_fen, line.party, "main", code),
        Leg(line.fund, net, line.balance_fen),
    )


def calendar_need(entity: str) -> Need:
    """The history of an entity's calendar: small, a few events a month."""
    return Need(f"entity:{entity}", CALENDAR_KINDS)


def states(history: Iterator[Recorded]) -> dict[str, tuple[State, int]]:
    """Month -> its state and the position of its last lock, folded from an entity's calendar events in order."""
    found: dict[str, tuple[State, int]] = {}
    for recorded in history:
        event = recorded.event
        if isinstance(event, PeriodLocked):
            found[event.period] = ("locked", recorded.position)
        elif isinstance(event, PeriodClosed):
            found[event.period] = ("closed", event.position)
        elif isinstance(event, PeriodReopened):
            found[event.period] = ("open", 0)
    return found


def state_of(model: Knowledge, entity: str, period: str) -> tuple[State, int]:
    """A month's state and the position of its lock (0 while open); needs `calendar_need(entity)`."""
    return _calendar(model, entity).get(period, ("open", 0))


def _calendar(model: Knowledge, entity: str) -> dict[str, tuple[State, int]]:
    return states(iter(model.history(f"entity:{entity}", *CALENDAR_KINDS)))


@rule(PeriodLocked, PeriodClosed, PeriodReopened, *_CARRIES, code="ENTITY_UNKNOWN", source="-", form=True)
def entity_is_known(event: _OfPeriod | CarryForward, model: Knowledge) -> Verdict:
    yield from unknown_entity(model, event.entity)


@rule(PeriodLocked, PeriodClosed, PeriodReopened, code="PERIOD_STATE", source="会计期间", form=True)
def state_allows(event: _OfPeriod, model: Knowledge) -> Verdict:
    state, _ = state_of(model, event.entity, event.period)
    allowed = {"period.locked": ("open",), "period.closed": ("locked",), "period.reopened": ("locked", "closed")}
    if state not in allowed[event.kind]:
        yield {"entity": event.entity, "period": event.period, "period_state": state}


@rule(PeriodClosed, code="PERIOD_POSITION", source="会计期间: the close names the lock's position", form=True)
def names_its_lock(event: PeriodClosed, model: Knowledge) -> Verdict:
    state, position = state_of(model, event.entity, event.period)
    if state == "locked" and event.position != position:
        yield {"period": event.period, "position": event.position, "locked_at": position}


@rule(PeriodClosed, code="MONTHS_IN_ORDER", source="会计基础工作规范; 会计期间")
def months_close_in_order(event: PeriodClosed, model: Knowledge) -> Verdict:
    closed = {month for month, (state, _) in _calendar(model, event.entity).items() if state == "closed"}
    before = str(Period.parse(event.period).previous())
    if any(month < event.period for month in closed) and before not in closed:
        yield {"entity": event.entity, "period": event.period, "before": before}


@rule(PeriodReopened, code="PERIOD_LATER_CLOSED", source="试算平衡方可结账")
def later_months_first(event: PeriodReopened, model: Knowledge) -> Verdict:
    state, _ = state_of(model, event.entity, event.period)
    later = [month for month, (found, _) in _calendar(model, event.entity).items() if found == "closed"]
    later = sorted(month for month in later if month > event.period)
    if state == "closed" and later:
        yield {"entity": event.entity, "period": event.period, "later": later[0]}


@rule(*_CARRIES, code="CARRIED_ROLE", source="民间非营利组织会计制度 (期末结转)", form=True)
def only_results_are_carried(event: CarryForward, model: Knowledge) -> Verdict:
    for role in sorted({line.role for line in event.lines} - RESULT):
        yield {"period": event.period, "role": role.value}


@rule(*_CARRIES, code="FUND_UNKNOWN", source="ADR-0003", form=True, edition=4)
def funds_are_known(event: CarryForward, model: Knowledge) -> Verdict:
    yield from unknown(model, *(line.fund for line in event.lines))


@rule(*_CARRIES, code="CARRIED_DAY", source="民间非营利组织会计制度 (期末结转)", form=True, edition=4)
def counts_in_its_period(event: CarryForward, model: Knowledge) -> Verdict:
    """Both days: an entry counts for its own only in the month of its voucher."""
    for day in (event.on, model.voucher_date):
        if not day.isoformat().startswith(event.period):
            yield {"period": event.period, "on": event.on.isoformat(), "date": model.voucher_date.isoformat()}
            return


@rule(PeriodAccountsCarriedForward, code="JOURNAL_ACCOUNT", source="一般凭证", form=True)
def codes_fit_roles(event: PeriodAccountsCarriedForward, model: Knowledge) -> Verdict:
    chart = chart_now(model, event.entity)
    if chart is None:
        return
    for role, code in dict.fromkeys((line.role, line.code) for line in event.lines):
        found = None if code is None else place_of(model, event.entity, chart, code)
        if code is not None and (found is None or found.role is not role):
            yield {"code": code, "role": role.value, "chart": chart.version}


@rule(*_CARRIES, code="CARRIED_OVER", source="民间非营利组织会计制度 (期末结转)", form=True, edition=4)
def carries_what_is_there(event: CarryForward, model: Knowledge) -> Verdict:
    for (fund, role, party), fen in _by_account(event).items():
        held = model.balance_at(event.period, fund, role, party)
        if not _within(fen, held):
            told = {"fund": fund, "role": role.value, "party": party}
            yield {**told, "period": event.period, "balance_fen": held, "carried_fen": fen}


def _by_account(event: CarryForward) -> dict[tuple[str, Role, str], int]:
    """(fund, role, party) -> what its lines carry together."""
    sums: defaultdict[tuple[str, Role, str], int] = defaultdict(int)
    for line in event.lines:
        sums[line.fund, line.role, line.party] += line.balance_fen
    return dict(sums)


def _within(fen: int, held: int) -> bool:
    """Whether an amount is a part of a balance, on its side."""
    return min(held, 0) <= fen <= max(held, 0)


@rule(*_CARRIES, code="CARRIED_DIFFERS", source="民间非营利组织会计制度 (期末结转)", warns=True)
def brings_to_zero(event: CarryForward, model: Knowledge) -> Verdict:
    """The first editions held each line against what stands now, later months with it."""
    if model.edition < PERIOD_END_SINCE:
        lines = [((line.fund, line.role, line.party), line.balance_fen) for line in event.lines]
        found = [(account, model.balance(*account), fen) for account, fen in lines]
    else:
        sums = [(one, model.balance_at(event.period, *one), fen) for one, fen in _by_account(event).items()]
        found = [(one, held, fen) for one, held, fen in sums if _within(fen, held)]  # the rest is refused
    for (fund, role, _), held, fen in found:
        if held != fen:
            yield {"fund": fund, "role": role.value, "balance_fen": held, "carried_fen": fen}
