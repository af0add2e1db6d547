"""What the third edition let in of grants and of fees stays right; the writer of today refuses it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from ledger.log.tables import postings
from tests.audit.earlier.editions import earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_rules import GRANT, PAID, committed
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, OpenedBook, event, fund


def paid_ahead(book: OpenedBook) -> None:
    """A grant of `general` is paid before its use is known."""
    told = {"movement": "GD1", "persons": 10, "amount_fen": 10_000, "basis": "prepaid"}
    book.post(CHARITY, committed(), event("grant.disbursed", **GRANT, **PAID, **told))


def used(fund: str, **more: Any) -> Any:
    told = {"movement": "GU1", "grant": "G1", "used_fen": 6_000, "persons": 5, "households": 5, "as_of": "2025-09-25"}
    return event("grant.use_reported", **{**told, "fund": fund, "on": "2025-09-25", **more})


def came_back(fund: str) -> Any:
    told = {"movement": "GR1", "grant": "G1", "amount_fen": 4_000, "persons": 1, "reason": "转学"}
    return event("grant.unspent_returned", **told, **PAID, fund=fund)


def used_of_another_fund(book: OpenedBook) -> None:
    """What was used of a grant is told of a fund that paid nothing of it."""
    paid_ahead(book)
    book.post(CHARITY, used("held"))


def returned_to_another_fund(book: OpenedBook) -> None:
    """What came back of a grant is booked to a fund that paid nothing of it."""
    paid_ahead(book)
    book.post(CHARITY, came_back("held"))


def fee_that_frees_nothing(book: OpenedBook) -> None:
    """A restricted fund pays the bank, and the money stays restricted."""
    restricted(book)
    book.post(CHARITY, fee(1))


def restricted(book: OpenedBook) -> None:
    book.post(CHARITY, fund("flood", "restricted"), gift("D9", "flood", 300))


def fee(version: int) -> Any:
    told = {"movement": "F9", "account": "icbc", "fund": "flood", "amount_fen": 10, "on": "2025-09-26"}
    return event("bank.fee", version=version, **told)


LET_IN = {
    used_of_another_fund: "E_GRANT_FUND",
    returned_to_another_fund: "E_GRANT_FUND",
    fee_that_frees_nothing: "E_FEE_FREES_NOTHING",
}


@pytest.mark.parametrize(("act", "code"), LET_IN.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(mine, act, code)


@pytest.mark.usefixtures("third")
@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_a_book_of_the_third_edition_still_holds(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    stands(mine, act)


def test_what_comes_of_a_grant_goes_to_the_fund_that_paid_it(mine: OpenedBook) -> None:
    paid_ahead(mine)
    mine.post(CHARITY, used("general"))
    mine.post(CHARITY, came_back("general"))
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def test_a_fee_of_today_is_spent_and_verified(mine: OpenedBook) -> None:
    restricted(mine)
    mine.post(CHARITY, fee(2))
    with mine.store.read() as connection:
        rows = connection.execute(
            select(postings.c.role, func.sum(postings.c.amount_fen))
            .where(postings.c.fund == "flood")
            .group_by(postings.c.role)
        )
        found = {role: int(fen) for role, fen in rows}
    assert found == {
        "bank": 290,
        "donation_restricted": -300,
        "management_cost": 10,
        "net_restricted": 10,
        "net_unrestricted": -10,
    }
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
