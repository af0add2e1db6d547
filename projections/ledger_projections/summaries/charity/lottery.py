"""Q4 福彩公益金 by level and purpose, and Y8 福彩公益金使用公告 project by project.

Both are of the year: what it began with (上年结转), what was allocated for it, and what was paid and returned in it, by
projects and by the lists of subsidies that a lottery fund pays (补助名单). What is left is what the funds hold.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection

from ledger_projections.public_money.lottery.report import (
    LotteryList,
    LotteryProject,
    LotteryReport,
    lottery_report,
    purpose_of,
)
from ledger_projections.summaries.table import (
    Asked,
    Column,
    Row,
    Said,
    Table,
    Value,
    columns,
    rate_of,
    row_of,
    table_of,
    total_of,
    word,
)

_AMOUNTS: Final = columns(
    ("carried_over_fen", "fen"),
    ("allocated_fen", "fen"),
    ("used_fen", "fen"),
    ("used_by_projects_fen", "fen"),
    ("used_by_lists_fen", "fen"),
    ("returned_fen", "fen"),
    ("left_fen", "fen"),
    ("rate", "per_mille"),
)
Q4: Final = (*columns(("level", "text"), ("purpose", "text"), ("projects", "count")), *_AMOUNTS)
Y8: Final = (
    *columns(("level", "text"), ("document", "text"), ("project", "text"), ("user", "text"), ("purpose", "text")),
    *_AMOUNTS,
    *columns(
        ("beneficiaries", "count"),
        ("progress", "text"),
        ("marked", "text"),
        ("published_at", "text"),
        ("published_on", "day"),
    ),
)


_One = LotteryProject | LotteryList


def lottery_quarter(connection: Connection, asked: Asked) -> Table:
    """Q4: a row a level and purpose, up to the last day of the months."""
    found = lottery_report(connection, year=asked.year, as_of=asked.until, at=asked.at, entity=asked.entity)
    every: tuple[_One, ...] = (*found.projects, *found.lists)
    rows = []
    for cell in found.cells:
        said: dict[str, Value] = {"level": word("level", cell.level), "purpose": word("purpose", cell.purpose)}
        mine = [one for one in every if (one.level, purpose_of(one)) == (cell.level, cell.purpose)]
        rows.append(row_of(Q4, {**said, "projects": cell.sums.projects, **_amounts(mine)}, list(map(_tag, mine))))
    total = _total(Q4, rows, every)
    return table_of("Q4", asked, found.position, Q4, [*rows, *total], _scopes(asked), _told(found))


def lottery_notice(connection: Connection, asked: Asked) -> Table:
    """Y8: a row a project, as the notice of the year prints it, and a row a document that pays lists."""
    found = lottery_report(connection, year=asked.year, as_of=asked.until, at=asked.at, entity=asked.entity)
    every: tuple[_One, ...] = (*found.projects, *found.lists)
    rows = [row_of(Y8, _values(one), (_tag(one),)) for one in every]
    total = _total(Y8, rows, every)
    return table_of("Y8", asked, found.position, Y8, [*rows, *total], _scopes(asked), _told(found))


def _tag(one: _One) -> str:
    return f"allocation:{one.allocation}" if isinstance(one, LotteryProject) else f"document:{one.document}"


def _total(heads: Sequence[Column], rows: Sequence[Row], every: Sequence[_One]) -> list[Row]:
    return [total_of(heads, rows, word("word", "total"), {"rate": _amounts(every)["rate"]})] if rows else []


def _values(one: _One) -> dict[str, Value]:
    said: dict[str, Value] = {"level": word("level", one.level), "document": one.document, **_amounts([one])}
    said["purpose"] = word("purpose", purpose_of(one))
    if isinstance(one, LotteryList):
        return {**said, "project": "、".join(one.programmes)}
    return {
        **said,
        "project": one.project_label,
        "user": one.user_label,
        "beneficiaries": one.beneficiaries,
        "progress": one.progress,
        "marked": None if one.marked is None else word("truth", "yes" if one.marked else "no"),
        "published_at": one.published_at,
        "published_on": one.published_on,
    }


def _amounts(many: Sequence[_One]) -> dict[str, Value]:
    """The money of projects and lists; the rate is of all that there was to use, carried over or allocated."""
    names = ("used_fen", "used_by_projects_fen", "used_by_lists_fen", "returned_fen", "left_fen")
    added = {name: sum(getattr(one.sums, name) for one in many) for name in names}
    carried = sum(one.sums.carried_over_fen for one in many)
    whole = sum(one.sums.allocated_fen for one in many)
    given = {"carried_over_fen": carried, "allocated_fen": whole - carried}
    return {**given, **added, "rate": rate_of(added["used_fen"], whole)}


def _scopes(asked: Asked) -> tuple[Said, ...]:
    return Said("table.scope.lottery", {"year": asked.year, "until": asked.until}), Said("table.scope.rate_used")


def _told(found: LotteryReport) -> Iterable[Said]:
    """What of earlier years was taken back; which projects were paid and not made public, or before the last payment,
    or bear no mark; what is on its way to people; and whether the funds hold something else than what is left.
    """
    projects = found.projects
    paid = [one for one in projects if one.sums.used_fen > 0]
    silent = tuple(one.project_label for one in paid if one.published_on is None)
    early = tuple(one.project_label for one in paid if _published_early(one))
    bare = tuple(one.project_label for one in projects if one.marked is False)
    taken_back = {one.project_label: one.earlier_reversed_fen for one in projects if one.earlier_reversed_fen}
    if taken_back:
        fen = sum(taken_back.values())
        yield Said("table.note.lottery_reversed", {"reversed_fen": fen, "names": tuple(taken_back)})
    if silent:
        yield Said("table.note.unpublished", {"names": silent})
    if early:
        yield Said("table.note.published_early", {"names": early})
    if bare:
        yield Said("table.note.unmarked", {"names": bare})
    if on_its_way := sum(one.in_transit_fen for one in found.lists):
        yield Said("table.note.lottery_in_transit", {"transit_fen": on_its_way})
    left = found.total.left_fen + found.later_fen
    if left != found.held_fen:
        yield Said("check.lottery", {"left_fen": left, "held_fen": found.held_fen})


def _published_early(one: LotteryProject) -> bool:
    published, used = one.published_on, one.last_used_on
    return published is not None and used is not None and published < used
