"""A problem whose cases still owe was closed by the editions before the tenth, and of money that came after it was
written off they did not tell that. Both stays right; today their money is the problem's.
"""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen

from ledger.flows.event import Event
from ledger.log import reading
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_redress import DECIDED, collected, found, notice, ordered
from tests.projections.opened_book import BUREAU, OpenedBook, event

PROBLEM = {"finding": "P"}


def problem() -> Event:
    return found(**PROBLEM, person=None, unit="石岭镇")


def owing(book: OpenedBook) -> None:
    book.post(BUREAU, found(), notice(), ordered(), problem())
    book.post(BUREAU, event("finding.cases_grouped", **PROBLEM, cases=["F1"], on="2025-09-04"))
    done = {"progress": "追缴", "rectified_fen": 0, "money_means": "none", "systems": [], "disciplined": 0}
    told = {"evidence": [], "evidence_note": "纪要", "reporter": "丙", "on": "2025-09-04"}
    book.post(BUREAU, event("rectification.reported", **PROBLEM, **done, **told))
    book.post(BUREAU, event("rectification.accepted", **PROBLEM, accepted_by="丁", on="2025-09-05", **DECIDED))


def closed(book: OpenedBook) -> None:
    """The end of the problem, while its case owes all."""
    book.post(BUREAU, event("finding.closed", **PROBLEM, closed_by="丁", on="2025-09-06", **DECIDED))


def test_a_problem_is_closed_when_its_cases_have_paid(relief: OpenedBook) -> None:
    owing(relief)
    refused_today(relief, closed, "E_NOT_SETTLED")
    relief.post(BUREAU, collected())
    closed(relief)
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def statements_to_close(book: OpenedBook, cases: int) -> int:
    """How many statements judging the end of a problem of so many cases takes, none of which paid."""
    names = [f"F{number}" for number in range(2, 2 + cases)]
    for name in names:
        of = {"finding": name, "recovery": f"R-{name}"}
        book.post(BUREAU, found(finding=name), notice(finding=name), ordered(**of))
    book.post(BUREAU, problem())
    book.post(BUREAU, event("finding.cases_grouped", **PROBLEM, cases=names, on="2025-09-04"))
    asked: list[str] = []
    listen(book.store.engine, "before_cursor_execute", lambda _one, _cursor, text, *_more: asked.append(text))
    refused_today(book, closed, "E_NOT_SETTLED")
    return len(asked)


def test_the_money_of_many_cases_is_read_at_once(relief: OpenedBook, tmp_path: Path) -> None:
    few, many = (statements_to_close(relief.copy(tmp_path / str(cases)), cases) for cases in (2, 20))
    assert few == many


def test_what_the_ninth_edition_closed_stands(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    owing(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 9)
        stands(relief, closed)


def given_up(book: OpenedBook) -> None:
    book.post(BUREAU, found(), notice(), ordered())
    of = {"recovery": "R1", "finding": "F1", "fund": "relief", "amount_fen": 1_000, "reason": "deceased"}
    said = {"authority": "局党组", "document": "纪要〔2025〕1号", "on": "2025-09-04"}
    book.post(BUREAU, event("recovery.written_off", **of, **said, **DECIDED))


def paid_after_all(book: OpenedBook) -> dict[str, Any]:
    (over,) = [one for one in book.post(BUREAU, collected()).warnings if one.code == "W_OVER_COLLECTED"]
    assert "0.00 元未追" in over.message()
    return dict(over.params)


def kept(book: OpenedBook) -> None:
    assert "given_up_fen" not in paid_after_all(book)


def test_money_that_was_written_off_is_told_with_where_that_stands(relief: OpenedBook) -> None:
    given_up(relief)
    told = paid_after_all(relief)
    assert (told["left_fen"], told["given_up_fen"]) == (0, 1_000)
    with relief.store.read() as connection:
        (row,) = reading.events_at(connection, {told["position"]})
    assert row.kind == "recovery.written_off"


def test_what_the_ninth_edition_said_of_it_stands(relief: OpenedBook, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up(relief)
    with monkeypatch.context() as patch:
        by_edition(patch, 9)
        stands(relief, kept)
