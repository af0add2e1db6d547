"""C3 应保未保排查表, C5 资金专项检查表 and Y10 信访办理表: what offices counted, cell by cell.

No book holds these counts; an office reports each as a figure (统计指标表) whose name says table, row and column, for
instance «资金专项检查·石岭镇·抽查户数». Of one figure for the same months the paper that came last counts; months
that a longer report takes in are not added to it. A name that no column
has, or a unit that is not the column's, is told.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger.flows.community.reported import FigureReported
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import standing
from ledger_projections.summaries.table import (
    Asked,
    Column,
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

C3: Final = columns(
    ("group", "text"),
    ("on_list", "persons"),
    ("checked", "persons"),
    ("enrolled", "persons"),
    ("not_entitled", "persons"),
    ("not_entitled_why", "text"),
)
C5: Final = columns(
    ("township", "text"),
    ("sampled", "households"),
    ("passbooks", "count"),
    ("drawn_by_others", "count"),
    ("withheld", "count"),
    ("withheld_fen", "fen"),
    ("held_days", "days"),
    ("problems", "count"),
)
Y10: Final = columns(
    ("petition_way", "text"),
    ("petitions", "count"),
    ("answered", "count"),
    ("answered_in_time", "count"),
    ("petitions_founded", "count"),
    ("petitions_open", "count"),
    ("rate", "per_mille"),
)
_SPLIT: Final = re.compile(r"\s*[·•/|]\s*")
_WHY: Final = re.compile(r"不符合[::](.+)")
_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "应保未保排查": {
        "名单数": "on_list",
        "核查数": "checked",
        "纳入人数": "enrolled",
        "不符合人数": "not_entitled",
    },
    "资金专项检查": {
        "抽查户数": "sampled",
        "存折核对数": "passbooks",
        "代领数": "drawn_by_others",
        "截留数": "withheld",
        "截留金额": "withheld_fen",
        "最长滞留天数": "held_days",
        "问题数": "problems",
    },
    "信访": {
        "受理件数": "petitions",
        "办结件数": "answered",
        "按期办结件数": "answered_in_time",
        "属实件数": "petitions_founded",
    },
}
"""First part of a figure's name -> its last part -> the column."""
_LONGEST: Final = frozenset({"held_days"})
"""Columns of which the greatest counts, not the sum."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was reported for one table: row -> column -> number, row -> reason -> persons, and names of no column."""

    position: int
    cells: Mapping[str, dict[str, int]]
    why: Mapping[str, dict[str, int]]
    tags: Mapping[str, list[str]]
    strange: tuple[str, ...]


def screening(connection: Connection, asked: Asked) -> Table:
    """C3: a row a group that might be entitled and draws nothing: on the list, looked at, taken in, and why not."""
    found = _found(connection, asked, "应保未保排查", C3)

    def values(row: str) -> dict[str, Value]:
        told = sorted((reason, persons) for reason, persons in found.why.get(row, {}).items() if persons)
        why = "、".join(f"{reason}{persons}人" for reason, persons in told)
        return {"not_entitled_why": why}

    def wrong(row: str) -> bool:
        cells = found.cells.get(row, {})
        reasons = sum(found.why.get(row, {}).values())
        checked, listed = cells.get("checked"), cells.get("on_list")
        ends = cells.get("enrolled", 0) + cells.get("not_entitled", 0)
        over = checked is not None and ((listed is not None and checked > listed) or ends > checked)
        return over or bool(reasons and "not_entitled" in cells and reasons != cells["not_entitled"])

    return _table("C3", asked, found, (C3, values, wrong))


def inspection(connection: Connection, asked: Asked) -> Table:
    """C5: a row a township in which households and passbooks were looked at: drawn by others, withheld, held back."""
    found = _found(connection, asked, "资金专项检查", C5)

    def wrong(row: str) -> bool:
        cells = found.cells.get(row, {})
        return "sampled" in cells and cells.get("drawn_by_others", 0) > cells["sampled"]

    return _table("C5", asked, found, (C5, lambda _row: {}, wrong))


def petitions(connection: Connection, asked: Asked) -> Table:
    """Y10: a row a way by which petitions came: taken up, answered, in time, founded, and open."""
    found = _found(connection, asked, "信访", Y10)

    def values(row: str) -> dict[str, Value]:
        cells = found.cells.get(row, {})
        if "petitions" not in cells or "answered" not in cells:
            return {}
        left = cells["petitions"] - cells["answered"]
        return {"petitions_open": left, "rate": rate_of(cells["answered"], cells["petitions"])}

    def wrong(row: str) -> bool:
        cells = found.cells.get(row, {})
        steps = [cells[name] for name in ("petitions", "answered", "answered_in_time") if name in cells]
        return steps != sorted(steps, reverse=True) or cells.get("petitions_founded", 0) > cells.get("petitions", 0)

    return _table("Y10", asked, found, (Y10, values, wrong))


