"""The lottery's sales as the fourth edition let them in, twice or ahead of time, stay right and are refused today."""

from collections.abc import Callable

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, verdict_of
from tests.projections.opened_book import BUREAU, OpenedBook, event


def sold(fen: int = 100, month: str = "2025-09", version: int = 1) -> Event:
    return event("lottery.sales_reported", version=version, month=month, amount_fen=fen, stations=3)


def once(book: OpenedBook) -> None:
    book.post(BUREAU, sold())


def of_a_month_to_come(book: OpenedBook) -> None:
    book.post(BUREAU, sold(month="2031-09"))


LET_IN = [once, of_a_month_to_come]


@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    refused_today(mine, act, "E_SALES_VERSION")


@pytest.mark.parametrize("edition", [1, 2, 3, 4])
@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_a_book_of_an_earlier_edition_still_holds(
    mine: OpenedBook, act: Callable[[OpenedBook], None], edition: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, edition)
    act(mine)
    act(mine)
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [2])


@pytest.mark.parametrize(
    ("again", "code"),
    [(sold(version=2), "E_SALES_TWICE"), (sold(month="2025-10", version=2), "E_FACT_IN_FUTURE")],
    ids=["the same again", "a month to come"],
)
def test_a_statement_of_today_is_found_by_its_month(mine: OpenedBook, again: Event, code: str) -> None:
    mine.post(BUREAU, sold(version=2))
    with pytest.raises(VoucherRefusedError) as caught:
        mine.post(BUREAU, again)
    assert code in [finding.code for finding in caught.value.findings]
    mine.post(BUREAU, sold(200, version=2))
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
