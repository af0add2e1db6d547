"""What reports name beside relief: money passed on, granted, allocated, sold by stations, and figures that are counted.

Each is a line of what one event said; gifts stand in the pledges' model, which has them all. The questions are answered
in `figures.py`, entity by entity, so that whoever adds them up can say whose they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from ledger.flows.community.lottery import LotterySales, LotterySalesReported, LotterySalesStated
from ledger.flows.community.reported import FigureReported
from ledger.flows.giving.funds import FundOpened
from ledger.flows.giving.in_kind import InKindReceived
from ledger.flows.granting.agency import AgencyTransferred
from ledger.flows.granting.grant_use import GrantUnspentReturned
from ledger.flows.granting.grants import GrantDisbursed
from ledger.flows.public_money.entitlement.programmes import AppropriationReceived, Level
from ledger.log.columns import text
from ledger.values.dates import Period
from ledger_projections.charity.pledges import ARRIVALS
from ledger_projections.keeping.clocks import Moment
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.standing import posted_on, standing
from ledger_projections.keeping.tables import date_of, lines, whole

MOVES: Final = lines(
    "moved_money",
    text("act"),
    text("fund", optional=True),
    text("said", optional=True),
    whole("fen"),
    date_of("moved_on"),
    indexes=(("act", "moved_on"),),
)
"""`act` is passed_on, goods, granted, granted_back or sold; `said` is a purpose, a grant's number, a month."""
FUNDS: Final = lines("moved_funds", text("fund"), text("fund_kind"))
REPORTED: Final = lines(
    "moved_reported", text("figure"), whole("said"), text("first"), text("last"), indexes=(("figure", "last"),)
)
"""Figures that an office stated of the months `first` to `last`."""
GRANTS: Final = lines("moved_grants", text("grant_no"), text("purpose"), indexes=(("grant_no",),))
"""What each grant is for, as its payments say."""
MOVED: Final = Projection("moved", MOVES, FUNDS, GRANTS, REPORTED, version=2)


@MOVED.lines_of(FundOpened)
def _opened(event: FundOpened) -> Iterator[Line]:
    yield Line(FUNDS, {"fund": event.fund, "fund_kind": event.fund_kind})


@MOVED.lines_of(AgencyTransferred)
def _passed_on(event: AgencyTransferred) -> Iterator[Line]:
    yield _move("passed_on", event.fund, None, event.amount_fen, event.occurred_on)


@MOVED.lines_of(InKindReceived)
def _goods(event: InKindReceived) -> Iterator[Line]:
    yield _move("goods", event.fund, None, event.value_fen, event.occurred_on)


@MOVED.lines_of(GrantDisbursed)
def _granted(event: GrantDisbursed) -> Iterator[Line]:
    yield _move("granted", event.fund, event.purpose, event.amount_fen, event.occurred_on)
    yield Line(GRANTS, {"grant_no": event.grant, "purpose": event.purpose})


@MOVED.lines_of(GrantUnspentReturned)
def _back(event: GrantUnspentReturned) -> Iterator[Line]:
    yield _move("granted_back", event.fund, event.grant, event.amount_fen, event.occurred_on)


@MOVED.lines_of(LotterySalesReported, LotterySalesStated)
def _sold(event: LotterySales) -> Iterator[Line]:
    yield _move("sold", None, event.month, event.amount_fen, Period.parse(event.month).last_day)


@MOVED.lines_of(FigureReported)
def _reported(event: FigureReported) -> Iterator[Line]:
    months = {"first": event.period_from, "last": event.period_to}
    yield Line(REPORTED, {"figure": event.figure, "said": event.value, **months})


def _move(act: str, fund: str | None, said: str | None, fen: int, on: date) -> Line:
    return Line(MOVES, {"act": act, "fund": fund, "said": said, "fen": fen, "moved_on": on})


Each = Mapping[str, int]
"""Entity -> what is its own."""


def moved_fen(connection: Connection, moment: Moment, act: str, days: tuple[date, date], *, said: str = "") -> Each:
    """Fen of one act between two business days, both included; `said` must stand in what the event said."""
    chosen = _between(moment, act, days)
    if said:
        chosen = chosen.where(MOVES.c.said.contains(said, autoescape=True))
    return _each(connection, chosen)


def sold_fen(connection: Connection, moment: Moment, days: tuple[date, date]) -> Each:
    """What the lottery's stations sold in the months that end between two days: of each entity and month what was
    stated last.
    """
    chosen = select(MOVES.c.entity, MOVES.c.said, MOVES.c.fen).where(
        moment.counts(MOVES), MOVES.c.act == "sold", MOVES.c.moved_on.between(*days)
    )
    stated = connection.execute(chosen.order_by(MOVES.c.position, MOVES.c.line))
    found: defaultdict[str, int] = defaultdict(int)
    for (entity, _), fen in {(entity, month): int(fen) for entity, month, fen in stated}.items():
        found[entity] += fen
    return found


