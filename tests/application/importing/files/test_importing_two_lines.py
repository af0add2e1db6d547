"""Headers on two lines of which the lower one holds only the parts' names: 户主 over 姓名 and 身份证号."""

import pytest
from openpyxl import Workbook

from ledger.application.importing import ParsedFile, parse_file
from tests.application.importing.offices import MONTH, Grid, delimited, facts, parse_grid, sample, saved

Group = tuple[str, dict[str, str]]
HEAD: Group = ("户主", {"户主姓名": "姓名", "户主身份证号": "身份证号"})
PAYEE: Group = ("领款人", {"领款人姓名": "姓名", "领款人身份证号": "身份证号"})
CLASSES: Group = ("分类施保", {"分类施保人数": "人数", "分类施保金(元)": "金额(元)"})
INTENT, PURPOSE = "捐赠意向", "指定项目或受益人"
MEANT: Group = (INTENT, {INTENT: "类别", PURPOSE: "项目"})
MEANT_IN_FULL: Group = (INTENT, {INTENT: "类别", PURPOSE: PURPOSE})
OTHER: Group = ("对方", {"对方账号": "账号", "对方户名": "户名"})
CASES: list[tuple[str, list[Group]]] = [
    ("dibao_roster", [HEAD]),
    ("dibao_roster", [PAYEE]),
    ("dibao_roster", [CLASSES]),
    ("dibao_roster", [HEAD, CLASSES, PAYEE]),
    ("deaths", [("死亡", {"死亡日期": "日期"}), ("注销或火化", {"注销或火化日期": "日期"})]),
    ("bank_abc", [OTHER]),
    ("bank_rcc", [OTHER]),
    ("donation_register", [MEANT]),
    ("donation_register", [MEANT_IN_FULL]),
    ("payresult", [("处理", {"处理结果": "结果", "处理日期": "日期"})]),
]


def beside(grid: Grid, groups: list[Group]) -> Grid:
    """The grid with the columns of each group side by side."""
    order = list(grid[0])
    for _, parts in groups:
        first, *others = parts
        order = [title for title in order if title not in others]
        order[order.index(first) + 1 : order.index(first) + 1] = others
    return [[row[grid[0].index(title)] for title in order] for row in grid]


def two_lines(grid: Grid, groups: list[Group]) -> Grid:
    upper, lower = list(grid[0]), [""] * len(grid[0])
    for title, parts in groups:
        for number, (name, part) in enumerate(parts.items()):
            at = grid[0].index(name)
            upper[at], lower[at] = "" if number else title, part
    return [upper, lower, *grid[1:]]


def book(grid: Grid, titles: Grid, groups: list[Group], head: list[str], *, merge: bool) -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    for row in (*titles, *grid):
        sheet.append([cell or None for cell in row])
    top = len(titles) + 1
    for title, parts in groups if merge else ():
        at = grid[0].index(title) + 1
        sheet.merge_cells(start_row=top, start_column=at, end_row=top, end_column=at + len(parts) - 1)
    for at in range(1, len(head) + 1) if merge else ():
        if not grid[1][at - 1]:
            sheet.merge_cells(start_row=top, start_column=at, end_row=top + 1, end_column=at)
    return saved(made)


@pytest.mark.parametrize("titled", [True, False])
@pytest.mark.parametrize("form", ["csv", "xlsx", "merged"])
@pytest.mark.parametrize(("name", "groups"), CASES)
def test_names_and_parts_on_two_lines_are_one_header(
    name: str, groups: list[Group], form: str, *, titled: bool
) -> None:
    plain = beside(sample(name), groups)
    titles: Grid = [["示例县2025年9月明细表"], ["单位(盖章)：示例县民政局", "", "单位：元"]] if titled else []
    grid = two_lines(plain, groups)
    if form == "csv":
        parsed = parse_file(delimited([*titles, *grid]).encode(), name="a.csv", month=MONTH)
    else:
        data = book(grid, titles, groups, plain[0], merge=form == "merged")
        parsed = parse_file(data, name="a.xlsx", month=MONTH)
    assert parsed.wrong == ()
    assert facts(parsed) == facts(parse_grid(plain, month=MONTH))
    assert not codes(parsed) & {"W_COLUMN_TWICE", "W_IDENTITY_UNREAD"}


def codes(parsed: ParsedFile) -> set[str]:
    return {note.code for note in parsed.notes}


def test_a_part_that_nobody_knows_is_not_read_as_its_group() -> None:
    """户主 over 联系人 and 姓名: no phone number is the householder's name, and the unknown part is told."""
    grid = sample("dibao_roster")
    at = grid[0].index("户主姓名")
    spread = two_lines([[*row[:at], "甲" if number else "户主电台", *row[at:]] for number, row in enumerate(grid)], [])
    spread[0][at : at + 3] = ["户主", "", ""]
    spread[1][at : at + 3] = ["电台", "姓名", "身份证号"]
    parsed = parse_grid(spread, month=MONTH)
    assert [row.values["head_name"] for row in parsed.rows] == [row[at] for row in grid[1:]]
    assert "W_COLUMNS_UNKNOWN" in codes(parsed)


@pytest.mark.parametrize("parts", [("说明", "项目"), ("项目", "项目"), ("说明", "内容")])
@pytest.mark.parametrize("merge", [True, False])
def test_parts_that_may_mean_several_things_stay_refused(parts: tuple[str, str], *, merge: bool) -> None:
    """The upper line names all that a register needs, so the lower one is a row without a day, a donor and an amount:
    nothing is posted until somebody says what the parts are.
    """
    plain = sample("donation_register")
    groups: list[Group] = [(INTENT, dict(zip((INTENT, PURPOSE), parts, strict=True)))]
    parsed = parse_file(book(two_lines(plain, groups), [], groups, plain[0], merge=merge), name="a.xlsx", month=MONTH)
    assert {(cell.place.row, cell.code) for cell in parsed.wrong} == {(2, "E_CELL_MISSING")}


def test_a_unit_over_the_parts_is_theirs() -> None:
    grid = sample("dibao_roster")
    plain = parse_grid(grid, month=MONTH)
    spread = two_lines(grid, [CLASSES])
    at = grid[0].index("分类施保人数")
    spread[0][at], spread[1][at + 1] = "分类施保(元)", "金额"
    assert facts(parse_grid(spread, month=MONTH)) == facts(plain)


def test_two_columns_of_one_name_are_told() -> None:
    """户主 and 领款人 on no line at all: the second pair is not read, and is not lost without a word."""
    grid = sample("dibao_roster")
    grid[0][grid[0].index("领款人身份证号")] = "户主身份证号"
    told = [note for note in parse_grid(grid, month=MONTH).notes if note.code == "W_COLUMN_TWICE"]
    assert [(note.params["column"], note.params["read"]) for note in told] == [("户主身份证号", "户主身份证号")]
    assert told[0].params["letter"] != told[0].params["read_letter"]


@pytest.mark.parametrize("title", ["", "号码", "经办人证件号"])
def test_a_column_of_id_numbers_that_is_not_read_is_told(title: str) -> None:
    grid = sample("dibao_roster")
    grid[0][grid[0].index("户主身份证号")] = title
    notes = parse_grid(grid, month=MONTH).notes
    assert [note.params["columns"][:1] for note in notes if note.code == "W_IDENTITY_UNREAD"] == ["H"]
