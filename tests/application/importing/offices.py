"""How offices write and spoil files: one grid of text in every format, and the dirt that is found around it.

It holds no tests; a grid is the header line followed by the rows, as in the demo's sample files.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlwt
from openpyxl import Workbook

from ledger.application.importing import ParsedFile, parse_file, row_key

Grid = list[list[str]]
SAMPLES = Path(__file__).parents[3] / "api" / "ledger_api" / "demo" / "inputs"
KINDS = {
    "alipay_trade": "alipay-trade",
    "bank_abc": "bank-statement",
    "bank_ccb": "bank-statement",
    "bank_icbc": "bank-statement",
    "bank_rcc": "bank-statement",
    "deaths": "deaths",
    "dibao_roster": "roster",
    "donation_register": "donation-register",
    "doubts": "doubts",
    "lottery": "lottery",
    "mutual_aid": "mutual-aid",
    "payfile": "pay-file",
    "payresult": "pay-result",
    "recoveries": "recoveries",
    "rectification": "rectification",
    "wechat_fund": "wechat-fund",
    "wechat_trade": "wechat-trade",
}
MONTH = "2025-09"


def sample(name: str) -> Grid:
    """A sample file as a grid, back-ticks and all."""
    with (SAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def delimited(grid: Grid, delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(grid)
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """An xlsx with the cells as they are given: text, numbers, dates."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def old_workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """An xls (BIFF 8) with the cells as they are given."""
    book = xlwt.Workbook(encoding="utf-8")
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if cell != "":
                    sheet.write(y, x, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def html(grid: Grid, *, charset: str = "gb2312") -> bytes:
    """The page that a bank's web site sends under the name .xls; end tags of cells are often missing."""
    rows = "".join(
        "<tr>" + "".join(f"<td style='mso-number-format:\"\\@\"'>{_escaped(cell)}" for cell in row) + "</tr>\n"
        for row in grid
    )
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
        f"<style>td {{ border: 1 }}</style></head><body><table>{rows}</table></body></html>"
    )
    return page.encode("gb18030" if charset.startswith("gb") else charset)


def _escaped(cell: str) -> str:
    return cell.replace("&", "&amp;").replace("<", "&lt;") or "&nbsp;"


def as_numbers(grid: Grid) -> list[list[object]]:
    """The grid as a spreadsheet keeps it once somebody has typed it: short plain figures become numbers."""
    plain = re.compile(r"-?(0|[1-9]\d{0,9})(\.\d{1,2})?$")
    return [
        [float(cell) if plain.match(cell) else cell for cell in row] if number else list[object](row)
        for number, row in enumerate(grid)
    ]


FORMATS: dict[str, tuple[str, Callable[[Grid], bytes]]] = {
    "utf-8": ("a.csv", lambda grid: delimited(grid).encode()),
    "utf-8-bom": ("a.csv", lambda grid: delimited(grid).encode("utf-8-sig")),
    "gb18030": ("a.csv", lambda grid: delimited(grid).encode("gb18030")),
    "utf-16": ("a.csv", lambda grid: delimited(grid).encode("utf-16")),
    "utf-16-without-bom": ("a.csv", lambda grid: delimited(grid).encode("utf-16-le")),
    "bars": ("a.txt", lambda grid: delimited(grid, "|").encode("gb18030")),
    "tabs-named-xls": ("a.xls", lambda grid: delimited(grid, "\t").encode("utf-16")),
    "semicolons": ("a.csv", lambda grid: delimited(grid, ";").encode()),
    "zip": ("a.zip", lambda grid: zipped({"账单/明细.csv": delimited(grid).encode("gb18030")})),
    "xlsx-of-text": ("a.xlsx", lambda grid: workbook({"Sheet1": [list(row) for row in grid]})),
    "xlsx-of-numbers": ("a.xlsx", lambda grid: workbook({"Sheet1": as_numbers(grid)})),
    "xlsx-named-xls": ("a.xls", lambda grid: workbook({"Sheet1": [list(row) for row in grid]})),
    "xls": ("a.xls", lambda grid: old_workbook({"Sheet1": [list(row) for row in grid]})),
    "xls-of-numbers": ("a.et", lambda grid: old_workbook({"Sheet1": as_numbers(grid)})),
    "html": ("a.xls", html),
    "html-utf-8": ("a.htm", lambda grid: html(grid, charset="utf-8")),
}


