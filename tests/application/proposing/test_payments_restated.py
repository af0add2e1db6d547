"""What a register says of a payment that the book has: whom it went to, by which way and number, cannot be another."""

from datetime import date
from typing import Any

import pytest

from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, codes, rows_of

OCTOBER = date(2025, 10, 28)
LOTTERY, RECOVERIES = rows_of("lottery.csv"), rows_of("recoveries.csv")
PUPILS, HOME, CHILDREN = 1, 2, 3
DEDUCTED, IN_PARTS, IN_CASH = 1, 2, 3


def take(county: County, name: str, grid: Grid) -> Any:
    county.now = county.now.replace(year=OCTOBER.year, month=OCTOBER.month, day=OCTOBER.day)
    found = county.one(county.write(name, grid), month=None, today=OCTOBER)
    county.sign_off()
    return found


def corrected(grid: Grid, row: int, cells: dict[str, str]) -> Grid:
    for column, value in cells.items():
        grid = changed(grid, row, column, value)
    return grid


OTHERWISE: list[tuple[str, Grid, int, dict[str, str], str]] = [
    ("another company", LOTTERY, HOME, {"收款单位": "湖南别家建设有限公司"}, "收款单位"),
    ("somebody in place of a company", LOTTERY, HOME, {"收款单位": "示例甲"}, "收款单位"),
    ("a company in place of pupils", LOTTERY, PUPILS, {"收款单位": "湖南别家建设有限公司"}, "收款单位"),
    ("another contract", LOTTERY, HOME, {"合同编号": "HT2025-019"}, "合同编号"),
    ("another receipt", RECOVERIES, IN_CASH, {"缴款凭证号": "结算票据0001023"}, "缴款凭证号"),
    ("another day", RECOVERIES, IN_CASH, {"最近到账日期": "2025-07-16"}, "最近到账日期"),
    ("another way", RECOVERIES, IN_CASH, {"追缴方式": "转账"}, "追缴方式"),
]


@pytest.mark.parametrize(("what", "grid", "row", "cells", "column"), OTHERWISE, ids=[one[0] for one in OTHERWISE])
def test_a_payment_that_is_told_otherwise_is_a_change(
    county: County, what: str, grid: Grid, row: int, cells: dict[str, str], column: str
) -> None:
    sheet = [grid[0], grid[row]]
    assert codes(take(county, "一.csv", sheet)) == []
    size = county.size()
    report = take(county, "二.csv", corrected(sheet, 1, cells))
    assert [(one.place.row, one.column, one.code) for one in report.wrong] == [(2, column, "E_ROW_CHANGED")], what
    assert (report.new, report.duplicate, county.size()) == (0, 0, size)


AS_BEFORE: list[tuple[str, Grid, int, dict[str, str]]] = [
    ("no payee", LOTTERY, HOME, {"收款单位": ""}),
    ("no contract", LOTTERY, HOME, {"合同编号": ""}),
    ("further on", LOTTERY, HOME, {"完成情况": "已完工", "受益对象数": "50"}),
    ("no receipt", RECOVERIES, IN_CASH, {"缴款凭证号": ""}),
    ("no day", RECOVERIES, IN_CASH, {"最近到账日期": ""}),
    ("no way", RECOVERIES, IN_CASH, {"追缴方式": ""}),
    ("a remark", RECOVERIES, IN_CASH, {"备注": "已销号归档"}),
    ("in parts", RECOVERIES, IN_CASH, {"追缴方式": "分期"}),
]


@pytest.mark.parametrize(("what", "grid", "row", "cells"), AS_BEFORE, ids=[one[0] for one in AS_BEFORE])
def test_what_is_left_out_or_moved_on_is_no_change(
    county: County, what: str, grid: Grid, row: int, cells: dict[str, str]
) -> None:
    sheet = [grid[0], grid[row]]
    _told_as_before(county, what, sheet, corrected(sheet, 1, cells))


@pytest.mark.parametrize(("grid", "row", "column"), [(LOTTERY, HOME, "合同编号"), (RECOVERIES, IN_CASH, "缴款凭证号")])
def test_a_number_that_is_filled_in_later_is_no_change(county: County, grid: Grid, row: int, column: str) -> None:
    sheet = [grid[0], grid[row]]
    _told_as_before(county, column, corrected(sheet, 1, {column: ""}), sheet)


def _told_as_before(county: County, what: str, first: Grid, second: Grid) -> None:
    assert codes(take(county, "一.csv", first)) == [], what
    paid = [len(county.of_kind(kind)) for kind in ("lottery.used", "recovery.collected")]
    assert any(paid)
    assert codes(take(county, "二.csv", second)) == [], what
    assert [len(county.of_kind(kind)) for kind in ("lottery.used", "recovery.collected")] == paid
