"""A part of a line that came back is taken out of its batch, and the next list pays it, whatever word says so."""

from collections.abc import Sequence

import pytest

from ledger.application.outcomes import Receipt
from tests.application.proposing.county import County
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH
from tests.application.proposing.relief.paying.bank import (
    arrears,
    at,
    at_the_bank,
    base_of,
    listed,
    result,
    results,
    roster,
    row_of,
)

YUAN = base_of(12)
PART = 30
NOVEMBER = "2025-11"


@pytest.fixture
def out(enrolled: County) -> County:
    """October, of which thirty yuan of household 12 came back and were taken out, for November's list to pay."""
    at_the_bank(enrolled)
    at(enrolled, 10, 28)
    _read(enrolled, ("成功", 9, YUAN), ("失败", 20, PART))
    (back,) = enrolled.of_kind("subsidy.returned_late")
    of = {"batch": OCTOBER_BATCH, "fund": "relief", "enrolment": back.enrolment, "payment": back.payment}
    why = {"rule_code": None, "reason": "退回部分并入下月补发", "moved_to": OCTOBER_BATCH.replace(OCTOBER, NOVEMBER)}
    fields = {**of, **why, "amount_fen": PART * 100, "on": "2025-10-28", "origin": "decision"}
    said = enrolled.decide(BUREAU, ("batch.line_excluded", fields), day=enrolled.now.date())
    assert isinstance(said, Receipt)
    return enrolled


def _read(county: County, *lines: tuple[str, int, int]) -> None:
    for outcome, day, yuan in lines:
        line = result(12, yuan, outcome, f"202510{day:02}", OCTOBER_BATCH)
        assert results(county, line, name=f"回盘{day}.csv").wrong == []


def _next_list(county: County, yuan: int, word: str, month: str = NOVEMBER) -> Sequence[str]:
    at(county, int(month[5:]), 7)
    report = roster(county, month, listed(row_of(12, more=yuan, remark=f"补发10月{word}{yuan}元")))
    return [one.code for one in report.wrong]


@pytest.mark.parametrize("word", ["退票", "少付"])
def test_a_part_that_was_taken_out_is_paid_by_the_next_list(out: County, word: str) -> None:
    assert _next_list(out, PART, word) == []
    (made_up,) = arrears(out)
    (back,) = out.of_kind("subsidy.returned_late")
    assert (made_up.amount_fen, made_up.reference.payment) == (PART * 100, back.payment)
    assert "W_MADE_UP_BEYOND" not in out.doubts()
    assert _next_list(out, PART, "退票", "2025-12") == ["E_REISSUE_DONE"], "and only once"


def test_all_that_came_back_is_paid_where_a_part_of_it_was_taken_out(out: County) -> None:
    _read(out, ("失败", 24, YUAN - PART))
    assert _next_list(out, YUAN, "退票") == []
    assert [one.amount_fen for one in arrears(out)] == [YUAN * 100]
