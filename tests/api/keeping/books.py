"""A book on either database, and what is compared between its copies."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ledger.log.keeping.copying import TableDigest, digests
from ledger_api.books import Book
from tests.api.county import MAKER, Office, gift, voucher

NOW = "2025-10-01T09:00:00+08:00"


def give(office: Office, number: str, *, code: int = 0) -> Any:
    """One more gift, signed by the accountant."""
    return office.submit(voucher("charity", gift(number, 1_000)), officer=MAKER, code=code)


def refused(office: Office, number: str) -> str:
    """The code with which one more gift is refused."""
    return str(give(office, number, code=2)["error"]["code"])


def said(directory: Path) -> dict[str, TableDigest]:
    """Every table of the book in a directory."""
    with Book.open(directory) as book, book.store.read() as connection:
        return digests(connection)


def note(office: Office, file: Path) -> Path:
    """The newest checkpoint, kept outside the book."""
    file.write_text(office.asked("checkpoint")["note"], encoding="utf-8")
    return file


def altered(database: Path, statement: str) -> None:
    """Alter a database as only its owner can."""
    with closing(sqlite3.connect(database)) as there:
        for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            there.execute(f'DROP TRIGGER "{name}"')
        assert there.execute(statement).rowcount > 0
        there.commit()
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
