"""Adding many rows with few statements: the driver's `executemany` on SQLite, COPY and `unnest` on PostgreSQL.

Rows are tuples in the table's column order; days travel as YYYY-MM-DD. The caller's transaction holds all of it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, Connection, Insert, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from ledger.errors import EvidenceError

Row = tuple[Any, ...]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows to a table. Raises E_ROWS_REFUSED (the database's own error is its cause), as for an existing key."""
    if not rows:
        return
    try:
        if connection.dialect.name == "postgresql":
            _copy(connection, table, rows)
        else:
            connection.exec_driver_sql(_insert_text(table), list(rows))
    except (DBAPIError, psycopg.Error) as error:
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


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    driver = connection.connection.driver_connection
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    if driver is None:
        raise EvidenceError("E_ROWS_REFUSED", table=table.name, reason="closed connection")
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@cache
def _insert_text(table: Table) -> str:
    return str(table.insert().compile(dialect=sqlite.dialect(paramstyle="qmark")))


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


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (str(cause).splitlines() or [type(cause).__name__])[0]
