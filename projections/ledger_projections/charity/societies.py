"""Mutual-aid societies (救急难互助社): raised by source, granted, left, and whether one reaches the county's line.

The line is what the county set by event for the day that is asked about, compared with what was raised, never with
what is left. Source: 互助社台账.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, func, select

from ledger.flows.community.mutual_aid import MutualAidContributed, MutualAidGranted, MutualAidLineSet
from ledger.flows.community.societies import MutualAidSocietyChanged, MutualAidSocietyRegistered
from ledger.log.columns import text
from ledger_projections.books.balances import fund_balances
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, whole

SOURCES: Final = ("county", "village", "member", "donor")

STANDINGS: Final = lines(
    "society_standings",
    text("society"),
    text("fund", optional=True),
    text("name"),
    text("township", optional=True),
    text("village", optional=True),
    text("status"),
    text("uscc", optional=True),
    whole("members"),
    text("money_with"),
    text("account", optional=True),
    date_of("told_on"),
)
"""What a society is from the day `told_on` on; fund, township and village stand in its registration."""

MOVES: Final = lines(
    "society_moves",
    text("society"),
    text("act"),
    text("source", optional=True),
    whole("fen"),
    whole("households"),
    date_of("moved_on"),
    indexes=(("society", "act"),),
)
LINE: Final = lines("society_lines", whole("line_fen"), date_of("effective_from"))

SOCIETIES: Final = Projection("societies", STANDINGS, MOVES, LINE, version=2)


@dataclass(frozen=True, slots=True)
class Society(Answer):
    """One society, in fen. `raised_fen` is the sum of the four sources; `balance_fen` is what its fund holds."""

    entity: str
    society: str
    fund: str
    """Whose money is its own."""
    name: str
    township: str | None
    village: str | None
    status: str
    uscc: str | None
    members: int
    money_with: str
    account: str | None
    county_fen: int
    village_fen: int
    member_fen: int
    donor_fen: int
    raised_fen: int
    granted_fen: int
    helped_households: int
    """户次: households helped, each time counted."""
    year_granted_fen: int
    year_helped_households: int
    balance_fen: int
    line_fen: int | None
    reaches_line: bool | None
    short_fen: int


@dataclass(frozen=True, slots=True)
class SocietyTotals(Answer):
    """All societies shown: how many, how many registered and reaching the line, and the sums in fen."""

    societies: int
    registered: int
    reaching: int
    raised_fen: int
    by_source_fen: Mapping[str, int]
    granted_fen: int
    helped_households: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class SocietyList(Answer):
    """Every society by entity, township and village; `on` says which line and which year are meant."""

    position: int
    as_of: date | None
    on: date
    line_fen: int | None
    rows: tuple[Society, ...]
    totals: SocietyTotals


@SOCIETIES.lines_of(MutualAidSocietyRegistered)
def _registered(event: MutualAidSocietyRegistered) -> Iterator[Line]:
    yield Line(STANDINGS, {**_known(event), "fund": event.fund, "township": event.township, "village": event.village})


@SOCIETIES.lines_of(MutualAidSocietyChanged)
def _changed(event: MutualAidSocietyChanged) -> Iterator[Line]:
    yield Line(STANDINGS, {**_known(event), "fund": None, "township": None, "village": None})


@SOCIETIES.lines_of(MutualAidContributed)
def _contributed(event: MutualAidContributed) -> Iterator[Line]:
    yield _move(event.society, "contributed", event.source, event.amount_fen, 0, event.occurred_on)


@SOCIETIES.lines_of(MutualAidGranted)
def _granted(event: MutualAidGranted) -> Iterator[Line]:
    yield _move(event.society, "granted", None, event.amount_fen, event.households, event.occurred_on)


@SOCIETIES.lines_of(MutualAidLineSet)
def _line_set(event: MutualAidLineSet) -> Iterator[Line]:
    yield Line(LINE, {"line_fen": event.line_fen, "effective_from": event.effective_from})


def _known(event: MutualAidSocietyRegistered | MutualAidSocietyChanged) -> dict[str, Any]:
    names = ("society", "name", "status", "uscc", "members", "money_with", "account")
    return {**{name: getattr(event, name) for name in names}, "told_on": event.on}


def _move(society: str, act: str, source: str | None, fen: int, households: int, on: date) -> Line:
    moved = {"society": society, "act": act, "source": source, "fen": fen, "households": households, "moved_on": on}
    return Line(MOVES, moved)


def societies(
    connection: Connection,
    on: date,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> SocietyList:
    """Every society, with the line in force on the day `on` and the grants of that day's year."""
    moment = moment_of(connection, [SOCIETIES], as_of, at)
    held = fund_balances(connection, as_of=as_of, at=moment.position).rows
    money = {(row.entity, row.fund): row.balance_fen for row in held}
    line_fen = _line_on(connection, Moment(moment.position), on)
    sums = _sums(connection, moment, on.year)
    rows = [
        _society(key, known, sums[key[1]], money.get((key[0], known["fund"] or key[1]), 0), line_fen)
        for key, known in _standings(connection, moment).items()
        if entity in (None, key[0])
    ]
    rows.sort(key=lambda row: (row.entity, row.township or "", row.village or "", row.society))
    return SocietyList(moment.position, as_of, on, line_fen, tuple(rows), _totals(rows))


