"""SHA-256 by libsodium. PyNaCl's own function makes a new buffer for every digest; a log has some for every event.

Where PyNaCl hides its binding, its public function is used: the same digests, half as fast.
"""

import importlib
from collections.abc import Callable
from typing import Any, Final

from nacl.bindings import crypto_hash_sha256

DIGEST_BYTES: Final = 32


def binding() -> Any:
    """PyNaCl's binding to libsodium with `ffi` and `lib`, or None when a later PyNaCl hides it."""
    try:
        module = importlib.import_module("nacl._sodium")
    except ImportError:
        return None
    return module if hasattr(module, "ffi") and hasattr(module, "lib") else None


def make_sha256(sodium: Any) -> Callable[[bytes], bytes]:
    """The digest function over a binding; not for use by several threads at once, because they share one buffer."""
    if sodium is None:
        return crypto_hash_sha256
    place = sodium.ffi.new("unsigned char[]", DIGEST_BYTES)
    view, digest = sodium.ffi.buffer(place, DIGEST_BYTES), sodium.lib.crypto_hash_sha256

    def fast(data: bytes) -> bytes:
        if digest(place, data, len(data)) != 0:
            return crypto_hash_sha256(data)
        made: bytes = view[:]
        return made

    return fast


sha256: Final = make_sha256(binding())
