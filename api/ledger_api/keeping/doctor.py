"""Is this book kept safely: every setting that durability rests on, read back from the open book.

A server calls `refuse_unsafe` before it takes its first request; a person runs `charity-ledger doctor`.
"""

import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.engine import make_url

from ledger.errors import AuthorityError, EvidenceError, InputError, RefusedError
from ledger.log.keeping.checks import Check, require_safe
from ledger.log.keeping.life import newest
from ledger.log.keeping.postgresql_checks import postgresql_checks
from ledger.log.keeping.sqlite_checks import sqlite_checks
from ledger.log.tables import OPEN, SCHEMA_STEP, head
from ledger.values.dates import timestamp_text
from ledger.vault.keystore import KeyStore
from ledger.vault.people import Vault
from ledger.vault.standing import NONE, OWN, standing
from ledger_api.books import SETTINGS, VAULT_KEYS, Book
from ledger_api.clients import moment

FREE_BYTES_MIN: Final = 1 << 30
"""A disk with less room than this, or than the database takes, is too full to go on."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITERS: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Serving:
    """The files that a server reads beside the book: its settings, and the key of its certificate, if there is one."""

    settings: Path
    certificate_key: Path | None


def examine(book: Book, serving: Serving | None = None) -> list[Check]:
    """Every check of an open book, those that hold too; and of the files by which it is served."""
    beside = () if serving is None else served(serving)
    return [*_database(book), *_files(book), *beside, *_vault(book), *_room(book), *_clock(book)]


def refuse_unsafe(book: Book, accept: Collection[str] = (), serving: Serving | None = None) -> list[Check]:
    """What is unsafe and accepted by its code. Raises EvidenceError E_UNSAFE_BOOK that names everything else that is
    unsafe: for a server, before it starts.
    """
    found = examine(book, serving)
    require_safe(one for one in found if one.code not in accept)
    return [one for one in found if not one.holds]


def _database(book: Book) -> Iterator[Check]:
    engine = book.store.engine
    try:
        with engine.connect() as connection:
            found = sqlite_checks if engine.dialect.name == "sqlite" else postgresql_checks
            yield from list(found(connection))
            yield from _life(book)
    except EvidenceError as error:
        # The engine itself refuses a connection whose settings it cannot make safe.
        name, value, wanted = (str(error.params.get(one, "-")) for one in ("name", "value", "wanted"))
        yield Check("E_DOCTOR_CONNECTION", name, value, wanted, holds=False)


def _life(book: Book) -> Iterator[Check]:
    with book.store.read() as connection:
        try:
            life = newest(connection)
        except RefusedError as error:
            yield Check("E_DOCTOR_SCHEMA", "schema", str(error.params["value"]), str(SCHEMA_STEP), holds=False)
            return
    step, wanted = life.schema_step, SCHEMA_STEP
    yield Check("E_DOCTOR_SCHEMA", "schema", str(step), str(wanted), holds=step == wanted)
    yield Check("E_DOCTOR_STATE", "state", life.state, OPEN, holds=life.state == OPEN)


def _files(book: Book) -> Iterator[Check]:
    settings = book.settings
    named = (settings.operator_key, settings.directory / VAULT_KEYS, settings.operator_passphrase_file)
    keys = {file for file in named if file is not None and file.exists()}
    url = make_url(settings.database)
    if url.password is not None or "password" in url.query:
        keys.add(settings.directory / SETTINGS)
    for path, wanted in [(settings.directory, 0o700), *((key, 0o600) for key in sorted(keys))]:
        mode = stat.S_IMODE(path.stat().st_mode)
        yield Check("E_DOCTOR_MODE", str(path), f"{mode:04o}", f"{wanted:04o}", holds=not mode & _OTHERS)
    if url.get_backend_name() == "sqlite" and url.database:
        yield _reach(Path(url.database))


def served(serving: Serving) -> Iterator[Check]:
    """Whoever has the key of the certificate can pass for the service, and whoever writes its settings can open it."""
    key, file = serving.certificate_key, serving.settings
    if key is not None and key.exists():
        mode = stat.S_IMODE(key.stat().st_mode)
        yield Check("E_DOCTOR_MODE", str(key), f"{mode:04o}", "0600", holds=not mode & _OTHERS)
    if file.exists():
        mode = stat.S_IMODE(file.stat().st_mode)
        yield Check("E_DOCTOR_WRITABLE", str(file), f"{mode:04o}", f"{mode & ~_WRITERS:04o}", holds=not mode & _WRITERS)


def _reach(file: Path) -> Check:
    """Whether others reach a database: it may lie outside the book's directory, and what is closed holds all in it."""
    mode, around = (stat.S_IMODE(one.stat().st_mode) for one in (file, file.parent))
    return Check("E_DOCTOR_MODE", str(file), f"{mode:04o}", "0600", holds=not (mode & _OTHERS and around & _OTHERS))


def _vault(book: Book) -> Iterator[Check]:
    """The keys of people are the book's own. A mirror has no people; a replica may be without keys, for nobody is
    registered there; a file that others may read is found by its mode.
    """
    path = book.settings.directory / VAULT_KEYS
    if book.settings.mirror or (book.store.is_read_only and not path.exists()):
        return
    with suppress(InputError, AuthorityError), book.store.read() as connection:
        found = standing(connection, path)
        yield Check("E_DOCTOR_VAULT", str(path), found, OWN, holds=found in {OWN, NONE})
        if found == OWN:
            away = Vault(KeyStore(path)).away(connection)
            yield Check("E_DOCTOR_VAULT_PEOPLE", str(path), str(away), "0", holds=not away)


def _room(book: Book) -> Iterator[Check]:
    """Room beside the book and, on SQLite, for a second copy of the database."""
    free = shutil.disk_usage(book.settings.directory).free
    engine = book.store.engine
    size = 0
    if engine.dialect.name == "sqlite" and engine.url.database:
        size = Path(engine.url.database).stat().st_size
    wanted = max(FREE_BYTES_MIN, size)
    directory = str(book.settings.directory)
    yield Check("E_DOCTOR_SPACE", directory, f"{free >> 20} MiB", f">= {wanted >> 20} MiB", holds=free >= wanted)


def _clock(book: Book) -> Iterator[Check]:
    """The log's times never go back: a machine whose clock is behind could not post."""
    now = timestamp_text(moment(book.clock))
    with book.store.read() as connection:
        last = str(connection.scalar(select(head.c.posted_at)) or "")
    yield Check("E_DOCTOR_CLOCK", "clock", now, f">= {last or '-'}", holds=now >= last)
