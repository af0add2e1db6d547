"""Where reports lie: a folder each below `reports` in the book's directory, for its owner alone, until it expires.

A folder whose report is being made is locked by the process that makes it; what is unfinished and locked by nobody was
lost with its process. Names are made here and are hexadecimal digits, so that no request leads anywhere else.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from ledger.errors import NotFoundError
from ledger_api.reports.orders import UNFINISHED, Order

_NAME: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_ORDER, _FILE, _LOCK = "order.json", "file", "lock"


class Shelf:
    """The reports of one book."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / "reports"
        self._locks: dict[str, int] = {}

    def add(self, order: Order) -> None:
        """Make the folder of a new order, locked by this process until `release`."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        folder = self._folder / order.id
        folder.mkdir(mode=0o700)
        self._locks[order.id] = _locked(folder / _LOCK)
        self.keep(order)

    def keep(self, order: Order) -> None:
        """Keep where an order stands: written beside and moved over, so that a crash leaves the old or the new."""
        folder = self._folder / order.id
        beside = folder / f"{_ORDER}.new"
        with open_private(beside) as file:
            file.write(order.to_bytes())
        beside.replace(folder / _ORDER)

    def release(self, name: str) -> None:
        """The order is finished, or another process may see that it was lost."""
        descriptor = self._locks.pop(name, None)
        if descriptor is not None:
            os.close(descriptor)

    def release_all(self) -> None:
        """Nothing is made here any more."""
        for name in tuple(self._locks):
            self.release(name)

    def find(self, name: str, now: str) -> Order:
        """The order of a name that has not expired. Raises NotFoundError E_REPORT_UNKNOWN."""
        order = self._read(name) if _NAME.fullmatch(name) else None
        if order is None or (order.expires_at is not None and order.expires_at <= now):
            raise NotFoundError("E_REPORT_UNKNOWN", report=name[:64])
        return order

    def all(self) -> Iterator[Order]:
        """Every order that lies here, in no order."""
        for folder in self._folder.glob("*") if self._folder.is_dir() else ():
            order = self._read(folder.name) if _NAME.fullmatch(folder.name) else None
            if order is not None:
                yield order

    def file_of(self, name: str) -> Path:
        """Where the file of an order lies, or will lie."""
        return self._folder / name / _FILE

    def lost(self) -> list[Order]:
        """Unfinished orders whose process is gone, each locked by this process until `release`: another one that
        looks at the same time is told of none of them.
        """
        found = []
        for one in self.all():
            if one.state in UNFINISHED and self._take_over(one.id):
                now = self._read(one.id)  # as it stands since nobody else writes it
                if now is not None and now.state in UNFINISHED:
                    found.append(now)
                else:
                    self.release(one.id)
        return found

    def clear(self, name: str) -> None:
        """Take away whatever was made of an order, half-made folders too; the order itself stays."""
        for path in (self._folder / name).iterdir():
            if path.name in {_ORDER, _LOCK}:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Take a report away, file and all."""
        self.release(name)
        if _NAME.fullmatch(name):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def _read(self, name: str) -> Order | None:
        """The order; None where none can be read: a disk that lost its power may keep a name without its bytes."""
        try:
            return Order.from_bytes((self._folder / name / _ORDER).read_bytes())
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def _take_over(self, name: str) -> bool:
        if name in self._locks:
            return False
        try:
            self._locks[name] = _locked(self._folder / name / _LOCK)
        except (BlockingIOError, FileNotFoundError):
            return False
        return True


def _locked(path: Path) -> int:
    """A descriptor that holds the lock of a file; BlockingIOError when another process holds it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_private(path: Path) -> IO[bytes]:
    """A new file that only its owner reads."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb")
