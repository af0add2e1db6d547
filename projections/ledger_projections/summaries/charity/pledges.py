"""Y6 认捐到账: what was promised in the year and before, what of it arrived, what is still open and how old."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger_projections.books.balances import amounts, role_of
from ledger_projections.charity.pledge_report import PledgeYear, pledge_report
from ledger_projections.keeping.clocks import Moment
from ledger_projections.summaries.entities import entities
from ledger_projections.summaries.table import Asked, Said, Table, columns, rate_of, row_of, table_of, total_of, word

Y6: Final = columns(
    ("entity", "text"),
    ("pledged_fen", "fen"),
    ("pledged_arrived_fen", "fen"),
    ("rate", "per_mille"),
    ("earlier_arrived_fen", "fen"),
    ("direct_fen", "fen"),
    ("arrived_fen", "fen"),
    ("earlier_reversed_fen", "fen"),
    ("released_fen", "fen"),
    ("outstanding_fen", "fen"),
    ("not_due_fen", "fen"),
    ("to_30_fen", "fen"),
    ("to_90_fen", "fen"),
    ("to_365_fen", "fen"),
    ("over_365_fen", "fen"),
    ("others_fen", "fen"),
)
_AGES: Final = ("not_due_fen", "to_30_fen", "to_90_fen", "to_365_fen", "over_365_fen")


def pledge_year(connection: Connection, asked: Asked) -> Table:
    """Y6: a row an entity, up to the last day of the months."""
    found = pledge_report(connection, asked.year, as_of=asked.open_on, at=asked.at, entity=asked.entity)
    named = entities(connection, asked, found.position)
    rows = []
    for one in found.rows:
        names = [column.key for column in Y6 if hasattr(one, column.key) and column.key != "entity"]
        values = {name: getattr(one, name) for name in names} | {name: getattr(one.ages, name) for name in _AGES}
        rate = rate_of(one.pledged_arrived_fen, one.pledged_fen)
        values |= {"entity": named.get(one.entity, one.entity), "rate": rate}
        rows.append(row_of(Y6, values, (f"entity:{one.entity}",)))
    total = {
        "rate": rate_of(sum(one.pledged_arrived_fen for one in found.rows), sum(one.pledged_fen for one in found.rows))
    }
    scopes = (
        Said("table.scope.pledges", {"year": asked.year, "until": asked.open_on}),
        Said("table.scope.pledge_rate"),
    )
    notes = [*_checks(connection, asked, found.rows, found.position)]
    shown = [*rows, total_of(Y6, rows, word("word", "total"), total)] if rows else []
    return table_of("Y6", asked, found.position, Y6, shown, scopes, notes)


def _checks(connection: Connection, asked: Asked, rows: Iterable[PledgeYear], position: int) -> Iterable[Said]:
    """Whether the memo account of pledges holds what is outstanding."""
    held = [
        (key.entity, fen)
        for key, fen in amounts(connection, Moment(position, asked.open_on))
        if key.book == "memo" and role_of(key.chart, key.code) == Role.PLEDGED
    ]
    for one in rows:
        mine = sum(fen for entity, fen in held if entity == one.entity)
        if mine != one.outstanding_fen:
            yield Said("check.pledged", {"entity": one.entity, "open_fen": one.outstanding_fen, "held_fen": mine})
