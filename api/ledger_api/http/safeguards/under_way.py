"""Which requests this process is answering now, by their keys: the same one twice at once is told to wait.

Another process that is sent the same request waits for the writer's lock and then finds the answer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.errors import RefusedError


class UnderWay:
    """The keys of requests that are being worked on."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Hold a key while its request is worked on; RefusedError E_REQUEST_RUNNING (409) when it is held."""
        with self._lock:
            if key in self._keys:
                raise RefusedError("E_REQUEST_RUNNING")
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)
