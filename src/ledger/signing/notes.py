"""Signed notes: a text with signature lines under it. Source: c2sp.org/signed-note v1.0.0.

Signatures by unknown keys are kept and ignored, whatever their type; a known key whose signature fails spoils the
whole note. `NoteSigner`, `Cosigner` and vkeys stand in `ledger.signing.vkeys` and are offered here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import EvidenceError, InputError
from ledger.signing import base64_text
from ledger.signing.vkeys import KEY_ID_BYTES, Cosigner, NoteSigner, NoteVerifier, check_key_name, key_id, parse_vkey

__all__ = [
    "Cosigner",
    "HeldSignature",
    "Note",
    "NoteSignature",
    "NoteSigner",
    "NoteVerifier",
    "key_id",
    "parse_note",
    "parse_vkey",
    "sign_note",
    "verify_note",
]

DASH = "\u2014 "
MAX_NOTE_BYTES = 1 << 20
MAX_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: a key's name and ID, and its signature bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its line feed."""
        return f"{DASH}{self.name} {base64_text.encode(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line feed, and the signatures under it (not checked yet)."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class HeldSignature:
    """A signature that was checked and holds; `timestamp` is POSIX seconds for cosignatures, otherwise None."""

    verifier: NoteVerifier
    timestamp: int | None


def sign_note(text: str, signers: Sequence[NoteSigner | Cosigner]) -> str:
    """The whole note; InputError E_NOTE_TEXT when the text does not end in a line feed or holds control characters."""
    _check_note_text(text)
    return str(Note(text, tuple(_signed(text, signer) for signer in signers)))


def parse_note(data: bytes) -> Note:
    """Text and signature lines; checks form only. InputError E_NOTE_SIZE, E_NOTE_TEXT or E_NOTE_LINE."""
    if len(data) > MAX_NOTE_BYTES:
        raise InputError("E_NOTE_SIZE", size=len(data), max=MAX_NOTE_BYTES)
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("E_NOTE_TEXT", reason="utf-8") from error
    text, separator, block = whole.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise InputError("E_NOTE_TEXT", reason="signatures")
    text += "\n"
    _check_note_text(text)
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise InputError("E_NOTE_SIZE", size=len(lines), max=MAX_SIGNATURES)
    return Note(text, tuple(_signature_line(line, at) for at, line in enumerate(lines, 1)))


def verify_note(note: Note, verifiers: Sequence[NoteVerifier]) -> tuple[HeldSignature, ...]:
    """The signatures by known keys, each key once, in the order of the lines.

    Raises EvidenceError E_NOTE_SIGNATURE when a known key's signature fails, E_NOTE_UNVERIFIED when no known key
    signed (so that an empty answer can never be taken for a good one), and InputError E_VKEY_TWICE when two verifiers
    share name and key ID.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    if len(known) != len(set(verifiers)):
        raise InputError("E_VKEY_TWICE", value=", ".join(verifier.vkey for verifier in verifiers)[:500])
    held: dict[NoteVerifier, HeldSignature] = {}
    for signature in note.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verify(note.text, signature.signature):
            raise EvidenceError("E_NOTE_SIGNATURE", name=signature.name, key_id=signature.key_id.hex())
        held.setdefault(verifier, HeldSignature(verifier, verifier.timestamp(signature.signature)))
    if not held:
        raise EvidenceError("E_NOTE_UNVERIFIED", names=[signature.name for signature in note.signatures])
    return tuple(held.values())


def _signed(text: str, signer: NoteSigner | Cosigner) -> NoteSignature:
    return NoteSignature(check_key_name(signer.name), signer.key_id, signer.signature(text))


def _check_note_text(text: str) -> None:
    if not text.endswith("\n") or any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in text):
        raise InputError("E_NOTE_TEXT", reason="characters")


def _signature_line(line: str, at: int) -> NoteSignature:
    name, blank, encoded = line.removeprefix(DASH).partition(" ")
    try:
        check_key_name(name)
        data = base64_text.decode(encoded)
    except InputError as error:
        raise InputError("E_NOTE_LINE", line=at, value=line[:120]) from error
    if not line.startswith(DASH) or not blank or len(data) <= KEY_ID_BYTES:
        raise InputError("E_NOTE_LINE", line=at, value=line[:120])
    return NoteSignature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])
