"""Following the operator from one key to the next: each change must stand in the log that the old key vouched for.

A client trusts the key it knows. That key signs the checkpoint over the voucher that names its successor; from there on
the successor is the key it knows. Nothing else makes a client believe a new key.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.errors import EvidenceError
from ledger.flows.authority.book import BOOK_TAG, OperatorKeyRotated
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.log.proofs import log_consistency, voucher_inclusion
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.keys import PublicKey
from ledger.signing.leaves import Leaf
from ledger.signing.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from ledger.signing.statements import Statement
from ledger.signing.vkeys import ED25519, NoteVerifier, parse_vkey


@dataclass(frozen=True, slots=True)
class Rotation:
    """A change of the operator's key, recorded in a voucher."""

    number: int
    previous: str
    operator_key: str


def rotations(connection: Connection) -> Iterator[Rotation]:
    """Every change that the log records, in order."""
    for position in reading.tag_positions(connection, BOOK_TAG, ("operator_key.rotated",)):
        row = reading.event_at(connection, position)
        event = None if row is None else read_event(bytes(row.data))
        if row is not None and isinstance(event, OperatorKeyRotated):
            yield Rotation(row.voucher_number, event.previous, event.operator_key)


def follow(connection: Connection, was: Checkpoint, known: str, now: str) -> Checkpoint:
    """Go from a checkpoint under the known key to the last one before `now` signs; EvidenceError E_OPERATOR_CHANGED
    when the log holds no proven way from the one vkey to the other, E_FORK when it does not extend `was`.
    """
    verifier = parse_vkey(known)
    for rotation in rotations(connection):
        if rotation.previous != verifier.public.text:
            continue
        stored = reading.checkpoint(connection, rotation.number)
        if stored is None:
            break
        reached = open_checkpoint(stored.note, verifier)
        path = log_consistency(connection, was.size, reached.size) if was.size <= reached.size else []
        if not verify_consistency(was.size, reached.size, was.root, reached.root, path):
            raise EvidenceError("E_FORK", officer="", size=was.size)
        if not _holds(connection, rotation, reached):
            break
        was, verifier = reached, _named(verifier, rotation.operator_key)
    if verifier.vkey != now:
        raise EvidenceError("E_OPERATOR_CHANGED", known=known, now=now)
    return was


def signer_of(connection: Connection, size: int, now: str) -> NoteVerifier:
    """Whose signature the checkpoint over `size` vouchers bears, where `now` is the operator's key of today: the
    voucher that names a key is itself still covered by the key before it.
    """
    verifier = parse_vkey(now)
    for rotation in reversed(list(rotations(connection))):
        if rotation.operator_key == verifier.public.text and size <= rotation.number:
            verifier = _named(verifier, rotation.previous)
    return verifier


def _named(verifier: NoteVerifier, key: str) -> NoteVerifier:
    return NoteVerifier(verifier.name, ED25519, PublicKey.parse(key))


def _holds(connection: Connection, rotation: Rotation, under: Checkpoint) -> bool:
    """Whether the voucher that records a change is proven under a checkpoint, down to the event's own bytes."""
    voucher = reading.voucher_by_number(connection, rotation.number)
    if voucher is None:
        return False
    path = voucher_inclusion(connection, rotation.number, under.size)
    rows = reading.events_between(connection, voucher.first_position, voucher.last_position)
    data = [bytes(row.data) for row in rows]
    statement = Statement.from_bytes(Leaf.from_bytes(voucher.leaf).envelope.payload)
    named = {(e.previous, e.operator_key) for e in map(read_event, data) if isinstance(e, OperatorKeyRotated)}
    return (
        verify_inclusion(leaf_hash(voucher.leaf), rotation.number - 1, under.size, path, under.root)
        and statement.events.root == root_of([leaf_hash(item) for item in data])
        and (rotation.previous, rotation.operator_key) in named
    )
