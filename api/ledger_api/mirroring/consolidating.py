"""One answer of many books: balances and the supervisor's tables side by side, with a total, each book's place said.

A book whose evidence does not hold is named and left out of every sum; one that was only out of reach stands where its
copy stands, and its age is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.values.dates import Period, parse_day, parse_timestamp, timestamp_text
from ledger_api.asking import stopped
from ledger_api.mirroring.directory import Followed, MirrorDirectory, Status
from ledger_api.spans import usual_span
from ledger_projections.books.balances import fund_balances
from ledger_projections.public_money.subsidies import newest_paid_month
from ledger_projections.registry import catch_up
from ledger_projections.summaries.registry import TABLES, Adds, Template, settled
from ledger_projections.summaries.relief.three_way import GAP, OF_PROVINCE
from ledger_projections.summaries.table import SUMMED, Asked, Column, Row, Said, Table, Value, total_of

BALANCES: Final = "balances"
_TOTAL: Final = Said("mirror.total")
_BOOK: Final = Column("book", "text")
_KIND: Final = Column("total_kind", "text")
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
    """A table across books: every row begins with its book's name. `totals` has a row for what can be added, or one a
    kind, and none where nothing can; scopes and notes are each book's own, with its name.
    """

    table: str
    first: str | None
    last: str | None
    books: tuple[Standing, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...]
    scopes: tuple[tuple[str, Said], ...] = ()
    notes: tuple[tuple[str, Said], ...] = ()

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
            "total": cells(self.totals[0]) if len(self.totals) == 1 else None,
            "totals": [cells(row) for row in self.totals],
            "scope": [{"book": book, "text": say(one)} for book, one in self.scopes],
            "notes": [{"book": book, "agrees": not one.is_check, "text": say(one)} for book, one in self.notes],
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


def consolidate(
    mirror: MirrorDirectory, table: str, months: tuple[Period, Period] | None, now: datetime
) -> Consolidated:
    """Balances by fund, or a supervisor's table: what each book adds up to, or all its rows where they do not add up.
    Without months, the table's usual ones that hold the newest payments of any of the books. InputError E_MIRROR_TABLE.
    """
    books = standings(mirror, now)
    if table == BALANCES:
        return _balances(mirror, books)
    if table not in TABLES:
        raise InputError("E_MIRROR_TABLE", value=table[:32], tables=", ".join((BALANCES, *TABLES)))
    return _figures(mirror, TABLES[table], months, now, books)


def _balances(mirror: MirrorDirectory, books: Sequence[Standing]) -> Consolidated:
    columns = (*(Column(key, "text") for key in ("book", "entity", "fund", "name", "kind")), *_money())
    rows = [
        Row("row", (book.name, *(getattr(one, key.key) for key in columns[1:])), (f"fund:{one.fund}",))
        for book, connection in _counted(mirror, books, folded=False)
        for one in fund_balances(connection).rows
    ]
    total = total_of(columns, rows, _TOTAL)
    return Consolidated(BALANCES, None, None, tuple(books), columns, tuple(rows), (total,))


def _money() -> Iterable[Column]:
    return (Column(key, "fen") for key in _SUMS)


def _figures(
    mirror: MirrorDirectory,
    template: Template,
    months: tuple[Period, Period] | None,
    now: datetime,
    books: Sequence[Standing],
) -> Consolidated:
    """The template's table of each book, brought together as far as its rows add up."""
    today = parse_day(timestamp_text(now)[:10])
    first, last = map(str, months or _usual(mirror, template, today, books))
    found: list[tuple[str, Table]] = []
    for book, connection in _counted(mirror, books, folded=True):
        found.append((book.name, template.make(connection, Asked(first, last, today, at=settled(connection)))))
    columns, rows, totals = _TOGETHER[template.adds](found)
    scopes, notes = (
        tuple((name, one) for name, made in found for one in getattr(made, part)) for part in ("scopes", "notes")
    )
    return Consolidated(template.code, first, last, tuple(books), columns, rows, totals, scopes, notes)


def _usual(
    mirror: MirrorDirectory, template: Template, today: date, books: Sequence[Standing]
) -> tuple[Period, Period]:
    """The table's usual months that hold the newest payments of any book; today's where there are none."""
    paid = [
        newest_paid_month(connection, settled(connection), None)
        for _, connection in _counted(mirror, books, folded=True)
    ]
    return usual_span(template.span, Period.parse(max(filter(None, paid), default=str(Period.of(today)))))


_Parts = tuple[tuple[Column, ...], tuple[Row, ...], tuple[Row, ...]]
"""Columns, rows, and what they add up to."""


def _by_last_total(found: Sequence[tuple[str, Table]]) -> _Parts:
    """One row a book: the last total that its own table prints, which is of all rows."""
    return _by_total(found, lambda totals: totals[-1])


