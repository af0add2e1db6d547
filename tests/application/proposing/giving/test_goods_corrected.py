"""A corrected row of the book of goods is told as a change: nothing comes in, leaves or is counted a second time."""

import pytest

from tests.application.proposing.county import County, codes
from tests.application.proposing.giving.test_goods_in_one_file import (
    ACCEPTED,
    COUNT,
    DECIDED,
    DELIVERY,
    LOT,
    book,
)

RICE = {**LOT, **ACCEPTED}
OTHER = {**DELIVERY, "出库日期": "2025-09-05", "领用单位/人": "城关镇敬老院", "数量": "1"}
COUNTED = {**COUNT, **DECIDED, "账面数": "5", "实盘数": "5", "差异": "0", "原因": "", "处理": ""}
SHEETS = {"入库": [RICE], "出库": [DELIVERY, OTHER], "盘点": [COUNTED]}

CORRECTED = [
    # sheet, what is written over in its first row, the column at fault
    ("出库", {"数量": "5"}, "数量"),
    ("出库", {"用途": "扶贫"}, "用途"),
    ("出库", {"签收人": "示例癸"}, "签收人"),
    ("出库", {"领用单位/人": "大冲乡敬老院"}, "领用单位/人"),
    ("出库", {"出库日期": "2025-09-04"}, "出库日期"),
    ("入库", {"品名": "面粉"}, "品名"),
    ("入库", {"数量": "12", "金额": "120"}, "数量"),
    ("盘点", {"实盘数": "4", "差异": "1"}, "实盘数"),
]


@pytest.mark.parametrize(
    ("sheet", "cells", "column"), CORRECTED, ids=[f"{one[0]}-{next(iter(one[1]))}" for one in CORRECTED]
)
@pytest.mark.parametrize("signed", ["signed", "waiting"])
def test_a_corrected_row_is_a_change(
    county: County, signed: str, sheet: str, cells: dict[str, str], column: str
) -> None:
    county.one(book(county, SHEETS["入库"], SHEETS["出库"], SHEETS["盘点"]))
    if signed == "signed":
        county.sign_off()
    size = county.size()
    first, *others = SHEETS[sheet]
    corrected = {**SHEETS, sheet: [{**first, **cells}, *others]}
    report = county.one(book(county, corrected["入库"], corrected["出库"], corrected["盘点"], name="改.xlsx"))
    assert [(one.place.sheet, one.place.row, one.column) for one in report.wrong if one.place.sheet == sheet] == [
        (sheet, 2, column)
    ]
    assert all(name in report.wrong[0].message() for name in cells if name not in {"金额", "差异"})
    assert {one.code for one in report.wrong} <= {"E_ROW_CHANGED", "E_ROW_CHANGED_WAITING"}
    assert (report.new, county.size()) == (0, size)


def test_the_only_row_of_goods_that_left_is_known_when_its_quantity_is_corrected(county: County) -> None:
    county.one(book(county, [RICE], [DELIVERY], []))
    county.sign_off()
    report = county.one(book(county, [RICE], [{**DELIVERY, "数量": "5"}], [], name="改.xlsx"))
    assert codes(report) == [(2, "E_ROW_CHANGED")]
    assert [one.quantity for one in county.of_kind("in_kind.delivered")] == [4000]


MORE = [
    ("another day", {"出库日期": "2025-09-04"}),
    ("another receiver", {"领用单位/人": "大冲乡敬老院"}),
    ("another quantity and use", {"数量": "2", "用途": "扶贫"}),
]


@pytest.mark.parametrize(("what", "cells"), MORE, ids=[one[0] for one in MORE])
def test_the_sheet_of_another_day_alone_brings_other_goods(county: County, what: str, cells: dict[str, str]) -> None:
    county.one(book(county, [RICE], [DELIVERY], []))
    assert (county.one(book(county, [], [{**DELIVERY, **cells}], [], name="又.xlsx")).wrong) == []
    assert len(county.of_kind("in_kind.delivered")) == 2


