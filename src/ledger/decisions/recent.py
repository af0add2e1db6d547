"""The events that this process recorded last, as it parsed them: a batch's lines are asked for again when results come.

What stands at a position never changes, so nothing here can be out of date; it only spares reading and parsing again.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from ledger.flows.knowledge import Recorded

KEPT: Final = 10_000
"""About 30 MB of payments."""


class Recent:
    """At most `KEPT` recorded events by position; the oldest go first."""

    def __init__(self) -> None:
        self._items: dict[int, Recorded] = {}

    def add(self, items: Iterable[Recorded]) -> None:
        """Keep events that are in the log now."""
        self._items.update((item.position, item) for item in items)
        for position in list(islice(self._items, max(0, len(self._items) - KEPT))):
            del self._items[position]

    def clear(self) -> None:
        """Keep nothing."""
        self._items.clear()

    def find(self, positions: Iterable[int]) -> dict[int, Recorded]:
        """Those of the events that are at hand, by position."""
        kept = self._items
        return {position: kept[position] for position in positions if position in kept}
