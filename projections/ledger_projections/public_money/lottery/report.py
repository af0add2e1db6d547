"""Welfare-lottery proceeds (福彩公益金): allocated, used, returned, left, and the execution rate, by level and purpose.

Projects use them, and lists of subsidies that a lottery fund pays (补助名单), which have a purpose of their own: what
is used is both, and what is left is what the funds hold.

The rate is what was used of what was allocated, returned money not taken off: giving money back is no use of it.
Source: 彩票管理条例 art. 36; 彩票公益金管理办法.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from ledger_projections.keeping.answers import Answer, per_mille
from ledger_projections.keeping.clocks import Moment, moment_of
from ledger_projections.keeping.items import AnyRow
from ledger_projections.public_money.lottery.lines import KNOWN, LOTTERY, PROGRESS, TOLD
from ledger_projections.public_money.lottery.lists import Listed, of_lists
from ledger_projections.public_money.lottery.shares import Share, Use, shares_of

LEVELS: Final = ("central", "province", "city", "county")
PURPOSES: Final = ("elderly", "disabled", "orphans", "poverty", "other", "lists")
"""The purposes of projects, and the lists of subsidies."""


@dataclass(frozen=True, slots=True)
class LotterySum(Answer):
    """Sums in fen. left = allocated - used - returned; `rate_per_mille` = used of allocated, half up to 0.1 %.
    `carried_over_fen` is the part of what was allocated that earlier years left; used is what projects and lists used.
    """

    projects: int
    carried_over_fen: int
    allocated_fen: int
    used_fen: int
    used_by_projects_fen: int
    used_by_lists_fen: int
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
    earlier_reversed_fen: int
    """冲销往年支付: what earlier years had used and was taken back in the year; it is taken off what the year used."""
    last_used_on: date | None
    beneficiaries: int | None
    progress: str | None
    marked: bool | None
    published_at: str | None
    published_on: date | None


@dataclass(frozen=True, slots=True)
class LotteryList(Answer):
    """A funding document that pays lists of subsidies, with what was paid of it (less what came back). What finance
    ordered and no bank has paid yet, `in_transit_fen`, is part of what is left.
    """

    entity: str
    document: str
    fund: str
    year: int
    level: str
    programmes: tuple[str, ...]
    sums: LotterySum
    in_transit_fen: int


@dataclass(frozen=True, slots=True)
class LotteryReport(Answer):
    """A cell for each level and purpose that has money, each level and each purpose in all, and everything.

    `held_fen` is what the quota and the transit accounts of the funds hold: what is left, and `later_fen`, which is for
    later years.
    """

    position: int
    as_of: date | None
    year: int | None
    cells: tuple[LotteryCell, ...]
    levels: tuple[LotteryCell, ...]
    purposes: tuple[LotteryCell, ...]
    total: LotterySum
    projects: tuple[LotteryProject, ...]
    lists: tuple[LotteryList, ...]
    held_fen: int
    later_fen: int


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
    returned counts by the day on which it was. What an earlier year was given or used and was taken back in the year is
    below nothing in it (冲销往年), so that the year begins with what the one before left.
    """
    until = _until(year, as_of)
    moment = moment_of(connection, [LOTTERY], as_of, at)
    counted = Moment(moment.position, until)
    progress = _progresses(connection, moment, as_of)
    shares = shares_of(connection, counted, year, entity)
    made = (_project(share, progress.get(share.told.allocation), year) for share in shares)
    projects = tuple(one for one in made if one is not None)
    listed = of_lists(connection, moment.position, until, year, lambda name: entity in (None, name))
    lists = tuple(map(_list, listed.rows))
    every: tuple[LotteryProject | LotteryList, ...] = (*projects, *lists)
    later = sum(share.fen(year + 1, stands=True) for share in shares) if year else 0
    return LotteryReport(
        moment.position,
        as_of,
        year,
        cells=tuple(_cells(every, LEVELS, PURPOSES)),
        levels=tuple(_cells(every, LEVELS, ("",))),
        purposes=tuple(_cells(every, ("",), PURPOSES)),
        total=_sum(one.sums for one in every),
        projects=projects,
        lists=lists,
        held_fen=listed.held_fen,
        later_fen=listed.later_fen + later,
    )