def test_goods_that_left_twice_on_a_day_stand_both_in_one_file(county: County) -> None:
    county.one(book(county, [RICE], [DELIVERY], []))
    again = {**DELIVERY, "数量": "2"}
    report = county.one(book(county, [RICE], [DELIVERY, again], [], name="又.xlsx"))
    assert (report.new, report.wrong) == (1, [])
    assert sorted(one.quantity for one in county.of_kind("in_kind.delivered")) == [2000, 4000]


def test_goods_that_were_taken_back_are_corrected_by_the_next_file(county: County) -> None:
    county.one(book(county, [RICE], [DELIVERY], []))
    county.sign_off()
    (delivered,) = county.of_kind("in_kind.delivered")
    county.reverse(delivered, "charity")
    report = county.one(book(county, [RICE], [{**DELIVERY, "数量": "5"}], [], name="改.xlsx"))
    assert (report.new, report.wrong) == (1, [])


OIL = {**RICE, "批次号": "L2", "品名": "食用油", "单位": "桶", "单价": "20", "金额": "200"}
OIL_COUNTED = {**COUNTED, "批次号": "L2", "账面数": "10", "实盘数": "10"}
LOTS = {"入库": [RICE, OIL], "出库": [DELIVERY, OTHER], "盘点": [COUNTED, OIL_COUNTED]}
RENUMBERED = [
    # sheet, the row, its new number, what else of the file follows it
    ("入库", 1, "L3", {"盘点": {1: "L3"}}),
    ("入库", 0, "L3", {"出库": {0: "L3", 1: "L3"}, "盘点": {0: "L3"}}),
    ("入库", 0, "L3", {}),
    ("出库", 0, "L2", {}),
    ("盘点", 0, "L3", {"入库": {0: "L3"}, "出库": {0: "L3", 1: "L3"}}),
]


@pytest.mark.parametrize(("sheet", "row", "number", "more"), RENUMBERED)
@pytest.mark.parametrize("signed", ["signed", "waiting"])
def test_another_number_of_a_lot_is_told_at_its_cell(
    county: County, signed: str, sheet: str, row: int, number: str, more: dict[str, dict[int, str]]
) -> None:
    county.one(book(county, LOTS["入库"], LOTS["出库"], LOTS["盘点"]))
    if signed == "signed":
        county.sign_off()
    size = county.size()
    sheets = {name: list(rows) for name, rows in LOTS.items()}
    for name, cells in {**more, sheet: {**more.get(sheet, {}), row: number}}.items():
        for at, lot in cells.items():
            sheets[name][at] = {**sheets[name][at], "批次号": lot}
    report = county.one(book(county, sheets["入库"], sheets["出库"], sheets["盘点"], name="改.xlsx"))
    told = {(one.place.sheet, one.place.row, one.column, one.code[:13]) for one in report.wrong}
    assert ("入库" if "入库" in more else sheet, row + 2, "批次号", "E_ROW_CHANGED") in told
    assert {column for _, _, column, _ in told} == {"批次号"}
    assert (report.new, county.size()) == (0, size)


def test_an_equal_lot_beside_the_first_is_a_second_one(county: County) -> None:
    county.one(book(county, [RICE], [], []))
    county.sign_off()
    report = county.one(book(county, [RICE, {**RICE, "批次号": "L2"}], [], [], name="又.xlsx"))
    assert (report.new, report.wrong) == (1, [])
    county.sign_off()
    assert len(county.of_kind("in_kind.received")) == 2


def test_the_same_from_another_lot_is_new_where_no_row_is_read_again(county: County) -> None:
    county.one(book(county, [RICE, OIL], [DELIVERY], []))
    county.sign_off()
    report = county.one(book(county, [], [{**DELIVERY, "批次号": "L2"}], [], name="又.xlsx"))
    assert (report.new, report.wrong) == (1, [])
