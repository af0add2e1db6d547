"""Digests, all from libsodium. A digest travels as text with its algorithm: `sha256:` and 64 lower-case hex digits."""

import importlib
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from nacl.bindings import crypto_generichash_blake2b_salt_personal, crypto_hash_sha256

from ledger.errors import InputError

DIGEST_BYTES = 32
COMMIT_PERSON = b"charity-ledger/1"
"""BLAKE2b personalisation of commitments to a person's fields, 16 bytes: no other use gives equal digests."""

_TEXT = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)

sha256 = crypto_hash_sha256
"""SHA-256 of bytes: 32 bytes. Source: FIPS 180-4."""


def sha256_each(parts: Iterable[bytes]) -> list[bytes]:
    """SHA-256 of each. A voucher has some for every event, and PyNaCl makes and checks a new place for each digest:
    here one place serves all of a call. Where PyNaCl hides its binding its public function does the same, half as fast.
    """
    sodium = _binding()
    if sodium is None:
        return [sha256(part) for part in parts]
    place = sodium.ffi.new("unsigned char[]", DIGEST_BYTES)
    view, digest = sodium.ffi.buffer(place, DIGEST_BYTES), sodium.lib.crypto_hash_sha256
    return [view[:] if digest(place, part, len(part)) == 0 else sha256(part) for part in parts]


@cache
def _binding() -> Any:
    """PyNaCl's binding to libsodium with `ffi` and `lib`, or None when a later PyNaCl hides it."""
    try:
        module = importlib.import_module("nacl._sodium")
    except ImportError:
        return None
    return module if hasattr(module, "ffi") and hasattr(module, "lib") else None


def blake2b_commit(key: bytes, data: bytes) -> bytes:
    """Keyed BLAKE2b-256 of a person's field, 32 bytes: hides the field until the key is shown. Source: RFC 7693.

    `key` is 32 random bytes, fresh for each field; InputError E_COMMIT_KEY for any other length, because a short or
    missing key would let anyone who guesses the field confirm it.
    """
    if len(key) != DIGEST_BYTES:
        raise InputError("E_COMMIT_KEY", length=len(key))
    return crypto_generichash_blake2b_salt_personal(data, DIGEST_BYTES, key=key, person=COMMIT_PERSON)


def digest_text(digest: bytes) -> str:
    """`sha256:` and hex; InputError E_DIGEST when it is not 32 bytes."""
    if len(digest) != DIGEST_BYTES:
        raise InputError("E_DIGEST", field="digest", value=digest.hex()[:80])
    return "sha256:" + digest.hex()


def parse_digest(text: object, field: str = "digest") -> bytes:
    """The 32 bytes of a digest text; InputError E_DIGEST for any other spelling or algorithm."""
    found = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InputError("E_DIGEST", field=field, value=str(text)[:80])
    return bytes.fromhex(found[1])


def commitment_text(commitment: bytes) -> str:
    """`blake2b:` and hex, as commitments stand in events; InputError E_DIGEST when it is not 32 bytes."""
    if len(commitment) != DIGEST_BYTES:
        raise InputError("E_DIGEST", field="commitment", value=commitment.hex()[:80])
    return "blake2b:" + commitment.hex()
