"""The form of a backup: a folder, or the same folder as one `.tar` file, whose every byte stands under a digest.

    manifest.json      origin, size, position, root, newest checkpoint, and size and digest of every other file
    manifest.sha256    the manifest's own digest
    manifest.note      the operator's signature over that digest, if the operator's key was at hand
    book.db            the database, always as SQLite, whichever database it was taken from
    book.toml          the settings without any password; operator.clkey, sealed as it was, and operator-….clkey of
                       rotations that wait; attachments/

The keys of the vault are not in it: they are copied to a place of their own, so that erasing them stays possible.
"""

import os
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from ledger.errors import EvidenceError, InputError
from ledger.signing.canonical import canonical
from ledger.signing.digests import digest_text, sha256
from ledger.signing.notes import parse_note, sign_note, verify_note
from ledger.signing.vkeys import NoteSigner, parse_vkey
from ledger_audit.verifier.formats.bag import file_digest

FORMAT: Final = "charity-ledger/backup@v1"
DATABASE: Final = "book.db"
MANIFEST: Final = "manifest.json"
DIGEST: Final = "manifest.sha256"
SIGNATURE: Final = "manifest.note"
ATTACHMENTS: Final = "attachments"
ONE_FILE: Final = ".tar"

FACTS: Final = frozenset({"checkpoint", "made_at", "origin", "position", "root", "size", "vkey"})
_FIELDS: Final = FACTS | {"files", "format", "signed"}


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose bytes are those that its manifest names, unpacked at `folder`."""

    folder: Path
    manifest: dict[str, Any]


def seal(folder: Path, facts: dict[str, Any], operator: NoteSigner | None) -> None:
    """Write the manifest of a folder, last of all, and sync everything to the disk: without it nothing passes."""
    files = {name: _entry(folder / name) for name in _names(folder)}
    data = canonical({**facts, "format": FORMAT, "files": files, "signed": operator is not None})
    digest = digest_text(sha256(data))
    (folder / MANIFEST).write_bytes(data)
    (folder / DIGEST).write_text(digest + "\n", encoding="ascii")
    if operator is not None:
        (folder / SIGNATURE).write_text(sign_note(_signed_text(facts["origin"], digest), [operator]), encoding="utf-8")
    for name in _names(folder):
        sync(folder / name)
    sync(folder)


def sync(path: Path) -> None:
    """Have a file or folder on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pack(folder: Path, target: Path) -> None:
    """The folder as one tar file whose bytes depend on its files only: names in order, no times, no owners. It is its
    maker's alone from its first byte, whatever the umask. A file that is too large for the old form (8 GiB) is told of
    in an extended header; without one the bytes are those of the old form, in which earlier backups are.
    """
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name in _names(folder):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = (folder / name).stat().st_size, stat.S_IRUSR | stat.S_IWUSR
            with (folder / name).open("rb") as file:
                archive.addfile(entry, file)
    sync(target)


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup, unpacked if need be, every byte of it checked. Raises NotFound by E_BACKUP_MISSING, and EvidenceError
    E_BACKUP_DAMAGED with the file and what is wrong with it.
    """
    if path.is_dir():
        yield Backup(path, _checked(path))
        return
    if not path.is_file():
        raise InputError("E_BACKUP_MISSING", file=str(path))
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as name:
        folder = Path(name) / "files"
        _unpack(path, folder)
        manifest = _checked(folder)
        again = Path(name) / "again.tar"
        pack(folder, again)
        if _digest(again) != _digest(path):
            raise _damaged(path.name, "form")
        again.unlink()
        yield Backup(folder, manifest)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path, "r:") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, ValueError, UnicodeError) as error:
        raise _damaged(path.name, type(error).__name__) from error


def _checked(folder: Path) -> dict[str, Any]:
    manifest = _manifest(folder)
    listed: dict[str, Any] = manifest["files"]
    expected = {*listed, MANIFEST, DIGEST, *([SIGNATURE] if manifest["signed"] else [])}
    found = set(_names(folder))
    for name in sorted(expected ^ found):
        raise _damaged(name, "missing" if name in expected else "extra")
    for name, entry in listed.items():
        if _entry(folder / name) != entry:
            raise _damaged(name, "digest")
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        data, stated = (folder / MANIFEST).read_bytes(), (folder / DIGEST).read_bytes()
    except OSError:
        raise _damaged(MANIFEST, "missing") from None
    digest = digest_text(sha256(data))
    if stated != (digest + "\n").encode():
        raise _damaged(MANIFEST, "digest")
    found = orjson.loads(data)
    if set(found) != _FIELDS or found["format"] != FORMAT:
        raise _damaged(MANIFEST, "format")
    if found["signed"]:
        _check_signature(folder, found, digest)
    return dict(found)


def _check_signature(folder: Path, manifest: dict[str, Any], digest: str) -> None:
    """Signed by the key that the manifest names; that this is the log's own key is seen when the log is opened."""
    try:
        data = (folder / SIGNATURE).read_bytes()
        note = parse_note(data)
        verify_note(note, [parse_vkey(manifest["vkey"])])
    except (OSError, InputError, EvidenceError) as error:
        raise _damaged(SIGNATURE, type(error).__name__) from error
    if note.text != _signed_text(manifest["origin"], digest) or str(note).encode() != data or len(note.signatures) != 1:
        raise _damaged(SIGNATURE, "text")


def _signed_text(origin: str, digest: str) -> str:
    return f"{FORMAT}\n{origin}\n{digest}\n"


def _names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir())


def _entry(file: Path) -> dict[str, Any]:
    return {"size": file.stat().st_size, "sha256": _digest(file)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return digest_text(file_digest(file))


def _damaged(name: str, reason: str) -> EvidenceError:
    return EvidenceError("E_BACKUP_DAMAGED", file=name, reason=reason)
