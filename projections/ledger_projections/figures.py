"""The figures of a year's report (年度总结、统计) from the books: each with its unit and the programmes it takes in.

A figure says what the book holds and nothing else: money is what was paid, less what came back; a month is that of its
batch; a decision counts from the month in which it takes effect, which is the one after it was taken. So who stands at
the end of December is who is on January's roster. Recovered money stays inside what was paid.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from ledger_projections.moved import (
    MOVED,
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

    `month` is told of a stock that was counted last before the span's end.
    """

    key: str
    value: int
    unit: Unit
    schemes: tuple[str, ...]
    month: str | None = None


@dataclass(frozen=True, slots=True)
class Figures(Answer):
    """The figures of the months `first` to `last` (`YYYY-MM`). `begun` has the entities whose books were taken over
    within them, with the day: their sums hold only what came since. `paid_since` is the first month of payments where
    that is later than `first`.
    """

    position: int
    as_of: date | None
    first: str
    last: str
    rows: tuple[Figure, ...]
    begun: Mapping[str, date]
    paid_since: str | None

    def by_key(self) -> Mapping[str, int]:
        """Key -> value."""
        return {one.key: one.value for one in self.rows}


def figures(
    connection: Connection, first: str, last: str, *, as_of: date | None = None, at: int | None = None
) -> Figures:
    """What the book says of a span of months; `as_of` and `at` as in every other answer."""
    span = Period.parse(first), Period.parse(last)
    paid = subsidies(connection, first, last, as_of=as_of, at=at)
    lists = rosters(connection, str(span[0].next()), str(span[1].next()), as_of=as_of, at=at)
    programmes = {row.programme for row in paid.span} | {row.programme for row in lists.rows}
    opened = _opened(connection, programmes)
    until = min(as_of or span[1].last_day, span[1].last_day)
    owed = recoveries(connection, until, as_of=until, at=at).total
    rows = [
        *_payments([(*opened.get(row.programme, _UNKNOWN), row) for row in paid.span]),
        *_rosters([(opened.get(row.programme, _UNKNOWN)[0], row) for row in lists.rows], str(span[1].next())),
        Figure("recovery_ordered_fen", owed.ordered_fen, "fen", ()),
        Figure("recovery_collected_fen", owed.collected_fen, "fen", ()),
        *_pledges(_pledged(connection, span[0].first_day.year, until, at)),
        *_reported(connection, moment_of(connection, [MOVED], as_of, at), first, last),
        *_moved(connection, moment_of(connection, [PLEDGES, MOVED], until, at), (span[0].first_day, until)),
        *_sold(connection, moment_of(connection, [MOVED], as_of, at), (span[0].first_day, until)),
    ]
    begun = begun_after(connection, paid.position, span[0].first_day)
    since = first_month(connection, paid.position)
    later = since if since is not None and since > str(span[0]) else None
    return Figures(paid.position, as_of, first, last, tuple(rows), begun, later)


