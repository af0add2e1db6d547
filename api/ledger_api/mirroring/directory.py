"""The directory of a mirror: `mirror.toml` lists the books that are followed, `books/NAME` holds the copy of each.

A copy is an ordinary book without an operator's key: every reading command takes it with `--book`.
"""

import fcntl
import json
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson

from ledger.errors import BusyError, InputError, NotFoundError
from ledger.log.store import LogStore
from ledger.signing.vkeys import parse_vkey
from ledger_api.books import SETTINGS, Book, Clock, system_clock
from ledger_api.client.wire import checked_url
from ledger_api.given_files import machine_reason
from ledger_api.knowing import write_whole

LIST: Final = "mirror.toml"
STATUS: Final = "status.json"
EVIDENCE: Final = "evidence"
LOCK: Final = "lock"
REMOVED: Final = "removed"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Followed:
    """A book that is followed: where, under which of its operator's keys, and as whom. Paths are absolute."""

    name: str
    url: str
    vkey: str
    key: str | None = None
    """The key file of the person who reads, or None for a read-only key."""
    passphrase_file: str | None = None
    read_key: str | None = None
    """The file whose first line is a read-only key."""
    certificates: str | None = None
    plain: bool = False

    @property
    def origin(self) -> str:
        """The log's origin."""
        return parse_vkey(self.vkey).name


@dataclass(frozen=True, slots=True)
class Status:
    """How the last pull of a book ended, and where its copy stands. Times as statements spell them; '' for never."""

    tried_at: str = ""
    pulled_at: str = ""
    size: int = 0
    position: int = 0
    root: str = ""
    posted_at: str = ""
    code: str = ""
    """Why the last pull failed, or what is kept against the book although it did not; '' where there is nothing."""
    params: dict[str, Any] | None = None
    holds: bool = True
    """False once evidence did not hold; a server that was only out of reach leaves it True."""
    fork: str = ""
    """The file with the evidence that speaks against the book, known by its name below `evidence`: of two histories for
    ever, of an older state or of a continuation without a proof until the log itself has settled it.
    """


