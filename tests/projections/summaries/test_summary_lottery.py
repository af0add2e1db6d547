"""Lottery money that pays lists of subsidies beside projects: one word of 支出 in tables, figures and sentences, and
what is left is what the fund holds.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.community.lottery import LotteryAllocated, LotteryReturned, LotteryUsed
from ledger.values.dates import TZ
from ledger_projections import registry
from ledger_projections.books.balances import fund_balances
from ledger_projections.public_money.lottery.report import LotteryReport, lottery_report
from ledger_projections.public_money.subsidies import subsidies
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import Fact, fact
from ledger_projections.summaries.table import Said
from tests.flows.event_samples import make
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, opened
from tests.projections.plain_log import folder
from tests.projections.summaries.summary_book import KEPT_FEN, checks, codes, paid_again, rows, september, table

YEAR = ("2025-01", "2025-12")
PAID_FEN = 2 * relief.LINE_FEN - KEPT_FEN
GIVEN_FEN = 1_000_000
ON = date(2025, 9, 12)


def allocated(name: str = "meals", fen: int = 750_000, **more: Any) -> LotteryAllocated:
    said = {"fund": relief.FUND, "level": "county", "purpose": "elderly", "amount_fen": fen, "year": 2025}
    told = {"project_label": "助餐点", "carried_over": False, "on": date(2025, 8, 1)}
    return make(LotteryAllocated, allocation=name, **{**said, **told, **more})


def used(number: int = 1, fen: int = 250_000, **more: Any) -> LotteryUsed:
    said = {"allocation": "meals", "fund": relief.FUND, "purpose": "elderly", "use": "设备", "amount_fen": fen}
    return make(LotteryUsed, **{"movement": f"use-{number}", "occurred_on": ON, **said, **more})


def county_of(here: Path) -> OpenedBook:
    """September's lists paid by a fund of the lottery, which also gives a project its money."""
    book = opened(here)
    september(book, fund_kind="lottery")
    book.post(BUREAU, allocated(), on=date(2025, 9, 1), note="下达")
    book.post(BUREAU, used(), on=ON, note="支付")
    return book


@pytest.fixture(scope="module")
def county() -> Iterator[OpenedBook]:
    with folder() as here:
        book = county_of(here)
        yield book
        book.close()


def report(book: OpenedBook, **asked: Any) -> tuple[LotteryReport, int]:
    """The proceeds, and what the lottery's funds hold by their own balance."""
    registry.catch_up(book.store)
    with book.store.read() as connection:
        held = fund_balances(connection, as_of=asked.get("as_of"))
        found = lottery_report(connection, **asked)
    return found, sum(row.balance_fen for row in held.rows if row.kind == "lottery")


def told(book: OpenedBook, key: str, first: str = "2025-01", last: str = "2025-09") -> Fact:
    registry.catch_up(book.store)
    with book.store.read() as connection:
        return fact(Books(connection, Span(first, last), book.head), key)


def test_lists_and_projects_are_one_sum_that_leaves_what_the_fund_holds(county: OpenedBook) -> None:
    found, held = report(county, year=2025)
    total = found.total
    assert (total.used_by_projects_fen, total.used_by_lists_fen) == (250_000, PAID_FEN)
    assert (total.allocated_fen, total.used_fen) == (GIVEN_FEN + 750_000, PAID_FEN + 250_000)
    assert total.left_fen == held == found.held_fen
    with county.store.read() as connection:
        paid = subsidies(connection, "2025-01", "2025-12").span
    assert total.used_by_lists_fen == sum(row.paid_fen for row in paid)
    (listed,) = found.lists
    assert (listed.document, listed.in_transit_fen) == (relief.DOCUMENT, relief.LINE_FEN)


