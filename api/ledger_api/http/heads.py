"""Where the log ends now, asked with one statement on a connection that is kept for it: who a caller is, and whether an
answer that was given before is still the answer, both hang on it, so that every request asks.

The log only grows, so that an equal head is an equal log, whichever process wrote it.
"""

import contextlib
import threading
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.pool import PoolProxiedConnection

from ledger.log.store import LogStore
from ledger.log.tables import head

_ASKED: Final = "SELECT number, position, root FROM head WHERE id = 1"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log."""

    number: int
    position: int
    root: bytes


class Heads:
    """Asks for the head. On SQLite that is a read of a page in memory, which never waits for a writer."""

    def __init__(self, store: LogStore) -> None:
        self._store: Final = store
        self._lock = threading.Lock()
        self._kept: PoolProxiedConnection | None = None

    @property
    def instant(self) -> bool:
        """Whether asking never waits for anybody, so that the loop of requests may do it itself."""
        return self._store.engine.dialect.name == "sqlite"

    def now(self) -> Head:
        """The head. A connection that broke is made anew; what the database then says is raised as usual."""
        with self._lock:
            try:
                row = self._row()
            except Exception:  # noqa: BLE001 - whatever the driver calls it, the ordinary road tells what is wrong
                self._drop()
                return self._asked_anew()
        return Head(int(row[0]), int(row[1]), bytes(row[2]))

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _row(self) -> Any:
        if self._kept is None:
            self._kept = self._store.engine.raw_connection()
            if not self.instant:
                driver: Any = self._kept.driver_connection
                driver.autocommit = True
        cursor = self._kept.cursor()
        try:
            cursor.execute(_ASKED)
            (row,) = cursor.fetchall()
            return row
        finally:
            cursor.close()

    def _asked_anew(self) -> Head:
        with self._store.read() as connection:
            row = connection.execute(select(head.c.number, head.c.position, head.c.root)).one()
        return Head(row.number, row.position, row.root)

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            with contextlib.suppress(Exception):
                kept.invalidate()
                kept.close()
