"""What funds for a final payee were given, passed on and hold, in a real book: span by span, and across a year."""

import datetime as dt
from collections.abc import Iterator

import pytest

from ledger.values.dates import TZ
from ledger_projections import registry
from ledger_projections.figures import figures
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import fact
from tests.flows.charity_world import VALID
from tests.projections.opened_book import CHARITY, OpenedBook, fund, opened
from tests.projections.plain_log import folder
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
