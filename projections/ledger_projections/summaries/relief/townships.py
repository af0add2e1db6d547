"""M2 分乡镇发放表: the same rosters and money as M1, cut by the township that a household lives in."""

from collections.abc import Iterable, Sequence
from typing import Final, cast

from sqlalchemy import Connection

from ledger.values.money import fen_to_yuan
from ledger_projections.keeping.clocks import moment_of
from ledger_projections.public_money.payment_groups import GroupSum, groups
from ledger_projections.public_money.payment_lines import PAYMENT_LINES
from ledger_projections.public_money.payment_queries import Place, joined, scopes
from ledger_projections.public_money.roster_lines import ROSTERS
from ledger_projections.public_money.rosters import rosters
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.summaries.programmes import Programmes, once, ordered, programmes, taken_in
from ledger_projections.summaries.relief.cells import (
    MONEY,
    ROSTER,
    counted,
    months_asked,
    moved,
    scopes_of,
    spans_of,
    standing_of,
)
from ledger_projections.summaries.table import (
    Asked,
    Column,
    Row,
    Said,
    Table,
    Value,
    columns,
    row_of,
    table_of,
    total_of,
    word,
)

M2: Final = (*columns(("township", "text"), ("programme", "text")), *ROSTER, *MONEY, *columns(("offset_fen", "fen")))
_MOVES: Final = tuple(column.key for column in ROSTER if column.key.startswith(("in_", "out_")))
_STANDS: Final = tuple(column.key for column in ROSTER if column.key not in _MOVES)


def township_report(connection: Connection, asked: Asked) -> Table:
    """M2: a row a township with its programmes below it; the same money as M1, cut by where the household lives."""
    moment = moment_of(connection, [PAYMENT_LINES, ROSTERS], asked.as_of, asked.at)
    known = programmes(connection, asked, moment.position)
    scope = joined(scopes(connection, moment, months_asked(asked)).values())
    paid = {
        (one.entity, one.programme, one.group): one for one in groups(connection, moment, scope, asked.last, "township")
    }
    by_township = rosters(connection, asked.first, asked.last, by="township", **asked.clocks).rows
    listed = standing_of(spans_of(by_township), known)
    places = [key for key in {*paid, *listed} if asked.wants(key[0])]
    shown = [one for one in ordered(known, {key[:2] for key in places}, asked) if one.in_relief]
    rows: list[Row] = []
    for township in sorted({key[2] for key in places}):
        parts = []
        for one in shown:
            key = (one.entity, one.programme, township)
            if key in paid or key in listed:
                values = {**moved(listed.get(key)), **counted(paid.get(key, GroupSum(*key)))}
                said: dict[str, Value] = {"township": township or word("word", "no_township"), "programme": one.name}
                parts.append(row_of(M2, {**said, **values}, (one.tag,), "part", one.whose))
        rows += _under(township, parts)
    county = _county(connection, asked, known, {(one.entity, one.programme) for one in shown})
    moves: dict[str, Value] = {key: county[key] for key in _MOVES} if rows else {}
    total = total_of(M2, rows, Said("table.total.relief", {"programmes": taken_in(shown)}), moves)
    within = _within(rows, county)
    notes = [
        *_agrees(connection, asked, {(one.entity, one.programme) for one in shown}, total, county),
        Said("table.note.moves"),
        *([Said("table.note.moved_within", within)] if any(within.values()) else []),
        *once(shown),
    ]
    told = (Said("table.scope.month_roster"), Said("table.scope.set", {"programmes": taken_in(shown)}))
    scopes_told = (*scopes_of(asked), *told)
    return table_of("M2", asked, moment.position, M2, [*rows, total] if rows else [], scopes_told, notes)


def _county(connection: Connection, asked: Asked, known: Programmes, places: set[Place]) -> dict[str, int]:
    """The rosters of these programmes over the whole county, where nobody comes or goes by moving within it."""
    found = standing_of(spans_of(rosters(connection, asked.first, asked.last, **asked.clocks).rows), known)
    mine = [values for key, values in found.items() if key[:2] in places]
    return {column.key: sum(values.get(column.key, 0) for values in mine) for column in ROSTER}


def _within(rows: Sequence[Row], county: dict[str, int]) -> dict[str, int]:
    """By how much the townships' comings add up to more than the county's: who moved from one into another."""
    added = total_of(M2, rows, word("word", "total")).cells
    sums = {unit: added[_place(M2, f"in_{unit}")] for unit in ("households", "persons")}
    return {unit: (value if isinstance(value, int) else 0) - county[f"in_{unit}"] for unit, value in sums.items()}


def _under(township: str, parts: Sequence[Row]) -> list[Row]:
    """A township's programmes under their sum."""
    if not parts:
        return []
    whole = [Row("row", one.cells, one.tags) for one in parts]
    total = total_of(M2, whole, word("word", "no_township"), {"programme": word("word", "all_programmes")})
    head: Value = township or word("word", "no_township")
    tags = tuple(dict.fromkeys(tag for one in parts for tag in one.tags))
    return [Row("row", (head, *total.cells[1:]), tags), *parts]


def _agrees(
    connection: Connection, asked: Asked, places: set[Place], total: Row, county: dict[str, int]
) -> Iterable[Said]:
    """Whether the townships sum to what the programmes say: who stands on the rosters, and the money."""
    found = subsidies(connection, asked.first, asked.last, **asked.clocks).span
    mine = [row for row in found if (row.entity, row.programme) in places]
    names = ("household_times", "person_times", "authorised_fen", "paid_fen")
    wanted = {name: sum(getattr(row, name) for row in mine) for name in names}
    for name, whole in (wanted | {key: county[key] for key in _STANDS}).items():
        said = total.cells[_place(M2, name)] or 0
        if said != whole:
            as_told = fen_to_yuan if name.endswith("_fen") else str
            yield Said(
                "check.townships", {"columns": (name,), "sum": as_told(cast("int", said)), "whole": as_told(whole)}
            )


def _place(heads: Sequence[Column], key: str) -> int:
    return [one.key for one in heads].index(key)
