"""A proof that travels alone: index, inclusion path, signed checkpoint. Source: c2sp.org/tlog-proof@v1."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import EvidenceError, InputError
from ledger.signing import base64_text
from ledger.signing.checkpoints import MAX_SIZE, Checkpoint, open_checkpoint
from ledger.signing.digests import DIGEST_BYTES
from ledger.signing.merkle import verify_inclusion
from ledger.signing.vkeys import NoteVerifier

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
MAX_PROOF_BYTES = 1 << 20
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class LogProof:
    """`index` of the leaf from 0, hashes from the leaf's sibling upwards, the note verbatim, unauthenticated extra."""

    index: int
    path: tuple[bytes, ...]
    checkpoint_note: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_SIZE:
            raise InputError("E_LOG_PROOF", reason="index")
        if len(self.path) > MAX_PATH or any(len(item) != DIGEST_BYTES for item in self.path):
            raise InputError("E_LOG_PROOF", reason="path")

    def text(self) -> str:
        """The file's text; the checkpoint follows an empty line, verbatim with its signatures."""
        extra = [] if self.extra is None else [f"extra {base64_text.encode(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *map(base64_text.encode, self.path), ""]
        return "\n".join(lines) + "\n" + self.checkpoint_note


def parse_log_proof(text: str) -> LogProof:
    """Reads a proof; the checkpoint's form is checked too. InputError E_LOG_PROOF with `reason`."""
    head, separator, note = text.partition("\n\n")
    if not separator or len(text) > MAX_PROOF_BYTES:
        raise InputError("E_LOG_PROOF", reason="checkpoint")
    lines = head.split("\n")
    if lines.pop(0) != HEADER:
        raise InputError("E_LOG_PROOF", reason="header")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _bytes(lines.pop(0).removeprefix("extra "), "extra")
    found = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if found is None:
        raise InputError("E_LOG_PROOF", reason="index")
    path = tuple(_bytes(line, "path") for line in lines)
    try:
        open_checkpoint(note, None)
    except InputError as error:
        raise InputError("E_LOG_PROOF", reason="checkpoint") from error
    return LogProof(int(found[1]), path, note, extra)


def verify_log_proof(
    leaf: bytes, proof: LogProof, verifier: NoteVerifier, witnesses: Sequence[NoteVerifier] = (), quorum: int = 0
) -> Checkpoint:
    """The checkpoint under which the leaf hash is proven; `leaf` is `leaf_hash(bytes)`, never taken from the proof.

    Raises as `open_checkpoint`, and EvidenceError E_LOG_PROOF_FAILS when the path does not lead to the root.
    """
    checkpoint = open_checkpoint(proof.checkpoint_note, verifier, witnesses, quorum)
    if not verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise EvidenceError("E_LOG_PROOF_FAILS", index=proof.index, size=checkpoint.size)
    return checkpoint


def _bytes(text: str, reason: str) -> bytes:
    try:
        return base64_text.decode(text)
    except InputError as error:
        raise InputError("E_LOG_PROOF", reason=reason) from error
