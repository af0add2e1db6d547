"""Events as they go out on streams: read a page at a time, by one thread for all streams that are behind.

Streams that stand at the same place share the page, so what a commit brought is read once however many wait for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from ledger.log import reading
from ledger_api.http.models import EventModel, event_model
from ledger_api.http.service import Service
from ledger_api.http.together import Together

ROWS: Final = 100
BYTES_MAX: Final = 1 << 20
"""A page ends with the event that fills it: what a stream holds in memory is one page."""
_TURN: Final = 16


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is sent, and whose it is."""

    entity: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """The events after a position; `last` is where the next page begins after."""

    rows: tuple[Row, ...]
    last: int


class Pages:
    """The pages of one book."""

    def __init__(self, service: Service) -> None:
        self._store = service.store
        self._together: Final[Together[int, Page]] = Together("stream pages", self._read, _TURN)

    async def after(self, position: int) -> Page:
        """What follows a position, as the log is now."""
        return await self._together.ask(position)

    def close(self) -> None:
        """End the thread."""
        self._together.close()

    def _read(self, asked: Sequence[int]) -> list[Page]:
        with self._store.read() as connection:
            found = {after: _page(connection, after) for after in set(asked)}
        return [found[after] for after in asked]


def _page(connection: Connection, after: int) -> Page:
    listed, length = [], 0
    for row in reading.events_between(connection, after + 1, after + ROWS, ROWS):
        listed.append(row)
        length += len(row.data)
        if length >= BYTES_MAX:
            break
    numbers = sorted({row.voucher_number for row in listed})
    entities = {number: entity for number, (entity, _) in reading.vouchers_of(connection, numbers).items()}
    rows = tuple(Row(entities.get(row.voucher_number, ""), _sent(event_model(row))) for row in listed)
    return Page(rows, listed[-1].position if listed else after)


def _sent(event: EventModel) -> bytes:
    """One message; JSON has no line end inside, so that it is one line of data."""
    return f"id: {event.position}\ndata: {event.model_dump_json()}\n\n".encode()
