"""The proof of one event as a file: the event, its path in the voucher, the leaf, and the leaf's proof in the log.

It holds about three kilobytes and verifies offline (`ledger_audit.verifier`). Source: c2sp.org/tlog-proof@v1.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from ledger.errors import EvidenceError, NotFoundError
from ledger.log import reading
from ledger.log.proofs import voucher_inclusion
from ledger.signing import base64_text
from ledger.signing.checkpoints import Checkpoint, open_checkpoint
from ledger.signing.merkle import MemoryTree, inclusion_path, leaf_hash
from ledger.signing.proofs import LogProof, parse_log_proof, verify_log_proof
from ledger.signing.vkeys import NoteVerifier
from ledger_audit.notes import newest_note


def event_proof(connection: Connection, position: int) -> dict[str, Any]:
    """The JSON of a `.ledger-proof` file, under the newest checkpoint.

    `event`, `leaf` and the digests of `voucher_path` are standard base64; `line` counts the voucher's events from 0.
    Raises NotFoundError E_POSITION when nothing stands there, EvidenceError E_BARE_EVENT, E_CHECKPOINT_MISSING.
    """
    event, voucher = reading.event_at(connection, position), reading.voucher_of_position(connection, position)
    if event is None:
        raise NotFoundError("E_POSITION", position=position)
    if voucher is None:
        raise EvidenceError("E_BARE_EVENT", number=position)
    size, note = newest_note(connection, voucher.number)
    rows = reading.events_between(connection, voucher.first_position, voucher.last_position)
    tree = MemoryTree(leaf_hash(bytes(row.data)) for row in rows)
    line = position - voucher.first_position
    proof = LogProof(voucher.number - 1, tuple(voucher_inclusion(connection, voucher.number, size)), note)
    return {
        "event": base64_text.encode(bytes(event.data)),
        "line": line,
        "voucher_path": [base64_text.encode(node) for node in inclusion_path(tree, line, voucher.count)],
        "leaf": base64_text.encode(voucher.leaf),
        "log_proof": proof.text(),
    }


def check_event_proof(proof: Mapping[str, Any], signer_of: Callable[[int], NoteVerifier]) -> Checkpoint:
    """Read a made proof again, as its reader will, before it leaves the house; the checkpoint that it leads to.

    `signer_of` says whose signature the checkpoint over so many vouchers bears. Raises EvidenceError
    E_LOG_PROOF_FAILS when the leaf is not in the log that was signed, E_NOTE_SIGNATURE or E_NOTE_UNVERIFIED when the
    operator did not sign it, and InputError as `parse_log_proof`.
    """
    told = parse_log_proof(proof["log_proof"])
    signer = signer_of(open_checkpoint(told.checkpoint_note, None).size)
    return verify_log_proof(leaf_hash(base64_text.decode(proof["leaf"])), told, signer)
