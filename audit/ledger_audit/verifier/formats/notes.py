"""Ed25519 keys, signed notes and checkpoints. Source: RFC 8032, c2sp.org/signed-note, c2sp.org/tlog-checkpoint."""

import re
from dataclasses import dataclass
from typing import Final

from nacl import bindings
from nacl.exceptions import BadSignatureError

from ledger_audit.verifier.formats.canonical import FaultError, base64_of
from ledger_audit.verifier.formats.digests import sha256

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
COSIGNATURE_BYTES: Final = 4 + 8 + 64
SIGNATURE_BYTES: Final = 4 + 64
MAX_NOTE_BYTES: Final = 1 << 20
_KEY = re.compile(r"ed25519:([A-Za-z0-9+/]{43}=)", re.ASCII)
_VKEY = re.compile(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def public_key(raw: bytes) -> bytes:
    """The key itself when it is a canonical point of the prime-order group; FaultError V_KEY_FORM."""
    if len(raw) != 32 or not bindings.crypto_core_ed25519_is_valid_point(raw):
        raise FaultError("V_KEY_FORM", value=raw.hex()[:80])
    return raw


def key_of_text(text: str) -> bytes:
    """The key of `ed25519:<base64>`; FaultError V_KEY_FORM."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise FaultError("V_KEY_FORM", value=text[:80])
    return public_key(base64_of(found[1], "key"))


def keyid_of(raw: bytes) -> str:
    """The name people give a key: the first 16 hex digits of SHA-256 of its bytes."""
    return sha256(raw).hex()[:16]


def signed(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether it is this key's Ed25519 signature over the message."""
    if len(signature) != 64:
        return False
    try:
        bindings.crypto_sign_open(signature + message, key)
    except BadSignatureError:
        return False
    return True


def parse_vkey(text: str) -> tuple[str, bytes]:
    """The name and Ed25519 key of `name+id+base64`; FaultError V_VKEY, V_KEY_FORM."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise FaultError("V_VKEY", value=text[:120])
    data = base64_of(found[3], "vkey")
    if data[0] != ED25519 or _key_id(found[1], data[1:]).hex() != found[2]:
        raise FaultError("V_VKEY", value=text[:120])
    return found[1], public_key(data[1:])


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness whose key somebody gave: its lines state when it saw the note. Source: c2sp.org/tlog-cosignature."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes before its signatures."""
        return _key_id(self.name, self.key, COSIGNATURE_V1)


def parse_witness(text: str) -> Witness:
    """The witness of a published key of type 0x04; FaultError V_WITNESS_VKEY."""
    found = _VKEY.fullmatch(text)
    try:
        data = base64_of(found[3], "vkey") if found else b""
        witness = Witness(found[1], public_key(data[1:])) if found else None
    except FaultError as fault:
        raise FaultError("V_WITNESS_VKEY", value=text[:120]) from fault
    if found is None or witness is None or data[0] != COSIGNATURE_V1 or witness.key_id.hex() != found[2]:
        raise FaultError("V_WITNESS_VKEY", value=text[:120])
    return witness


def key_id(name: str, key: bytes) -> str:
    """A key's ID under a name, as the published key writes it."""
    return _key_id(name, key).hex()


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line feed, and the lines under it as (name, bytes after base64)."""

    text: str
    lines: tuple[tuple[str, bytes], ...]

    def signed_by(self, name: str, key: bytes) -> bool:
        """Whether a line of that name and key ID holds the key's plain signature; one that fails spoils the note."""
        key_id = _key_id(name, key)
        mine = [data[4:] for label, data in self.lines if label == name and data[:4] == key_id]
        return bool(mine) and all(signed(key, signature, self.text.encode()) for signature in mine)

    def signers(self, name: str) -> set[str]:
        """The key IDs, in hex, of the lines of a name that have a plain signature's form: what they claim."""
        return {data[:4].hex() for label, data in self.lines if label == name and len(data) == SIGNATURE_BYTES}

    def cosigned_at(self, witness: Witness) -> tuple[int, ...]:
        """The POSIX times of the witness's lines; FaultError V_WITNESS_SIGNATURE when one of them is not its own."""
        times = []
        for name, data in self.lines:
            if (name, data[:4]) != (witness.name, witness.key_id):
                continue
            time = int.from_bytes(data[4:12], "big")
            message = f"cosignature/v1\ntime {time}\n{self.text}".encode()
            if len(data) != COSIGNATURE_BYTES or not signed(witness.key, data[12:], message):
                raise FaultError("V_WITNESS_SIGNATURE", name=name)
            times.append(time)
        return tuple(times)

    def cosigners(self) -> set[tuple[str, bytes]]:
        """Name and key ID of each line that has a witness's form: what it claims, which only the key can prove."""
        return {(name, data[:4]) for name, data in self.lines if len(data) == COSIGNATURE_BYTES}


def parse_note(data: bytes) -> Note:
    """Text and lines; FaultError V_NOTE with `reason`."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FaultError("V_NOTE", reason="utf-8") from error
    text, gap, block = whole.rpartition("\n\n")
    if not gap or not block.endswith("\n") or len(data) > MAX_NOTE_BYTES:
        raise FaultError("V_NOTE", reason="signatures")
    if any(c < " " and c != "\n" for c in text):
        raise FaultError("V_NOTE", reason="characters")
    return Note(text + "\n", tuple(map(_line, block[:-1].split("\n"))))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What an origin says of its log, not yet checked: how long it is and what its root is."""

    origin: str
    size: int
    root: bytes


def checkpoint_of(text: str) -> Checkpoint:
    """The checkpoint that a note's text states; FaultError V_CHECKPOINT_FORM."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or _SIZE.fullmatch(lines[1]) is None:
        raise FaultError("V_CHECKPOINT_FORM", reason="lines")
    root = base64_of(lines[2], "root")
    if len(root) != 32:
        raise FaultError("V_CHECKPOINT_FORM", reason="root")
    return Checkpoint(lines[0], int(lines[1]), root)


def _key_id(name: str, key: bytes, algorithm: int = ED25519) -> bytes:
    return sha256(name.encode("utf-8", "surrogateescape") + b"\n" + bytes([algorithm]) + key)[:4]


def _line(line: str) -> tuple[str, bytes]:
    name, gap, encoded = line.removeprefix("\u2014 ").partition(" ")
    if not line.startswith("\u2014 ") or not name or "+" in name or not gap:
        raise FaultError("V_NOTE", reason="line")
    data = base64_of(encoded, "note")
    if len(data) < 5:
        raise FaultError("V_NOTE", reason="line")
    return name, data
