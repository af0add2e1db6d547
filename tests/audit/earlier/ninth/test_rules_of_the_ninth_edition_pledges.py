"""The ninth edition let a gift go back whole while its pledge stayed paid; today the return says what is owed again."""

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import refused_today, still_holds, verdict_of
from tests.audit.full_book import gift, pledge
from tests.projections.opened_book import CHARITY, OpenedBook, event


def back(*parts: dict[str, object]) -> Event:
    told = {"movement": "R-owed", "donation": "D-owed", "fund": "general", "amount_fen": 500, "reason": "wrong_account"}
    return event(
        "donation.returned", **told, means="bank", account="icbc", pledge_parts=list(parts), occurred_on="2025-09-20"
    )


def kept(book: OpenedBook) -> None:
    book.post(CHARITY, back())


@pytest.fixture
def paid(mine: OpenedBook) -> OpenedBook:
    mine.post(CHARITY, pledge("P-owed", 500, "2025-09-30"))
    mine.post(CHARITY, gift("D-owed", "general", 500, pledge_parts=[{"pledge": "P-owed", "fen": 500}]))
    return mine


def test_the_writer_of_today_asks_what_is_owed_again(paid: OpenedBook) -> None:
    refused_today(paid, kept, "E_PLEDGE_STILL_FULFILLED")
    paid.post(CHARITY, back({"pledge": "P-owed", "fen": 500}))
    assert verdict_of(paid).holds


def test_a_book_of_the_ninth_edition_still_holds(paid: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    still_holds(paid, kept, monkeypatch, 9)
