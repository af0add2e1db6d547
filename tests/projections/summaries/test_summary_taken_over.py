"""Books that were taken over in mid-year: what the opening tells of before is counted, and where it tells nothing the
table, the figures and the sentence say from when on they count.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger_projections import registry
from ledger_projections.figures import figures
from ledger_projections.summaries.sentences_books import Books, Span
from ledger_projections.summaries.sentences_facts import Fact, fact
from ledger_projections.summaries.table import Said, Table
from tests.flows.public_money import samples_relief as relief
from tests.projections.opened_book import BUREAU, OpenedBook, event, opened
from tests.projections.summaries.summary_book import codes, rows, september, table
from tests.projections.summaries.test_summary_year import taken_over

OLD = "财社〔2024〕×9号"
BEGAN = date(2025, 9, 1)
PROVINCE = "provincial_grant_fen"
FUNDS = ("appropriation_relief_fen", "appropriation_relief_carried_fen", "appropriation_relief_spent_fen")


def with_quota() -> Any:
    """An opening of September: of this year's document 10,000 yuan were given and 3,000 spent, of an older one 500 were
    left and 200 spent.
    """
    quotas = ((relief.DOCUMENT, 0, 1_000_000, 300_000), (OLD, 50_000, 0, 20_000))
    sides = [("quota", *one) for one in quotas] + [("fiscal_income", "", -50_000, 0, 1_000_000)]
    sides.append(("relief_cost", relief.DIBAO, 0, 320_000, 0))
    lines = [
        {
            "fund": relief.FUND,
            "role": role,
            "party": party,
            "year_start_fen": start,
            "debit_fen": came,
            "credit_fen": went,
            "balance_fen": start + came - went,
        }
        for role, party, start, came, went in sides
    ]
    paper = {"paper": "trial_balance", "digest": "sha256:" + "0" * 64, "dated": "2025-08-31"}
    lists = ("pledges", "lots", "receivables", "recoveries", "bank_items", "receipt_ranges", "assets")
    when = {"entity": BUREAU, "period": "2025-09", "on": BEGAN.isoformat()}
    sums: dict[str, Any] = {"net_unrestricted_fen": 0, "net_restricted_fen": 0, "papers": [paper], "lines": lines}
    return event("opening.recorded", **when, **sums, **{name: [] for name in lists})


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """The bureau's books from September on, with a batch of that month that this year's document pays."""
    one = opened(tmp_path)
    *standing, _quota = relief.setup()
    one.post(BUREAU, *standing, on=BEGAN)
    one.post(BUREAU, with_quota(), on=BEGAN, note="期初")
    one.post(BUREAU, relief.confirmed(), note="确认")
    one.post(BUREAU, relief.prepared(), relief.authorised(), note="制表")
    one.post(BUREAU, relief.reviewed(), relief.approved(), note="签批")
    one.post(BUREAU, relief.funded(account="transit"), note="支付令")
    yield one
    one.close()


def told(book: OpenedBook, key: str, first: str = "2025-07", last: str = "2025-09") -> Fact:
    registry.catch_up(book.store)
    with book.store.read() as connection:
        return fact(Books(connection, Span(first, last), book.head), key)


def note(found: Table, code: str) -> Said:
    (one,) = [one for one in found.notes if one.code == code]
    return one


def test_the_documents_of_an_opening_are_the_years(book: OpenedBook) -> None:
    found = table(book, "Q1", "2025-07", "2025-09")
    heads = ("document", "level_code", "carried_over_fen", "allocated_fen", "spent_fen", "left_fen")
    shown = [{**row, "level_code": row["level"].code.rpartition(".")[2]} for row in rows(found)]
    assert [tuple(row[name] for name in heads) for row in shown] == [
        (OLD, "central", 50_000, 0, 20_000, 30_000),
        (relief.DOCUMENT, "province", 0, 1_000_000, 300_000 + relief.LINE_FEN, 700_000 - relief.LINE_FEN),
    ]
    assert {(row["budget_code"], row["direct"]) for row in rows(found)} == {(None, None)}, "an opening tells neither"
    assert [one for one in found.notes if one.is_check] == []
    assert [told(book, key).value for key in FUNDS] == [1_050_000, 50_000, 320_000 + relief.LINE_FEN]
    rate = told(book, "appropriation_relief_rate")
    assert (rate.value, rate.of) == (320_000 + relief.LINE_FEN, 1_050_000)


def test_the_next_year_begins_with_what_was_left(book: OpenedBook) -> None:
    found = rows(table(book, "Q1", "2026-01", "2026-03", today=date(2026, 3, 31)))
    assert [(row["carried_over_fen"], row["allocated_fen"], row["spent_fen"]) for row in found] == [
        (30_000, 0, 0),
        (700_000 - relief.LINE_FEN, 0, 0),
    ]


def test_where_an_opening_tells_of_no_document_the_sentence_says_so(tmp_path: Path) -> None:
    """What the book received itself since it began is not what the year was given."""
    book = opened(tmp_path)
    september(book, quota_on=BEGAN)
    book.post(BUREAU, taken_over(), on=BEGAN, note="期初")
    found = [told(book, key) for key in (*FUNDS, "appropriation_relief_rate")]
    assert {(one.value, one.missing, one.edge) for one in found} == {(None, "before", "2025-09")}
    book.close()


def test_months_since_the_books_began_lack_nothing_of_the_province(tmp_path: Path) -> None:
    """What the province gave is counted by month: only months before the books make a sum of which nobody knows all."""
    book = opened(tmp_path)
    september(book, quota_on=BEGAN)
    book.post(BUREAU, taken_over(), on=BEGAN, note="期初")
    whole, early = told(book, PROVINCE, "2025-09"), told(book, PROVINCE, "2025-08")
    next_year = told(book, PROVINCE, "2024-12", "2026-01")
    assert (whole.value, whole.missing) == (1_000_000, None)
    assert {(one.value, one.missing, one.edge) for one in (early, next_year)} == {(None, "before", "2025-09")}
    assert told(book, FUNDS[0], "2025-09").missing == "before", "a sum of the year stays one"
    book.close()


def test_what_an_opening_tells_of_documents_is_of_no_month(book: OpenedBook) -> None:
    """It says what was given since January, and not when: a figure of those months would be without it."""
    further = {"document": "湘财社指〔2025〕7号", "amount_fen": 5_000, "occurred_on": date(2025, 9, 8)}
    book.post(BUREAU, relief.appropriation(**further), on=date(2025, 9, 8), note="下达")
    assert (told(book, PROVINCE).missing, told(book, PROVINCE, "2025-09").value) == ("before", 5_000)


@pytest.mark.parametrize("code", ["M1", "Q1"])
def test_the_years_sums_of_a_month_say_from_when_on_they_count(book: OpenedBook, code: str) -> None:
    said = note(table(book, code, "2025-09"), "table.note.begun").params
    assert (said["on"], "局" in said["entities"]) == (BEGAN, True)


def test_what_is_of_the_books_own_months_needs_no_such_word(book: OpenedBook) -> None:
    for code in ("M2", "M4", "M5", "Q5"):
        assert "table.note.begun" not in codes(table(book, code, "2025-09"))
    for code in ("M2", "M4", "M5", "Q5", "Y1", "Y3", "Y9"):
        assert "table.note.begun" in codes(table(book, code, "2025-08", "2025-09"))
    for code in ("M7", "Y5"):
        assert "table.note.begun" not in codes(table(book, code, "2025-01", "2025-12")), "the charity's books are whole"
    assert "table.note.begun" not in codes(table(book, "M1", "2026-01", today=date(2026, 1, 31)))


def test_books_that_began_empty_say_when_their_payments_begin(tmp_path: Path) -> None:
    book = opened(tmp_path)
    september(book)
    assert note(table(book, "M1", "2025-09"), "table.note.before_paid").params == {"month": "2025-09"}
    assert "table.note.before_paid" not in codes(table(book, "M2", "2025-09"))
    book.close()


def test_figures_say_from_when_on_they_count(book: OpenedBook) -> None:
    registry.catch_up(book.store)
    with book.store.read() as connection:
        whole, own = (figures(connection, first, "2025-09") for first in ("2025-01", "2025-09"))
    assert (whole.begun, whole.paid_since) == ({BUREAU: BEGAN}, "2025-09")
    assert (own.begun, own.paid_since) == ({}, None)
