"""Wrong rows: every wrong cell is told with its place, and checks across cells tell the column to mend."""

import pytest

from ledger.application.importing import parse_file
from ledger.application.importing.kinds.subsidies import fail_class
from ledger.values.idno import id_check_character
from tests.application.importing.offices import (
    MONTH,
    ROSTER,
    changed,
    delimited,
    keys,
    parse_grid,
    roster,
    sample,
    workbook,
    wrong_codes,
)


def test_a_row_that_fills_in_none_of_a_group_is_wrong() -> None:
    nobody = changed(changed(changed(ROSTER, 1, "家庭编号", ""), 1, "低保证号", ""), 1, "户主身份证号", "")
    assert wrong_codes(parse_grid(nobody, month=MONTH)) == [(2, "家庭编号", "E_CELL_MISSING")]
    unmoved = changed(sample("bank_abc"), 1, "支出金额", "")
    assert wrong_codes(parse_grid(unmoved)) == [(2, "收入金额", "E_CELL_MISSING")]


def test_every_wrong_cell_of_a_row_is_told() -> None:
    spoiled = changed(
        changed(changed(ROSTER, 2, "户主身份证号", "4.31E+17"), 2, "保障人口", "两"), 2, "本月实发(元)", ""
    )
    parsed = parse_grid(spoiled, month=MONTH)
    assert wrong_codes(parsed) == [
        (3, "户主身份证号", "E_ID_DESTROYED"),
        (3, "保障人口", "E_CELL_COUNT"),
        (3, "本月实发(元)", "E_CELL_MISSING"),
    ]
    assert [row.place.row for row in parsed.rows] == [2, 4]
    assert parsed.wrong_rows == 1


def test_a_wrong_cell_says_where_what_and_how_to_mend_it() -> None:
    data = workbook({"石岭镇": [list(row) for row in changed(ROSTER, 2, "本月实发(元)", "约760")]})
    cell = parse_file(data, name="九月.xlsx", month=MONTH).wrong[0]
    for part in ("九月.xlsx", "石岭镇", "第3行", "S列", "本月实发(元)", "约760", "请改为"):
        assert part in cell.message("zh")
    for part in ("九月.xlsx", "石岭镇", "row 3", "column S", "本月实发(元)", "约760"):
        assert part in cell.message("en")


ROW_FAULTS: list[tuple[str, int, str, str, str]] = [
    ("dibao_roster", 1, "本月实发(元)", "700", "E_ROSTER_SUM"),
    ("dibao_roster", 1, "保障人口", "0", "E_ROSTER_PERSONS"),
    ("donation_register", 1, "捐赠金额(元)", "-100", "E_DONATION_NEGATIVE"),
    ("mutual_aid", 1, "筹资合计(元)", "33000", "E_PARTS_SUM"),
    ("lottery", 1, "结余(万元)", "3.85", "E_PARTS_SUM"),
    ("recoveries", 2, "未追缴金额(元)", "3600.01", "E_PARTS_SUM"),
    ("recoveries", 2, "未追缴金额(元)", "-0.01", "E_PARTS_SUM"),
    ("recoveries", 2, "违规止月", "2023-04", "E_MONTHS_ORDER"),
    ("doubts", 1, "核查结果", "待定", "E_CELL_CHOICE"),
    ("payresult", 1, "处理结果", "不详", "E_CELL_CHOICE"),
    ("deaths", 1, "身份证号", "4310**********0335", "E_ID_MASKED"),
    ("wechat_trade", 1, "交易状态", "CLOSED", "E_CHANNEL_STATE"),
    ("wechat_trade", 3, "微信退款单号", "0", "E_CELL_MISSING"),
    ("alipay_trade", 1, "业务类型", "转账", "E_CHANNEL_STATE"),
    ("alipay_trade", 1, "服务费(元)", "0.60", "E_CHANNEL_POSITIVE"),
    ("alipay_trade", 1, "商家实收(元)", "-100.00", "E_CHANNEL_NEGATIVE"),
    ("alipay_trade", 3, "商家实收(元)", "50.00", "E_CHANNEL_POSITIVE"),
    ("alipay_trade", 3, "服务费(元)", "-0.30", "E_CHANNEL_NEGATIVE"),
    ("wechat_trade", 3, "退款状态", "MAYBE", "E_CHANNEL_STATE"),
    ("wechat_fund", 1, "收支类型", "其他", "E_CHANNEL_STATE"),
    ("bank_ccb", 1, "币种", "美元", "E_BANK_CURRENCY"),
    ("bank_abc", 1, "收入金额", "5", "E_BANK_BOTH_SIDES"),
]


@pytest.mark.parametrize(("name", "row", "header", "value", "code"), ROW_FAULTS)
def test_faults_across_cells(name: str, row: int, header: str, value: str, code: str) -> None:
    parsed = parse_grid(changed(sample(name), row, header, value), month=MONTH)
    assert (row + 1, header, code) in wrong_codes(parsed)
    assert row + 1 not in {each.place.row for each in parsed.rows}
    assert "{" not in parsed.wrong[0].message("zh") + parsed.wrong[0].message("en")


@pytest.mark.parametrize(("row", "header", "value"), [(1, "服务费(元)", "0"), (3, "服务费(元)", "0.00")])
def test_a_trade_may_cost_nothing(row: int, header: str, value: str) -> None:
    assert parse_grid(changed(sample("alipay_trade"), row, header, value)).wrong == ()


def test_a_sign_that_cannot_be_is_told_with_the_one_that_can() -> None:
    (cell,) = parse_grid(changed(sample("alipay_trade"), 3, "商家实收(元)", "50.00")).wrong
    assert "业务类型是“退款”" in cell.message("zh")
    assert "负数" in cell.message("zh")
    assert "below nothing" in cell.message("en")


