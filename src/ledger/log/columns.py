"""The one MetaData of a book, and the column types that mean the same on SQLite and on PostgreSQL.

Tables are STRICT on SQLite, so that neither database stores a number where a text belongs. Text compares byte by byte
on both (collation "C" on PostgreSQL): tags and dates sort alike everywhere.
"""

import datetime as dt
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Date, Dialect, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA: Final = MetaData()

TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
INTEGER: Final = BigInteger().with_variant(Integer(), "sqlite")
BYTES: Final = LargeBinary()


class Day(TypeDecorator[dt.date]):
    """A business date: DATE on PostgreSQL, the text YYYY-MM-DD on SQLite (a STRICT table has no date type)."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database knows."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: dt.date | None, dialect: Dialect) -> Any:
        """A date on its way in."""
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.date | None:  # noqa: ARG002 - SQLAlchemy's form
        """A date on its way out."""
        return dt.date.fromisoformat(value) if isinstance(value, str) else value


DAY: Final = Day()


def text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    """A column of text; `key` makes it part of the primary key, `optional` allows NULL."""
    return Column(name, TEXT, primary_key=key, nullable=optional)


def integer(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    """A column of 64-bit integers that the database never fills by itself."""
    return Column(name, INTEGER, primary_key=key, nullable=optional, autoincrement=False)


def blob(name: str, *, optional: bool = False) -> Column[bytes]:
    """A column of bytes."""
    return Column(name, BYTES, nullable=optional)


def day(name: str, *, key: bool = False) -> Column[dt.date]:
    """A column of business dates."""
    return Column(name, DAY, primary_key=key, nullable=False)


def table(name: str, *parts: Any) -> Table:
    """A STRICT table. A table with one integer key keeps SQLite's row number as that key; any other has no row number,
    for `INSERT OR REPLACE INTO t(rowid, …)` would be a second door to a row.
    """
    keys = [part for part in parts if isinstance(part, Column) and part.primary_key]
    plain = len(keys) == 1 and isinstance(keys[0].type, BigInteger)
    return Table(name, METADATA, *parts, sqlite_strict=True, sqlite_with_rowid=plain)
