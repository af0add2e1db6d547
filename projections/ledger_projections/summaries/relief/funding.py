"""Q1 资金下达与支出 and Y3 资金来源与支出: which documents gave how much, and what of it finance paid out, by document
and by level. What is left must be what the book's quota account of the document holds.

A year begins with what the documents of earlier years have left; where the books were taken over in it, the opening
says of each document what it began with, was given and spent. Orders name a document and no fiscal year, so of a
number that stands in two years the older money is spent first, and what comes back goes to the newer first.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, get_args

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.public_money.entitlement.programmes import AppropriationReceived, Level, issuing_level
from ledger.flows.public_money.payment.transit import BatchFunded, BatchUnspentReturned
from ledger_projections.books.balances import account_balances
from ledger_projections.books.begun import openings
from ledger_projections.keeping.clocks import log_moment
from ledger_projections.keeping.standing import posted_on, standing
from ledger_projections.moved import counts_from
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
Key = tuple[str, str, str]
"""(entity, fund, document)."""
_KINDS: Final = ("appropriation.received", "batch.funded", "batch.unspent_returned")


@dataclass(slots=True)
class _Document:
    """A funding document of one fund and fiscal year: what the asked year began with, was given, and spent of it."""

    entity: str
    fund: str
    document: str
    fiscal_year: int
    level: str = ""
    codes: list[str] = field(default_factory=list)
    programmes: set[str | None] = field(default_factory=set)
    direct: bool = False
    carried_fen: int = 0
    allocated_fen: int = 0
    spent_fen: int = 0
    is_taken_over: bool = False
    """Whether only an opening tells of it: it says neither budget code nor 直达资金."""
    taken_fen: int = 0
    """What was spent before the year that is asked for, and is in no figure of it."""

    @property
    def key(self) -> Key:
        """Whose quota account it is."""
        return self.entity, self.fund, self.document

    @property
    def given_fen(self) -> int:
        return self.carried_fen + self.allocated_fen

    @property
    def left_fen(self) -> int:
        return self.given_fen - self.spent_fen

    def amounts(self) -> dict[str, Value]:
        """The cells of the amounts."""
        return _amounts([self])


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
        rows.append(row_of(Q1, {**said, **one.amounts()}, (f"document:{one.document}", f"fund:{one.fund}")))
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


def _of_relief(connection: Connection, asked: Asked, position: int, found: Sequence[_Document]) -> list[_Document]:
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


def _added(many: Sequence[_Document]) -> Funding:
    return Funding(
        len(many),
        sum(one.carried_fen for one in many),
        sum(one.allocated_fen for one in many),
        sum(one.spent_fen for one in many),
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
    found: Sequence[_Document],
    checks: Iterable[Said],
    parts: Sequence[Row] = (),
) -> Table:
    scopes = (Said("table.scope.funding", {"year": asked.year, "until": asked.until}), Said("table.scope.rate_used"))
    total = [total_of(heads, rows, word("word", "total"), {"rate": _amounts(found)["rate"]})] if rows else []
    return table_of(code, asked, position, heads, [*rows, *parts, *total], scopes, checks)


def _amounts(many: Sequence[_Document]) -> dict[str, Value]:
    sums = _added(many)
    return {
        "carried_over_fen": sums.carried_fen,
        "allocated_fen": sums.allocated_fen,
        "spent_fen": sums.spent_fen,
        "left_fen": sums.given_fen - sums.spent_fen,
        "rate": rate_of(sums.spent_fen, sums.given_fen),
    }


def _cells_of(many: Sequence[_Document]) -> Iterable[Value]:
    """The cells of Q1 behind its first column, for several documents."""
    amounts = _amounts(many)
    return (amounts.get(column.key, "") for column in Q1[1:])


def _documents(connection: Connection, asked: Asked) -> tuple[int, list[_Document], list[Said]]:
    """The position, the documents that the year begins with or moves, by level and document, and the checks."""
    position = log_moment(connection, asked.until, asked.at).position
    begin = date(asked.year, 1, 1)
    found: defaultdict[Key, dict[int, _Document]] = defaultdict(dict)
    stood = standing(connection, _KINDS, position, asked.until)
    items = sorted((item for item in stood if asked.wants(item.entity)), key=posted_on)
    for item in items:
        event = item.event
        if isinstance(event, AppropriationReceived):
            key = (item.entity, event.fund, event.document)
            one = found[key].setdefault(event.fiscal_year, _Document(*key, event.fiscal_year))
            _give(one, event, posted_on(item), begin)
    for entity, opening in openings(connection, position).items():
        if asked.wants(entity) and opening.on <= asked.until:
            _take_over(found, entity, opening, begin)
    for item in items:  # an order may have been recorded before its document
        event = item.event
        if isinstance(event, BatchFunded | BatchUnspentReturned):
            sign = 1 if isinstance(event, BatchFunded) else -1
            for part in event.sources:
                parts = found.get((item.entity, event.fund, part.document), {})
                _spend([parts[year] for year in sorted(parts)], sign * part.fen, posted_on(item), begin)
    every = [one for parts in found.values() for one in parts.values()]
    mine = [one for one in every if one.fiscal_year <= asked.year]
    levels = get_args(Level)
    shown = sorted(
        (one for one in mine if one.carried_fen or one.allocated_fen or one.spent_fen),
        key=lambda one: (levels.index(one.level), one.entity, one.document, one.fund, one.fiscal_year),
    )
    return position, shown, [*_checks(connection, asked, position, every, {one.key for one in mine})]


def _take_over(
    found: defaultdict[Key, dict[int, _Document]], entity: str, opening: OpeningRecorded, begin: date
) -> None:
    """Add what an opening tells of the documents: of its year what that began with, was given and spent, of a later
    year what was left. Who issued a document and for which year, its number says.
    """
    for line in opening.lines:
        if line.role is not Role.QUOTA or not line.party:
            continue
        key = (entity, line.fund, line.party)
        stated = re.search(r"〔(\d{4})〕", line.party)
        year = min(opening.on.year, int(stated[1])) if stated else opening.on.year
        parts = found[key]
        one = parts[min(parts)] if parts else parts.setdefault(year, _Document(*key, year, is_taken_over=True))
        if one.is_taken_over:
            one.level = issuing_level(line.party)
            one.programmes.add(None)
        if opening.on < begin:
            one.carried_fen += line.balance_fen
        else:
            one.carried_fen += line.year_start_fen
            one.allocated_fen += line.debit_fen
            one.spent_fen += line.credit_fen


def _give(one: _Document, event: AppropriationReceived, on: date, begin: date) -> None:
    """Add to a document; what was given in advance for its own year is of that year, and not carried into it."""
    one.level, one.direct = event.level, one.direct or event.direct
    one.codes = sorted({*one.codes, event.budget_code})
    one.programmes.add(event.programme)
    since = counts_from(event, on)
    if since is None or since < begin:
        one.carried_fen += event.amount_fen
    else:
        one.allocated_fen += event.amount_fen


def _spend(parts: Sequence[_Document], fen: int, on: date, begin: date) -> None:
    """Take an order (fen > 0) from a document's years, the oldest first, or give back what came of one, newest first.

    What was spent before the year is no longer in what it began with; more than there is falls on the newest.
    """
    ordered = parts if fen > 0 else parts[::-1]
    for place, one in enumerate(ordered):
        free = one.left_fen if fen > 0 else -(one.taken_fen + one.spent_fen)
        last = place == len(ordered) - 1
        mine = fen if last else min(fen, max(free, 0)) if fen > 0 else max(fen, min(free, 0))
        if one.fiscal_year < begin.year and on < begin:
            one.carried_fen -= mine
            one.taken_fen += mine
        else:
            one.spent_fen += mine
        fen -= mine


def _checks(
    connection: Connection, asked: Asked, position: int, every: Sequence[_Document], known: Collection[Key]
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
