"""A log without judgement: events of any shape, appended as vouchers of one event each, for tests of the fold alone."""

import atexit
import datetime as dt
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, select

from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningBankItem
from ledger.flows.books.reversal import EventReversed
from ledger.flows.event import Event
from ledger.flows.public_money.payment.payments import SubsidyReturned
from ledger.flows.registry import event_classes, write_event
from ledger.log.appending import NewEvent, NewVoucher, append_vouchers, read_head
from ledger.log.store import LogStore
from ledger_projections.keeping.projection import Projection
from tests.flows.event_samples import make, make_full

DAY = dt.date(2025, 9, 5)


def reversal(target: Event, position: int) -> EventReversed:
    """The event that takes another back."""
    tags = target.tags()
    return make(EventReversed, target=target.id, target_position=position, target_tags=tags, reason="录入错误", on=DAY)


def sample_of(projection: Projection) -> list[Event]:
    """Full and bare events of every kind that a model reads."""
    classes = [cls for (kind, _), cls in event_classes().items() if kind in projection.kinds]
    return [event for cls in classes for event in (make_full(cls), make(cls), *_MORE.get(cls, lambda: ())())]


def _openings() -> Iterator[Event]:
    yield make(OpeningRecorded, bank_items=(make(OpeningBankItem, seen_by="book", amount_fen=5),))


def _returns() -> Iterator[Event]:
    yield make(SubsidyReturned, was_paid=True)


_MORE: Final[Mapping[type[Event], Callable[[], Iterator[Event]]]] = {
    OpeningRecorded: _openings,
    SubsidyReturned: _returns,
}
"""What one plain value a type does not reach."""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards; in memory where there is such a place, for fsync is not what is tested."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def written(
    path: Path, events: Sequence[Event], entity: str = "charity", day: Callable[[Event], dt.date] = lambda _: DAY
) -> LogStore:
    """A new SQLite log that holds the events, one a voucher of the `day` of its event."""
    shutil.copy(_empty(), path)
    store = LogStore.open(f"sqlite:///{path}")
    append(store, events, entity, day)
    return store


@functools.cache
def _empty() -> Path:
    """A log without events, made once."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    LogStore.create(f"sqlite:///{path}").close()
    return path


def append(
    store: LogStore, events: Sequence[Event], entity: str = "charity", day: Callable[[Event], dt.date] = lambda _: DAY
) -> None:
    """Append events, one a voucher."""
    with store.write() as connection:
        head = read_head(connection)
        vouchers = [
            replace(voucher_of(event, head.number + count, head.position + count, entity), voucher_date=day(event))
            for count, event in enumerate(events, 1)
        ]
        append_vouchers(connection, head, vouchers)


def voucher_of(event: Event, number: int, position: int, entity: str) -> NewVoucher:
    """One event as a voucher, before anything stands in the log."""
    return NewVoucher(
        number=number,
        voucher_id=f"voucher-{number}",
        first_position=position,
        entity=entity,
        voucher_date=DAY,
        voucher_no=None,
        posted_at="2025-09-30T10:00:00+08:00",
        statement_digest=f"sha256:{number:064}",
        maker="zhang",
        amount_fen=0,
        software="test",
        leaf=f"leaf {number}".encode(),
        events=[NewEvent(event.id, event.kind, write_event(event), event.tags())],
    )


def rows_of(store: LogStore, projection: Projection) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of a model's tables, by key."""
    with store.read() as connection:
        return {table.name: _rows(connection, table) for table in projection.tables}


def _rows(connection: Any, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
