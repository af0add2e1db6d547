"""Lines of a file by the thousand: cut from large blocks, because asking for each line costs more than reading it."""

from typing import IO, Final

_BLOCK_BYTES: Final = 1 << 18


class Lines:
    """The whole lines of a file, without their line feeds, in order; a line longer than `most` bytes ends them."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most
        self._held: list[bytes] = []
        self._at = 0
        self._rest = b""
        self._ended = False

    def take(self, count: int) -> list[bytes]:
        """The next lines: so many, or fewer at the end."""
        while len(self._held) - self._at < count and self._more():
            pass
        found = self._held[self._at : self._at + count]
        self._at += len(found)
        return found

    def left(self) -> bool:
        """Whether anything was not taken, be it a line or not."""
        return self._at < len(self._held) or bool(self._rest) or bool(self._file.read(1))

    def _more(self) -> bool:
        block = b"" if self._ended else self._file.read(_BLOCK_BYTES)
        if not block:
            return False
        lines = (self._rest + block).split(b"\n")
        self._rest = lines.pop()
        # Of a block shorter than a line may be, only the first line can be too long.
        shown = lines if self._most <= _BLOCK_BYTES else lines[:1]
        long = next((at for at, line in enumerate(shown) if len(line) >= self._most), None)
        if long is not None:
            self._rest = lines[long]
            del lines[long:]
        self._ended = len(self._rest) >= self._most
        del self._held[: self._at]
        self._at = 0
        self._held += lines
        return True