def _standings(connection: Connection, moment: Moment) -> dict[tuple[str, str], dict[str, Any]]:
    """(entity, society) -> what it is by its newest day, its place from its registration."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    columns = STANDINGS.c
    ordered = (columns.fund.is_(None), columns.told_on, columns.position)
    for row in connection.execute(select(STANDINGS).where(moment.counts(STANDINGS)).order_by(*ordered)):
        said = {name: getattr(row, name) for name in _SAID}
        known = found.setdefault((row.entity, row.society), said)
        known.update({name: value for name, value in said.items() if value is not None or name not in _PLACE})
    return found


_PLACE: Final = ("fund", "township", "village")
_SAID: Final = (*_PLACE, "name", "status", "uscc", "members", "money_with", "account")


def _line_on(connection: Connection, moment: Moment, on: date) -> int | None:
    """The line in force on a day, by the day from which it is; when it was recorded is no matter of it."""
    latest = select(LINE.c.line_fen).where(moment.counts(LINE), LINE.c.effective_from <= on)
    return connection.scalar(latest.order_by(LINE.c.effective_from.desc(), LINE.c.position.desc()).limit(1))


def _sums(connection: Connection, moment: Moment, year: int) -> defaultdict[str, dict[str, int]]:
    """Society -> fen by source, and what was granted in all and in the year, whose books hold it."""
    columns = (MOVES.c.society, MOVES.c.act, MOVES.c.source)
    amounts = (func.sum(MOVES.c.fen).label("fen"), func.sum(MOVES.c.households).label("households"))
    grouped = select(*columns, *amounts).where(moment.counts(MOVES)).group_by(*columns)
    within = MOVES.c.day.between(date(year, 1, 1), date(year, 12, 31))
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for prefix, rows in (("", connection.execute(grouped)), ("year_", connection.execute(grouped.where(within)))):
        for row in rows:
            _add(found[row.society], prefix, row)
    return found


def _add(sums: dict[str, int], prefix: str, row: AnyRow) -> None:
    name = f"{row.source}_fen" if row.act == "contributed" else "granted_fen"
    sums[prefix + name] = int(row.fen)
    if row.act == "granted":
        sums[prefix + "helped_households"] = int(row.households)


def _society(
    key: tuple[str, str],
    known: Mapping[str, Any],
    sums: Mapping[str, int],
    balance_fen: int,
    line_fen: int | None,
) -> Society:
    raised = sum(sums.get(f"{source}_fen", 0) for source in SOURCES)
    return Society(
        entity=key[0],
        society=key[1],
        fund=known["fund"] or key[1],
        **{name: known[name] for name in _SAID if name != "fund"},
        county_fen=sums.get("county_fen", 0),
        village_fen=sums.get("village_fen", 0),
        member_fen=sums.get("member_fen", 0),
        donor_fen=sums.get("donor_fen", 0),
        raised_fen=raised,
        granted_fen=sums.get("granted_fen", 0),
        helped_households=sums.get("helped_households", 0),
        year_granted_fen=sums.get("year_granted_fen", 0),
        year_helped_households=sums.get("year_helped_households", 0),
        balance_fen=balance_fen,
        line_fen=line_fen,
        reaches_line=None if line_fen is None else raised >= line_fen,
        short_fen=0 if line_fen is None else max(0, line_fen - raised),
    )


def _totals(rows: list[Society]) -> SocietyTotals:
    return SocietyTotals(
        societies=len(rows),
        registered=sum(row.status == "registered" for row in rows),
        reaching=sum(row.reaches_line is True for row in rows),
        raised_fen=sum(row.raised_fen for row in rows),
        by_source_fen={source: sum(getattr(row, f"{source}_fen") for row in rows) for source in SOURCES},
        granted_fen=sum(row.granted_fen for row in rows),
        helped_households=sum(row.helped_households for row in rows),
        balance_fen=sum(row.balance_fen for row in rows),
    )
