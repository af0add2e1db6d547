"""The ninth edition let a fund promise money that nobody had claimed; today it waits for its owner's name."""

import pytest

from tests.audit.earlier.editions import refused_today, still_holds
from tests.audit.earlier.test_earlier_rules import GRANT
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund

WAITS = {"suspense": "S9", "fund": "empty", "amount_fen": 10_000, "means": "bank", "account": "icbc"}


@pytest.fixture
def waiting(mine: OpenedBook) -> OpenedBook:
    mine.post(
        CHARITY, fund("empty", "unrestricted"), event("suspense.received", **WAITS, memo="?", occurred_on="2025-09-05")
    )
    return mine


def promised(book: OpenedBook) -> None:
    told = {**GRANT, "fund": "empty", "persons": 10, "amount_fen": 10_000, "on": "2025-09-10", "origin": "decision"}
    book.post(CHARITY, event("grant.committed", **told))


def test_the_writer_of_today_refuses_it(waiting: OpenedBook) -> None:
    refused_today(waiting, promised, "E_FUND_INSUFFICIENT")


def test_a_book_of_the_ninth_edition_still_holds(waiting: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    still_holds(waiting, promised, monkeypatch, 9)
