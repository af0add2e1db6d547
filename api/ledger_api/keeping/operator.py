"""The operator's key as the log names it: what signatures of the house are checked with, without any passphrase; and
the file of the key that a rotation names, taken into use once the log says so.
"""

from pathlib import Path

from ledger.application import waiting
from ledger.application.state import State
from ledger.errors import EvidenceError, NotFoundError
from ledger.flows.authority.book import OperatorKeyRotated
from ledger.flows.registry import read_event
from ledger.log.store import LogStore
from ledger.signing.keyfile import read_key_file
from ledger.signing.keys import PublicKey
from ledger.signing.vkeys import ED25519, NoteVerifier
from ledger_api.books import Book, change_settings, key_file_of


def published_key(store: LogStore) -> NoteVerifier:
    """The operator's public key of today, under the log's origin. Raises EvidenceError E_BOOK_NOT_OPENED."""
    state = State()
    with store.read() as connection:
        state.catch_up(connection)
    found = state.authority
    if found.origin is None or found.operator_key is None:
        raise EvidenceError("E_BOOK_NOT_OPENED")
    return NoteVerifier(found.origin, ED25519, PublicKey.parse(found.operator_key))


def rotation_file(directory: Path, key: PublicKey) -> Path:
    """Where a new operator's key is kept until the log names it, and afterwards."""
    return directory / f"operator-{key.keyid}.clkey"


def rotation_files(directory: Path) -> list[Path]:
    """All files of that kind in a book's directory, or in a backup of it."""
    return sorted(directory.glob("operator-*.clkey"))


def keys_to_come(store: LogStore) -> list[PublicKey]:
    """The keys that rotations name which wait and can still be posted: those that give up the key of today."""
    with store.read() as connection:
        waits = [data for one in waiting.all_waiting(connection) for data in one.submission.events]
    if not waits:
        return []
    named = published_key(store).public.text
    changes = [event for event in map(read_event, waits) if isinstance(event, OperatorKeyRotated)]
    return [PublicKey.parse(event.operator_key) for event in changes if event.previous == named]


def install(book: Book, passphrase: str, passphrase_file: Path | None = None) -> NoteVerifier:
    """Take the key that the log names into use: its file is found in the book's directory, opened once, and named in
    `book.toml` (with another passphrase file, if one is given). Raises NotFoundError E_OPERATOR_KEY_FILE, E_PASSPHRASE.
    """
    named = published_key(book.store)
    file = key_file_of(book.settings, named.public)
    if file is None:
        raise NotFoundError("E_OPERATOR_KEY_FILE", directory=str(book.settings.directory), keyid=named.public.keyid)
    read_key_file(file, passphrase)
    more = {} if passphrase_file is None else {"operator_passphrase_file": str(passphrase_file.resolve())}
    change_settings(book.settings.directory, {"operator_key": file.name, **more})
    return named
