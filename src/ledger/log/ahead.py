"""Rows that PostgreSQL takes in while their vouchers are still judged, so that two processors work and not one.

Judging asks the database nothing: all that it needs was read before. In that time the server takes the events of the
batch, by COPY from a thread, behind a savepoint, and makes the rows of their tags from them itself: half a dozen for
each event, which need not be written for it. Nothing may be read beside them, for a judgement must not find its own
events: the first statement before the rows are asked for takes them back, and they are then written as usual. So are
those of a batch that was not accepted as it stood.
"""

import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Table, event

from ledger.log.bulk import Row, copy_rows

WORTH_IT: Final = 200
"""Events below which a thread and a savepoint cost more than they save."""

_TAGS: Final = (
    'INSERT INTO event_tags (tag, kind, position) SELECT of.tag COLLATE "C", events.kind, events.position '
    "FROM events CROSS JOIN LATERAL json_array_elements_text(events.tags::json) AS of (tag) "
    "WHERE events.position BETWEEN %s AND %s ORDER BY 1, 2, 3"
)
"""In key order each page of the index is visited once a batch instead of once a tag."""

_TURN_S: Final = 0.0005
"""How long the interpreter stays with whoever judges while the thread has something to hand over. Python's own five
milliseconds, a dozen times a voucher, are as long as the server takes for all of it.
"""


class Ahead:
    """Rows on their way into their tables in the transaction of one connection."""

    def __init__(
        self, connection: Connection, of: object, rows: Sequence[tuple[Table, Sequence[Row]]], places: range
    ) -> None:
        """Start; `of` says whose rows they are, `places` where the events will stand whose tags are to be read."""
        self._connection = connection
        self._of = of
        self._rows = rows
        self._places = places
        self._wanted = self._arrived = False
        connection.exec_driver_sql("SAVEPOINT ahead")
        sys.setswitchinterval(min(sys.getswitchinterval(), _TURN_S))
        self._thread = threading.Thread(target=self._send, args=(connection.connection.driver_connection,), daemon=True)
        self._under_way = [self]
        """Itself, until nothing is on its way any more: the connection then knows it no longer."""
        _settle_first(connection, self._under_way)
        self._thread.start()

    def stands(self, of: object) -> bool:
        """Whether these are the rows of `of` and will be in their tables: if not, nothing of them is left."""
        if of == self._of:
            self._wanted = True
        self.settle()
        return self._wanted and self._arrived

    def settle(self, *, undone: bool = False) -> None:
        """Wait for the thread, and take back what nobody asked for (unless all of the transaction is `undone`)."""
        if not self._under_way:
            return
        self._thread.join()
        self._under_way.clear()
        if not (undone or (self._wanted and self._arrived)):
            self._arrived = False
            self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT ahead")

    def _send(self, driver: Any) -> None:
        try:
            for table, rows in self._rows:
                copy_rows(driver, table, rows)
            driver.execute(_TAGS, (self._places[0], self._places[-1]))
            self._arrived = True
        except psycopg.Error:
            return  # the rows are refused again when they are written as usual, and that is told


def _settle_first(connection: Connection, under_way: Sequence[Ahead]) -> None:
    """Have every statement and the end of the transaction wait for what is on its way there. Only this connection
    listens: a listener of the engine would cost every statement of every reader.
    """

    def settle(*_: object) -> None:
        for one in tuple(under_way):
            one.settle()

    def end(_: Connection) -> None:
        for one in tuple(under_way):
            one.settle(undone=True)

    event.listen(connection, "before_cursor_execute", settle)
    event.listen(connection, "commit", settle)
    event.listen(connection, "rollback", end)