class MirrorDirectory:
    """A mirror on disk."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def books(self) -> list[Followed]:
        """The books that are followed, in the order in which they were added; E_MIRROR_MISSING, E_MIRROR_SETTING."""
        file = self.path / LIST
        if not file.is_file():
            raise NotFoundError("E_MIRROR_MISSING", directory=str(self.path))
        try:
            listed = tomllib.loads(file.read_text(encoding="utf-8"))["book"]
            return [Followed(**one) for one in listed]
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise InputError("E_MIRROR_SETTING", file=str(file), reason=str(error)[:200]) from None

    def book(self, name: str) -> Followed:
        """The followed book of a name; E_MIRROR_UNKNOWN."""
        books = self.books()
        for one in books:
            if one.name == name:
                return one
        raise NotFoundError("E_MIRROR_UNKNOWN", name=name[:64], names=", ".join(one.name for one in books))

    def add(self, book: Followed) -> None:
        """Follow one more book; the first makes the directory. Raises E_MIRROR_NAME, E_MIRROR_TWICE, E_SERVER_URL,
        E_MIRROR_CALLER, E_MIRROR_PLACE, and as `parse_vkey`.
        """
        origin = book.origin
        if _NAME.fullmatch(book.name) is None:
            raise InputError("E_MIRROR_NAME", name=book.name[:64])
        _require_reachable(book)
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise InputError("E_MIRROR_PLACE", directory=str(self.path), reason=machine_reason(error)) from None
        with self._listing():
            books = self.books() if (self.path / LIST).exists() else []
            if book.name in {one.name for one in books}:
                raise InputError("E_MIRROR_NAME", name=book.name[:64])
            for one in books:
                if one.origin == origin:
                    raise InputError("E_MIRROR_TWICE", name=one.name, origin=book.origin)
            folder = self.folder(book)
            folder.mkdir(parents=True, mode=0o700)
            LogStore.create(f"sqlite:///{(folder / 'book.db').resolve()}").close()
            (folder / SETTINGS).write_text(
                _toml("[book]", {"origin": book.origin, "database": "sqlite:///book.db", "mirror": True}),
                encoding="utf-8",
            )
            self._list([*books, book])

    def change(self, name: str, **values: Any) -> Followed:
        """Reach a followed book otherwise: another address, another caller. Raises as `add`, and E_MIRROR_UNKNOWN."""
        with self._listing():
            changed = replace(self.book(name), **values)
            _require_reachable(changed)
            self._list([changed if one.name == name else one for one in self.books()])
            return changed

    def remove(self, name: str) -> Path:
        """Follow a book no longer; answers where its copy and its evidence lie now. E_MIRROR_UNKNOWN, E_MIRROR_BUSY."""
        with self._listing():
            book = self.book(name)
            place = self.path / REMOVED
            place.mkdir(exist_ok=True, mode=0o700)
            kept = next(one for number in count(1) if not (one := place / f"{name}-{number}").exists())
            with self.held(book):
                self._list([one for one in self.books() if one.name != name])
                self.folder(book).rename(kept)
            return kept.absolute()

    def _list(self, books: Sequence[Followed]) -> None:
        """Write the list down: beside it and moved over, so that it is never half."""
        text = "" if books else "book = []\n"
        for one in books:
            text += _toml(
                "[[book]]", {name: value for name, value in asdict(one).items() if value not in {None, False}}
            )
            text += "\n"
        beside = self.path / f".{LIST}.{os.getpid()}"
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path / LIST)

    @contextmanager
    def _listing(self) -> Iterator[None]:
        """Nobody else changes the list meanwhile; InputError E_MIRROR_MISSING where there is no directory."""
        try:
            descriptor = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            raise NotFoundError("E_MIRROR_MISSING", directory=str(self.path)) from None
        try:
            _lock(descriptor, str(self.path))
            yield
        finally:
            os.close(descriptor)

    def folder(self, book: Followed) -> Path:
        """Where the copy of a book lies, with its state and its evidence."""
        return self.path / "books" / book.name

    def copy(self, book: Followed, clock: Clock = system_clock) -> Book:
        """The copy, opened: close it, or use it as a context manager."""
        return Book.open(self.folder(book), clock)

    def status(self, book: Followed) -> Status:
        """How the last pull ended. InputError E_MIRROR_SETTING for a file that cannot be read: it may say that the
        evidence of a book does not hold, so that it is not passed over.
        """
        file = self.folder(book) / STATUS
        try:
            found = Status(**orjson.loads(file.read_bytes())) if file.exists() else Status()
            return replace(found, fork=str(self._evidence(book) / Path(found.fork).name)) if found.fork else found
        except (ValueError, TypeError) as error:
            raise InputError("E_MIRROR_SETTING", file=str(file), reason=str(error)[:200]) from None

    @contextmanager
    def held(self, book: Followed) -> Iterator[None]:
        """Nobody else pulls this book meanwhile. BusyError E_MIRROR_BUSY where somebody does; E_BOOK_MISSING."""
        folder = self.folder(book)
        if not folder.is_dir():
            raise NotFoundError("E_BOOK_MISSING", directory=str(folder))
        descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, book.name)
            yield
        finally:
            os.close(descriptor)

    def keep_status(self, book: Followed, status: Status) -> None:
        """Write down how a pull ended."""
        write_whole(self.folder(book) / STATUS, asdict(replace(status, fork=Path(status.fork).name)))

    def evidence(self, book: Followed, against: str) -> list[Path]:
        """Every file of evidence that is kept of a book, and the one that speaks against it now, there or not."""
        return sorted({*self._evidence(book).glob("fork-*.json"), *([Path(against)] if against else [])})

    def _evidence(self, book: Followed) -> Path:
        return (self.folder(book) / EVIDENCE).absolute()


def _require_reachable(book: Followed) -> None:
    """E_SERVER_URL, E_MIRROR_CALLER unless it is said where a book is, and as whom it is read."""
    checked_url(book.url, plain=book.plain)
    if (book.key is None) == (book.read_key is None):
        raise InputError("E_MIRROR_CALLER")


def _lock(descriptor: int, name: str) -> None:
    """The lock of a file; it ends with its descriptor, however the process ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError("E_MIRROR_BUSY", name=name) from None


def _toml(head: str, values: dict[str, Any]) -> str:
    """A table of TOML; a JSON string or truth value is one of TOML too."""
    return (
        head + "\n" + "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    )
