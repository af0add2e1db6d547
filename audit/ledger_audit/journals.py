"""The journal for other accounting programs: every posting as a transaction, and our balances as their assertions.

`bean-check` and `hledger check` then prove independently that the books balance and that they come to what we say. One
transaction is one event, on its business date; amounts are yuan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import IO, Final, Protocol

from sqlalchemy import ColumnElement, Connection, func, select

from ledger.catalogue import say
from ledger.log import reading, tables
from ledger.log.rows import AccountKey
from ledger.values.money import fen_to_yuan
from ledger_audit.journal_names import account_name
from ledger_audit.packages import PAGE

CURRENCY: Final = "CNY"

_KEY: Final = AccountKey._fields
_Told = Sequence[ColumnElement[bool]]
"""Which postings the two clocks let through; empty: all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event's postings: (account name, signed fen) in their order."""

    day: date
    position: int
    number: int
    voucher_no: str
    title: str
    legs: tuple[tuple[str, int], ...]


class Writer(Protocol):
    """How one program wants to read it."""

    def head(self, title: str, opened: dict[str, date]) -> Iterator[str]:
        """What stands before the transactions."""

    def entry(self, entry: Entry) -> Iterator[str]:
        """One transaction."""

    def balances(self, day: date, balances: dict[str, int]) -> Iterator[str]:
        """Assertions of what stands on the accounts at the beginning of a day."""


def export_journal(
    connection: Connection,
    file: IO[bytes],
    title: str,
    writer: Writer,
    language: str = "zh",
    *,
    as_of: date | None = None,
    at: int | None = None,
) -> int:
    """Write the journal as UTF-8 text, of what happened by a day and was recorded up to a position (None: all of it);
    answers how many transactions it has. The connection must see one snapshot.
    """
    told = [tables.postings.c.occurred_on <= as_of] if as_of is not None else []
    told += [tables.postings.c.position <= at] if at is not None else []
    opened = _opened(connection, language, told)
    count, last = 0, max(opened.values(), default=date(2000, 1, 1))
    _write(file, writer.head(title, opened))
    for entry in _entries(connection, language, told):
        _write(file, writer.entry(entry))
        count, last = count + 1, max(last, entry.day)
    _write(file, writer.balances(last + timedelta(days=1), _balances(connection, language, told)))
    return count


def _write(file: IO[bytes], lines: Iterator[str]) -> None:
    file.write("".join(f"{line}\n" for line in lines).encode())


def _opened(connection: Connection, language: str, told: _Told) -> dict[str, date]:
    """Every account with the day of its first posting."""
    columns = [tables.postings.c[name] for name in _KEY]
    first = func.min(tables.postings.c.occurred_on)
    chosen = select(*columns, first).where(*told).group_by(*columns).order_by(*columns)
    return {account_name(AccountKey(*row[:6]), language): row[6] for row in connection.execute(chosen)}


def _balances(connection: Connection, language: str, told: _Told) -> dict[str, int]:
    """What stands on every account now, as the writer keeps it; by a clock, what its postings come to."""
    kept = ((row.key, row.amount_fen) for row in reading.balances(connection)) if not told else _sums(connection, told)
    found: dict[str, int] = {}
    for key, amount_fen in kept:
        name = account_name(key, language)
        found[name] = found.get(name, 0) + amount_fen
    return found


def _sums(connection: Connection, told: _Told) -> Iterator[tuple[AccountKey, int]]:
    columns = [tables.postings.c[name] for name in _KEY]
    chosen = select(*columns, func.sum(tables.postings.c.amount_fen)).where(*told).group_by(*columns)
    return ((AccountKey(*row[:-1]), int(row[-1])) for row in connection.execute(chosen))


def _entries(connection: Connection, language: str, told: _Told) -> Iterator[Entry]:
    postings, vouchers, events = tables.postings, tables.vouchers, tables.events
    columns = [postings.c[name] for name in (*_KEY, "amount_fen", "occurred_on", "position", "voucher")]
    chosen = (
        select(*columns, vouchers.c.word, vouchers.c.no, events.c.kind)
        .join_from(postings, vouchers, vouchers.c.number == postings.c.voucher)
        .join(events, events.c.position == postings.c.position)
        .where(*told)
        .order_by(postings.c.position, postings.c.line)
        .execution_options(yield_per=PAGE)
    )
    for _, group in groupby(connection.execute(chosen), key=lambda row: row.position):
        rows = list(group)
        first = rows[0]
        yield Entry(
            first.occurred_on,
            first.position,
            first.voucher,
            "" if first.no is None else f"{first.word}-{first.no:04d}",
            say(first.kind, language),
            tuple((account_name(AccountKey(*row[:6]), language), row.amount_fen) for row in rows),
        )


def _amount(fen: int) -> str:
    return f"{fen_to_yuan(fen)} {CURRENCY}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Beancount:
    """Beancount 3: directives `open`, transactions with metadata, `balance` assertions."""

    def head(self, title: str, opened: dict[str, date]) -> Iterator[str]:
        yield f'option "title" {_quoted(title)}'
        yield f'option "operating_currency" "{CURRENCY}"'
        yield ""
        for name, day in opened.items():
            yield f"{day} open {name} {CURRENCY}"

    def entry(self, entry: Entry) -> Iterator[str]:
        yield ""
        yield f"{entry.day} * {_quoted(entry.voucher_no)} {_quoted(entry.title)}"
        yield f"  position: {entry.position}"
        yield f"  number: {entry.number}"
        for name, fen in entry.legs:
            yield f"  {name}  {_amount(fen)}"

    def balances(self, day: date, balances: dict[str, int]) -> Iterator[str]:
        yield ""
        for name, fen in balances.items():
            yield f"{day} balance {name}  {_amount(fen)}"


class _Hledger:
    """hledger: declared accounts and commodity, so that `hledger check --strict` holds, and balance assertions."""

    def head(self, title: str, opened: dict[str, date]) -> Iterator[str]:
        yield f"; {title}"
        yield f"commodity 1000.00 {CURRENCY}"
        for name in opened:
            yield f"account {name}"

    def entry(self, entry: Entry) -> Iterator[str]:
        code = f"({entry.voucher_no}) " if entry.voucher_no else ""
        yield ""
        yield f"{entry.day} * {code}{entry.title.replace(';', ' ')}  ; position:{entry.position}, number:{entry.number}"
        for name, fen in entry.legs:
            yield f"    {name}  {_amount(fen)}"

    def balances(self, day: date, balances: dict[str, int]) -> Iterator[str]:
        if balances:
            yield ""
            yield f"{day} * balances"
        for name, fen in balances.items():
            yield f"    {name}  {_amount(0)} = {_amount(fen)}"


FORMATS: Final[dict[str, Writer]] = {"beancount": _Beancount(), "hledger": _Hledger()}
"""The programs that are written for, by name."""
