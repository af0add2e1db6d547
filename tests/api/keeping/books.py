"""A book on either database, and what is compared between its copies."""

from pathlib import Path
from typing import Any

from ledger.log.keeping.copying import TableDigest, digests
from ledger_api.books import Book
from tests.api.county import MAKER, Office, gift, voucher


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
