"""Y12, the sentences of the year's report as a table: every figure, whose it is, and what no wording says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import Connection

from ledger_api.tables.wording import said_text
from ledger_projections import registry
from ledger_projections.summaries.registry import TABLES
from ledger_projections.summaries.sentences import paragraph
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_catalogue import template
from ledger_projections.summaries.table import Asked, Said
from tests.flows.public_money.samples_relief import prepared, returned_late, setup
from tests.projections.plain_log import folder, written
from tests.projections.small_county import county

YEAR = Span("2025-08", "2025-09")


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[Connection, int]]:
    with county() as found:
        yield found


def test_the_list_of_sentences_holds_every_figure_of_the_years_report(book: tuple[Connection, int]) -> None:
    connection, position = book
    asked = Asked(YEAR.first, YEAR.last, YEAR.end, at=position)
    found = TABLES["Y12"].make(connection, asked)
    told = paragraph(connection, template("year"), YEAR, position).sentences
    assert found.column("wording") == [slot.text for one in told for slot in one.slots]
    assert [text for text in found.column("sentence") if text] == [one.zh for one in told]
    for row, slot in zip(found.rows, (slot for one in told for slot in one.slots), strict=True):
        exact = row.cells[[one.key for one in found.columns].index("exact")]
        assert isinstance(exact, Said) == (slot.reason is not None or slot.fact.of is not None)
        if slot.reason is None and slot.fact.of is not None:
            assert exact == slot.fact.parts
        if isinstance(exact, str):
            scale = 100 if slot.fact.unit == "fen" else 1
            assert Fraction(exact.replace(",", "")) * scale == slot.fact.value
    assert found.position == position


def test_the_list_of_sentences_says_whose_it_is_and_what_the_book_has_none_of(book: tuple[Connection, int]) -> None:
    """Of one entity it is not of the whole book; a set of programmes names those that were never opened."""
    connection, position = book
    asked = Asked(YEAR.first, YEAR.last, YEAR.end, at=position)
    whole, own = (TABLES["Y12"].make(connection, one) for one in (asked, replace(asked, entity="bureau")))
    assert ["全账" in said_text(one, "zh") for one in whole.scopes].count(True) == 1
    assert [said_text(one, "zh") for one in own.scopes if "全账" in said_text(one, "zh")] == []
    total = next(one for one in whole.column("schemes") if isinstance(one, Said) and "账内无" in said_text(one, "zh"))
    here, _, absent = said_text(total, "zh").partition(",账内无")
    assert "农村低保" in here
    assert not set(here.removeprefix("含").split("、")) & set(absent.split("、"))


def test_a_sum_that_no_wording_says_stands_in_the_list() -> None:
    """A month in which an older payment came back and none was made: its sentence is open, and the sum is told."""
    with folder() as here:
        store = written(here / "log.db", [*setup(), prepared(), returned_late()], "bureau")
        registry.catch_up(store)
        with store.read() as connection:
            found = TABLES["Y12"].make(connection, Asked("2025-09", "2025-09", date(2025, 9, 30)))
        store.close()
    assert ("XX万元", "-690.00") in zip(found.column("wording"), found.column("exact"), strict=True)