def test_tables_and_figures_tell_the_same_sum(county: OpenedBook) -> None:
    found, _ = report(county, year=2025)
    quarter, notice = table(county, "Q4", "2025-07", "2025-09"), table(county, "Y8", *YEAR)
    names = ("carried_over_fen", "allocated_fen", "used_fen", "returned_fen", "left_fen", "rate")
    (q4,), (y8,) = rows(quarter, "total"), rows(notice, "total")
    assert [q4[name] for name in names] == [y8[name] for name in names]
    assert (q4["used_fen"], q4["used_by_projects_fen"], q4["used_by_lists_fen"]) == (
        PAID_FEN + 250_000,
        250_000,
        PAID_FEN,
    )
    assert [(row["purpose"], row["projects"], row["used_fen"]) for row in rows(quarter)] == [
        (Said("table_purpose.lists"), 0, PAID_FEN),
        (Said("table_purpose.elderly"), 1, 250_000),
    ]
    for key, value in (
        ("lottery_used_fen", q4["used_fen"]),
        ("lottery_allocated_fen", q4["carried_over_fen"] + q4["allocated_fen"]),
        ("lottery_carried_fen", q4["carried_over_fen"]),
    ):
        assert told(county, key).value == value, key
    rate = told(county, "lottery_rate")
    assert (rate.value, rate.of) == (found.total.used_fen, found.total.allocated_fen)
    for one in (quarter, notice):
        assert checks(one) == []
        assert "table.note.lottery_in_transit" in codes(one)


def test_a_list_is_a_row_of_the_notice_under_its_document(county: OpenedBook) -> None:
    listed = next(row for row in rows(table(county, "Y8", *YEAR)) if row["purpose"] == Said("table_purpose.lists"))
    assert (listed["document"], listed["used_fen"], listed["user"]) == (relief.DOCUMENT, PAID_FEN, None)
    assert listed["project"]


def test_a_book_of_lists_alone_has_the_figures(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book, fund_kind="lottery")
    assert told(book, "lottery_used_fen").value == PAID_FEN
    assert told(book, "lottery_allocated_fen").value == GIVEN_FEN
    book.close()


