"""A file layer that fails: one write or one sync of SQLite's is met by a kill, an I/O error or a full disk.

It takes no tool and no right, unlike strace: in a process of its own, the methods of each file that SQLite opens are
exchanged for ones that count and, at one point, fail. Source: sqlite.org/c3ref (io_methods, vfs).
"""

import _sqlite3
import ctypes
import json
import os
import signal
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.api.county import Office
from tests.crash import acting

OK, FULL, WRITE_FAILED, SYNC_FAILED = 0, 13, 10 | 3 << 8, 10 | 4 << 8
"""SQLite's result codes: OK, SQLITE_FULL (ENOSPC), SQLITE_IOERR_WRITE and SQLITE_IOERR_FSYNC (EIO)."""

FAULTS = {"write": ("kill", "EIO", "ENOSPC"), "sync": ("kill", "EIO")}

_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
"""The name is a pointer and no bytes: SQLite keeps it."""


class _Methods(Structure):
    """sqlite3_io_methods."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("others", c_void_p * 13),
    )


class _Layer(Structure):
    """The head of sqlite3_vfs."""

    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("path_bytes", c_int),
        ("following", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What meets the call number `point`, counted from 1, of its sort; a disk that is full stays full."""

    call: str
    point: int
    what: str


@dataclass
class Layer:
    """SQLite's usual file layer with at most one fault, for the rest of this process."""

    fault: Fault | None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))
    _kept: list[Any] = field(default_factory=list)
    """What SQLite points at must not be collected."""

    def install(self) -> None:
        """Every file that SQLite opens from now on is of this layer."""
        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        library.sqlite3_vfs_find.restype = POINTER(_Layer)
        usual = library.sqlite3_vfs_find(None).contents
        first = cast(usual.open, _Open)

        def opened(layer: Any, name: Any, file: Any, flags: int, told: Any) -> int:
            result = int(first(layer, name, file, flags, told))
            methods = cast(file, POINTER(POINTER(_Methods)))
            if result == OK and methods[0]:
                methods[0] = ctypes.pointer(self._failing(methods[0].contents))
            return result

        usual.open = self._pointer(_Open(opened))
        self._kept.append(first)

    def _failing(self, usual: _Methods) -> _Methods:
        made = _Methods.from_buffer_copy(usual)
        write, sync = cast(usual.write, _Write), cast(usual.sync, _Sync)

        def written(file: Any, data: Any, size: int, at: int) -> int:
            if not self._met("write"):
                return int(write(file, data, size, at))
            return self._fail(lambda: write(file, data, size // 2, at), WRITE_FAILED)

        def synced(file: Any, flags: int) -> int:
            return self._fail(lambda: None, SYNC_FAILED) if self._met("sync") else int(sync(file, flags))

        made.write, made.sync = self._pointer(_Write(written)), self._pointer(_Sync(synced))
        self._kept += [made, usual, write, sync]
        return made

    def _met(self, call: str) -> bool:
        self.counts[call] += 1
        if self.fault is None or self.fault.call != call:
            return False
        past = self.counts[call] - self.fault.point
        return past == 0 or (past > 0 and self.fault.what == "ENOSPC")

    def _fail(self, torn: Callable[[], Any], code: int) -> int:
        assert self.fault is not None
        if self.fault.what == "kill":
            torn()  # the half of a page is what a kill leaves at its worst
            os.kill(os.getpid(), signal.SIGKILL)
        return FULL if self.fault.what == "ENOSPC" else code

    def _pointer(self, function: Any) -> int | None:
        self._kept.append(function)
        return cast(function, c_void_p).value


def acted(office: Office, name: str, fault: Fault | None, counted: Path) -> int:
    """The act's exit code (negative when it was killed) in a process of its own; its calls are counted in a file."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            layer = Layer(fault)
            layer.install()
            code = acting.act(office, name)
            counted.write_text(json.dumps(layer.counts), encoding="utf-8")
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
