"""The catch-up loop: each read model takes the log's new events page by page and commits its position with them.

A page is read and reduced before the writer's lock is taken, and written in one short transaction; whoever was quicker
wins, and the other reads again. A model that cannot fold an event stays where it is and says why; the others go on,
and so does the log.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, inspect, select, text, update

from ledger.application.collector import collector_seldom
from ledger.catalogue import Words
from ledger.errors import LedgerError
from ledger.flows.knowledge import Recorded
from ledger.log.store import LogStore, by_name
from ledger.log.tables import head
from ledger_projections.keeping.items import items_between
from ledger_projections.keeping.pages import Page
from ledger_projections.keeping.projection import REVERSED, Projection
from ledger_projections.keeping.tables import METADATA, positions

PAGE: Final = 2_000
"""How many events are written in one transaction, about."""

_STRIDE: Final = 4
"""How many pages of positions are looked through at once: most models read few of the kinds."""

_LONGEST: Final = 250
"""How much of what stopped a model is kept, in characters of each language."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a read model stands: at `position` of `head`; `failure` says what stopped it before the head."""

    name: str
    position: int
    head: int
    failure: Words | None = None


def catch_up(store: LogStore, projections: Iterable[Projection], page: int = PAGE) -> list[Progress]:
    """Fold what is new into each model. A model whose fold fails is left at its last whole page. Where nothing can be
    written (a replica, the reader's role), models stand where the primary has folded them to.
    """
    if store.is_read_only:
        with store.read() as connection:
            return states(connection, list(projections))
    with collector_seldom():
        return [_safely(store, projection, page) for projection in projections]


def rebuild(store: LogStore, projection: Projection, page: int = PAGE) -> Progress:
    """Drop a model's rows and fold it again from position 0. Readers see it grow; writers are not held up."""
    with writing(store) as connection:
        create(connection)
        _begin_anew(connection, projection)
    return _safely(store, projection, page)


def create(connection: Connection) -> None:
    """Make the table of positions in the caller's transaction, if it is not there; models make their own.

    On PostgreSQL the transaction then is the only one that makes or drops tables of read models.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('rm_positions'))"))
    METADATA.create_all(connection, tables=[positions], checkfirst=True)


def live_position(connection: Connection, projection: Projection) -> int | None:
    """Where a model stands; None when it was never folded, or by another version of its fold."""
    if not inspect(connection).has_table(positions.name):
        return None
    row = connection.execute(select(positions).where(positions.c.name == projection.name)).one_or_none()
    return None if row is None or row.version != projection.version else int(row.position)


@contextmanager
def writing(store: LogStore) -> Iterator[Connection]:
    """A transaction for read models. SQLite has one writer; on PostgreSQL the log's lock is left alone."""
    if store.engine.dialect.name == "sqlite":
        with store.write(beside=True) as connection:
            yield connection
    else:
        with by_name(), store.engine.begin() as connection:
            yield connection


def _safely(store: LogStore, projection: Projection, page: int) -> Progress:
    try:
        _prepare(store, projection)
        while _one_page(store, projection, page):
            pass
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one model, the others and the log go on
        failure = _said(error)
        _set(store, projection, f"{failure}\n{failure.en}")
        return _progress(store, projection, failure)
    return _progress(store, projection, None)


def _said(error: Exception) -> Words:
    """What stopped a model, to be put into a sentence of either language; each is one line."""
    if isinstance(error, LedgerError):
        said = [f"{error.code}: {error.message(one)}" for one in ("zh", "en")]
    else:
        said = [f"{type(error).__name__}: {error}"] * 2
    zh, en = (" ".join(one.split())[:_LONGEST].rstrip("。.") for one in said)
    return Words(zh, en)


def _kept(failure: str | None) -> Words | None:
    """What `_set` was told; an earlier release kept one line for both languages."""
    if failure is None:
        return None
    zh, _, en = failure.partition("\n")
    return Words(zh, en or zh)


def _prepare(store: LogStore, projection: Projection) -> None:
    with store.read() as connection:
        ready = live_position(connection, projection) is not None
    if not ready:
        with writing(store) as connection:
            create(connection)
            if live_position(connection, projection) is None:
                _begin_anew(connection, projection)


def _begin_anew(connection: Connection, projection: Projection) -> None:
    METADATA.drop_all(connection, tables=projection.tables, checkfirst=True)
    METADATA.create_all(connection, tables=projection.tables, checkfirst=False)
    connection.execute(positions.delete().where(positions.c.name == projection.name))
    first = {"name": projection.name, "version": projection.version, "position": 0, "failure": None}
    connection.execute(positions.insert(), first)


def _one_page(store: LogStore, projection: Projection, size: int) -> bool:
    """Fold the next page; False when the model has arrived at the head."""
    with store.read() as connection:
        start = live_position(connection, projection) or 0
        end = int(connection.scalar(select(head.c.position)) or 0)
        if start >= end:
            return False
        page, reached = _read_page(connection, projection, start, end, size)
    with writing(store) as connection:
        row = connection.execute(select(positions).where(positions.c.name == projection.name).with_for_update()).one()
        if row.position == start and row.version == projection.version:
            page.write(connection, projection.tables)
            done = update(positions).where(positions.c.name == projection.name)
            connection.execute(done.values(position=reached, failure=None))
    return True


def _read_page(
    connection: Connection,
    projection: Projection,
    start: int,
    end: int,
    size: int,
) -> tuple[Page, int]:
    """The net changes of about `size` events after `start`, and the position they reach."""
    items: list[Recorded] = []
    kinds = (*projection.kinds, REVERSED)
    while start < end and len(items) < size:
        upto = min(end, start + (size - len(items)) * _STRIDE)
        items += items_between(connection, start + 1, upto, kinds)
        start = upto
    return projection.fold(connection, items), start


def _set(store: LogStore, projection: Projection, failure: str) -> None:
    with writing(store) as connection:
        if inspect(connection).has_table(positions.name):
            mine = update(positions).where(positions.c.name == projection.name)
            connection.execute(mine.values(failure=failure))


def _progress(store: LogStore, projection: Projection, failure: Words | None) -> Progress:
    with store.read() as connection:
        end = int(connection.scalar(select(head.c.position)) or 0)
        return Progress(projection.name, live_position(connection, projection) or 0, end, failure)


def states(connection: Connection, projections: Sequence[Projection]) -> list[Progress]:
    """Where every model stands, without folding anything."""
    end = int(connection.scalar(select(head.c.position)) or 0)
    found = {}
    if inspect(connection).has_table(positions.name):
        found = {row.name: row for row in connection.execute(select(positions))}
    return [
        Progress(
            projection.name,
            live_position(connection, projection) or 0,
            end,
            _kept(found[projection.name].failure) if projection.name in found else None,
        )
        for projection in projections
    ]
