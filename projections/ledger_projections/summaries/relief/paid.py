"""M1 困难群众救助资金发放月报 and Y1, the same for a year: who was on the roster, who was paid, and how much.

A month's roster is the one that its payments follow: a decision counts from the month in which it takes effect. What
was taken over when the book began stands in the opening. Money is that of the month's batches.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from ledger.values.dates import Period, periods
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.public_money.failures import Failure, failures, lines_of
from ledger_projections.public_money.payment_groups import GroupSum, Level, groups, levels, net_paid
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import Place, joined, scopes
from ledger_projections.public_money.roster_lines import ROSTERS
from ledger_projections.public_money.rosters import categories, rosters, standing_counts
from ledger_projections.public_money.subsidies import SubsidySum, late_fen, subsidies
from ledger_projections.summaries.programmes import Programme, Programmes, absent, once, ordered, programmes, taken_in
from ledger_projections.summaries.relief.cells import (
    MONEY,
    ROSTER,
    counted,
    months_asked,
    months_of,
    moved,
    scopes_of,
    spans_of,
    standing_of,
)
from ledger_projections.summaries.table import (
    Asked,
    Row,
    Said,
    Table,
    Value,
    columns,
    half_up,
    row_of,
    table_of,
    total_of,
    word,
)

_LATER: Final = columns(
    ("late_fen", "fen"),
    ("offset_fen", "fen"),
    ("failed_lines", "lines"),
    ("failed_fen", "fen"),
    ("unpaid_fen", "fen"),
    ("year_paid_fen", "fen"),
    ("level_fen", "fen_each"),
    ("level_before_fen", "fen_each"),
    ("level_last_year_fen", "fen_each"),
)
M1: Final = (*columns(("programme", "text")), *ROSTER, *MONEY, *_LATER)
_UNITS: Final = ("households", "persons")
_BY_CATEGORY: Final = frozenset({"destitute", "orphan"})
"""Schemes whose categories (集中、分散) the monthly table shows below them."""


def monthly_report(connection: Connection, asked: Asked) -> Table:
    """M1: a row a programme; the total names the programmes that it takes in."""
    return _report("M1", connection, asked, 0)


def yearly_report(connection: Connection, asked: Asked) -> Table:
    """Y1: the same for a year with the rosters of a month later, as decided in the month before they took effect."""
    return _report("Y1", connection, asked, 1)


def _report(code: str, connection: Connection, asked: Asked, later: int) -> Table:
    """A row a programme, with the rosters of the months that come `later`."""
    found = _Found.of(connection, asked, later)
    # A programme that paid nothing in these months still belongs to what the year has come to.
    earlier = {place for place, fen in found.year.items() if fen}
    shown = ordered(found.known, {*found.money, *found.roster, *earlier}, asked)
    rows: list[Row] = []
    for one in shown:
        rows.append(row_of(M1, found.values(one), (one.tag,), whose=one.whose))
        rows += found.categories(one)
    relief = [row for row, one in zip(_whole(rows), shown, strict=True) if one.in_relief]
    totals = [total_of(M1, relief, Said("table.total.relief", {"programmes": taken_in(shown)}))]
    if len(relief) < len(shown):
        totals.append(total_of(M1, _whole(rows), word("word", "all_rows")))
    listed = {"first": found.listed.first, "last": found.listed.last}
    roster = Said("table.scope.year_roster", listed) if later else Said("table.scope.month_roster")
    said = (
        Said("table.scope.late"),
        Said("table.scope.level"),
        Said("table.scope.set", {"programmes": taken_in(shown)}),
    )
    scopes_told = (*scopes_of(asked), roster, *said)
    notes = [*found.checks(shown), *found.told(), *once(shown), *absent(shown)]
    return table_of(code, asked, found.moment.position, M1, [*rows, *totals] if rows else [], scopes_told, notes)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the rows of M1 are made of, by (entity, programme)."""

    connection: Connection
    asked: Asked
    listed: Asked
    """The months whose rosters are told."""
    moment: Moment
    known: Programmes
    money: Mapping[Place, SubsidySum]
    roster: Mapping[Place, dict[str, int]]
    failed: Mapping[Place, list[Failure]]
    unpaid: Mapping[Place, int]
    year: Mapping[Place, int]
    level: tuple[Mapping[Place, Level], ...]
    """Of the months, of as many before, and of the same months a year before."""

    @classmethod
    def of(cls, connection: Connection, asked: Asked, later: int) -> "_Found":
        """Ask every question once."""
        first, last = asked.shifted(later)
        roster_months = replace(asked, first=first, last=last)
        moment = moment_of(connection, [PAYMENT_LINES, ROSTERS], asked.as_of, asked.at)
        paid = subsidies(connection, asked.first, asked.last, **asked.clocks).span
        listed = spans_of(rosters(connection, first, last, **asked.clocks).rows)
        known = programmes(connection, asked, moment.position)
        failed, unpaid = _failed(connection, asked)
        whole_year = [str(one) for one in periods(Period(asked.year, 1), Period.parse(asked.last))]
        spans = (asked.shifted(0), asked.shifted(-asked.months), asked.shifted(-12))
        each = scopes(connection, moment, sorted({*whole_year, *(month for one in spans for month in months_of(one))}))
        level = tuple(levels(connection, moment, joined(each[month] for month in months_of(one))) for one in spans)
        return cls(
            connection,
            asked,
            roster_months,
            moment,
            known,
            {(row.entity, row.programme): row for row in paid if asked.wants(row.entity)},
            {key[:2]: values for key, values in standing_of(listed, known).items() if asked.wants(key[0])},
            failed,
            unpaid,
            net_paid(connection, moment, joined(each[month] for month in whole_year)),
            level,
        )

    def values(self, one: Programme) -> dict[str, Value]:
        """The cells of a programme."""
        place = (one.entity, one.programme)
        now, before, last_year = (_level(part.get(place)) for part in self.level)
        failed = self.failed.get(place, [])
        return {
            "programme": one.name,
            **moved(self.roster.get(place)),
            **_paid(self.money.get(place)),
            "failed_lines": lines_of(failed),
            "failed_fen": sum(row.fen for row in failed),
            "unpaid_fen": self.unpaid.get(place, 0),
            "year_paid_fen": self.year.get(place, 0),
            # Aid that is given once is no amount of a month.
            **({} if one.is_once else {"level_fen": now, "level_before_fen": before, "level_last_year_fen": last_year}),
        }

    def categories(self, one: Programme) -> list[Row]:
        """The categories of a programme that is shown by category and has more than one."""
        if one.scheme not in _BY_CATEGORY or len(categories(self.connection, self.moment, one.programme)) < 2:
            return []
        paid = groups(
            self.connection,
            self.moment,
            joined(scopes(self.connection, self.moment, months_asked(self.asked)).values()),
            self.asked.last,
            "category",
        )
        found = rosters(
            self.connection,
            self.listed.first,
            self.listed.last,
            programme=one.programme,
            by="category",
            **self.asked.clocks,
        )
        mine = {row.group: row for row in paid if (row.entity, row.programme) == (one.entity, one.programme)}
        listed = {key[2]: values for key, values in spans_of(found.rows).items() if key[0] == one.entity}
        names = sorted({*mine, *listed})
        if len(names) < 2:
            return []
        blank = GroupSum(one.entity, one.programme, "")
        parts = [(name, {**moved(listed.get(name)), **counted(mine.get(name, blank))}) for name in names]
        said = word("word", "no_category")
        return [
            row_of(M1, {"programme": name or said, **values}, (one.tag,), "part", one.whose) for name, values in parts
        ]

    def checks(self, shown: Sequence[Programme]) -> Iterable[Said]:
        """Rosters whose opening and movements do not make what a count of the households at once gives."""
        counted = standing_counts(self.connection, self.moment, self.listed.last)
        for one in (each for each in shown if not each.is_once):
            listed = self.roster.get((one.entity, one.programme))
            told = (
                [listed[f"{way}_{unit}"] for unit in _UNITS for way in ("opening", "in", "out")] if listed else [0] * 6
            )
            closing = (told[0] + told[1] - told[2], told[3] + told[4] - told[5])
            direct = counted.get((one.entity, one.programme), (0, 0))
            if closing != direct:
                said = {"programme": one.label, "households": closing[0], "persons": closing[1]}
                yield Said("check.roster", {**said, "counted_households": direct[0], "counted_persons": direct[1]})

    def told(self) -> Iterable[Said]:
        """What a reader has to know to compare the figures."""
        taken_over = sum(values["taken_over"] for values in self.roster.values())
        if taken_over:
            yield Said("table.note.taken_over", {"persons": taken_over})
        yield Said("table.note.deaths")
        if any(not part for part in self.level[1:]):
            yield Said("table.note.no_comparison")


