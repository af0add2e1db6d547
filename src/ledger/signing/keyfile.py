"""Key files (`*.clkey`): one Ed25519 seed, sealed with a passphrase by argon2id and XChaCha20-Poly1305.

The file is JSON text `{format, kdf: {name, ops, mem, salt}, name, public, box}`; everything but the box is bound to it
as associated data, so that nobody can swap the name, the public key or the parameters. Source: RFC 9106, libsodium.
"""

import json
import os
import stat
from pathlib import Path
from typing import Final, TypeAlias

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import Aead
from nacl.utils import random

from ledger.errors import InputError
from ledger.signing import base64_text
from ledger.signing.canonical import JsonValue, canonical
from ledger.signing.fields import fields_of, int_of, name_of
from ledger.signing.keys import SEED_BYTES, PublicKey, SigningKey
from ledger.signing.passphrases import normal, require_strong

Passphrase: TypeAlias = str | bytes
"""Text, or its UTF-8 bytes as a passphrase file holds them (without the line feed at its end)."""

FORMAT: Final = "charity-ledger-key/1"
INTERACTIVE_OPS: Final = pwhash.argon2id.OPSLIMIT_INTERACTIVE
INTERACTIVE_MEM: Final = pwhash.argon2id.MEMLIMIT_INTERACTIVE
"""The weakest parameters that are accepted: 2 passes over 64 MiB (0.1 s)."""
MODERATE_OPS: Final = pwhash.argon2id.OPSLIMIT_MODERATE
MODERATE_MEM: Final = pwhash.argon2id.MEMLIMIT_MODERATE
"""What a new file gets: 3 passes over 256 MiB (under 1 s on an office computer)."""
MAX_OPS: Final = 16
MAX_MEM: Final = 1 << 30
MAX_FILE_BYTES: Final = 8192
MAX_PASSPHRASE_BYTES: Final = 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def seal_key(
    key: SigningKey, passphrase: Passphrase, name: str, *, ops: int = MODERATE_OPS, mem: int = MODERATE_MEM
) -> bytes:
    """The bytes of a key file; `ops` passes over `mem` bytes. E_KEY_WEAK, E_KEY_PARAMS, E_PASSPHRASE_FORM, E_TEXT_….

    E_PASSPHRASE_SHORT or E_PASSPHRASE_COMMON: only a new file asks for a strong one, an old one opens as it is.
    """
    _check_parameters(ops, mem)
    require_strong(_secret(passphrase).decode(), name_of(name, "name"))
    salt = random(pwhash.argon2id.SALTBYTES)
    header: dict[str, JsonValue] = {
        "format": FORMAT,
        "kdf": {"name": "argon2id", "ops": ops, "mem": mem, "salt": base64_text.encode(salt)},
        "name": name_of(name, "name"),
        "public": key.public.text,
    }
    box = Aead(_stretch(passphrase, salt, ops, mem)).encrypt(key.seed, canonical(header))
    document = {**header, "box": base64_text.encode(bytes(box))}
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def open_key(data: bytes, passphrase: Passphrase) -> SigningKey:
    """The key inside; InputError E_KEY_FORMAT, E_KEY_WEAK, E_KEY_PARAMS or E_PASSPHRASE (wrong, or file changed)."""
    header, box, public = _read(data)
    kdf = fields_of(header["kdf"], ("name", "ops", "mem", "salt"), "kdf")
    ops, mem = int_of(kdf["ops"], "kdf.ops"), int_of(kdf["mem"], "kdf.mem")
    salt = base64_text.decode(kdf["salt"], "kdf.salt")
    if kdf["name"] != "argon2id" or len(salt) != pwhash.argon2id.SALTBYTES:
        raise InputError("E_KEY_FORMAT", field="kdf")
    _check_parameters(ops, mem)
    try:
        seed = Aead(_stretch(passphrase, salt, ops, mem)).decrypt(box, canonical(header))
    except CryptoError as error:
        raise InputError("E_PASSPHRASE") from error
    if len(seed) != SEED_BYTES:
        raise InputError("E_KEY_FORMAT", field="box")
    key = SigningKey(seed)
    if key.public != public:
        raise InputError("E_KEY_FORMAT", field="public")
    return key


