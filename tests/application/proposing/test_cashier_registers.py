"""Pledges, receipts and goods: registers that the samples do not hold, each with the trouble it brings."""

from datetime import date

import pytest

from ledger_api.demo.year.plants.receipts import drop_numbers
from ledger_projections.charity.receipt_gaps import receipt_gaps
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import CHARITY


def table(text: str) -> Grid:
    """Rows of cells between commas; an indented line goes on with the row above it."""
    return [row.split(",") for row in text.strip("\n").replace("\n  ", "").split("\n")]


PLEDGES = table("""
认捐编号,认捐日期,活动,认捐人,类型,认捐总额,接收单位,方式,期次,应付日期,应付金额,实付日期,实付金额,未付,
  协议扫描
RJ2025-004,2025-09-02,2025年慈善大会,湖南样板建材有限公司,企业,90000,慈善,分期,1,2025-09-10,30000,
  2025-09-10,30000,0,认捐书004
RJ2025-004,2025-09-02,2025年慈善大会,湖南样板建材有限公司,企业,90000,慈善,分期,2,2025-12-31,60000,,,60000,
  认捐书004
RJ2025-005,2025-09-02,2025年慈善大会,示例丁,个人,5000,慈善,一次,,,,,,,
RJ2025-006,2025-09-02,2025年慈善大会,湖南留本投资有限公司,企业,1000000,慈善,留本,1,2025-12-31,40000,,,40000,
RJ2025-007,2025-09-02,2025年慈善大会,湖南教育装备有限公司,企业,200000,教育基金,一次,,,,,,,
RJ2024-011,2024-11-20,2024年慈善大会,湖南旧诺食品有限公司,企业,80000,慈善,分期,1,2024-12-31,50000,
  2024-12-28,50000,0,
RJ2024-011,2024-11-20,2024年慈善大会,湖南旧诺食品有限公司,企业,80000,慈善,分期,2,2025-12-31,30000,,,30000,
""")
RECEIPTS = table("""
票据代码,票据号码,校验码,开票日期,交款人,交款人代码,项目编码,项目名称,数量,标准,金额,状态,红票号码,原票号码,
  开票人
43060125,0000812301,a1,2025-09-10,示例县第一中学,12431099MB0T90001T,01,公益捐赠,1,,28650.00,正常,,,李出纳
43060125,0000812400,b2,2025-09-12,湖南样板建材有限公司,,01,公益捐赠,1,,30000.00,正常,,,李出纳
43060125,0000812401,c3,2025-09-13,示例丁,,01,公益捐赠,1,,500.00,冲红,0000812402,,李出纳
43060125,0000812402,d4,2025-09-20,示例丁,,01,公益捐赠,1,,-500.00,正常,,0000812401,李出纳
""")
GOODS_IN = table("""
批次号,入库日期,捐赠人,品名,规格,单位,数量,单价,价值依据,金额,有效期,验收人一,验收人二,仓库
PC2025-01,2025-09-03,湖南样板建材有限公司,棉被,1.5m,床,100,120.00,发票,12000.00,,acct-charity,check-charity,
  慈善仓
PC2025-02,2025-09-03,示例丁,大米,,公斤,500.5,4.00,市场价,,2026-03-01,示例申,示例酉,慈善仓
""")
GOODS_OUT = table("""
出库日期,批次号,领用单位/人,数量,用途,签收人
2025-09-12,PC2025-01,石岭镇敬老院,40,助老,示例壬
2025-09-12,PC2025-02,示例癸,10.5,救急难,示例癸
""")
COUNTED = table("""
批次号,品名,盘点日期,账面数,实盘数,差异,原因,处理
PC2025-01,棉被,2025-09-30,60,59,1,破损,报批核销
""")


# ---- pledges