def test_a_destroyed_id_puts_its_neighbours_with_three_zeros_under_suspicion() -> None:
    lucky = next(
        f"{head}0" for k in range(99) if id_check_character(head := f"4310991948{k // 9 + 1:02d}12{k % 9 + 1}00") == "0"
    )
    grid = changed(ROSTER, 1, "户主身份证号", lucky)
    assert parse_grid(grid, month=MONTH).wrong == (), "alone it may be right"
    grid = changed(grid, 3, "户主身份证号", "431099195509210000")
    assert wrong_codes(parse_grid(grid, month=MONTH)) == [
        (4, "户主身份证号", "E_ID_DESTROYED"),
        (2, "户主身份证号", "E_ID_DESTROYED"),
    ]


def test_a_column_of_accounts_that_all_end_in_zeros_is_refused() -> None:
    grid = sample("payfile")
    for row, account in enumerate(("621799000000009000", "621799000000008000", "621799000000007000"), 1):
        grid = changed(grid, row, "账号", account)
    assert [code for _, _, code in wrong_codes(parse_grid(grid, month=MONTH))] == ["E_NUMBER_DESTROYED"] * 3
    assert parse_grid(changed(grid, 1, "账号", "621799000000009001"), month=MONTH).wrong == ()


def test_a_comma_without_quotation_marks_moves_no_amount_into_the_books() -> None:
    lines = delimited(sample("bank_ccb")).replace('"', "").encode()
    parsed = parse_file(lines, "bank-statement", name="a.csv")
    assert parsed.rows == ()
    assert {code for _, _, code in wrong_codes(parsed)} == {"E_ROW_TOO_WIDE"}
    one = delimited(sample("donation_register")).replace("28650.00", "28,650.00").encode()
    assert [(r, c) for r, _, c in wrong_codes(parse_file(one, name="a.csv"))] == [(2, "E_ROW_TOO_WIDE")]


def test_a_comma_at_the_end_of_every_line_moves_nothing() -> None:
    head, *lines = delimited(sample("donation_register")).splitlines()
    data = "\r\n".join([head, *(line + "," for line in lines), "#导出完毕"]).encode()
    parsed = parse_file(data, name="a.csv")
    assert (parsed.wrong, keys(parsed)) == ((), keys(parse_grid(sample("donation_register"))))


def test_a_bank_that_names_only_the_failures() -> None:
    head, *rows = sample("payresult")
    kept = [place for place, title in enumerate(head) if title not in {"处理结果", "批次号"}]
    failed = [[row[place] for place in kept] for row in [head, rows[1]]]
    values = parse_grid(failed).rows[0].values
    assert (values["outcome"], values["fail_class"], values["batch_no"]) == ("failed", "NAME_MISMATCH", None)


FAILURES = [
    ("账号户名不符", "NAME_MISMATCH"),
    ("账户不存在", "NO_ACCOUNT"),
    ("已销户", "CLOSED"),
    ("久悬账户", "DORMANT"),
    ("账户冻结", "FROZEN"),
    ("只收不付", "FROZEN"),
    ("证件过期中止服务", "ID_EXPIRED"),
    ("II类户超限额", "LIMIT"),
    ("换卡旧号", "CARD_REPLACED"),
    ("跨行退汇", "INTERBANK_RETURN"),
    ("重复", "DUPLICATE"),
    ("系统原因", "OTHER"),
    (None, "OTHER"),
]


@pytest.mark.parametrize(("reason", "name"), FAILURES)
def test_reasons_of_failure_have_classes(reason: str | None, name: str) -> None:
    assert fail_class(reason) == name


@pytest.mark.parametrize(("result", "outcome"), [("退票", "failed"), ("处理中", "pending"), ("已入账", "paid")])
def test_results_have_outcomes(result: str, outcome: str) -> None:
    assert parse_grid(changed(sample("payresult"), 1, "处理结果", result)).rows[0].values["outcome"] == outcome


def test_masked_ids_of_a_roster_stand_apart() -> None:
    parsed = parse_grid(changed(ROSTER, 1, "户主身份证号", "4310**********0016"), month=MONTH)
    values = parsed.rows[0].values
    assert (values["head_id"], values["head_id_masked"]) == (None, "4310**********0016")


def test_a_death_of_nobody_is_refused() -> None:
    spoiled = changed(changed(sample("deaths"), 2, "身份证号", ""), 2, "户籍地址", "")
    assert wrong_codes(parse_grid(spoiled)) == [(3, "身份证号", "E_DEATH_NOBODY")]
    at_home = parse_grid(changed(sample("deaths"), 2, "身份证号", ""))
    assert (len(at_home.rows), at_home.wrong) == (3, ())


def test_a_line_that_is_nothing_known_is_wrong_in_every_needed_cell() -> None:
    parsed = roster(*ROSTER[1:], ["以上情况属实"])
    assert {code for _, _, code in wrong_codes(parsed)} == {"E_CELL_MISSING"}
    assert {row for row, _, _ in wrong_codes(parsed)} == {5}


def test_a_row_that_lacks_one_needed_cell_is_wrong_and_not_a_signature() -> None:
    for header, value in (("备注", "备注：补登"), ("备注", "合计"), ("经手人", "审核：示例乙")):
        spoiled = changed(changed(sample("donation_register"), 1, header, value), 1, "捐赠人", "")
        assert wrong_codes(parse_grid(spoiled)) == [(2, "捐赠人", "E_CELL_MISSING")]
    bank = changed(sample("bank_abc"), 1, "交易用途", "备注：合计")
    assert len(parse_grid(bank).rows) == 3
