"""Balances by the two clocks: at a position of the log (what was known then) and as of a business date.

Keys are accounts (entity, fund, chart, code, party, book); amounts are signed fen, debit positive. An account that
never moved is left out; one that came back to zero is not.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, select

from ledger.log.rows import AccountKey, StoredBalance
from ledger.log.sets import Given, probe
from ledger.log.tables import balance_days, postings
from ledger.log.tables import balances as balances_table

_KEY: Final = AccountKey._fields
_ACCOUNTS: Final = Given("accounts", **dict.fromkeys(_KEY, str))


def balances(connection: Connection, keys: Iterable[AccountKey] | None = None) -> list[StoredBalance]:
    """What stands on the accounts now, one row for each role of each account; None means all accounts."""
    chosen, values = _all_balances(), {}
    if keys is not None:
        chosen = _some_balances(connection.dialect.name)
        values = _ACCOUNTS.values(connection, list(dict.fromkeys(keys)))
    return [StoredBalance(*row) for row in connection.execute(chosen, values)]


@cache
def _all_balances() -> Select[Any]:
    return select(balances_table).order_by(*(balances_table.c[name] for name in (*_KEY, "role")))


@cache
def _some_balances(dialect: str) -> Select[Any]:
    wanted = _ACCOUNTS.clause(dialect)
    source, found = probe(dialect, wanted, balances_table, _ACCOUNTS.same(wanted, balances_table), "found")
    return select(found).select_from(source).order_by(*(found.c[name] for name in (*_KEY, "role")))


def balances_at(connection: Connection, position: int) -> dict[AccountKey, int]:
    """What stood on each account after the event at `position`: one index probe an account."""
    accounts = select(*(balances_table.c[name] for name in _KEY)).distinct().subquery("accounts")
    same = [postings.c[name] == accounts.c[name] for name in _KEY]
    last = (
        select(postings.c.balance_after_fen)
        .where(and_(*same), postings.c.position <= position)
        .order_by(postings.c.position.desc(), postings.c.line.desc())
        .limit(1)
        .correlate(accounts)
        .scalar_subquery()
    )
    rows = connection.execute(select(*(accounts.c[name] for name in _KEY), last))
    return {AccountKey(*row[:6]): int(row[6]) for row in rows if row[6] is not None}


def balances_as_of(connection: Connection, day: date, position: int | None = None) -> dict[AccountKey, int]:
    """What stood on each account at the end of a business day, counting every event recorded up to now, or, with
    `position`, up to there (then the postings themselves are folded, which reads them all).
    """
    source = balance_days if position is None else postings
    if position is None:
        amount, until = balance_days.c.net_fen, balance_days.c.day <= day
    else:
        amount, until = postings.c.amount_fen, and_(postings.c.occurred_on <= day, postings.c.position <= position)
    columns = [source.c[name] for name in _KEY]
    rows = connection.execute(select(*columns, func.sum(amount)).where(until).group_by(*columns))
    return {AccountKey(*row[:6]): int(row[6]) for row in rows}
