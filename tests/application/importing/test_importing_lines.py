"""Lines that are no rows: totals are checked, signatures and hidden rows told, and nothing is dropped in silence."""

import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook

from ledger.application.importing import ParsedFile, parse_file
from ledger.application.importing.checks.formulas import Formulas, is_stale
from ledger.values.idno import id_check_character
from tests.application.importing.offices import (
    MONTH,
    Grid,
    changed,
    delimited,
    old_workbook,
    parse_grid,
    sample,
    saved,
    with_two_line_header,
    workbook,
    wrong_codes,
    zipped,
)

ROSTER = sample("dibao_roster")
HEAD = ROSTER[0]


def total(label: str, **sums: str) -> list[str]:
    """A total line of the roster: the label under 序号, figures under the named headers."""
    titles = {"persons": "保障人口", "net": "本月实发(元)", "base": "基本保障金(元)"}
    line = [""] * len(HEAD)
    line[0] = label
    for name, figure in sums.items():
        line[HEAD.index(titles[name])] = figure
    return line


def notes(parsed: ParsedFile) -> list[tuple[int, str]]:
    return [(note.place.row, note.code) for note in parsed.notes]


def roster(*lines: list[str]) -> ParsedFile:
    return parse_grid([HEAD, *lines], month=MONTH)


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


def test_a_row_that_lacks_one_needed_cell_is_wrong_and_not_a_signature() -> None:
    for header, value in (("备注", "备注：补登"), ("备注", "合计"), ("经手人", "审核：示例乙")):
        spoiled = changed(changed(sample("donation_register"), 1, header, value), 1, "捐赠人", "")
        assert wrong_codes(parse_grid(spoiled)) == [(2, "捐赠人", "E_CELL_MISSING")]
    bank = changed(sample("bank_abc"), 1, "交易用途", "备注：合计")
    assert len(parse_grid(bank).rows) == 3


def test_totals_of_months_and_townships_on_three_levels() -> None:
    lines = [ROSTER[1], total("上坪村小计", net="690"), ROSTER[2], total("下坪村小计", net="760")]
    lines += [total("石岭镇合计", persons="3", net="1450"), ROSTER[3], total("大冲乡合计", persons="3", net="580")]
    parsed = roster(*lines, total("总计", persons="6", net="2030"))
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    bank = sample("bank_abc")
    monthly = [*bank[:3], ["本月合计", "5000", "18000"], bank[3], ["本月合计", "", "12"], ["总计", "5000", "18012"]]
    assert parse_grid(monthly).wrong == ()


def test_a_row_that_fills_in_none_of_a_group_is_wrong() -> None:
    nobody = changed(changed(changed(ROSTER, 1, "家庭编号", ""), 1, "低保证号", ""), 1, "户主身份证号", "")
    assert wrong_codes(parse_grid(nobody, month=MONTH)) == [(2, "家庭编号", "E_CELL_MISSING")]
    unmoved = changed(sample("bank_abc"), 1, "支出金额", "")
    assert wrong_codes(parse_grid(unmoved)) == [(2, "收入金额", "E_CELL_MISSING")]


def test_a_project_named_like_a_total_is_a_row() -> None:
    grid = changed(sample("lottery"), 1, "项目名称", "困境儿童服务汇总")
    turned = [[row[6], *row[1:6], *row[7:]] for row in grid]
    assert len(parse_grid(turned).rows) == 3


def test_both_lines_of_a_two_line_header_repeat_on_the_next_page() -> None:
    grid = with_two_line_header(ROSTER)
    parsed = parse_grid([*grid[:3], *grid[:2], *grid[3:]], month=MONTH)
    assert (len(parsed.rows), parsed.wrong) == (3, ())
    assert [code for _, code in notes(parsed)] == ["W_LINE_HEADER"] * 2


def test_a_line_that_is_nothing_known_is_wrong_in_every_needed_cell() -> None:
    parsed = roster(*ROSTER[1:], ["以上情况属实"])
    assert {code for _, _, code in wrong_codes(parsed)} == {"E_CELL_MISSING"}
    assert {row for row, _, _ in wrong_codes(parsed)} == {5}


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
    ("recoveries", 2, "未追缴金额(元)", "0", "E_PARTS_SUM"),
    ("recoveries", 2, "违规止月", "2023-04", "E_MONTHS_ORDER"),
    ("doubts", 1, "核查结果", "待定", "E_CELL_CHOICE"),
    ("payresult", 1, "处理结果", "不详", "E_CELL_CHOICE"),
    ("deaths", 1, "身份证号", "4310**********0335", "E_ID_MASKED"),
    ("wechat_trade", 1, "交易状态", "CLOSED", "E_CHANNEL_STATE"),
    ("wechat_trade", 3, "微信退款单号", "0", "E_CELL_MISSING"),
    ("alipay_trade", 1, "业务类型", "转账", "E_CHANNEL_STATE"),
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


def test_masked_ids_of_a_roster_stand_apart() -> None:
    parsed = parse_grid(changed(ROSTER, 1, "户主身份证号", "4310**********0016"), month=MONTH)
    values = parsed.rows[0].values
    assert (values["head_id"], values["head_id_masked"]) == (None, "4310**********0016")


def test_a_death_of_nobody_is_refused() -> None:
    spoiled = changed(changed(sample("deaths"), 2, "身份证号", ""), 2, "户籍地址", "")
    assert wrong_codes(parse_grid(spoiled)) == [(3, "身份证号", "E_DEATH_NOBODY")]
    at_home = parse_grid(changed(sample("deaths"), 2, "身份证号", ""))
    assert (len(at_home.rows), at_home.wrong) == (3, ())


