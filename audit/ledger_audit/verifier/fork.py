"""Evidence of two histories (`fork-….json`): two checkpoints of one origin under one key that cannot both be true.

Notes of one size with two roots contradict each other by their signatures alone. Of two sizes, the shorter contradicts
the longer where a consistency proof (RFC 6962 section 2.1.2) leads from another root of its size to the longer's root.
"""

import json
from pathlib import Path
from typing import Any, Final

from ledger_audit.verifier.findings import Place
from ledger_audit.verifier.formats.canonical import FaultError, base64_of, fields, text_at
from ledger_audit.verifier.formats.merkle import HASH_BYTES, roots_joined
from ledger_audit.verifier.formats.notes import Checkpoint, checkpoint_of, parse_note, parse_vkey
from ledger_audit.verifier.whole import Trust, Verdict

FORMAT: Final = "charity-ledger/fork@v1"
MAX_FORK_BYTES: Final = 4 << 20
MAX_PATH: Final = 126
_NAMES: Final = ("format", "verdict", "origin", "vkey", "kept", "shown", "url", "found_at", "root", "path")


def is_fork(path: Path) -> bool:
    """Whether the file says of itself that it is such evidence."""
    try:
        found = _document(path)
    except FaultError:
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def verify_fork(path: Path, trust: Trust) -> Verdict:
    """The verdict on the log: V_FORK_PROVEN when the evidence holds; FaultError V_FORK_UNPROVEN when it proves nothing.

    With a key only evidence under that very key counts; without one, that the key's holder contradicts himself.
    """
    found = fields(_document(path), _NAMES, "fork")
    try:
        name, key = parse_vkey(text_at(found, "vkey"))
    except FaultError as fault:  # not the one that the user gave
        raise FaultError("V_FORK_UNPROVEN", reason="vkey") from fault
    if trust.key is not None and trust.key != (name, key):
        raise FaultError("V_FORK_UNPROVEN", reason="key")
    kept, shown = (_opened(found, which, name, key) for which in ("kept", "shown"))
    if not _contradict(found, kept, shown):
        raise FaultError("V_FORK_UNPROVEN", reason="roots")
    verdict = Verdict(self_consistent_only=trust.key is None, of="fork")
    verdict.integrity.add("V_FORK_PROVEN", Place(file=path.name), kept=kept.size, shown=shown.size)
    verdict.counts.checkpoints = 2
    verdict.checkpoint = {"origin": kept.origin, "size": kept.size, "root": kept.root.hex()}
    return verdict


def _document(path: Path) -> Any:
    if not path.is_file():
        raise FaultError("V_NO_PACKAGE", file=str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FORK_BYTES + 1)
        return json.loads(data) if len(data) <= MAX_FORK_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise FaultError("V_FORK_UNPROVEN", reason="json") from error


def _opened(found: Any, which: str, name: str, key: bytes) -> Checkpoint:
    """A checkpoint that the key of the evidence signed."""
    note = parse_note(text_at(found, which).encode("utf-8", "replace"))
    checkpoint = checkpoint_of(note.text)
    if checkpoint.origin != name or not note.signed_by(name, key):
        raise FaultError("V_FORK_UNPROVEN", reason=which)
    return checkpoint


def _contradict(found: Any, kept: Checkpoint, shown: Checkpoint) -> bool:
    if kept.size == shown.size:
        return kept.root != shown.root
    path = found["path"]
    if shown.size > kept.size or not found["root"] or not isinstance(path, list) or len(path) > MAX_PATH:
        return False
    root, nodes = base64_of(found["root"], "root"), [base64_of(one, "path") for one in path]
    if len(root) != HASH_BYTES or root == shown.root:
        return False
    return roots_joined(shown.size, kept.size, root, nodes) == (root, kept.root)
