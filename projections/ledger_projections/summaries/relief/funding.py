"""Q1 资金下达与支出 and Y3 资金来源与支出: which documents gave how much, and what of it finance paid out, by document
and by level. What is left must be what the book's quota account of the document holds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, get_args

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.public_money.entitlement.programmes import Level
from ledger_projections.books.balances import account_balances
from ledger_projections.books.begun import openings
from ledger_projections.books.funding_documents import FundingDocument, Key, funding_documents, moving, of_years
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.summaries.entities import fund_names
from ledger_projections.summaries.programmes import programmes
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
    *columns(
        ("fund", "text"),
        ("level", "text"),
        ("document", "text"),
        ("fiscal_year", "text"),
        ("budget_code", "text"),
        ("direct", "text"),
    ),
    *_AMOUNTS,
)
Y3: Final = (*columns(("level", "text"), ("documents", "count")), *_AMOUNTS)


def funding_report(connection: Connection, asked: Asked) -> Table:
    """Q1: a row a document of the year, up to the last day of the months."""
    position, found, checks = _documents(connection, asked)
    names = fund_names(connection, asked, position)
    rows = []
    for one in found:
        said: dict[str, Value] = {
            "fund": names.get((one.entity, one.fund), one.fund),
            "level": word("level", one.level),
            "document": one.document,
            "fiscal_year": str(one.fiscal_year),
            "budget_code": None if one.is_taken_over else ",".join(one.codes),
            "direct": None if one.is_taken_over else word("truth", "yes" if one.direct else "no"),
        }
        rows.append(row_of(Q1, {**said, **_amounts([one])}, (f"document:{one.document}", f"fund:{one.fund}")))
    relief = _of_relief(connection, asked, position, found)
    named = Said("table.total.relief_funding")
    part = [Row("total", (named, *_cells_of(relief)), ())] if 0 < len(relief) < len(found) else []
    return _told("Q1", asked, position, Q1, rows, found, checks, part)


@dataclass(frozen=True, slots=True)
class Funding:
    """What documents gave in a year: what it began with, what was assigned in it, and what finance paid of both."""

    documents: int = 0
    carried_fen: int = 0
    allocated_fen: int = 0
    spent_fen: int = 0
    entities: tuple[str, ...] = ()
    """Those that the documents gave it to."""
    since: date | None = None
    """The day on which the books begin, where that is within the year and their opening tells nothing of the
    documents: what was given and spent before is in no sum.
    """

    @property
    def given_fen(self) -> int:
        """All that there was to spend."""
        return self.carried_fen + self.allocated_fen


def relief_funding(connection: Connection, asked: Asked) -> Funding:
    """The documents of relief money, added up: those for a programme of relief, or for a fund that pays one."""
    position, found, _ = _documents(connection, asked)
    begun = openings(connection, position)
    days = [
        one.on
        for entity in {document.entity for document in found}
        if (one := begun.get(entity)) is not None and date(asked.year, 1, 1) < one.on and not one.of_role(Role.QUOTA)
    ]
    return replace(_added(_of_relief(connection, asked, position, found)), since=max(days, default=None))


def _of_relief(
    connection: Connection, asked: Asked, position: int, found: Sequence[FundingDocument]
) -> list[FundingDocument]:
    known = programmes(connection, asked, position)
    funds = {(one.entity, one.fund) for one in known.values() if one.in_relief}
    relief = {place for place, one in known.items() if one.in_relief}
    return [
        one
        for one in found
        if any(
            (one.entity, one.fund) in funds if programme is None else (one.entity, programme) in relief
            for programme in one.programmes
        )
    ]


def _added(many: Sequence[FundingDocument]) -> Funding:
    return Funding(
        len(many),
        sum(one.carried_fen for one in many),
        sum(one.allocated_fen for one in many),
        sum(one.spent_fen for one in many),
        tuple(sorted({one.entity for one in many})),
    )


def funding_by_level(connection: Connection, asked: Asked) -> Table:
    """Y3: the same, a row a level."""
    position, found, checks = _documents(connection, asked)
    rows = []
    for level in get_args(Level):
        mine = [one for one in found if one.level == level]
        if mine:
            said: dict[str, Value] = {"level": word("level", level), "documents": len({one.document for one in mine})}
            rows.append(row_of(Y3, {**said, **_amounts(mine)}, [f"document:{one.document}" for one in mine]))
    return _told("Y3", asked, position, Y3, rows, found, checks)


def _told(
    code: str,
    asked: Asked,
    position: int,
    heads: Sequence[Column],
    rows: Sequence[Row],
    found: Sequence[FundingDocument],
    checks: Iterable[Said],
    parts: Sequence[Row] = (),
) -> Table:
    scopes = (Said("table.scope.funding", {"year": asked.year, "until": asked.until}), Said("table.scope.rate_used"))
    total = [total_of(heads, rows, word("word", "total"), {"rate": _amounts(found)["rate"]})] if rows else []
    return table_of(code, asked, position, heads, [*rows, *parts, *total], scopes, checks)


def _amounts(many: Sequence[FundingDocument]) -> dict[str, Value]:
    sums = _added(many)
    return {
        "carried_over_fen": sums.carried_fen,
        "allocated_fen": sums.allocated_fen,
        "spent_fen": sums.spent_fen,
        "left_fen": sums.given_fen - sums.spent_fen,
        "rate": rate_of(sums.spent_fen, sums.given_fen),
    }


def _cells_of(many: Sequence[FundingDocument]) -> Iterable[Value]:
    """The cells of Q1 behind its first column, for several documents."""
    amounts = _amounts(many)
    return (amounts.get(column.key, "") for column in Q1[1:])


def _documents(connection: Connection, asked: Asked) -> tuple[int, list[FundingDocument], list[Said]]:
    """The position, the documents that the year begins with or moves, by level and document, and the checks."""
    position = log_moment(connection, asked.until, asked.at).position
    every = funding_documents(connection, position, asked.until, asked.year, asked.wants)
    mine = of_years(every, asked.year)
    return position, moving(mine), [*_checks(connection, asked, position, every, {one.key for one in mine})]


def _checks(
    connection: Connection, asked: Asked, position: int, every: Sequence[FundingDocument], known: Collection[Key]
) -> Iterable[Said]:
    """Documents whose quota account holds something else than what is left; quotas of no document of the years."""
    held = {
        (row.entity, row.fund, row.account): row.balance_fen
        for row in account_balances(connection, as_of=asked.until, at=position).rows
        if row.role == Role.QUOTA and asked.wants(row.entity)
    }
    for key in sorted(known):
        left = sum(one.left_fen for one in every if one.key == key)
        if held.get(key, 0) != left:
            yield Said("check.quota", {"document": key[2], "left_fen": left, "held_fen": held.get(key, 0)})
    rest = sum(fen for key, fen in held.items() if key not in known)
    if rest:
        yield Said("table.note.other_quota", {"rest_fen": rest})
