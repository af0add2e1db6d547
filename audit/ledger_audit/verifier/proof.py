"""A single event's proof (`.ledger-proof`): event, voucher, log, checkpoint, key, each inside the next.

It proves that the operator put exactly these bytes into the log; whether the maker's key counted then is for a whole
package to say, because a proof holds no history of keys.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ledger_audit.verifier.checkpoints import compared_alone, witnessed_alone
from ledger_audit.verifier.findings import Findings, Place
from ledger_audit.verifier.formats.canonical import FaultError, base64_of, count_at, fields, read_canonical
from ledger_audit.verifier.formats.merkle import leads_to, leaf_hash
from ledger_audit.verifier.formats.notes import Checkpoint, Note, checkpoint_of, parse_note
from ledger_audit.verifier.formats.shapes import read_leaf, read_statement
from ledger_audit.verifier.whole import Trust, Verdict

MAX_PROOF_BYTES: Final = 4 << 20
MAX_PATH: Final = 63
_HEADER: Final = "c2sp.org/tlog-proof@v1"


def is_proof(path: Path) -> bool:
    """Whether the file looks like one of these: JSON that begins with a brace."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip().startswith(b"{")


def verify_proof(path: Path, trust: Trust, now: datetime | None = None) -> tuple[Verdict, dict[str, Any]]:
    """The verdict on a proof, and the event with its place; FaultError V_PROOF_FORM when it is none."""
    found = _read(path)
    verdict = Verdict(self_consistent_only=trust.key is None)
    event, leaf_bytes = base64_of(found["event"], "event"), base64_of(found["leaf"], "leaf")
    leaf = read_leaf(leaf_bytes)
    statement = read_statement(leaf.envelope.payload)
    line = count_at(found, "line", 0)
    place = Place(leaf.number, leaf.first_position)
    voucher_path = _path(found["voucher_path"])
    if not leads_to(leaf_hash(event), line, statement.count, voucher_path, statement.root):
        verdict.integrity.add("V_PROOF_EVENT", place, event=leaf.first_position + line)
    value = read_canonical(event)
    checkpoint, note = _in_log(found["log_proof"], leaf_bytes, leaf.number, verdict.integrity, place, trust)
    alone = compared_alone(checkpoint, trust.known, trust.state, trust.key, verdict.integrity)
    verdict.completeness.extend(alone)
    verdict.completeness += witnessed_alone(note, trust.witnesses, trust.key, now, verdict.integrity)
    if statement.ledger != checkpoint.origin:
        verdict.integrity.add("V_ORIGIN", place, ledger=statement.ledger, origin=checkpoint.origin)
    root = checkpoint.root.hex()
    verdict.checkpoint = {"origin": checkpoint.origin, "size": checkpoint.size, "root": root}
    verdict.counts.events = verdict.counts.vouchers = verdict.counts.checkpoints = 1
    proven = {
        "number": leaf.number,
        "position": leaf.first_position + line,
        "posted_at": leaf.posted_at,
        "voucher_no": leaf.voucher_no,
        "maker": statement.maker,
        "entity": statement.entity,
        "event": value,
    }
    return verdict, proven


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PROOF_BYTES + 1)
        found = json.loads(data) if len(data) <= MAX_PROOF_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise FaultError("V_PROOF_FORM", reason="json") from error
    names = ("event", "line", "voucher_path", "leaf", "log_proof")
    return dict(fields(found, names, "proof"))


def _path(value: Any) -> Sequence[bytes]:
    if not isinstance(value, list) or len(value) > MAX_PATH:
        raise FaultError("V_PROOF_FORM", reason="path")
    return [base64_of(item, "path") for item in value]


def _in_log(
    text: Any, leaf: bytes, number: int, findings: Findings, place: Place, trust: Trust
) -> tuple[Checkpoint, Note]:
    """The inclusion of the leaf under the checkpoint, and the operator's signature on that, when a key is given."""
    head, gap, note_text = str(text).partition("\n\n")
    lines = head.split("\n")
    if lines[1:] and lines[1].startswith("extra "):
        del lines[1]
    if not gap or lines[0] != _HEADER or lines[1:2] != [f"index {number - 1}"]:
        raise FaultError("V_PROOF_FORM", reason="log_proof")
    note = parse_note(note_text.encode("utf-8", "replace"))
    checkpoint = checkpoint_of(note.text)
    if not leads_to(leaf_hash(leaf), number - 1, checkpoint.size, _path(lines[2:]), checkpoint.root):
        findings.add("V_PROOF_LEAF", place, size=checkpoint.size)
    if trust.key is not None:
        name, key = trust.key
        if name != checkpoint.origin:
            findings.add("V_NOT_THIS_KEY", place, name=name, origin=checkpoint.origin)
        elif not note.signed_by(name, key):
            findings.add("V_CHECKPOINT_SIGNATURE", place, size=checkpoint.size)
    return checkpoint, note
