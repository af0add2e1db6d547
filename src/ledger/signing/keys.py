"""Ed25519 keys. Source: RFC 8032, as libsodium does it: canonical encodings only, no key of small order.

The seed is kept inside libsodium's key bytes; nothing here prints it, and `repr` shows the public key only.
"""

import re
from typing import Final

from nacl import bindings
from nacl.exceptions import BadSignatureError
from nacl.utils import random

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.digests import sha256

SEED_BYTES: Final = 32
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_TEXT = re.compile(r"ed25519:([A-Za-z0-9+/]{43}=)", re.ASCII)


class PublicKey:
    """A public key that libsodium accepts; equal when the bytes are equal."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        """Raises InputError E_PUBLIC_KEY unless it is the canonical form of a point of the prime-order group."""
        if len(raw) != PUBLIC_BYTES or not bindings.crypto_core_ed25519_is_valid_point(raw):
            raise InputError("E_PUBLIC_KEY", value=raw.hex()[:80])
        self.raw = bytes(raw)

    @classmethod
    def parse(cls, text: object) -> "PublicKey":
        """From `ed25519:` and base64; InputError E_PUBLIC_KEY."""
        found = _TEXT.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise InputError("E_PUBLIC_KEY", value=str(text)[:80])
        return cls(base64_text.decode(found[1], "public"))

    @property
    def text(self) -> str:
        """`ed25519:` and the standard base64 of the 32 bytes."""
        return "ed25519:" + base64_text.encode(self.raw)

    @property
    def keyid(self) -> str:
        """The first 16 hex digits of SHA-256 of the 32 bytes: a name for people and a hint for machines, no proof."""
        return sha256(self.raw).hex()[:16]

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether it is this key's signature over exactly this message."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            bindings.crypto_sign_open(signature + message, self.raw)
        except BadSignatureError:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.text!r})"


class SigningKey:
    """A person's, operator's or witness's secret key, made from a 32-byte seed."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        """Raises InputError E_SEED unless the seed has 32 bytes."""
        if len(seed) != SEED_BYTES:
            raise InputError("E_SEED", length=len(seed))
        public, self._secret = bindings.crypto_sign_seed_keypair(bytes(seed))
        self.public = PublicKey(public)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from libsodium's random source."""
        return cls(random(SEED_BYTES))

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for sealing them into a key file and for nothing else."""
        return self._secret[:SEED_BYTES]

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over the message."""
        return bindings.crypto_sign(message, self._secret)[:SIGNATURE_BYTES]

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.text!r})"

    def __reduce__(self) -> str:
        # A pickled key would leave a seed in a file or a queue where nobody looks for one.
        raise TypeError("a signing key is never pickled")
