"""A person's number typed into a cell that becomes a name in the book is told at that cell; only its row is held."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from ledger.application.drafting import approve, draft, draft_event
from ledger.decisions.judging import judge
from ledger.decisions.prepared import Submission
from ledger.flows.registry import event_from_value
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import CHARITY
from tests.application.proposing.giving.test_disclosures import HEAD as PUBLISHED
from tests.application.proposing.giving.test_disclosures import told
from tests.application.proposing.giving.test_goods_in_one_file import ACCEPTED, IN, LOT
from tests.application.proposing.giving.test_two_charities import pledge
from tests.application.proposing.test_statistics import HEAD as FIGURES
from tests.application.proposing.test_statistics import counted

SPELT = ["431099196207050129", "13812345678", "6222 0210 0100 1234 567"]
GOODS = {**LOT, **ACCEPTED}
MADE: dict[str, Grid] = {
    "认捐台账": pledge("湖南示例矿业有限公司", "100.00", "测试慈善总会"),
    "物资入库": [IN, [GOODS[column] for column in IN]],
    "信息公开台账": [PUBLISHED.split(","), told()],
    "统计指标表": [FIGURES.split(","), counted()],
}
"""Registers of one row, beside the samples."""
BEFORE = {"recoveries": ["dibao_roster.csv"]}
"""What the people of a file are known from."""
NAMES = {
    "donation_register": ["捐赠人"],
    "mutual_aid": ["乡镇", "村(社区)", "互助社名称"],
    "recoveries": ["线索来源", "违规情形", "责任人"],
    "rectification": ["问题来源", "问题类别", "涉及单位", "牵头领导", "责任单位", "责任人", "完善制度"],
    "doubts": ["模型", "乡镇", "村", "核查人一", "核查人二"],
    "lottery": ["项目名称", "使用单位", "完成情况", "绩效自评分"],
    "deaths": ["经办单位"],
    "dibao_roster": ["乡镇", "村(社区)", "保障类别"],
    "认捐台账": ["认捐人"],
    "物资入库": ["品名", "单位", "仓库"],
    "信息公开台账": ["公开对象", "责任人"],
    "统计指标表": ["指标名称", "填报单位"],
}
IDENTITY, *OTHERS = SPELT
CELLS = [(file, column, IDENTITY) for file, columns in NAMES.items() for column in columns]
CELLS += [(file, columns[-1], number) for file, columns in NAMES.items() for number in OTHERS]
PAPERS = {
    "lottery": ["资金文号", "预算科目", "合同编号"],
    "recoveries": ["认定文书号"],
    "rectification": ["文书名称及文号"],
    "统计指标表": ["依据文件"],
}
"""Columns that number a paper: long digits pass, a number that can only be a person's does not."""
CELLS += [(file, column, IDENTITY) for file, columns in PAPERS.items() for column in columns]


def grid_of(file: str) -> Grid:
    return MADE.get(file) or rows_of(f"{file}.csv")


def with_cell(grid: Grid, column: str, change: Callable[[str], str], row: int = 1) -> Grid:
    """A copy in which one cell says something else."""
    at = grid[0].index(column)
    return [
        [change(cell) if (number, place) == (row, at) else cell for place, cell in enumerate(one)]
        for number, one in enumerate(grid)
    ]


def taken(county: County, file: str, grid: Grid) -> Any:
    for name in BEFORE.get(file, []):
        county.one(name)
        county.sign_off()
    report = county.one(county.write(f"{file}.csv", grid))
    county.sign_off()
    return report


def clear(county: County, number: str) -> list[str]:
    return [one.kind for one in county.all_events() if number in one.model_dump_json()]


@pytest.mark.parametrize(("file", "column", "number"), CELLS)
def test_it_is_told_at_the_cell(county: County, file: str, column: str, number: str) -> None:
    grid = grid_of(file)
    report = taken(county, file, with_cell(grid, column, lambda cell: f"{cell}王小明{number}"))
    (cell,) = report.wrong
    assert (cell.code, cell.column, cell.place.row) == ("E_TEXT_PERSONAL", column, 2)
    assert cell.letter
    assert number not in str(report.to_json())
    assert report.new == len(grid) - 2, "every other row is taken"
    assert clear(county, number) == []


