"""Money of recoveries that went where none had come from: told today, and right where the fourth edition let it in."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from ledger.flows.event import Event
from tests.audit.earlier.editions import by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_redress import R, collected, found, handed_over, notice, ordered
from tests.projections.opened_book import BUREAU, OpenedBook, event, taken_back

ON = dt.date(2025, 9, 30)
TAKEN = {"occurred_on": "2025-09-05"}
GIVEN = {"occurred_on": "2025-09-08", "document": "退款审批1号"}
MORE = {"movement": "C2", "mode": "transfer", "amount_fen": 1_000, "account": "rcc"}


def remitted(fen: int = 1_000, **more: Any) -> Event:
    moved = {"movement": "T1", "amount_fen": fen, "account": "rcc", "occurred_on": "2025-09-06"}
    return event("recovery.remitted", **R, **{**moved, **more})


def box(account: str) -> Event:
    held = {"holding": "cash", "default_fund": "relief", "aliases": [], "opened_on": "2025-01-01"}
    return event("bank.account_registered", account=account, **held)


def remitted_of_nothing(book: OpenedBook) -> tuple[str, ...]:
    """Handed to the treasury, and nobody had paid anything."""
    book.post(BUREAU, found(), notice(), ordered(destination="treasury"))
    return codes(book, remitted())


def banked_out_of_another_box(book: OpenedBook) -> tuple[str, ...]:
    """Cash lies in one box and is banked out of another, which is empty."""
    book.post(BUREAU, found(), notice(), ordered(), box("box2"))
    book.post(BUREAU, collected(account="box2"))
    return codes(book, handed_over())


def codes(book: OpenedBook, one: Event) -> tuple[str, ...]:
    """What the receipt of an event warns of."""
    return tuple(sorted(finding.code for finding in book.post(BUREAU, one).warnings))


TOLD = {
    remitted_of_nothing: ("W_ACCOUNT_SHORT", "W_REMITTED_UNCOLLECTED"),
    banked_out_of_another_box: ("W_ACCOUNT_SHORT", "W_HANDED_OVER_MORE"),
}


@pytest.mark.parametrize(("act", "told"), TOLD.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_the_writer_of_today_tells_it(
    relief: OpenedBook, act: Callable[[OpenedBook], tuple[str, ...]], told: tuple[str, ...]
) -> None:
    assert act(relief) == told
    verdict = verdict_of(relief)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


@pytest.mark.parametrize("act", TOLD, ids=lambda one: one.__name__)
def test_a_book_of_the_fourth_edition_still_holds(
    relief: OpenedBook, act: Callable[[OpenedBook], tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, 4)
    stands(relief, lambda book: None if act(book) == () else pytest.fail("told before its time"))


def test_what_came_in_is_handed_on(relief: OpenedBook) -> None:
    """Cash is banked out of its box, and what came of a recovery for the treasury goes there: nothing is told."""
    relief.post(BUREAU, found(), notice(), ordered(destination="treasury"), collected())
    assert codes(relief, handed_over()) == ()
    assert codes(relief, remitted(occurred_on="2025-09-09")) == ()


def test_too_much_goes_back_and_nothing_is_undone_under_it(relief: OpenedBook) -> None:
    """The money that came goes no more while some of it was given back; the refund first, and all may go."""
    taken = event("recovery.collected", **R, movement="C1", mode="transfer", amount_fen=1_300, account="rcc", **TAKEN)
    back = event("recovery.refunded", **R, movement="B1", mode="transfer", amount_fen=300, account="rcc", **GIVEN)
    relief.post(BUREAU, found(), notice(), ordered())
    taken_at = relief.post(BUREAU, taken).first_position
    relief.post(BUREAU, found(finding="F2"), event("notice.served", finding="F2", how="post", on="2025-09-02"))
    other = {"recovery": "R2", "finding": "F2"}
    relief.post(BUREAU, ordered(**other), event("recovery.collected", **{**R, **other}, **MORE, **TAKEN))
    place = relief.post(BUREAU, back).first_position

    def undo(book: OpenedBook) -> None:
        book.post(BUREAU, taken_back(taken, taken_at, ON))

    refused_today(relief, undo, "E_REVERSAL_RESTS")
    relief.post(BUREAU, taken_back(back, place, ON))
    undo(relief)
    assert verdict_of(relief).holds
