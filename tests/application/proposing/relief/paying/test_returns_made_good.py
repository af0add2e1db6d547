"""Money that came back and is paid again with other money in one sum: every payment is made good, and only once."""

from datetime import date

import pytest

from ledger.application.outcomes import Receipt
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.paying.bank import (
    arrears,
    at,
    base_of,
    listed,
    result,
    results,
    roster,
    row_of,
    send,
)

BASE = base_of(4)
Paid = tuple[str, int]


def month(county: County, number: int, row: list[str], outcome: str) -> FileReport:
    """A month's list, sent to the bank; what became of household 4 in it."""
    batch = f"rural-dibao-2025-{number:02d}-01"
    at(county, number, 8)
    report = roster(county, batch[12:19], listed(row))
    if report.wrong:
        return report
    send(county, batch)
    at(county, number, 25)
    others = [result(n, base_of(n), "成功", f"2025{number:02d}09", batch) for n in range(1, 13) if n != 4]
    fen = sum(one.amount_fen for one in county.of_kind("subsidy.authorised") if one.batch == batch)
    yuan = fen // 100 - sum(base_of(n) for n in range(1, 13) if n != 4)
    file = results(county, *others, result(4, yuan, outcome, f"2025{number:02d}09", batch), name=f"回盘{number}.csv")
    assert (file.new, file.wrong) == (12, [])
    return report


def made_good(county: County, batch: str) -> list[Paid]:
    """(first month, yuan) of what the batch pays again, in order."""
    failed = {one.payment for one in county.of_kind("subsidy.returned")}
    mine = [one for one in arrears(county) if batch in one.batch]
    assert all(one.reference.payment in failed for one in mine)
    assert len({one.reference.payment for one in mine}) == len({one.payment for one in mine}) == len(mine)
    return sorted((one.period_from, one.amount_fen // 100) for one in mine)


def september(county: County) -> None:
    """The month and August's arrears in one line, which fails."""
    assert month(county, 9, row_of(4, BASE, remark="补发8月(退票)"), "失败").wrong == []


REMARKS = ["补发8、9月(退票)", "补发8-9月", "补发9月退票", "退票重发"]
"""By the months of the payments, by the month of the list that failed, and without any month."""


@pytest.mark.parametrize("remark", REMARKS)
def test_a_line_of_two_components_is_made_good_component_by_component(funded: County, remark: str) -> None:
    september(funded)
    row = row_of(4, 2 * BASE, remark=remark)
    assert month(funded, 10, row, "成功").wrong == []
    assert made_good(funded, "2025-10") == [("2025-08", BASE), ("2025-09", BASE)]
    again = roster(funded, "2025-10", listed(row))
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])
    third = month(funded, 11, row_of(4, BASE, remark="补发9月退票"), "成功")
    assert codes(third) == [(5, "E_REISSUE_DONE")]
    assert third.wrong[0].column == "补发(元)"
    assert len(arrears(funded)) == 3


def test_two_months_that_failed_are_made_good_in_one_sum(funded: County) -> None:
    month(funded, 9, row_of(4), "失败")
    month(funded, 10, row_of(4), "失败")
    assert month(funded, 11, row_of(4, 2 * BASE, remark="补发9-10月退票"), "成功").wrong == []
    assert made_good(funded, "2025-11") == [("2025-09", BASE), ("2025-10", BASE)]
    assert codes(month(funded, 12, row_of(4, BASE, remark="补发9月退票"), "成功")) == [(5, "E_REISSUE_DONE")]


def test_what_was_made_good_in_one_sum_and_came_back_is_made_good_again(funded: County) -> None:
    september(funded)
    month(funded, 10, row_of(4, 2 * BASE, remark="补发8、9月(退票)"), "失败")
    assert month(funded, 11, row_of(4, 3 * BASE, remark="补发8-10月退票"), "成功").wrong == []
    assert made_good(funded, "2025-11") == [("2025-08", BASE), ("2025-09", BASE), ("2025-10", BASE)]


