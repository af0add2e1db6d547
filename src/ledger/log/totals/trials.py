"""The trial balance of an entity over months at a position, summed from the postings, and the root that a close names.

`ledger.accounts.trial_balance` checks the rows and refuses books that do not tie.
"""

from datetime import date
from typing import cast

from sqlalchemy import Connection, and_, case, func, select

from ledger.accounts.legs import Book
from ledger.accounts.trial_balance import TrialBalance, TrialRow, leaf_values
from ledger.accounts.trial_balance import trial_balance as checked
from ledger.log.tables import postings
from ledger.signing.canonical import canonical
from ledger.signing.digests import digest_text
from ledger.signing.merkle import root_over
from ledger.values.dates import Period


def trial_of(
    connection: Connection, entity: str, first: str, last: str, position: int, as_of: date | None = None
) -> TrialBalance:
    """The checked rows of an entity over months at a position, up to the end of the months or, if it is earlier, to
    `as_of`.
    """
    begin, end = days_of(first, last, as_of)
    columns = [postings.c[name] for name in ("fund", "chart", "code", "party", "book")]
    fen, day = postings.c.amount_fen, postings.c.occurred_on
    opening = func.sum(case((day < begin, fen), else_=0))
    debit = func.sum(case((and_(day >= begin, fen > 0), fen), else_=0))
    credit = func.sum(case((and_(day >= begin, fen < 0), -fen), else_=0))
    here = and_(postings.c.entity == entity, day <= end, postings.c.position <= position)
    found = connection.execute(select(*columns, opening, debit, credit).where(here).group_by(*columns))
    rows = (TrialRow(row[0], row[1], row[2], row[3], cast("Book", row[4]), *map(int, row[5:])) for row in found)
    return checked(entity, first if first == last else f"{first}/{last}", rows)


def days_of(first: str, last: str, as_of: date | None) -> tuple[date, date]:
    """The first and the last day that are counted; a later `as_of` takes in nothing of later months."""
    last_day = Period.parse(last).last_day
    return Period.parse(first).first_day, last_day if as_of is None else min(as_of, last_day)


def trial_root(trial: TrialBalance) -> str:
    """`sha256:…` over the rows in their one order."""
    return digest_text(root_over(canonical(value) for value in leaf_values(trial)))
