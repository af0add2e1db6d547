"""Moving a book to another database, so that at no moment two copies of it take vouchers.

The new copy is made and stays closed; the old one is closed for good; then the new one is opened, and `book.toml`
names it. Broken off anywhere and begun again, it goes on where it stopped, unless the old copy was still open and has
been written into since: then the new database is dropped by its keeper, for nothing here empties a database.
"""

import tomllib
from typing import Any

from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError
from ledger.log.engines import address
from ledger.log.keeping.copying import Proven, copy_rows, digests, recomputed, require_alike
from ledger.log.keeping.life import ARRIVING, MOVED, enter, newest, require_open
from ledger.log.store import LogStore
from ledger.log.tables import OPEN
from ledger.values.dates import timestamp_text
from ledger_api.books import SETTINGS, Book, located, write_settings
from ledger_api.clients import moment


def move(book: Book, url: str) -> Proven:
    """Copy the book to another database, compare, close the old copy and open the new one.

    Raises E_MOVED (already moved elsewhere), E_RESTORED, E_MOVE_TARGET (the target holds something else),
    E_COPY_DIFFERS; then the old copy is what it was.
    """
    at, target = timestamp_text(moment(book.clock)), located(url, book.settings.directory)
    here, there = _shown(book.settings.database), _shown(target)
    if here == there:
        raise InputError("E_MOVE_TARGET", database=there)
    with book.store.write(beside=True) as source:
        life = newest(source)
        begun = life.state == MOVED and life.detail.get("where") == there
        if not begun:
            require_open(source)
        proven = recomputed(source)
        new = _arrived(source, target, at, here, begun=begun)
        try:
            _compare(source, new, proven)
        except BaseException:
            new.close()
            raise
        if not begun:
            enter(source, MOVED, at, where=there)
    try:
        with new.write(beside=True) as connection:
            if newest(connection).state == ARRIVING:
                enter(connection, OPEN, at, where=here)
    finally:
        new.close()
    with (book.settings.directory / SETTINGS).open("rb") as file:
        settings: dict[str, Any] = tomllib.load(file)["book"]
    write_settings(book.settings.directory, {**settings, "database": url})
    return proven


def _arrived(source: Connection, target: str, at: str, here: str, *, begun: bool) -> LogStore:
    """The new copy, closed: made now, or found from a move that was broken off."""

    def fill(connection: Connection) -> None:
        copy_rows(source, connection)
        enter(connection, ARRIVING, at, where=here)

    # The old copy was closed once the new one stood: what is not there any more may have gone on, and is not made anew.
    if not begun:
        try:
            return LogStore.create(target, fill)
        except InputError as error:
            if error.code != "E_BOOK_EXISTS":
                raise
    store = LogStore.open(target)
    with store.read() as connection:
        life = newest(connection)
    if life.detail.get("where") != here or not (life.state == ARRIVING or (begun and life.state == OPEN)):
        store.close()
        raise InputError("E_MOVE_TARGET", database=_shown(target))
    return store


def _compare(source: Connection, new: LogStore, proven: Proven) -> None:
    """Root, counts and every table: what was copied is read back and compared before the old copy is closed."""
    with new.read() as connection:
        if newest(connection).state == ARRIVING:
            if recomputed(connection) != proven:
                raise EvidenceError("E_COPY_DIFFERS", table="tree", rows=proven.size, wanted=proven.size)
            require_alike(digests(source), digests(connection))


def _shown(url: str) -> str:
    """An address as it may be written down: without its password."""
    return address(url).difference_update_query(["password"]).render_as_string(hide_password=True)
