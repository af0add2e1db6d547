"""The tables of the read models: a MetaData of their own in the book's database; every name begins with `rm_`.

A line stands for one thing that one event said; it is added once and, when the event is reversed, marked as ended, so
that the table answers for every position and every business date. A sum is a net total, of the newest position only.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, Index, MetaData, Table

from ledger.log.columns import DAY, INTEGER, TEXT, text

METADATA: Final = MetaData()

OF_EVERY_LINE: Final = ("position", "line", "entity", "day", "ended_at", "ended_on")
"""Where a line comes from and how long it counts: recorded at `position`, on business date `day`, reversed at
`ended_at` by a voucher of `ended_on`; both are NULL while it stands."""


def lines(name: str, *columns: Column[Any], indexes: Sequence[Sequence[str]] = ()) -> Table:
    """A table of lines: the columns of every line, then the model's own. `indexes` name columns from left to right."""
    table = Table(
        f"rm_{name}",
        METADATA,
        whole("position", key=True),
        whole("line", key=True),
        text("entity"),
        Column("day", DAY, nullable=False),
        Column("ended_at", INTEGER, nullable=True),
        Column("ended_on", DAY, nullable=True),
        *columns,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for number, names in enumerate(indexes, 1):
        Index(f"rm_{name}_{number}", *(table.c[column] for column in names))
    return table


def sums(name: str, keys: Sequence[str], amounts: Sequence[str]) -> Table:
    """A table of net totals: the entity and text keys, integer amounts."""
    columns: list[Column[Any]] = [text(key, key=True) for key in ("entity", *keys)]
    columns += [whole(amount) for amount in amounts]
    return Table(f"rm_{name}", METADATA, *columns, sqlite_strict=True, sqlite_with_rowid=False)


def whole(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    """A column of 64-bit integers."""
    return Column(name, INTEGER, primary_key=key, nullable=optional, autoincrement=False)


def date_of(name: str, *, optional: bool = False) -> Column[Any]:
    """A column of days that are not the line's own business date."""
    return Column(name, DAY, nullable=optional)


positions: Final = Table(
    "rm_positions",
    METADATA,
    text("name", key=True),
    whole("version"),
    whole("position"),
    Column("failure", TEXT, nullable=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""How far each read model has come, by which version of its fold, and what stopped it if something did."""
