"""What all readers share: their options, a snapshot whose read models are up to date, and the answer's form."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError
from ledger.values.dates import parse_day, parse_timestamp, timestamp_text
from ledger_api.books import Book
from ledger_api.cli.desk import Desk
from ledger_api.cli.output import at_position, table, write_json
from ledger_api.clients import moment

if TYPE_CHECKING:
    from ledger_projections.keeping.folding import Progress

# An int64 is what the log counts in.
_POSITION: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)

Pair = tuple[str, str]
"""A title in Chinese and in English."""

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
OnOption = Annotated[str | None, typer.Option("--on", metavar="DAY", help="账龄按哪天算;默认今天。 Aged by which day.")]
ProgrammeOption = Annotated[
    str | None, typer.Option("--programme", metavar="PROGRAMME", help="救助项目。 Which programme.")
]


def day_of(text: str | None) -> date | None:
    """A day option."""
    return None if text is None else parse_day(text)


def position_of(connection: Connection, text: str | None) -> int | None:
    """The position of `--at`: one as it is, or the last that was recorded by a time `YYYY-MM-DDTHH:MM:SS+08:00`.

    A time before the first voucher gives 0, an answer from an empty log. Raises InputError E_AT_OPTION.
    """
    from ledger_projections.keeping.clocks import position_at

    if text is None:
        return None
    if _POSITION.fullmatch(text) is not None:
        return int(text)
    try:
        instant = timestamp_text(parse_timestamp(text))
    except InputError:
        raise InputError("E_AT_OPTION", value=text[:64]) from None
    return position_at(connection, instant)


def today_of(book: Book) -> date:
    """Today in China, by the book's clock."""
    return parse_day(timestamp_text(moment(book.clock))[:10])


def on_day(book: Book, text: str | None) -> date:
    """The day of `--on`, or today."""
    return day_of(text) or today_of(book)


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


def refuse_unknown(connection: Connection, entity: str | None, position: int | None) -> None:
    """Refuse with E_ENTITY_UNKNOWN an entity that the book did not know at a position (None: now)."""
    from ledger_projections.keeping.clocks import log_moment
    from ledger_projections.keeping.entities import knows_entity

    if entity is not None and not knows_entity(connection, entity, log_moment(connection, None, position).position):
        raise InputError("E_ENTITY_UNKNOWN", entity=entity)


def stopped(progress: "Progress") -> EvidenceError:
    """The error for a read model whose fold failed."""
    where = {"name": progress.name, "position": progress.position}
    return EvidenceError("E_MODEL_STOPPED", **where, reason=str(progress.failure))


def titled(desk: Desk, titles: Sequence[Pair], rows: Sequence[Sequence[object]], money: Sequence[int] = ()) -> None:
    """A table under titles in the reader's language; columns in `money` hold fen."""
    table([desk.text(*pair) for pair in titles], rows, money=money)


def answer(
    desk: Desk, found: Any, titles: Sequence[Pair], rows: Sequence[Sequence[object]], money: Sequence[int]
) -> None:
    """A reader's answer as JSON, or as a table with the position under it."""
    if desk.as_json:
        write_json(found.to_json())
        return
    titled(desk, titles, rows, money)
    at_position(desk, found.position)


def rate_text(per_mille: int | None) -> str:
    """Thousandths as a percentage with one decimal."""
    return "" if per_mille is None else f"{per_mille // 10}.{per_mille % 10}%"