def test_pledges_are_made_with_what_is_still_to_come(county: County) -> None:
    report = county.one(county.write("认捐.csv", PLEDGES))
    assert (report.kind, report.new, report.noted, report.wrong) == ("pledges", 7, 0, []), "every instalment's row"
    assert county.fen(CHARITY, "general", "pledged", "RJ2025-004") == 9_000_000
    assert county.fen(CHARITY, "general", "pledged", "RJ2025-005") == 500_000
    assert county.fen(CHARITY, "general", "pledged", "RJ2025-006") == 4_000_000, "of a kept principal only the returns"
    assert county.fen(CHARITY, "general", "pledged", "RJ2024-011") == 3_000_000, "what older books took in is not owed"
    made = {one.pledge: one for one in county.of_kind("pledge.made")}
    assert (made["RJ2025-006"].pledge_kind, made["RJ2025-006"].principal_fen) == ("principal_kept", 100_000_000)
    assert (made["RJ2025-007"].fund, made["RJ2025-007"].recipient_label) == (None, "教育基金")
    assert [part.fen for part in made["RJ2024-011"].instalments] == [3_000_000]
    assert (made["RJ2025-005"].donor_kind, made["RJ2025-005"].donor_label) == ("person", None)


def test_pledges_again_and_after_an_instalment_came(county: County) -> None:
    county.take_in(county.write("认捐.csv", PLEDGES))
    paid = changed(changed(PLEDGES, 2, "实付日期", "2025-09-29"), 2, "实付金额", "60000")
    again = county.one(county.write("再来.csv", changed(paid, 2, "未付", "0")))
    assert (again.new, again.wrong) == (0, [])
    dearer = changed(changed(PLEDGES, 1, "认捐总额", "99000"), 2, "认捐总额", "99000")
    dearer = changed(dearer, 2, "应付金额", "69000")
    assert codes(county.one(county.write("改过.csv", dearer))) == [(2, "E_ROW_CHANGED")]


def test_what_was_paid_and_is_not_in_the_book_is_told(county: County) -> None:
    """Until the donation register brings it; what older books took in is no news, nor what another body was paid."""

    def remarks(name: str, grid: Grid) -> list[tuple[int, int, int]]:
        notes = county.one(county.write(name, grid)).notes
        told = [one for one in notes if one.code == "W_PLEDGE_PAID"]
        assert all("{" not in one.message(language) for one in told for language in ("zh", "en"))
        return [(one.place.row, one.params["paid_fen"], one.params["booked_fen"]) for one in told]

    assert remarks("认捐.csv", PLEDGES) == [(2, 3_000_000, 0)]
    gift = changed(rows_of("donation_register.csv"), 2, "认捐编号", "RJ2025-004")
    county.take_in(county.write("登记表.csv", changed([gift[0], gift[2]], 1, "捐赠金额(元)", "30000.00")))
    assert remarks("再来.csv", PLEDGES) == []
    paid = changed(changed(PLEDGES, 2, "实付日期", "2025-09-29"), 2, "实付金额", "60000")
    assert remarks("又付.csv", changed(paid, 2, "未付", "0")) == [(3, 9_000_000, 3_000_000)]
    others = changed(changed(PLEDGES, 5, "实付日期", "2025-09-29"), 5, "实付金额", "200000")
    assert remarks("别家.csv", others) == []


def test_a_gift_waits_for_the_pledge_it_names(county: County) -> None:
    """The register comes before the pledges: its row is let in when the pledges have come."""
    grid = [
        rows_of("donation_register.csv")[0],
        changed(rows_of("donation_register.csv"), 2, "认捐编号", "RJ2025-004")[2],
    ]
    grid = changed(grid, 1, "捐赠金额(元)", "30000.00")
    gift = county.write("登记表.csv", grid)
    assert "E_PLEDGE_UNKNOWN" in {code for _, code in codes(county.one(gift))}
    county.take_in(county.write("认捐.csv", PLEDGES))
    assert county.one(gift).new == 1
    assert county.fen(CHARITY, "general", "pledged", "RJ2025-004") == 6_000_000


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (2, "认捐总额", "80000", "E_PLEDGE_TOTALS"),
        (2, "应付金额", "50000", "E_PLEDGE_SUM"),
        (4, "应付金额", "", "E_CELL_MISSING"),
        (1, "认捐日期", "2026-01-02", "E_FACT_IN_FUTURE"),
    ],
)
def test_pledges_that_contradict_themselves(county: County, row: int, column: str, value: str, code: str) -> None:
    report = county.one(county.write("认捐.csv", changed(PLEDGES, row, column, value)))
    assert code in {found for _, found in codes(report)}
    assert report.new + len(report.held | {cell.place for cell in report.wrong}) == len(PLEDGES) - 1
    assert {one.pledge for one in county.of_kind("pledge.made")} - {"RJ2025-003"} == {one[0] for one in PLEDGES[1:]} - {
        PLEDGES[row][0]
    }


