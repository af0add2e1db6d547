"""A receipt's number that was used before is told at its cell, whichever file had it; the gift itself is recorded."""

from typing import Any

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes
from tests.application.proposing.giving.test_two_charities import HEAD, register

EXPORT = ["票据代码", "票据号码", "开票日期", "交款人", "金额", "状态", "红票号码", "原票号码"]
WHO, OTHER = "湖南样板建材有限公司", "湖南另样建材有限公司"
FIRST = {"捐赠人": WHO, "捐赠金额(元)": "100.00", "是否开票": "是", "票据号码": "0000000042", "开票日期": "2025-09-09"}
SECOND = {**FIRST, "捐赠金额(元)": "200.00"}


def row(serial: str, said: dict[str, str]) -> list[str]:
    day = f"2025-09-0{serial[-1]}"
    days = {"到账日期": day, "登记日期": day, "序号": serial, "捐赠人类型": "企业", "证件号码": ""}
    return register(**days, **said)[1]


def take(county: County, name: str, *rows: list[str], head: list[str] = HEAD) -> Any:
    """A file until nothing of it waits: gifts first, then their receipts."""
    grid: Grid = [head, *rows]
    report = county.one(county.write(name, grid))
    county.sign_off()
    again = county.one(county.write(name, grid))
    county.sign_off()
    assert [one.code for one in report.wrong] == [one.code for one in again.wrong]
    return again


def receipts(county: County) -> list[tuple[str, int]]:
    return [(one.receipt, one.amount_fen) for one in county.of_kind("donation.receipt_issued")]


def test_a_number_of_another_gifts_receipt_is_told_where_it_stands(county: County) -> None:
    assert take(county, "一.csv", row("901", FIRST)).wrong == []
    third = {**SECOND, "捐赠金额(元)": "300.00", "票据号码": "0000000043"}
    found = take(county, "二.csv", row("902", SECOND), row("903", third))
    (cell,) = found.wrong
    assert (cell.place.row, cell.column, cell.value, cell.code) == (2, "票据号码", "0000000042", "E_RECEIPT_USED")
    assert all(word in cell.message() for word in ("0000000042", "2025-09-09", "100.00"))
    assert receipts(county) == [("register-0000000042", 10_000), ("register-0000000043", 30_000)]
    assert len(county.of_kind("donation.received")) == 3, "what came is recorded"
    assert take(county, "一.csv", row("901", FIRST)).wrong == []


@pytest.mark.parametrize(("who", "told"), [(WHO, []), (OTHER, [("W_RECEIPT_SHARED", 3)])])
def test_two_givers_of_one_receipt_are_told(county: County, who: str, told: list[tuple[str, int]]) -> None:
    grid = [HEAD, row("901", FIRST), row("902", {**SECOND, "捐赠人": who})]
    report = county.one(county.write("一.csv", grid))
    notes = [(one.code, one.place.row) for one in report.notes if one.code != "W_RECEIPT_LATER"]
    assert (codes(report), notes) == ([], told)


@pytest.mark.parametrize(("who", "told"), [(WHO, []), (OTHER, ["W_RECEIPT_PAYER"])])
def test_an_export_whose_payer_is_another_is_told(county: County, who: str, told: list[str]) -> None:
    take(county, "一.csv", row("901", FIRST))
    line = ["43060125", "0000000042", "2025-09-09", who, "100.00", "正常", "", ""]
    report = county.one(county.write("票据.csv", [EXPORT, line]))
    assert (codes(report), report.new, [one.code for one in report.notes]) == ([], 0, told)


def test_the_number_in_another_series_is_another_receipt(county: County) -> None:
    take(county, "一.csv", row("901", FIRST))
    lines = [[code, "0000000042", "2025-09-09", WHO, "100.00", "正常", "", ""] for code in ("43060125", "43060126")]
    report = take(county, "票据.csv", *lines, head=EXPORT)
    assert codes(report) == []
    assert receipts(county) == [("register-0000000042", 10_000), ("43060126-0000000042", 10_000)]


def test_an_amount_that_differs_names_the_receipt(county: County) -> None:
    take(county, "一.csv", row("901", FIRST))
    line = ["43060125", "0000000042", "2025-09-09", WHO, "300.00", "正常", "", ""]
    (cell,) = county.one(county.write("票据.csv", [EXPORT, line])).wrong
    assert (cell.code, cell.column) == ("E_RECEIPT_DIFFERS", "金额")
    assert "票据 0000000042" in cell.message()
