"""A report of months that are over: what stands at a day is told as of their end, by tables and readers alike."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger_api.reports.assembling import Asking, Making, Report, assemble
from ledger_projections import registry
from tests.projections.opened_book import BUREAU, CHARITY, TODAY, OpenedBook, fund, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import paid_again, september
from tests.projections.test_book_readers import gift
from tests.projections.test_near_the_village import allocated, given_to, granted, society, used

MAKING = Making("ledger.example.test/county", TODAY, "10:00")
SUMMER = ("2025-04", "2025-06")


@pytest.fixture(scope="module")
def book() -> Iterator[OpenedBook]:
    """What is of the spring, and as much again of the summer after it."""
    with folder() as here:
        made = opened(here)
        made.post(CHARITY, fund("general"), society("shangping"), on=date(2025, 1, 3), note="开办")
        for number, on in enumerate((date(2025, 5, 6), date(2025, 8, 6))):
            made.post(CHARITY, gift(f"D{number}", "general", 50_000, str(on)), on=on)
            made.post(CHARITY, given_to("shangping", "county", 9_000, number, on), on=on)
            made.post(CHARITY, granted("shangping", 1_000, 1, on), on=on, note="救助")
        made.post(BUREAU, fund("lottery", "lottery"), on=date(2025, 1, 2))
        made.post(BUREAU, allocated("a", "county", "poverty", 70_000), on=date(2025, 3, 18))
        made.post(BUREAU, used("a", "poverty", 20_000, 1), note="使用")
        september(made)
        paid_again(made)
        registry.catch_up(made.store)
        yield made
        made.close()


def report(book: OpenedBook, kind: str, as_of: date | None = None, months: tuple[str, str] = SUMMER) -> Report:
    with book.store.read() as connection:
        return assemble(connection, Asking(kind, None, months, as_of, "zh"), MAKING, None)


def answers(found: Report) -> dict[str, dict[str, Any]]:
    return {one.name: one.answer.to_json() for one in found.readers}


def totals(found: Report, code: str) -> list[dict[str, Any]]:
    table = next(one.to_json() for one in found.tables if one.to_json()["table"] == code)
    return [row["cells"] for row in table["rows"] if row["kind"] == "total"]


def test_funds_hold_what_they_held_at_the_end_of_the_months(book: OpenedBook) -> None:
    found = report(book, "fund")
    told = answers(found)
    held = {row["fund"]: row["balance_fen"] for row in told["balances"]["rows"] if row["entity"] == CHARITY}
    assert held == {"general": 50_000, "shangping": 8_000}
    assert sum(row["balance_fen"] for row in told["accounts"]["rows"] if row["entity"] == CHARITY) == 58_000
    assert totals(found, "M7")[-1]["closing_fen"] == 58_000
    assert {one.query.split(" --at")[0] for one in found.readers} == {
        "charity-ledger balances --as-of 2025-06-30",
        "charity-ledger balances --accounts --as-of 2025-06-30",
        "charity-ledger pledges --on 2025-06-30 --as-of 2025-06-30",
    }


def test_societies_gave_what_they_had_given_by_then(book: OpenedBook) -> None:
    found = report(book, "societies")
    told = answers(found)["societies"]["totals"]
    assert (told["granted_fen"], told["balance_fen"]) == (1_000, 8_000)
    (total,) = totals(found, "Q3")
    assert (total["year_granted_fen"], total["balance_fen"]) == (1_000, 8_000)


def test_of_the_lottery_s_money_what_was_used_by_then_in_that_year(book: OpenedBook) -> None:
    found = report(book, "lottery")
    (total,) = totals(found, "Q4")
    told = answers(found)["lottery"]
    assert (told["year"], told["total"]["used_fen"], told["total"]["allocated_fen"]) == (2025, 0, 70_000)
    assert (total["used_fen"], total["allocated_fen"]) == (0, 70_000)
    assert found.readers[0].query.startswith("charity-ledger lottery --year 2025 --as-of 2025-06-30 --at ")
    assert (
        report(book, "lottery", months=("2025-07", "2025-09")).readers[0].answer.to_json()["total"]["left_fen"]
        == 50_000
    )


def test_an_earlier_day_goes_before_the_end_of_the_months(book: OpenedBook) -> None:
    (found,) = report(book, "societies", date(2025, 5, 5)).readers
    assert (found.answer.to_json()["as_of"], found.answer.to_json()["totals"]["granted_fen"]) == ("2025-05-05", 0)
    (later,) = report(book, "societies", date(2025, 12, 31)).readers
    assert later.answer.to_json()["as_of"] == "2025-06-30", "what came after the months is none of theirs"


def test_failures_are_those_of_the_batches_of_the_months_whenever_they_were_made_good(book: OpenedBook) -> None:
    """As M1 to M3 take in a batch with all that came of it."""
    told = answers(report(book, "programme", months=("2025-09", "2025-09")))
    assert [(row["payment"], row["state"]) for row in told["failures"]["rows"]] == [("LE2", "paid")]
    assert answers(report(book, "programme"))["failures"]["rows"] == []
    query = next(one.query for one in report(book, "programme").readers if one.name == "failures")
    assert query.startswith("charity-ledger subsidies --failures --month 2025-04 --until 2025-06 --at ")
