"""Q4 福彩公益金 by level and purpose, and Y8 福彩公益金使用公告 project by project.

Both are of the year: what it began with (上年结转), what was allocated for it, and what was paid and returned in it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection

from ledger_projections.public_money.lottery import LotteryProject, lottery_report
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


def lottery_quarter(connection: Connection, asked: Asked) -> Table:
    """Q4: a row a level and purpose, up to the last day of the months."""
    found = lottery_report(connection, year=asked.year, as_of=asked.until, at=asked.at, entity=asked.entity)
    rows = []
    for cell in found.cells:
        said: dict[str, Value] = {"level": word("level", cell.level), "purpose": word("purpose", cell.purpose)}
        mine = [one for one in found.projects if (one.level, one.purpose) == (cell.level, cell.purpose)]
        tags = [f"allocation:{one.allocation}" for one in mine]
        rows.append(row_of(Q4, {**said, "projects": cell.sums.projects, **_amounts(mine)}, tags))
    total = _total(Q4, rows, found.projects)
    return table_of("Q4", asked, found.position, Q4, [*rows, *total], _scopes(asked), _told(found.projects))


def lottery_notice(connection: Connection, asked: Asked) -> Table:
    """Y8: a row a project, as the notice of the year prints it."""
    found = lottery_report(connection, year=asked.year, as_of=asked.until, at=asked.at, entity=asked.entity)
    rows = [row_of(Y8, _values(one), (f"allocation:{one.allocation}",)) for one in found.projects]
    total = _total(Y8, rows, found.projects)
    return table_of("Y8", asked, found.position, Y8, [*rows, *total], _scopes(asked), _told(found.projects))


def _total(heads: Sequence[Column], rows: Sequence[Row], projects: Sequence[LotteryProject]) -> list[Row]:
    return [total_of(heads, rows, word("word", "total"), {"rate": _amounts(projects)["rate"]})] if rows else []


def _values(one: LotteryProject) -> dict[str, Value]:
    return {
        "level": word("level", one.level),
        "document": one.document,
        "project": one.project_label,
        "user": one.user_label,
        "purpose": word("purpose", one.purpose),
        **_amounts([one]),
        "beneficiaries": one.beneficiaries,
        "progress": one.progress,
        "marked": None if one.marked is None else word("truth", "yes" if one.marked else "no"),
        "published_at": one.published_at,
        "published_on": one.published_on,
    }


def _amounts(many: Sequence[LotteryProject]) -> dict[str, Value]:
    """The money of some projects; the rate is of all that there was to use, carried over or allocated."""
    names = ("used_fen", "returned_fen", "left_fen")
    added = {name: sum(getattr(one.sums, name) for one in many) for name in names}
    carried = sum(one.sums.carried_over_fen for one in many)
    whole = sum(one.sums.allocated_fen for one in many)
    given = {"carried_over_fen": carried, "allocated_fen": whole - carried}
    return {**given, **added, "rate": rate_of(added["used_fen"], whole)}


def _scopes(asked: Asked) -> tuple[Said, ...]:
    return Said("table.scope.lottery", {"year": asked.year, "until": asked.until}), Said("table.scope.rate_used")


def _told(projects: Sequence[LotteryProject]) -> Iterable[Said]:
    """Which projects were paid and not made public, or before the last payment, or bear no mark."""
    paid = [one for one in projects if one.sums.used_fen]
    silent = tuple(one.project_label for one in paid if one.published_on is None)
    early = tuple(one.project_label for one in paid if _published_early(one))
    bare = tuple(one.project_label for one in projects if one.marked is False)
    if silent:
        yield Said("table.note.unpublished", {"names": silent})
    if early:
        yield Said("table.note.published_early", {"names": early})
    if bare:
        yield Said("table.note.unmarked", {"names": bare})


def _published_early(one: LotteryProject) -> bool:
    published, used = one.published_on, one.last_used_on
    return published is not None and used is not None and published < used
