"""Numbers that signed requests carried: each is taken once while its signature is young enough to be taken at all.

They are kept by one process. Another process would take the same request once more, which harms nobody: reading is no
effect, every POST has its effect once, and any other change is kept for all of them (`safeguards.replays`).
"""

import threading
from typing import Final

from ledger.errors import AuthorityError
from ledger_api.http.message_signatures import MAX_AGE_S, Verified

_MOST: Final = 1_000_000
"""More young signatures than that are refused: each costs a hundred bytes."""


class Nonces:
    """The numbers of the last minutes, by key."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._swept = 0

    def take(self, found: Verified, now: int) -> None:
        """Raises AuthorityError E_REQUEST_REPLAYED for a number that this key used before."""
        with self._lock:
            self._sweep(now)
            if (found.keyid, found.nonce) in self._taken or len(self._taken) >= _MOST:
                raise AuthorityError("E_REQUEST_REPLAYED", nonce=found.nonce[:64])
            self._taken[found.keyid, found.nonce] = found.created

    def _sweep(self, now: int) -> None:
        """Every minute, also of a clock that was put back, what is too old to be taken again is forgotten."""
        if abs(now - self._swept) >= 60:
            self._swept = now
            self._taken = {key: made for key, made in self._taken.items() if now - made <= 2 * MAX_AGE_S}
