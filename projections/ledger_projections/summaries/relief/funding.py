"""Q1 资金下达与支出 and Y3 资金来源与支出: which documents gave how much, and what of it finance paid out, by document
and by level. What is left must be what the book's quota account of the document holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.public_money.entitlement.programmes import AppropriationReceived, Level
from ledger.flows.public_money.payment.transit import BatchFunded, BatchUnspentReturned
from ledger_projections.books.balances import account_balances, fund_balances
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.summaries.standing import standing
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
    ("spent_fen", "fen"),
    ("left_fen", "fen"),
    ("rate", "per_mille"),
)
Q1: Final = (
    *columns(("fund", "text"), ("level", "text"), ("document", "text"), ("budget_code", "text"), ("direct", "text")),
    *_AMOUNTS,
)
Y3: Final = (*columns(("level", "text"), ("documents", "count")), *_AMOUNTS)
_KINDS: Final = ("appropriation.received", "batch.funded", "batch.unspent_returned")


@dataclass(slots=True)
class _Document:
    """A funding document of one fund: what it gave in the year or brought over, and what was paid from it."""

    entity: str
    fund: str
    document: str
    level: str = ""
    codes: list[str] = field(default_factory=list)
    direct: bool = False
    carried_fen: int = 0
    allocated_fen: int = 0
    spent_fen: int = 0

    @property
    def given_fen(self) -> int:
        return self.carried_fen + self.allocated_fen

    def amounts(self) -> dict[str, Value]:
        """The cells of the amounts."""
        return _amounts([self])


def funding_report(connection: Connection, asked: Asked) -> Table:
    """Q1: a row a document of the year, up to the last day of the months."""
    position, found = _documents(connection, asked)
    names = {(row.entity, row.fund): row.name for row in fund_balances(connection, as_of=asked.until, at=position).rows}
    rows = []
    for one in found:
        said: dict[str, Value] = {
            "fund": names.get((one.entity, one.fund), one.fund),
            "level": word("level", one.level),
            "document": one.document,
            "budget_code": ",".join(one.codes),
            "direct": word("truth", "yes" if one.direct else "no"),
        }
        rows.append(row_of(Q1, {**said, **one.amounts()}, (f"document:{one.document}", f"fund:{one.fund}")))
    return _told("Q1", asked, position, Q1, rows, found, _checks(connection, asked, position, found))


def funding_by_level(connection: Connection, asked: Asked) -> Table:
    """Y3: the same, a row a level."""
    position, found = _documents(connection, asked)
    rows = []
    for level in get_args(Level):
        mine = [one for one in found if one.level == level]
        if mine:
            said: dict[str, Value] = {"level": word("level", level), "documents": len(mine)}
            rows.append(row_of(Y3, {**said, **_amounts(mine)}, [f"document:{one.document}" for one in mine]))
    return _told("Y3", asked, position, Y3, rows, found, _checks(connection, asked, position, found))


def _told(
    code: str,
    asked: Asked,
    position: int,
    heads: Sequence[Column],
    rows: Sequence[Row],
    found: Sequence[_Document],
    checks: Iterable[Said],
) -> Table:
    scopes = (Said("table.scope.funding", {"year": asked.year, "until": asked.until}), Said("table.scope.rate_used"))
    total = [total_of(heads, rows, word("word", "total"), {"rate": _amounts(found)["rate"]})] if rows else []
    return table_of(code, asked, position, heads, [*rows, *total], scopes, checks)


def _amounts(many: Sequence[_Document]) -> dict[str, Value]:
    given, spent = sum(one.given_fen for one in many), sum(one.spent_fen for one in many)
    return {
        "carried_over_fen": sum(one.carried_fen for one in many),
        "allocated_fen": sum(one.allocated_fen for one in many),
        "spent_fen": spent,
        "left_fen": given - spent,
        "rate": rate_of(spent, given),
    }


def _documents(connection: Connection, asked: Asked) -> tuple[int, list[_Document]]:
    """The documents of the year, in the order of level and document."""
    position = log_moment(connection, asked.until, asked.at).position
    found: dict[tuple[str, str, str], _Document] = {}
    spent: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for item in standing(connection, _KINDS, position, asked.until):
        event = item.event
        if not asked.wants(item.entity):
            continue
        if isinstance(event, AppropriationReceived):
            if event.fiscal_year == asked.year:
                key = (item.entity, event.fund, event.document)
                _give(found.setdefault(key, _Document(*key)), event)
        elif isinstance(event, BatchFunded | BatchUnspentReturned):
            sign = 1 if isinstance(event, BatchFunded) else -1
            for part in event.sources:
                spent[item.entity, event.fund, part.document] += sign * part.fen
    for key, one in found.items():
        one.spent_fen = spent[key]
    levels = get_args(Level)
    return position, sorted(
        found.values(), key=lambda one: (levels.index(one.level), one.entity, one.document, one.fund)
    )


def _give(one: _Document, event: AppropriationReceived) -> None:
    one.level, one.direct = event.level, one.direct or event.direct
    one.codes = sorted({*one.codes, event.budget_code})
    if event.carried_over:
        one.carried_fen += event.amount_fen
    else:
        one.allocated_fen += event.amount_fen


def _checks(connection: Connection, asked: Asked, position: int, found: Sequence[_Document]) -> Iterable[Said]:
    """Documents whose quota account holds something else than what is left; quotas of no document of the year."""
    held = {
        (row.entity, row.fund, row.account): row.balance_fen
        for row in account_balances(connection, as_of=asked.until, at=position).rows
        if row.role == Role.QUOTA and asked.wants(row.entity)
    }
    known = set()
    for one in found:
        key = (one.entity, one.fund, one.document)
        known.add(key)
        left = one.given_fen - one.spent_fen
        if held.get(key, 0) != left:
            yield Said("check.quota", {"document": one.document, "left_fen": left, "held_fen": held.get(key, 0)})
    rest = sum(fen for key, fen in held.items() if key not in known)
    if rest:
        yield Said("table.note.other_quota", {"rest_fen": rest})
