"""Every fault of every kind of file is told at its cell, in the file's words: no key of a field, no id, no library."""

import re
from collections.abc import Callable
from typing import Final

import pytest

from ledger.application.importing.rows import WrongCell
from ledger.application.proposing.telling.changes import in_units
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.telling.corpus import SOURCES, ready
from tests.soaking import rounds

BAD: Final = (
    *("", "x", ":", "-1", "0", "2025-12-31", "2199-01-01", "13812345678", "431099194803120016", "张三", "999999999"),
    *("_YD_", "0.001", "Ａ:b", "2025-13", "a" * 300, "1/0", "3.5万", "是", "2024-01-01"),
)
FRESH, KNOWN = rounds(2, len(BAD)), rounds(1, len(BAD))
"""How many bad values each column is tried with, where nothing is recorded yet and where the file itself is; all of
them in a soak.
"""
KEYS: Final = re.compile(
    r"[a-z]{2,}_[a-z_]+"  # a field's key
    r"|(?<![\w@.])[a-z]{2,}\.[a-z]{2,}(?![\w.])"  # a kind of event
    r"|(?:Input|String|Value|Field|Tuple) should|[Vv]alue error|pydantic|\bNone\b|\bTrue\b|\bFalse\b"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-|sha256:|\b[a-z2-7]{26}\b"
    r"|\{[a-z_]*\}"  # a gap that nobody filled
)
OF_SHEETS: Final = frozenset({"E_QUOTA_SHORT", "E_FUND_INSUFFICIENT", "E_BATCH_UNKNOWN", "E_BATCH_TOTAL"})
"""What one cell may do to the file as a whole."""


def _tries(column: int, count: int) -> list[str]:
    """Bad values in turn, so that all of them are tried on all kinds of columns."""
    return [BAD[(column * 7 + number * 3) % len(BAD)] for number in range(count)]


def _spoilt(grid: Grid, column: int, value: str) -> Grid:
    row = [*grid[1]]
    row[column] = f"`{value}" if row[column].startswith("`") else value
    return [grid[0], row, *grid[2:]]


def _told(cell: WrongCell, grid: Grid, name: str) -> list[str]:
    """What is amiss with a fault of a file of which one cell of row 2 was spoilt."""
    amiss = []
    for language in ("zh", "en"):
        said = cell.message(language).replace(name, "").replace(cell.value, "")
        said = said.replace(cell.value.replace("`", ""), "") if cell.value else said
        amiss += [f"{found[0]} in {said}" for found in KEYS.finditer(said)]
    if not cell.place.row:
        return amiss if cell.code in OF_SHEETS else [*amiss, f"{cell.code} of the sheet"]
    if not cell.column:
        return [*amiss, f"{cell.code} without its column: {cell.message()}"]
    if cell.letter:
        stands = grid[cell.place.row - 1][grid[0].index(cell.column)].lstrip("`").strip()
        shown = cell.value.strip("*")
        same = stands[:200].endswith(shown) or shown == "" or stands.startswith(shown)
        amiss += (
            [] if same and (shown or not stands or "*" in cell.value) else [f"{cell.value!r} stands for {stands!r}"]
        )
    return amiss


@pytest.mark.parametrize("known", [False, True], ids=["fresh", "known"])
@pytest.mark.parametrize("name", SOURCES)
def test_a_spoilt_cell_is_told_in_the_files_own_words(county: County, name: str, *, known: bool) -> None:
    source = ready(county, name)
    office = county.office_of(county.write(name, source.grid))
    if known:
        county.one(county.write(name, source.grid), office=office)
        county.sign_off()
    amiss: dict[str, str] = {}
    for column, title in enumerate(source.grid[0]):
        for value in _tries(column, KNOWN if known else FRESH):
            grid = _spoilt(source.grid, column, value)
            report = county.one(county.write(name, grid), dry_run=True, office=office)
            said = [] if report.refused is None else [report.refused.message()]
            for cell in report.wrong:
                amiss |= dict.fromkeys(_told(cell, grid, name), f"{title} = {value[:20]!r}: {cell.code}")
            for message in (*said, *(note.message() for note in report.notes)):
                shown = message.replace(name, "")
                amiss |= {f"{found[0]} in {shown}": title for found in KEYS.finditer(shown)}
    assert amiss == {}


