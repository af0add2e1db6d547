"""One database becomes another: every table of the book row by row, and digests that tell whether two are alike.

Read models are not copied: they are folded again. The state of the copy (`book_life`) is the target's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, delete, func, inspect, select, text

from ledger.errors import EvidenceError
from ledger.log.appending import read_head
from ledger.log.bulk import Row, insert_rows
from ledger.log.side_tables import hook_lease, hooks
from ledger.log.tables import METADATA, access_log, book_life, head, vouchers
from ledger.signing.digests import digest_text, sha256
from ledger.signing.merkle import Frontier, leaf_hash

PAGE: Final = 2_000
"""Rows that are held in memory at once; the digest of a table depends on it, and is compared within one run only."""


_STREAM: Final = {"yield_per": PAGE}

LATER: Final = (hooks, hook_lease)
"""Side tables that a book of an earlier release lacks: there is nothing of them to copy before it is upgraded."""


@dataclass(frozen=True, slots=True)
class TableDigest:
    """A table's number of rows and the digest over them in key order."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Where the log ends by its own leaves: `size` vouchers under `root`, `position` events."""

    size: int
    position: int
    root: bytes


def book_tables() -> list[Table]:
    """The tables that are copied, each after those that it refers to."""
    return [table for table in METADATA.sorted_tables if table is not book_life]


def copy_rows(source: Connection, target: Connection) -> None:
    """Fill an empty book with all rows of another, in the target's transaction. The source must see one snapshot."""
    target.execute(delete(head))
    for table in book_tables():
        for page in _pages(source, table):
            insert_rows(target, table, [tuple(map(_plain, row)) for row in page])
    last = target.scalar(select(func.max(access_log.c.id)))
    if target.dialect.name == "postgresql" and last is not None:
        # The database counts these rows: it goes on after the last one.
        target.execute(text("SELECT setval(pg_get_serial_sequence('access_log', 'id'), :last)"), {"last": last})


def digests(connection: Connection) -> dict[str, TableDigest]:
    """Rows and digest of every copied table, by name: equal on both kinds of database for equal books."""
    return {table.name: _digest(connection, table) for table in book_tables()}


def require_alike(one: dict[str, TableDigest], other: dict[str, TableDigest]) -> None:
    """Raises EvidenceError E_COPY_DIFFERS with the first table whose rows are not the same."""
    for name, wanted in one.items():
        found = other[name]
        if found != wanted:
            raise EvidenceError("E_COPY_DIFFERS", table=name, rows=found.rows, wanted=wanted.rows)


def recomputed(connection: Connection) -> Proven:
    """Derive the log's root again from every leaf. Raises E_HEAD_ROOT when tree or head say something else."""
    frontier, size = Frontier(), 0
    leaves = select(vouchers.c.number, vouchers.c.leaf).order_by(vouchers.c.number)
    for row in connection.execute(leaves, execution_options=_STREAM):
        size += 1
        if row.number != size:
            raise EvidenceError("E_HEAD_ROOT", number=size)
        frontier.append([leaf_hash(bytes(row.leaf))])
    stated = read_head(connection)
    if (stated.number, stated.root) != (size, frontier.root()):
        raise EvidenceError("E_HEAD_ROOT", number=stated.number)
    return Proven(size, stated.position, stated.root)


def _pages(connection: Connection, table: Table) -> Iterator[list[Row]]:
    if table in LATER and not inspect(connection).has_table(table.name):
        return
    chosen = select(table).order_by(*table.primary_key.columns)
    rows = iter(connection.execute(chosen, execution_options=_STREAM))
    while page := [tuple(row) for row in islice(rows, PAGE)]:
        yield page


def _plain(value: Any) -> Any:
    """Days travel as text: so both databases take them."""
    return value.isoformat() if isinstance(value, date) else value


def _digest(connection: Connection, table: Table) -> TableDigest:
    """A chain over pages of rows: the digest so far goes before the next page."""
    digest, count = sha256(table.name.encode()), 0
    for page in _pages(connection, table):
        count += len(page)
        digest = sha256(digest + b"\n".join(orjson.dumps([_said(value) for value in row]) for row in page))
    return TableDigest(count, digest_text(digest))


def _said(value: Any) -> Any:
    return {"bytes": bytes(value).hex()} if isinstance(value, (bytes, memoryview)) else _plain(value)
