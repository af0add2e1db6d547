"""A batch that was closed because its sums happened to meet is right where the seventh edition let it in; today each
line is asked. What the seventh could not close, because the bank paid a line that was taken out, is closed today.
"""

from typing import Any

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_redress import DECIDED
from tests.audit.earlier.test_rules_of_the_fourth_edition_promises import excluded, funded, prepared, relief
from tests.projections.opened_book import BUREAU, OpenedBook, event

__all__ = ["relief"]
FEN = 800
OF = {"programme": "dibao", "fund": "relief", "batch": "b1"}
MONTH = {"component": "normal", "period_from": "2025-09", "period_to": "2025-09"}


def line(payment: str) -> Event:
    """A line of before the book, which nobody is asked about."""
    of = {"payment": payment, "enrolment": f"E-{payment}", "programme": "dibao", "batch": "b1", **MONTH}
    return event("subsidy.authorised", **of, amount_fen=FEN, persons=1, subjects=[], origin="history")


def paid(payment: str, fen: int = FEN, day: str = "2025-09-12", households: int = 1) -> Event:
    whose = {"payment": payment, "enrolment": f"E-{payment}", **OF, **MONTH, "persons": 1, "households": households}
    return event("subsidy.paid", **whose, amount_fen=fen, subjects=[], occurred_on=day, origin="decision")


def closed(paid_fen: int, cancelled_fen: int) -> Event:
    sums = {"paid_fen": paid_fen, "cancelled_fen": cancelled_fen}
    return event("batch.closed", batch="b1", **sums, on="2025-09-28", **DECIDED)


def signed(book: OpenedBook, lines: int, total: int, *more: Event) -> None:
    """A batch on its way, of which 800 fen were taken out before the signature where `more` says so."""
    made = [line(f"p{number}") for number in range(1, lines + 1)]
    approved: dict[str, Any] = {"batch": "b1", "count": lines, "total_fen": FEN * lines, "on": "2025-09-06"}
    book.post(BUREAU, prepared("b1", A=total))
    book.post(BUREAU, *made, *more)
    book.post(BUREAU, event("batch.approved", **approved, **DECIDED))
    book.post(BUREAU, funded("b1", A=FEN * lines))


def met_by_chance(book: OpenedBook) -> None:
    """Of two lines one was paid, and as much to somebody whom nobody authorised."""
    signed(book, 2, 2 * FEN)
    book.post(BUREAU, paid("p1"), paid("p9"))
    book.post(BUREAU, closed(2 * FEN, 0))


def paid_though_out(book: OpenedBook) -> None:
    """All is paid, and also what was taken out."""
    signed(book, 1, 2 * FEN, excluded("b1", FEN))
    book.post(BUREAU, paid("p1"), paid("p9"))
    book.post(BUREAU, closed(2 * FEN, FEN))


def test_sums_that_meet_by_chance_close_nothing_today(relief: OpenedBook) -> None:
    refused_today(relief, met_by_chance, "E_BATCH_NOT_SETTLED")


def test_a_book_of_the_seventh_edition_still_holds(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        by_edition(patch, 7)
        stands(relief, met_by_chance)


def test_what_the_seventh_could_not_close_is_closed(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        by_edition(patch, 7)
        refused_today(relief, paid_though_out, "E_BATCH_NOT_SETTLED")
    relief.post(BUREAU, closed(2 * FEN, FEN))
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])