_Kind = tuple[Sequence[Column], Callable[[str], dict[str, Value]], Callable[[str], bool]]


def _table(code: str, asked: Asked, found: _Found, kind: _Kind) -> Table:
    heads, more, wrong = kind
    rows = []
    for name in sorted({*found.cells, *found.why}):
        values: dict[str, Value] = {heads[0].key: name, **found.cells.get(name, {}), **more(name)}
        rows.append(row_of(heads, values, found.tags[name]))
    checks = [Said("check.counted", {"row": name}) for name in sorted(found.cells) if wrong(name)]
    strange = [Said("check.figure_name", {"name": name}) for name in found.strange]
    scopes = (Said("table.scope.counted", {"first": asked.first, "last": asked.last}),)
    whole = _whole(heads, found)
    total = [total_of(heads, rows, word("word", "total"), whole)] if rows else []
    return table_of(code, asked, found.position, heads, [*rows, *total], scopes, [*checks, *strange])


def _whole(heads: Sequence[Column], found: _Found) -> dict[str, Value]:
    """What is no sum in the total: a rate of the sums; the greatest number of days."""
    values: dict[str, Value] = {}
    for head in heads:
        if head.key == "rate":
            both = [cells for cells in found.cells.values() if {"petitions", "answered"} <= cells.keys()]
            sums = (sum(cells[name] for cells in both) for name in ("answered", "petitions"))
            values["rate"] = rate_of(*sums)
        if head.key in _LONGEST:
            values[head.key] = max((c[head.key] for c in found.cells.values() if head.key in c), default="")
    return values


def _found(connection: Connection, asked: Asked, table: str, heads: Sequence[Column]) -> _Found:
    """The figures of one table whose months lie within those asked for."""
    moment = log_moment(connection, asked.as_of, asked.at)
    units = {head.key: head.unit for head in heads}
    cells: defaultdict[str, dict[str, int]] = defaultdict(dict)
    why: defaultdict[str, dict[str, int]] = defaultdict(dict)
    tags: defaultdict[str, list[str]] = defaultdict(list)
    strange = []
    for name, events in _reported(connection, asked, moment.position, table):
        row, last = name[1], name[2]
        column, reason = _NAMES[table].get(last), _WHY.fullmatch(last)
        told = [one.value for one in events]
        if column is not None and (units[column] == "fen") == (events[0].unit == "fen"):
            cells[row][column] = max(told) if column in _LONGEST else sum(told)
        elif reason is not None and table == "应保未保排查":
            why[row][reason[1]] = sum(told)
        else:
            strange.append(events[0].name)
            continue
        tags[row].append(f"figure:{events[0].figure}")
    return _Found(moment.position, cells, why, tags, tuple(strange))


_Name = tuple[str, str, str]
_PARTS: Final = 3


def _reported(
    connection: Connection, asked: Asked, position: int, table: str
) -> Iterator[tuple[_Name, Sequence[FigureReported]]]:
    """Each figure of the table with the reports that are added up."""
    newest: defaultdict[_Name, dict[tuple[str, str], FigureReported]] = defaultdict(dict)
    for item in standing(connection, ("figure.reported",), position, asked.as_of):
        event = item.event
        if not isinstance(event, FigureReported) or not asked.wants(item.entity):
            continue
        parts = _SPLIT.split(event.name.strip())
        months = event.period_from, event.period_to
        if parts[0] == table and len(parts) == _PARTS and _within(months, asked):
            newest[parts[0], parts[1], parts[2]][months] = event
    for name, by_months in newest.items():
        yield name, list(_apart(by_months))


def _within(months: tuple[str, str], asked: Asked) -> bool:
    return asked.first <= months[0] and months[1] <= asked.last


def _apart(by_months: Mapping[tuple[str, str], FigureReported]) -> Iterable[FigureReported]:
    """Reports of months that do not overlap, the longer ones first: a quarter instead of its months."""
    chosen: list[tuple[str, str]] = []
    ordered = sorted(by_months, key=lambda one: (_length(one), one[0]), reverse=True)
    for first, last in ordered:
        if all(last < other[0] or other[1] < first for other in chosen):
            chosen.append((first, last))
    return [by_months[one] for one in sorted(chosen)]


def _length(months: tuple[str, str]) -> int:
    """How many months, less one."""
    (first, last) = (12 * int(month[:4]) + int(month[5:]) for month in months)
    return last - first
