"""Bringing a book back from a backup: proven first, then closed to vouchers until an outside checkpoint is shown.

Whoever restores a backup and goes on may sign a second history beside the one that others saw. So the copy knows, in
its own database, that it is a copy.
"""

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from ledger.errors import EvidenceError, InputError
from ledger.flows.forms import form
from ledger.log import reading
from ledger.log.appending import is_head, read_head
from ledger.log.keeping.copying import Proven, copy_rows, digests, recomputed
from ledger.log.keeping.life import ARRIVING, FORKED, MOVED, RESTORED, Life, closed_for_good, enter, newest
from ledger.log.keeping.upgrading import upgrade
from ledger.log.proofs import log_root
from ledger.log.rows import Head
from ledger.log.store import LogStore
from ledger.log.tables import OPEN
from ledger.signing.checkpoints import open_checkpoint
from ledger.values.dates import parse_day
from ledger.vault.standing import require_own, standing
from ledger_api.books import OPERATOR_KEY, SETTINGS, VAULT_KEYS, Book, located, write_settings
from ledger_api.given_files import require_readable
from ledger_api.keeping import backups
from ledger_api.keeping.backups import Backup
from ledger_api.keeping.operator import published_key, rotation_files
from ledger_api.rotations import signer_of
from ledger_audit.derivation import Step, Verdict, verify_book

BESIDE: Final = f"sqlite:///{backups.DATABASE}"

_GONE: Final = {FORKED: "copy_replaced", MOVED: "copy_moved", ARRIVING: "copy_arriving"}
"""What is said of a copy that takes no vouchers, and that no checkpoint opens, by its state."""


def restore(
    path: Path,
    directory: Path,
    at: str,
    *,
    database: str = BESIDE,
    vault_keys: Path | None = None,
    unsigned: bool = False,
) -> dict[str, Any]:
    """Make a book's directory from a backup, in the state `restored`, or closed for good where the backup is of a copy
    that was. The backup's manifest; under `state` what became of it, with `where` the book went on; under `vault_keys`
    whether the keys of its people are there (`own`), are `missing`, or none are needed (`none`). `at` is now, as text;
    `unsigned` says that one without a signature is wanted all the same.

    Raises E_TARGET_EXISTS, E_GIVEN_FILE, E_BOOK_EXISTS, E_BACKUP_DAMAGED, E_BACKUP_UNSIGNED, E_VAULT_KEYS
    (`vault_keys` are not this book's), and what a log that does not prove itself raises; then there is no such
    directory.
    """
    if directory.exists():
        raise InputError("E_TARGET_EXISTS", file=str(directory))
    if vault_keys is not None:
        require_readable(vault_keys)
    staged = directory.with_name(f".{directory.name}.part-{os.getpid()}")
    with backups.opened(path) as backup:
        if not (unsigned or backup.manifest["signed"]):  # whoever altered it can have written its digests anew
            raise EvidenceError("E_BACKUP_UNSIGNED", file=path.name)
        staged.mkdir(mode=0o700, parents=True)
        try:
            if vault_keys is not None:
                shutil.copyfile(vault_keys, staged / VAULT_KEYS)
                (staged / VAULT_KEYS).chmod(0o600)
            keys, life = _fill(backup, staged, database, at, path.name)
            backups.sync(staged)
            staged.rename(directory)
            backups.sync(directory.parent)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        told = {"state": life.state, "where": str(life.detail.get("where", "-"))}
        return {**backup.manifest, **told, "vault_keys": keys}


def drill(
    path: Path, directory: Path, at: str, today: date, *, unsigned: bool = False
) -> tuple[dict[str, Any], Verdict]:
    """Restore into a directory, verify the whole book there as `charity-ledger verify` does, and remove it again."""
    manifest = restore(path, directory, at, unsigned=unsigned)
    try:
        with Book.open(directory) as book, book.store.read() as connection:
            return manifest, verify_book(connection, today)
    finally:
        shutil.rmtree(directory)


def _fill(backup: Backup, staged: Path, database: str, at: str, where: str) -> tuple[str, Life]:
    for file in (backup.folder / OPERATOR_KEY, *rotation_files(backup.folder)):
        shutil.copyfile(file, staged / file.name)
        (staged / file.name).chmod(0o600)
    if (attachments := backup.folder / backups.ATTACHMENTS).is_dir():
        shutil.copytree(attachments, staged / backups.ATTACHMENTS)
    origin = str(backup.manifest["origin"])
    write_settings(staged, {"origin": origin, "database": database, "operator_key": OPERATOR_KEY})
    file, target = staged / backups.DATABASE, located(database, staged)
    beside = target == located(BESIDE, staged)
    shutil.copyfile(backup.folder / backups.DATABASE, file)
    file.chmod(0o600)
    store = LogStore.open(f"sqlite:///{file}")
    try:
        _prove(store, backup.manifest)
        keys = _standing(store, staged / VAULT_KEYS)
        with store.write(beside=True) as connection:
            upgrade(connection, at)
            life = _close(connection, at, where)
        if not beside:
            with store.read() as source:
                _elsewhere(source, target, life)
    finally:
        store.close()
    if beside:
        backups.sync(file)
    else:
        file.unlink()
    backups.sync(staged / SETTINGS)
    return keys, life


