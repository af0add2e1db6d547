"""笔 are lines of the bank: what a household gets in a batch is one of them, of however many parts it is made."""

from collections.abc import Iterator
from datetime import date

import pytest

from ledger_projections import registry
from ledger_projections.public_money.failures import failures
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import fact
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import rows, september, table

MONTH = "2025-09"
RISE_FEN = 12_000
WHOLE_FEN = relief.LINE_FEN + RISE_FEN


@pytest.fixture(scope="module")
def county() -> Iterator[OpenedBook]:
    """September, of which the line that failed paid a rise beside the month's own amount."""
    with folder() as here:
        book = opened(here)
        september(book)
        rise = relief.returned(
            payment="LE2-rise", enrolment="E2", code="NAME_MISMATCH", amount_fen=RISE_FEN, occurred_on=date(2025, 9, 9)
        )
        book.post(BUREAU, rise, on=date(2025, 9, 9), note="回盘")
        yield book
        book.close()


def test_a_line_that_failed_in_two_parts_is_one(county: OpenedBook) -> None:
    (month,) = rows(table(county, "M1", MONTH))
    assert (month["failed_lines"], month["failed_fen"]) == (1, WHOLE_FEN)
    (line,) = rows(table(county, "M3", MONTH))
    assert (line["failed_fen"], line["unpaid_fen"]) == (WHOLE_FEN, WHOLE_FEN)
    (found,) = [one for one in table(county, "M3", MONTH).rows if one.kind == "row"]
    assert {"payment:LE2", "payment:LE2-rise"} <= set(found.tags), "both lead to what they are made of"


def test_readers_and_sentences_count_the_same_lines(county: OpenedBook) -> None:
    registry.catch_up(county.store)
    with county.store.read() as connection:
        found = failures(connection, month=MONTH)
        assert (len(found.rows), found.lines, found.open_fen) == (2, 1, WHOLE_FEN)
        books = Books(connection, Span(MONTH, MONTH, None), found.position)
        told = {key: fact(books, f"failed_{key}").value for key in ("count", "paid_count", "open_count", "fen")}
    assert told == {"count": 1, "paid_count": 0, "open_count": 1, "fen": WHOLE_FEN}


def test_nobody_waits_for_less_than_no_days(county: OpenedBook) -> None:
    """A table counted up to a day before what the book has come to know since."""
    late = relief.returned(payment="LE1", enrolment="E1", code="CLOSED", occurred_on=date(2025, 9, 28), was_paid=True)
    county.post(BUREAU, late, on=date(2025, 9, 28), note="退票")
    waits = [row["waited"] for row in rows(table(county, "M3", MONTH, today=date(2025, 9, 20)))]
    assert sorted(waits) == [0, 11]