def test_hidden_rows_are_told_one_by_one_and_hidden_sheets_once() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in ROSTER:
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["Z"].hidden = True
    old = book.create_sheet("旧数据")
    old.append(["8月"])
    old.sheet_state = "hidden"
    parsed = parse_file(saved(book), name="a.xlsx", month=MONTH)
    assert [(row, code) for row, _, code in wrong_codes(parsed)] == [(3, "E_ROW_HIDDEN")]
    assert [row.place.row for row in parsed.rows] == [2, 4]
    assert {code for _, code in notes(parsed)} == {"W_SHEET_HIDDEN", "W_COLUMNS_HIDDEN"}


def test_of_two_equal_headers_the_visible_column_is_read() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(ROSTER):
        sheet.append([("本月实发(元)" if not number else "1"), *row])
    sheet.column_dimensions["A"].hidden = True
    parsed = parse_file(saved(book), name="a.xlsx", month=MONTH)
    assert [row.values["net_fen"] for row in parsed.rows] == [69_000, 76_000, 58_000]
    assert parsed.wrong == ()


def merged_roster(header: str) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in changed(ROSTER, 2, header, ""):
        sheet.append([cell or None for cell in row])
    column = HEAD.index(header) + 1
    sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    return saved(book)


def test_a_merged_village_belongs_to_each_row_and_a_merged_amount_to_none() -> None:
    village = parse_file(merged_roster("村(社区)"), name="a.xlsx", month=MONTH)
    assert [row.values["village"] for row in village.rows] == ["上坪村", "上坪村", "下坪村"]
    amount = parse_file(merged_roster("本月实发(元)"), name="a.xlsx", month=MONTH)
    assert wrong_codes(amount) == [(3, "本月实发(元)", "E_CELL_MERGED")]


def test_a_two_line_header_with_merged_cells() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["农村低保资金发放花名册"])
    upper = [*HEAD]
    lower: list[str | None] = [None] * len(HEAD)
    first = HEAD.index("补发(元)")
    upper[first], upper[first + 1] = "调整(元)", ""
    lower[first], lower[first + 1] = "补发", "扣回"
    sheet.append(upper)
    sheet.append(lower)
    for row in ROSTER[1:]:
        sheet.append(row)
    sheet.merge_cells(start_row=2, end_row=2, start_column=first + 1, end_column=first + 2)
    parsed = parse_file(saved(book), name="a.xlsx", month=MONTH)
    assert (parsed.wrong, parsed.sheets[0].header.unknown) == ((), ())
    assert [row.values["arrears_fen"] for row in parsed.rows] == [0, 38_000, 0]


def formula_roster(stored: dict[str, str]) -> bytes:
    """The roster with the net as a formula; openpyxl stores no results, so they are put into the XML as Excel would."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in ROSTER:
        sheet.append([float(cell) if cell.isdigit() and len(cell) < 5 else cell for cell in row])
    for number in (2, 3, 4):
        sheet[f"S{number}"] = f"=N{number}+P{number}+Q{number}-R{number}"
    data = saved(book)
    if not stored:
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    for place, value in stored.items():
        formula = "N{0}+P{0}+Q{0}-R{0}".format(place[1:]).encode()
        members[part] = members[part].replace(
            b"<f>" + formula + b"</f><v />", b"<f>" + formula + b"</f><v>" + value.encode() + b"</v>"
        )
    return zipped(members)


def test_formulas_are_read_by_their_stored_results() -> None:
    parsed = parse_file(formula_roster({"S2": "690", "S3": "760", "S4": "580"}), name="a.xlsx", month=MONTH)
    assert (parsed.wrong, len(parsed.rows)) == ((), 3)
    assert "W_FORMULAS" in {code for _, code in notes(parsed)}


def test_a_formula_without_a_result_is_no_blank() -> None:
    parsed = parse_file(formula_roster({}), name="a.xlsx", month=MONTH)
    assert [code for _, _, code in wrong_codes(parsed)] == ["E_FORMULA_NO_VALUE"] * 3


def test_a_stale_formula_is_told_with_both_figures() -> None:
    parsed = parse_file(formula_roster({"S2": "690", "S3": "700", "S4": "580"}), name="a.xlsx", month=MONTH)
    assert wrong_codes(parsed) == [(3, "本月实发(元)", "E_FORMULA_STALE")]
    assert "760" in parsed.wrong[0].message()


FORMULAS: list[tuple[str, Decimal | None]] = [
    ("SUM(A1:A3)", Decimal(6)),
    ("sum(A1:B3, 4)", Decimal("16.5")),
    ("A1+A2*-A3", Decimal(-5)),
    ("(A1+A2)*A3/2", Decimal("4.5")),
    ("ROUND(B1/7,2)", Decimal("0.07")),
    ("$A$1-A2", Decimal(-1)),
    ("C9+A1", Decimal(1)),
    ("A1+C1", None),
    ("IF(A1>0,1,2)", None),
    ("A1/0", None),
    ("Sheet2!A1", None),
    ("SUM(A1:A3", None),
    ("A1 A2", None),
    ("SUM(A1:XFD1048576)", None),
    ("", None),
    ("(" * 200 + "1" + ")" * 99, None),
]


@pytest.mark.parametrize(("formula", "result"), FORMULAS)
def test_simple_formulas_are_computed_again_and_others_left(formula: str, result: Decimal | None) -> None:
    cells = {1: (1, Decimal("0.5"), "文字"), 2: (2, 2), 3: (3, 4)}
    assert Formulas(cells).recomputed(formula) == result
    assert not is_stale(result, result)


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


def test_hidden_rows_of_an_old_workbook() -> None:
    data = old_workbook({"Sheet1": [list(row) for row in ROSTER]})
    assert parse_file(data, name="a.xls", month=MONTH).wrong == ()
