"""When a session or a read-only key was used last: known at once, written down about once a minute, by whoever comes
then and only if the writer's lock is free. No request waits for that, and what could not be written is so later.
"""

import threading
from typing import Any, Final

from sqlalchemy import Column, update
from sqlalchemy.exc import OperationalError

from ledger.errors import LedgerError
from ledger.log.store import LogStore

EVERY_S: Final = 60
"""How exactly the last use is written down."""
AGAIN_S: Final = 1
"""After so long the writing is tried again that found somebody else at it."""

_MOST: Final = 10_000
_FORGOTTEN_S: Final = 3600


class Uses:
    """The last uses of the rows of one table, which have a name and a time in Unix seconds."""

    def __init__(self, store: LogStore, name: Column[Any], at: Column[Any]) -> None:
        self._store = store
        self._name = name
        self._at = at
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._tried: dict[str, int] = {}

    def latest(self, name: str, written: int | None) -> int:
        """The last use: as it is written, or later, as this process saw it; 0 for what was never used."""
        return max(self._seen.get(name, 0), written or 0)

    def note(self, name: str, written: int | None, now: int) -> None:
        """It is used now; `written` is what the table says."""
        with self._lock:
            if len(self._seen) >= _MOST:
                self._seen = {one: at for one, at in self._seen.items() if now - at < _FORGOTTEN_S}
                self._tried = {one: at for one, at in self._tried.items() if one in self._seen}
            self._seen[name] = now
            tried = self._tried.get(name)
            if (written is not None and now - written < EVERY_S) or (tried is not None and 0 <= now - tried < AGAIN_S):
                return
            self._tried[name] = now
        if self._store.is_read_only:  # a replica remembers nothing
            return
        try:
            with self._store.write(beside=True, wait=False) as connection:
                table = self._name.table
                connection.execute(update(table).where(self._name == name).values({self._at: now}))
        except (LedgerError, OperationalError):
            return  # somebody writes, or the disk is full: whoever reads has nothing to do with it
