"""The derived totals that move with the log: balances, balances by business day, and the accountant's numbers."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from ledger.log.bulk import add_to_rows
from ledger.log.rows import AccountKey, NewVoucher
from ledger.log.sets import Given, probe
from ledger.log.tables import balance_days, balances, voucher_numbers
from ledger.log.totals.tally import Account, Tally

_ACCOUNTS: Final = Given("accounts", **dict.fromkeys(AccountKey._fields, str))
_NUMBERED: Final = Given("numbered", entity=str, period=str, word=str)


def sums_of(connection: Connection, keys: Iterable[Account]) -> dict[Account, int]:
    """What stands on each account now, over all roles, in fen; accounts that never moved are left out."""
    values = _ACCOUNTS.values(connection, list(dict.fromkeys(keys)))
    rows = connection.execute(_sums(connection.dialect.name), values)
    return {AccountKey(*row[:6]): int(row[6]) for row in rows}


@cache
def _sums(dialect: str) -> Select[Any]:
    wanted = _ACCOUNTS.clause(dialect)
    source, found = probe(dialect, wanted, balances, _ACCOUNTS.same(wanted, balances), "found")
    columns = [found.c[name] for name in AccountKey._fields]
    return select(*columns, func.sum(found.c.amount_fen)).select_from(source).group_by(*columns)


def add_totals(connection: Connection, tally: Tally) -> None:
    """Add the net changes of a batch's postings to `balances` and `balance_days`."""
    add_to_rows(connection, balances, "amount_fen", tally.net())
    add_to_rows(connection, balance_days, "net_fen", tally.net_by_day())


def last_voucher_nos(
    connection: Connection,
    keys: Sequence[tuple[str, str, str]],
) -> dict[tuple[str, str, str], int]:
    """The last number given for each (entity, period, word); what was never numbered is left out."""
    rows = connection.execute(_last_nos(connection.dialect.name), _NUMBERED.values(connection, keys))
    return {(row.entity, row.period, row.word): row.last_no for row in rows}


@cache
def _last_nos(dialect: str) -> Select[Any]:
    wanted = _NUMBERED.clause(dialect)
    return select(voucher_numbers).join(wanted, _NUMBERED.same(wanted, voucher_numbers))


def add_voucher_numbers(connection: Connection, vouchers: Iterable[NewVoucher]) -> None:
    """Count the numbers that the vouchers took."""
    taken: dict[tuple[str, str, str], int] = {}
    for voucher in vouchers:
        if voucher.voucher_no is not None:
            period, word, _ = voucher.voucher_no
            key = (voucher.entity, period, word)
            taken[key] = taken.get(key, 0) + 1
    add_to_rows(connection, voucher_numbers, "last_no", sorted((*key, count) for key, count in taken.items()))