@pytest.mark.parametrize("name", SOURCES)
def test_the_good_files_are_good(county: County, name: str) -> None:
    """Otherwise the faults above were not of the spoilt cell."""
    source = ready(county, name)
    report = county.one(county.write(name, source.grid))
    assert (report.refused, [cell.message() for cell in report.wrong]) == (None, [])


def test_what_was_paid_before_is_named_by_its_batch(county: County) -> None:
    """A reference tells nobody which payment is meant."""
    county.take_in("dibao_roster.csv")
    report = county.one("dibao_roster.csv", batch_no="02")
    assert {cell.place.row for cell in report.wrong} == {2, 3, 4}
    for cell in report.wrong:
        assert cell.code in {"E_DUE_TWICE", "E_ARREARS_TWICE"}
        assert "批次 rural-dibao-2025-09-01" in cell.message()
        assert "batch rural-dibao-2025-09-01" in cell.message("en")
        assert (cell.column, cell.value) == ("家庭编号", rows_of("dibao_roster.csv")[cell.place.row - 1][4])
        assert not KEYS.search(cell.message().replace("dibao_roster.csv", ""))


TWICE: Final = (
    ("dibao_roster.csv", "月人均补差(元)", "321", "E_KEY_CONFLICT", "月人均补差(元)"),
    ("认捐.csv", "应付日期", "2025-10-01", "E_KEY_CONFLICT", "应付日期"),
    ("票据.csv", "金额", "1.00", "E_KEY_CONFLICT", "金额"),
    ("入库.csv", "仓库", "二号仓", "E_KEY_CONFLICT", "仓库"),
)


@pytest.mark.parametrize(("name", "title", "value", "code", "column"), TWICE)
def test_a_row_that_stands_twice_is_told_where_it_differs(
    county: County, name: str, title: str, value: str, code: str, column: str
) -> None:
    source = ready(county, name)
    second = [*source.grid[1]]
    second[source.grid[0].index(title)] = value
    grid = [*source.grid, second]
    report = county.one(county.write(name, grid))
    (wrong,) = [cell for cell in report.wrong if cell.code == code]
    assert (wrong.place.row, wrong.column) == (len(grid), column)
    assert wrong.value == grid[-1][grid[0].index(column)]


def test_many_rows_of_an_account_that_nobody_knows_are_told_once(county: County) -> None:
    grid = [[*row] for row in rows_of("bank_ccb.csv")]
    for row in grid[1:]:
        row[0] = "43050199990800000000"
    report = county.one(county.write("bank_ccb.csv", grid))
    assert [(cell.place.row, cell.code) for cell in report.wrong] == [(0, "E_ACCOUNT_CHOICE")]
    assert (report.new, len(report.held)) == (0, 3)


FULL_WIDTH: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SPELT: Final = {
    "as it is": lambda text: text,
    "after a mark": lambda text: f"`{text}",
    "with blanks": lambda text: f" {text}　",
    "full width": lambda text: text.translate(FULL_WIDTH),
    "as a formula": lambda text: f'="{text}"',
}


@pytest.mark.parametrize("spelt", SPELT.values(), ids=SPELT)
def test_the_rest_of_a_pledge_waits_for_its_wrong_row(county: County, spelt: Callable[[str], str]) -> None:
    """However the wrong row spells the number."""
    grid = _spoilt(SOURCES["认捐.csv"].grid, SOURCES["认捐.csv"].grid[0].index("认捐日期"), "x")
    grid[1][0] = spelt(grid[1][0])
    report = county.one(county.write("认捐.csv", grid))
    assert [(cell.place.row, cell.code) for cell in report.wrong] == [(2, "E_CELL_DATE")]
    assert [(note.place.row, note.code) for note in report.notes if note.code == "W_ROW_RESTS"] == [(3, "W_ROW_RESTS")]
    assert (report.new, len(report.held)) == (5, 1)


def test_a_change_names_the_columns_and_what_is_recorded(county: County) -> None:
    county.take_in("donation_register.csv")
    grid = [[*row] for row in rows_of("donation_register.csv")]
    grid[1][grid[0].index("捐赠金额(元)")] = "28,560.00"
    (wrong,) = county.one(county.write("登记.csv", grid)).wrong
    assert (wrong.code, wrong.column, wrong.value) == ("E_ROW_CHANGED", "捐赠金额(元)", "28,560.00")
    assert "捐赠金额(元)（已入账：28650.00）" in wrong.message()
    assert "捐赠金额(元) (recorded: 28650.00)" in wrong.message("en")


