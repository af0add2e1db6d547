"""Batch money that was promised twice is right where the fourth edition let it in; the writer of today refuses it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from ledger.application.outcomes import VoucherRefusedError
from ledger.flows.event import Event
from tests.audit.earlier.editions import OPENED, by_edition, earlier_ones, refused_today, stands, verdict_of
from tests.audit.earlier.test_earlier_redress import DECIDED
from tests.projections.opened_book import BUREAU, OpenedBook, event, fund

ALL: Final = 5_000
LEVEL: Final = {"level": "province", "budget_code": "20819"}


@pytest.fixture
def relief(book: OpenedBook, tmp_path: Path) -> Iterator[OpenedBook]:
    """A bureau with two funding documents of the same sum."""
    copy = book.copy(tmp_path / "b.db")
    year = {"fiscal_year": 2025, "carried_over": False, "direct": True, "amount_fen": ALL}
    copy.post(
        BUREAU,
        fund("relief", "fiscal"),
        event("programme.opened", **OPENED, name="农村低保", function_code="20819", on="2025-09-01", **DECIDED),
        *(
            event("appropriation.received", document=one, fund="relief", **LEVEL, **year, occurred_on="2025-09-01")
            for one in "AB"
        ),
    )
    yield copy
    copy.close()


def prepared(batch: str, carried: int = 0, by: str = "b1", origin: str = "decision", **sources: int) -> Event:
    """A batch on the quota of documents, and on what another batch left in transit."""
    of = {"batch": batch, "programme": "dibao", "month": "2025-09", "fund": "relief", "count": 1, "persons": 1}
    parts = [{"document": document, **LEVEL, "fen": fen} for document, fen in sources.items()]
    over = [{"batch": by, "fen": carried}] if carried else []
    sums = {"total_fen": sum(sources.values()) + carried, "fund_source": parts, "carried": over}
    return event("batch.prepared", **of, **sums, on="2025-09-03", origin=origin)


def funded(batch: str, **sources: int) -> Event:
    parts = [{"document": document, "fen": fen} for document, fen in sources.items()]
    moved = {"movement": f"o-{batch}-{'-'.join(sources)}", "batch": batch, "fund": "relief"}
    sums = {"amount_fen": sum(sources.values()), "sources": parts, "account": "transit"}
    return event("batch.funded", **moved, **sums, occurred_on="2025-09-08")


def excluded(batch: str, fen: int, **more: Any) -> Event:
    of = {"batch": batch, "fund": "relief", "enrolment": f"E-{batch}", "amount_fen": fen, "reason": "剔除"}
    return event("batch.line_excluded", **{**of, **DECIDED, **more}, on="2025-09-06")


def unspent(batch: str, to: str, fen: int) -> Event:
    of = {"movement": f"u-{batch}-{to}", "batch": batch, "fund": "relief", "amount_fen": fen, "sources": []}
    return event("batch.unspent_returned", **of, carried_to=to, occurred_on="2025-09-13")


def closed(batch: str, cancelled: int) -> Event:
    sums = {"paid_fen": 0, "cancelled_fen": cancelled}
    return event("batch.closed", batch=batch, **sums, on="2025-09-28", origin="history")


def one_document_twice(book: OpenedBook) -> None:
    """Two batches are promised all that one document gives; the other document would do for the second."""
    book.post(BUREAU, prepared("b1", A=ALL))
    book.post(BUREAU, prepared("b2", A=ALL))


def one_document_twice_in_part(book: OpenedBook) -> None:
    """One order of two came: what it moved is promised no longer, and the rest is."""
    book.post(BUREAU, prepared("b1", A=3_000, B=1_000))
    book.post(BUREAU, funded("b1", B=1_000))
    book.post(BUREAU, prepared("b2", A=2_001))


def one_document_twice_in_one_voucher(book: OpenedBook) -> None:
    book.post(BUREAU, prepared("b1", A=3_000), prepared("b2", A=2_001))


def in_transit(book: OpenedBook) -> None:
    """800 fen of a failed line lie in the transit account of b1."""
    book.post(BUREAU, prepared("b1", A=800))
    book.post(BUREAU, funded("b1", A=800))


def carried_twice(book: OpenedBook) -> None:
    """Two batches are to pay with the same 800."""
    in_transit(book)
    book.post(BUREAU, prepared("b2", carried=800))
    book.post(BUREAU, prepared("b3", carried=800))


LET_IN: Final[Mapping[Callable[[OpenedBook], None], str]] = {
    one_document_twice: "E_QUOTA_PROMISED",
    one_document_twice_in_part: "E_QUOTA_PROMISED",
    one_document_twice_in_one_voucher: "E_QUOTA_PROMISED",
    carried_twice: "E_TRANSIT_PROMISED",
}


@pytest.mark.parametrize(("act", "code"), LET_IN.items(), ids=lambda one: getattr(one, "__name__", one))
def test_the_writer_of_today_refuses_it(relief: OpenedBook, act: Callable[[OpenedBook], None], code: str) -> None:
    refused_today(relief, act, code)


@pytest.mark.parametrize("edition", [1, 2, 3, 4])
@pytest.mark.parametrize("act", LET_IN, ids=lambda one: one.__name__)
def test_a_book_of_an_earlier_edition_still_holds(
    relief: OpenedBook, act: Callable[[OpenedBook], None], edition: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_edition(monkeypatch, edition)
    stands(relief, act)


FREE: Final[Mapping[str, tuple[Event, ...]]] = {
    "the other document": (prepared("b1", A=ALL), prepared("b2", B=ALL)),
    "what is left of the document": (prepared("b1", A=3_000), prepared("b2", A=2_000)),
    "what an order moved is promised no longer": (
        *(prepared("b1", A=3_000, B=1_000), funded("b1", A=3_000)),
        prepared("b2", A=2_000, B=4_000),
    ),
    "finance ordered from the other document": (prepared("b1", A=3_000), funded("b1", B=3_000), prepared("b2", A=ALL)),
    "what was taken out": (prepared("b1", A=3_000), excluded("b1", 1_000), prepared("b2", A=3_000)),
    "what is paid by its own order in one voucher": (prepared("b1", A=ALL), funded("b1", A=ALL)),
    "what lies in transit, in parts": (
        *(prepared("b1", A=800), funded("b1", A=800)),
        *(prepared("b2", carried=500), prepared("b3", carried=300)),
    ),
    "what was carried and failed again": (
        *(prepared("b1", A=800), funded("b1", A=800)),
        *(prepared("b2", carried=800), unspent("b1", "b2", 800)),
        prepared("b3", carried=800, by="b2"),
    ),
    "what a batch does not want any more": (
        *(prepared("b1", A=800), funded("b1", A=800), prepared("b2", carried=800)),
        *(excluded("b2", 800), prepared("b3", carried=800)),
    ),
    "what a closed batch did not take": (
        *(prepared("b1", A=800), funded("b1", A=800), prepared("b2", carried=800)),
        *(closed("b2", 0), prepared("b3", carried=800)),
    ),
}


@pytest.mark.parametrize("size", [1, 9], ids=["vouchers", "one voucher"])
@pytest.mark.parametrize("events", FREE.values(), ids=FREE)
def test_what_is_free_is_promised(relief: OpenedBook, events: tuple[Event, ...], size: int) -> None:
    for first in range(0, len(events), size):
        relief.post(BUREAU, *events[first : first + size])
    verdict = verdict_of(relief)
    assert (list(verdict.integrity), earlier_ones(verdict)) == ([], [])


def test_the_refusal_says_what_is_promised(relief: OpenedBook) -> None:
    with pytest.raises(VoucherRefusedError) as caught:
        one_document_twice_in_part(relief)
    told = [dict(one.params) for one in caught.value.findings if one.code == "E_QUOTA_PROMISED"]
    assert told == [{"document": "A", "amount_fen": 2_001, "left_fen": 5_000, "promised_fen": 3_000}]


def test_a_preparation_of_the_past_is_recorded_and_told(relief: OpenedBook) -> None:
    relief.post(BUREAU, prepared("b1", A=ALL))
    relief.post(BUREAU, prepared("b2", A=ALL, origin="history"))
    with relief.store.read() as connection:
        told = connection.execute(text("select code from findings where code like '%PROMISED'")).scalars().all()
    assert told == ["W_QUOTA_PROMISED"]
    assert verdict_of(relief).holds
