"""Q3: what else moves in a society's fund is told and no error, and the line is that of its own day."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningLine, OpeningPaper
from ledger.flows.community.mutual_aid import MutualAidLineSet
from ledger.flows.event import Event
from ledger.values.dates import TZ
from ledger_projections.summaries.charity import societies as report
from ledger_projections.summaries.charity.days import legs
from tests.flows.event_samples import make
from tests.projections.opened_book import CHARITY, OpenedBook, event, opened
from tests.projections.summaries.summary_book import checks, rows, table
from tests.projections.test_near_the_village import given_to, granted, society

QUARTER = ("2025-07", "2025-09")


def raised(tmp_path: Path) -> OpenedBook:
    book = opened(tmp_path)
    book.post(CHARITY, society("shangping"), on=date(2025, 1, 3), note="登记")
    book.post(CHARITY, given_to("shangping", "county", 3_200_000, 1), note="筹资")
    book.post(CHARITY, granted("shangping", 240_000, 3), note="救助")
    return book


def interest(fen: int) -> Event:
    told = {"movement": "I1", "fund": "shangping", "account": "rcc-shangping", "amount_fen": fen, "line": None}
    return event("bank.interest", **told, on="2025-09-21")


def test_interest_is_told_and_no_error(tmp_path: Path) -> None:
    book = raised(tmp_path)
    made = given_to("shangping", "member", 7_000, 2)
    book.reverse(CHARITY, made, book.post(CHARITY, made, note="误记").first_position)
    book.post(CHARITY, interest(1_230), note="利息")
    found = table(book, "Q3", *QUARTER)
    assert checks(found) == []
    (told,) = [one.params for one in found.notes if one.code == "table.note.society_other"]
    assert told["rest_fen"] == 1_230
    book.close()


def test_what_nothing_explains_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = raised(tmp_path)
    book.post(CHARITY, interest(1_230), note="利息")

    def nothing(*_: object) -> tuple[dict[str, int], ...]:
        return {}, {}

    monkeypatch.setattr(report, "_moved", nothing)
    assert checks(table(book, "Q3", *QUARTER)) == ["check.society"]
    book.close()


def test_what_a_society_was_taken_over_with_is_no_interest(tmp_path: Path) -> None:
    """Each sum by its own name; the legs of the entity are read once for its two societies."""
    book = opened(tmp_path)
    both = ("shangping", "xiaping")
    book.post(CHARITY, *(society(one) for one in both), on=date(2025, 1, 1), note="登记")
    book.post(CHARITY, taken_over({"shangping": 500_000, "xiaping": 70_000}), on=date(2025, 1, 1), note="期初")
    book.post(CHARITY, given_to("shangping", "county", 3_200_000, 1), note="筹资")
    book.post(CHARITY, interest(1_230), note="利息")
    readings: list[str] = []

    def counted(*asked: Any) -> Any:
        readings.append(asked[1])
        return legs(*asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "legs", counted)
        found = table(book, "Q3", *QUARTER)
    told = [(one.code.rpartition("_")[2], *one.params.values()) for one in found.notes if ".society_" in one.code]
    assert told == [
        ("opened", "shangping互助社", 500_000),
        ("other", "shangping互助社", 1_230),
        ("opened", "xiaping互助社", 70_000),
    ]
    assert checks(found) == []
    assert readings == [CHARITY]
    book.close()


def taken_over(held: dict[str, int]) -> Event:
    """An opening: money of funds, each at a bank of its own."""
    lines = [
        make(OpeningLine, fund=fund, role=role, party=party, code=None, year_start_fen=side, balance_fen=side)
        for fund, fen in held.items()
        for role, party, side in ((Role.BANK, f"rcc-{fund}", fen), (Role.NET_RESTRICTED, "", -fen))
    ]
    sums = {"net_unrestricted_fen": 0, "net_restricted_fen": sum(held.values())}
    papers = (make(OpeningPaper, paper="trial_balance"), make(OpeningPaper, paper="bank_statement"))
    said = {"entity": CHARITY, "period": "2025-01", "on": date(2025, 1, 1), "lines": tuple(lines), "papers": papers}
    return make(OpeningRecorded, **said, **sums)


def test_a_line_that_was_entered_late_is_in_force_from_its_own_day(tmp_path: Path) -> None:
    book = raised(tmp_path)
    book.now = datetime(2025, 12, 31, 10, tzinfo=TZ)
    line = make(MutualAidLineSet, line_fen=3_300_000, effective_from=date(2025, 7, 1), document="示民发〔2025〕1号")
    book.post(CHARITY, line, on=date(2025, 12, 31), note="补录")
    (row,) = rows(table(book, "Q3", *QUARTER, today=date(2025, 12, 31)))
    assert row["short_fen"] == 100_000
    (before,) = rows(table(book, "Q3", "2025-04", "2025-06", today=date(2025, 12, 31)))
    assert before["short_fen"] == 0
    book.close()
