"""Adding many rows with few statements: many rows a statement on SQLite, COPY and `unnest` on PostgreSQL.

Rows are tuples in the table's column order; days travel as YYYY-MM-DD. The caller's transaction holds all of it.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, Connection, Insert, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from ledger.errors import EvidenceError

Row = tuple[Any, ...]

ROWS_A_STATEMENT: Final = 64
"""Rows that one statement adds on SQLite: entering and leaving a statement costs as much as a row's own work. The
widest table then has under a thousand parameters, of the 32,766 that SQLite allows.
"""

ROWS_A_BLOCK: Final = 4096
"""Rows that are written for COPY at a time."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows to a table. Raises E_ROWS_REFUSED (the database's own error is its cause), as for an existing key."""
    if not rows:
        return
    try:
        if connection.dialect.name == "postgresql":
            _copy(connection, table, rows)
        else:
            _insert_many(connection, table, rows)
    except (DBAPIError, psycopg.Error) as error:
        _require_alive(connection, error)
        raise EvidenceError("E_ROWS_REFUSED", table=table.name, reason=_first_line(error)) from error


def add_to_rows(connection: Connection, table: Table, column: str, rows: Sequence[Row]) -> None:
    """Upsert: `column` grows by the row's value, any other column that is no key takes the row's value."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        values = zip(table.columns, zip(*rows, strict=True), strict=True)
        connection.execute(_upsert_sets(table, column), {c.name: list(v) for c, v in values})
    else:
        connection.exec_driver_sql(_upsert_text(table, column), list(rows))


def _insert_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Full statements of a fixed size, which the driver compiles once, and what is left over row by row."""
    whole = len(rows) - len(rows) % ROWS_A_STATEMENT
    for first in range(0, whole, ROWS_A_STATEMENT):
        values = tuple(chain.from_iterable(rows[first : first + ROWS_A_STATEMENT]))
        connection.exec_driver_sql(_insert_text(table, ROWS_A_STATEMENT), values)
    if rest := list(rows[whole:]):
        connection.exec_driver_sql(_insert_text(table, 1), rest)


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise EvidenceError("E_ROWS_REFUSED", table=table.name, reason="closed connection")
    copy_rows(driver, table, rows)


def copy_rows(driver: Any, table: Table, rows: Sequence[Row]) -> None:
    """Add rows by COPY on psycopg's own connection; its errors are psycopg's."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    pattern = _pattern(table)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for first in range(0, len(rows), ROWS_A_BLOCK):
            part = rows[first : first + ROWS_A_BLOCK]
            block = _block(pattern, part)
            if block is not None:
                copy.write(block)
            else:
                for row in part:
                    copy.write_row(row)


@cache
def _pattern(table: Table) -> str:
    """How a row is written, with its tabs and its end; bytes as hexadecimal digits."""
    kinds = [column.type.python_type for column in table.columns]
    return "\t".join("\\\\x%s" if kind is bytes else "%s" for kind in kinds) + "\n"


def _block(pattern: str, rows: Sequence[Row]) -> str | None:
    """Rows in COPY's text format, all at once; None, which leaves them to the driver, where a value is NULL or of
    another type, or a text holds what has to be escaped. Both are rare. Source: PostgreSQL, COPY, text format.
    """
    values: Iterable[Any] = chain.from_iterable(rows)
    if "\\" in pattern:
        values = (value.hex() if type(value) is bytes else value for value in values)
    given = tuple(values)
    if not {int, str}.issuperset(map(type, given)):
        return None
    block = (pattern * len(rows)) % given
    as_meant = all(block.count(mark) == pattern.count(mark) * len(rows) for mark in "\\\t\n\r")
    return block if as_meant else None


@cache
def _insert_text(table: Table, rows: int) -> str:
    """An INSERT of so many rows, each with every column in the table's order."""
    one = str(table.insert().compile(dialect=sqlite.dialect(paramstyle="qmark")))
    start, values = one.split(" VALUES ")
    return f"{start} VALUES {', '.join([values] * rows)}"


@cache
def _upsert_text(table: Table, column: str) -> str:
    statement = _growing(table, column, sqlite.insert(table))
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))


@cache
def _upsert_sets(table: Table, column: str) -> Insert:
    arrays = [bindparam(c.name, type_=ARRAY(c.type)) for c in table.columns]
    each = func.unnest(*arrays).table_valued(*table.columns.keys(), name="given").render_derived()
    rows = select(*(each.c[c.name] for c in table.columns))
    return _growing(table, column, postgresql.insert(table).from_select(list(table.columns.keys()), rows))


def _growing(table: Table, column: str, statement: Any) -> Insert:
    taken = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    taken[column] = table.c[column] + statement.excluded[column]
    done: Insert = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=taken)
    return done


def _require_alive(connection: Connection, error: DBAPIError | psycopg.Error) -> None:
    """A connection that broke refuses no rows: raises what the engine makes of it, which then forgets its others."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            raise error
    elif getattr(connection.connection.driver_connection, "closed", False):
        connection.exec_driver_sql("SELECT 1")  # COPY goes past the engine: this tells it


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause).splitlines() or [type(cause).__name__])[0]
