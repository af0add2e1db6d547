"""The log of an open book as its clients see it, and the keys that its operator signed with, one after the other."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from ledger.errors import EvidenceError
from ledger.flows.authority.book import BOOK_TAG, OperatorKeyRotated
from ledger.flows.registry import read_event
from ledger.log import reading
from ledger.log.proofs import log_consistency, log_root, voucher_inclusion
from ledger.signing.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from ledger.signing.keys import PublicKey
from ledger.signing.notes import parse_note
from ledger.signing.vkeys import ED25519, NoteSigner, NoteVerifier, parse_vkey
from ledger_api.knowing import Rotation, steps


class StoredLog:
    """The log that a connection sees."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        """The path of RFC 6962 from the tree table."""
        return log_consistency(self._connection, old, new)

    def rotations(self) -> Iterator[Rotation]:
        """Every change that the log records, in order."""
        for number, event in _changes(self._connection):
            voucher, stored = reading.voucher_by_number(self._connection, number), self._note(number)
            if voucher is None:
                raise EvidenceError("E_LOG_GAP", what="number", expected=number, found=None)
            rows = reading.events_between(self._connection, voucher.first_position, voucher.last_position)
            path = voucher_inclusion(self._connection, number, number) if stored else ()
            data = [bytes(row.data) for row in rows]
            yield Rotation(number, event.previous, event.operator_key, stored, bytes(voucher.leaf), path, data)

    def _note(self, size: int) -> str:
        """The note over so many vouchers; '' for none. The old key's last checkpoint ends exactly with the change."""
        stored = reading.checkpoint(self._connection, size)
        return "" if stored is None else stored.note


def _changes(connection: Connection) -> Iterator[tuple[int, OperatorKeyRotated]]:
    for position in reading.tag_positions(connection, BOOK_TAG, ("operator_key.rotated",)):
        row = reading.event_at(connection, position)
        event = None if row is None else read_event(bytes(row.data))
        if row is not None and isinstance(event, OperatorKeyRotated):
            yield row.voucher_number, event


def follow(connection: Connection, was: Checkpoint, known: str, now: str, officer: str) -> Checkpoint:
    """Go from a checkpoint under the known key to the last one before `now` signs; EvidenceError E_OPERATOR_CHANGED
    when the log holds no proven way from the one vkey to the other, E_FORK when it does not extend `was`.
    """
    was, reached = [(was, known), *steps(StoredLog(connection), was, known, officer)][-1]
    if reached != now:
        raise EvidenceError("E_OPERATOR_CHANGED", known=known, now=now)
    return was


def signer_of(connection: Connection, size: int, now: str) -> NoteVerifier:
    """Whose signature the checkpoint over `size` vouchers bears, where `now` is the operator's key of today: the
    voucher that names a key is itself still covered by the key before it.
    """
    verifier = parse_vkey(now)
    for number, event in reversed(list(_changes(connection))):
        if event.operator_key == verifier.public.text and size <= number:
            verifier = NoteVerifier(verifier.name, ED25519, PublicKey.parse(event.previous))
    return verifier


def with_todays_line(connection: Connection, note: str, operator: NoteSigner) -> str:
    """The newest note, and where it is the last word of the key before, over the very voucher that names `operator`,
    that key's own line under it: whoever was given only the new key can check it before anything else is posted.
    Nothing is added to a note that the key before did not sign, or whose root is not the log's.
    """
    parsed = parse_note(note.encode())
    own = (operator.name, operator.key_id)
    if any((line.name, line.key_id) == own for line in parsed.signatures):
        return note
    told, key = parse_checkpoint(parsed.text), operator.key.public.text
    previous = [e.previous for number, e in _changes(connection) if (number, e.operator_key) == (told.size, key)]
    try:
        for one in previous:
            open_checkpoint(note, NoteVerifier(operator.name, ED25519, PublicKey.parse(one)))
    except EvidenceError:
        return note
    if not previous or log_root(connection, told.size) != told.root:
        return note
    return note + sign_checkpoint(told, operator).rpartition("\n\n")[2]