def with_titles(grid: Grid) -> Grid:
    """A merged title, a line with the seal and the unit, an empty line."""
    return [["示例县2025年9月资金明细表"], ["单位(盖章)：示例县民政局", "", "单位：元"], [], *grid]


def with_two_line_header(grid: Grid) -> Grid:
    """Headers with a unit, such as 金额(元), on two lines: the name above, the unit below."""
    upper, lower = [], []
    for title in grid[0]:
        found = re.match(r"(.+?)(\((?:元|万元)\))$", title)
        upper.append(found[1] if found else "")
        lower.append(found[2] if found else title)
    return [upper, lower, *grid[1:]]


def with_signatures(grid: Grid) -> Grid:
    """What stands under a list: who made and checked it, and the page."""
    return [*grid, [], ["制表人：示例甲", "", "审核：示例乙", "负责人：示例丙"], ["第1页 共1页"]]


def with_full_width(grid: Grid) -> Grid:
    """Headers with full-width parentheses; figures in full-width digits."""
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    head = [title.replace("(", "（").replace(")", "）") for title in grid[0]]
    figure = re.compile(r"\d{1,9}\.\d\d$")
    return [head, *([cell.translate(wide) if figure.match(cell) else cell for cell in row] for row in grid[1:])]


def with_back_ticks(grid: Grid) -> Grid:
    return [grid[0], *(["`" + cell.lstrip("`") for cell in row] for row in grid[1:])]


def with_padding(grid: Grid) -> Grid:
    """Alipay's way: tabs behind every cell, and blanks."""
    return [[cell + "\t" for cell in grid[0]], *([f" {cell}\t " for cell in row] for row in grid[1:])]


def with_apostrophes(grid: Grid) -> Grid:
    return [grid[0], *(["'" + cell if cell[:1].isdigit() else cell for cell in row] for row in grid[1:])]


def with_comments(grid: Grid) -> Grid:
    return [
        ["#明细查询"],
        ["#起始日期：[2025年09月01日 00:00:00]   终止日期：[2025年09月30日 23:59:59]"],
        *grid,
        ["#导出完毕"],
    ]


def with_repeated_header(grid: Grid) -> Grid:
    return [*grid[:2], grid[0], *grid[2:]]


def with_empty_lines(grid: Grid) -> Grid:
    return [[], *grid[:2], [], *grid[2:], [], []]


def with_columns_turned(grid: Grid) -> Grid:
    return [row[::-1] for row in grid]


DIRT: dict[str, Callable[[Grid], Grid]] = {
    "titles": with_titles,
    "two-line header": with_two_line_header,
    "signatures": with_signatures,
    "full-width": with_full_width,
    "back-ticks": with_back_ticks,
    "padding": with_padding,
    "apostrophes": with_apostrophes,
    "comments": with_comments,
    "repeated header": with_repeated_header,
    "empty lines": with_empty_lines,
    "columns in another order": with_columns_turned,
}


def keys(parsed: ParsedFile) -> list[str]:
    return [row_key(parsed.kind, row, row.ordinal) for row in parsed.rows]


def facts(parsed: ParsedFile) -> list[dict[str, object]]:
    """What the rows say, in a form that can be compared."""
    return [dict(row.values) for row in parsed.rows]


def parse_grid(grid: Grid, name: str = "a.csv", kind: str | None = None, month: str | None = None) -> ParsedFile:
    return parse_file(delimited(grid).encode(), kind, name=name, month=month)


def changed(grid: Grid, row: int, header: str, value: str) -> Grid:
    """The grid with one cell changed; rows count from 1 as data rows."""
    column = grid[0].index(header)
    copy = [list(line) for line in grid]
    copy[row][column] = value
    return copy


def wrong_codes(parsed: ParsedFile) -> list[tuple[int, str, str]]:
    """(row, column, code) of every wrong cell."""
    return [(cell.place.row, cell.column, cell.code) for cell in parsed.wrong]


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