def test_a_total_that_differs_is_told_at_its_own_row_with_the_pledge_and_the_first_total(county: County) -> None:
    report = county.one(county.write("认捐.csv", changed(PLEDGES, 2, "认捐总额", "80000")))
    (wrong,) = report.wrong
    assert (wrong.place.row, wrong.column, wrong.value) == (3, "认捐总额", "80000")
    assert "认捐 RJ2025-004 各期的认捐总额不一致，第一期写的是 90,000.00 元" in wrong.message()
    assert (report.new, [one.row for one in report.held]) == (5, [2]), "the other instalment waits for it"


# ---- receipts


def test_a_receipt_that_the_register_named_is_the_same_receipt(county: County) -> None:
    county.take_in("donation_register.csv")
    report = county.one(county.write("票据.csv", RECEIPTS))
    assert (report.kind, report.new, report.duplicate, report.noted, report.wrong) == ("e-receipts", 2, 1, 1, [])
    county.sign_off()
    issued = {one.number: one for one in county.of_kind("donation.receipt_issued")}
    assert sorted(issued) == ["0000812301", "0000812302", "0000812400", "0000812401"]
    assert (issued["0000812400"].in_advance, issued["0000812400"].covers) == (True, ())
    (back,) = county.of_kind("donation.receipt_reversed")
    assert (back.receipt, back.red, back.mode) == ("43060125-0000812401", "43060125-0000812402", "red_letter")
    assert back.reversed_on == date(2025, 9, 20)
    again = county.one(county.write("票据.csv", RECEIPTS))
    assert (again.new, again.wrong) == (0, [])


def test_a_receipt_that_came_first_is_matched_by_the_register(county: County) -> None:
    county.take_in(county.write("票据.csv", RECEIPTS))
    report = county.one("donation_register.csv")
    assert (report.new, report.wrong) == (3, [])
    (covered,) = county.of_kind("donation.receipt_covered")
    assert (covered.receipt, [part.fen for part in covered.covers]) == ("43060125-0000812301", [2_865_000])
    numbers = [one.number for one in county.of_kind("donation.receipt_issued")]
    assert sorted(numbers) == sorted({*numbers}), "no receipt stands twice"
    assert county.one("donation_register.csv").new == 0


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (1, "金额", "28560.00", "E_RECEIPT_DIFFERS"),
        (2, "金额", "0", "E_RECEIPT_AMOUNT"),
        (2, "状态", "不明", "E_CELL_CHOICE"),
        (2, "开票日期", "2025-10-12", "E_FACT_IN_FUTURE"),
    ],
)
def test_receipts_that_do_not_fit(county: County, row: int, column: str, value: str, code: str) -> None:
    county.take_in("donation_register.csv")
    report = county.one(county.write("票据.csv", changed(RECEIPTS, row, column, value)))
    assert code in {found for _, found in codes(report)}
    assert {place for place, _ in codes(report)} == {row + 1}


def test_a_red_letter_of_an_earlier_receipt_counts_as_its_row(county: County) -> None:
    """September's export has the receipt, October's only names it in the red letter's row."""
    issued = changed([RECEIPTS[0], RECEIPTS[3]], 1, "状态", "正常")
    issued = changed(issued, 1, "红票号码", "")
    county.take_in(county.write("票据九月.csv", issued))
    county.sign_off()
    both = [*issued, RECEIPTS[4]]
    report = county.one(county.write("票据.csv", both))
    assert (report.new, report.duplicate, report.noted, report.wrong) == (1, 1, 0, [])
    county.sign_off()
    assert [one.red for one in county.of_kind("donation.receipt_reversed")] == ["43060125-0000812402"]
    again = county.one(county.write("票据再.csv", both))
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])


