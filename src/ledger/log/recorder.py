"""The recorder of events: `eventsourcing`'s DCBRecorder on the log's own tables.

`Recorder` appends bare events, which no voucher holds; it is what the conformance tests see. The application is handed
a `SealedRecorder`, whose log only judged vouchers enter (`appending.append_vouchers`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import orjson
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
)
from eventsourcing.dcb.persistence import DCBListenNotifySubscription
from eventsourcing.persistence import IntegrityError, ProgrammingError
from sqlalchemy import Connection, Select, select

from ledger.errors import RefusedError
from ledger.log.appending import move_head, read_head
from ledger.log.bulk import insert_rows
from ledger.log.queries import any_match, matches_all, matching_positions
from ledger.log.sets import Given, probe
from ledger.log.store import LogStore
from ledger.log.tables import event_tags, events, head

PAGE: Final = 1000
POLL_SECONDS: Final = 1.0
"""How soon a subscription sees what another process committed; commits of this process wake it at once."""

_PLACES: Final = Given("places", position=int)


class PagedResponse(DCBReadResponse):
    """Events at known positions, fetched a page at a time. `head` and the positions come from one snapshot, and what
    stands at a position never changes, so the whole answer is that snapshot's.
    """

    def __init__(self, store: LogStore, positions: Sequence[int], head_position: int | None) -> None:
        self._head = head_position
        self._events = _fetched(store, positions)

    @property
    def head(self) -> int | None:
        """The log's last position, or with a limit that of the last event returned; None when there is none."""
        return self._head

    def __next__(self) -> DCBSequencedEvent:
        return next(self._events)


class Recorder(DCBRecorder):
    """Reads and appends bare events on a store."""

    def __init__(self, store: LogStore) -> None:
        self.store = store

    def read(
        self,
        query: DCBQuery | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> PagedResponse:
        """Events after a position that match any item of the query, at most `limit`, from one snapshot."""
        start = after or 0
        with self.store.read() as connection:
            last = connection.scalars(select(head.c.position)).one()
            if query is None or matches_all(query):
                end = last if limit is None else min(last, start + limit)
                positions: Sequence[int] = range(start + 1, end + 1)
            else:
                positions = matching_positions(connection, query, start, limit)
        if limit is None:
            return PagedResponse(self.store, positions, last or None)
        return PagedResponse(self.store, positions, positions[-1] if positions else None)

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """Append bare events, or raise IntegrityError when any event matches the condition; the last position."""
        if not events:
            raise ProgrammingError("append needs at least one event")
        with self.store.write() as connection:
            if condition is not None and _fails(connection, condition):
                raise IntegrityError(condition)
            return _append_bare(connection, events)

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> "Subscription":
        """Events after a position that match the query, then new ones as they are committed."""
        return Subscription(self, query=query, after=after)


class SealedRecorder(Recorder):
    """The recorder of a book: it reads like any other and appends nothing by itself."""

    def append(
        self,
        events: Sequence[DCBEvent],  # noqa: ARG002 - refused whatever they are
        condition: DCBAppendCondition | None = None,  # noqa: ARG002 - as above
    ) -> int:
        """Refuse with E_LOG_SEALED: only judged vouchers enter the log."""
        raise RefusedError("E_LOG_SEALED")


class Subscription(DCBListenNotifySubscription[Recorder]):
    """Follows a store: woken by commits of this process, and polling for those of others."""

    def __init__(self, recorder: Recorder, query: DCBQuery | None = None, after: int | None = None) -> None:
        super().__init__(recorder=recorder, query=query, after=after)
        recorder.store.listen(self._has_been_notified)

    def stop(self) -> None:
        """Stop following; a thread that waits for the next event gets StopIteration."""
        super().stop()
        self._recorder.store.unlisten(self._has_been_notified)

    def _loop_on_pull(self) -> None:
        try:
            while not self._has_been_stopped:
                self._pull()
                self._has_been_notified.wait(POLL_SECONDS)
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that iterates
            self._thread_error = error
            self.stop()


def _fails(connection: Connection, condition: DCBAppendCondition) -> bool:
    after = condition.after or 0
    if matches_all(condition.fail_if_events_match):
        return bool(connection.scalars(select(head.c.position)).one() > after)
    return any_match(connection, condition.fail_if_events_match, after)


def _append_bare(connection: Connection, new: Sequence[DCBEvent]) -> int:
    old = read_head(connection)
    numbered = list(enumerate(new, old.position + 1))
    move_head(connection, old, replace(old, position=old.position + len(new)))
    insert_rows(connection, events, [(p, e.type, e.data, orjson.dumps(e.tags).decode()) for p, e in numbered])
    insert_rows(connection, event_tags, sorted((tag, e.type, p) for p, e in numbered for tag in set(e.tags)))
    return old.position + len(new)


def _fetched(store: LogStore, positions: Sequence[int]) -> Iterator[DCBSequencedEvent]:
    for begin in range(0, len(positions), PAGE):
        page = positions[begin : begin + PAGE]
        with store.read() as connection:
            values = _PLACES.values(connection, [(position,) for position in page])
            rows = connection.execute(_events_at(connection.dialect.name), values).all()
        for position, kind, data, tags in rows:
            yield DCBSequencedEvent(DCBEvent(kind, bytes(data), orjson.loads(tags)), position)


@cache
def _events_at(dialect: str) -> Select[Any]:
    wanted = _PLACES.clause(dialect)
    source, found = probe(dialect, wanted, events, _PLACES.same(wanted, events), "found")
    return select(found).select_from(source).order_by(found.c.position)
