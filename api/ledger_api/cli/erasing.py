"""Destroying what an erasure in the log names: the event comes first, so that nobody is erased without a signature."""

from collections.abc import Iterable
from typing import Final

from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.values.dates import timestamp_text
from ledger_api.cli.desk import Session

ERASED: Final = "identity.erased"


def finish_erasures(session: Session, events: Iterable[bytes]) -> None:
    """Destroy what the events of a voucher that is now posted say is erased."""
    marker = ERASED.encode()
    for data in events:
        if marker in data:
            event = read_event(data)
            if event.kind == ERASED:
                destroy(session, str(getattr(event, "identity")))  # noqa: B009 - the union's field, not every event's


def destroy(session: Session, reference: str) -> None:
    """Row and keys of a person; then SQLite's write-ahead file is emptied, for it still holds the old pages."""
    now = timestamp_text(session.now())
    store = session.book.store
    with store.write() as connection:
        session.book.vault.erase(connection, reference, session.officer, now)
    session.book.vault.destroy(reference)
    if store.engine.dialect.name == "sqlite":
        raw = store.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def erased_before(session: Session, reference: str) -> bool:
    """Whether the log already says so: then only the destruction is repeated, which harms nobody."""
    with session.book.store.read() as connection:
        return bool(reading.tag_positions(connection, f"identity:{reference}", (ERASED,), limit=1))
