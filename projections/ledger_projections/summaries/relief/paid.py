"""M1 困难群众救助资金发放月报 and M2 分乡镇发放表: who was on the roster, who was paid, and how much, over months.

A month's roster is the one that its payments follow: a decision counts from the month in which it takes effect. What
was taken over when the book began stands in the opening. Money is that of the month's batches.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from sqlalchemy import Connection

from ledger.values.dates import Period, periods
from ledger.values.money import fen_to_yuan
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.public_money.failures import Failure, failures
from ledger_projections.public_money.payment_groups import GroupSum, Level, groups, levels, net_paid
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import Place, joined, scopes
from ledger_projections.public_money.roster_lines import ROSTERS
from ledger_projections.public_money.rosters import TRANSFERS, RosterMonth, categories, rosters, standing_counts
from ledger_projections.public_money.subsidies import SubsidySum, late_fen, subsidies
from ledger_projections.summaries.programmes import Programme, absent, once, ordered, programmes, taken_in
from ledger_projections.summaries.table import (
    Asked,
    Column,
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

ROSTER: Final = columns(
    ("opening_households", "households"),
    ("opening_persons", "persons"),
    ("in_households", "households"),
    ("in_persons", "persons"),
    ("in_transferred", "persons"),
    ("out_households", "households"),
    ("out_persons", "persons"),
    ("out_transferred", "persons"),
    ("out_deaths", "persons"),
    ("closing_households", "households"),
    ("closing_persons", "persons"),
)
MONEY: Final = columns(
    ("household_times", "times"),
    ("person_times", "times"),
    ("authorised_fen", "fen"),
    ("paid_fen", "fen"),
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
M2: Final = (*columns(("township", "text"), ("programme", "text")), *ROSTER, *MONEY, *columns(("offset_fen", "fen")))
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
    shown = ordered(found.known, {*found.money, *found.roster}, asked)
    rows: list[Row] = []
    for one in shown:
        rows.append(row_of(M1, found.values(one), (one.tag,)))
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
    scopes_told = (*_scopes(asked), roster, *said)
    notes = [*found.checks(shown), *found.told(), *once(shown), *absent(shown)]
    return table_of(code, asked, found.moment.position, M1, [*rows, *totals] if rows else [], scopes_told, notes)


def township_report(connection: Connection, asked: Asked) -> Table:
    """M2: a row a township with its programmes below it; the same money as M1, cut by where the household lives."""
    moment = moment_of(connection, [PAYMENT_LINES, ROSTERS], asked.as_of, asked.at)
    known = programmes(connection, asked, moment.position)
    scope = joined(scopes(connection, moment, _months(asked)).values())
    paid = {
        (one.entity, one.programme, one.group): one for one in groups(connection, moment, scope, asked.last, "township")
    }
    listed = _standing(_spans(rosters(connection, asked.first, asked.last, by="township", **asked.clocks).rows), known)
    places = [key for key in {*paid, *listed} if asked.wants(key[0])]
    shown = [one for one in ordered(known, {key[:2] for key in places}, asked) if one.in_relief]
    rows: list[Row] = []
    for township in sorted({key[2] for key in places}):
        parts = []
        for one in shown:
            key = (one.entity, one.programme, township)
            if key in paid or key in listed:
                values = {**_moved(listed.get(key)), **_counted(paid.get(key, GroupSum(*key)))}
                said: dict[str, Value] = {"township": township or word("word", "no_township"), "programme": one.name}
                parts.append(row_of(M2, {**said, **values}, (one.tag,), "part"))
        rows += _under(township, parts)
    total = total_of(M2, rows, Said("table.total.relief", {"programmes": taken_in(shown)}))
    notes = [
        *_agrees(connection, asked, {(one.entity, one.programme) for one in shown}, total),
        Said("table.note.moves"),
        *once(shown),
    ]
    told = (Said("table.scope.month_roster"), Said("table.scope.set", {"programmes": taken_in(shown)}))
    scopes_told = (*_scopes(asked), *told)
    return table_of("M2", asked, moment.position, M2, [*rows, total] if rows else [], scopes_told, notes)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the rows of M1 are made of, by (entity, programme)."""

    connection: Connection
    asked: Asked
    listed: Asked
    """The months whose rosters are told."""
    moment: Moment
    known: dict[Place, Programme]
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
        listed = _spans(rosters(connection, first, last, **asked.clocks).rows)
        known = programmes(connection, asked, moment.position)
        failed, unpaid = _failed(connection, asked)
        whole_year = [str(one) for one in periods(Period(asked.year, 1), Period.parse(asked.last))]
        spans = (asked.shifted(0), asked.shifted(-asked.months), asked.shifted(-12))
        each = scopes(connection, moment, sorted({*whole_year, *(month for one in spans for month in _span(one))}))
        level = tuple(levels(connection, moment, joined(each[month] for month in _span(one))) for one in spans)
        return cls(
            connection,
            asked,
            roster_months,
            moment,
            known,
            {(row.entity, row.programme): row for row in paid if asked.wants(row.entity)},
            {key[:2]: values for key, values in _standing(listed, known).items() if asked.wants(key[0])},
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
            **_moved(self.roster.get(place)),
            **_paid(self.money.get(place)),
            "failed_lines": len(failed),
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
            joined(scopes(self.connection, self.moment, _months(self.asked)).values()),
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
        listed = {key[2]: values for key, values in _spans(found.rows).items() if key[0] == one.entity}
        names = sorted({*mine, *listed})
        if len(names) < 2:
            return []
        blank = GroupSum(one.entity, one.programme, "")
        parts = [(name, {**_moved(listed.get(name)), **_counted(mine.get(name, blank))}) for name in names]
        said = word("word", "no_category")
        return [row_of(M1, {"programme": name or said, **values}, (one.tag,), "part") for name, values in parts]

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
                said = {"programme": one.name, "households": closing[0], "persons": closing[1]}
                yield Said("check.roster", {**said, "counted_households": direct[0], "counted_persons": direct[1]})

    def told(self) -> Iterable[Said]:
        """What a reader has to know to compare the figures."""
        taken_over = sum(values["taken_over"] for values in self.roster.values())
        if taken_over:
            yield Said("table.note.taken_over", {"persons": taken_over})
        yield Said("table.note.deaths")
        if any(not part for part in self.level[1:]):
            yield Said("table.note.no_comparison")


def _span(span: tuple[str, str]) -> list[str]:
    return [str(month) for month in periods(Period.parse(span[0]), Period.parse(span[1]))]


def _months(asked: Asked) -> list[str]:
    return _span((asked.first, asked.last))


def _whole(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.kind == "row"]


def _scopes(asked: Asked) -> tuple[Said, ...]:
    return Said("table.scope.months", {"first": asked.first, "last": asked.last}), Said("table.scope.paid")


def _level(level: Level | None) -> int | None:
    """Fen a person and month."""
    return None if level is None else half_up(level.fen, level.person_times)


def _spans(months: Iterable[RosterMonth]) -> dict[tuple[str, str, str], dict[str, int]]:
    """(entity, programme, group) -> the roster over all the months: where it began, what moved, where it ended."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in months:
        key = (row.entity, row.programme, row.group)
        begun = {"opening_households": row.opening_households, "opening_persons": row.opening_persons}
        values = found.setdefault(key, defaultdict(int, begun))
        moves = [one for one in row.movements if not one.is_taken_over]
        taken = [one for one in row.movements if one.is_taken_over]
        values["taken_over"] += sum(one.persons for one in taken)
        values["opening_households"] += sum(one.households for one in taken)
        values["opening_persons"] += sum(one.persons for one in taken)
        for one in moves:
            values[f"{one.way}_households"] += one.households
            values[f"{one.way}_persons"] += one.persons
            values[f"{one.way}_transferred"] += one.persons if one.reason in TRANSFERS else 0
            values["out_deaths"] += one.persons if (one.way, one.reason) == ("out", "death") else 0
        values["in_persons"] += row.added_persons
        values["out_persons"] += row.removed_persons
        values["closing_households"], values["closing_persons"] = row.closing_households, row.closing_persons
    return found


def _standing(
    listed: Mapping[tuple[str, str, str], dict[str, int]], known: Mapping[Place, Programme]
) -> dict[tuple[str, str, str], dict[str, int]]:
    """The rosters without programmes whose aid is given once."""
    brief = {place for place, one in known.items() if one.is_once}
    return {key: values for key, values in listed.items() if key[:2] not in brief}


def _moved(values: Mapping[str, int] | None) -> dict[str, Value]:
    """The roster's cells; a programme without a roster has none."""
    return {} if values is None else {column.key: values.get(column.key, 0) for column in ROSTER}


def _paid(row: SubsidySum | None) -> dict[str, Value]:
    """The money's cells."""
    if row is None:
        return dict.fromkeys(
            ("household_times", "person_times", "authorised_fen", "paid_fen", "late_fen", "offset_fen"), 0
        )
    names = ("household_times", "person_times", "authorised_fen", "paid_fen", "offset_fen")
    return {**{name: getattr(row, name) for name in names}, "late_fen": late_fen(row)}


def _counted(group: GroupSum) -> dict[str, Value]:
    names = ("household_times", "person_times", "authorised_fen", "paid_fen", "offset_fen")
    return {name: getattr(group, name) for name in names}


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
        tried_again = row.state == "reissued" and row.reissued_as in waiting
        unpaid[place] += row.fen if row.state in {"open", "reissued"} and not tried_again else 0
    return dict(failed), dict(unpaid)


def _under(township: str, parts: Sequence[Row]) -> list[Row]:
    """A township's programmes under their sum."""
    if not parts:
        return []
    whole = [Row("row", one.cells, one.tags) for one in parts]
    total = total_of(M2, whole, word("word", "no_township"), {"programme": word("word", "all_programmes")})
    head: Value = township or word("word", "no_township")
    tags = tuple(dict.fromkeys(tag for one in parts for tag in one.tags))
    return [Row("row", (head, *total.cells[1:]), tags), *parts]


def _agrees(connection: Connection, asked: Asked, places: set[Place], total: Row) -> Iterable[Said]:
    """Whether the townships sum to what the programmes say."""
    found = subsidies(connection, asked.first, asked.last, **asked.clocks).span
    mine = [row for row in found if (row.entity, row.programme) in places]
    for name in ("household_times", "person_times", "authorised_fen", "paid_fen"):
        said = total.cells[_place(M2, name)]
        whole = sum(getattr(row, name) for row in mine)
        if said != whole:
            as_told = fen_to_yuan if name.endswith("_fen") else str
            yield Said(
                "check.townships", {"columns": (name,), "sum": as_told(cast("int", said)), "whole": as_told(whole)}
            )


def _place(heads: Sequence[Column], key: str) -> int:
    return [one.key for one in heads].index(key)
