"""How much one caller may ask: so many requests a minute, evenly, with a few seconds' worth at once.

Kept by one process in memory, and forgotten with it: a limit is there to keep one caller from taking the service away
from the others, not to count anything.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from ledger_api.http.problems import TooManyError

BURST_S: Final = 10
"""How many seconds' worth a caller who was quiet may ask at once."""

_MOST: Final = 100_000


class Rates:
    """Buckets by name: each request takes a drop, time fills them again."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second: Final = per_minute / 60
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: dict[str, tuple[float, float]] = {}
        """Name -> (seconds' worth taken, when that was so)."""

    def take(self, name: str, times: int = 1) -> None:
        """One request. Raises TooManyError E_TOO_MANY with the seconds to wait; `times` as many are allowed."""
        if not self._per_second:
            return
        cost, now = 1 / (self._per_second * times), self._clock()
        with self._lock:
            if len(self._spent) >= _MOST:
                self._spent = {one: kept for one, kept in self._spent.items() if kept[0] > now - kept[1]}
            spent, since = self._spent.get(name, (0.0, now))
            spent = max(0.0, spent - (now - since))
            if spent + cost > max(BURST_S, cost):
                raise TooManyError("E_TOO_MANY", wait=max(1, round(spent + cost - BURST_S + 0.5)))
            self._spent[name] = (spent + cost, now)
