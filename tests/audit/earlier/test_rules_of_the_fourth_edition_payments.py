"""Lines of a batch that were paid again, came back again or were kept back of after the fact: refused or told today,
and right where the fourth edition let them in.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, refused_today, stands, verdict_of
from tests.flows.public_money import samples_relief as s
from tests.projections.opened_book import BUREAU, OpenedBook, event

Act = Callable[[OpenedBook], None]

REFERS = {"component": "arrears", "reason": "退票补发", "reference": s.reference(payment="L1")}


def out(**more: object) -> Event:
    return s.excluded(payment="L1", **more)


def failed(book: OpenedBook) -> None:
    """The one line of a batch failed, was taken out, and its money went back to quota."""
    book.post(BUREAU, s.authorised(), s.approved(), s.funded(), s.returned())
    book.post(BUREAU, s.unspent(amount_fen=s.LINE_FEN), out(), s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN))


def its_own_number_after_another(book: OpenedBook) -> None:
    failed(book)
    book.post(BUREAU, s.prepared(batch="B2"), s.authorised(payment="L2", batch="B2", **REFERS))
    book.post(BUREAU, s.prepared(batch="B3"))
    book.post(BUREAU, s.authorised(batch="B3"))


def another_number_after_its_own(book: OpenedBook) -> None:
    failed(book)
    book.post(BUREAU, s.prepared(batch="B2"), s.authorised(batch="B2"), s.prepared(batch="B3"))
    book.post(BUREAU, s.authorised(payment="L2", batch="B3", **REFERS))


def its_own_number_twice(book: OpenedBook) -> None:
    failed(book)
    book.post(BUREAU, s.prepared(batch="B2"), s.authorised(batch="B2"), s.prepared(batch="B3"))
    book.post(BUREAU, s.authorised(batch="B3"))


def the_same_return_after_another(book: OpenedBook) -> None:
    """The row of the first return is read again after the line was paid, came back and was paid."""
    back = {"was_paid": True, "occurred_on": dt.date(2025, 9, 28)}
    book.post(BUREAU, s.authorised(), s.approved(), s.funded(), s.paid(), s.returned(**back))
    book.post(BUREAU, s.paid(occurred_on=dt.date(2025, 9, 28)), s.returned_late(occurred_on=dt.date(2025, 9, 29)))
    book.post(BUREAU, s.paid(occurred_on=dt.date(2025, 9, 30)))
    book.post(BUREAU, s.returned(**back))


REFUSED: dict[Act, str] = {
    its_own_number_after_another: "E_AUTHORISED_TWICE",
    another_number_after_its_own: "E_REISSUE",
    its_own_number_twice: "E_AUTHORISED_TWICE",
    the_same_return_after_another: "E_RETURN_TWICE",
}


@pytest.fixture
def relief(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A bureau that prepared a batch for the one household it has enrolled."""
    copy = book.copy(tmp_path / "b.db")
    named = {"holding": "bank", "bank": "示例农商行", "default_fund": s.FUND, "aliases": [], "opened_on": "2025-01-01"}
    copy.post(BUREAU, *s.setup(), event("bank.account_registered", account="rcc", **named))
    copy.post(BUREAU, s.confirmed(), s.prepared())
    yield copy
    copy.close()


@pytest.mark.parametrize(("act", "code"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(relief: OpenedBook, act: Act, code: str) -> None:
    refused_today(relief, act, code)


@pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)
def test_a_book_of_the_fourth_edition_still_holds(
    relief: OpenedBook, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 4)
    stands(relief, act)


def test_a_failed_line_is_paid_again_once_a_return(relief: OpenedBook) -> None:
    """Under its own number, and when that fails too under another one."""
    failed(relief)
    relief.post(BUREAU, s.prepared(batch="B2"), s.authorised(batch="B2"), s.approved(batch="B2"))
    relief.post(BUREAU, s.returned(batch="B2", occurred_on=dt.date(2025, 9, 28)), s.prepared(batch="B3"))
    relief.post(BUREAU, s.authorised(payment="L2", batch="B3", **REFERS), s.approved(batch="B3"))
    relief.post(BUREAU, s.funded(batch="B3", movement="order-3"))
    relief.post(BUREAU, s.paid(payment="L2", batch="B3", component="arrears", occurred_on=dt.date(2025, 9, 29)))
    assert verdict_of(relief).holds