def _until(year: int | None, as_of: date | None) -> date | None:
    """The last day that counts: of a year its own last day."""
    end = None if year is None else date(year, 12, 31)
    return min((day for day in (end, as_of) if day is not None), default=None)


def _list(row: Listed) -> LotteryList:
    whole = row.carried_fen + row.given_fen
    sums = _summed(0, row.carried_fen, whole, 0, row.paid_fen, 0)
    return LotteryList(
        row.entity, row.document, row.fund, row.year, row.level, row.programmes, sums, row.in_transit_fen
    )


def _cells(
    every: Sequence[LotteryProject | LotteryList], levels: Iterable[str], purposes: Iterable[str]
) -> Iterator[LotteryCell]:
    for level in levels:
        for purpose in purposes:
            mine = [one.sums for one in every if level in ("", one.level) and purpose in ("", purpose_of(one))]
            if mine:
                yield LotteryCell(level, purpose, _sum(mine))


def purpose_of(one: LotteryProject | LotteryList) -> str:
    """Under which purpose a project or the lists of a document are counted."""
    return one.purpose if isinstance(one, LotteryProject) else "lists"


def _sum(many: Iterable[LotterySum]) -> LotterySum:
    many = tuple(many)
    names = (
        *("projects", "carried_over_fen", "allocated_fen"),
        *("used_by_projects_fen", "used_by_lists_fen", "returned_fen"),
    )
    return _summed(*(sum(getattr(one, name) for one in many) for name in names))


def _summed(projects: int, carried: int, allocated: int, by_projects: int, by_lists: int, returned: int) -> LotterySum:
    used = by_projects + by_lists
    left = allocated - used - returned
    rate = per_mille(used, allocated)
    return LotterySum(projects, carried, allocated, used, by_projects, by_lists, returned, left, rate)


def _project(share: Share, progress: AnyRow | None, year: int | None) -> LotteryProject | None:
    """An allocation as it stands, or as it stood in a year; None when it had no money in that year."""
    row, sums = share.told, _sums_of(share) if year is None else _sums_in(share, year)
    if sums is None:
        return None
    said: dict[str, Any] = {name: getattr(row, name) for name in KNOWN}
    told: dict[str, Any] = {name: None if progress is None else getattr(progress, name) for name in TOLD}
    used = [one for one in share.uses if one.act == "used"]
    days = [one.used_on for one in used if one.stands and (year is None or one.day.year <= year)]
    return LotteryProject(
        entity=row.entity,
        **{**said, "carried_over": bool(row.carried_over)},
        sums=sums,
        last_used_on=max(days, default=None),
        earlier_reversed_fen=-sum(one.fen for one in used if one.fen < 0),
        marked=None if progress is None or progress.marked is None else bool(progress.marked),
        **told,
    )


def _sums_of(share: Share) -> LotterySum:
    """All that came of an allocation."""
    moved = _moved(share.uses)
    return _summed(1, share.fen(carried=True), share.fen(), moved["used"], 0, moved["returned"])


def _sums_in(share: Share, year: int) -> LotterySum | None:
    """What came of it in a year, by the days on which the book has it, as long as something is left of it."""
    before = sum(one.fen for one in share.uses if one.day.year < year)
    moved = _moved(one for one in share.uses if one.day.year == year)
    carried = share.fen(until=year - 1) - before + share.fen(year, year, carried=True)
    whole = share.fen(until=year, stands=True) - before
    if year not in share.begun and not (carried or whole or moved):
        return None
    return _summed(1, carried, whole, moved["used"], 0, moved["returned"])


def _moved(uses: Iterable[Use]) -> Counter[str]:
    """Act -> fen."""
    moved: Counter[str] = Counter()
    for one in uses:
        moved[one.act] += int(one.fen)
    return moved


def _progresses(connection: Connection, moment: Moment, as_of: date | None) -> dict[str, AnyRow]:
    """Allocation -> its latest report; one that rode with an earlier payment is told from its own day."""
    chosen = select(PROGRESS).where(moment.counts(PROGRESS))
    if as_of is not None:
        chosen = chosen.where(PROGRESS.c.reported_on <= as_of)
    ordered = chosen.order_by(PROGRESS.c.reported_on, PROGRESS.c.position)
    return {row.allocation: row for row in connection.execute(ordered)}
