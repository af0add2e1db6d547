"""The money that the province gives a year has one sum: in the figures, in the sentence, and in the tables it names."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from ledger.values.dates import TZ
from ledger_projections import registry
from ledger_projections.figures import figures
from ledger_projections.summaries.sentences import paragraph
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_catalogue import template
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import rows, table

PROVINCE = "provincial_grant_fen"
TODAY = dt.date(2026, 6, 30)
DOCUMENTS: dict[str, dict[str, Any]] = {
    "late, of the year before": {"fiscal_year": 2025, "occurred_on": dt.date(2026, 1, 10), "amount_fen": 100_000},
    "in advance": {"fiscal_year": 2026, "occurred_on": dt.date(2025, 12, 20), "amount_fen": 200_000},
    "in its year": {"fiscal_year": 2026, "occurred_on": dt.date(2026, 3, 1), "amount_fen": 400_000},
    "left of an earlier year": {
        "fiscal_year": 2025,
        "occurred_on": dt.date(2026, 1, 12),
        "amount_fen": 800_000,
        "carried_over": True,
    },
    "the centre's": {
        "fiscal_year": 2026,
        "occurred_on": dt.date(2026, 3, 2),
        "amount_fen": 1_600_000,
        "level": "central",
    },
}
GIVEN = {("2025-01", "2025-12"): 0, ("2026-01", "2026-03"): 700_000, ("2026-01", "2026-02"): 300_000}
"""Months -> what the province newly gave in them or for them."""


@pytest.fixture(scope="module")
def book() -> Iterator[OpenedBook]:
    with folder() as here:
        made = opened(here)
        made.now = dt.datetime(2026, 6, 30, 10, 0, tzinfo=TZ)
        *standing, _ = relief.setup()
        made.post(BUREAU, *standing, on=dt.date(2025, 1, 2))
        for number, given in enumerate(DOCUMENTS.values()):
            paper = relief.appropriation(**{"document": f"湘财社〔2026〕{number}号", "level": "province", **given})
            made.post(BUREAU, paper, on=given["occurred_on"], note="下达")
        registry.catch_up(made.store)
        yield made
        made.close()


@pytest.mark.parametrize(("first", "last"), GIVEN)
def test_the_money_of_the_province_has_one_sum(book: OpenedBook, first: str, last: str) -> None:
    fen = GIVEN[first, last]
    with book.store.read() as connection:
        assert figures(connection, first, last).by_key()[PROVINCE] == fen
        written = paragraph(connection, template("year"), Span(first, last), book.head)
        (told,) = (slot.fact for one in written.sentences for slot in one.slots if slot.name == "province")
        assert (told.key, told.value, told.missing) == (PROVINCE, fen or None, None if fen else "no_record")
        assert told.query.startswith(f"figures --from {first} --to {last} ")
    for code in ("Y3", "Q1"):
        found = rows(table(book, code, first, last, today=TODAY))
        mine = [row for row in found if row["level"].code == "table_level.province"]
        assert sum(row["allocated_fen"] for row in mine) == fen, code


def test_an_advance_is_of_the_first_month_of_its_year(book: OpenedBook) -> None:
    months = {"2025-12": 0, "2026-01": 300_000, "2026-02": 0, "2026-03": 400_000}
    with book.store.read() as connection:
        found = {one: figures(connection, one, one).by_key()[PROVINCE] for one in months}
    assert found == months
