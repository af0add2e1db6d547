"""Fresh ids: UUIDv7 with 74 bits from libsodium's random source. Source: RFC 9562 section 5.7.

All 74 bits are fresh in every id (no counter), so that the digest of an event tells nobody what the event says.
Random bytes are drawn in blocks, because one draw costs more than one id; a forked child throws its copy away.
"""

import os
import threading
import time

from nacl.utils import random

_BLOCK_IDS = 512
_BITS_PER_ID = 10  # bytes drawn for one id: 80 bits, of which 74 are used
_lock = threading.Lock()
_stock: list[bytes] = []


def _forget() -> None:
    """A child process must never hand out the bits that its parent also holds."""
    global _lock  # noqa: PLW0603 - the parent's lock may have been held by another thread at the fork
    _lock = threading.Lock()
    _stock.clear()


os.register_at_fork(after_in_child=_forget)


def _fresh() -> bytes:
    with _lock:
        if not _stock:
            block = random(_BLOCK_IDS * _BITS_PER_ID)
            _stock.extend(block[i : i + _BITS_PER_ID] for i in range(0, len(block), _BITS_PER_ID))
        return _stock.pop()


def new_uuid7() -> str:
    """A new UUIDv7 in its one spelling: 36 characters, lower case, with hyphens."""
    bits = int.from_bytes(_fresh(), "big")
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7000 << 64 | (bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | bits & 0x3FFF_FFFF_FFFF_FFFF
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
