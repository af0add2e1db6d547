"""`Ledger`: the application as `eventsourcing` knows it, with one writer and a sealed recorder.

Followers (mirrors, exports, projections of other offices) read and subscribe by tags and kinds; nobody appends but the
writer, because the recorder that is handed out refuses to.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from eventsourcing.dcb.api import DCBQuery, DCBQueryItem, DCBRecorder, DCBSubscription
from eventsourcing.dcb.application import DCBApplication
from eventsourcing.utils import Environment, EnvType

from ledger.application.writer import Writer
from ledger.log.factory import LedgerEnvironment
from ledger.log.store import LogStore
from ledger.signing.vkeys import NoteSigner


class Ledger(DCBApplication):
    """One book's application. `writer` posts vouchers; `follow` watches what is posted."""

    name = "Ledger"

    def __init__(self, store: LogStore, signer: NoteSigner, clock: Callable[[], datetime], software: str) -> None:
        self._store: Final = store
        super().__init__()
        self.writer = Writer(store, signer, clock, software)

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:  # noqa: ARG002 - nothing is taken in
        """The environment is the open store and nothing else: no variable can swap the recorder."""
        return LedgerEnvironment(name, self._store)

    def follow(
        self,
        tags: Sequence[str] = (),
        kinds: Sequence[str] = (),
        *,
        after: int | None = None,
    ) -> DCBSubscription[DCBRecorder]:
        """A subscription to events with all of the tags and any of the kinds (none given: every event)."""
        item = DCBQueryItem(types=list(kinds), tags=list(tags))
        query = DCBQuery(items=[item]) if tags or kinds else None
        return self.recorder.subscribe(query, after=after)
