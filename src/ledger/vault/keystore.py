"""The keys of the vault, in a SQLite file of their own that stays out of ordinary backups.

One data key a person seals that person's fields; one book key makes references and blind indexes. Destroying a
person's data key makes every copy of the sealed fields unreadable, old backups of the database included.
"""

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from nacl.bindings import crypto_generichash_blake2b_salt_personal
from nacl.utils import random

from ledger.errors import EvidenceError, InputError

KEY_BYTES: Final = 32

MISSING: Final = "missing"
DAMAGED: Final = "damaged"
OTHER: Final = "other"
"""What may be the matter with a book's keys, as E_VAULT_KEYS says it."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS book_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS data_keys (reference TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


class KeyStore:
    """Data keys by reference, and the book key. The file is readable by its owner only."""

    def __init__(self, path: Path) -> None:
        """Open the file; E_VAULT_MODE when others may read it, E_VAULT_KEYS when it is not there or holds no keys."""
        self._path = path
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InputError("E_VAULT_MODE", file=str(path))
        try:
            with self._connect() as connection:
                found = connection.execute("SELECT key FROM book_key").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise
            found = None
        if found is None:
            raise EvidenceError("E_VAULT_KEYS", file=str(path), reason=DAMAGED)
        self._book_key = bytes(found[0])

    @classmethod
    def create(cls, path: Path) -> "KeyStore":
        """Make the file with a new book key, for a book that nothing was kept in; open it when it is there."""
        if not path.exists():
            staged = path.with_name(f".{path.name}.{os.getpid()}")
            staged.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
            try:
                with closing(sqlite3.connect(staged)) as connection, connection:
                    connection.execute("PRAGMA synchronous = FULL")
                    connection.executescript(_TABLES)
                    connection.execute("INSERT INTO book_key (id, key) VALUES (1, ?)", (random(KEY_BYTES),))
                with suppress(FileExistsError):  # another process was quicker
                    os.link(staged, path)
            finally:
                staged.unlink()
        return cls(path)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection to the file as it is: keys that are gone are not made anew."""
        if not self._path.exists():
            raise EvidenceError("E_VAULT_KEYS", file=str(self._path), reason=MISSING)
        there = f"{self._path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(there, timeout=30, uri=True)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            with connection:
                yield connection

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._path

    def keyed(self, purpose: bytes, data: bytes) -> bytes:
        """BLAKE2b-256 of data under the book key; `purpose` (at most 16 bytes) keeps uses apart."""
        return crypto_generichash_blake2b_salt_personal(data, KEY_BYTES, key=self._book_key, person=purpose)

    def keys_of(self, references: Iterable[str]) -> dict[str, bytes]:
        """The data keys of those references that have one."""
        wanted = list(references)
        found: dict[str, bytes] = {}
        with self._connect() as connection:
            for start in range(0, len(wanted), 500):
                part = wanted[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT reference, key FROM data_keys WHERE reference IN ({marks})",  # noqa: S608 - only marks
                    part,
                )
                found.update({reference: bytes(key) for reference, key in rows})
        return found

    def make_keys(self, references: Iterable[str]) -> dict[str, bytes]:
        """Data keys for references, made where there is none."""
        wanted = list(dict.fromkeys(references))
        known = self.keys_of(wanted)
        fresh = {reference: random(KEY_BYTES) for reference in wanted if reference not in known}
        with self._connect() as connection:
            connection.executemany("INSERT OR IGNORE INTO data_keys (reference, key) VALUES (?, ?)", fresh.items())
        return self.keys_of(wanted) if fresh else known

    def destroy(self, reference: str) -> None:
        """Destroy a person's key for good; the freed page is overwritten."""
        with self._connect() as connection:
            connection.execute("DELETE FROM data_keys WHERE reference = ?", (reference,))
