"""Of a line that was paid in parts, and of which a part came back before that was told, the ninth edition took the
wrong part for what stood; and a line of which a part came back it authorised anew whole. That stays right; today the
sums say what stands.
"""

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.eighth.test_rules_of_the_eighth_edition_rests import LEFT
from tests.audit.earlier.seventh.test_rules_of_the_seventh_edition_batches import FEN, MONTH, OF, closed, paid, signed
from tests.audit.earlier.test_earlier_redress import DECIDED
from tests.audit.earlier.test_rules_of_the_fourth_edition_promises import prepared, relief
from tests.projections.opened_book import BUREAU, OpenedBook, event

__all__ = ["relief"]


def late(fen: int) -> Event:
    why = {"code": "CLOSED", "reason_text": None, "result_ref": None}
    return event(
        "subsidy.returned_late", payment="p1", enrolment="E-p1", **OF, **why, amount_fen=fen, occurred_on="2025-09-22"
    )


def out(book: OpenedBook, fen: int) -> None:
    of = {"batch": "b1", "fund": "relief", "enrolment": "E-p1", "payment": "p1", "amount_fen": fen}
    why = {"rule_code": None, "reason": "余款退回", "moved_to": None, "on": "2025-09-28"}
    book.post(BUREAU, event("batch.line_excluded", **of, **why, **DECIDED))


def in_parts(book: OpenedBook) -> None:
    """The bank paid a line in two parts, and the return of one of them is told before both."""
    signed(book, 1, FEN)
    book.post(BUREAU, late(LEFT))
    book.post(BUREAU, paid("p1", FEN - LEFT))
    book.post(BUREAU, paid("p1", LEFT, "2025-09-20", 0))


def first_out(book: OpenedBook) -> None:
    out(book, FEN - LEFT)


def second_out(book: OpenedBook) -> None:
    out(book, LEFT)


def part_back(book: OpenedBook) -> None:
    """A part came back of a line of a batch that was closed."""
    signed(book, 1, FEN)
    book.post(BUREAU, paid("p1"))
    book.post(BUREAU, closed(FEN, 0))
    book.post(BUREAU, late(LEFT))
    book.post(BUREAU, prepared("b2", A=FEN))


def anew(book: OpenedBook, fen: int = FEN) -> list[str]:
    """A claim of the past: it is remarked where a decision would be refused."""
    of = {"payment": "p2", "enrolment": "E-p1", "programme": "dibao", "batch": "b2", **MONTH, "component": "arrears"}
    why = {"reference": {"payment": "p1"}, "reason": "退票补发", "origin": "history"}
    posted = book.post(BUREAU, event("subsidy.authorised", **of, **why, amount_fen=fen, persons=1, subjects=[]))
    return [one.code for one in posted.warnings]


def all_anew(book: OpenedBook) -> None:
    assert "W_REISSUE" not in anew(book)


def test_a_part_that_came_back_early_is_taken_out(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    in_parts(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 9)
        refused_today(relief, second_out, "E_EXCLUDED_AMOUNT")
    refused_today(relief, first_out, "E_EXCLUDED_AMOUNT")
    second_out(relief)
    relief.post(BUREAU, closed(FEN - LEFT, LEFT))
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def test_a_book_of_the_ninth_edition_still_holds(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    in_parts(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 9)
        stands(relief, first_out)


def test_a_part_that_came_back_is_authorised_anew(relief: OpenedBook) -> None:
    part_back(relief)
    assert "W_REISSUE" not in anew(relief, LEFT)
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def test_more_than_came_back_is_remarked(relief: OpenedBook) -> None:
    part_back(relief)
    assert "W_REISSUE" in anew(relief)


def test_what_the_ninth_edition_authorised_anew_stands(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    part_back(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 9)
        stands(relief, all_anew)
