"""A single event's proof (`.ledger-proof`): event, voucher, log, checkpoint, key, each inside the next.

It proves that the operator put exactly these bytes into the log; whether the maker's key counted then is for a whole
package to say, because a proof holds no history of keys.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ledger_audit.verifier.checkpoints import compared_alone, witnessed_alone
from ledger_audit.verifier.findings import Findings, Place
from ledger_audit.verifier.formats.canonical import FaultError, base64_of, count_at, fields, read_canonical
from ledger_audit.verifier.formats.merkle import leads_to, leaf_hash
from ledger_audit.verifier.formats.notes import Checkpoint, Note, checkpoint_of, key_id, parse_note
from ledger_audit.verifier.formats.shapes import Leaf, Statement, read_leaf, read_statement
from ledger_audit.verifier.whole import Trust, Verdict

MAX_PROOF_BYTES: Final = 4 << 20
MAX_PATH: Final = 63
NAMES: Final = ("event", "line", "voucher_path", "leaf", "log_proof")
_HEADER: Final = "c2sp.org/tlog-proof@v1"


def is_proof(path: Path) -> bool:
    """Whether the file looks like one of these: JSON that begins with a brace."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip().startswith(b"{")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a proof holds, each part read by its form."""

    event: bytes
    value: dict[str, Any]
    line: int
    voucher_path: Sequence[bytes]
    leaf_bytes: bytes
    leaf: Leaf
    statement: Statement
    log_path: Sequence[bytes]
    note: Note
    checkpoint: Checkpoint

    @property
    def place(self) -> Place:
        """The event's, in its voucher."""
        return Place(self.leaf.number, self.position)

    @property
    def position(self) -> int:
        """The event's."""
        return self.leaf.first_position + self.line


def verify_proof(path: Path, trust: Trust, now: datetime | None = None) -> tuple[Verdict, dict[str, Any] | None]:
    """The verdict on a proof, and the event with its place; None where a part has not the form that it must have, which
    the verdict says. FaultError V_PROOF_FORM when the file is no proof at all.
    """
    found = _read(path)
    verdict = Verdict(self_consistent_only=trust.key is None)
    try:
        parts = _parts(found)
    except FaultError as fault:
        verdict.integrity.fault(fault, Place(file=path.name))
        return verdict, None
    _check(parts, trust, verdict.integrity)
    checkpoint = parts.checkpoint
    verdict.completeness.extend(compared_alone(checkpoint, trust.known, trust.state, trust.key, verdict.integrity))
    verdict.completeness += witnessed_alone(
        parts.note, trust.witnesses, trust.key, now, verdict.integrity, parts.leaf.posted_at
    )
    root = checkpoint.root.hex()
    verdict.checkpoint = {"origin": checkpoint.origin, "size": checkpoint.size, "root": root}
    verdict.counts.events = verdict.counts.vouchers = verdict.counts.checkpoints = 1
    proven = {
        "number": parts.leaf.number,
        "position": parts.position,
        "posted_at": parts.leaf.posted_at,
        "voucher_no": parts.leaf.voucher_no,
        "maker": parts.statement.maker,
        "entity": parts.statement.entity,
        "event": parts.value,
    }
    return verdict, proven


def _read(path: Path) -> dict[str, Any]:
    """The file's object; whatever has none of a proof's fields is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PROOF_BYTES + 1)
        found = json.loads(data) if len(data) <= MAX_PROOF_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise FaultError("V_PROOF_FORM", reason="json") from error
    if not isinstance(found, dict) or not found.keys() & set(NAMES):
        raise FaultError("V_PROOF_FORM", reason="fields")
    return found


def _parts(found: dict[str, Any]) -> _Parts:
    """FaultError for the first part that has not its form."""
    said = fields(found, NAMES, "proof")
    event, leaf_bytes = base64_of(said["event"], "event"), base64_of(said["leaf"], "leaf")
    leaf = read_leaf(leaf_bytes)
    statement = read_statement(leaf.envelope.payload)
    line, voucher_path = count_at(said, "line", 0), _path(said["voucher_path"])
    value = read_canonical(event)
    log_path, note = _log_proof(said["log_proof"], leaf.number)
    return _Parts(
        *(event, value, line, voucher_path, leaf_bytes, leaf, statement),
        *(log_path, note, checkpoint_of(note.text)),
    )


def _path(value: Any) -> Sequence[bytes]:
    if not isinstance(value, list) or len(value) > MAX_PATH:
        raise FaultError("V_PROOF_FORM", reason="path")
    return [base64_of(item, "path") for item in value]


def _log_proof(text: Any, number: int) -> tuple[Sequence[bytes], Note]:
    """The path of the leaf and the note that it leads to. Source: c2sp.org/tlog-proof."""
    head, gap, note_text = str(text).partition("\n\n")
    lines = head.split("\n")
    if lines[1:] and lines[1].startswith("extra "):
        del lines[1]
    if not gap or lines[0] != _HEADER or lines[1:2] != [f"index {number - 1}"]:
        raise FaultError("V_PROOF_FORM", reason="log_proof")
    return _path(lines[2:]), parse_note(note_text.encode("utf-8", "replace"))


def _check(parts: _Parts, trust: Trust, findings: Findings) -> None:
    """The event in its voucher, the voucher in the log, and the operator's signature on that, when a key is given."""
    leaf, statement, checkpoint, place = parts.leaf, parts.statement, parts.checkpoint, parts.place
    if not leads_to(leaf_hash(parts.event), parts.line, statement.count, parts.voucher_path, statement.root):
        findings.add("V_PROOF_EVENT", place, event=parts.position)
    if not leads_to(leaf_hash(parts.leaf_bytes), leaf.number - 1, checkpoint.size, parts.log_path, checkpoint.root):
        findings.add("V_PROOF_LEAF", place, size=checkpoint.size)
    if statement.ledger != checkpoint.origin:
        findings.add("V_ORIGIN", place, ledger=statement.ledger, origin=checkpoint.origin)
    if trust.key is not None:
        name, key = trust.key
        if name != checkpoint.origin:
            findings.add("V_NOT_THIS_KEY", place, name=name, origin=checkpoint.origin)
        elif not parts.note.signed_by(name, key):
            findings.add("V_CHECKPOINT_SIGNATURE", place, size=checkpoint.size)
            by, given = parts.note.signers(name), key_id(name, key)
            if by and given not in by:
                findings.add("V_OTHER_KEY", place, by=", ".join(sorted(by)), given=given)
