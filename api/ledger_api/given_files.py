"""Files that a command is given to read: whether they can be read is known before anything is done."""

from pathlib import Path
from typing import Final

from ledger.errors import InputError

TEXT_BYTES_MAX: Final = 1 << 20
"""A checkpoint is a few lines: what is larger is another file."""


def require_readable(path: Path) -> None:
    """InputError E_GIVEN_FILE unless this is a file that can be opened."""
    _head(path, 1)


def given_text(path: Path) -> str:
    """The text of a small file; InputError E_GIVEN_FILE where it cannot be read, is too large, or is no UTF-8."""
    data = _head(path, TEXT_BYTES_MAX + 1)
    if len(data) > TEXT_BYTES_MAX:
        raise _wrong(path, f"> {TEXT_BYTES_MAX} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(path, "UTF-8") from None


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise _wrong(path, error.strerror or type(error).__name__) from None


def _wrong(path: Path, reason: str) -> InputError:
    return InputError("E_GIVEN_FILE", file=str(path), reason=reason)
