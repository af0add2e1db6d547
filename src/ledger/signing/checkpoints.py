"""Checkpoints: an origin's signed word on how long its log is and what its root is. Source: c2sp.org/tlog-checkpoint.

A log never signs two checkpoints that contradict each other; nothing here can see that, the log must.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import EvidenceError, InputError
from ledger.signing import base64_text
from ledger.signing.digests import DIGEST_BYTES
from ledger.signing.merkle import empty_root
from ledger.signing.notes import Cosigner, NoteSigner, parse_note, sign_note, verify_note
from ledger.signing.vkeys import NoteVerifier, check_key_name

MAX_SIZE = 2**63 - 1
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_HEADER_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`size` leaves under `root` (32 bytes); `extensions` are further lines, which we never write."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_key_name(self.origin)
        if not 0 <= self.size <= MAX_SIZE:
            raise InputError("E_CHECKPOINT", reason="size")
        if len(self.root) != DIGEST_BYTES or (self.size == 0 and self.root != empty_root()):
            raise InputError("E_CHECKPOINT", reason="root")
        if any(not line or "\n" in line for line in self.extensions):
            raise InputError("E_CHECKPOINT", reason="extension")

    def text(self) -> str:
        """The note text: origin, size, root in base64, extension lines."""
        lines = (self.origin, str(self.size), base64_text.encode(self.root), *self.extensions)
        return "\n".join(lines) + "\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """From a note text; InputError E_CHECKPOINT with `reason`: lines, size, root, extension."""
    lines = text.split("\n")
    if len(lines) <= _HEADER_LINES or lines.pop() != "":
        raise InputError("E_CHECKPOINT", reason="lines")
    origin, size, root, *extensions = lines
    if _SIZE.fullmatch(size) is None:
        raise InputError("E_CHECKPOINT", reason="size")
    try:
        decoded = base64_text.decode(root)
    except InputError as error:
        raise InputError("E_CHECKPOINT", reason="root") from error
    return Checkpoint(origin, int(size), decoded, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner | Cosigner) -> str:
    """The checkpoint as a note with one signature; a plain signer's name must be the origin (E_CHECKPOINT_ORIGIN)."""
    if isinstance(signer, NoteSigner) and signer.name != checkpoint.origin:
        raise InputError("E_CHECKPOINT_ORIGIN", origin=checkpoint.origin, name=signer.name)
    return sign_note(checkpoint.text(), [signer])


def open_checkpoint(
    note_text: str, verifier: NoteVerifier | None, witnesses: Sequence[NoteVerifier] = (), quorum: int = 0
) -> Checkpoint:
    """The checkpoint of a note that the origin's key signed, and at least `quorum` of the witnesses.

    With `verifier` None only the form is read: a claim, not evidence. The verifier's name must be the origin
    (E_CHECKPOINT_ORIGIN). Raises as `parse_note`, `verify_note` and `parse_checkpoint`, and EvidenceError E_QUORUM.
    """
    note = parse_note(note_text.encode("utf-8", "surrogatepass"))
    checkpoint = parse_checkpoint(note.text)
    if verifier is None:
        return checkpoint
    if verifier.name != checkpoint.origin:
        raise EvidenceError("E_CHECKPOINT_ORIGIN", origin=checkpoint.origin, name=verifier.name)
    held = [signature.verifier for signature in verify_note(note, [verifier, *witnesses])]
    if verifier not in held:
        raise EvidenceError("E_NOTE_UNVERIFIED", names=[signature.name for signature in note.signatures])
    # Keys are counted, not names: one key under two names is one witness.
    seen_by = {other.public for other in held if other in witnesses} - {verifier.public}
    if len(seen_by) < quorum:
        raise EvidenceError("E_QUORUM", found=len(seen_by), quorum=quorum)
    return checkpoint
