"""Files that a command is given to read: whether they can be read is known before anything is done, and why not is said
in the reader's language.
"""

import errno
import os
from pathlib import Path
from typing import Final

from ledger.errors import InputError
from ledger.flows.forms import form

TEXT_BYTES_MAX: Final = 1 << 20
"""A checkpoint is a few lines: what is larger is another file."""
_TOLD: Final = {
    errno.ENOENT: "os_absent",
    errno.EACCES: "os_denied",
    errno.EPERM: "os_forbidden",
    errno.EEXIST: "os_exists",
    errno.EISDIR: "os_folder",
    errno.ENOTDIR: "os_no_folder",
    errno.ELOOP: "os_circle",
    errno.ENAMETOOLONG: "os_long",
    errno.EIO: "os_broken",
    errno.ENOSPC: "os_full",
    errno.EDQUOT: "os_quota",
    errno.EROFS: "os_locked",
    errno.EMFILE: "os_many",
    errno.EADDRINUSE: "os_taken",
    errno.EADDRNOTAVAIL: "os_no_address",
    errno.ECONNREFUSED: "os_silent",
    errno.ECONNRESET: "os_cut",
}
"""Errors of the machine -> the reason that is said of them."""


def machine_reason(error: OSError) -> str:
    """Why the machine would not, in words; what has none is told as the machine tells it."""
    number = error.errno
    if number is not None and error.strerror == os.strerror(number):  # what comes of TLS or of names counts otherwise
        told = _TOLD.get(number)
        if told is not None:
            return form(told)
    return error.strerror or str(error) or type(error).__name__


def require_readable(path: Path) -> None:
    """InputError E_GIVEN_FILE unless this is a file that can be opened."""
    _head(path, 1)


def given_text(path: Path) -> str:
    """The text of a small file; InputError E_GIVEN_FILE where it cannot be read, is too large, or is no UTF-8."""
    data = _head(path, TEXT_BYTES_MAX + 1)
    if len(data) > TEXT_BYTES_MAX:
        raise _wrong(path, form("file_large"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(path, form("file_utf8")) from None


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise _wrong(path, machine_reason(error)) from None


def _wrong(path: Path, reason: str) -> InputError:
    return InputError("E_GIVEN_FILE", file=str(path), reason=reason)
