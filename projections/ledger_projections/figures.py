"""The figures of a year's report (年度总结、统计) from the books: each with its unit and the programmes it takes in.

A figure says what the book holds and nothing else: money is what was paid, less what came back; a month is that of its
batch; a decision counts from the month in which it takes effect, which is the one after it was taken. So who stands at
the end of December is who is on January's roster. Recovered money stays inside what was paid.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from sqlalchemy import Connection

from ledger.flows.knowledge import Need
from ledger.flows.public_money.entitlement.programmes import ONCE, ProgrammeOpened
from ledger.flows.registry import trusted_event
from ledger.log import reading
from ledger.values.dates import Period
from ledger_projections.books.balances import fund_balances
from ledger_projections.books.begun import begun_after
from ledger_projections.charity.pledge_report import PledgeYear, pledge_report
from ledger_projections.charity.pledges import PLEDGES
from ledger_projections.keeping.answers import Answer
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.entities import entity_names
from ledger_projections.keeping.standing import standing
from ledger_projections.moved import (
    MOVED,
    Each,
    allocated,
    allocated_fen,
    granted_fen,
    held_for_others,
    reported,
    sold_fen,
)
from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.rosters import RosterMonth, rosters
from ledger_projections.public_money.subsidies import SubsidySum, subsidies
from ledger_projections.summaries.sentences_edges import first_month

Unit = Literal["fen", "households", "household_times", "persons", "person_times", "count"]
LISTED: Final = ("urban_dibao", "rural_dibao", "destitute")
"""Schemes whose people stand on a roster that others join and leave."""
RELIEF: Final = (
    *LISTED,
    "disability_living",
    "disability_care",
    "orphan",
    "unsupported_child",
    "temporary_aid",
    "street_aid",
)
"""困难群众救助补助资金: the schemes that its total takes in. Others read it without children and street aid."""
ROSTERED: Final = tuple(one for one in RELIEF if one not in ONCE)
"""Those of them whose people stay on a roster."""
REPORTED: Final[Mapping[str, Unit]] = {
    "special_bond_applied_fen": "fen",
    "home_adaptations": "households",
    "canteens": "count",
    "npo_count": "count",
    "cremations": "persons",
}
"""Figures that no book holds: an office reports them (`figure.reported`)."""
STOCKS: Final = frozenset({"canteens", "npo_count"})
"""Those of them that say what there is at a time, and not what came about in a span."""
_UNKNOWN: Final = ("other", "")
FIGURES: Final = (
    "relief_total_fen", "relief_households", "relief_household_times", "relief_persons", "relief_person_times",
    "disability_living_payments", "disability_care_payments", "orphan_fen", "unsupported_child_fen",
    "temporary_aid_fen", "vagrant_times", "vagrant_in_station", "vagrant_return", "vagrant_fen",
    "funeral_waiver_persons", "funeral_waiver_fen", "orphan_scholarship_fen", "child_insurance_fen",
    "child_condolence_fen", "elder_month_fen", "dibao_urban_close", "dibao_rural_close", "destitute_close",
    "in", "out", "recovery_ordered_fen", "recovery_collected_fen", "pledge_total_fen", "pledge_charity_fen",
    "pledge_charity_received_fen", "spring_grant_fen", "disaster_cash_fen", "disaster_in_kind_fen",
    "disaster_transferred_fen", "disaster_left_fen", "provincial_grant_fen", "special_bond_applied_fen",
    "home_adaptations", "canteens", "npo_count", "cremations", "lottery_sales_fen",
)  # fmt: skip
"""Every key, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Figure(Answer):
    """One figure: its key, its value in `unit`, and the schemes that it takes in (none where it is of another kind).

    `entities` has the one that was asked for, else all that are added up where they are several, and nothing where one
    alone has anything of the kind. `month` is told of a stock that was counted last before the span's end.
    """

    key: str
    value: int
    unit: Unit
    schemes: tuple[str, ...]
    entities: tuple[str, ...]
    month: str | None = None


@dataclass(frozen=True, slots=True)
class Figures(Answer):
    """The figures of the months `first` to `last` (`YYYY-MM`), of an entity (None: of all). `names` has what the
    entities are called that any of them names. `begun` has the entities whose books were taken over within the months,
    with the day: their sums hold only what came since. `paid_since` is the first month of payments where that is later
    than `first`.
    """

    position: int
    as_of: date | None
    first: str
    last: str
    entity: str | None
    rows: tuple[Figure, ...]
    names: Mapping[str, str]
    begun: Mapping[str, date]
    paid_since: str | None

    def by_key(self) -> Mapping[str, int]:
        """Key -> value."""
        return {one.key: one.value for one in self.rows}


