"""Submissions that are known to be on their way: whoever commits waits a moment for them, so that they share a commit.

A server that reads requests one after the other would otherwise commit the first alone while the next are being read.
Where nobody announces anything, nobody waits.
"""

import threading
from collections.abc import Callable
from typing import Final

WAIT_S: Final = 0.025
"""The longest that a commit waits for what was announced: about what a commit itself takes on a slow disk."""


class Coming:
    """How many submissions were announced and have not arrived."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def announce(self) -> Callable[[], None]:
        """One more is on its way. The answer is to be called when it has arrived or will not come; again, it does
        nothing.
        """
        with self._changed:
            self._count += 1
        is_open = True

        def arrived() -> None:
            nonlocal is_open
            with self._changed:
                if is_open:
                    is_open = False
                    self._count -= 1
                    self._changed.notify_all()

        return arrived

    def wait(self, most_s: float = WAIT_S) -> bool:
        """Until all that were announced have arrived, or for so many seconds; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._count, most_s)
