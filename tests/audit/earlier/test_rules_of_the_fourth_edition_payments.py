"""Lines of a batch that were paid again, came back again or were kept back of after the fact: refused or told today,
and right where the fourth edition let them in.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.application.outcomes import Receipt
from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s
from tests.projections.opened_book import BUREAU, OpenedBook, event, taken_back

Act = Callable[[OpenedBook], None]
ON = dt.date(2025, 9, 30)

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


def owed(book: OpenedBook) -> None:
    """A recovery of what the household was overpaid."""
    book.post(BUREAU, r.finding(), r.notice(), r.ordered())


def kept_back_of_a_paid_line(book: OpenedBook) -> None:
    owed(book)
    book.post(BUREAU, s.authorised(), s.approved(), s.funded(), s.paid())
    book.post(BUREAU, s.offset(recovery="R1"))


def kept_back_of_a_line_taken_out(book: OpenedBook) -> None:
    owed(book)
    book.post(BUREAU, s.authorised(), out())
    book.post(BUREAU, s.offset(recovery="R1"))


def signed_over_what_was_not_kept_back(book: OpenedBook) -> None:
    owed(book)
    book.post(BUREAU, s.excluded(enrolment="E2", payment=None, amount_fen=24_000))
    book.post(BUREAU, s.authorised(), s.offset(recovery="R1"), out(amount_fen=s.LINE_FEN - 24_000))
    book.post(BUREAU, s.approved(count=0, total_fen=0))


def taken_as_kept_back() -> Event:
    return r.collected(mode="offset", account=None, enrolment="E1")


def deduction_under_its_collection(book: OpenedBook) -> None:
    owed(book)
    kept = s.offset(recovery="R1")
    book.post(BUREAU, s.authorised())
    first = book.post(BUREAU, kept).first_position
    book.post(BUREAU, taken_as_kept_back())
    book.post(BUREAU, taken_back(kept, first, ON))


def taken_out_in_part(book: OpenedBook) -> None:
    book.post(BUREAU, s.authorised())
    book.post(BUREAU, out(amount_fen=1))


REFUSED: dict[Act, str] = {
    its_own_number_after_another: "E_AUTHORISED_TWICE",
    another_number_after_its_own: "E_REISSUE",
    its_own_number_twice: "E_AUTHORISED_TWICE",
    the_same_return_after_another: "E_RETURN_TWICE",
    kept_back_of_a_paid_line: "E_OFFSET_SETTLED",
    kept_back_of_a_line_taken_out: "E_OFFSET_SETTLED",
    signed_over_what_was_not_kept_back: "E_LINE_KEPT_BACK",
    deduction_under_its_collection: "E_REVERSAL_BALANCE",
    taken_out_in_part: "E_EXCLUDED_AMOUNT",
}


def paid_though_taken_out(book: OpenedBook) -> Receipt:
    book.post(BUREAU, s.authorised(), s.approved(), s.funded(), out())
    return book.post(BUREAU, s.paid())


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


def test_a_line_that_was_taken_out_and_paid_is_told(relief: OpenedBook) -> None:
    assert [found.code for found in paid_though_taken_out(relief).warnings] == ["W_LINE_EXCLUDED"]
    assert (verdict_of(relief).holds, earlier_ones(verdict_of(relief))) == (True, [])


def test_a_book_of_the_fourth_edition_that_did_not_tell_it_holds(
    relief: OpenedBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 4)
    assert paid_though_taken_out(relief).warnings == ()
    verdict = verdict_of(relief)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def test_a_failed_line_is_paid_again_once_a_return(relief: OpenedBook) -> None:
    """Under its own number, and when that fails too under another one."""
    failed(relief)
    relief.post(BUREAU, s.prepared(batch="B2"), s.authorised(batch="B2"), s.approved(batch="B2"))
    relief.post(BUREAU, s.returned(batch="B2", occurred_on=dt.date(2025, 9, 28)), s.prepared(batch="B3"))
    relief.post(BUREAU, s.authorised(payment="L2", batch="B3", **REFERS), s.approved(batch="B3"))
    relief.post(BUREAU, s.funded(batch="B3", movement="order-3"))
    relief.post(BUREAU, s.paid(payment="L2", batch="B3", component="arrears", occurred_on=dt.date(2025, 9, 29)))
    assert verdict_of(relief).holds


def test_a_deduction_of_a_line_taken_out_goes_and_the_batch_goes_on(relief: OpenedBook) -> None:
    """Taken out as it was listed, then the deduction: the signature and the end of the batch find their sums."""
    owed(relief)
    kept, other = s.offset(recovery="R1"), s.excluded(enrolment="E2", payment=None, amount_fen=24_000)
    relief.post(BUREAU, other, s.authorised())
    first = relief.post(BUREAU, kept).first_position
    relief.post(BUREAU, out(amount_fen=s.LINE_FEN - 24_000))
    relief.post(BUREAU, taken_back(kept, first, ON))
    done = relief.post(BUREAU, s.approved(count=0, total_fen=0), s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN))
    assert done.warnings == ()
    assert verdict_of(relief).holds