def test_a_receipt_of_several_items_is_one_receipt(county: County) -> None:
    item = changed(changed([RECEIPTS[0], RECEIPTS[2]], 1, "项目编码", "02"), 1, "金额", "70.00")[1]
    county.take_in(county.write("票据.csv", [RECEIPTS[0], RECEIPTS[2], item]))
    (one,) = county.of_kind("donation.receipt_issued")
    assert one.amount_fen == 3_007_000


# ---- goods


def test_goods_come_in_leave_and_are_counted(county: County) -> None:
    arrived = county.one(county.write("入库.csv", GOODS_IN))
    assert (arrived.kind, arrived.new, arrived.wrong) == ("in-kind", 2, [])
    rice, quilts = sorted(county.of_kind("in_kind.received"), key=lambda one: str(one.item))
    assert (quilts.item, quilts.quantity, quilts.scale, quilts.value_fen) == ("棉被 1.5m", 100_000, 3, 1_200_000)
    assert (quilts.accepted_by, quilts.valuation) == (("acct-charity", "check-charity"), "invoice")
    assert (rice.quantity, rice.value_fen, rice.valuation) == (500_500, 200_200, "market")
    assert "示例" not in "".join(rice.accepted_by)
    assert county.one(county.write("出库.csv", GOODS_OUT)).new == 2
    assert county.one(county.write("盘点.csv", COUNTED)).new == 1
    county.sign_off()
    assert county.fen(CHARITY, "general", "inventory", quilts.lot) == 1_200_000 * 59 // 100
    assert county.fen(CHARITY, "general", "inventory", rice.lot) == 200_200 - 200_200 * 10_500 // 500_500
    for name, grid in (("入库.csv", GOODS_IN), ("出库.csv", GOODS_OUT), ("盘点.csv", COUNTED)):
        again = county.one(county.write(name, grid))
        assert (again.new, again.duplicate, again.wrong) == (0, len(grid) - 1, [])


def test_a_lot_number_with_several_goods_cannot_be_delivered_from(county: County) -> None:
    two = changed(changed(GOODS_IN, 2, "批次号", "PC2025-01"), 2, "捐赠人", "湖南样板建材有限公司")
    assert county.one(county.write("入库.csv", two)).new == 2
    county.sign_off()
    report = county.one(county.write("出库.csv", GOODS_OUT[:2]))
    assert codes(report) == [(2, "E_LOT_CHOICE")]
    assert county.one(county.write("盘点.csv", COUNTED)).new == 1, "a count names the goods too"


def test_goods_without_a_day_are_dated_by_the_month_once(county: County) -> None:
    undated = changed(changed(GOODS_IN, 1, "入库日期", ""), 2, "入库日期", "")
    assert county.one(county.write("入库.csv", undated)).new == 2
    county.sign_off()
    assert {one.occurred_on for one in county.of_kind("in_kind.received")} == {date(2025, 9, 30)}
    county.now = county.now.replace(month=11)
    again = county.one(county.write("入库.csv", undated), month="2025-10", today=date(2025, 11, 3))
    assert (again.new, again.wrong) == (0, [])


def test_a_corrected_lot_is_named(county: County) -> None:
    bare = changed(GOODS_IN, 1, "价值依据", "")
    county.take_in(county.write("入库.csv", bare))
    more = changed(changed(bare, 1, "数量", "101"), 1, "金额", "12120.00")
    assert codes(county.one(county.write("改.csv", more))) == [(2, "E_ROW_CHANGED_WAITING")]
    county.sign_off()
    assert codes(county.one(county.write("改.csv", more))) == [(2, "E_ROW_CHANGED")]


# ---- receipt numbers


def test_a_receipt_number_that_the_export_leaves_out_is_found(county: County) -> None:
    numbers = [f"00009{number:05d}" for number in range(1, 8)]
    after = ["a", "2025-09-10", "示例丁", "", "01", "公益捐赠", "1", "", "100.00", "正常", "", "", "李出纳"]
    grid = [RECEIPTS[0], *(["43060125", number, *after] for number in drop_numbers(numbers))]
    assert county.one(county.write("票据.csv", grid)).wrong == []
    county.sign_off()
    with county.store.read() as connection:
        (gap,) = receipt_gaps(connection).rows
    assert (gap.code, gap.first, gap.last, gap.count) == ("43060125", numbers[3], numbers[3], 1)
