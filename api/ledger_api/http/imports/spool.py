"""Uploads between their arrival and their end: sealed files in the book's directory, readable by its owner only.

They name people in clear, so they are sealed with a secret that only the operator's key gives, and destroyed when the
import is deleted or older than `KEPT_DAYS`. What becomes of a book in a backup is not said by these files: the book is
the truth, and an import is read again from its file and compared with the book.
"""

import contextlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from ledger.errors import NotFoundError

FOLDER: Final = "imports"
KEPT_DAYS: Final = 7
_STRAY_S: Final = KEPT_DAYS * 86_400
_NAME: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Spool:
    """A folder of uploads; each has a description (`.json`), its bytes (`.file`), and what was handed out of it
    (`.round`), all sealed under its id.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder = folder
        self._seal = Aead(secret)

    def keep(self, name: str, described: Mapping[str, Any], data: bytes | None = None) -> None:
        """Keep a description, and the bytes where they are given; each file is whole or as it was."""
        if data is not None:
            self._write(name, "file", data)
        self._write(name, "json", orjson.dumps(dict(described)))

    def described(self, name: str) -> dict[str, Any]:
        """The description; NotFoundError E_IMPORT_UNKNOWN."""
        found: dict[str, Any] = orjson.loads(self._read(name, "json"))
        return found

    def data(self, name: str) -> bytes:
        """The file as it was sent; NotFoundError E_IMPORT_UNKNOWN."""
        return self._read(name, "file")

    def keep_round(self, name: str, state: Mapping[str, Any]) -> object:
        """Keep what was handed out; answers the mark of what is kept now."""
        self._write(name, "round", orjson.dumps(dict(state)))
        return self.round_mark(name)

    def round_mark(self, name: str) -> object:
        """Another value whenever what was handed out was kept anew, by whichever process; None when nothing is."""
        try:
            found = self._path(name, "round").stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def round_kept(self, name: str) -> dict[str, Any] | None:
        """What was handed out; None when nothing was, or when it cannot be read any more."""
        try:
            found: dict[str, Any] = orjson.loads(self._read(name, "round"))
        except NotFoundError:
            return None
        return found

    def forget_round(self, name: str) -> None:
        """What was handed out of it counts no more."""
        self._path(name, "round").unlink(missing_ok=True)

    def names(self) -> list[str]:
        """The ids of all that is kept, oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(path.stem for path in self._folder.glob("*.json") if _NAME.fullmatch(path.stem))

    def drop(self, name: str) -> None:
        """Destroy an upload; nothing happens when it is gone."""
        for part in ("file", "round", "json"):
            self._path(name, part).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Destroy what nobody can ask for any more and what is older than an upload may be: parts that a crash left
        behind, and what was sealed with another operator's key. Nobody's description says when these end.
        """
        known = {name for name in self.names() if self._is_described(name)}
        oldest = time.time() - _STRAY_S
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                if path.name.partition(".")[0] not in known and path.stat().st_mtime < oldest:
                    path.unlink()

    def _is_described(self, name: str) -> bool:
        try:
            self.described(name)
        except NotFoundError:
            return False
        return True

    def _path(self, name: str, part: str) -> Path:
        """Only an id names a file: a path cannot come in from outside."""
        if _NAME.fullmatch(name) is None:
            raise NotFoundError("E_IMPORT_UNKNOWN", value=name[:64])
        return self._folder / f"{name}.{part}"

    def _write(self, name: str, part: str, data: bytes) -> None:
        path = self._path(name, part)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        beside = path.with_suffix(f".{part}-{os.getpid()}")
        try:
            beside.touch(mode=0o600)
            beside.write_bytes(self._seal.encrypt(data, f"{name}.{part}".encode()))
            beside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def _read(self, name: str, part: str) -> bytes:
        try:
            sealed = self._path(name, part).read_bytes()
            return self._seal.decrypt(sealed, f"{name}.{part}".encode())
        except (FileNotFoundError, CryptoError, ValueError):  # cut off, or changed by another hand: as good as gone
            raise NotFoundError("E_IMPORT_UNKNOWN", value=name) from None
