"""What a rule remarked when something was decided is found again by whoever asks for it, and is no doubt."""

from pathlib import Path
from typing import Any

from ledger_projections.public_money.doubts import doubts
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened
from tests.projections.test_pledge_report import pledge

REMARK = "W_PLEDGE_NOTICE"


def listed(book: OpenedBook, **asked: Any) -> list[tuple[str, str]]:
    with book.store.read() as connection:
        found = doubts(connection, **asked)
    rows = [(row.code, row.kind) for row in found.rows]
    assert sum(found.counts.values()) == len([row for row in found.rows if row.reversed_at is None])
    return rows


def test_what_was_remarked_is_listed_when_it_is_asked_for(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(CHARITY, fund("general"), pledge("P", 500_000, "2025-09-01"))
    common = {"pledge": "P", "on": "2025-09-10", "origin": "decision"}
    freed = event("pledge.released", amount_fen=50_000, reason="hardship", reason_text="经营困难", **common)
    (told,) = book.post(CHARITY, freed).warnings
    assert told.code == REMARK
    assert listed(book) == listed(book, code=REMARK) == []
    assert listed(book, remarks=True) == listed(book, remarks=True, code=REMARK) == [(REMARK, "pledge.released")]
    assert listed(book, remarks=True, entity="bureau") == listed(book, remarks=True, at=1) == []
    book.close()
