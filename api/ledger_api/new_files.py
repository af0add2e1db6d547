"""Files that a command writes: each is new, and whole or not there."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from ledger.errors import InputError
from ledger_api.given_files import machine_reason

T = TypeVar("T")


def into_new(path: Path, write: Callable[[IO[bytes]], T]) -> T:
    """Let something write a file that does not exist yet; a half-written one is not left behind. E_TARGET_EXISTS, or
    E_FILE_UNUSABLE with what the machine says.
    """
    try:
        file = path.open("xb")
    except FileExistsError:
        raise InputError("E_TARGET_EXISTS", file=str(path)) from None
    except OSError as error:
        raise InputError("E_FILE_UNUSABLE", file=str(path), reason=machine_reason(error)) from None
    try:
        with file:
            return write(file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