UNITS: Final = {
    "the column's": ("安排金额(万元)", "51", "", "50"),
    "with decimals": ("安排金额(万元)", "50.0001", "", "50"),
    "written in the header": ("安排金额(元)", "510000", "", "500000.00"),
    "of thousands": ("安排金额(千元)", "510", "", "500"),
    "written above the table": ("安排金额", "51", "单位:万元", "50"),
}


@pytest.mark.parametrize(("title", "now", "above", "recorded"), UNITS.values(), ids=UNITS)
def test_a_recorded_amount_is_told_in_the_unit_of_its_column(
    county: County, title: str, now: str, above: str, recorded: str
) -> None:
    head, _, row, *_ = rows_of("lottery.csv")
    county.take_in("lottery.csv")
    county.sign_off()
    place = head.index("安排金额(万元)")
    assert row[place] == "50.00"
    scaled = {"支付金额(万元)", "累计支付(万元)", "结余(万元)", "执行率"}
    cells = [now if index == place else "" if one in scaled else row[index] for index, one in enumerate(head)]
    titled = [title if index == place else one for index, one in enumerate(head)]
    report = county.one(county.write("福彩.csv", [*([[above]] if above else []), titled, cells]))
    (wrong,) = report.wrong
    assert (wrong.code, wrong.column, wrong.value) == ("E_ROW_CHANGED", title, now)
    assert f"{title}（已入账：{recorded}）" in wrong.message()


@pytest.mark.parametrize(
    ("fen", "unit", "shown"),
    [
        (0, 100, "0.00"),
        (-5, 100, "-0.05"),
        (123_456_700, 1_000_000, "123.4567"),
        (-1, 1_000_000, "-0.000001"),
        (10_000_000, 1_000_000, "10"),
        (7, 1, "7"),
        (1_500_000_000, 10_000_000_000, "0.15"),
    ],
)
def test_an_amount_in_any_unit_loses_nothing(fen: int, unit: int, shown: str) -> None:
    assert in_units(fen, unit) == shown


OUT: Final = (
    # file, row, spoilt cells, the column, what is recorded
    ("bank_ccb.csv", 1, {"借方发生额(支取)": "300,001.00"}, "借方发生额(支取)", "300000.00"),
    ("bank_ccb.csv", 2, {"贷方发生额(收入)": "313.00"}, "贷方发生额(收入)", "312.50"),
    ("bank_rcc.csv", 1, {"借方金额": "2031.00"}, "借方金额", "2030.00"),
    ("bank_rcc.csv", 1, {"借方金额": "0.00", "贷方金额": "5.00"}, "贷方金额", "-2030.00"),
    ("bank_rcc.csv", 2, {"借方金额": "760.00", "贷方金额": "0.00"}, "借方金额", "-760.00"),
)


@pytest.mark.parametrize(("name", "row", "cells", "column", "recorded"), OUT)
def test_an_amount_of_a_statement_is_told_on_its_side(
    county: County, name: str, row: int, cells: dict[str, str], column: str, recorded: str
) -> None:
    """Each side has its column, and no sign; the other side shows 0.00."""
    county.take_in(name)
    county.sign_off()
    grid = [[*one] for one in rows_of(name)]
    for title, text in cells.items():
        grid[row][grid[0].index(title)] = text
    wrong = [cell for cell in county.one(county.write("流水.csv", grid)).wrong if cell.place.row == row + 1]
    assert [(cell.code, cell.column, cell.value) for cell in wrong] == [("E_ROW_CHANGED", column, cells[column])]
    assert f"{column}（已入账：{recorded}）" in wrong[0].message()


