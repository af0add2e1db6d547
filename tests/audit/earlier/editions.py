"""What the tests of earlier editions of the rules share: a writer of one, what the writer of today refuses, and a book
that holds what an earlier one let in.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.decisions.judging import judge
from ledger.flows.event import Event
from ledger.flows.registry import event_from_value
from ledger_audit.derivation import Verdict, verify_book
from tests.audit.full_book import gift
from tests.projections.opened_book import CHARITY, OpenedBook

Act = Callable[[OpenedBook], None]
TODAY = dt.date(2025, 10, 1)

OPENED = {"programme": "dibao", "scheme": "rural_dibao", "unit": "household", "fund": "relief", "categories": []}
"""A programme of the bureau."""


def by_edition(monkeypatch: pytest.MonkeyPatch, edition: int) -> None:
    """From here on the writer is one of that edition."""
    monkeypatch.setattr("ledger.application.batches.judge", partial(judge, edition=edition))


def verdict_of(book: OpenedBook) -> Verdict:
    """The full verification's."""
    with book.store.read() as connection:
        return verify_book(connection, TODAY)


def earlier_ones(verdict: Verdict) -> list[int]:
    """How many vouchers an earlier edition has to answer for, where the verdict says so."""
    return [dict(one.params)["count"] for one in verdict.completeness if one.code == "W_EARLIER_RULES"]


def said_then(clean: Event, **fields: Any) -> Event:
    """An event with words that nobody can draft today."""
    return event_from_value({**clean.model_dump(mode="json"), **fields})


def refused_today(book: OpenedBook, act: Act, code: str) -> None:
    """The writer of today refuses it with a code, and the book stands as it did."""
    with pytest.raises(VoucherRefusedError) as caught:
        act(book)
    assert code in [finding.code for finding in caught.value.findings]
    verdict = verdict_of(book)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [])


def stands(book: OpenedBook, act: Act) -> None:
    """A book of the writer's edition that holds it is verified, and the one voucher is told."""
    act(book)
    verdict = verdict_of(book)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [1])


def still_holds(book: OpenedBook, act: Act, monkeypatch: pytest.MonkeyPatch, edition: int) -> None:
    """A book that holds what an edition let in is verified, also when the writer of today has written on in it."""
    with monkeypatch.context() as patch:
        by_edition(patch, edition)
        stands(book, act)
    book.post(CHARITY, gift("D10", "general", 100))
    verdict = verdict_of(book)
    assert (verdict.holds, earlier_ones(verdict)) == (True, [1])
