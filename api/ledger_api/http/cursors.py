"""Where a page of a list ends, as a word that only this book can have made: the next page begins after it.

A cursor is bound to what was asked and to the position that the first page stood for, so that a list read in pages is
one list. It is no secret, and it says nothing that the page did not.
"""

import base64
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from nacl.bindings import sodium_memcmp

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.digests import blake2b_commit

_SEAL_BYTES: Final = 16
_ALPHABET: Final = frozenset(f"{string.ascii_letters}{string.digits}-_")


@dataclass(frozen=True, slots=True)
class Place:
    """After which row the next page begins, and at which position of the log the whole list stands."""

    after: int
    position: int


class Cursors:
    """Makes and reads cursors with a secret of the book."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, place: Place, asked: Mapping[str, Any]) -> str:
        """The cursor of a place in the list that `asked` describes (JSON values)."""
        body = orjson.dumps([place.after, place.position])
        return base64.urlsafe_b64encode(self._seal(body, asked) + body).decode().rstrip("=")

    def read(self, cursor: str, asked: Mapping[str, Any]) -> Place:
        """The place; InputError E_CURSOR for one that was not made here, or for another list."""
        try:
            data = base64_text.decode(cursor + "=" * (-len(cursor) % 4), "cursor", url_safe=True)
        except InputError:
            raise InputError("E_CURSOR", value=cursor[:64]) from None
        seal, body = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
        is_sealed = len(seal) == _SEAL_BYTES and sodium_memcmp(seal, self._seal(body, asked))
        if not is_sealed or not _ALPHABET.issuperset(cursor):  # no other alphabet, and no padding
            raise InputError("E_CURSOR", value=cursor[:64])
        after, position = orjson.loads(body)
        return Place(after, position)

    def _seal(self, body: bytes, asked: Mapping[str, Any]) -> bytes:
        described = orjson.dumps(dict(asked), option=orjson.OPT_SORT_KEYS, default=str)
        return blake2b_commit(self._secret, body + b"\n" + described)[:_SEAL_BYTES]
