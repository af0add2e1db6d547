"""How many streams are open at once, and for how long one may last."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ledger.errors import BusyError
from ledger_api.http.problems import TooManyError

AGAIN_S = 15
"""When somebody for whom there is no place may ask again."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What one process allows; times are seconds."""

    streams: int = 200
    """All open streams together."""
    per_caller: int = 4
    seconds: float = 3600
    """A stream ends after so long, and its reader shows again who it is."""
    beat_seconds: float = 15
    """A line is sent at least so often, and whoever came by session or read-only key is looked up again at least so
    often, and before anything is sent after somebody committed."""
    look_seconds: float = 0.25
    """How often the log is asked where it ends, once for all streams."""
    stalled_seconds: float = 60
    """A reader who takes nothing for so long is hung up on."""


class Places:
    """Who has a stream open."""

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many streams are open."""
        return self._taken.total()

    @contextmanager
    def hold(self, caller: str) -> Iterator[None]:
        """A place for one stream. Raises BusyError E_STREAMS_FULL, TooManyError E_STREAMS_CALLER."""
        if self.taken >= self._limits.streams:
            raise BusyError("E_STREAMS_FULL", wait=AGAIN_S)
        if self._taken[caller] >= self._limits.per_caller:
            raise TooManyError("E_STREAMS_CALLER", most=self._limits.per_caller, wait=AGAIN_S)
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
