"""A day's statement in two files: the fifth edition followed the one that came first, and what it found stays right."""

import pytest
from sqlalchemy import select

from ledger.flows.event import Event
from ledger.log.tables import findings
from tests.audit.earlier.editions import by_edition, earlier_ones, stands, verdict_of
from tests.audit.full_book import DIGEST
from tests.projections.opened_book import CHARITY, OpenedBook, event


def statement(name: str, days: tuple[str, str], opening_fen: int, closing_fen: int) -> Event:
    by = {"organisation": "示例银行", "file_digest": DIGEST, "obtained_by": "zhang", "obtained_on": "2025-09-30"}
    covered = {"first_day": days[0], "last_day": days[1], "opening_fen": opening_fen, "closing_fen": closing_fen}
    said = {
        "statement": name,
        "account": "in-pieces",
        "source": {**by, "how": "download"},
        "line_count": 0,
        "breaks": 0,
    }
    return event("bank.statement_imported", **said, **covered)


def in_pieces(book: OpenedBook) -> None:
    """The morning's file, the evening's, and the next day's, which begins where the evening ended."""
    book.post(CHARITY, statement("p1", ("2025-09-01", "2025-09-07"), 0, 1_100))
    book.post(CHARITY, statement("p2", ("2025-09-07", "2025-09-07"), 1_100, 1_080))
    book.post(CHARITY, statement("p3", ("2025-09-08", "2025-09-08"), 1_080, 1_080))


def gaps(book: OpenedBook) -> list[str]:
    with book.store.read() as connection:
        return [row.code for row in connection.execute(select(findings)) if row.code == "W_BANK_GAP"]


def test_the_next_statement_follows_the_evening(mine: OpenedBook) -> None:
    in_pieces(mine)
    assert gaps(mine) == []
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
    assert "W_STATEMENTS_APART" not in [one.code for one in verdict.completeness]


def test_a_book_of_the_fifth_edition_still_holds(mine: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    by_edition(monkeypatch, 5)
    stands(mine, in_pieces)
    assert gaps(mine) == ["W_BANK_GAP"]


def test_a_real_gap_is_found_after_every_piece(mine: OpenedBook) -> None:
    mine.post(CHARITY, statement("p1", ("2025-09-01", "2025-09-07"), 0, 1_100))
    mine.post(CHARITY, statement("p2", ("2025-09-07", "2025-09-07"), 1_100, 1_080))
    mine.post(CHARITY, statement("p3", ("2025-09-08", "2025-09-08"), 1_090, 1_080))
    assert gaps(mine) == ["W_BANK_GAP"]
