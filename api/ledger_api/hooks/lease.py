"""Which process delivers: one at a time holds the lease, and another takes over when it has run out."""

from typing import Final

from nacl.utils import random
from sqlalchemy import delete, insert, select

from ledger.log.side_tables import hook_lease
from ledger.log.store import LogStore

LEASE_S: Final = 90
RENEWED_S: Final = 30
"""How long a lease is used before it is renewed; an attempt begins only where it will end before the lease does."""


class Lease:
    """One process's hold on the deliveries of a book; times are Unix seconds."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._holder: Final = random(16).hex()
        self._ends_at = 0

    def left_s(self, now: int) -> int:
        """How long no other process may deliver."""
        return max(0, self._ends_at - now)

    def hold(self, now: int) -> bool:
        """Take or renew the lease; False while another process has it. Raises as `LogStore.write`."""
        if self.left_s(now) > LEASE_S - RENEWED_S:
            return True
        with self._store.read() as connection:
            row = connection.execute(select(hook_lease)).one_or_none()
        if row is not None and row.holder != self._holder and row.ends_at > now:
            self._ends_at = 0
            return False
        with self._store.write() as connection:
            row = connection.execute(select(hook_lease)).one_or_none()
            if row is not None and row.holder != self._holder and row.ends_at > now:
                self._ends_at = 0
                return False
            connection.execute(delete(hook_lease))
            connection.execute(insert(hook_lease).values(id=1, holder=self._holder, ends_at=now + LEASE_S))
        self._ends_at = now + LEASE_S
        return True

    def release(self) -> None:
        """Let another process go on at once."""
        if self._ends_at:
            self._ends_at = 0
            with self._store.write() as connection:
                connection.execute(delete(hook_lease).where(hook_lease.c.holder == self._holder))
