"""What all readers share: their options, a snapshot whose read models are up to date, and the answer's form."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import Connection

from ledger_api.asking import day_of, on_day, position_of, refuse_unknown, stopped, today_of
from ledger_api.books import Book
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import at_position, table, write_json

if TYPE_CHECKING:
    from ledger_projections.keeping.ageing import Ages

__all__ = [
    "AsOfOption",
    "AtOption",
    "EntityOption",
    "OnOption",
    "Pair",
    "ProgrammeOption",
    "Table",
    "aged",
    "answer",
    "day_of",
    "on_day",
    "position_of",
    "rate_text",
    "reader",
    "refuse_unknown",
    "stopped",
    "titled",
    "today_of",
]

Pair = tuple[str, str]
"""A title in Chinese and in English."""
Table = tuple[Sequence[Pair], Sequence[Sequence[object]], Sequence[int]]
"""Titles, rows, and the columns that hold fen."""

AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="截至哪个业务日期。 Up to which business date.")
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="POSITION|TIME",
        help="截至哪个序号或记账时间。 As the log stood at a position or recording time.",
    ),
]
EntityOption = Annotated[
    str | None, typer.Option("--entity", metavar="ENTITY", help="只看一个会计主体。 One entity only.")
]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DAY", help="账龄按哪天算;默认截至日或今天。 Aged by which day.")
]
ProgrammeOption = Annotated[
    str | None, typer.Option("--programme", metavar="PROGRAMME", help="救助项目。 Which programme.")
]


@contextmanager
def reader(desk: Desk, entity: str | None = None, at: str | None = None) -> Iterator[tuple[Book, Connection]]:
    """A snapshot of a book whose read models were brought up to the log; E_MODEL_STOPPED names one that could not.

    An entity that the book did not know at the position of `at` is refused with E_ENTITY_UNKNOWN: an empty table would
    read as if it had nothing.
    """
    from ledger_projections.registry import catch_up

    with desk.book() as book:
        for progress in catch_up(book.store):
            if progress.failure is not None:
                raise stopped(progress)
        with book.store.read() as connection:
            refuse_unknown(connection, entity, position_of(connection, at))
            yield book, connection


def titled(desk: Desk, titles: Sequence[Pair], rows: Sequence[Sequence[object]], money: Sequence[int] = ()) -> None:
    """A table under titles in the reader's language; columns in `money` hold fen."""
    table([desk.text(*pair) for pair in titles], rows, money=money)


def answer(
    desk: Desk,
    found: Any,
    titles: Sequence[Pair],
    rows: Sequence[Sequence[object]],
    money: Sequence[int],
    *under: Table,
) -> None:
    """A reader's answer as JSON, or as a table, with others `under` it, and at last the position."""
    if desk.as_json:
        write_json(found.to_json())
        return
    for one in ((titles, rows, money), *under):
        titled(desk, *one)
    at_position(desk, found.position)


def aged(ages: "Ages", first: Pair) -> Iterator[Table]:
    """How long what is open has been due, where anything is; `first` says what is not due yet."""
    if ages.total_fen:
        bands = (ages.not_due_fen, ages.to_30_fen, ages.to_90_fen, ages.to_365_fen, ages.over_365_fen)
        yield (first, *_LATE), [bands], range(len(bands))


_LATE = (("逾期30天内", "to 30 days"), ("90天内", "to 90 days"), ("一年内", "to 365 days"), ("一年以上", "longer"))


def rate_text(per_mille: int | None) -> str:
    """Thousandths as a percentage with one decimal."""
    from ledger_projections.keeping.answers import per_mille_text

    return "" if per_mille is None else per_mille_text(per_mille)
