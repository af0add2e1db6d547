"""Findings and recoveries that an earlier edition of the rules let in stay right, and are refused today."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, refused_today, stands, verdict_of
from tests.projections.opened_book import BUREAU, OpenedBook, event, taken_back

F, R = {"finding": "F1"}, {"recovery": "R1", "finding": "F1", "fund": "relief"}
DECIDED = {"origin": "decision"}


def found(**more: Any) -> Event:
    by = {"found_by": "self_check", "authority": "民政局", "confirmed_by": ["甲", "乙"], "category": "死亡后领取"}
    of = {"person": "P1", "programme": "dibao", "persons": 1, "amount_fen": 1_000, "reply_waived": False}
    return event("finding.confirmed", **{**F, **by, **of, **DECIDED, **more}, clues=[], summary="", on="2025-09-01")


def notice(**more: Any) -> Event:
    return event("notice.served", **{**F, **more}, how="post", on="2025-09-02")


def ordered(**more: Any) -> Event:
    of = {"programme": "dibao", "person": "P1", "amount_fen": 1_000, "destination": "programme", "on": "2025-09-03"}
    return event("recovery.ordered", **{**R, **of, **DECIDED, **more})


def collected(mode: str = "cash", account: str = "box", day: str = "2025-09-05") -> Event:
    moved = {"movement": "C1", "mode": mode, "amount_fen": 1_000, "account": account, "occurred_on": day}
    return event("recovery.collected", **R, **moved)


def reported(day: str) -> Event:
    done = {"progress": day, "rectified_fen": 0, "money_means": "none", "systems": [], "disciplined": 0}
    told = {"evidence": [], "evidence_note": "纪要", "reporter": "丙", "on": day}
    return event("rectification.reported", **F, **done, **told)


def accepted(day: str) -> Event:
    return event("rectification.accepted", **F, accepted_by="丁", on=day, **DECIDED)


def closed(day: str) -> Event:
    return event("finding.closed", **F, closed_by="丁", on=day, **DECIDED)


def closed_on_the_old_acceptance(book: OpenedBook) -> None:
    """A finding that was opened again is closed although nobody looked at it since."""
    book.post(BUREAU, found(), reported("2025-09-03"), accepted("2025-09-04"), closed("2025-09-05"))
    book.post(BUREAU, event("finding.reopened", **F, reason="反弹", on="2025-09-10", **DECIDED))
    book.post(BUREAU, closed("2025-09-11"))


def ordered_beside_the_opening(book: OpenedBook) -> None:
    """The opening took over an order of all that a finding says, and the book orders that a second time."""
    row = {"recovery": "R0", **F, "programme": "dibao", "destination": "programme", "fund": "relief", "person": "P1"}
    sums = {"ordered_fen": 1_000, "collected_fen": 0, "ordered_on": "2025-08-01"}
    sides = {"year_start_fen": 0, "debit_fen": 0, "credit_fen": 0}
    lines = [
        {"fund": "relief", "role": role, "party": party, **sides, name: 1_000, "balance_fen": fen}
        for role, party, fen, name in (
            ("recoverable", "R0", 1_000, "debit_fen"),
            ("prior_year", "", -1_000, "credit_fen"),
        )
    ]
    lists = ("pledges", "lots", "receivables", "bank_items", "receipt_ranges", "assets")
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    of = {"entity": BUREAU, "period": "2025-09", "on": "2025-09-01", "lines": lines, "papers": [paper]}
    nets = {"net_unrestricted_fen": 1_000, "net_restricted_fen": 0, "roster": None}
    more = {"recoveries": [{**row, **sums}], **{name: [] for name in lists}}
    book.post(BUREAU, event("opening.recorded", **of, **nets, **more))
    book.post(BUREAU, found(), notice())
    book.post(BUREAU, ordered())


def undone(book: OpenedBook, target: Event, *later: Event) -> None:
    first = book.post(BUREAU, target).first_position
    for one in later:
        book.post(BUREAU, one)
    book.post(BUREAU, taken_back(target, first, dt.date(2025, 9, 30)))


def finding_under_its_order(book: OpenedBook) -> None:
    undone(book, found(), notice(), ordered())


def finding_under_its_plan(book: OpenedBook) -> None:
    said = {"pace": "immediate", "measures": "追缴", "unit": "局", "responsible": "丙", "due_on": "2025-09-30"}
    undone(book, found(), event("rectification.planned", **F, **said, on="2025-09-02", **DECIDED))


def order_under_its_plan(book: OpenedBook) -> None:
    book.post(BUREAU, found(), notice())
    parts = [{"due_on": "2025-12-31", "fen": 1_000}]
    plan = event("recovery.planned", **R, instalments=parts, reason="hardship", on="2025-09-04", **DECIDED)
    undone(book, ordered(), plan)


def handed_over() -> Event:
    moved = {"movement": "H1", "amount_fen": 1_000, "cash_account": "box", "account": "rcc"}
    return event("recovery.handed_over", **R, **moved, occurred_on="2025-09-08")


def cash_under_its_banking(book: OpenedBook) -> None:
    """Other cash lies in the box, so that no balance falls below zero."""
    other = {"finding": "F2", "person": "P2"}
    order = {"finding": "F2", "recovery": "R2", "person": "P2"}
    book.post(BUREAU, found(), notice(), ordered())
    book.post(BUREAU, found(**other), event("notice.served", finding="F2", how="post", on="2025-09-02"))
    book.post(BUREAU, ordered(**order))
    taken = {"movement": "C2", "mode": "cash", "amount_fen": 1_000, "account": "box", "occurred_on": "2025-09-05"}
    book.post(BUREAU, event("recovery.collected", recovery="R2", finding="F2", fund="relief", **taken))
    undone(book, collected(), handed_over())


REFUSED = {
    closed_on_the_old_acceptance: "E_NOT_SETTLED",
    ordered_beside_the_opening: "E_RECOVERY_OVER_FINDING",
    finding_under_its_order: "E_REVERSAL_RESTS",
    finding_under_its_plan: "E_REVERSAL_RESTS",
    order_under_its_plan: "E_REVERSAL_RESTS",
    cash_under_its_banking: "E_REVERSAL_RESTS",
}


@pytest.mark.parametrize(("act", "code"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(relief: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(relief, act, code)


@pytest.mark.parametrize("act", REFUSED, ids=lambda one: one.__name__)
def test_a_book_of_the_second_edition_still_holds(
    relief: OpenedBook, act: Callable[[OpenedBook], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 2)
    stands(relief, act)


def test_it_is_closed_once_it_was_accepted_again(relief: OpenedBook) -> None:
    with pytest.raises(VoucherRefusedError):
        closed_on_the_old_acceptance(relief)
    relief.post(BUREAU, accepted("2025-09-11"), closed("2025-09-12"))
    assert verdict_of(relief).holds


def test_what_goes_first_lets_the_rest_go(relief: OpenedBook) -> None:
    """The last step first: bank, cash, order, notice, finding. A transfer is no cash that somebody banked."""
    road = [found(), notice(), ordered(), collected(), handed_over()]
    places = [relief.post(BUREAU, one).first_position for one in road]
    for one, place in reversed(list(zip(road, places, strict=True))):
        relief.post(BUREAU, taken_back(one, place, dt.date(2025, 9, 30)))
    assert verdict_of(relief).holds


def test_a_transfer_is_not_what_was_banked_in_cash(relief: OpenedBook) -> None:
    relief.post(BUREAU, found(amount_fen=2_000), notice(), ordered(amount_fen=2_000))
    relief.post(BUREAU, collected())
    sent = event(
        "recovery.collected",
        **R,
        movement="C3",
        mode="transfer",
        amount_fen=500,
        account="rcc",
        occurred_on="2025-09-06",
    )
    undone(relief, sent, handed_over())
    assert verdict_of(relief).holds
