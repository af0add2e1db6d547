"""Work that costs much memory or time, by so few at once that the rest of the service goes on.

Whoever comes when all places are taken is sent away at once and told to try again: were everybody let wait, those who
wait would take every thread of the process, and readers would stand behind them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.errors import BusyError

WAIT_S = 2
"""When somebody who was sent away may try again."""


class Room:
    """A room in which `at_once` work and `waiting` more may wait for their turn; the next one is refused."""

    def __init__(self, code: str, at_once: int, waiting: int = 0) -> None:
        self._code = code
        self._turns = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Hold a turn while the block runs. Raises BusyError with the room's code and `wait` in seconds."""
        if not self._places.acquire(blocking=False):
            raise BusyError(self._code, wait=WAIT_S)
        try:
            with self._turns:
                yield
        finally:
            self._places.release()
