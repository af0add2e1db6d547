"""Whether each of many ids comes only once, in little memory: beyond a number they are set aside in a file."""

import struct
import tempfile
from collections.abc import Iterator
from typing import IO, Final

HELD: Final = 131_072
_PARTS: Final = 64
_RECORD: Final = struct.Struct(">16sQ")


class Once:
    """Ids of 16 bytes with the place of each, an integer. `again` asks for repetitions, once, at the end."""

    def __init__(self, held: int = HELD) -> None:
        self._held = held
        self._places: dict[bytes, int] = {}
        self._early: list[tuple[bytes, int]] = []
        self._files: list[IO[bytes]] = []

    def take(self, own: bytes, place: int) -> None:
        """One more id, as 16 bytes or as the 36 characters of a UUID."""
        if own in self._places:
            self._early.append((own, place))
            return
        self._places[own] = place
        if len(self._places) >= self._held:
            self._set_aside()

    def take_all(self, ids: list[bytes], first: int) -> None:
        """Ids whose places follow each other from `first`."""
        places = dict(zip(ids, range(first, first + len(ids)), strict=True))
        if len(places) < len(ids) or not self._places.keys().isdisjoint(places):
            for place, own in enumerate(ids, first):
                self.take(own, place)
            return
        self._places |= places
        if len(self._places) >= self._held:
            self._set_aside()

    def again(self) -> Iterator[tuple[bytes, int]]:
        """(id as 16 bytes, place) of every repetition of an id that came before."""
        for own, place in self._early:
            yield _raw(own), place
        if not self._files:
            return
        self._set_aside()
        for file in self._files:
            file.seek(0)
            seen: set[bytes] = set()
            for raw, place in _RECORD.iter_unpack(file.read()):
                if raw in seen:
                    yield raw, place
                seen.add(raw)
            file.close()
        self._files = []

    def _set_aside(self) -> None:
        """Writes to the part that the id's hash chooses: Python salts it, so nobody can choose ids to fill one part."""
        if not self._files:
            self._files = [tempfile.TemporaryFile(prefix="ledger-verify-") for _ in range(_PARTS)]  # noqa: SIM115 - closed in again()
        parts: list[list[bytes]] = [[] for _ in range(_PARTS)]
        for own, place in self._places.items():
            raw = _raw(own)
            parts[hash(raw) % _PARTS].append(_RECORD.pack(raw, place))
        for file, part in zip(self._files, parts, strict=True):
            file.write(b"".join(part))
        self._places.clear()


def _raw(own: bytes) -> bytes:
    return own if len(own) == 16 else bytes.fromhex(own.decode().replace("-", ""))
