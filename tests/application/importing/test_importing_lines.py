"""Lines that are no rows: totals and summaries are checked, signatures told, and nothing is dropped in silence."""

import pytest

from ledger.application.importing import parse_file
from tests.application.importing.offices import (
    HEAD,
    MONTH,
    ROSTER,
    Grid,
    changed,
    delimited,
    notes,
    parse_grid,
    roster,
    sample,
    total,
    workbook,
    wrong_codes,
    zipped,
)


@pytest.mark.parametrize(
    "label", ["合计", "合 计", "总计", "合　计", "小计", "本页小计", "石岭镇小计", "累计", "合计(元)"]
)
def test_a_right_total_is_checked_and_never_imported(label: str) -> None:
    parsed = roster(*ROSTER[1:], total(label, persons="6", net="2,030.00"))
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    assert (5, "W_TOTAL_CHECKED") in notes(parsed)


@pytest.mark.parametrize("label", ["合计", "小计", "石岭镇合计"])
def test_a_total_wrong_by_one_yuan_is_told_with_its_row(label: str) -> None:
    parsed = roster(*ROSTER[1:], total(label, persons="6", net="2031"))
    assert wrong_codes(parsed) == [(5, "本月实发(元)", "E_SUBTOTAL")]
    assert parsed.wrong[0].params == {"stated": "2031.00", "computed": "2030.00", "difference": "1.00"}
    assert len(parsed.rows) == 3


def test_sub_totals_by_village_then_a_total_of_all() -> None:
    parsed = roster(
        ROSTER[1],
        ROSTER[2],
        total("上坪村小计", net="1450"),
        ROSTER[3],
        total("小计", net="580"),
        total("合计", persons="6", net="2030"),
    )
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    spoiled = roster(ROSTER[1], ROSTER[2], total("小计", net="1450"), ROSTER[3], total("小计", net="2029"))
    assert wrong_codes(spoiled) == [(6, "本月实发(元)", "E_SUBTOTAL")]


def test_a_grand_total_on_the_last_sheet_counts_all_sheets() -> None:
    sheets: dict[str, list[list[object]]] = {
        "石岭镇": [list(HEAD), list(ROSTER[1]), list(ROSTER[2])],
        "大冲乡": [list(HEAD), list(ROSTER[3]), list(total("总计", net="2030"))],
    }
    parsed = parse_file(workbook(sheets), name="a.xlsx", month=MONTH)
    assert (len(parsed.rows), parsed.wrong) == (3, ())


def test_a_total_over_wrong_rows_is_not_accused() -> None:
    spoiled = changed(ROSTER, 2, "本月实发(元)", "约760")
    parsed = parse_grid([*spoiled, total("合计", persons="6", net="2030")], month=MONTH)
    assert wrong_codes(parsed) == [(3, "本月实发(元)", "E_CELL_MONEY")]
    assert (5, "W_TOTAL_CHECKED") in notes(parsed), "the persons could still be compared"
    only_net = parse_grid([*spoiled, total("合计", net="2030")], month=MONTH)
    assert (5, "W_TOTAL_UNCHECKED") in notes(only_net)


def test_a_total_in_the_name_column_is_no_payee() -> None:
    grid = sample("payfile")
    parsed = parse_grid([*grid, ["", "合计", "共3笔", "2030.00"]], month=MONTH)
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    assert (5, "W_TOTAL_CHECKED") in notes(parsed)


def test_a_remark_that_says_total_does_not_hide_a_row() -> None:
    parsed = parse_grid(changed(ROSTER, 1, "备注", "合计"), month=MONTH)
    assert len(parsed.rows) == 3


FOOT_LINES: list[tuple[list[str], str]] = [
    (["制表：示例甲", "", "审核：示例乙"], "W_LINE_SIGNATURE"),
    (["制表人:示例甲   审核人:示例乙   负责人:示例丙"], "W_LINE_SIGNATURE"),
    (["单位(盖章)：示例县民政局"], "W_LINE_SIGNATURE"),
    (["填报日期：2025年9月5日"], "W_LINE_SIGNATURE"),
    (["备注：以上人员已公示"], "W_LINE_SIGNATURE"),
    (["第1页，共1页"], "W_LINE_SIGNATURE"),
    (["承前页"], "W_LINE_CARRIED"),
    (["过次页", "", "", "2030"], "W_LINE_CARRIED"),
    (["#导出完毕"], "W_LINE_COMMENT"),
    (["4"], "W_LINE_NUMBERED"),
    (["账号：82010530000099912"], "W_LINE_TITLE"),
]


