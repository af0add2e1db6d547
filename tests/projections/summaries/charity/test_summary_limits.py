"""Y5 says whether management cost keeps to its limit: of whom it is asked, from what sum on, and of which assets."""

from datetime import date
from pathlib import Path

import pytest

from ledger_projections.summaries.charity.limits import of_management
from tests.projections.opened_book import BUREAU, CHARITY, event, fund, opened
from tests.projections.summaries.summary_book import codes, table

YEAR = ("2025-01", "2025-12")


def test_the_years_table_tells_what_is_above_the_limit(tmp_path: Path) -> None:
    book = opened(tmp_path)
    account = {"bank": "示例农商行", "holding": "bank", "default_fund": "general", "aliases": []}
    book.post(
        CHARITY, fund("general"), event("bank.account_registered", account="icbc", **account, opened_on="2025-01-01")
    )
    said = {"fund": "general", "means": "bank", "account": "icbc", "on": "2025-09-10", "purpose": "办公"}
    rent = event("expense.paid", movement="X1", nature="management", amount_fen=20_000_000, **said)
    book.post(CHARITY, rent, on=date(2025, 9, 10), note="先付后补")
    assert "table.note.management_over" in codes(table(book, "Y5", *YEAR, today=date(2025, 12, 31)))
    assert not any("management" in code for code in codes(table(book, "Y5", *YEAR, today=date(2025, 12, 30))))
    for months in (("2025-07", "2025-12"), ("2025-01", "2025-03"), ("2025-01", "2025-09"), ("2025-01", "2026-12")):
        assert not any("management" in code for code in codes(table(book, "Y5", *months, today=date(2027, 1, 1)))), (
            "no year, and no verdict"
        )
    book.close()


@pytest.mark.parametrize(
    ("entity", "fen", "whole", "net", "code", "limit"),
    [
        (CHARITY, 26_000_000, 200_000_000, None, "within", "13.0%"),
        (CHARITY, 26_000_001, 200_000_000, None, "over", "13.0%"),
        (CHARITY, 19_999_999, 20_000_000, None, "unbound", None),
        (BUREAU, 40_000_000, 200_000_000, None, "unknown", None),
        (BUREAU, 40_000_000, 200_000_000, 99_999_999, "within", "20.0%"),
        (BUREAU, 40_000_000, 200_000_000, 100_000_000, "over", "15.0%"),
        (BUREAU, 28_000_000, 200_000_000, 500_000_000, "within", "14.0%"),
        (BUREAU, 28_000_000, 200_000_000, 1_000_000_000, "over", "13.0%"),
        (BUREAU, 40_000_000, 200_000_000, -5, "within", "20.0%"),
    ],
)
def test_a_limit_for_each(
    tmp_path: Path, entity: str, fen: int, whole: int, net: int | None, code: str, limit: str | None
) -> None:
    """The bureau stands for whoever may not raise funds in public."""
    book = opened(tmp_path)
    with book.store.read() as connection:
        (said,) = of_management(connection, (entity, "会"), book.head, (fen, whole), net)
    assert (said.code, said.params.get("limit")) == (f"table.note.management_{code}", limit)
    book.close()
