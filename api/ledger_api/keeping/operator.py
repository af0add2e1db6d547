"""The operator's key as the log names it: what signatures of the house are checked with, without any passphrase."""

from ledger.application.state import State
from ledger.errors import EvidenceError
from ledger.log.store import LogStore
from ledger.signing.keys import PublicKey
from ledger.signing.vkeys import ED25519, NoteVerifier


def published_key(store: LogStore) -> NoteVerifier:
    """The operator's public key of today, under the log's origin. Raises EvidenceError E_BOOK_NOT_OPENED."""
    state = State()
    with store.read() as connection:
        state.catch_up(connection)
    found = state.authority
    if found.origin is None or found.operator_key is None:
        raise EvidenceError("E_BOOK_NOT_OPENED")
    return NoteVerifier(found.origin, ED25519, PublicKey.parse(found.operator_key))
