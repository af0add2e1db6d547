"""What a client knows of a log, kept outside every book, and how a log must answer it before anything else is believed.

The newest verified checkpoint of each log stands in `$XDG_STATE_HOME/charity-ledger` and never goes back. Whether the
log is a database on this machine or a server is all the same here: it is a `LogView`, and nothing that it says is taken
on its word.
"""

import os
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import orjson

from ledger.application.outcomes import Receipt
from ledger.errors import EvidenceError, LedgerError
from ledger.flows.authority.book import OperatorKeyRotated
from ledger.flows.registry import read_event
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.digests import sha256
from ledger.signing.keys import PublicKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash, root_over, verify_consistency, verify_inclusion
from ledger.signing.proofs import LogProof
from ledger.signing.statements import Statement
from ledger.signing.vkeys import ED25519, NoteVerifier, parse_vkey

FOLDER: Final = "charity-ledger"
_LONG_BYTES: Final = 64 * 1024


def state_folder() -> Path:
    """Where clients keep what they verified: `$XDG_STATE_HOME/charity-ledger`, by default below `~/.local/state`."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / FOLDER


@dataclass(frozen=True, slots=True)
class Known:
    """What a client knows of a log: the operator's published key and the newest verified checkpoint note."""

    vkey: str
    note: str