def granted_fen(connection: Connection, moment: Moment, days: tuple[date, date], purpose: str) -> Each:
    """What was paid for a purpose in which a word stands, less what of it came back unused."""
    theirs = select(GRANTS.c.grant_no).where(moment.counts(GRANTS), GRANTS.c.purpose.contains(purpose, autoescape=True))
    back = _each(connection, _between(moment, "granted_back", days).where(MOVES.c.said.in_(theirs)))
    paid = moved_fen(connection, moment, "granted", days, said=purpose)
    return {entity: paid.get(entity, 0) - back.get(entity, 0) for entity in (*paid, *back)}


def held_for_others(connection: Connection, moment: Moment, days: tuple[date, date]) -> tuple[Each, Each, Each]:
    """Of money and goods that are held for a final payee: cash given, goods given, cash passed on."""
    agency = select(FUNDS.c.fund).where(moment.counts(FUNDS), FUNDS.c.fund_kind == "agency")
    gifts = select(ARRIVALS.c.entity, func.sum(ARRIVALS.c.fen)).where(
        moment.counts(ARRIVALS), ARRIVALS.c.fund.in_(agency), ARRIVALS.c.day.between(*days)
    )
    goods = _between(moment, "goods", days).where(MOVES.c.fund.in_(agency))
    cash, worth = _each(connection, gifts.group_by(ARRIVALS.c.entity)), _each(connection, goods)
    return cash, worth, moved_fen(connection, moment, "passed_on", days)


def counts_from(document: AppropriationReceived, on: date) -> date | None:
    """From which day the money of a funding document that is of a business day is newly allocated money: from that
    day, and where it was given in advance (提前下达) from the first day of its fiscal year. None for what an earlier
    year left (上年结转).
    """
    return None if document.carried_over else max(on, date(document.fiscal_year, 1, 1))


def allocated(
    connection: Connection, position: int, days: tuple[date, date]
) -> list[tuple[str, AppropriationReceived]]:
    """The funding documents whose money is newly allocated between two days, as they stood on the last of them, each
    with the entity that received it.
    """
    found = []
    for item in standing(connection, ("appropriation.received",), position, days[1]):
        if isinstance(item.event, AppropriationReceived):
            since = counts_from(item.event, posted_on(item))
            if since is not None and days[0] <= since <= days[1]:
                found.append((item.entity, item.event))
    return found


def allocated_fen(documents: Iterable[tuple[str, AppropriationReceived]], level: Level) -> Each:
    """What documents of one level give."""
    found: defaultdict[str, int] = defaultdict(int)
    for entity, one in documents:
        if one.level == level:
            found[entity] += one.amount_fen
    return found


def reported(
    connection: Connection, moment: Moment, figure: str, months: tuple[str, str], *, stock: bool
) -> Mapping[str, tuple[int, str]]:
    """Entity -> what it stated last of a figure for the months `first` to `last` (`YYYY-MM`), and the last month that
    it is of; those that stated nothing are left out.

    What flows in a span (cremations) is of exactly that span: what was stated of a part of it is no figure of the
    whole. What there is at a time (`stock`: organisations) is the newest within the span.
    """
    first, last = months
    exact = (REPORTED.c.first == first, REPORTED.c["last"] == last)
    within = (REPORTED.c.first >= first, REPORTED.c["last"] <= last)
    in_order = (REPORTED.c["last"], REPORTED.c.position, REPORTED.c.line)
    chosen = select(REPORTED.c.entity, REPORTED.c.said, REPORTED.c["last"]).where(
        moment.counts(REPORTED), REPORTED.c.figure == figure, *(within if stock else exact)
    )
    rows = connection.execute(chosen.order_by(*in_order))
    return {row[0]: (int(row[1]), str(row[2])) for row in rows}


def _between(moment: Moment, act: str, days: tuple[date, date]) -> Select[Any]:
    """Each entity's sum of an act by the day on which the book has it, as the funds' own tables count; of sales by
    their month, for they are reported after it and posted nowhere.
    """
    counted_on = MOVES.c.moved_on if act == "sold" else MOVES.c.day
    mine = (MOVES.c.act == act, counted_on.between(*days))
    chosen = select(MOVES.c.entity, func.sum(MOVES.c.fen)).where(moment.counts(MOVES), *mine)
    return chosen.group_by(MOVES.c.entity)


def _each(connection: Connection, chosen: Select[Any]) -> Each:
    return {row[0]: int(row[1] or 0) for row in connection.execute(chosen)}
