"""Welfare-lottery proceeds (福彩公益金): allocated, used, returned, left, and the execution rate, by level and purpose.

The rate is what was used of what was allocated, returned money not taken off: giving money back is no use of it.
Source: 彩票管理条例 art. 36; 彩票公益金管理办法.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, func, select

from ledger.flows.community.lottery import LotteryAllocated, LotteryProgressReported, LotteryReturned, LotteryUsed
from ledger.log.columns import text
from ledger_projections.keeping.answers import Answer, per_mille
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow
from ledger_projections.keeping.projection import Line, Projection
from ledger_projections.keeping.tables import date_of, lines, whole

ALLOCATIONS: Final = lines(
    "lottery_allocations",
    text("allocation"),
    text("fund"),
    whole("year"),
    text("level"),
    text("document"),
    text("budget_item"),
    text("project"),
    text("project_label"),
    text("user_label"),
    text("purpose"),
    whole("carried_over"),
    whole("fen"),
)
USES: Final = lines(
    "lottery_uses",
    text("allocation"),
    text("act"),
    whole("fen"),
    whole("beneficiaries"),
    date_of("used_on"),
    indexes=(("allocation", "act"),),
)
PROGRESS: Final = lines(
    "lottery_progress",
    text("allocation"),
    text("progress"),
    whole("marked", optional=True),
    whole("beneficiaries", optional=True),
    text("published_at", optional=True),
    date_of("published_on", optional=True),
    date_of("reported_on"),
)

LOTTERY: Final = Projection("lottery", ALLOCATIONS, USES, PROGRESS, version=2)

_KNOWN: Final = (
    *("allocation", "fund", "year", "level", "document", "budget_item", "project", "project_label"),
    *("user_label", "purpose", "carried_over"),
)
_TOLD: Final = ("progress", "beneficiaries", "published_at", "published_on")

LEVELS: Final = ("central", "province", "city", "county")
PURPOSES: Final = ("elderly", "disabled", "orphans", "poverty", "other")


@dataclass(frozen=True, slots=True)
class LotterySum(Answer):
    """Sums in fen. left = allocated - used - returned; `rate_per_mille` = used of allocated, half up to 0.1 %.
    `carried_over_fen` is the part of what was allocated that earlier years left.
    """

    projects: int
    carried_over_fen: int
    allocated_fen: int
    used_fen: int
    returned_fen: int
    left_fen: int
    rate_per_mille: int | None


@dataclass(frozen=True, slots=True)
class LotteryCell(Answer):
    """The sums of one level and purpose; an empty name stands for all of them."""

    level: str
    purpose: str
    sums: LotterySum


@dataclass(frozen=True, slots=True)
class LotteryProject(Answer):
    """One allocation with what came of it and what is known of its progress and publication."""

    entity: str
    allocation: str
    fund: str
    year: int
    level: str
    document: str
    budget_item: str
    project: str
    project_label: str
    user_label: str
    purpose: str
    carried_over: bool
    sums: LotterySum
    last_used_on: date | None
    beneficiaries: int | None
    progress: str | None
    marked: bool | None
    published_at: str | None
    published_on: date | None


@dataclass(frozen=True, slots=True)
class LotteryReport(Answer):
    """A cell for each level and purpose that has money, each level and each purpose in all, and everything."""

    position: int
    as_of: date | None
    year: int | None
    cells: tuple[LotteryCell, ...]
    levels: tuple[LotteryCell, ...]
    purposes: tuple[LotteryCell, ...]
    total: LotterySum
    projects: tuple[LotteryProject, ...]


@LOTTERY.lines_of(LotteryAllocated)
def _allocated(event: LotteryAllocated) -> Iterator[Line]:
    said = {name: getattr(event, name) for name in _KNOWN}
    yield Line(ALLOCATIONS, {**said, "carried_over": int(event.carried_over), "fen": event.amount_fen})


@LOTTERY.lines_of(LotteryUsed)
def _used(event: LotteryUsed) -> Iterator[Line]:
    moved = {"act": "used", "fen": event.amount_fen, "beneficiaries": event.beneficiaries}
    yield Line(USES, {"allocation": event.allocation, "used_on": event.occurred_on, **moved})


@LOTTERY.lines_of(LotteryReturned)
def _returned(event: LotteryReturned) -> Iterator[Line]:
    moved = {"act": "returned", "fen": event.amount_fen, "beneficiaries": 0}
    yield Line(USES, {"allocation": event.allocation, "used_on": event.occurred_on, **moved})


@LOTTERY.lines_of(LotteryProgressReported)
def _progress(event: LotteryProgressReported) -> Iterator[Line]:
    said = {name: getattr(event, name) for name in ("allocation", *_TOLD)}
    marked = None if event.marked is None else int(event.marked)
    yield Line(PROGRESS, {**said, "marked": marked, "reported_on": event.as_of})


def lottery_report(
    connection: Connection,
    *,
    year: int | None = None,
    as_of: date | None = None,
    at: int | None = None,
    entity: str | None = None,
) -> LotteryReport:
    """The proceeds by level and purpose, with every project: of a year, or of all years (None).

    The money of a year is what was allocated for it and what earlier years had left when it began; what was used and
    returned counts by the day on which it was.
    """
    moment = moment_of(connection, [LOTTERY], as_of, at)
    chosen = select(ALLOCATIONS).where(moment.counts(ALLOCATIONS)).order_by(ALLOCATIONS.c.position)
    uses, progress = _uses(connection, moment), _progresses(connection, moment, as_of)
    rows = [row for row in connection.execute(chosen) if entity in (None, row.entity)]
    made = (_project(row, uses[row.allocation], progress.get(row.allocation), year) for row in rows)
    projects = tuple(one for one in made if one is not None)
    return LotteryReport(
        moment.position,
        as_of,
        year,
        cells=tuple(_cells(projects, LEVELS, PURPOSES)),
        levels=tuple(_cells(projects, LEVELS, ("",))),
        purposes=tuple(_cells(projects, ("",), PURPOSES)),
        total=_sum(one.sums for one in projects),
        projects=projects,
    )


def _cells(projects: Iterable[LotteryProject], levels: Iterable[str], purposes: Iterable[str]) -> Iterator[LotteryCell]:
    projects = tuple(projects)
    for level in levels:
        for purpose in purposes:
            mine = [one.sums for one in projects if level in ("", one.level) and purpose in ("", one.purpose)]
            if mine:
                yield LotteryCell(level, purpose, _sum(mine))


def _sum(many: Iterable[LotterySum]) -> LotterySum:
    many = tuple(many)
    names = ("projects", "carried_over_fen", "allocated_fen", "used_fen", "returned_fen")
    projects, carried, allocated, used, returned = (sum(getattr(one, name) for one in many) for name in names)
    return _summed(projects, carried, allocated, used, returned)


def _summed(projects: int, carried: int, allocated: int, used: int, returned: int) -> LotterySum:
    left = allocated - used - returned
    return LotterySum(projects, carried, allocated, used, returned, left, per_mille(used, allocated))


def _project(row: AnyRow, uses: Sequence[AnyRow], progress: AnyRow | None, year: int | None) -> LotteryProject | None:
    """An allocation as it stands, or as it stood in a year; None when it had no money in that year."""
    sums = _sums_of(row, uses) if year is None else _sums_in(row, uses, year)
    if sums is None:
        return None
    said: dict[str, Any] = {name: getattr(row, name) for name in _KNOWN}
    told: dict[str, Any] = {name: None if progress is None else getattr(progress, name) for name in _TOLD}
    days = [one.used_on for one in uses if one.act == "used" and (year is None or one.day.year <= year)]
    return LotteryProject(
        entity=row.entity,
        **{**said, "carried_over": bool(row.carried_over)},
        sums=sums,
        last_used_on=max(days, default=None),
        marked=None if progress is None or progress.marked is None else bool(progress.marked),
        **told,
    )


def _sums_of(row: AnyRow, uses: Iterable[AnyRow]) -> LotterySum:
    """All that came of an allocation."""
    moved = _moved(uses)
    return _summed(1, row.fen if row.carried_over else 0, row.fen, moved["used"], moved["returned"])


def _sums_in(row: AnyRow, uses: Sequence[AnyRow], year: int) -> LotterySum | None:
    """What came of it in a year, by the days on which the book has it. It begins in its own year, or in that of its
    first payment where that is earlier, and goes on as long as something is left of it.
    """
    before = sum(one.fen for one in uses if one.day.year < year)
    moved = _moved(one for one in uses if one.day.year == year)
    begins = min([row.year, *(one.day.year for one in uses)])
    whole = row.fen - before
    if begins > year or (begins < year and not whole and not moved):
        return None
    carried = whole if begins < year or row.carried_over else 0
    return _summed(1, carried, whole, moved["used"], moved["returned"])


def _moved(uses: Iterable[AnyRow]) -> Counter[str]:
    """Act -> fen."""
    moved: Counter[str] = Counter()
    for one in uses:
        moved[one.act] += int(one.fen)
    return moved


def _uses(connection: Connection, moment: Moment) -> defaultdict[str, list[AnyRow]]:
    """Allocation -> its sums by act and day."""
    columns = (USES.c.allocation, USES.c.act, USES.c.used_on, USES.c.day)
    chosen = select(*columns, func.sum(USES.c.fen).label("fen")).where(moment.counts(USES))
    found: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(chosen.group_by(*columns)):
        found[row.allocation].append(row)
    return found


def _progresses(connection: Connection, moment: Moment, as_of: date | None) -> dict[str, AnyRow]:
    """Allocation -> its latest report; one that rode with an earlier payment is told from its own day."""
    chosen = select(PROGRESS).where(moment.counts(PROGRESS))
    if as_of is not None:
        chosen = chosen.where(PROGRESS.c.reported_on <= as_of)
    ordered = chosen.order_by(PROGRESS.c.reported_on, PROGRESS.c.position)
    return {row.allocation: row for row in connection.execute(ordered)}
