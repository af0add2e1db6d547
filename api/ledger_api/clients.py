"""A person at this machine before an open book: the key, and the checkpoint that this person's client last verified.

The checkpoint is kept outside the book, never goes back, and every receipt is verified before it is believed
(`knowing`). A book that was rewritten, cut back or exchanged is thereby noticed before the next signature.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ledger.application.drafting import Signer
from ledger.application.outcomes import Receipt
from ledger.errors import BusyError, EvidenceError
from ledger.log import reading
from ledger.log.store import LogStore
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.keys import SigningKey
from ledger.signing.statements import Seen
from ledger.signing.vkeys import parse_vkey
from ledger_api.knowing import Known, KnownFile, require_extends, require_proven
from ledger_api.rotations import StoredLog, follow, signer_of


class Client:
    """One officer with a key, in front of one book."""

    def __init__(self, store: LogStore, origin: str, officer: str, key: SigningKey, folder: Path | None = None) -> None:
        self._store = store
        self._origin = origin
        self.officer = officer
        self._key = key
        self._file = KnownFile(origin, officer, folder)

    def signer(self, vkey: str) -> Signer:
        """The signer, pinned to the newest checkpoint, which is verified first.

        Raises EvidenceError E_FORK when the log is not an extension of what this client saw, E_OPERATOR_CHANGED when
        the operator's key is another than the one that this client pinned and the log does not prove the change,
        BusyError E_REPLICA_BEHIND where the book is read from a replica that has not come to it yet.
        """
        checkpoint = self.refresh(vkey)
        seen = None if checkpoint is None else Seen(checkpoint.size, checkpoint.root)
        return Signer(self.officer, self._key, self._origin, seen)

    def refresh(self, vkey: str) -> Checkpoint | None:
        """Verify the newest checkpoint against the one that is known, and keep it; None for an empty log."""
        replica = self._store.is_replica
        with self._store.read() as connection:
            newest, known = reading.checkpoint(connection), self.known()
            if replica and known is not None:
                self._require_caught_up(0 if newest is None else newest.size, known)
            if newest is None:
                self._require_nothing_known()
                return None
            if known == Known(vkey, newest.note):  # verified when it was kept, and the log has not grown since
                return open_checkpoint(newest.note, None)
            now = open_checkpoint(newest.note, signer_of(connection, newest.size, vkey))
            if known is not None:
                # What was kept was verified when it was kept; the key that signed it may be another than today's.
                was = open_checkpoint(known.note, None)
                if known.vkey != vkey:
                    was = follow(connection, was, known.vkey, vkey, self.officer)
                require_extends(StoredLog(connection), was, now, self.officer)
        self._file.keep(Known(vkey, newest.note))
        return now

    def believe(self, receipt: Receipt, vkey: str) -> Checkpoint:
        """Verify a receipt: the leaf is at its number under a checkpoint of the operator; then keep the checkpoint."""
        checkpoint = open_checkpoint(receipt.checkpoint, parse_vkey(vkey))
        require_proven(receipt, checkpoint)
        self.refresh(vkey)
        return checkpoint

    def known(self) -> Known | None:
        """What this client kept, or None when it meets the log for the first time."""
        return self._file.read()

    @staticmethod
    def _require_caught_up(size: int, known: Known) -> None:
        """A replica may be behind what its primary has shown this client: that is no other history."""
        if (wanted := open_checkpoint(known.note, None).size) > size:
            raise BusyError("E_REPLICA_BEHIND", size=size, known=wanted)

    def _require_nothing_known(self) -> None:
        known = self.known()
        if known is not None:
            raise EvidenceError("E_FORK", officer=self.officer, size=open_checkpoint(known.note, None).size)


def moment(clock: Callable[[], datetime]) -> datetime:
    """The clock's time, cut to whole seconds as statements spell it."""
    return clock().replace(microsecond=0)
