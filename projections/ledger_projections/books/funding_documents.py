"""What every funding document (指标文件) gave and what finance paid out of it (支付令), in a year or in all years.

A year begins with what the documents of earlier years have left; where the books were taken over in it, the opening
says of each document what it began with, was given and spent. Orders name a document and no fiscal year, so of a
number that stands in two years the older money is spent first, and what comes back goes to the newer first.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, get_args

from sqlalchemy import Connection

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.public_money.entitlement.programmes import AppropriationReceived, Level, issuing_level
from ledger.flows.public_money.payment.transit import BatchFunded, BatchUnspentReturned
from ledger_projections.books.begun import openings
from ledger_projections.keeping.standing import turned_over
from ledger_projections.moved import counts_from

Key = tuple[str, str, str]
"""(entity, fund, document)."""
_KINDS: Final = ("appropriation.received", "batch.funded", "batch.unspent_returned")


@dataclass(slots=True)
class FundingDocument:
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
    early_fen: int = 0
    """What was spent before that year of money that is for it or a later one, and is a figure of that."""

    @property
    def key(self) -> Key:
        """Whose quota account it is."""
        return self.entity, self.fund, self.document

    @property
    def given_fen(self) -> int:
        """All that there was to spend."""
        return self.carried_fen + self.allocated_fen

    @property
    def left_fen(self) -> int:
        """What nobody has spent."""
        return self.given_fen - self.spent_fen


def funding_documents(
    connection: Connection, position: int, until: date, year: int | None, wants: Callable[[str], bool]
) -> list[FundingDocument]:
    """Every document of the entities that are wanted, as it stood at a position and on a day: what `year` (None: all
    years) was given and spent of it. Documents of later years and such as moved nothing are among them. What an earlier
    year gave or spent and was taken back in the year is a figure of the year below nothing, so that it begins with what
    the year before left.
    """
    begin = date.min if year is None else date(year, 1, 1)
    found: defaultdict[Key, dict[int, FundingDocument]] = defaultdict(dict)
    items = [one for one in turned_over(connection, _KINDS, position, until, begin) if wants(one[0].entity)]
    for item, day, sign in items:
        event = item.event
        if isinstance(event, AppropriationReceived):
            key = (item.entity, event.fund, event.document)
            one = found[key].setdefault(event.fiscal_year, FundingDocument(*key, event.fiscal_year))
            _give(one, event, sign, day, begin)
    for entity, opening in openings(connection, position).items():
        if wants(entity) and opening.on <= until:
            _take_over(found, entity, opening, begin)
    for item, day, sign in items:  # an order may have been recorded before its document
        event = item.event
        if isinstance(event, BatchFunded | BatchUnspentReturned):
            out = sign if isinstance(event, BatchFunded) else -sign
            for part in event.sources:
                parts = found.get((item.entity, event.fund, part.document), {})
                _spend([parts[year] for year in sorted(parts)], out * part.fen, day, begin)
    return [one for parts in found.values() for one in parts.values()]


def of_years(documents: Iterable[FundingDocument], year: int | None) -> list[FundingDocument]:
    """Those whose money is for a year or an earlier one (None: all)."""
    return [one for one in documents if year is None or one.fiscal_year <= year]


def moving(documents: Iterable[FundingDocument]) -> list[FundingDocument]:
    """Those that had, were given or spent something, by level and number."""
    levels = get_args(Level)
    return sorted(
        (one for one in documents if one.carried_fen or one.allocated_fen or one.spent_fen),
        key=lambda one: (levels.index(one.level), one.entity, one.document, one.fund, one.fiscal_year),
    )


def _take_over(
    found: defaultdict[Key, dict[int, FundingDocument]], entity: str, opening: OpeningRecorded, begin: date
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
        one = parts[min(parts)] if parts else parts.setdefault(year, FundingDocument(*key, year, is_taken_over=True))
        if one.is_taken_over:
            one.level = issuing_level(line.party)
            one.programmes.add(None)
        if opening.on < begin:
            one.carried_fen += line.balance_fen
        else:
            one.carried_fen += line.year_start_fen
            one.allocated_fen += line.debit_fen
            one.spent_fen += line.credit_fen


def _give(one: FundingDocument, event: AppropriationReceived, sign: int, on: date, begin: date) -> None:
    """Add to a document, or take off it what was taken back on a day; what was given in advance for its own year is of
    that year, and not carried into it.
    """
    one.level, one.direct = event.level, one.direct or event.direct
    one.codes = sorted({*one.codes, event.budget_code})
    one.programmes.add(event.programme)
    since = counts_from(event, on)
    if since is None or since < begin:
        one.carried_fen += sign * event.amount_fen
    else:
        one.allocated_fen += sign * event.amount_fen


def _spend(parts: Sequence[FundingDocument], fen: int, on: date, begin: date) -> None:
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
            one.early_fen += mine if on < begin else 0
        fen -= mine
