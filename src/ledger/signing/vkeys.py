"""Names and keys of those who sign notes: the operator (Ed25519) and witnesses (timestamped cosignatures).

Source: c2sp.org/signed-note v1.0.0 (key names, key IDs, vkeys) and c2sp.org/tlog-cosignature (type 0x04).
"""

import re
from dataclasses import dataclass
from typing import Final

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.digests import sha256
from ledger.signing.keys import PUBLIC_BYTES, SIGNATURE_BYTES, PublicKey, SigningKey

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
KEY_ID_BYTES: Final = 4
TIMESTAMP_BYTES: Final = 8
MAX_TIMESTAMP: Final = 2**63 - 1
MAX_NAME_BYTES: Final = 255
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")


def check_key_name(name: str) -> str:
    """The name itself: not empty, no blanks, no `+`, no control characters; otherwise InputError E_KEY_NAME."""
    fine = 0 < len(name.encode("utf-8", "replace")) <= MAX_NAME_BYTES and "+" not in name
    if not fine or any(c.isspace() or c < " " or "\ud800" <= c <= "\udfff" for c in name):
        raise InputError("E_KEY_NAME", value=name[:80].encode("utf-8", "replace").decode())
    return name


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The 4 bytes SHA-256(name || 0x0A || type || public key)[:4]; a hint that narrows the search for a key."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public)[:KEY_ID_BYTES]


def cosigned_message(text: str, timestamp: int) -> bytes:
    """What a witness signs: `cosignature/v1`, the time in POSIX seconds, and the whole note text."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """Checks one key's signatures on notes; `algorithm` is ED25519 or COSIGNATURE_V1."""

    name: str
    algorithm: int
    public: PublicKey

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if self.algorithm not in {ED25519, COSIGNATURE_V1}:
            raise InputError("E_VKEY_ALGORITHM", algorithm=f"0x{self.algorithm:02x}")

    @property
    def key_id(self) -> bytes:
        """The 4-byte key ID."""
        return key_id(self.name, self.algorithm, self.public.raw)

    @property
    def vkey(self) -> str:
        """`<name>+<hex key ID>+<base64 of type and public key>`, the form in which keys are published."""
        encoded = base64_text.encode(bytes([self.algorithm]) + self.public.raw)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether the signature bytes (after the key ID) hold over the note text."""
        if self.algorithm == ED25519:
            return self.public.verify(signature, text.encode())
        timestamp = self.timestamp(signature)
        return timestamp is not None and self.public.verify(
            signature[TIMESTAMP_BYTES:], cosigned_message(text, timestamp)
        )

    def timestamp(self, signature: bytes) -> int | None:
        """The POSIX seconds that a cosignature states; None for plain signatures and for malformed ones."""
        if self.algorithm != COSIGNATURE_V1 or len(signature) != TIMESTAMP_BYTES + SIGNATURE_BYTES:
            return None
        stated = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
        return stated if stated <= MAX_TIMESTAMP else None


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """Signs notes plainly: the operator's form."""

    name: str
    key: SigningKey

    @property
    def verifier(self) -> NoteVerifier:
        """The public side."""
        return NoteVerifier(self.name, ED25519, self.key.public)

    @property
    def key_id(self) -> bytes:
        """The 4-byte key ID."""
        return self.verifier.key_id

    @property
    def vkey(self) -> str:
        """The published form of the key."""
        return self.verifier.vkey

    def signature(self, text: str) -> bytes:
        """The bytes that follow the key ID in a signature line."""
        return self.key.sign(text.encode())


@dataclass(frozen=True, slots=True)
class Cosigner:
    """Signs a note with the time it was seen: the witness's form. One Ed25519 key serves one cosigner name only."""

    name: str
    key: SigningKey
    timestamp: int

    @property
    def verifier(self) -> NoteVerifier:
        """The public side."""
        return NoteVerifier(self.name, COSIGNATURE_V1, self.key.public)

    @property
    def key_id(self) -> bytes:
        """The 4-byte key ID."""
        return self.verifier.key_id

    @property
    def vkey(self) -> str:
        """The published form of the key."""
        return self.verifier.vkey

    def signature(self, text: str) -> bytes:
        """Timestamp (8 bytes, big-endian) and signature; InputError E_COSIGNATURE_TIME outside 0 to 2^63 - 1."""
        if not 0 <= self.timestamp <= MAX_TIMESTAMP:
            raise InputError("E_COSIGNATURE_TIME", value=self.timestamp)
        stated = self.timestamp.to_bytes(TIMESTAMP_BYTES, "big")
        return stated + self.key.sign(cosigned_message(text, self.timestamp))


def parse_vkey(text: str) -> NoteVerifier:
    """The verifier of a published key; E_VKEY (form, ID), E_VKEY_ALGORITHM (a type that we cannot check)."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise InputError("E_VKEY", value=text[:120])
    name, stated, encoded = found.groups()
    try:
        data = base64_text.decode(encoded)
    except InputError as error:
        raise InputError("E_VKEY", value=text[:120]) from error
    if data[0] not in {ED25519, COSIGNATURE_V1}:
        raise InputError("E_VKEY_ALGORITHM", algorithm=f"0x{data[0]:02x}")
    if len(data) != 1 + PUBLIC_BYTES:
        raise InputError("E_VKEY", value=text[:120])
    verifier = NoteVerifier(name, data[0], PublicKey(data[1:]))
    if verifier.key_id.hex() != stated:
        raise InputError("E_VKEY_ID", value=text[:120], computed=verifier.key_id.hex())
    return verifier
