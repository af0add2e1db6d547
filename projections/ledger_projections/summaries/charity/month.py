"""M7 慈善收支月报: what each fund of a charity had, took in, gave out, and has, in money and goods.

Paid is not used: what the executors reported as used stands beside what was paid and moves nothing here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.granting.grant_use import GrantUseReported
from ledger_projections.books.balances import FundBalance, amounts, fund_balances, role_of
from ledger_projections.charity.pledge_report import pledge_report
from ledger_projections.keeping.answers import per_mille
from ledger_projections.keeping.clocks import Moment, log_moment
from ledger_projections.keeping.standing import standing
from ledger_projections.summaries.charity.moves import NAMES, TAKEN_OVER, held, moves
from ledger_projections.summaries.entities import entities
from ledger_projections.summaries.table import (
    Asked,
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

M7: Final = columns(
    ("entity", "text"),
    ("fund", "text"),
    ("fund_kind", "text"),
    ("opening_fen", "fen"),
    *((name, "fen") for name in NAMES if name != TAKEN_OVER),
    ("closing_fen", "fen"),
    ("use_reported_fen", "fen"),
)
_OUT: Final = frozenset({"granted_fen", "gifts_returned_fen", "management_fen", "fundraising_fen"})
"""Heads that are shown as what went out, without a sign."""


def charity_month(connection: Connection, asked: Asked) -> Table:
    """M7: a row a fund of every charity, or of the entity that is asked for."""
    now = log_moment(connection, asked.until, asked.at)
    before = Moment(now.position, asked.days["first"] - timedelta(days=1))
    rows: list[Row] = []
    notes: list[Said] = []
    balances = fund_balances(connection, as_of=asked.until, at=now.position).rows
    named = entities(connection, asked, now.position, ("charity",))
    for entity, name in named.items():
        mine = {row.fund: row for row in balances if row.entity == entity}
        moved = moves(connection, entity, asked.begin, asked.until, now.position)
        opening, closing = held(connection, before, entity), held(connection, now, entity)
        used = _used(connection, asked, entity, now.position)
        taken_over = 0
        for fund in sorted({*mine, *moved, *opening, *closing} - {""}):
            known = mine.get(fund)
            values, agrees = _values(known, fund, moved.get(fund, {}), opening.get(fund, 0), closing.get(fund, 0))
            said: dict[str, Value] = {"entity": name, "use_reported_fen": used.get(fund, 0), **values}
            rows.append(row_of(M7, said, (f"fund:{fund}",)))
            taken_over += moved.get(fund, {}).get(TAKEN_OVER, 0)
            if not agrees:
                notes.append(Said("check.fund", {"fund": known.name if known else fund}))
        if taken_over:
            notes.append(Said("table.note.opened", {"entity": name, "opened_fen": taken_over}))
        notes += [
            *_pledged(connection, asked, (entity, name), now.position),
            *_waiting(connection, now, (entity, name), mine),
        ]
    scopes = (
        Said("table.scope.days", asked.days),
        Said("table.scope.means"),
        Said("table.scope.entities", {"entities": tuple(named.values())}),
    )
    rows = [*rows, total_of(M7, rows, word("word", "total"))] if rows else []
    return table_of("M7", asked, now.position, M7, rows, scopes, notes)


def _values(
    known: FundBalance | None, fund: str, moved: Mapping[str, int], opening: int, closing: int
) -> tuple[dict[str, Value], bool]:
    """The cells of a fund, and whether opening and everything that moved make the closing."""
    signed = {name: moved.get(name, 0) for name in NAMES}
    opening += signed.pop(TAKEN_OVER)
    told: dict[str, Value] = {name: -fen if name in _OUT else fen for name, fen in signed.items()}
    kind = known.kind if known is not None else ""
    said: dict[str, Value] = {
        "fund": fund if known is None else known.name,
        "fund_kind": word("fund", kind) if kind else "",
        "opening_fen": opening,
        "closing_fen": closing,
    }
    return {**said, **told}, opening + sum(signed.values()) == closing


def _used(connection: Connection, asked: Asked, entity: str, position: int) -> Mapping[str, int]:
    """Fund -> fen that executors reported as used in the days."""
    used: defaultdict[str, int] = defaultdict(int)
    for item in standing(connection, ("grant.use_reported",), position, asked.until):
        if isinstance(item.event, GrantUseReported) and item.entity == entity and item.event.on >= asked.begin:
            used[item.event.fund] += item.event.used_fen
    return used


def _pledged(connection: Connection, asked: Asked, whose: tuple[str, str], position: int) -> Iterable[Said]:
    """认捐、到账、到位率 of the year up to the last day."""
    for row in pledge_report(connection, asked.year, as_of=asked.until, at=position, entity=whose[0]).rows:
        if row.pledged_fen or row.earlier_arrived_fen:
            said = {"entity": whose[1], "pledged_fen": row.pledged_fen, "arrived_fen": row.pledged_arrived_fen}
            rate = per_mille(row.pledged_arrived_fen, row.pledged_fen)
            shown = "—" if rate is None else f"{rate // 10}.{rate % 10}%"
            yield Said("table.note.pledged", {**said, "rate": shown, "earlier_fen": row.earlier_arrived_fen})


def _waiting(
    connection: Connection, now: Moment, whose: tuple[str, str], funds: Mapping[str, FundBalance]
) -> Iterable[Said]:
    """受托代理 and 待查款 at the end."""
    agency = sum(row.agency_fen for row in funds.values())
    suspense = -sum(
        fen
        for key, fen in amounts(connection, now)
        if key.entity == whose[0] and role_of(key.chart, key.code) == Role.SUSPENSE
    )
    yield Said("table.note.held", {"entity": whose[1], "agency_fen": agency, "suspense_fen": suspense})
