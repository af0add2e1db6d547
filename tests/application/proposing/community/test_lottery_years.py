"""Lottery money that is paid in a later year: one allocation, told in every year by what was left and what was paid."""

from datetime import date
from typing import Any

import pytest

from ledger_projections.registry import catch_up
from ledger_projections.summaries.charity.lottery import lottery_notice, lottery_quarter
from ledger_projections.summaries.table import Asked
from tests.application.proposing.community.test_lottery import take, without
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import BUREAU

HEAD, *ROWS = rows_of("lottery.csv")
JANUARY = date(2026, 1, 31)
WAN = 1_000_000
AMOUNTS = ("carried_over_fen", "allocated_fen", "used_fen", "returned_fen", "left_fen")
FIRST = {"年度": "2024", "下达日期": "2024-04-30", "支付日期": "2024-11-15", "凭证号": "财付-24"}
SECOND = {
    "支付日期": "2025-08-15",
    "凭证号": "财付-25",
    "支付金额(万元)": "25",
    "累计支付(万元)": "50",
    "结余(万元)": "0",
}


def row(**cells: str) -> list[str]:
    """The second project, said otherwise."""
    cells = {"执行率": "", **cells}
    return [cells.get(column, cell) for column, cell in zip(HEAD, ROWS[1], strict=True)]