@pytest.mark.parametrize(("line", "code"), FOOT_LINES)
def test_foot_lines_are_told_and_not_imported(line: list[str], code: str) -> None:
    parsed = roster(*ROSTER[1:], line)
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    assert (5, code) in notes(parsed)
    assert all(note.message("zh") and note.message("en") for note in parsed.notes)


def test_totals_of_months_and_townships_on_three_levels() -> None:
    lines = [ROSTER[1], total("上坪村小计", net="690"), ROSTER[2], total("下坪村小计", net="760")]
    lines += [total("石岭镇合计", persons="3", net="1450"), ROSTER[3], total("大冲乡合计", persons="3", net="580")]
    parsed = roster(*lines, total("总计", persons="6", net="2030"))
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    bank = sample("bank_abc")
    monthly = [*bank[:3], ["本月合计", "5000", "18000"], bank[3], ["本月合计", "", "12"], ["总计", "5000", "18012"]]
    assert parse_grid(monthly).wrong == ()


def test_a_project_named_like_a_total_is_a_row() -> None:
    grid = changed(sample("lottery"), 1, "项目名称", "困境儿童服务汇总")
    turned = [[row[6], *row[1:6], *row[7:]] for row in grid]
    assert len(parse_grid(turned).rows) == 3


def test_the_wechat_summary_is_checked() -> None:
    head = [
        "总交易单数",
        "应结订单总金额",
        "退款总金额",
        "充值券退款总金额",
        "手续费总金额",
        "订单总金额",
        "申请退款总金额",
    ]
    right = ["`3", "`266.66", "`66.66", "`0.00", "`1.20000", "`266.66", "`66.66"]
    parsed = parse_grid([*sample("wechat_trade"), head, right])
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    assert (6, "W_SUMMARY_CHECKED") in notes(parsed)
    spoiled = parse_grid([*sample("wechat_trade")[:-1], head, right])
    assert wrong_codes(spoiled) == [
        (5, "总交易单数", "E_SUMMARY"),
        (5, "退款总金额", "E_SUMMARY"),
        (5, "手续费总金额", "E_SUMMARY"),
        (5, "申请退款总金额", "E_SUMMARY"),
    ]


def test_the_wechat_fund_summary_is_checked() -> None:
    head = ["资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"]
    right = parse_grid([*sample("wechat_fund"), head, ["`3", "`1", "`200.00", "`2", "`200.00"]])
    assert right.wrong == ()
    wrong = parse_grid([*sample("wechat_fund"), head, ["`3", "`1", "`200.00", "`2", "`200.01"]])
    assert wrong_codes(wrong) == [(6, "支出金额", "E_SUMMARY")]


ALIPAY_FOOT = [
    ["#-----业务明细列表结束-----"],
    ["#交易合计：2笔，商家实收共150.00元，商家优惠共0.00元"],
    ["#退款合计：1笔，商家实收退款共-50.00元，商家优惠退款共0.00元"],
    ["#导出时间：[2025年09月07日 08:00:00]"],
]


def test_the_alipay_foot_is_checked() -> None:
    parsed = parse_grid([*sample("alipay_trade"), *ALIPAY_FOOT])
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    spoiled = parse_grid([*sample("alipay_trade")[:-1], *ALIPAY_FOOT])
    assert wrong_codes(spoiled) == [(6, "退款合计笔数", "E_SUMMARY"), (6, "退款合计金额", "E_SUMMARY")]


@pytest.mark.parametrize(("received", "codes"), [("100.00", []), ("99.00", [(3, "商家实收", "E_SUMMARY")])])
def test_the_alipay_zip_with_its_summary_table(received: str, codes: list[tuple[int, str, str]]) -> None:
    summary: Grid = [
        ["#支付宝业务汇总查询"],
        [
            "门店编号",
            "门店名称",
            "交易订单总笔数",
            "退款订单总笔数",
            "订单金额（元）",
            "商家实收（元）",
            "服务费（元）",
        ],
        ["合计", "", "2", "1", "100.00", received, "0.00"],
    ]
    data = zipped(
        {
            "2088_业务明细.csv": delimited([["#支付宝业务明细查询"], *sample("alipay_trade")]).encode("gb18030"),
            "2088_业务明细(汇总).csv": delimited(summary).encode("gb18030"),
        }
    )
    parsed = parse_file(data, name="2088.zip")
    assert (parsed.kind, len(parsed.rows), wrong_codes(parsed)) == ("alipay-trade", 3, codes)
