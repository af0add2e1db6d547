"""The floor of posting: the rows of a book that was posted, inserted once more and bare, into an equal database with
the same indexes and triggers, committed voucher by voucher. Two calls may do it: SQLAlchemy Core's own `executemany`,
and the writer's (64 rows a statement on SQLite, COPY on PostgreSQL), which leaves less to divide by. What a voucher
changes in the books' totals is added by the writer's upsert either way.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select

from benchmarks.measuring import Watch
from ledger.log import tables
from ledger.log.bulk import Row, add_to_rows, insert_rows
from ledger.log.columns import Day
from ledger.log.store import LogStore

Step = Callable[[Connection], object]
Call = Callable[[Table, Sequence[Row]], Step]
"""Rows of a table, made ready outside the clock, to what adds them."""

_BY_POSITION: Final = (tables.events, tables.postings, tables.findings)


def by_core(table: Table, rows: Sequence[Row]) -> Step:
    """Core's own call: one statement, many sets of named parameters, days as days."""
    named = [
        {
            column.name: date.fromisoformat(value) if isinstance(column.type, Day) else value
            for column, value in zip(table.columns, row, strict=True)
        }
        for row in rows
    ]
    return lambda connection: connection.execute(table.insert(), named) if named else None


def by_writer(table: Table, rows: Sequence[Row]) -> Step:
    """The call of the writer of a book."""
    return lambda connection: insert_rows(connection, table, rows)


def insert_bare(
    posted: LogStore,
    empty: LogStore,
    numbers: range,
    watches: dict[int, Watch],
    call: Call,
) -> None:
    """Insert the rows of vouchers; those of `watches` are timed, from the transaction's begin to its durable end."""
    for number in numbers:
        with posted.read() as connection:
            found = rows_of(connection, number)
        steps = [*(call(table, rows) for table, rows in found), *_totals(dict(found)[tables.postings])]
        with watches.get(number, Watch()), empty.write() as connection:
            for step in steps:
                step(connection)


def rows_of(connection: Connection, number: int) -> list[tuple[Table, list[Row]]]:
    """Every row of the log that a voucher added, in the order in which the writer adds them."""
    voucher = connection.execute(select(tables.vouchers).where(tables.vouchers.c.number == number)).one()
    first, last = voucher.first_position, voucher.first_position + voucher.count - 1
    found = {
        table: _plain(connection, select(table).where(table.c.position.between(first, last))) for table in _BY_POSITION
    }
    events = found[tables.events]
    ids = [(orjson.loads(data)["id"], position) for position, _, data, _ in events]
    tags = sorted((tag, kind, position) for position, kind, _, texts in events for tag in orjson.loads(texts))
    return [
        (tables.vouchers, [_texts(voucher)]),
        (tables.tree, _plain(connection, select(tables.tree).where(_nodes_of(number)))),
        (tables.events, events),
        (tables.event_ids, ids),
        (tables.event_tags, tags),
        (tables.postings, found[tables.postings]),
        (tables.findings, found[tables.findings]),
        (tables.checkpoints, _plain(connection, select(tables.checkpoints).where(tables.checkpoints.c.size == number))),
    ]


def _totals(postings: Sequence[Row]) -> list[Step]:
    """What adds the net changes of a voucher's postings to the balances and to those by business day."""
    now: dict[Row, list[int]] = {}
    days: dict[Row, int] = {}
    for position, _, _, *key, amount_fen, day, _ in postings:
        change = now.setdefault(tuple(key), [0, 0])
        change[:] = change[0] + amount_fen, position
        days[*key, day] = days.get((*key, day), 0) + amount_fen
    rows = sorted((*key, *change) for key, change in now.items())
    by_day = sorted((*key, net_fen) for key, net_fen in days.items())
    return [
        lambda connection: add_to_rows(connection, tables.balances, "amount_fen", rows),
        lambda connection: add_to_rows(connection, tables.balance_days, "net_fen", by_day),
    ]


def _nodes_of(number: int) -> ColumnElement[bool]:
    """The perfect subtrees that end with leaf `number`."""
    places = [(level, (number >> level) - 1) for level in range(number.bit_length()) if number % (1 << level) == 0]
    return or_(*(and_(tables.tree.c.level == level, tables.tree.c.idx == index) for level, index in places))


def _plain(connection: Connection, statement: Select[Any]) -> list[Row]:
    return [_texts(row) for row in connection.execute(statement)]


def _texts(row: Iterable[Any]) -> Row:
    """A row as the writer gives it to the driver: days as texts."""
    return tuple(value.isoformat() if isinstance(value, date) else value for value in row)
