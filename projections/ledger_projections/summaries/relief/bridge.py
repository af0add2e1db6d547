"""Y4 补发、退票与口径: how the authorised amount becomes the paid one, gross and net of what was recovered,
and what the total is when other programmes are taken in.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from ledger_projections.public_money.recoveries import recoveries
from ledger_projections.public_money.subsidies import COMPONENTS, SubsidySum, subsidies
from ledger_projections.summaries.programmes import Programme, ordered, programmes, taken_in
from ledger_projections.summaries.table import Asked, Row, RowKind, Said, Table, Value, columns, row_of, table_of, word

Y4: Final = columns(("item", "text"), ("amount_fen", "fen"), ("meaning", "text"))
_APART: Final = frozenset({"orphan", "unsupported_child", "street_aid"})
"""Schemes that some reports leave out of the total."""


def bridge(connection: Connection, asked: Asked) -> Table:
    """Y4: a row a step from what was authorised to what was paid, then the totals of two sets of programmes."""
    found = subsidies(connection, asked.first, asked.last, **asked.clocks)
    known = programmes(connection, asked, found.position)
    sums = {(row.entity, row.programme): row for row in found.span if asked.wants(row.entity)}
    shown = ordered(known, sums, asked)
    relief = [one for one in shown if one.in_relief]
    tags = tuple(one.tag for one in relief)
    mine = [sums[one.entity, one.programme] for one in relief]
    paid = sum(row.paid_fen for row in mine)
    recovered = _recovered(connection, asked, relief, found.position)
    steps: list[tuple[str, int, RowKind]] = [
        ("authorised", sum(row.authorised_fen for row in mine), "row"),
        ("offset", sum(row.offset_fen for row in mine), "row"),
        ("failed", sum(row.failed_fen for row in mine), "row"),
        ("credited", sum(row.paid_fen + row.returned_fen for row in mine), "row"),
        ("came_back", sum(row.returned_fen for row in mine), "row"),
        ("paid", paid, "total"),
        *((name, fen, "part") for name, fen in _components(mine).items()),
        ("reissued", sum(row.reissued_fen for row in mine), "part"),
        ("recovered", recovered, "row"),
        ("net", paid - recovered, "total"),
    ]
    rows = [_row(name, fen, kind, tags) for name, fen, kind in steps]
    without = [one for one in relief if one.scheme not in _APART]
    rows += [
        _row(name, sum(sums[one.entity, one.programme].paid_fen for one in chosen), "row", tuple(o.tag for o in chosen))
        for name, chosen in (("without", without), ("everything", shown))
    ]
    scopes = (
        Said("table.scope.months", {"first": asked.first, "last": asked.last}),
        Said("table.scope.set", {"programmes": taken_in(shown)}),
        Said("table.scope.recovered", {"first": asked.begin, "last": asked.until}),
    )
    return table_of("Y4", asked, found.position, Y4, rows if mine else [], scopes)


def _row(name: str, fen: int, kind: RowKind, tags: tuple[str, ...]) -> Row:
    said: dict[str, Value] = {"item": word("item", name), "amount_fen": fen, "meaning": word("meaning", name)}
    return row_of(Y4, said, tags, kind)


def _components(mine: Sequence[SubsidySum]) -> dict[str, int]:
    """Component -> fen paid; a component that nothing was paid of is left out."""
    named = {name: name or "unknown" for name in COMPONENTS}
    found = {named[name]: 0 for name in COMPONENTS}
    for row in mine:
        for part in row.components:
            found[named[part.component]] += part.paid_fen
    return {name: fen for name, fen in found.items() if fen}


def _recovered(connection: Connection, asked: Asked, relief: Sequence[Programme], position: int) -> int:
    """What was collected in the days for the programmes of the total, but for what was kept back of a payment: that has
    left the amounts that the bank credited already.
    """
    wanted = {one.programme for one in relief}
    fen = []
    for day in (asked.until, asked.begin - timedelta(days=1)):
        found = recoveries(connection, day, as_of=day, at=position, entity=asked.entity).recoveries
        fen.append(sum(one.sums.collected_fen - one.sums.offset_fen for one in found if one.programme in wanted))
    return fen[0] - fen[1]
