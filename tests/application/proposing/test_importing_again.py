"""The same file again adds nothing; a corrected one says so and doubles nothing; a dry run leaves no trace."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.application.importing.offices import FORMATS, changed
from tests.application.proposing.county import FILES, STANDARD, County, codes, rows_of


@pytest.mark.parametrize("name", FILES)
def test_the_same_file_again_adds_nothing(taken_in: County, name: str) -> None:
    before = taken_in.size()
    again = taken_in.one(name)
    assert (again.new, again.wrong, again.refused) == (0, [], None)
    assert again.duplicate + again.noted == 3
    assert all(found["of_position"] for found in again.duplicates)
    assert taken_in.size() == before


@pytest.mark.parametrize("day", [date(2025, 10, 20), date(2026, 11, 20)])
def test_the_same_file_on_another_day_adds_nothing(taken_in: County, day: date) -> None:
    """Rows that state no day are dated when they are imported; that is no change of the row, whatever the year."""
    before = taken_in.size()
    taken_in.now, was = taken_in.now.replace(year=day.year, month=day.month, day=day.day), taken_in.now
    reports = [taken_in.one(name, today=day) for name in FILES]
    taken_in.now = was
    assert [(one.file, one.new, one.wrong) for one in reports if one.new or one.wrong] == []
    assert taken_in.size() == before


def test_the_same_file_while_its_vouchers_wait_adds_nothing(county: County) -> None:
    first = county.take_in("donation_register.csv", "wechat_trade.csv", "wechat_fund.csv", "bank_abc.csv")
    assert first.pending
    before = county.size()
    again = county.take_in("donation_register.csv", "wechat_trade.csv", "wechat_fund.csv", "bank_abc.csv")
    assert [(one.new, one.wrong) for one in again.files] == [(0, [])] * 4
    assert county.size() == before


@pytest.mark.parametrize("form", ["utf-8-bom", "gb18030", "xlsx-of-text", "html"])
def test_the_same_rows_in_another_format_add_nothing(taken_in: County, scratch: Path, form: str) -> None:
    name, write = FORMATS[form]
    path = scratch / name
    path.write_bytes(write(rows_of("bank_ccb.csv")))
    before = taken_in.size()
    again = taken_in.one(path)
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])
    assert taken_in.size() == before


CORRECTIONS = [
    ("donation_register.csv", 1, "捐赠金额(元)", "28660.00"),
    ("donation_register.csv", 3, "捐赠金额(元)", "210.00"),
    ("wechat_trade.csv", 1, "应结订单金额", "`210.00"),
    ("wechat_fund.csv", 2, "收支金额(元)", "`1.30"),
    ("alipay_trade.csv", 1, "商家实收(元)", "110.00"),
    ("bank_ccb.csv", 2, "贷方发生额(收入)", "313.50"),
    ("bank_rcc.csv", 1, "借方金额", "2040.00"),
    ("dibao_roster.csv", 1, "本月实发(元)", "691"),
    ("payresult.csv", 1, "金额", "700.00"),
    ("lottery.csv", 1, "安排金额(万元)", "14.30"),
    ("recoveries.csv", 2, "应追缴金额(元)", "9700.00"),
    ("rectification.csv", 1, "涉及金额(万元)", "4.14"),
    ("doubts.csv", 2, "疑点金额(元)", "2881.00"),
]

BESIDE = {
    "dibao_roster.csv": (("基本保障金(元)", "641"), ("月人均补差(元)", "320.5")),
    "lottery.csv": (("结余(万元)", "3.80"),),
    "recoveries.csv": (("未追缴金额(元)", "3700.00"),),
}
"""Cells that a tidy correction changes with the amount, so that the row's own sums still hold."""


@pytest.mark.parametrize(("name", "row", "column", "value"), CORRECTIONS, ids=[f"{c[0]}-{c[1]}" for c in CORRECTIONS])
def test_a_corrected_amount_is_named_and_doubles_nothing(
    taken_in: County, name: str, row: int, column: str, value: str
) -> None:
    grid = changed(rows_of(name), row, column, value)
    for column_beside, value_beside in BESIDE.get(name, ()):
        grid = changed(grid, row, column_beside, value_beside)
    before, balances = taken_in.size(), taken_in.balances()
    report = taken_in.one(taken_in.write(name, grid))
    assert codes(report) == [(row + 1, "E_ROW_CHANGED")]
    assert report.wrong[0].params["position"] > 0
    assert (report.new, report.duplicate + report.noted) == (0, 2)
    assert taken_in.balances() == balances
    assert taken_in.size()[1:] == before[1:]


