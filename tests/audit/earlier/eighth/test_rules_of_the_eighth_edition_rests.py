"""What the bank left unpaid of a line kept its batch open by the eighth edition, in which only a batch's past could
take it out: that was remarked, and stays right.
"""

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.seventh.test_rules_of_the_seventh_edition_batches import FEN, closed, paid, signed
from tests.audit.earlier.test_earlier_redress import DECIDED
from tests.audit.earlier.test_rules_of_the_fourth_edition_promises import relief
from tests.projections.opened_book import BUREAU, OpenedBook, event

__all__ = ["relief"]
LEFT = 300


def short(book: OpenedBook) -> None:
    """Of the one line of a batch the bank paid less than was due."""
    signed(book, 1, FEN)
    book.post(BUREAU, paid("p1", FEN - LEFT))


def rest_out(origin: str = "decision") -> Event:
    of = {"batch": "b1", "fund": "relief", "enrolment": "E-p1", "payment": "p1", "amount_fen": LEFT}
    why = {"rule_code": None, "reason": "银行少付,余款下批补发", "moved_to": "b2", "on": "2025-09-28"}
    return event("batch.line_excluded", **of, **why, **{**DECIDED, "origin": origin})


def past_rest_out(book: OpenedBook) -> None:
    book.post(BUREAU, rest_out("history"))


def decided_rest_out(book: OpenedBook) -> None:
    book.post(BUREAU, rest_out())


def rest_paid(book: OpenedBook) -> None:
    book.post(BUREAU, paid("p1", LEFT, "2025-09-20", 0))


def test_what_the_eighth_could_not_take_out_is_taken_out(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    short(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 8)
        refused_today(relief, decided_rest_out, "E_LINE_PAID")
    decided_rest_out(relief)
    relief.post(BUREAU, closed(FEN - LEFT, LEFT))
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def test_a_book_of_the_eighth_edition_still_holds(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    short(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 8)
        stands(relief, past_rest_out)


def test_the_rest_is_paid_on_another_day(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    short(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 8)
        refused_today(relief, rest_paid, "E_PAID_TWICE")
    rest_paid(relief)
    relief.post(BUREAU, closed(FEN, 0))
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
