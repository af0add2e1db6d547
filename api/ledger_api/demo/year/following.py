"""Read models that follow the log while the year is recorded: in the second process, so that nobody waits for them."""

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from ledger.application.importing.ahead import ReadAhead
from ledger.log.appending import read_head
from ledger.log.store import LogStore
from ledger_projections.registry import catch_up

WORTHWHILE_EVENTS: Final = 5_000
"""What a process needs to know the read models takes longer than folding fewer events does."""


@dataclass(slots=True)
class Following:
    """Lets a second process fold a log into its read models each time that it has grown enough."""

    reader: ReadAhead
    store: LogStore
    database: str
    reached: int = 0
    """How far the log went when it was last given to be folded."""

    def look(self) -> None:
        """Have what is recorded by now folded, once the process has read the files that it was told before."""
        with self.store.read() as connection:
            now = read_head(connection).position
        if now - self.reached >= WORTHWHILE_EVENTS and self.reader.beside(follow, self.database):
            self.reached = now


def follow(database: str) -> None:
    """Fold what a book's log holds by now into its read models. What stops one of them stands in its own row."""
    with closing(LogStore.open(database)) as store:
        catch_up(store)