def _whole(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.kind == "row"]


def _level(level: Level | None) -> int | None:
    """Fen a person and month."""
    return None if level is None else half_up(level.fen, level.person_months)


def _paid(row: SubsidySum | None) -> dict[str, Value]:
    """The money's cells."""
    if row is None:
        return dict.fromkeys(
            ("household_times", "person_times", "authorised_fen", "paid_fen", "late_fen", "offset_fen"), 0
        )
    names = ("household_times", "person_times", "authorised_fen", "paid_fen", "offset_fen")
    return {**{name: getattr(row, name) for name in names}, "late_fen": late_fen(row)}


def _failed(connection: Connection, asked: Asked) -> tuple[dict[Place, list[Failure]], dict[Place, int]]:
    """Failures of the batches of the months, and of them what has reached nobody, each sum once."""
    found = failures(connection, **asked.clocks).rows
    waiting = {row.payment for row in found if row.state != "paid"}
    failed: defaultdict[Place, list[Failure]] = defaultdict(list)
    unpaid: defaultdict[Place, int] = defaultdict(int)
    for row in found:
        if not asked.first <= row.month <= asked.last:
            continue
        place = (row.entity, row.programme)
        failed[place].append(row)
        unpaid[place] += row.open_fen(waiting)
    return dict(failed), dict(unpaid)
