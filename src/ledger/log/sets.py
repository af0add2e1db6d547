"""A list of values as a table inside one statement: `json_each` on SQLite, `unnest` on PostgreSQL.

One set-based query for a whole batch replaces thousands of small ones. The statement's text stays the same whatever
the length of the list, so it is built once for each database, and the list travels as parameters.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    any_,
    bindparam,
    cast,
    func,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from ledger.log.columns import INTEGER, TEXT

_TYPES: Final[dict[type, TypeEngine[Any]]] = {str: TEXT, int: INTEGER}


class Given:
    """A named table of values: `clause` puts it into a statement, `values` gives the statement its rows."""

    def __init__(self, name: str, **columns: type[str] | type[int]) -> None:
        self.name = name
        self.columns = {column: _TYPES[kind] for column, kind in columns.items()}

    def clause(self, dialect: str) -> FromClause:
        """The rows as a FROM clause with the columns in their order."""
        if dialect == "postgresql":
            return self._unnested()
        each = func.json_each(bindparam(self.name)).table_valued("value", name=self.name)
        if len(self.columns) == 1:  # a plain list needs no second look at each element
            ((column, kind),) = self.columns.items()
            return select(type_coerce(each.c.value, kind).label(column)).subquery(f"{self.name}_rows")
        parts = [
            type_coerce(func.json_extract(each.c.value, f"$[{place}]"), kind).label(column)
            for place, (column, kind) in enumerate(self.columns.items())
        ]
        return select(*parts).subquery(f"{self.name}_rows")

    def values(self, connection: Connection, rows: Sequence[Sequence[str | int]]) -> dict[str, Any]:
        """The parameters of a statement that holds the clause: rows in the order of the columns."""
        if connection.dialect.name != "postgresql":
            given = [row[0] for row in rows] if len(self.columns) == 1 else rows
            return {self.name: orjson.dumps(given, default=tuple).decode()}  # a NamedTuple is no tuple to it
        lists = zip(*rows, strict=True) if rows else [()] * len(self.columns)
        named = zip(self.columns.items(), lists, strict=True)
        return {
            f"{self.name}_{column}": orjson.dumps(part).decode() if kind is TEXT else list(part)
            for (column, kind), part in named
        }

    def same(self, clause: FromClause, table: FromClause) -> ColumnElement[bool]:
        """The condition that a table's columns equal the columns of the same names of `clause`."""
        return and_(*(table.c[column] == clause.c[column] for column in self.columns))

    def has(self, column: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
        """The condition that a column equals one of the values of a list of one column."""
        ((name, kind),) = self.columns.items()
        if dialect == "postgresql":
            return column == any_(self._array(name, kind))
        return column.in_(select(self.clause(dialect).c[name]))

    def _unnested(self) -> FromClause:
        arrays = [self._array(column, kind) for column, kind in self.columns.items()]
        each = func.unnest(*arrays).table_valued(*self.columns, name=self.name).render_derived()
        parts = [type_coerce(each.c[column], kind).label(column) for column, kind in self.columns.items()]
        return select(*parts).subquery(f"{self.name}_rows")

    def _array(self, column: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        """One column's values as an array. Texts travel as one JSON text: the driver looks at each element of an array
        for what it must quote, which takes longer than the server's reading.
        """
        given = f"{self.name}_{column}"
        if kind is not TEXT:
            return bindparam(given, type_=ARRAY(kind))
        each = func.jsonb_array_elements_text(cast(bindparam(given, type_=TEXT), JSONB)).column_valued(f"{given}_each")
        return func.array(select(each).scalar_subquery(), type_=ARRAY(kind))


def probe(
    dialect: str,
    outer: FromClause,
    table: FromClause,
    condition: ColumnElement[bool],
    name: str,
) -> tuple[FromClause, FromClause]:
    """`outer` joined with the rows of a table that an index finds for each of its rows: (the join, the found rows).

    PostgreSQL can only guess how long a list is, and scans the whole log for four of its values when it guesses high;
    LATERAL with OFFSET 0, which it never flattens, makes it probe. SQLite always drives from the list.
    """
    if dialect != "postgresql":
        return outer.join(table, condition), table
    found = select(table).where(condition).correlate(outer).offset(0).lateral(name)
    return outer.join(found, true()), found