@pytest.mark.parametrize("said", ["2025年第3期", "一九三八年老兵", "105国道"])
@pytest.mark.parametrize(
    ("file", "column"), [("物资入库", "品名"), ("rectification", "责任单位"), ("lottery", "完成情况"), ("doubts", "村")]
)
def test_honest_digits_are_taken(county: County, file: str, column: str, said: str) -> None:
    grid = grid_of(file)
    report = taken(county, file, with_cell(grid, column, lambda _: said))
    assert (report.wrong, report.new) == ([], len(grid) - 1)


LONG = "202509301234567"


@pytest.mark.parametrize(
    ("file", "column"),
    [
        *[("donation_register", "银行流水号或支付单号"), ("lottery", "凭证号"), ("lottery", "预算科目")],
        *[("lottery", "合同编号"), ("lottery", "资金文号")],
        *[("bank_ccb", "账户明细编号-交易流水号"), ("bank_rcc", "交易流水号"), ("wechat_trade", "微信订单号")],
        *[("alipay_trade", "支付宝交易号"), ("recoveries", "缴款凭证号"), ("统计指标表", "依据文件")],
    ],
)
def test_numbers_may_be_long(county: County, file: str, column: str) -> None:
    grid = grid_of(file)
    report = taken(county, file, with_cell(grid, column, lambda _: LONG))
    assert (report.wrong, report.new) == ([], len(grid) - 1)


@pytest.mark.parametrize("number", ["13812345678", "6222021001001234563"])
def test_a_phone_or_a_card_is_no_number_of_a_contract(county: County, number: str) -> None:
    report = taken(county, "lottery", with_cell(grid_of("lottery"), "合同编号", lambda _: number))
    assert [(one.code, one.column) for one in report.wrong] == [("E_TEXT_PERSONAL", "合同编号")]
    assert clear(county, number) == []


SAID = "王小明431099196207050129"
OF_BANKS = {
    "bank_abc": ["交易行名", "对方户名", "交易用途"],
    "bank_ccb": ["对方户名", "对方开户机构", "摘要", "备注"],
    "bank_icbc": ["摘要", "用途", "对方单位名称", "个性化信息"],
    "bank_rcc": ["摘要", "对方户名", "对方行名", "附言"],
    "wechat_trade": ["商品名称", "商户数据包", "费率备注"],
    "alipay_trade": ["商品名称", "备注", "对方账户"],
}


@pytest.mark.parametrize(("file", "column"), [(file, one) for file, columns in OF_BANKS.items() for one in columns])
def test_what_a_bank_or_a_channel_writes_is_taken_without_the_number(county: County, file: str, column: str) -> None:
    grid = grid_of(file)
    sound = len(grid) - 1
    for row in range(1, sound + 1):
        grid = with_cell(grid, column, lambda cell: f"{cell}{SAID}", row)
    report = taken(county, file, grid)
    assert (report.wrong, report.new) == ([], sound)
    assert clear(county, SAID[3:]) == []


def test_the_reason_that_a_bank_gives_is_kept_without_the_number(county: County) -> None:
    county.one("dibao_roster.csv")
    county.road()
    county.one("payfile.csv")
    grid = with_cell(rows_of("payresult.csv"), "失败原因", lambda cell: f"{cell}:{SAID}", row=2)
    assert taken(county, "payresult", grid).wrong == []
    returned = {one.reason_text for one in county.of_kind("subsidy.returned")}
    assert returned == {"账号户名不符:王小明**************0129"}


def test_a_statement_of_an_account_that_bears_a_number_since_before_is_taken(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"account": "old", "holding": "bank", "aliases": [], "default_fund": "general", "opened_on": "2024-01-01"}
    clean = draft_event("bank.account_registered", {**named, "bank": "建设银行"})
    said = event_from_value({**clean.model_dump(mode="json"), "bank": f"建设银行{SAID}"})
    with monkeypatch.context() as patch:
        patch.setattr("ledger.application.batches.judge", partial(judge, edition=6))
        statement = draft(county.signer("acct-charity"), CHARITY, date(2025, 9, 1), [said], county.now)
        approval = approve(county.signer("check-charity"), statement, "checker", county.now)
        county.writer.submit(Submission(statement.envelope, statement.events, (approval,)))
    report = county.one("bank_ccb.csv", account="old")
    county.sign_off()
    assert (report.wrong, report.new) == ([], 3)
    (imported,) = county.of_kind("bank.statement_imported")
    assert (imported.account, imported.source.organisation) == ("old", "建设银行王小明**************0129")