def test_an_amount_with_a_flag_is_told_without_a_sign(county: County) -> None:
    head, *rows = rows_of("bank_rcc.csv")
    grid = [[*head[:7], "借贷标志", "交易金额", *head[9:]]]
    for one in rows:
        out = one[7] != "0.00"
        grid.append([*one[:7], "借" if out else "贷", one[7] if out else one[8], *one[9:]])
    assert county.one(county.write("bank_rcc.csv", grid), account="rcc-transit").wrong == []
    county.sign_off()
    grid[1][8] = "2031.00"
    (wrong, *_) = county.one(county.write("bank_rcc再.csv", grid), account="rcc-transit").wrong
    assert (wrong.code, wrong.column, wrong.value) == ("E_ROW_CHANGED", "交易金额", "2031.00")
    assert "交易金额（已入账：2030.00）" in wrong.message()


@pytest.mark.parametrize("now", ["-50.00", "(50.00)", "（50.00）", "−50.00"])
def test_an_amount_below_zero_is_told_as_it_is_recorded(county: County, now: str) -> None:
    """The sign stands in the cell, however it is written; a column of balances has but one side."""
    head, first, *_ = rows_of("bank_ccb.csv")
    balance = head.index("余额")
    for text in ("-30.00", now):
        report = county.one(county.write("bank_ccb.csv", [head, [*first[:balance], text, *first[balance + 1 :]]]))
        county.sign_off()
    (wrong,) = report.wrong
    assert (wrong.code, wrong.column, wrong.value) == ("E_ROW_CHANGED", "余额", now)
    assert "余额（已入账：-30.00）" in wrong.message()


def test_a_note_of_the_voucher_is_told_once_of_the_file(county: County) -> None:
    report = county.one("lottery.csv", note="电话13800138000")
    assert [(cell.place.row, cell.code) for cell in report.wrong] == [(0, "E_TEXT_PERSONAL")]
    assert len(report.held) == 3


@pytest.mark.parametrize(("name", "column"), [("bank_icbc.csv", "交易时间"), ("bank_rcc.csv", "交易日期")])
def test_a_statement_with_a_day_to_come_is_told_at_that_day(county: County, name: str, column: str) -> None:
    """What rests on the statement is not wrong, and comes with the mended file."""
    grid = rows_of(name)
    bad = _spoilt(grid, grid[0].index(column), "2025-12-31")
    report = county.one(county.write(name, bad))
    assert {(cell.place.row, cell.column, cell.value) for cell in report.wrong} == {(2, column, "2025-12-31")}
    assert (report.new, len(report.held)) == (0, 3)
    assert [note.params["rows"] for note in report.notes if note.code == "W_STATEMENT_HELD"] == [3]
    assert county.one(county.write(name, grid)).new == 3


def test_a_result_of_a_day_to_come_is_told_once(county: County) -> None:
    ready(county, "payresult.csv")
    grid = rows_of("payresult.csv")
    bad = _spoilt(grid, grid[0].index("处理日期"), "20251231")
    report = county.one(county.write("payresult.csv", bad))
    assert [(cell.place.row, cell.column, cell.code) for cell in report.wrong] == [(2, "处理日期", "E_FACT_IN_FUTURE")]
    assert report.new == 2


ONE_CELL = [
    ("deaths.csv", 3, "备注", "日期由乡镇核到月"),
    ("bank_icbc.csv", 3, "用途", "示例企业认捐款"),
    ("bank_icbc.csv", 3, "个性化信息", "补充"),
    ("donation_register.csv", 1, "银行流水号或支付单号", "20250905009999"),
]


@pytest.mark.parametrize(("name", "row", "column", "cell"), ONE_CELL, ids=[f"{one[0]}-{one[2]}" for one in ONE_CELL])
def test_a_change_of_one_cell_names_no_other(county: County, name: str, row: int, column: str, cell: str) -> None:
    """Nor whoever the row is about by a whole number."""
    grid = rows_of(name)
    county.one(county.write("一.csv", grid))
    county.sign_off()
    at = grid[0].index(column)
    changed = [[*one[:at], cell, *one[at + 1 :]] if number == row else one for number, one in enumerate(grid)]
    found = county.one(county.write("二.csv", changed))
    assert [(one.place.row, one.code, one.column, one.value) for one in found.wrong] == [
        (row + 1, "E_ROW_CHANGED", column, cell)
    ]
    (wrong,) = found.wrong
    others = [title for title in grid[0] if title != column and title in wrong.message().split("不一致")[1]]
    assert others == []
    assert re.search(r"\d{17}", wrong.message().replace(cell, "")) is None