def test_part_of_what_came_back_leaves_the_rest_open(funded: County) -> None:
    september(funded)
    assert month(funded, 10, row_of(4, BASE, remark="补发8月退票"), "成功").wrong == []
    assert made_good(funded, "2025-10") == [("2025-08", BASE)]
    assert month(funded, 11, row_of(4, BASE, remark="补发9月退票"), "成功").wrong == []
    assert made_good(funded, "2025-11") == [("2025-09", BASE)]


WRONG = {
    "more than came back": (BASE + 1, "补发9月退票"),
    "more, without the word": (BASE + 1, "补发9月"),
    "less than came back": (BASE - 1, "补发9月退票"),
    "of no month": (BASE - 1, "退票重发"),
}


@pytest.mark.parametrize(("yuan", "remark"), WRONG.values(), ids=WRONG.keys())
def test_an_amount_that_nothing_explains_is_refused_with_what_came_back(funded: County, yuan: int, remark: str) -> None:
    month(funded, 9, row_of(4), "失败")
    report = month(funded, 10, row_of(4, yuan, remark=remark), "成功")
    assert codes(report) == [(5, "E_REISSUE_SUM")]
    assert f"2025-09 {BASE}.00" in report.wrong[0].message()
    assert report.new == 11


def test_a_small_sum_beside_what_came_back_stands_for_itself(funded: County) -> None:
    """Ten yuan that September lacked are no payment that came back."""
    month(funded, 9, row_of(4), "失败")
    assert month(funded, 10, row_of(4, 10, remark="补发9月"), "成功").wrong == []
    (small,) = arrears(funded)
    assert (small.amount_fen, small.reference.payment) == (1_000, None)


def test_money_that_came_back_and_lies_in_transit_is_told_when_new_quota_pays_it_again(funded: County) -> None:
    september(funded)
    at(funded, 10, 8)
    report = roster(funded, "2025-10", listed(row_of(4, 2 * BASE, remark="退票重发")))
    (note,) = [one for one in report.notes if one.code == "W_REISSUE_TRANSIT"]
    old = "rural-dibao-2025-09-01"
    assert note.params == {"batch": old, "amount_fen": 200 * BASE, "left_fen": 200 * BASE}
    assert note.place.row == 0
    assert f"批次 {old} 的退票 {2 * BASE:,}.00 元" in note.message()
    again = roster(funded, "2025-10", listed(row_of(4, 2 * BASE, remark="退票重发")))
    assert "W_REISSUE_TRANSIT" not in [one.code for one in again.notes], "told when the batch is made"


def test_money_that_went_back_to_its_quota_is_no_matter(funded: County) -> None:
    september(funded)
    at(funded, 10, 1)
    (given,) = funded.events("batch:rural-dibao-2025-09-01", "batch.funded")
    sources = [{"document": given.sources[-1].document, "fen": 200 * BASE}]
    back = {"movement": "back-9", "batch": given.batch, "fund": "relief", "amount_fen": 200 * BASE, "sources": sources}
    said = ("batch.unspent_returned", {**back, "carried_to": None, "occurred_on": "2025-09-30"})
    assert isinstance(funded.decide(BUREAU, said, day=date(2025, 9, 30)), Receipt)
    at(funded, 10, 8)
    report = roster(funded, "2025-10", listed(row_of(4, 2 * BASE, remark="退票重发")))
    assert "W_REISSUE_TRANSIT" not in [one.code for one in report.notes]


def test_a_line_taken_out_before_it_was_authorised_hides_no_return(funded: County) -> None:
    """October's row is refused and out of its batch; November makes good what September's bank sent back."""
    month(funded, 9, row_of(4), "失败")
    (back,) = funded.of_kind("subsidy.returned")
    at(funded, 10, 8)
    assert roster(funded, "2025-10", listed(row_of(4))).wrong == []
    out = {"batch": "rural-dibao-2025-10-01", "fund": "relief", "enrolment": back.enrolment, "amount_fen": 100}
    out |= {"reason": "未通过核对", "on": "2025-10-08", "origin": "decision"}
    funded.decide(BUREAU, ("batch.line_excluded", out), day=funded.now.date())
    assert [one.payment for one in funded.of_kind("batch.line_excluded")] == [None]
    assert month(funded, 11, row_of(4, BASE, remark="补发9月退票"), "成功").wrong == []
    assert made_good(funded, "2025-11") == [("2025-09", BASE)]