def _by_first_total(found: Sequence[tuple[str, Table]]) -> _Parts:
    """One row a book: the first total that its own table prints, which is of what its scope names."""
    return _by_total(found, lambda totals: totals[0])


def _by_total(found: Sequence[tuple[str, Table]], which: Callable[[list[Row]], Row]) -> _Parts:
    """A book whose table has no rows has a row all the same. Rates cannot be added and stay in each book's own."""
    columns = (_BOOK, *_summed(found))
    rows = []
    for name, made in found:
        totals = [row for row in made.rows if row.kind == "total"]
        rows.append(_of_book(columns, name, made, which(totals) if totals else total_of(made.columns, (), _TOTAL)))
    return columns, tuple(rows), (total_of(columns, rows, _TOTAL),)


def _by_totals(found: Sequence[tuple[str, Table]]) -> _Parts:
    """A row a book and total that its own table prints; those of one kind are added, and never two kinds."""
    columns = (_BOOK, _KIND, *_summed(found))
    rows = [
        _of_book(columns, name, made, own, {_KIND.key: own.cells[0]})
        for name, made in found
        for own in made.rows
        if own.kind == "total"
    ]
    return columns, tuple(rows), _by_kind(columns, rows)


def _by_kind(columns: Sequence[Column], rows: Iterable[Row]) -> tuple[Row, ...]:
    """A total of each kind of the books' rows."""
    of_kind: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kind = row.cells[1]
        of_kind[kind.code if isinstance(kind, Said) else str(kind)].append(row)
    return tuple(total_of(columns, part, _TOTAL, {_KIND.key: part[0].cells[1]}) for part in of_kind.values())


def _by_compared(found: Sequence[tuple[str, Table]]) -> _Parts:
    """One row a book where all that is listed was compared; else a row for what was, and one for all, in which nothing
    stands of the comparison: so that no total holds one side of some book and both of another.
    """
    sides = [(name, made, *_sides(made)) for name, made in found]
    listed = [(compared, whole) for _, _, compared, whole in sides if whole is not None]
    if all(compared is whole for compared, whole in listed) or not any(compared for compared, _ in listed):
        return _by_last_total(found)
    columns = (_BOOK, _KIND, *_summed(found))
    rows = []
    for name, made, compared, whole in sides:
        if compared is not None:
            rows.append(_of_book(columns, name, made, compared, {_KIND.key: Said("table.total.compared")}))
        if whole is not None:
            blank = {one.key: "" for one in columns if one.key.startswith(OF_PROVINCE)}
            rows.append(_of_book(columns, name, made, whole, {_KIND.key: whole.cells[0], **blank}))
    rows.sort(key=lambda row: row.cells[1] != Said("table.total.compared"))
    return columns, tuple(rows), _by_kind(columns, rows)


def _sides(made: Table) -> tuple[Row | None, Row | None]:
    """The totals of what was compared and of everything, the same one where everything was; None for none."""
    totals = [row for row in made.rows if row.kind == "total"]
    gap = next((place for place, one in enumerate(made.columns) if one.key in GAP), None)
    compared = (row for row in totals if gap is not None and isinstance(row.cells[gap], int))
    return next(compared, None), totals[-1] if totals else None


def _by_rows(found: Sequence[tuple[str, Table]]) -> _Parts:
    """Every row of every book, and no total."""
    columns = (_BOOK, *{one.key: one for _, made in found for one in made.columns}.values())
    rows = [
        Row(row.kind, tuple({**_cells(made, row), _BOOK.key: name}.get(one.key, "") for one in columns), row.tags)
        for name, made in found
        for row in made.rows
    ]
    return columns, tuple(rows), ()


def _cells(made: Table, row: Row) -> dict[str, Value]:
    """A row's cells by key: one book's table tells several offices apart and another's has one only."""
    return dict(zip((one.key for one in made.columns), row.cells, strict=True))


_TOGETHER: Final[Mapping[Adds, Callable[[Sequence[tuple[str, Table]]], _Parts]]] = {
    "total": _by_last_total,
    "relief": _by_first_total,
    "totals": _by_totals,
    "compared": _by_compared,
    "nothing": _by_rows,
}


def _summed(found: Sequence[tuple[str, Table]]) -> Iterable[Column]:
    """The columns that a total adds up; the first is what a row is called."""
    return {one.key: one for _, made in found for one in made.columns[1:] if one.unit in SUMMED}.values()


def _of_book(
    columns: Sequence[Column], name: str, made: Table, own: Row, more: Mapping[str, Value] | None = None
) -> Row:
    """A book's row from a total of its own table."""
    values = {**_cells(made, own), _BOOK.key: name, **(more or {})}
    return Row("row", tuple(values.get(one.key) for one in columns), ())


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