def _opened(connection: Connection, programmes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Programme -> its scheme and its name, as it was opened."""
    needs = [Need(f"programme:{name}", ("programme.opened",)) for name in sorted(programmes)]
    rows = [row for part in reading.history(connection, needs).values() for row in part]
    opened = [trusted_event(row.kind, row.data) for row in rows]
    return {one.programme: (one.scheme, one.name) for one in opened if isinstance(one, ProgrammeOpened)}


Paid = Sequence[tuple[str, str, SubsidySum]]
"""Scheme, name and sums of each programme."""
Listed = Sequence[tuple[str, RosterMonth]]


def _payments(rows: Paid) -> Iterable[Figure]:
    """The money and the four counters of all relief, then what reports name programme by programme."""

    def of(
        key: str, unit: Unit, schemes: tuple[str, ...], value: Callable[[SubsidySum], int], named: str = ""
    ) -> Figure:
        mine = (row for scheme, name, row in rows if scheme in schemes and named in name)
        return Figure(key, sum(map(value, mine)), unit, schemes)

    yield of("relief_total_fen", "fen", RELIEF, lambda row: row.paid_fen)
    yield of("relief_households", "households", RELIEF, lambda row: row.households)
    yield of("relief_household_times", "household_times", RELIEF, lambda row: row.household_times)
    yield of("relief_persons", "persons", RELIEF, lambda row: row.persons)
    yield of("relief_person_times", "person_times", RELIEF, lambda row: row.person_times)
    for name in ("disability_living", "disability_care"):
        yield of(f"{name}_payments", "person_times", (name,), lambda row: row.person_times)
    for name in ("orphan", "unsupported_child", "temporary_aid"):
        yield of(f"{name}_fen", "fen", (name,), lambda row: row.paid_fen)
    yield of("vagrant_times", "person_times", ("street_aid",), lambda row: row.person_times)
    back = of("vagrant_return", "person_times", ("street_aid",), lambda row: row.person_times, "返乡")
    helped = sum(row.person_times for scheme, _, row in rows if scheme == "street_aid")
    yield Figure("vagrant_in_station", helped - back.value, "person_times", ("street_aid",))
    yield back
    yield of("vagrant_fen", "fen", ("street_aid",), lambda row: row.paid_fen)
    yield of("funeral_waiver_persons", "persons", ("funeral",), lambda row: row.persons)
    yield of("funeral_waiver_fen", "fen", ("funeral",), lambda row: row.paid_fen)
    yield of("orphan_scholarship_fen", "fen", ("scholarship",), lambda row: row.paid_fen)
    yield of("child_insurance_fen", "fen", ("insurance",), lambda row: row.paid_fen)
    yield of("child_condolence_fen", "fen", ("condolence",), lambda row: row.paid_fen, "儿童")
    yield of("elder_month_fen", "fen", ("condolence",), lambda row: row.paid_fen, "老")


def _rosters(rows: Listed, next_month: str) -> Iterable[Figure]:
    """Who stands at the end, and who came and left, members of households that stayed included."""
    for key, scheme in zip(("dibao_urban_close", "dibao_rural_close", "destitute_close"), LISTED, strict=True):
        closing = [row for one, row in rows if one == scheme and row.month == next_month]
        yield Figure(key, sum(row.closing_persons for row in closing), "persons", (scheme,))
    moved = [row for scheme, row in rows if scheme in LISTED]
    came = sum(row.in_persons + row.added_persons - _taken_over(row) for row in moved)
    yield Figure("in", came, "persons", LISTED)
    yield Figure("out", sum(row.out_persons + row.removed_persons for row in moved), "persons", LISTED)


def _taken_over(row: RosterMonth) -> int:
    """Persons of a book's first roster: they came before it."""
    return sum(one.persons for one in row.movements if one.is_taken_over)


def _pledged(connection: Connection, first_year: int, until: date, at: int | None) -> list[PledgeYear]:
    """The span's years, each up to its last day or the span's."""
    years = range(first_year, until.year + 1)
    days = [min(until, date(year, 12, 31)) for year in years]
    return [
        row
        for year, day in zip(years, days, strict=True)
        for row in pledge_report(connection, year, as_of=day, at=at).rows
    ]


def _pledges(rows: Sequence[PledgeYear]) -> Iterable[Figure]:
    """What was promised in the year, to ourselves and beside us, and what of it arrived."""
    own, arrived = sum(row.pledged_fen for row in rows), sum(row.pledged_arrived_fen for row in rows)
    yield Figure("pledge_total_fen", own + sum(row.others_fen for row in rows), "fen", ())
    yield Figure("pledge_charity_fen", own, "fen", ())
    yield Figure("pledge_charity_received_fen", arrived, "fen", ())


def _moved(connection: Connection, moment: Moment, days: tuple[date, date]) -> Iterable[Figure]:
    """What was granted, given for others and passed on, and allocated by the province, as it stood at the end of the
    days: what is taken back later changes no figure that was published.
    """
    cash, goods, passed = held_for_others(connection, moment, days)
    given = allocated_fen(allocated(connection, moment.position, days), "province")
    yield Figure("spring_grant_fen", granted_fen(connection, moment, days, "送温暖"), "fen", ())
    yield Figure("disaster_cash_fen", cash, "fen", ())
    yield Figure("disaster_in_kind_fen", goods, "fen", ())
    yield Figure("disaster_transferred_fen", passed, "fen", ())
    yield Figure("disaster_left_fen", _left(connection, days[1], moment.position), "fen", ())
    yield Figure("provincial_grant_fen", given, "fen", ())


def _sold(connection: Connection, moment: Moment, days: tuple[date, date]) -> Iterable[Figure]:
    """What the lottery's stations sold; they report a month after it."""
    yield Figure("lottery_sales_fen", sold_fen(connection, moment, days), "fen", ())


def _left(connection: Connection, until: date, position: int) -> int:
    """What money funds for a final payee hold at the end of a day, whenever it was given."""
    held = fund_balances(connection, as_of=until, at=position).rows
    return sum(row.balance_fen for row in held if row.kind == "agency")


def _reported(connection: Connection, moment: Moment, first: str, last: str) -> Iterable[Figure]:
    """What offices counted, as they stated it last; what nobody stated is no figure, and no 0."""
    for key, unit in REPORTED.items():
        said = reported(connection, moment, key, (first, last), stock=key in STOCKS)
        if said is not None:
            yield Figure(key, said[0], unit, (), said[1] if said[1] != last else None)
