"""Destroying what an erasure in the log names: the event comes first, so that nobody is erased without a signature.

Whoever posts the voucher has it done, at the desk or over the network. Where that was cut short, handing in the same
voucher again finishes it, and so does `identity erase`.
"""

from collections.abc import Iterable
from typing import Final

from ledger.application.outcomes import Receipt
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.values.dates import timestamp_text
from ledger_api.books import Book

ERASED: Final = "identity.erased"
_MARK: Final = ERASED.encode()


def finish_erasures(book: Book, receipt: Receipt, events: Iterable[bytes], actor: str) -> None:
    """Destroy what the events of a voucher that is now posted say is erased, and those of what it released."""
    for data in events:
        if _MARK in data:
            event = read_event(data)
            if event.kind == ERASED:
                destroy(book, str(getattr(event, "identity")), actor)  # noqa: B009 - the union's field, not every event's
    for one in receipt.released:
        if isinstance(one, Receipt):
            last = one.first_position + one.count - 1
            with book.store.read() as connection:
                said = [bytes(row.data) for row in reading.events_between(connection, one.first_position, last)]
            finish_erasures(book, one, said, actor)


def erases(receipt: Receipt, events: Iterable[bytes]) -> bool:
    """Whether a posted voucher may have somebody erased; cheap, for every one is asked."""
    return bool(receipt.released) or any(_MARK in data for data in events)


def destroy(book: Book, reference: str, actor: str) -> None:
    """Row and keys of a person; then SQLite's write-ahead file is emptied, for it still holds the old pages."""
    now = timestamp_text(book.clock())
    with book.store.write() as connection:
        book.vault.erase(connection, reference, actor, now)
    book.vault.destroy(reference)
    if book.store.engine.dialect.name == "sqlite":
        raw = book.store.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def erased_before(book: Book, reference: str) -> bool:
    """Whether the log already says so: then only the destruction is repeated, which harms nobody."""
    with book.store.read() as connection:
        return bool(reading.tag_positions(connection, f"identity:{reference}", (ERASED,), limit=1))
