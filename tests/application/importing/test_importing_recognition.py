"""Which kind a table is, which line is its header, and what is refused by name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.application.importing import parse_file
from ledger.application.importing.kinds.registry import KINDS as ALL_KINDS
from ledger.application.importing.recognising.headers import columns_by_header, header_name
from ledger.application.importing.recognising.titles import titles_of_table
from ledger.application.importing.tables import RawRow, RawTable
from ledger.errors import InputError
from tests.application.importing.offices import (
    KINDS,
    MONTH,
    changed,
    delimited,
    facts,
    keys,
    parse_grid,
    sample,
    workbook,
    wrong_codes,
    zipped,
)


def refusal(grid: list[list[str]], kind: str | None = None, month: str | None = None) -> InputError:
    with pytest.raises(InputError) as raised:
        parse_grid(grid, kind=kind, month=month)
    assert "{" not in raised.value.message("zh") + raised.value.message("en")
    return raised.value


@pytest.mark.parametrize("name", KINDS)
def test_every_needed_header_is_missed_by_its_name(name: str) -> None:
    grid, kind = sample(name), ALL_KINDS[KINDS[name]]
    shape = parse_grid(grid, month=MONTH).sheets[0].header.shape
    known = columns_by_header(shape)
    for index, title in enumerate(grid[0]):
        column = known[header_name(title).base]
        if not any(group == (column.name,) for group in shape.groups()):
            continue
        cut = [row[:index] + row[index + 1 :] for row in grid]
        if name == "bank_rcc" and column.name == "traded_on":
            # What is left fits the common shape of banks; then every row is told that its day is none.
            assert {code for _, _, code in wrong_codes(parse_grid(cut))} == {"E_CELL_DATE"}
            continue
        error = refusal(cut, kind=kind.name, month=MONTH)
        assert error.code == "E_HEADER_MISSING"
        assert column.headers[0] in error.params["column"]


@pytest.mark.parametrize("name", KINDS)
def test_optional_headers_may_be_missing_and_new_ones_may_be_added(name: str) -> None:
    grid = sample(name)
    shape = parse_grid(grid, month=MONTH).sheets[0].header.shape
    known = columns_by_header(shape)
    needed = {field for group in shape.groups() for field in group}
    kept = [index for index, title in enumerate(grid[0]) if known[header_name(title).base].name in needed]
    narrow = [[row[index] for index in kept] for row in grid]
    refunds = {"wechat_trade": 1, "alipay_trade": 1}.get(name, 0)
    assert len(parse_grid(narrow, kind=KINDS[name], month=MONTH).rows) == 3 - refunds, "a refund needs its number"
    wide = [["新列", *row, "另一列"] for row in grid]
    parsed = parse_grid(wide, month=MONTH)
    assert (parsed.kind, len(parsed.rows), parsed.wrong) == (KINDS[name], 3, ())
    assert parsed.sheets[0].header.unknown == ("新列", "另一列")
    assert "W_COLUMNS_UNKNOWN" in {note.code for note in parsed.notes}


def test_newer_wechat_columns_are_matched_by_name() -> None:
    grid = sample("wechat_trade")
    at = grid[0].index("手续费")
    newer = [[*row[:at], "订单优惠" if not number else "`0.00", *row[at:]] for number, row in enumerate(grid)]
    assert keys(parse_grid(newer)) == keys(parse_grid(grid))
    assert [fact["fee_fen"] for fact in facts(parse_grid(newer))] == [120, 40, -40]


HEADERS: list[tuple[str, str, int | None]] = [
    ("捐赠金额（元）", "捐赠金额", 100),
    ("捐赠金额(元) *", "捐赠金额", 100),
    ("捐 赠 金 额\n(万元)", "捐赠金额", 1_000_000),
    ("捐赠金额/元", "捐赠金额", 100),
    ("捐赠金额（单位：元）", "捐赠金额", 100),
    ("金额(分)", "金额", 1),
    ("金额（千元）", "金额", 100_000),
    ("收入金额(+元)", "收入金额", 100),
    ("保障标准(元/人月)", "保障标准", 100),
    ("保障标准（元/人·月）", "保障标准", 100),
    ("借方发生额(支取)", "借方发生额(支取)", None),
    ("村(社区)", "村(社区)", None),
    ("元", "元", None),
    ("＊序号：", "序号", None),
]


@pytest.mark.parametrize(("text", "base", "fen_per_unit"), HEADERS)
def test_a_header_is_a_name_and_a_unit(text: str, base: str, fen_per_unit: int | None) -> None:
    found = header_name(text)
    assert (found.base, found.fen_per_unit) == (base, fen_per_unit)


def test_the_unit_of_a_header_scales_its_column() -> None:
    grid = sample("payfile")
    for title, amounts in {"金额(分)": ["69000", "76000", "58000"], "金额(万元)": ["0.069", "0.076", "0.058"]}.items():
        turned = [[*grid[0]], *([*row] for row in grid[1:])]
        turned[0][3] = title
        for row, amount in zip(turned[1:], amounts, strict=True):
            row[3] = amount
        assert [fact["amount_fen"] for fact in facts(parse_grid(turned, month=MONTH))] == [69_000, 76_000, 58_000]


def test_a_unit_above_the_list_scales_columns_without_one() -> None:
    grid = [["单位：万元"], *changed(sample("lottery"), 0, "支付金额(万元)", "支付金额")]
    assert facts(parse_grid(grid)) == facts(parse_grid(sample("lottery")))


def test_an_unsaid_unit_of_ten_thousand_is_asked_for() -> None:
    assert refusal(changed(sample("lottery"), 0, "支付金额(万元)", "支付金额")).code == "E_UNIT_UNKNOWN"


REFUSED: list[tuple[str, str]] = [
    ("交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注", "E_PERSONAL_BILL"),
    (
        (
            "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,"
            "交易渠道,业务类型,备注"
        ),
        "E_ALIPAY_ACCOUNT_BILL",
    ),
    ("姓名,年龄,爱好", "E_KIND_UNKNOWN"),
    ("订单号,项目ID,项目名称,捐款时间,捐赠人昵称,捐赠金额,配捐金额,支付渠道,是否开票,结算批次", "E_KIND_UNKNOWN"),
]


@pytest.mark.parametrize(("head", "code"), REFUSED)
def test_tables_that_must_not_be_imported(head: str, code: str) -> None:
    assert refusal([head.split(","), ["1"] * 5]).code == code


def test_an_unknown_kind_is_named_with_the_kinds_there_are() -> None:
    error = refusal(sample("payfile"), kind="payroll")
    assert error.code == "E_KIND_NAME"
    assert "pay-file" in error.message()


def test_a_file_of_another_kind_than_said_is_refused() -> None:
    assert refusal(sample("deaths"), kind="lottery").code == "E_KIND_NOT_FOUND"


def test_a_table_that_fits_two_kinds_alike_is_asked_about() -> None:
    both = [["姓名", "身份证号", "实发(元)", "死亡日期"], ["示例甲", "431099194803120016", "1", "2025-07-19"]]
    assert refusal(both, month=MONTH).code == "E_KIND_AMBIGUOUS"
    assert parse_grid(both, kind="deaths").kind == "deaths"


def test_several_kinds_in_one_file_are_imported_one_at_a_time() -> None:
    data = zipped({f"{name}.csv": delimited(sample(name)).encode() for name in ("deaths", "doubts")})
    with pytest.raises(InputError) as raised:
        parse_file(data, name="a.zip")
    assert raised.value.code == "E_KIND_MIXED"
    parsed = parse_file(data, "deaths", name="a.zip")
    assert (len(parsed.rows), {note.code for note in parsed.notes}) == (3, {"W_SHEET_NOT_READ"})


def test_township_sheets_with_columns_in_different_order() -> None:
    grid = sample("dibao_roster")
    sheets: dict[str, list[list[object]]] = {
        "石岭镇": [list(row) for row in grid[:2]],
        "大冲乡": [list(row[::-1]) for row in [grid[0], grid[2]]],
        "城关镇": [["2025年9月低保花名册"], [], [*grid[0]], [*grid[3]]],
        "说明": [["填表说明"], ["按月填写"]],
    }
    parsed = parse_file(workbook(sheets), name="a.xlsx", month=MONTH)
    assert keys(parsed) == keys(parse_grid(grid, month=MONTH))
    assert [(row.place.sheet, row.place.row) for row in parsed.rows] == [("石岭镇", 2), ("大冲乡", 2), ("城关镇", 4)]
    assert [(note.place.sheet, note.code) for note in parsed.notes] == [("说明", "W_SHEET_NOT_READ")]


def test_a_township_sheet_without_a_needed_column_stops_the_import() -> None:
    grid = sample("dibao_roster")
    sheets: dict[str, list[list[object]]] = {
        "石岭镇": [list(row) for row in grid[:2]],
        "大冲乡": [list(row) for row in changed([grid[0], grid[2]], 0, "本月实发(元)", "本月应得")],
    }
    for kind in (None, "roster"):
        with pytest.raises(InputError) as raised:
            parse_file(workbook(sheets), kind, name="a.xlsx", month=MONTH)
        assert (raised.value.code, raised.value.params["sheet"]) == ("E_HEADER_MISSING", "大冲乡")


MONTHS: list[tuple[str, str | None]] = [
    ("示例县2025年9月农村低保资金发放花名册", "2025-09"),
    ("示例县２０２５年０９月发放表", "2025-09"),
    ("发放月份：2025-09", "2025-09"),
    ("2025.9 发放表", "2025-09"),
    ("2025年8月至2025年9月", None),
    ("低保资金发放花名册", None),
    ("填报日期 2025-09-05", None),
]


@pytest.mark.parametrize(("title", "month"), MONTHS)
def test_the_title_says_the_month(title: str, month: str | None) -> None:
    parsed = parse_grid([[title], *sample("dibao_roster")])
    assert parsed.month == month
    assert {row.values["month"] for row in parsed.rows} == {month}


def test_last_months_file_under_a_new_name_is_refused() -> None:
    error = refusal([["示例县2025年8月发放花名册"], *sample("dibao_roster")], month=MONTH)
    assert error.code == "E_MONTH_DIFFERS"


def test_a_month_that_is_none_is_refused_at_once() -> None:
    for month in ("2025-13", "2025-9", "九月"):
        assert refusal(sample("dibao_roster"), month=month).code == "E_PERIOD"


def test_a_day_without_a_year_takes_the_year_of_the_title_or_is_wrong() -> None:
    grid = changed(sample("deaths"), 1, "死亡日期", "7月19日")
    assert facts(parse_grid([["2025年死亡名单"], *grid])) == facts(parse_grid(sample("deaths")))
    assert wrong_codes(parse_grid(grid)) == [(2, "死亡日期", "E_CELL_DATE_NO_YEAR")]
    assert facts(parse_grid(grid, name="2025年死亡名单.csv")) == facts(parse_grid(sample("deaths")))


@pytest.mark.parametrize(
    ("line", "sheet", "month", "year"),
    [
        ("", "2000/1", "2000-01", 2000),
        ("", "２０２５．０９", "2025-09", 2025),
        ("截至2024年底 2025-09", "", "2025-09", 2025),
        ("2025-09", "2024年", "2025-09", 2025),
        ("", "2025年", None, 2025),
    ],
)
def test_a_month_names_its_year_too(line: str, sheet: str, month: str | None, year: int) -> None:
    titles = titles_of_table(RawTable("a", sheet, [RawRow(1, (line,))]), 2)
    assert (titles.month, titles.year) == (month, year)


@given(st.lists(st.lists(st.text(max_size=8), max_size=8), max_size=6), st.text(max_size=10))
@example([], "2000/1")
def test_any_lines_above_a_header_are_read_without_failing(lines: list[list[str]], sheet: str) -> None:
    rows = [RawRow(number, tuple(line)) for number, line in enumerate(lines, 1)]
    titles = titles_of_table(RawTable("a", sheet, rows), len(rows) + 1)
    assert len(titles.lines) <= len(rows)
    assert titles.month is None or titles.year is not None
