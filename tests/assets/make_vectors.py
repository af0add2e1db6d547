"""Makes `vectors.json`: our own bytes, frozen. A test compares; run this by hand only when a format gets a new version.

Usage: `python tests/assets/make_vectors.py` from the repository root.
"""

import json
from pathlib import Path
from typing import Any

from ledger.signing import base64_text
from ledger.signing.canonical import canonical
from ledger.signing.digests import blake2b_commit, commitment_text, digest_text, sha256
from ledger.signing.dsse import APPROVAL_TYPE, VOUCHER_TYPE, sign
from ledger.signing.keys import SigningKey
from ledger.signing.merkle import leaf_hash, root_of
from ledger.signing.statements import Approval, EventsRoot, Leaf, Seen, Statement, VoucherNo

FILE = Path(__file__).parent / "vectors.json"
MAKER, CHECKER = SigningKey(bytes([1]) * 32), SigningKey(bytes([2]) * 32)
EVENTS: list[dict[str, Any]] = [
    {
        "kind": "sample.happened",
        "version": 1,
        "id": "01990000-0000-7000-8000-000000000001",
        "amount_fen": 100,
        "memo": None,
    },
    {
        "kind": "sample.happened",
        "version": 1,
        "id": "01990000-0000-7000-8000-000000000002",
        "amount_fen": -1,
        "memo": "甲",
    },
    {
        "kind": "sample.happened",
        "version": 1,
        "id": "01990000-0000-7000-8000-000000000003",
        "amount_fen": 0,
        "memo": 'é"\\',
    },
]


def statement(root: bytes) -> Statement:
    """The maker's statement over the three sample events."""
    return Statement(
        ledger="ledger.example.org/fund-log",
        voucher="01990000-0000-7000-8000-0000000000ff",
        entity="shiyi-charity",
        voucher_date="2025-09-05",
        attachments=2,
        made_at="2025-09-05T09:14:00+08:00",
        valid_until="2025-09-30T23:59:59+08:00",
        maker="zhang",
        events=EventsRoot(len(EVENTS), root),
        note="九月第一批\n示例",
        seen=Seen(8, sha256(b"seen")),
    )


def approval(digest: str) -> Approval:
    """The checker's approval of that statement."""
    return Approval(
        ledger="ledger.example.org/fund-log",
        person="li",
        statement=digest,
        capacity="checker",
        made_at="2025-09-05T10:00:00+08:00",
        valid_until="2025-09-30T23:59:59+08:00",
        seen=None,
    )


def vectors() -> dict[str, Any]:
    """Everything that is frozen: bytes as text, digests and keys in their text forms."""
    events = [canonical(event) for event in EVENTS]
    root = root_of([leaf_hash(event) for event in events])
    made = statement(root)
    approved = approval(made.digest)
    envelope = sign(VOUCHER_TYPE, made.to_bytes(), MAKER)
    checked = sign(APPROVAL_TYPE, approved.to_bytes(), CHECKER)
    number = VoucherNo("shiyi-charity", "2025-09", "记", 1)
    leaf = Leaf(9, 101, "2025-09-05T10:00:01+08:00", number, envelope, (checked,))
    return {
        "keys": {"maker": MAKER.public.text, "maker_keyid": MAKER.public.keyid, "checker": CHECKER.public.text},
        "events": [event.decode() for event in events],
        "event_digests": [digest_text(leaf_hash(event)) for event in events],
        "events_root": digest_text(root),
        "statement": made.to_bytes().decode(),
        "statement_digest": made.digest,
        "approval": approved.to_bytes().decode(),
        "leaf": leaf.to_bytes().decode(),
        "leaf_hash": base64_text.encode(leaf.hash),
        "commitment": {
            "key": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "field": canonical({"name": "示例甲"}).decode(),
            "text": commitment_text(blake2b_commit(bytes(range(32)), canonical({"name": "示例甲"}))),
        },
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
