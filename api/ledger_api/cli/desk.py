"""What every command has at hand: which book, whose key, in which language, for a person or for a program."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

import typer

from ledger.application.drafting import Signer
from ledger.application.outcomes import Receipt
from ledger.application.state import State
from ledger.application.writer import Writer
from ledger.decisions.histories import recorded
from ledger.errors import AuthorityError, InputError
from ledger.flows.knowledge import Need, Recorded
from ledger.log import reading
from ledger.log.keeping.life import require_open
from ledger.signing.keyfile import key_file_bytes, open_key
from ledger.signing.keys import SigningKey
from ledger.signing.vkeys import NoteSigner
from ledger.values.dates import parse_day, timestamp_text
from ledger_api import books
from ledger_api.books import Book, read_passphrase
from ledger_api.clients import Client, moment

LANGUAGES: Final = ("zh", "en")
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(wanted: str | None) -> str:
    """`zh` unless `--lang en`, or a locale that begins with `en`, asks for English."""
    if wanted is None:
        locale = next((os.environ[name] for name in _LOCALE if os.environ.get(name)), "")
        return "en" if locale.lower().startswith("en") else "zh"
    return wanted if wanted in LANGUAGES else "zh"


@dataclass(frozen=True, slots=True)
class Desk:
    """The shared options of one command."""

    directory: Path | None
    key_file: Path | None
    passphrase_file: Path | None
    as_json: bool
    language: str

    @classmethod
    def of(
        cls, *, book: Path | None, key: Path | None, passphrase_file: Path | None, as_json: bool, lang: str | None
    ) -> "Desk":
        """From the options as they were given."""
        return cls(book, key, passphrase_file, as_json, language_of(lang))

    def text(self, zh: str, en: str) -> str:
        """The one of two wordings that the person reads."""
        return en if self.language == "en" else zh

    def where(self) -> Path:
        """The book's directory; E_BOOK_OPTION when none was named."""
        if self.directory is None:
            raise InputError("E_BOOK_OPTION")
        return self.directory

    def book(self, *, verifying: bool = False) -> Book:
        """The open book; close it, or use it as a context manager."""
        return Book.open(self.where(), books.system_clock, verifying=verifying)

    def key(self) -> SigningKey:
        """The signer's key, opened; E_KEY_OPTION when none was named."""
        if self.key_file is None:
            raise InputError("E_KEY_OPTION")
        return open_named_key(self, self.key_file, self.passphrase_file)

    @contextmanager
    def session(self) -> Iterator["Session"]:
        """The open book with its writer and the person who signs."""
        key = self.key()
        with self.book() as book:
            yield Session(self, book, key)


def open_named_key(desk: Desk, file: Path, passphrase_file: Path | None) -> SigningKey:
    """A key file, opened with the passphrase of a file or of the terminal."""
    data = key_file_bytes(file)
    return open_key(data, passphrase(desk, str(file), passphrase_file))


def passphrase(desk: Desk, what: str, file: Path | None, *, fresh: bool = False) -> str:
    """From a file, else asked for (twice when `fresh`); E_PASSPHRASE_NEEDED where nobody can be asked."""
    if file is not None:
        return read_passphrase(file)
    if not sys.stdin.isatty():
        raise InputError("E_PASSPHRASE_NEEDED", file=what)
    label = desk.text(f"{what} 的口令", f"Passphrase of {what}")
    return str(typer.prompt(label, hide_input=True, confirmation_prompt=fresh, err=True))


def operator_of(desk: Desk, book: Book) -> NoteSigner:
    """The operator's signer: with the passphrase file that the settings name, else asked for."""
    if book.settings.operator_passphrase_file is None and sys.stdin.isatty():
        return book.operator(passphrase(desk, str(book.settings.operator_key), None))
    return book.operator()


class Session:
    """A person with a key before an open book. The operator's key is opened when something is first posted."""

    def __init__(self, desk: Desk, book: Book, key: SigningKey) -> None:
        self.book = book
        self.keyid = key.public.keyid
        self._desk = desk
        state = State()
        with book.store.read() as connection:
            state.catch_up(connection)
        holder = state.authority.keys.get(self.keyid)
        if holder is None:
            raise AuthorityError("E_KEY_UNKNOWN", keyid=self.keyid)
        self.officer = holder.officer
        self.authority = state.authority
        self.client = Client(book.store, book.origin, holder.officer, key, book.settings.client_state)

    @cached_property
    def operator(self) -> NoteSigner:
        """The operator's signer. Where its passphrase is not at hand, a copy that takes no vouchers says so first: no
        passphrase opens it.
        """
        settings = self.book.settings
        if settings.operator_passphrase_file is None and not settings.mirror:
            with self.book.store.read() as connection:
                require_open(connection)
        return operator_of(self._desk, self.book)

    @property
    def vkey(self) -> str:
        """The operator's published key."""
        return self.operator.vkey

    @cached_property
    def writer(self) -> Writer:
        """The writer of this process."""
        return self.book.writer(self.operator)

    def signer(self) -> Signer:
        """The signer, pinned to the newest checkpoint after it was verified."""
        return self.client.signer(self.vkey)

    def believe(self, receipt: Receipt) -> None:
        """Verify a receipt before it is shown."""
        self.client.believe(receipt, self.vkey)

    def now(self) -> datetime:
        """The clock, in whole seconds."""
        return moment(self.book.clock)

    def today(self) -> date:
        """Today in China."""
        return parse_day(timestamp_text(self.now())[:10])

    def history(self, need: Need) -> Sequence[Recorded]:
        """Recorded events of a tag and kinds, in position order."""
        with self.book.store.read() as connection:
            return recorded(connection, reading.history(connection, [need])[need])