def describe_key(data: bytes) -> tuple[str, PublicKey]:
    """The name and the public key that a key file states; no passphrase, so it is a claim until the file is opened."""
    header, _, public = _read(data)
    return name_of(header["name"], "name"), public


def write_key_file(
    path: Path, key: SigningKey, passphrase: Passphrase, name: str, *, ops: int = MODERATE_OPS, mem: int = MODERATE_MEM
) -> None:
    """Writes a new file readable by its owner only, and syncs it and its directory; E_KEY_EXISTS, never overwrites."""
    data = seal_key(key, passphrase, name, ops=ops, mem=mem)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InputError("E_KEY_EXISTS", file=str(path)) from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if os.name == "posix":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def read_key_file(path: Path, passphrase: Passphrase) -> SigningKey:
    """Opens a key file; as `open_key`, and E_KEY_FILE or E_KEY_FILE_MODE when others than the owner may read it."""
    return open_key(key_file_bytes(path), passphrase)


def key_file_bytes(path: Path) -> bytes:
    """The bytes of a key file whose mode is safe; InputError E_KEY_FILE, E_KEY_FILE_MODE, E_KEY_FORMAT."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise InputError("E_KEY_FILE", file=str(path))
            # Windows keeps no such bits; there the file inherits the profile's access list.
            if os.name == "posix" and state.st_mode & _OTHERS:
                raise InputError("E_KEY_FILE_MODE", file=str(path), mode=f"{stat.S_IMODE(state.st_mode):04o}")
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError("E_KEY_FILE", file=str(path)) from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError("E_KEY_FORMAT", field="size")
    return data


def _read(data: bytes) -> tuple[dict[str, JsonValue], bytes, PublicKey]:
    """The header as it was bound, the box, and the public key; every fault is E_KEY_FORMAT with the field."""
    try:
        document = json.loads(data) if len(data) <= MAX_FILE_BYTES else None
    except (ValueError, RecursionError) as error:
        raise InputError("E_KEY_FORMAT", field="json") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError("E_KEY_FORMAT", field="format")
    try:
        fields_of(document, ("format", "kdf", "name", "public", "box"), "key")
        fields_of(document["kdf"], ("name", "ops", "mem", "salt"), "kdf")
        name_of(document["name"], "name")
        base64_text.decode(document["kdf"]["salt"], "kdf.salt")
        int_of(document["kdf"]["ops"], "kdf.ops")
        int_of(document["kdf"]["mem"], "kdf.mem")
        box = base64_text.decode(document.pop("box"), "box")
        public = PublicKey.parse(document["public"])
        canonical(document)
    except InputError as error:
        raise InputError("E_KEY_FORMAT", field=error.params.get("field", error.code)) from error
    return document, box, public


def _check_parameters(ops: int, mem: int) -> None:
    """Too weak would let a stolen stick be guessed; too strong would stop the program for hours."""
    if ops < INTERACTIVE_OPS or mem < INTERACTIVE_MEM:
        raise InputError("E_KEY_WEAK", ops=ops, mem=mem, min_ops=INTERACTIVE_OPS, min_mem=INTERACTIVE_MEM)
    if ops > MAX_OPS or mem > MAX_MEM:
        raise InputError("E_KEY_PARAMS", ops=ops, mem=mem, max_ops=MAX_OPS, max_mem=MAX_MEM)


def _stretch(passphrase: Passphrase, salt: bytes, ops: int, mem: int) -> bytes:
    """32 bytes from the passphrase."""
    return pwhash.argon2id.kdf(Aead.KEY_SIZE, _secret(passphrase), salt, opslimit=ops, memlimit=mem)


def _secret(passphrase: Passphrase) -> bytes:
    """The passphrase as it is stretched; E_PASSPHRASE_FORM."""
    try:
        secret = normal(passphrase.decode("utf-8") if isinstance(passphrase, bytes) else passphrase).encode("utf-8")
    except UnicodeError as error:
        raise InputError("E_PASSPHRASE_FORM", max=MAX_PASSPHRASE_BYTES) from error
    if not 1 <= len(secret) <= MAX_PASSPHRASE_BYTES:
        raise InputError("E_PASSPHRASE_FORM", max=MAX_PASSPHRASE_BYTES)
    return secret
