"""Interest and fees are booked from a bank's line only when nobody else can have had part in it."""

import pytest

from ledger.application.proposing.banking.doings import bank_made
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import CHARITY

HEAD = rows_of("bank_abc.csv")[0]
AID_HOME = "示例县石岭镇居家养老服务中心"
FUND, COST = "aixin-zhuxue", "management_cost"


def said(fen: int, summary: str = "", name: str = "", account: str = "", **more: str) -> dict[str, object]:
    """A statement's line."""
    return {"amount_fen": fen, "summary": summary, "counterparty_name": name, "counterparty_account": account, **more}


FEES = {
    "短信费": said(-1200, "短信服务费"),
    "短信费的月份": said(-200, "2025年9月短信服务费"),
    "账户管理费": said(-3000, "账户管理费"),
    "对公账户": said(-3000, "对公账户管理费"),
    "手续费": said(-50, "手续费"),
    "转账手续费": said(-1050, "跨行转账手续费"),
    "代发工资手续费": said(-1050, "批量代发工资手续费"),
    "网银年费": said(-12000, "企业网银年费(2025年)"),
    "U盾": said(-2800, "U盾工本费"),
    "支票": said(-2800, "支票工本费"),
    "函证": said(-20000, "询证函手续费"),
    "another cell says nothing": said(-1200, "转账", purpose="短信服务费", remark="No.0017"),
    "the bank itself": said(-1200, "短信服务费", "中国农业银行示例县支行", "17999901"),
    "the bank's inner account": said(-1200, "短信服务费", "短信服务费收入", "17999902"),
}
INTERESTS = {
    "结息": said(31250, "结息"),
    "a quarter": said(31250, "2025年三季度结息"),
    "days": said(31250, "结息(2025.06.21-2025.09.20)"),
    "存款利息": said(31250, "单位活期存款利息"),
    "转存": said(31250, "利息转存", remark="积数12345.67"),
    "the bank itself": said(31250, "结息", "中国农业银行股份有限公司示例县支行"),
    "the bank's inner account": said(31250, "结息", "应付单位活期存款利息", "26010001"),
}
NEITHER = {
    "a payment by name": said(-1_800_000, "2025年8月养老服务费", AID_HOME),
    "a payment without a name": said(-1_800_000, "2025年8月养老服务费"),
    "volunteers": said(-100_000, "志愿者服务费", "批量代发过渡户"),
    "volunteers without a name": said(-100_000, "志愿者服务费"),
    "a bare service": said(-1_800_000, "服务费"),
    "project's cost": said(-1_800_000, "项目管理费"),
    "its own words and another's name": said(-1200, "短信服务费", "湖南示例通信有限公司"),
    "its own words and another's account": said(-1200, "手续费", account="82010500000099995"),
    "one cell says more": said(-1_800_000, "手续费", purpose="养老服务中心8月"),
    "a gift of interest": said(500_000, "把利息捐给孩子们", "张三"),
    "a gift of interest, no name": said(500_000, "把利息捐给孩子们"),
    "interest of a loan": said(500_000, "借款利息", "湖南示例矿业有限公司"),
    "a fee given back": said(1200, "短信服务费退回"),
    "interest put right": said(-10_000, "利息更正"),
    "interest taken back": said(-10_000, "结息"),
    "struck out": said(-1200, "手续费冲正"),
    "another bank": said(31250, "结息", "中国建设银行示例县支行"),
    "the bank's people": said(31250, "利息", "农业银行职工张三"),
    "nothing said": said(-1200),
}


@pytest.mark.parametrize("case", FEES.values(), ids=FEES)
def test_a_fee_is_a_fee(case: dict[str, object]) -> None:
    assert bank_made(case, "农业银行") == "bank.fee"


@pytest.mark.parametrize("case", INTERESTS.values(), ids=INTERESTS)
def test_interest_is_interest(case: dict[str, object]) -> None:
    assert bank_made(case, "农业银行") == "bank.interest"


@pytest.mark.parametrize("case", NEITHER.values(), ids=NEITHER)
def test_a_line_that_somebody_may_have_part_in_is_neither(case: dict[str, object]) -> None:
    assert bank_made(case, "农业银行") is None


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", "") or 0)


def statement(*lines: tuple[str, str, str, str]) -> Grid:
    """A download of the bank: (time, in, out, memo)."""
    grid, left = [HEAD], 50_000_000
    for moment, came, went, memo in lines:
        left += _fen(came) - _fen(went)
        cells = {"交易时间": moment, "收入金额": came, "支出金额": went, "交易用途": memo}
        cells["账户余额"] = f"{left // 100}.{left % 100:02d}"
        grid.append([cells.get(column, "") for column in HEAD])
    return grid


PAID = ("2025-09-09 16:20:18", "", "18000.00", "2025年8月养老服务费")
GIFT = ("2025-09-11 09:33:02", "5000.00", "", "把利息捐给孩子们")
SMS = ("2025-09-15 00:30:11", "", "12.00", "短信服务费")
LATER = ("2025-09-16 10:00:00", "1.00", "", "爱心款")


def test_what_is_no_fee_stays_an_unexplained_line(county: County) -> None:
    report = county.one(county.write("农行.csv", statement(PAID, GIFT, SMS)))
    county.sign_off()
    assert (report.new, report.wrong) == (3, [])
    assert [event.amount_fen for event in county.of_kind("bank.fee")] == [1200]
    assert county.of_kind("bank.interest") == []
    assert county.fen(CHARITY, FUND, COST) == 1200


def test_a_fee_that_was_reversed_is_not_booked_again(county: County) -> None:
    county.take_in(county.write("农行.csv", statement(PAID, SMS)))
    county.sign_off()
    county.reverse(county.of_kind("bank.fee")[0], CHARITY)
    report = county.one(county.write("农行再.csv", statement(PAID, SMS, LATER)))
    county.sign_off()
    assert (report.new, report.duplicate) == (1, 2)
    assert county.fen(CHARITY, FUND, COST) == 0


def test_a_statement_that_was_reversed_whole_brings_its_fees_again(county: County) -> None:
    county.take_in(county.write("农行.csv", statement(SMS)))
    county.sign_off()
    for kind in ("bank.fee", "bank.line_recorded", "bank.statement_imported"):
        county.reverse(county.of_kind(kind)[0], CHARITY)
    county.take_in(county.write("农行.csv", statement(SMS)))
    county.sign_off()
    assert county.fen(CHARITY, FUND, COST) == 1200


@pytest.mark.parametrize("cell", ["收" * 59, "扣收" * 29 + "甲", "一" * 60, "一" * 56 + "手续费甲", "利息" * 5000])
def test_a_cell_that_was_made_to_be_long_is_read_at_once(cell: str) -> None:
    """With a regular expression of these words the first of them takes longer than the world has stood."""
    for fen in (-100, 100):
        assert bank_made({"amount_fen": fen, "summary": cell, "counterparty_name": cell}, "农业银行") is None
        assert bank_made({"amount_fen": fen, "summary": cell}, "农业银行") is None