def _close(connection: Connection, at: str, where: str) -> Life:
    """Close the copy until a checkpoint is shown; one that was closed for good is closed as it was, and says so."""
    closed, now = closed_for_good(connection), newest(connection)
    if closed is None:
        enter(connection, RESTORED, at, where=where)
    elif now.state != closed.state:
        enter(connection, closed.state, closed.at, **closed.detail)
    return newest(connection)


def _standing(store: LogStore, path: Path) -> str:
    """How the keys of people stand in the copy; other keys than its own are not put beside it."""
    with store.read() as connection:
        return require_own(connection, path) if path.exists() else standing(connection, path)


def _elsewhere(source: Connection, database: str, life: Life) -> None:
    """Make and fill another database; one that a restoring of the very same backup has made, which was broken off
    before it had its directory, is taken as it is.
    """
    try:
        LogStore.create(database, _filler(source, life)).close()
    except InputError as error:
        if error.code != "E_BOOK_EXISTS":
            raise
        store = LogStore.open(database)
        try:
            with store.read() as found:
                there = newest(found)
                if (there.state, there.detail) != (life.state, life.detail) or digests(found) != digests(source):
                    raise
        finally:
            store.close()


def _filler(source: Connection, life: Life) -> Callable[[Connection], None]:
    """Fills a new database and closes it to vouchers, in the one transaction that makes it."""

    def fill(target: Connection) -> None:
        copy_rows(source, target)
        enter(target, life.state, life.at, **life.detail)

    return fill


def _prove(store: LogStore, manifest: dict[str, Any]) -> None:
    """The database is the one that the manifest speaks of: its root by its own leaves, its key, its checkpoint."""
    key = published_key(store)
    with store.read() as connection:
        proven = recomputed(connection)
        last = reading.checkpoint(connection)
        if last is not None:
            signed = open_checkpoint(last.note, signer_of(connection, last.size, key.vkey))
            _require("checkpoint", (signed.size, signed.root), (proven.size, proven.root))
    stated = {"origin": key.name, "vkey": key.vkey, "size": proven.size, "root": proven.root.hex()}
    for name, value in {**stated, "position": proven.position, "checkpoint": last and last.note}.items():
        _require(name, manifest[name], value)


def _require(name: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise EvidenceError("E_BACKUP_DAMAGED", file=backups.MANIFEST, reason=name)


def not_restored(life: Life, live: str) -> InputError:
    """E_NOT_RESTORED with what to do instead; `live` is the cure (`form.…`) for a copy that takes vouchers."""
    gone = _GONE.get(life.state)
    cure = form(live) if gone is None else form(gone, where=str(life.detail.get("where", "-")))
    return InputError("E_NOT_RESTORED", state=life.state, cure=cure)


def resume(book: Book, note: str, at: str, step: Step | None = None) -> Proven:
    """Open a restored copy to vouchers, because a checkpoint kept outside says that nothing follows what it holds, and
    everything that follows from its vouchers was derived again (`step` is told how far).

    Raises E_NOT_RESTORED (also for what was closed for good before it was restored), E_CHECKPOINT_ORIGIN (another
    book's note), E_NOTE_UNVERIFIED and E_NOTE_SIGNATURE (not the operator's), E_RESTORED_FORK (another history),
    E_RESTORED_BEHIND (with how many vouchers are lost), E_RESTORED_OLD (a note that is older than the copy shows
    nothing about what came after), E_VAULT_KEYS (the keys that the people were registered under are not here) and
    E_RESTORED_DERIVED (balances or anything else beside the vouchers are not what follows from them).
    """
    with book.store.read() as connection:
        head = _shown(book, connection, note)
        # The root covers the vouchers only; what money is judged by follows from them, and is as it lay in the backup.
        # Here every leaf is hashed, and what head and tree state compared with what that comes to.
        found = verify_book(connection, parse_day(at[:10]), step).integrity
    if (first := next(iter(found), None)) is not None:
        table = str(dict(first.params).get("table", "-"))
        raise EvidenceError("E_RESTORED_DERIVED", count=found.count, finding=first.code, table=table)
    with book.store.write(beside=True) as connection:
        _require_restored(connection)
        if not is_head(connection, head):  # a closed copy takes nothing: somebody wrote past it since
            raise EvidenceError("E_HEAD_ROOT", number=head.number)
        enter(connection, OPEN, at, known=note)
    return Proven(head.number, head.position, head.root)


def _shown(book: Book, connection: Connection, note: str) -> Head:
    """The restored copy ends where the note does, as head and tree state it, and its people's keys are here."""
    _require_restored(connection)
    head, claimed = read_head(connection), open_checkpoint(note, None)
    known = open_checkpoint(note, signer_of(connection, claimed.size, published_key(book.store).vkey))
    if known.size > head.number:
        lost = known.size - head.number
        raise EvidenceError("E_RESTORED_BEHIND", lost=lost, size=head.number, known=known.size)
    if log_root(connection, known.size) != known.root:
        raise EvidenceError("E_RESTORED_FORK", known=known.size)
    if known.size < head.number:
        raise EvidenceError("E_RESTORED_OLD", size=head.number, known=known.size)
    require_own(connection, book.settings.directory / VAULT_KEYS)
    return head


def _require_restored(connection: Connection) -> None:
    if (life := closed_for_good(connection) or newest(connection)).state != RESTORED:
        raise not_restored(life, "copy_live")