class KnownFile:
    """The file in which one person's client keeps what it knows of one log: a line of JSON each time, the last counts.

    A line is added in one write, which costs a hundredth of moving a new file over the old one; a crash leaves it half
    at the worst, and half a line is not there. What has become long is written anew with one line.
    """

    def __init__(self, origin: str, officer: str, folder: Path | None = None) -> None:
        name = sha256(f"{origin}\n{officer}".encode()).hex()[:32]
        self.path: Final = (folder or state_folder()) / f"{name}.json"

    def read(self) -> Known | None:
        """What was kept, or None when the client meets the log for the first time."""
        try:
            first, *later = self.path.read_bytes().splitlines() or [b""]
        except FileNotFoundError:
            return None
        for line in reversed(later):
            with suppress(orjson.JSONDecodeError):
                return _known(line)
        return _known(first)

    def keep(self, known: Known) -> None:
        """Say what is known from now on."""
        told = {"vkey": known.vkey, "note": known.note}
        if not self._add(orjson.dumps(told) + b"\n"):
            write_whole(self.path, told, b"\n")

    def _add(self, line: bytes) -> bool:
        """Whether a line could be added: the file is there, ends with a whole line, and is not long yet."""
        try:
            file = os.open(self.path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            return False
        try:
            end = os.fstat(file).st_size
            fits = 0 < end <= _LONG_BYTES and os.pread(file, 1, end - 1) == b"\n"
            return fits and os.write(file, line) == len(line)
        finally:
            os.close(file)


def _known(line: bytes) -> Known:
    found = orjson.loads(line)
    return Known(found["vkey"], found["note"])


def write_whole(path: Path, value: object, end: bytes = b"") -> None:
    """JSON written beside and moved over, so that a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
    beside.write_bytes(orjson.dumps(value) + end)
    beside.replace(path)


def remembered(origin: str, officer: str) -> Known | None:
    """What this machine remembers of a log as an officer, without opening any book."""
    return KnownFile(origin, officer).read()


def forget(origin: str, officers: Iterable[str]) -> None:
    """Drop what this machine remembers of a log as these officers: for books that are made to be thrown away."""
    for officer in officers:
        KnownFile(origin, officer).path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A change of the operator's key, and what proves it: the note over the voucher that records it, signed by the key
    before, the voucher's leaf with its path, and its events. `note` is empty where no such checkpoint was kept.
    """

    number: int
    previous: str
    operator_key: str
    note: str
    leaf: bytes
    path: Sequence[bytes]
    events: Sequence[bytes]


class LogView(Protocol):
    """A log as it shows itself, unproven."""

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        """The path that should prove the log of `old` vouchers to be a prefix of the log of `new`."""

    def rotations(self) -> Iterable[Rotation]:
        """Every change of the operator's key that the log records, in order."""


def require_extends(view: LogView, was: Checkpoint, now: Checkpoint, officer: str) -> None:
    """EvidenceError E_FORK unless the log of `now` begins with the log of `was`, and the log proves it."""
    if was.origin != now.origin or was.size > now.size:
        raise EvidenceError("E_FORK", officer=officer, size=was.size)
    if (was.size, was.root) == (now.size, now.root) or was.size == 0:
        return
    path = () if was.size == now.size else view.consistency(was.size, now.size)
    if not verify_consistency(was.size, now.size, was.root, now.root, path):
        raise EvidenceError("E_FORK", officer=officer, size=was.size)


def steps(view: LogView, was: Checkpoint, known: str, officer: str) -> Iterable[tuple[Checkpoint, str]]:
    """From a checkpoint under a known vkey to each later one whose voucher names the next key: that checkpoint, and the
    next vkey. It ends where the log proves no further change; EvidenceError E_FORK when it does not extend `was`.

    A client trusts the key it knows. That key signs the checkpoint over the voucher that names its successor; from
    there on the successor is the key it knows. Nothing else makes a client believe a new key.
    """
    verifier = parse_vkey(known)
    for rotation in view.rotations():
        if rotation.previous != verifier.public.text:
            continue
        try:
            reached = open_checkpoint(rotation.note, verifier)
        except LedgerError:
            return
        require_extends(view, was, reached, officer)
        if not _holds(rotation, reached):
            return
        was, verifier = reached, NoteVerifier(verifier.name, ED25519, PublicKey.parse(rotation.operator_key))
        yield was, verifier.vkey


def _holds(rotation: Rotation, under: Checkpoint) -> bool:
    """Whether the voucher that records a change is proven under a checkpoint, down to the event's own bytes."""
    try:
        stated = Statement.from_bytes(Leaf.from_bytes(rotation.leaf).envelope.payload).events
        named = [e for e in map(read_event, rotation.events) if isinstance(e, OperatorKeyRotated)]
    except LedgerError:
        return False
    proven = verify_inclusion(leaf_hash(rotation.leaf), rotation.number - 1, under.size, rotation.path, under.root)
    whole = stated.root == root_over(rotation.events)
    return (
        proven and whole and (rotation.previous, rotation.operator_key) in {(e.previous, e.operator_key) for e in named}
    )


def keep_receipt(receipt: Receipt, origin: str, folder: Path | None = None) -> Path:
    """Keep a proven receipt in a file of its own: what the operator acknowledged cannot be denied later.

    It holds `leaf` (base64) and `log_proof`, which proves the leaf offline (c2sp.org/tlog-proof@v1).
    """
    proof = LogProof(receipt.number - 1, tuple(receipt.path), receipt.checkpoint)
    place = (folder or state_folder()) / "receipts" / sha256(origin.encode()).hex()[:16] / f"{receipt.voucher}.json"
    write_whole(place, {"leaf": base64_text.encode(receipt.leaf), "log_proof": proof.text()})
    return place


def require_proven(receipt: Receipt, under: Checkpoint) -> Leaf:
    """EvidenceError E_RECEIPT unless the receipt's leaf stands at its number under the checkpoint and says what the
    receipt says of itself.
    """
    leaf = Leaf.from_bytes(receipt.leaf)
    stated = Statement.from_bytes(leaf.envelope.payload)
    proven = verify_inclusion(leaf_hash(receipt.leaf), receipt.number - 1, under.size, receipt.path, under.root)
    placed = (leaf.number, leaf.first_position, leaf.posted_at) == (
        receipt.number,
        receipt.first_position,
        receipt.posted_at,
    )
    same = (stated.voucher, stated.ledger, stated.events.count) == (receipt.voucher, under.origin, receipt.count)
    if not (proven and placed and same and leaf.voucher_no == receipt.voucher_no):
        raise EvidenceError("E_RECEIPT", voucher=receipt.voucher, number=receipt.number)
    return leaf