def figures(
    connection: Connection,
    first: str,
    last: str,
    *,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> Figures:
    """What the book says of a span of months, of an entity (None: of all); `as_of` and `at` as in every answer."""
    span = Period.parse(first), Period.parse(last)
    paid = subsidies(connection, first, last, as_of=as_of, at=at, entity=entity)
    lists = rosters(connection, str(span[0].next()), str(span[1].next()), as_of=as_of, at=at, entity=entity)
    programmes = {row.programme for row in paid.span} | {row.programme for row in lists.rows}
    known = _Known(entity, _opened(connection, programmes), _owners(connection, paid.position))
    until = min(as_of or span[1].last_day, span[1].last_day)
    owed = recoveries(connection, until, as_of=until, at=at, entity=entity)
    debtors = whose(entity, (one.entity for one in owed.recoveries))
    rows = [
        *_payments(known, paid.span),
        *_rosters(known, lists.rows, str(span[1].next())),
        Figure("recovery_ordered_fen", owed.total.ordered_fen, "fen", (), debtors),
        Figure("recovery_collected_fen", owed.total.collected_fen, "fen", (), debtors),
        *_pledges(entity, _pledged(connection, span[0].first_day.year, until, at, entity)),
        *_reported(entity, connection, moment_of(connection, [MOVED], as_of, at), first, last),
        *_moved(entity, connection, moment_of(connection, [PLEDGES, MOVED], until, at), (span[0].first_day, until)),
        *_sold(entity, connection, moment_of(connection, [MOVED], as_of, at), (span[0].first_day, until)),
    ]
    told = {one for row in rows for one in row.entities}
    names = {one: name for one, name in entity_names(connection, paid.position).items() if one in told}
    begun = begun_after(connection, paid.position, span[0].first_day)
    mine = {one: day for one, day in begun.items() if entity in (None, one)}
    since = first_month(connection, paid.position, entity)
    later = since if since is not None and since > str(span[0]) else None
    return Figures(paid.position, as_of, first, last, entity, tuple(rows), names, mine, later)


def whose(entity: str | None, found: Iterable[str]) -> tuple[str, ...]:
    """What a figure says of the entities that it takes in: the one that was asked for, else all where they are several.
    Of one alone nothing is added up.
    """
    if entity is not None:
        return (entity,)
    each = tuple(sorted(set(found)))
    return each if len(each) > 1 else ()


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose figures are asked for, the scheme and name of each programme, and the entities that opened any of a scheme:
    what one of them paid nothing of is of several all the same.
    """

    entity: str | None
    opened: Mapping[str, tuple[str, str]]
    owners: Sequence[tuple[str, str]]

    def scheme(self, programme: str) -> str:
        """The scheme of a programme; of one that nobody opened none."""
        return self.opened.get(programme, _UNKNOWN)[0]

    def whose(self, schemes: Sequence[str], rows: Iterable[SubsidySum | RosterMonth]) -> tuple[str, ...]:
        """The entities that a figure of schemes takes in."""
        acting = (row.entity for row in rows if self.scheme(row.programme) in schemes)
        return whose(self.entity, (*acting, *(entity for entity, scheme in self.owners if scheme in schemes)))


def _owners(connection: Connection, position: int) -> list[tuple[str, str]]:
    """(entity, scheme) of every programme that was opened."""
    items = standing(connection, ("programme.opened",), position)
    return [(item.entity, item.event.scheme) for item in items if isinstance(item.event, ProgrammeOpened)]


def _opened(connection: Connection, programmes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Programme -> its scheme and its name, as it was opened."""
    needs = [Need(f"programme:{name}", ("programme.opened",)) for name in sorted(programmes)]
    rows = [row for part in reading.history(connection, needs).values() for row in part]
    opened = [trusted_event(row.kind, row.data) for row in rows]
    return {one.programme: (one.scheme, one.name) for one in opened if isinstance(one, ProgrammeOpened)}


def _payments(known: _Known, rows: Sequence[SubsidySum]) -> Iterable[Figure]:
    """The money and the four counters of all relief, then what reports name programme by programme."""

    def of(
        key: str, unit: Unit, schemes: tuple[str, ...], value: Callable[[SubsidySum], int], named: str = ""
    ) -> Figure:
        told = ((*known.opened.get(row.programme, _UNKNOWN), row) for row in rows)
        mine = (row for scheme, name, row in told if scheme in schemes and named in name)
        return Figure(key, sum(map(value, mine)), unit, schemes, known.whose(schemes, rows))

    yield of("relief_total_fen", "fen", RELIEF, lambda row: row.paid_fen)
    yield of("relief_households", "households", RELIEF, lambda row: row.households)
    yield of("relief_household_times", "household_times", RELIEF, lambda row: row.household_times)
    yield of("relief_persons", "persons", RELIEF, lambda row: row.persons)
    yield of("relief_person_times", "person_times", RELIEF, lambda row: row.person_times)
    for name in ("disability_living", "disability_care"):
        yield of(f"{name}_payments", "person_times", (name,), lambda row: row.person_times)
    for name in ("orphan", "unsupported_child", "temporary_aid"):
        yield of(f"{name}_fen", "fen", (name,), lambda row: row.paid_fen)
    helped = of("vagrant_times", "person_times", ("street_aid",), lambda row: row.person_times)
    back = of("vagrant_return", "person_times", ("street_aid",), lambda row: row.person_times, "返乡")
    yield helped
    yield replace(helped, key="vagrant_in_station", value=helped.value - back.value)
    yield back
    yield of("vagrant_fen", "fen", ("street_aid",), lambda row: row.paid_fen)
    yield of("funeral_waiver_persons", "persons", ("funeral",), lambda row: row.persons)
    yield of("funeral_waiver_fen", "fen", ("funeral",), lambda row: row.paid_fen)
    yield of("orphan_scholarship_fen", "fen", ("scholarship",), lambda row: row.paid_fen)
    yield of("child_insurance_fen", "fen", ("insurance",), lambda row: row.paid_fen)
    yield of("child_condolence_fen", "fen", ("condolence",), lambda row: row.paid_fen, "儿童")
    yield of("elder_month_fen", "fen", ("condolence",), lambda row: row.paid_fen, "老")


def _rosters(known: _Known, rows: Sequence[RosterMonth], next_month: str) -> Iterable[Figure]:
    """Who stands at the end, and who came and left, members of households that stayed included."""
    for key, scheme in zip(("dibao_urban_close", "dibao_rural_close", "destitute_close"), LISTED, strict=True):
        closing = [row for row in rows if known.scheme(row.programme) == scheme and row.month == next_month]
        standing_now = sum(row.closing_persons for row in closing)
        yield Figure(key, standing_now, "persons", (scheme,), known.whose((scheme,), rows))
    moved = [row for row in rows if known.scheme(row.programme) in LISTED]
    came = sum(row.in_persons + row.added_persons - _taken_over(row) for row in moved)
    left = sum(row.out_persons + row.removed_persons for row in moved)
    yield Figure("in", came, "persons", LISTED, known.whose(LISTED, rows))
    yield Figure("out", left, "persons", LISTED, known.whose(LISTED, rows))


def _taken_over(row: RosterMonth) -> int:
    """Persons of a book's first roster: they came before it."""
    return sum(one.persons for one in row.movements if one.is_taken_over)


def _pledged(
    connection: Connection, first_year: int, until: date, at: int | None, entity: str | None
) -> list[PledgeYear]:
    """The span's years, each up to its last day or the span's."""
    years = range(first_year, until.year + 1)
    days = [min(until, date(year, 12, 31)) for year in years]
    return [
        row
        for year, day in zip(years, days, strict=True)
        for row in pledge_report(connection, year, as_of=day, at=at, entity=entity).rows
    ]


def _pledges(entity: str | None, rows: Sequence[PledgeYear]) -> Iterable[Figure]:
    """What was promised in the year, to ourselves and beside us, and what of it arrived."""
    own, arrived = sum(row.pledged_fen for row in rows), sum(row.pledged_arrived_fen for row in rows)
    told = whose(entity, (row.entity for row in rows))
    yield Figure("pledge_total_fen", own + sum(row.others_fen for row in rows), "fen", (), told)
    yield Figure("pledge_charity_fen", own, "fen", (), told)
    yield Figure("pledge_charity_received_fen", arrived, "fen", (), told)


def _sum(entity: str | None, key: str, each: Each) -> Figure:
    """A figure of fen from what each entity has of it."""
    mine = {one: fen for one, fen in each.items() if entity in (None, one)}
    return Figure(key, sum(mine.values()), "fen", (), whose(entity, mine))


def _moved(entity: str | None, connection: Connection, moment: Moment, days: tuple[date, date]) -> Iterable[Figure]:
    """What was granted, given for others and passed on, and allocated by the province, as it stood at the end of the
    days: what is taken back later changes no figure that was published.
    """
    cash, goods, passed = held_for_others(connection, moment, days)
    given = allocated_fen(allocated(connection, moment.position, days), "province")
    yield _sum(entity, "spring_grant_fen", granted_fen(connection, moment, days, "送温暖"))
    yield _sum(entity, "disaster_cash_fen", cash)
    yield _sum(entity, "disaster_in_kind_fen", goods)
    yield _sum(entity, "disaster_transferred_fen", passed)
    yield _sum(entity, "disaster_left_fen", _left(connection, days[1], moment.position))
    yield _sum(entity, "provincial_grant_fen", given)


def _sold(entity: str | None, connection: Connection, moment: Moment, days: tuple[date, date]) -> Iterable[Figure]:
    """What the lottery's stations sold; they report a month after it."""
    yield _sum(entity, "lottery_sales_fen", sold_fen(connection, moment, days))


def _left(connection: Connection, until: date, position: int) -> Each:
    """What money funds for a final payee hold at the end of a day, whenever it was given."""
    found: defaultdict[str, int] = defaultdict(int)
    for row in fund_balances(connection, as_of=until, at=position).rows:
        if row.kind == "agency":
            found[row.entity] += row.balance_fen
    return found


def _reported(entity: str | None, connection: Connection, moment: Moment, first: str, last: str) -> Iterable[Figure]:
    """What offices counted, each as it stated it last; what nobody stated is no figure, and no 0."""
    for key, unit in REPORTED.items():
        said = reported(connection, moment, key, (first, last), stock=key in STOCKS)
        mine = {one: told for one, told in said.items() if entity in (None, one)}
        if mine:
            oldest = min(month for _, month in mine.values())
            value = sum(number for number, _ in mine.values())
            yield Figure(key, value, unit, (), whose(entity, mine), oldest if oldest != last else None)
