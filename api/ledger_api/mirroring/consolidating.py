"""One answer of many books: balances and the supervisor's tables side by side, with a total, each book's place said.

A book whose evidence does not hold is named and left out of every sum; one that was only out of reach stands where its
copy stands, and its age is told.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.values.dates import parse_day, parse_timestamp, timestamp_text
from ledger_api.asking import stopped
from ledger_api.mirroring.directory import Followed, MirrorDirectory, Status
from ledger_projections.books.balances import fund_balances
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES, settled
from ledger_projections.summaries.table import SUMMED, Asked, Column, Row, Said, total_of

BALANCES: Final = "balances"
_SUMS: Final = ("balance_fen", "available_fen", "committed_fen", "agency_fen")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one book's copy stands."""

    book: Followed
    status: Status
    age_s: int | None
    """Seconds since the last pull that succeeded; None for never."""
    twice: str = ""
    """The name under which the same log stands before this one: it is counted there."""

    @property
    def counted(self) -> bool:
        """Whether its figures are in the sums."""
        return self.status.holds and self.status.size > 0 and not self.twice

    def to_json(self) -> dict[str, Any]:
        """Name, origin, and everything of its last pull."""
        told = asdict(self.status)
        told["params"] = self.status.params or {}
        return {
            "name": self.book.name,
            "origin": self.book.origin,
            "counted": self.counted,
            "age_s": self.age_s,
            **told,
        }


@dataclass(frozen=True, slots=True)
class Consolidated:
    """A table across books: every row begins with its book's name; `total` sums what can be summed."""

    table: str
    first: str | None
    last: str | None
    books: tuple[Standing, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row

    def to_json(self, say: Callable[[Said], str]) -> dict[str, Any]:
        """JSON values; coded words in the reader's language."""

        def cells(row: Row) -> dict[str, Any]:
            values = zip(self.columns, row.cells, strict=True)
            return {column.key: _plain(value, say) for column, value in values}

        return {
            "table": self.table,
            "first": self.first,
            "last": self.last,
            "books": [one.to_json() for one in self.books],
            "left_out": [one.book.name for one in self.books if not one.counted],
            "columns": [{"key": one.key, "unit": one.unit} for one in self.columns],
            "rows": [cells(row) for row in self.rows],
            "total": cells(self.total),
        }


def _plain(value: Any, say: Callable[[Said], str]) -> Any:
    if isinstance(value, Said):
        return say(value)
    return value.isoformat() if isinstance(value, date) else value


def standings(mirror: MirrorDirectory, now: datetime) -> list[Standing]:
    """Where every copy stands at a moment."""
    found: list[Standing] = []
    for book in mirror.books():
        try:
            status = mirror.status(book)
        except InputError as error:  # it may say that the evidence does not hold, so that it does not hold
            status = Status(code=error.code, params=error.params, holds=False)
        age = now - parse_timestamp(status.pulled_at) if status.pulled_at else None
        twice = next((one.book.name for one in found if one.book.origin == book.origin), "")
        if twice and not status.code:
            status = replace(status, code="E_MIRROR_TWICE", params={"name": twice, "origin": book.origin})
        found.append(Standing(book, status, None if age is None else int(age.total_seconds()), twice))
    return found


def consolidate(mirror: MirrorDirectory, table: str, months: tuple[str, str], now: datetime) -> Consolidated:
    """Balances by fund, or a supervisor's table with one row a book. InputError E_MIRROR_TABLE."""
    books = standings(mirror, now)
    if table == BALANCES:
        return _balances(mirror, books)
    if table not in TABLES:
        raise InputError("E_MIRROR_TABLE", value=table[:32], tables=", ".join((BALANCES, *TABLES)))
    return _figures(mirror, table, months, now, books)


def _balances(mirror: MirrorDirectory, books: Sequence[Standing]) -> Consolidated:
    columns = (*(Column(key, "text") for key in ("book", "entity", "fund", "name", "kind")), *_money())
    rows = [
        Row("row", (book.name, *(getattr(one, key.key) for key in columns[1:])), (f"fund:{one.fund}",))
        for book, connection in _counted(mirror, books, folded=False)
        for one in fund_balances(connection).rows
    ]
    total = total_of(columns, rows, Said("mirror.total"))
    return Consolidated(BALANCES, None, None, tuple(books), columns, tuple(rows), total)


def _money() -> Iterable[Column]:
    return (Column(key, "fen") for key in _SUMS)


def _figures(
    mirror: MirrorDirectory, table: str, months: tuple[str, str], now: datetime, books: Sequence[Standing]
) -> Consolidated:
    """One row a book: the sums of its table. Rates and single amounts cannot be added and stay in each book's own."""
    columns: dict[str, Column] = {}
    sums: list[tuple[str, Mapping[str, Any]]] = []
    today = parse_day(timestamp_text(now)[:10])
    for book, connection in _counted(mirror, books, folded=True):
        made = TABLES[table].make(connection, Asked(*months, today, at=settled(connection)))
        total = total_of(made.columns, made.rows, Said("mirror.total"))
        summed = [place for place, column in enumerate(made.columns) if column.unit in SUMMED and place > 0]
        columns |= {made.columns[place].key: made.columns[place] for place in summed}
        sums.append((book.name, {made.columns[place].key: total.cells[place] for place in summed}))
    heads = (Column("book", "text"), *columns.values())
    rows = [Row("row", (name, *(found.get(key) for key in columns)), ()) for name, found in sums]
    total = total_of(heads, rows, Said("mirror.total"))
    return Consolidated(table, *months, tuple(books), heads, tuple(rows), total)


def _counted(
    mirror: MirrorDirectory, books: Sequence[Standing], *, folded: bool
) -> Iterator[tuple[Followed, Connection]]:
    """Each book that counts, with one snapshot of its copy; `folded` has the read models follow first."""
    for one in books:
        if one.counted:
            with _opened(mirror, one.book, folded=folded) as connection:
                yield one.book, connection


@contextmanager
def _opened(mirror: MirrorDirectory, book: Followed, *, folded: bool) -> Iterator[Connection]:
    with mirror.copy(book) as copy:
        for progress in catch_up(copy.store) if folded else ():
            if progress.failure is not None:
                raise stopped(progress)
        with copy.store.read() as connection:
            yield connection