def year_told(county: County, year: int) -> dict[str, list[tuple[int, ...]]]:
    """The money columns of both tables, in 万元."""
    assert all(progress.failure is None for progress in catch_up(county.store))
    asked, told = Asked(f"{year}-01", f"{year}-12", JANUARY), {}
    with county.store.read() as connection:
        for table in (lottery_quarter(connection, asked), lottery_notice(connection, asked)):
            at = [[one.key for one in table.columns].index(name) for name in AMOUNTS]
            told[table.code] = [tuple(int(str(one.cells[where])) // WAN for where in at) for one in table.rows]
    return told


def both(*amounts: int) -> dict[str, list[tuple[int, ...]]]:
    """One project and the total."""
    return {"Q4": [amounts, amounts], "Y8": [amounts, amounts]}


SAID: list[tuple[str, dict[str, str]]] = [
    ("under the year of the document", {}),
    ("under its own year", {"年度": "2025"}),
    ("under no year", {"年度": ""}),
]


@pytest.mark.parametrize(("what", "cells"), SAID, ids=[one[0] for one in SAID])
def test_what_a_year_left_is_paid_in_the_next(county: County, what: str, cells: dict[str, str]) -> None:
    for name, listed, month in _sheets(cells):
        assert take(county, name, listed, JANUARY, month=month).wrong == []
    assert year_told(county, 2023) == {"Q4": [], "Y8": []}
    assert year_told(county, 2024) == both(0, 50, 25, 0, 25)
    assert year_told(county, 2025) == both(25, 0, 25, 0, 0)
    assert year_told(county, 2026) == {"Q4": [], "Y8": []}


@pytest.mark.parametrize(("what", "cells"), SAID, ids=[one[0] for one in SAID])
@pytest.mark.parametrize("order", [1, -1])
def test_it_is_one_allocation_in_any_order(county: County, what: str, cells: dict[str, str], order: int) -> None:
    sheets = _sheets(cells)[::order]
    for name, listed, month in [*sheets, *sheets]:
        assert take(county, name, listed, JANUARY, month=month).wrong == []
    assert len(county.of_kind("lottery.allocated")) == 1
    assert county.fen(BUREAU, "lottery", "quota") == 0
    assert sum(one.amount_fen for one in county.of_kind("lottery.used")) == 50 * WAN


def _sheets(cells: dict[str, str]) -> list[tuple[str, list[list[str]], str]]:
    first, second = row(**FIRST), row(**{**FIRST, **SECOND, **cells})
    return [("2024.csv", [HEAD, first], "2024-12"), ("2025.csv", [HEAD, second], "2025-08")]


def test_what_was_left_is_carried_into_each_year_until_it_is_returned(county: County) -> None:
    take(county, "2024.csv", [HEAD, row(**FIRST)], JANUARY, month="2024-12")
    (given,) = county.of_kind("lottery.allocated")
    back = {"movement": "back", "allocation": given.allocation, "fund": "lottery", "amount_fen": 25 * WAN}
    back |= {"reason": "收回", "occurred_on": "2025-10-10"}
    county.decide(BUREAU, ("lottery.returned", back), day=date(2025, 10, 10))
    assert year_told(county, 2024) == both(0, 50, 25, 0, 25)
    assert year_told(county, 2025) == both(25, 0, 0, 25, 0)
    assert year_told(county, 2026) == {"Q4": [], "Y8": []}


def test_what_went_back_to_the_treasury_is_not_left(county: County) -> None:
    """结余 is 0 after the rest went back; a register of before may say what was left then, and nothing else."""
    take(county, "福彩.csv", [HEAD, row()])
    (given,) = county.of_kind("lottery.allocated")
    for number, fen in enumerate((5 * WAN, 20 * WAN)):
        back = {"movement": f"back-{number}", "allocation": given.allocation, "fund": "lottery", "amount_fen": fen}
        back |= {"reason": "收回", "occurred_on": f"2025-10-1{number}"}
        found = take(county, f"早{number}.csv", [HEAD, row(**{"结余(万元)": "0.00"})])
        assert [(one.code, one.column) for one in found.wrong] == [("E_LOTTERY_LEFT", "结余(万元)")]
        county.decide(BUREAU, ("lottery.returned", back), day=date(2025, 10, 20))
    for left, codes in (("0.00", []), ("20.00", []), ("25.00", []), ("5.00", ["E_LOTTERY_LEFT"])):
        found = take(county, f"{left}.csv", [HEAD, row(**{"结余(万元)": left, "绩效自评分": left})])
        assert [one.code for one in found.wrong] == codes


def test_a_document_that_gives_each_year_gives_again(county: County) -> None:
    """年度 and 下达日期 both say so."""
    take(county, "2024.csv", [HEAD, row(**FIRST)], JANUARY, month="2024-12")
    again = {**FIRST, "年度": "2025", "下达日期": "2025-04-30", "支付日期": "2025-08-15", "凭证号": "财付-25"}
    assert take(county, "2025.csv", [HEAD, row(**again)], JANUARY, month="2025-08").new == 1
    assert year_told(county, 2025)["Y8"][-1] == (25, 50, 25, 0, 50)


def test_a_later_list_with_another_sum_is_told(county: County) -> None:
    take(county, "2024.csv", [HEAD, row(**FIRST)], JANUARY, month="2024-12")
    left = {**FIRST, **SECOND, "年度": "2025", "安排金额(万元)": "25", "累计支付(万元)": "25"}
    found = take(county, "2025.csv", [HEAD, row(**left)], JANUARY, month="2025-08")
    assert ([one.code for one in found.wrong], found.new) == (["E_LOTTERY_BOOKED"], 0)


TWO = [
    row(),
    row(
        使用单位="大冲乡人民政府",
        收款单位="另一建设公司",
        **{"安排金额(万元)": "30", "支付金额(万元)": "10", "累计支付(万元)": "10", "结余(万元)": "20"},
    ),
]


@pytest.mark.parametrize("order", [1, -1])
def test_one_document_may_give_to_the_same_project_of_two_townships(county: County, order: int) -> None:
    assert take(county, "福彩.csv", [HEAD, *TWO[::order]]).wrong == []
    assert {one.user_label: one.amount_fen for one in county.of_kind("lottery.allocated")} == {
        "石岭镇人民政府": 50 * WAN,
        "大冲乡人民政府": 30 * WAN,
    }
    for rows in (TWO, TWO[::-1], TWO[:1], TWO[1:]):
        again = take(county, f"再{len(rows)}{rows[0][7]}.csv", [HEAD, *[[*one[:-1], "再"] for one in rows]])
        assert (again.new, again.wrong, again.duplicate) == (0, [], len(rows))


def test_a_user_that_is_spelt_otherwise_is_no_second_allocation(county: County) -> None:
    take(county, "福彩.csv", [HEAD, TWO[0]])
    found = take(county, "改.csv", [HEAD, row(使用单位="石岭镇政府")])
    assert [(one.code, one.column) for one in found.wrong] == [("E_ROW_CHANGED", "使用单位")]


def test_which_user_is_meant_must_be_said_where_there_are_several(county: County) -> None:
    take(county, "福彩.csv", [HEAD, *TWO])
    found = take(county, "改.csv", [HEAD, row(使用单位="")])
    assert [(one.code, one.column) for one in found.wrong] == [("E_CELL_MISSING", "使用单位")]


# ---- the same payment with and without its voucher number

UNTOTALLED = without([HEAD, row(支付日期="2025-08-15", 凭证号="")], "累计支付(万元)", "结余(万元)", "执行率")


def _with_voucher(*numbers: str) -> list[list[str]]:
    at = UNTOTALLED[0].index("凭证号")
    return [UNTOTALLED[0], *[[*UNTOTALLED[1][:at], one, *UNTOTALLED[1][at + 1 :]] for one in numbers]]


@pytest.mark.parametrize("numbers", [("", "财付-0815"), ("财付-0815", "")])
def test_a_payment_whose_voucher_is_filled_in_later_is_the_same_payment(county: County, numbers: Any) -> None:
    for number in numbers:
        assert take(county, f"{number or '无'}.csv", _with_voucher(number)).wrong == []
    assert [one.amount_fen for one in county.of_kind("lottery.used")] == [25 * WAN]


def test_two_payments_of_a_day_stay_two(county: County) -> None:
    """One with a voucher and one without, side by side; and two vouchers."""
    take(county, "一.csv", _with_voucher("财付-1"))
    take(county, "二.csv", _with_voucher("财付-1", ""))
    assert [one.amount_fen for one in county.of_kind("lottery.used")] == [25 * WAN] * 2
    take(county, "三.csv", _with_voucher("", "财付-1"))
    assert len(county.of_kind("lottery.used")) == 2
