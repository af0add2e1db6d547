"""A page of a fold reduced to net changes: lines to add, older lines that end, amounts that sums grow by."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from ledger.log.bulk import insert_rows

Row = tuple[Any, ...]
Key = tuple[str, ...]


class Line(NamedTuple):
    """One line: its table and the values of the model's own columns."""

    table: Table
    values: Mapping[str, Any]


class Sum(NamedTuple):
    """Amounts to add to one row of sums: `key` after the entity, and `amounts`, in the table's column order."""

    table: Table
    key: Key
    amounts: tuple[int, ...]


class Ending(NamedTuple):
    """Where lines stop counting: the position of the reversal and the reversal's business date."""

    at: int
    on: date


@dataclass
class Page:
    """What must be written for a page.

    `ended` names older positions only: a line that ended in its own page is added as ended.
    """

    lines: defaultdict[Table, list[Row]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[int, Ending] = field(default_factory=dict)
    sums: defaultdict[Table, dict[Key, list[int]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, entity: str, change: Sum, sign: int) -> None:
        """Add amounts to a sum of an entity, or take them back."""
        held = self.sums[change.table].setdefault((entity, *change.key), [0] * len(change.amounts))
        for place, amount in enumerate(change.amounts):
            held[place] += sign * amount

    def write(self, connection: Connection, tables: tuple[Table, ...]) -> None:
        """Write the page to a model's tables, in the caller's transaction."""
        for table, rows in self.lines.items():
            insert_rows(connection, table, rows)
        for table in tables:
            if self.ended and "ended_at" in table.c:
                _end(connection, table, self.ended)
        for table, changes in self.sums.items():
            _grow(connection, table, {key: amounts for key, amounts in changes.items() if any(amounts)})


def _end(connection: Connection, table: Table, ended: Mapping[int, Ending]) -> None:
    statement = (
        update(table)
        .where(table.c.position == bindparam("place"))
        .values(ended_at=bindparam("at"), ended_on=bindparam("on"))
    )
    connection.execute(statement, [{"place": place, "at": e.at, "on": e.on} for place, e in ended.items()])


def _grow(connection: Connection, table: Table, changes: Mapping[Key, list[int]]) -> None:
    """Upsert; a row whose amounts all came back to zero is taken away, as if it had never been."""
    if not changes:
        return
    names = table.columns.keys()
    keys, amounts = [c.name for c in table.primary_key], [c.name for c in table.columns if not c.primary_key]
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = make(table)
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: table.c[name] + statement.excluded[name] for name in amounts},
    )
    rows = [dict(zip(names, (*key, *held), strict=True)) for key, held in sorted(changes.items())]
    connection.execute(statement, rows)
    connection.execute(delete(table).where(and_(*(table.c[name] == 0 for name in amounts))))
