"""Making a backup while the book is in use: one snapshot of the database, and the files that belong to it.

It is written beside its place, sealed with its manifest last, and moved there whole: whatever interrupts it, there is
no backup at that place, or a complete one.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError, RefusedError
from ledger.log import reading
from ledger.log.keeping.copying import copy_rows, recomputed
from ledger.log.keeping.life import keep_closed
from ledger.log.store import LogStore
from ledger.signing.keys import PublicKey
from ledger.signing.vkeys import NoteSigner, parse_vkey
from ledger.values.dates import timestamp_text
from ledger.vault.standing import NONE, require_own
from ledger_api.books import OPERATOR_KEY, VAULT_KEYS, Book, key_file_of, stated_key, write_settings
from ledger_api.clients import moment
from ledger_api.keeping import backups
from ledger_api.keeping.operator import keys_to_come, published_key, rotation_file


def back_up(book: Book, target: Path, operator: NoteSigner | None, vault_keys: Path | None = None) -> dict[str, Any]:
    """Copy a book to `target` (a folder, or one file when it ends in .tar) and answer its manifest. `vault_keys` is
    where the keys of the vault are copied to, apart from everything else. Raises E_TARGET_EXISTS, E_BACKUP_KEY and,
    where the keys of the vault are asked for and are not the book's own, E_VAULT_KEYS.
    """
    for path in (target, vault_keys):
        if path is not None and path.exists():
            raise InputError("E_TARGET_EXISTS", file=str(path))
    staged = _part(target)
    packed, keys = staged.with_name(staged.name + backups.ONE_FILE), _part(vault_keys or target.with_name(VAULT_KEYS))
    staged.mkdir(mode=0o700, parents=True)
    try:
        facts = _staged(book, staged)
        _require_key(book, facts["vkey"], operator)
        backups.seal(staged, facts, operator)
        left = [(keys, vault_keys)] if vault_keys is not None and copied_keys(book, keys) else []
        if target.suffix == backups.ONE_FILE:
            backups.pack(staged, packed)
            left.append((packed, target))
        _place(left, None if target.suffix == backups.ONE_FILE else (staged, target))
    finally:
        for file in (packed, keys):
            file.unlink(missing_ok=True)
        shutil.rmtree(staged, ignore_errors=True)
    return facts


def _part(target: Path) -> Path:
    """Where what comes to a place is made: beside it."""
    return target.with_name(f".{target.name}.part-{os.getpid()}")


def _place(complete: list[tuple[Path, Path]], folder: tuple[Path, Path] | None = None) -> None:
    """Move complete files, and a folder last, to their places, which nobody else has taken in between, and one right
    after the other: all of them or none. Raises E_TARGET_EXISTS.
    """
    placed: list[Path] = []
    try:
        for file, target in complete:
            _put(file, target, placed)
        if folder is not None:
            _move(*folder)
    except BaseException:
        for target in placed:
            target.unlink(missing_ok=True)
        raise
    for target in (*placed, *(() if folder is None else folder[1:])):
        backups.sync(target.parent)


def _move(staged: Path, target: Path) -> None:
    try:
        staged.rename(target)
    except OSError as error:
        if target.exists():
            raise InputError("E_TARGET_EXISTS", file=str(target)) from error
        raise


def _put(file: Path, target: Path, placed: list[Path]) -> None:
    try:
        try:
            os.link(file, target)
            placed.append(target)
        except FileExistsError:
            raise
        except OSError:  # a stick or a share that knows no links
            target.touch(mode=0o600, exist_ok=False)
            placed.append(target)
            file.replace(target)
    except FileExistsError as error:
        raise InputError("E_TARGET_EXISTS", file=str(target)) from error


def _staged(book: Book, staged: Path) -> dict[str, Any]:
    database = staged / backups.DATABASE
    if book.store.engine.dialect.name == "sqlite":
        _copy_sqlite(book.store, database)
    else:
        with book.store.read() as source:
            LogStore.create(f"sqlite:///{database}", partial(_fill, source)).close()
    facts, to_come = _facts(database)
    if facts["origin"] != book.origin:
        raise EvidenceError("E_BACKUP_ORIGIN", found=facts["origin"], wanted=book.origin)
    shutil.copyfile(book.settings.operator_key, staged / OPERATOR_KEY)
    for key in to_come:  # and no other: who has the file of a key that was given up can still sign as of its time
        file = key_file_of(book.settings, key)
        if file is not None:
            shutil.copyfile(file, rotation_file(staged, key))
    if (attachments := book.settings.directory / backups.ATTACHMENTS).is_dir():
        shutil.copytree(attachments, staged / backups.ATTACHMENTS)
    settings = {"origin": book.origin, "database": f"sqlite:///{backups.DATABASE}", "operator_key": OPERATOR_KEY}
    write_settings(staged, settings)
    return {**facts, "made_at": timestamp_text(moment(book.clock))}


def _fill(source: Connection, target: Connection) -> None:
    copy_rows(source, target)
    keep_closed(source, target)


def _require_key(book: Book, vkey: str, operator: NoteSigner | None) -> None:
    """The copy's own key, not one that it has replaced, goes with it and signs it: nobody could restore it otherwise.
    The file of an unsigned backup is taken at its word.
    """
    named = parse_vkey(vkey).public
    if operator is not None:
        found: PublicKey | None = operator.key.public
    else:
        found = stated_key(book.settings.operator_key)
    if found is not None and found != named:
        raise RefusedError("E_BACKUP_KEY", keyid=named.keyid, found=found.keyid, file=str(book.settings.operator_key))


def _copy_sqlite(store: LogStore, file: Path) -> None:
    """SQLite's own online copy, in one step: it reads one snapshot, and writers are not held up."""
    raw = store.engine.raw_connection()
    try:
        with closing(sqlite3.connect(file)) as target:
            source = raw.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise EvidenceError("E_NOT_A_BOOK", database=str(file))
            source.backup(target, pages=-1)
    finally:
        raw.close()


def _facts(database: Path) -> tuple[dict[str, Any], list[PublicKey]]:
    """What the copy says of itself, its root derived from its own leaves; and the operator's keys that wait in it."""
    store = LogStore.open(f"sqlite:///{database}")
    try:
        key, to_come = published_key(store), keys_to_come(store)
        with store.read() as connection:
            proven = recomputed(connection)
            newest = reading.checkpoint(connection)
    finally:
        store.close()
    facts = {
        "origin": key.name,
        "vkey": key.vkey,
        "size": proven.size,
        "position": proven.position,
        "root": proven.root.hex(),
        "checkpoint": None if newest is None else newest.note,
    }
    return facts, to_come


def copied_keys(book: Book, target: Path) -> bool:
    """Copy the vault's keys as they are after the snapshot: a person in the snapshot has a key, or was erased since.
    False where the book needs none.
    """
    source = book.settings.directory / VAULT_KEYS
    with book.store.read() as connection:
        if require_own(connection, source) == NONE:
            return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source, timeout=30)) as keys, closing(sqlite3.connect(target)) as copy:
        keys.backup(copy)
    backups.sync(target)
    return True
