"""What may be carried forward: a month as it ended. What the third edition let in beside that stays right."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.flows.event import Event
from ledger.values.dates import TZ
from tests.audit.earlier.editions import earlier_ones, refused_today, stands, verdict_of
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund, opened

GIFTS = {"fund": "spring", "role": "donation_unrestricted", "party": ""}
OCTOBER = dt.date(2025, 10, 1)


def carried(*fen: int, **more: Any) -> Event:
    """What September's gifts to a fund came to goes to its net assets."""
    lines = [{**GIFTS, "balance_fen": one} for one in fen]
    return event(
        "period.carried_forward",
        **{"entity": CHARITY, "period": "2025-09", "on": "2025-09-30", "lines": lines, **more},
    )


def given(book: OpenedBook) -> None:
    """September's gift to a fund of its own; it is October by now."""
    book.post(CHARITY, fund("spring"), gift("D70", "spring", 300))
    book.now = dt.datetime(2025, 10, 1, 10, tzinfo=TZ)


def twice(book: OpenedBook) -> None:
    """The same entry is recorded again: the gifts of September stand on the other side."""
    given(book)
    book.post(CHARITY, carried(-300))
    book.post(CHARITY, carried(-300))


def more_than_there_is(book: OpenedBook) -> None:
    """October's gift is carried forward with those of September."""
    given(book)
    book.post(CHARITY, gift("D71", "spring", 50, "2025-10-01"), on=OCTOBER)
    book.post(CHARITY, carried(-350))


def dated_later(book: OpenedBook) -> None:
    """September's gifts are carried forward by a voucher of October, and so in October."""
    given(book)
    book.post(CHARITY, carried(-300), on=OCTOBER)


def of_another_month(book: OpenedBook) -> None:
    given(book)
    book.post(CHARITY, carried(-300, period="2024-12"))


def of_no_fund(book: OpenedBook) -> None:
    line = {"fund": "nofund", "role": "management_cost", "party": "", "balance_fen": 5}
    book.post(CHARITY, carried(lines=[line]))


LET_IN = {
    twice: "E_CARRIED_OVER",
    more_than_there_is: "E_CARRIED_OVER",
    dated_later: "E_CARRIED_DAY",
    of_another_month: "E_CARRIED_DAY",
    of_no_fund: "E_FUND_UNKNOWN",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedBook]:
    made = opened(tmp_path_factory.mktemp("carrying"))
    yield made
    made.close()


@pytest.mark.parametrize(("act", "code"), LET_IN.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(mine, act, code)


@pytest.mark.usefixtures("third")
@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_a_book_of_the_third_edition_still_holds(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    stands(mine, act)


def test_a_month_is_carried_forward_as_it_ended_although_the_next_one_has_begun(mine: OpenedBook) -> None:
    """What counts for October is left out, in the tables and in the batch; what the voucher itself brings counts."""
    given(mine)
    back = {"movement": "RB9", "donation": "D70", "fund": "spring", "amount_fen": 250, "reason": "donor_request"}
    paid = {"means": "bank", "account": "icbc", "pledge_parts": [], "occurred_on": "2025-10-01"}
    mine.post(CHARITY, event("donation.returned", **back, **paid), on=OCTOBER)
    batch = [
        mine.draft(CHARITY, [gift("D71", "spring", 20, "2025-10-01")], on=OCTOBER, capacities=()),
        mine.draft(CHARITY, [gift("D72", "spring", 7, "2025-09-21"), carried(-307)]),
    ]
    receipts = mine.writer.submit_all(batch)
    assert [(type(one), getattr(one, "warnings", ())) for one in receipts] == [(Receipt, ())] * 2, receipts
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
    with pytest.raises(VoucherRefusedError) as caught:
        mine.post(CHARITY, carried(-1))
    assert [finding.code for finding in caught.value.findings] == ["E_CARRIED_OVER"]
