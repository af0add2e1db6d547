"""The proof of one event as a file: the event, its path in the voucher, the leaf, and the leaf's proof in the log.

It holds about three kilobytes and verifies offline (`ledger_audit.verifier`). Source: c2sp.org/tlog-proof@v1.
"""

from typing import Any

from sqlalchemy import Connection

from ledger.errors import EvidenceError, NotFoundError
from ledger.log import reading
from ledger.log.proofs import voucher_inclusion
from ledger.signing import base64_text
from ledger.signing.merkle import MemoryTree, inclusion_path, leaf_hash
from ledger.signing.proofs import LogProof
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
