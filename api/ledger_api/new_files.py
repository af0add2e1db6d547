"""Files that a command writes: each is new, and whole or not there."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from ledger.errors import InputError

T = TypeVar("T")


def into_new(path: Path, write: Callable[[IO[bytes]], T]) -> T:
    """Let something write a file that does not exist yet; a half-written one is not left behind. E_TARGET_EXISTS."""
    try:
        with path.open("xb") as file:
            return write(file)
    except FileExistsError:
        raise InputError("E_TARGET_EXISTS", file=str(path)) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
