"""Reading rows in which anything may stand: whoever owns a database's file can write into it what no column allows.

Nothing is made of a cell before its form is seen, so that a day that is none, a number in place of bytes or a text that
is no UTF-8 is a finding with a place and not the end of the verification.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Integer,
    LargeBinary,
    Select,
    Table,
    select,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from ledger.log import side_tables
from ledger.log.columns import Day
from ledger_audit.deriving.issues import Issues

Row = dict[str, Any]

BESIDE: Final = (side_tables.requests, side_tables.access_log, side_tables.book_life, side_tables.vault_check)
"""Immutable tables that follow from nothing: of them the form alone is seen."""

SHOWN_CHARS: Final = 120
_AT_ONCE: Final = 2000
_REASON_CHARS: Final = 200


class _DayAsStored(TypeDecorator[Any]):
    """A day where one stands there as this software writes it, else the text itself."""

    impl = NullType
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own value."""
        return dialect.type_descriptor(NullType())

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's form
        """2025-09-01; another spelling of that day is not what was written."""
        try:
            found = dt.date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return value
        return found if not isinstance(value, str) or found.isoformat() == value else value


_AS_STORED: Final = {Day: _DayAsStored(), LargeBinary: NullType()}


def as_stored(table: Table) -> Select[Any]:
    """All columns of a table, none of them made into anything."""
    kinds = ((column, _AS_STORED.get(type(column.type))) for column in table.columns)
    return select(*(column if kind is None else type_coerce(column, kind).label(column.name) for column, kind in kinds))


def row_of(found: Any) -> Row:
    """A row of `as_stored`; a driver's view of bytes as bytes."""
    return {name: bytes(cell) if isinstance(cell, memoryview) else cell for name, cell in found._mapping.items()}  # noqa: SLF001 - SQLAlchemy's public name


def is_formed(column: Column[Any], cell: Any) -> bool:
    """Whether a cell is of its column's type."""
    if cell is None:
        return bool(column.nullable)
    if isinstance(column.type, LargeBinary):
        return isinstance(cell, bytes)
    if isinstance(column.type, Day):
        return isinstance(cell, dt.date)
    return type(cell) is int if isinstance(column.type, BigInteger | Integer) else isinstance(cell, str)


def is_sound(issues: Issues, table: Table, row: Row, place: Callable[[Row], int]) -> bool:
    """Whether every cell of a row is of its column's type; each that is not is told."""
    wrong = [column for column in table.columns if not is_formed(column, row[column.name])]
    for column in wrong:
        key = "/".join(str(row[one.name]) for one in table.primary_key)
        what = {"table": table.name, "key": key[:SHOWN_CHARS], "column": column.name}
        issues.add("E_DERIVE_CELL", place(row), **what, stored=repr(row[column.name])[:SHOWN_CHARS])
    return not wrong


def own_place(row: Row) -> int:
    """The position that a row states; 0 where that is none."""
    place = row.get("position", 0)
    return place if type(place) is int and place > 0 else 0


def beside(connection: Connection, issues: Issues, table: Table) -> None:
    """The form of a table that nothing says the content of."""
    for found in connection.execute(as_stored(table).execution_options(yield_per=_AT_ONCE)):
        is_sound(issues, table, row_of(found), lambda _: 0)


@contextmanager
def guarded(issues: Issues, where: str, place: int = 0) -> Iterator[None]:
    """What cannot be compared because of what stands there is a finding; a database that went away is none."""
    try:
        yield
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        reason = " ".join(f"{type(error).__name__}: {getattr(error, 'orig', None) or error}".split())
        issues.add("E_DERIVE_UNREAD", place, where=where, reason=reason[:_REASON_CHARS])


@contextmanager
def any_text(connection: Connection) -> Iterator[None]:
    """Reads texts that are no UTF-8, with their wrong bytes written out; PostgreSQL stores none."""
    driver: Any = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if driver is None:
        yield
        return
    before, driver.text_factory = driver.text_factory, lambda data: data.decode(errors="backslashreplace")
    try:
        yield
    finally:
        driver.text_factory = before
