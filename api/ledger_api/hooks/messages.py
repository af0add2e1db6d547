"""What a hook is told: which voucher, whose, where, and the checkpoint over it. No amount, nothing of a person."""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from ledger.log import reading
from ledger.log.rows import StoredVoucher
from ledger.log.tables import checkpoints, events, head
from ledger_api.hooks.registry import Hook

POSTED: Final = "voucher.posted"
TEST: Final = "hook.test"
SCANNED: Final = 500
"""Vouchers that are looked through at once."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message for one hook. `id` is the same at each attempt; the body holds the very bytes that are signed."""

    id: str
    number: int
    body: bytes


def next_message(connection: Connection, hook: Hook) -> tuple[Message | None, int]:
    """The next message for a hook, or None; and the number of the voucher up to which there is nothing else for it."""
    last = connection.execute(select(head.c.position)).scalar_one()
    passed = hook.delivered
    for row in reading.vouchers_after(connection, hook.delivered, last, SCANNED):
        if not hook.entities or row.entity in hook.entities:
            kinds = _kinds(connection, row)
            wanted = sorted(kinds & set(hook.kinds)) if hook.kinds else sorted(kinds)
            if wanted:
                return Message(f"msg_{hook.id}_{row.number}", row.number, _posted(connection, row, wanted)), passed
        passed = row.number
    return None, passed


def empty_message(hook: Hook, origin: str, at: str, now: int) -> Message:
    """A message that tells of nothing."""
    return Message(f"msg_{hook.id}_test{now}", hook.delivered, _body(TEST, at, {"ledger": origin}))


def _kinds(connection: Connection, row: StoredVoucher) -> set[str]:
    within = events.c.position.between(row.first_position, row.last_position)
    return set(connection.execute(select(events.c.kind).where(within).distinct()).scalars())


def _posted(connection: Connection, row: StoredVoucher, kinds: list[str]) -> bytes:
    """The first checkpoint that covers the voucher, so that the body is the same at each attempt."""
    covering = select(checkpoints.c.note).where(checkpoints.c.size >= row.number).order_by(checkpoints.c.size).limit(1)
    told = {
        "voucher": row.voucher_id,
        "entity": row.entity,
        "number": row.number,
        "positions": [row.first_position, row.last_position],
        "kinds": kinds,
        "checkpoint": connection.scalar(covering),
    }
    return _body(POSTED, row.posted_at, told)


def _body(kind: str, at: str, data: dict[str, Any]) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": at, "data": data})
