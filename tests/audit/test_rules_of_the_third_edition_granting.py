"""What the third edition let in of grants stays right; the writer of today refuses it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.decisions.judging import judge
from tests.audit.test_earlier_rules import GRANT, PAID, committed, earlier_ones, verdict_of
from tests.projections.opened_book import CHARITY, OpenedBook, event


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


LET_IN = {used_of_another_fund: "E_GRANT_FUND", returned_to_another_fund: "E_GRANT_FUND"}


@pytest.fixture
def mine(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    copy = book.copy(tmp_path / "b.db")
    yield copy
    copy.close()


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer is one of the third edition."""
    monkeypatch.setattr("ledger.application.batches.judge", partial(judge, edition=3))


@pytest.mark.parametrize(("act", "code"), LET_IN.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(mine: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    with pytest.raises(VoucherRefusedError) as caught:
        act(mine)
    assert code in [finding.code for finding in caught.value.findings]
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


@pytest.mark.usefixtures("third")
@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_a_book_of_the_third_edition_still_holds(mine: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    act(mine)
    verdict = verdict_of(mine)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def test_what_comes_of_a_grant_goes_to_the_fund_that_paid_it(mine: OpenedBook) -> None:
    paid_ahead(mine)
    mine.post(CHARITY, used("general"))
    mine.post(CHARITY, came_back("general"))
    verdict = verdict_of(mine)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
