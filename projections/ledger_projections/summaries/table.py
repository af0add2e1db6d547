"""What a table of the supervisor is: columns with units, rows with the way to their events, scope, and notes.

Cells are whole numbers in the unit of their column, days, texts, or coded words; None is 账内无此数据 (the book holds
no such thing) and the empty text means that nothing belongs there. Sentences are codes of the catalogue with
parameters, so that a table has no language. A note whose code begins with `check.` tells of figures that do not agree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.values.dates import Period, months_between
from ledger_projections.keeping.answers import per_mille

Unit = Literal[
    "text", "day", "fen", "fen_each", "households", "persons", "times", "lines", "count", "days", "per_mille"
]
"""fen are shown as yuan, also those of one person or household (`fen_each`), which no total adds up; per mille as per
cent with one decimal; the others as they are counted."""
SUMMED: Final = frozenset({"fen", "households", "persons", "times", "lines", "count"})
"""Units that a total adds up."""
RowKind = Literal["row", "part", "total"]
"""`part` is 其中: within the row above it, and in no total."""
CHECK: Final = "check."


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence or word of the catalogue, by its code, with what is filled in."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_check(self) -> bool:
        """Whether it tells of figures that do not agree."""
        return self.code.startswith(CHECK)


Value = int | str | date | Said | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` names its title `table_column.<key>` and its place in JSON."""

    key: str
    unit: Unit

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers or days, which stand to the right."""
        return self.unit != "text"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `tags` are what `trail` takes to show the events behind it, `whose` the name of the entity that it is of
    where the table tells several apart.
    """

    kind: RowKind
    cells: tuple[Value, ...]
    tags: tuple[str, ...]
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the months `first` to `last` at a position, counted up to `as_of` (None: every day)."""

    code: str
    first: str
    last: str
    entity: str | None
    as_of: date | None
    position: int
    scopes: tuple[Said, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Said, ...]

    def column(self, key: str) -> list[Value]:
        """The cells of a column, from the first row to the last."""
        place = [one.key for one in self.columns].index(key)
        return [row.cells[place] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks a table for: months, an entity (None: all), the two clocks, and the day on which."""

    first: str
    last: str
    today: date
    entity: str | None = None
    as_of: date | None = None
    at: int | None = None

    @property
    def begin(self) -> date:
        """The first day of the months."""
        return Period.parse(self.first).first_day

    @property
    def until(self) -> date:
        """The last day that counts: that of the months, or `as_of` where it is earlier."""
        last = Period.parse(self.last).last_day
        return last if self.as_of is None else min(last, self.as_of)

    @property
    def days(self) -> dict[str, date]:
        """The first and the last day that count, as a scope says them.

        Raises InputError E_AS_OF_SPAN when `as_of` lies before the months: no day is left to count.
        """
        if self.until < self.begin:
            raise InputError("E_AS_OF_SPAN", field="as_of", as_of=self.until, first=self.begin)
        return {"first": self.begin, "last": self.until}

    @property
    def open_on(self) -> date:
        """The day by which what is open is aged: `until`, but never a day that has not come."""
        return min(self.until, self.today)

    @property
    def year(self) -> int:
        """The year of the last month."""
        return Period.parse(self.last).year

    def shifted(self, months: int) -> tuple[str, str]:
        """The same number of months, that many months later (earlier when negative)."""
        return str(Period.parse(self.first).plus(months)), str(Period.parse(self.last).plus(months))

    @property
    def months(self) -> int:
        """How many months are asked for."""
        return months_between(Period.parse(self.first), Period.parse(self.last)) + 1

    def wants(self, entity: str) -> bool:
        """Whether an entity's rows are asked for."""
        return self.entity in (None, entity)

    @property
    def clocks(self) -> dict[str, Any]:
        """The two clocks as every reader takes them."""
        return {"as_of": self.as_of, "at": self.at}


Make = Callable[[Connection, Asked], Table]
_ENTITY: Final = Column("entity", "text")


def columns(*pairs: tuple[str, Unit]) -> tuple[Column, ...]:
    """Columns of (key, unit)."""
    return tuple(Column(*pair) for pair in pairs)


def row_of(
    heads: Sequence[Column],
    values: Mapping[str, Value],
    tags: Iterable[str] = (),
    kind: RowKind = "row",
    whose: str = "",
) -> Row:
    """A row from values by key; a key that is not given is 账内无此数据, one that no column has is a KeyError."""
    known = {one.key for one in heads}
    if strange := set(values) - known:
        raise KeyError(*sorted(strange))
    return Row(kind, tuple(values.get(one.key) for one in heads), tuple(tags), whose)


def total_of(heads: Sequence[Column], rows: Iterable[Row], label: Said, more: Mapping[str, Value] | None = None) -> Row:
    """The sums of the rows that are no parts; `more` gives what is not a sum, such as a rate.

    A column of which no row knows anything stays 账内无此数据; what is not summed is empty.
    """
    counted = [row for row in rows if row.kind == "row"]
    cells: list[Value] = []
    for place, head in enumerate(heads):
        known = [value for row in counted if isinstance(value := row.cells[place], int)]
        if more is not None and head.key in more:
            cells.append(more[head.key])
        elif head.unit in SUMMED and (known or not counted):
            cells.append(sum(known))
        else:
            cells.append(None if head.unit in SUMMED else "")
    cells[0] = label
    return Row("total", tuple(cells), ())


def table_of(
    code: str,
    asked: Asked,
    position: int,
    heads: Sequence[Column],
    rows: Sequence[Row],
    scopes: Iterable[Said],
    notes: Iterable[Said] = (),
) -> Table:
    """A table; what its blank cells mean is told under it, those that do not agree first."""
    told = sorted(notes, key=lambda one: not one.is_check)
    place = (asked.first, asked.last, asked.entity, asked.as_of, position)
    return Table(code, *place, tuple(scopes), tuple(heads), tuple(rows), (*told, *_blank(heads, rows)))


def told_apart(made: Table) -> Table:
    """A table with a column that says whose its rows are, behind the first, where they are of several entities: two
    offices have programmes of one name.
    """
    if len({row.whose for row in made.rows if row.whose}) < 2 or _ENTITY.key in {one.key for one in made.columns}:
        return made
    rows = tuple(replace(row, cells=(row.cells[0], row.whose, *row.cells[1:])) for row in made.rows)
    return replace(made, columns=(made.columns[0], _ENTITY, *made.columns[1:]), rows=rows)


def _blank(heads: Sequence[Column], rows: Sequence[Row]) -> Iterable[Said]:
    """Which columns hold cells that the book cannot fill."""
    if not rows:
        yield Said("table.note.empty")
    names = tuple(one.key for place, one in enumerate(heads) if any(row.cells[place] is None for row in rows))
    if names:
        yield Said("table.note.not_in_book", {"columns": names})


def half_up(part: int, whole: int) -> int | None:
    """`part / whole` to the nearest whole number, half up (四舍五入), in integers; None when there is no whole."""
    return None if whole <= 0 else (2 * part + whole) // (2 * whole)


def rate_of(part: int, whole: int) -> Value:
    """`part` of `whole` in thousandths, half up; empty where there is nothing to take a part of."""
    found = per_mille(part, whole)
    return "" if found is None else found


def word(kind: str, code: str) -> Said:
    """A coded value of a kind as a word: `table_<kind>.<code>`."""
    return Said(f"table_{kind}.{code}")
