"""Leaving a restored copy behind whose last vouchers are lost: a new book begins, and names where it came from.

The old name is never continued: whoever has seen the lost vouchers would see a second history. So the copy is closed
for good first, and says under which name the work goes on; then the new book's first event names the copy's newest
checkpoint. Broken off in between, it is done again under the same name.
"""

from typing import Any

from ledger.errors import EvidenceError, InputError
from ledger.log import reading
from ledger.log.keeping.copying import recomputed
from ledger.log.keeping.life import FORKED, RESTORED, closed_for_good, enter, newest
from ledger.signing.checkpoints import open_checkpoint
from ledger.signing.digests import digest_text
from ledger.values.dates import timestamp_text
from ledger_api.books import Book
from ledger_api.clients import moment
from ledger_api.keeping.operator import published_key
from ledger_api.keeping.restoring import not_restored
from ledger_api.rotations import signer_of


def leave(copy: Book, origin: str) -> dict[str, Any]:
    """Close a restored copy for good in favour of a book named `origin`; the `came_from` of that book's first event.

    Raises InputError E_NOT_RESTORED (a book that takes vouchers, or was left for another name, is not left) and
    E_FORK_ORIGIN_SAME, EvidenceError E_HEAD_ROOT when the newest checkpoint is not over what the copy holds.
    """
    key = published_key(copy.store)
    if origin == key.name:
        raise InputError("E_FORK_ORIGIN_SAME", origin=origin)
    with copy.store.write(beside=True) as connection:
        life = closed_for_good(connection) or newest(connection)
        again = life.state == FORKED and life.detail.get("where") == origin
        if life.state != RESTORED and not again:
            raise not_restored(life, "copy_to_restore")
        proven, last = recomputed(connection), reading.checkpoint(connection)
        if last is None:
            raise EvidenceError("E_HEAD_ROOT", number=proven.size)
        signed = open_checkpoint(last.note, signer_of(connection, last.size, key.vkey))
        if (signed.size, signed.root) != (proven.size, proven.root):
            raise EvidenceError("E_HEAD_ROOT", number=proven.size)
        if not again:
            enter(connection, FORKED, timestamp_text(moment(copy.clock)), where=origin)
    return {
        "origin": key.name,
        "operator_key": key.public.text,
        "size": proven.size,
        "root": digest_text(proven.root),
    }