def test_money_that_came_back_was_not_spent(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    book.post(BUREAU, relief.unspent(amount_fen=relief.LINE_FEN), note="退回额度")
    assert "table.note.lottery_in_transit" not in codes(table(book, "Q4", *YEAR))
    late = {"payment": "LE1", "enrolment": "E1", "occurred_on": date(2025, 9, 28)}
    book.post(BUREAU, relief.returned_late(**late), note="退票")
    found, held = report(book, year=2025)
    assert found.total.used_by_lists_fen == PAID_FEN - relief.LINE_FEN
    assert found.total.left_fen == held
    book.close()


def test_the_next_year_begins_with_what_was_left_and_on_its_way(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    book.now = datetime(2026, 2, 2, 10, tzinfo=TZ)
    on = date(2026, 1, 8)
    before, _ = report(book, year=2025, as_of=date(2025, 12, 31))
    again = {"batch": "B2", "payment": "L9", "enrolment": "E2", "component": "arrears", "subjects": ("PE2",)}
    new = relief.authorised(**again, reason="退票重发", reference=relief.reference(payment="LE2"))
    book.post(BUREAU, relief.carrying("B2", "B1", relief.LINE_FEN, month="2026-01", on=on), new, on=on, note="补发制表")
    book.post(BUREAU, relief.reviewed(batch="B2", on=on), relief.approved(batch="B2", on=on), on=on, note="签批")
    carried = relief.unspent(amount_fen=relief.LINE_FEN, carried_to="B2", occurred_on=on)
    book.post(BUREAU, carried, on=on, note="转入补发批次")
    book.post(BUREAU, relief.paid(**again, occurred_on=on), on=on, note="补发回盘")
    found, held = report(book, year=2026, as_of=date(2026, 1, 31))
    assert found.total.carried_over_fen == before.total.left_fen
    assert (found.total.used_fen, found.total.used_by_lists_fen) == (relief.LINE_FEN, relief.LINE_FEN)
    assert found.total.left_fen == held == found.held_fen
    assert checks(table(book, "Q4", "2026-01", "2026-01", today=on)) == []
    book.close()


def test_money_for_a_later_year_is_none_of_this_one(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    early = relief.appropriation(document="湘财综指〔2026〕1号", fiscal_year=2026, amount_fen=5_000, occurred_on=ON)
    book.post(BUREAU, early, allocated("next", 7_000, year=2026), note="提前下达")
    found, held = report(book, year=2025, as_of=date(2025, 12, 31))
    assert (found.total.allocated_fen, found.later_fen) == (GIVEN_FEN + 750_000, 12_000)
    assert found.total.left_fen + found.later_fen == held == found.held_fen
    assert checks(table(book, "Y8", *YEAR)) == []
    book.close()


def test_the_fund_of_another_kind_is_none_of_the_lotterys(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    found, _ = report(book)
    assert (found.lists, found.total.used_fen, found.held_fen) == ((), 0, 0)
    assert told(book, "lottery_used_fen").missing == "no_record"
    book.close()


ACTS = st.lists(
    st.tuples(st.sampled_from(["used", "back", "late", "unspent", "more", "again"]), st.integers(1, 90_000))
)


@settings(max_examples=6)
@given(acts=ACTS)
def test_whatever_happens_the_report_leaves_what_the_fund_holds(
    county: OpenedBook, acts: list[tuple[str, int]]
) -> None:
    late = {"payment": "LE1", "enrolment": "E1", "occurred_on": date(2025, 9, 28)}
    with folder() as here:
        book, is_again = county.copy(here / "b.db"), False
        for number, (what, fen) in enumerate(acts[:6], 2):
            moved = {"movement": f"{what}-{number}", "amount_fen": fen, "occurred_on": ON}
            match what:
                case "used":
                    book.try_post(BUREAU, used(number, fen))
                case "back":
                    book.try_post(BUREAU, make(LotteryReturned, allocation="meals", fund=relief.FUND, **moved))
                case "late":
                    book.try_post(BUREAU, relief.returned_late(**late))
                case "unspent":
                    book.try_post(BUREAU, relief.unspent(**moved))
                case "more":
                    more = {"document": f"湘财综指〔2025〕{number}号", "amount_fen": fen, "fiscal_year": 2025}
                    book.try_post(BUREAU, relief.appropriation(**more))
                case _:
                    if not is_again:
                        paid_again(book)
                    is_again = True
        for year in (None, 2025):
            found, held = report(book, year=year)
            assert found.total.left_fen == held == found.held_fen
            assert found.total.used_fen == found.total.used_by_projects_fen + found.total.used_by_lists_fen
            names = ("allocated_fen", "used_fen", "returned_fen", "left_fen")
            for part in (found.cells, found.levels, found.purposes):
                assert [sum(getattr(one.sums, name) for one in part) for name in names] == [
                    getattr(found.total, name) for name in names
                ]
        book.close()


def test_a_payment_taken_back_in_the_next_year_is_a_figure_of_that_year(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    book.now = datetime(2026, 3, 2, 10, tzinfo=TZ)
    again = used(2, 100_000, occurred_on=date(2025, 10, 20))
    position = book.post(BUREAU, again, on=date(2025, 10, 20), note="支付").first_position
    book.reverse(BUREAU, again, position, on=date(2026, 3, 1))
    before, _ = report(book, year=2025)
    assert before.total.used_by_projects_fen == 350_000
    found, held = report(book, year=2026, as_of=date(2026, 3, 31))
    assert found.total.carried_over_fen == before.total.left_fen
    assert found.total.used_by_projects_fen == -100_000
    assert found.total.left_fen == held == found.held_fen
    for name in ("Q4", "Y8"):
        shown = table(book, name, "2026-01", "2026-03", today=date(2026, 3, 31))
        assert checks(shown) == []
        assert "table.note.lottery_reversed" in codes(shown)
    book.close()


def test_an_allocation_taken_back_in_the_next_year_goes_in_that_year(county: OpenedBook, tmp_path: Path) -> None:
    book = county.copy(tmp_path / "b.db")
    book.now = datetime(2026, 3, 2, 10, tzinfo=TZ)
    more = allocated("more", 40_000)
    document = relief.appropriation(document="湘财综指〔2025〕8号", fiscal_year=2025, amount_fen=5_000, occurred_on=ON)
    position = book.post(BUREAU, more, document, on=ON, note="下达").first_position
    for number, one in enumerate((more, document)):
        book.reverse(BUREAU, one, position + number, on=date(2026, 3, 1))
    before, _ = report(book, year=2025)
    found, held = report(book, year=2026, as_of=date(2026, 3, 31))
    assert found.total.carried_over_fen == before.total.left_fen
    assert found.total.left_fen == held == found.held_fen == before.total.left_fen - 45_000
    book.close()


def test_an_order_taken_back_in_the_next_year_goes_back_in_that_year(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book, fund_kind="lottery")
    book.now = datetime(2026, 3, 2, 10, tzinfo=TZ)
    unspent = relief.unspent(amount_fen=relief.LINE_FEN)
    position = book.post(BUREAU, unspent, note="退回额度").first_position
    book.reverse(BUREAU, unspent, position, on=date(2026, 3, 1))
    before, _ = report(book, year=2025)
    found, held = report(book, year=2026, as_of=date(2026, 3, 31))
    assert found.total.carried_over_fen == before.total.left_fen
    assert found.total.left_fen == held == found.held_fen
    book.close()
