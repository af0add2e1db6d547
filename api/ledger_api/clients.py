"""A person at this machine: the key, and the checkpoint that this person's client last verified.

The checkpoint is kept outside the book (`$XDG_STATE_HOME/charity-ledger`), never goes back, and every receipt is
verified before it is believed. A book that was rewritten, cut back or exchanged is thereby noticed before the next
signature.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from ledger.application.drafting import Signer
from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError
from ledger.log import reading
from ledger.log.proofs import log_consistency
from ledger.log.store import LogStore
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.digests import sha256
from ledger.signing.keys import SigningKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.signing.statements import Seen, Statement
from ledger.signing.vkeys import parse_vkey
from ledger_api.rotations import follow, signer_of

FOLDER: Final = "charity-ledger"


def state_folder() -> Path:
    """Where clients keep what they verified: `$XDG_STATE_HOME/charity-ledger`, by default below `~/.local/state`."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / FOLDER


@dataclass(frozen=True, slots=True)
class Known:
    """What a client knows of a log: the operator's published key and the newest verified checkpoint note."""

    vkey: str
    note: str


def remembered(origin: str, officer: str) -> Known | None:
    """What this machine remembers of a log as an officer, without opening any book."""
    return _kept(_file_of(origin, officer, None))


def _file_of(origin: str, officer: str, folder: Path | None) -> Path:
    name = sha256(f"{origin}\n{officer}".encode()).hex()[:32]
    return (folder or state_folder()) / f"{name}.json"


def forget(origin: str, officers: Iterable[str]) -> None:
    """Drop what this machine remembers of a log as these officers: for books that are made to be thrown away."""
    for officer in officers:
        _file_of(origin, officer, None).unlink(missing_ok=True)


def _kept(file: Path) -> Known | None:
    if not file.exists():
        return None
    found = orjson.loads(file.read_bytes())
    return Known(found["vkey"], found["note"])


class Client:
    """One officer with a key, in front of one book."""

    def __init__(self, store: LogStore, origin: str, officer: str, key: SigningKey, folder: Path | None = None) -> None:
        self._store = store
        self._origin = origin
        self.officer = officer
        self._key = key
        self._file = _file_of(origin, officer, folder)

    def signer(self, vkey: str) -> Signer:
        """The signer, pinned to the newest checkpoint, which is verified first.

        Raises EvidenceError E_FORK when the log is not an extension of what this client saw, E_OPERATOR_CHANGED when
        the operator's key is another than the one that this client pinned and the log does not prove the change.
        """
        checkpoint = self.refresh(vkey)
        seen = None if checkpoint is None else Seen(checkpoint.size, checkpoint.root)
        return Signer(self.officer, self._key, self._origin, seen)

    def refresh(self, vkey: str) -> Checkpoint | None:
        """Verify the newest checkpoint against the one that is known, and keep it; None for an empty log."""
        with self._store.read() as connection:
            newest = reading.checkpoint(connection)
            if newest is None:
                self._require_nothing_known()
                return None
            known = self.known()
            now = open_checkpoint(newest.note, signer_of(connection, newest.size, vkey))
            if known is not None:
                # What was kept was verified when it was kept; the key that signed it may be another than today's.
                was = open_checkpoint(known.note, None)
                if known.vkey != vkey:
                    was = follow(connection, was, known.vkey, vkey)
                _require_extends(was, now, lambda: log_consistency(connection, was.size, now.size))
        self._keep(Known(vkey, newest.note))
        return now

    def believe(self, receipt: Receipt, vkey: str) -> Checkpoint:
        """Verify a receipt: the leaf is at its number under a checkpoint of the operator; then keep the checkpoint."""
        checkpoint = open_checkpoint(receipt.checkpoint, parse_vkey(vkey))
        leaf = Leaf.from_bytes(receipt.leaf)
        index = receipt.number - 1
        proven = verify_inclusion(leaf_hash(receipt.leaf), index, checkpoint.size, receipt.path, checkpoint.root)
        stated = Statement.from_bytes(leaf.envelope.payload)
        placed = (leaf.number, leaf.first_position) == (receipt.number, receipt.first_position)
        if not proven or not placed or stated.voucher != receipt.voucher:
            raise EvidenceError("E_RECEIPT", voucher=receipt.voucher, number=receipt.number)
        self.refresh(vkey)
        return checkpoint

    def known(self) -> Known | None:
        """What this client kept, or None when it meets the log for the first time."""
        return _kept(self._file)

    def _require_nothing_known(self) -> None:
        known = self.known()
        if known is not None:
            raise EvidenceError("E_FORK", officer=self.officer, size=open_checkpoint(known.note, None).size)

    def _keep(self, known: Known) -> None:
        """Written beside and moved over, so that a crash leaves the old checkpoint or the new one."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._file.with_suffix(f".{os.getpid()}.tmp")
        beside.write_bytes(orjson.dumps({"vkey": known.vkey, "note": known.note}))
        beside.replace(self._file)


def _require_extends(was: Checkpoint, now: Checkpoint, path: Callable[[], list[bytes]]) -> None:
    """E_FORK unless the log of `now` begins with the log of `was`."""
    extends = was.size <= now.size and verify_consistency(was.size, now.size, was.root, now.root, path())
    if was.origin != now.origin or not extends:
        raise EvidenceError("E_FORK", officer="", size=was.size)


def moment(clock: Callable[[], datetime]) -> datetime:
    """The clock's time, cut to whole seconds as statements spell it."""
    return clock().replace(microsecond=0)
