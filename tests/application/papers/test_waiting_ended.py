"""Vouchers that ended are kept for good: of them only those are loaded that are asked for, on either database."""

from typing import Any

from sqlalchemy import insert

from ledger.application.waiting import ended_with
from ledger.log.side_tables import pending
from ledger.log.store import LogStore
from ledger.signing.dsse import Envelope, Signature

ENTITY = "bureau"
KEPT = {
    "one": (ENTITY, "rejected", '{"kind":"subsidy.authorised","batch":"dibao-2025-09"}'),
    "of another batch": (ENTITY, "rejected", '{"kind":"subsidy.authorised","batch":"dibao-2025-10"}'),
    "of nobody known": (ENTITY, "withdrawn", '{"kind":"gift.received","note":"农村低保"}'),
    "that still waits": (ENTITY, "pending", '{"kind":"subsidy.authorised","batch":"dibao-2025-09"}'),
    "of others": ("other", "lapsed", '{"kind":"subsidy.authorised","batch":"dibao-2025-09"}'),
    "two": (ENTITY, "refused", '{"kind":"subsidy.offset","batch":"dibao-2025-09"}'),
}


class Counting:
    """A connection that counts the rows that it loads."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.rows = connection, 0
        self.dialect = connection.dialect

    def execute(self, statement: Any) -> Any:
        found = self.connection.execute(statement).all()
        self.rows += len(found)
        return found


def test_only_what_says_so_is_loaded(book_url: str) -> None:
    store = LogStore.open(book_url)
    envelope = Envelope("voucher", b"{}", (Signature("key", b"0" * 64),)).to_bytes()
    with store.write() as connection:
        for number, (voucher, (entity, state, said)) in enumerate(KEPT.items()):
            stated: dict[str, Any] = {
                "voucher_id": voucher,
                "statement_digest": f"d{number}",
                "entity": entity,
                "maker": "maker",
            }
            stated |= {
                "amount_fen": 1,
                "state": state,
                "valid_until": "2026-01-01",
                "submitted_at": f"2025-09-0{number}",
            }
            blobs = {"envelope": envelope, "events": said.encode(), "approvals": b"[]"}
            connection.execute(insert(pending).values(**stated, **blobs))
    with store.read() as connection:
        asked: Any = Counting(connection)
        found = ended_with(asked, ENTITY, "dibao-2025-09")
    store.close()
    assert ([one.voucher for one in found], asked.rows) == (["one", "two"], 2)
