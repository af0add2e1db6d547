"""What the fourth edition let one entity do with another's public money stays right; the writer of today refuses it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.flows.event import Event
from tests.audit.earlier.editions import OPENED, by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_redress import DECIDED, F, R, found, notice, ordered
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, event, fund

GIVEN = {"allocation": "A1", "fund": "lottery", "purpose": "elderly"}
TWO = {"verifiers": ["示例申", "示例酉"], "evidence": [], "evidence_note": "见附件", "on": "2025-09-20", **DECIDED}


@pytest.fixture
def relief(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A bureau with a finding, a recovery, a doubt and lottery money; a charity with funds of the same names."""
    copy = book.copy(tmp_path / "b.db")
    doubt = {"clue": "YD-1", "found_by": "petition", "exposure_fen": 9, "summary": "来信", "evidence": []}
    share = {"year": 2025, "level": "county", "document": "D1", "budget_item": "2296002", "project": "P1"}
    named = {"project_label": "敬老院", "user_label": "敬老院", "amount_fen": 900, "carried_over": False}
    copy.post(
        BUREAU,
        fund("relief", "fiscal"),
        fund("lottery", "lottery"),
        event("programme.opened", **OPENED, name="农村低保", function_code="20819", on="2025-09-01", **DECIDED),
        event("clue.raised", **doubt, raised_on="2025-09-10"),
        event("lottery.allocated", **GIVEN, **share, **named, on="2025-09-02", **DECIDED),
    )
    copy.post(BUREAU, found(), notice(), ordered())
    copy.post(CHARITY, fund("relief"), fund("lottery", "lottery"))
    yield copy
    copy.close()


def refuted() -> Event:
    return event("clue.refuted", clue="YD-1", reason="data_error", **TWO)


def reported(**more: Any) -> Event:
    done = {"progress": "已退", "rectified_fen": 0, "money_means": "none", "systems": [], "disciplined": 0}
    told = {"evidence": [], "evidence_note": "纪要", "reporter": "丙", "on": "2025-09-15"}
    return event("rectification.reported", **{**F, **done, **told, **more})


def collected() -> Event:
    moved = {"movement": "C1", "mode": "transfer", "amount_fen": 1_000, "account": "icbc"}
    return event("recovery.collected", **R, **moved, occurred_on="2025-09-12")


def standard() -> Event:
    said = {"programme": "dibao", "category": "A", "amount_fen_per_month": 1, "tiers_fen": [], "document": "D2"}
    return event("standard.set", **said, effective_from="2025-09", decided_on="2025-09-01", **DECIDED)


def used() -> Event:
    said = {"movement": "U1", "use": "改造", "payee_label": "某公司", "amount_fen": 10, "beneficiaries": 1}
    return event("lottery.used", **GIVEN, **said, occurred_on="2025-09-05")


def paid() -> Event:
    of = {"payment": "L1", "enrolment": "E1", "programme": "dibao", "fund": "relief", "batch": "B1"}
    what = {"component": "normal", "period_from": "2025-09", "period_to": "2025-09", "amount_fen": 800}
    whom = {"persons": 1, "households": 1, "subjects": [], "occurred_on": "2025-09-10", "origin": "history"}
    return event("subsidy.paid", **of, **what, **whom)


def doubt_refuted(book: OpenedBook) -> None:
    book.post(CHARITY, refuted())


def rectified(book: OpenedBook) -> None:
    book.post(CHARITY, reported())


def recovery_taken(book: OpenedBook) -> None:
    book.post(CHARITY, collected())


def standard_changed(book: OpenedBook) -> None:
    book.post(CHARITY, standard())


def lottery_used(book: OpenedBook) -> None:
    book.post(CHARITY, used())


def line_paid(book: OpenedBook) -> None:
    book.post(BUREAU, paid())
    back = {"payment": "L1", "enrolment": "E1", "programme": "dibao", "fund": "relief", "batch": "B1"}
    told = {"amount_fen": 800, "code": "CLOSED", "occurred_on": "2025-09-12"}
    book.post(CHARITY, event("subsidy.returned_late", **back, **told))


LET_IN = [doubt_refuted, rectified, recovery_taken, standard_changed, lottery_used, line_paid]


@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_the_writer_of_today_refuses_it(relief: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    refused_today(relief, act, "E_OF_ANOTHER_ENTITY")


@pytest.mark.parametrize("edition", [1, 2, 3, 4])
@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_a_book_of_an_earlier_edition_still_holds(
    relief: OpenedBook, act: Callable[[OpenedBook], None], edition: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, edition)
    stands(relief, act)


def test_what_a_charity_took_settles_no_finding_of_the_bureau(
    relief: OpenedBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book of the fourth edition closed the finding on it; today it stays open until the bureau has the money."""
    done = event("rectification.accepted", **F, accepted_by="丁", on="2025-09-16", **DECIDED)
    shut = event("finding.closed", **F, closed_by="丁", on="2025-09-17", **DECIDED)
    with monkeypatch.context() as earlier:
        by_edition(earlier, 4)
        recovery_taken(relief)
    relief.post(BUREAU, reported(), done)
    assert relief.try_post(BUREAU, shut) is None
    with monkeypatch.context() as earlier:
        by_edition(earlier, 4)
        relief.post(BUREAU, shut)
    verdict = verdict_of(relief)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [2])


def step_taken(book: OpenedBook) -> None:
    quota = {"document": "示财〔2025〕1号", "budget_code": "20819", "level": "county", "amount_fen": 9_000}
    year = {"fiscal_year": 2025, "carried_over": False, "direct": False, "occurred_on": "2025-09-01"}
    made = {"batch": "B1", "programme": "dibao", "fund": "relief", "month": "2025-09", "count": 1, "persons": 1}
    part = {"document": "示财〔2025〕1号", "budget_code": "20819", "level": "county", "fen": 800}
    source = {"total_fen": 800, "fund_source": [part], "carried": []}
    book.post(BUREAU, event("appropriation.received", **quota, **year, fund="relief"))
    book.post(BUREAU, event("batch.prepared", **made, **source, on="2025-09-03", **DECIDED))
    book.post(CHARITY, event("batch.reviewed", batch="B1", on="2025-09-04", **DECIDED))


@pytest.mark.parametrize("act", [*LET_IN, step_taken], ids=lambda one: one.__name__)
def test_nothing_else_is_said_of_another_s_matter(relief: OpenedBook, act: Callable[[OpenedBook], None]) -> None:
    """Not that a batch is not prepared, which its own entity prepared, nor what is left of a recovery."""
    with pytest.raises(VoucherRefusedError) as caught:
        act(relief)
    assert {finding.code for finding in caught.value.findings} == {"E_OF_ANOTHER_ENTITY"}
