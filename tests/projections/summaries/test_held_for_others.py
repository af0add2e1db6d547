"""What funds for a final payee were given, passed on and hold, in a real book: span by span, and across a year."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.values.dates import TZ
from ledger_projections import registry
from ledger_projections.charity.pledge_report import pledge_report
from ledger_projections.figures import figures
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import fact
from tests.flows.charity_world import VALID
from tests.projections.opened_book import CHARITY, OpenedBook, fund, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import rows, table
from tests.projections.test_book_readers import gift

APPEAL = ("disaster_cash_fen", "disaster_in_kind_fen", "disaster_transferred_fen", "disaster_left_fen")
TOLD = {
    ("2025-07", "2025-07"): (0, 0, 0, 0),
    ("2025-08", "2025-08"): (150_000, 0, 0, 150_000),
    ("2025-09", "2025-09"): (0, 0, 100_000, 50_000),
    ("2025-10", "2025-12"): (0, 0, 0, 50_000),
    ("2025-01", "2025-12"): (150_000, 0, 100_000, 50_000),
}
"""Span -> given in money and in goods, passed on, and what is held at its end."""


@pytest.fixture(scope="module")
def book() -> Iterator[OpenedBook]:
    """150,000 fen in two gifts of August, of which 100,000 were passed on in September."""
    with folder() as here:
        made = opened(here)
        made.now = dt.datetime(2026, 3, 31, 10, 0, tzinfo=TZ)
        made.post(CHARITY, fund("general"), fund("appeal", "agency", final_payee="neighbour"), on=dt.date(2025, 1, 2))
        august = dt.date(2025, 8, 5)
        made.post(CHARITY, *(gift(f"A{fen}", "appeal", fen, str(august)) for fen in (100_000, 50_000)), on=august)
        passed = {"fund": "appeal", "final_payee": "neighbour", "movement": "T1", "amount_fen": 100_000}
        on = dt.date(2025, 9, 2)
        made.post(CHARITY, VALID["agency.transferred"](**passed, occurred_on=on), on=on)
        made.post(CHARITY, gift("D1", "general", 1_000, "2025-12-20"), on=dt.date(2025, 12, 20))
        registry.catch_up(made.store)
        yield made
        made.close()


def test_what_is_taken_back_in_the_next_year_changes_no_figure_of_the_last(book: OpenedBook, tmp_path: Path) -> None:
    """The figures of 2025 go on saying what M7 of 2025 says, and the table of pledges of 2026 names what was undone."""
    mine = book.copy(tmp_path / "b.db")
    mistaken, mistaken_on = gift("A3", "appeal", 30_000, "2025-12-10"), dt.date(2025, 12, 10)
    position = mine.post(CHARITY, mistaken, on=mistaken_on).first_position
    mine.post(CHARITY, gift("A4", "appeal", 7_000, "2025-12-30"), on=dt.date(2026, 1, 5))
    mine.reverse(CHARITY, mistaken, position, on=dt.date(2026, 1, 25))
    spans = {"2025": ("2025-01", "2025-12"), "2026": ("2026-01", "2026-03")}
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = {year: figures(connection, *span).by_key() for year, span in spans.items()}
        before = figures(connection, *spans["2025"], at=position).by_key()
    assert found["2025"] == before, "as it was published"
    assert found["2025"]["disaster_cash_fen"] == 180_000
    assert found["2026"]["disaster_cash_fen"] == 7_000, "recorded in the new year, and counted in it as the funds count"
    today = mine.now.date()
    for year, span in spans.items():
        (appeal,) = [row for row in rows(table(mine, "M7", *span, today=today)) if row["fund"] == "appeal"]
        undone = 30_000 if year == "2026" else 0
        assert appeal["cash_gifts_fen"] == found[year]["disaster_cash_fen"] - undone
        assert appeal["closing_fen"] == found[year]["disaster_left_fen"]
        (pledges,) = rows(table(mine, "Y6", *span, today=today))
        assert pledges["earlier_reversed_fen"] == undone
        told = {one.code: one.params for one in table(mine, "Y5", *span, today=today).notes}["table.note.arrived"]
        assert told["reversed_fen"] == undone
        assert told["arrived_fen"] - undone + told["rest_fen"] == told["net_fen"]
        assert told["rest_fen"] == 0, "what arrived in December and was booked in January is of January for both"
    with mine.store.read() as connection:
        early = (
            pledge_report(connection, 2026, as_of=dt.date(2026, 1, 24)),
            pledge_report(connection, 2026, at=position),
        )
        assert [sum(one.earlier_reversed_fen for one in found.rows) for found in early] == [0, 0]
    mine.close()


@pytest.mark.parametrize(("first", "last"), TOLD)
def test_what_is_left_is_what_the_funds_hold_at_the_end(book: OpenedBook, first: str, last: str) -> None:
    with book.store.read() as connection:
        found = figures(connection, first, last).by_key()
    assert tuple(found[one] for one in APPEAL) == TOLD[first, last]


def test_money_that_is_only_passed_on_or_only_held_is_known_too(book: OpenedBook) -> None:
    with book.store.read() as connection:
        for span, told in TOLD.items():
            books = Books(connection, Span(*span), book.head)
            facts = [fact(books, one) for one in APPEAL]
            missing = {one.missing for one in facts}
            assert missing == ({None} if any(told) else {"no_record"}), span
            assert [one.value for one in facts] == (list(told) if any(told) else [None] * 4)