def test_a_corrected_row_beside_a_waiting_voucher(county: County) -> None:
    """The fee of the bank waits for its checker; its corrected line is no second fee."""
    county.take_in("bank_abc.csv")
    assert len(county.waiting()) == 1
    grid = changed(rows_of("wechat_trade.csv"), 3, "退款金额", "`60.00")
    county.take_in("wechat_trade.csv")
    report = county.one(county.write("wechat.csv", changed(grid, 3, "申请退款金额", "`60.00")))
    assert codes(report) == [(4, "E_ROW_CHANGED_WAITING")]


def test_two_honest_equal_rows_are_both_kept(county: County) -> None:
    head, *rows = rows_of("donation_register.csv")
    twin = list(rows[1])
    twin[head.index("银行流水号或支付单号")] = twin[head.index("认捐编号")] = twin[head.index("票据号码")] = ""
    path = county.write("twins.csv", [head, twin, twin])
    assert county.one(path).new == 2
    assert sum(one.amount_fen for one in county.of_kind("donation.received")) == 40_000_000
    assert county.one(path).new == 0


def test_a_row_that_looks_like_a_known_gift_is_asked_about(county: County) -> None:
    """A gift without a serial number has no key but what it says: a correction must not become a second gift."""
    head, *rows = rows_of("donation_register.csv")
    plain = list(rows[1])
    for column in ("银行流水号或支付单号", "认捐编号", "票据号码"):
        plain[head.index(column)] = ""
    assert county.one(county.write("first.csv", [head, plain])).new == 1
    dearer = changed([head, plain], 1, "捐赠金额(元)", "200001.00")
    assert codes(county.one(county.write("dearer.csv", dearer))) == [(2, "E_GIFT_ALIKE")]
    numbered = changed([head, plain], 1, "银行流水号或支付单号", "20250905000044")
    assert codes(county.one(county.write("numbered.csv", numbered))) == [(2, "E_GIFT_ALIKE")]
    another = changed(dearer, 1, "备注", "另一笔")
    assert county.one(county.write("another.csv", another)).new == 1
    assert len(county.of_kind("donation.received")) == 2


def test_rows_that_share_a_serial_number_are_told_apart(county: County) -> None:
    """One transfer holds two gifts of a firm; a correction of one of them is seen."""
    head, *rows = rows_of("donation_register.csv")
    one = changed([head, rows[1]], 1, "认捐编号", "")[1]
    other = changed(changed([head, one], 1, "捐赠金额(元)", "500.00"), 1, "票据号码", "")[1]
    path = county.write("two.csv", [head, one, other])
    assert county.one(path).new == 2
    assert county.one(path).duplicate == 2
    report = county.one(county.write("again.csv", [head, one, changed([head, other], 1, "捐赠金额(元)", "501.00")[1]]))
    assert "E_ROW_CHANGED" in [code for _, code in codes(report)]
    assert len(county.of_kind("donation.received")) == 2


def test_a_dry_run_records_nothing_and_says_what_the_run_will_say(new_county: Callable[[], County]) -> None:
    """Each file is looked at first; then it is imported, with the same outcome."""
    county = new_county()
    for name in STANDARD:
        if name == "road":
            county.road()
            continue
        before = county.size()
        looked = county.take_in(name, dry_run=True)
        assert county.size() == before, name
        done = county.take_in(name)
        told = [[(f.new, f.duplicate, f.noted, codes(f)) for f in report.files] for report in (looked, done)]
        assert told[0] == told[1], name
        registered = any(one.kind == "identity.registered" for one in county.all_events()[before[0] :])
        assert (looked.vouchers, looked.pending) == ([], [])
        told_counts = (looked.would_post + registered, looked.would_wait)
        assert told_counts == (len(done.vouchers), len(done.pending)), name
    county.close()


def test_a_dry_run_of_all_files_sees_what_rests_on_what(county: County) -> None:
    """The results wait for their roster, which is only rehearsed; the batch's road alone is missing."""
    before = county.size()
    bureau = ["payresult.csv", "deaths.csv", "recoveries.csv", "dibao_roster.csv"]
    report = county.take_in(*bureau, dry_run=True)
    assert [(one.file, one.new, one.wrong) for one in report.files] == [(name, 3, []) for name in bureau]
    assert county.size() == before
