"""Check sheets (疑点核查表): the workbook that goes out to a township with its doubts, and comes back with answers.

Above the header stand the number of the issue, the township, the day and the term; by them, and by the numbers that
this book gives to its doubts, a returned sheet is told from a list of doubts that somebody else drew up.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, PatternFill

from ledger.application.importing.fields.types import DAY, MONEY
from ledger.application.importing.kinds.oversight import DOUBTS, REASONS
from ledger.application.importing.recognising.titles import Titles
from ledger.application.importing.sheet_cells import mark_header, offered, write_text
from ledger.application.importing.tables import column_letter
from ledger.errors import InputError
from ledger.values.dates import parse_day

UNSTATED: Final = "未注明"
"""What stands in a needed cell of which the book knows nothing: a doubt without a test, a person who was erased."""
WITHHELD: Final = "限制使用"
"""What stands for the name of a person whose use is restricted, where whoever gives the sheet out may not read it."""
_RESTRICTED: Final = "该人资料已限制使用(个人信息保护法第四十七条):只用于这条疑点的核查,不得另作他用。"
_RESTRICTED_TOLD: Final = "有{many}人的资料已限制使用,见姓名格的批注。"
_OWN_NUMBER: Final = re.compile(r"YD\d{8}-T\d{2}-[A-Z2-7]{10}", re.ASCII)
_OWN_CHARACTERS: Final = 10
_SIGNS: Final = {
    "number": re.compile(r"下发编号\s*:\s*(\S+)"),
    "township": re.compile(r"下发乡镇\s*:\s*(.+?)\s*$"),
    "on": re.compile(r"下发日期\s*:\s*(\d{4}-\d{2}-\d{2})"),
    "due_on": re.compile(r"反馈期限\s*:\s*(\d{4}-\d{2}-\d{2})"),
}
_GIVEN_FILL: Final = PatternFill("solid", fgColor="EDEDED")
_ANSWER_FILL: Final = PatternFill("solid", fgColor="FFF2CC")
_HEADER_ROW: Final = 4
_ANSWERS: Final = "result"
_WIDE: Final = frozenset({"doubt_no", "id_number", "description", "evidence"})
_NOTE: Final = "灰色各列为下发内容,不要改动;黄色各列由核查人填写。不属实须填原因分类和佐证材料,两名核查人签名。"


@dataclass(frozen=True, slots=True)
class Issue:
    """One sheet that was given out: its number, to which township (None: the doubts name none), when, until when.

    `on` is None where the sheet no longer says a day on which it was given out.
    """

    number: str
    township: str | None
    on: date | None
    due_on: date | None


def is_own_number(number: str) -> bool:
    """Whether a doubt's number is one that this program gives."""
    return _OWN_NUMBER.fullmatch(number) is not None


def own_number(cut_off_on: date, test: str, reference: str) -> str:
    """The number of a doubt: the day of its data, the test (T and two digits), and what tells it from others."""
    return f"YD{cut_off_on:%Y%m%d}-{test}-{reference[:_OWN_CHARACTERS].upper()}"


def issue_of(titles: Titles) -> Issue | None:
    """The issue that the lines above a header name; None where they name none."""
    said: dict[str, str] = {}
    for line in titles.lines:
        for name, sign in _SIGNS.items():
            if (found := sign.search(line)) is not None:
                said.setdefault(name, found[1])
    if "number" not in said:
        return None
    township = said.get("township")
    days = (_day(said.get("on")), _day(said.get("due_on")))
    return Issue(said["number"], None if township in (None, UNSTATED) else township, *days)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else parse_day(text)
    except InputError:
        return None


def write_check_sheet(
    file: IO[bytes], issue: Issue, rows: Sequence[Mapping[str, Any]], restricted: Collection[int] = ()
) -> None:
    """Write the workbook of one township. `rows` give the issued fields of `kinds.oversight.DOUBTS` by name; months as
    (first, last), money in fen. The rows with the places `restricted` are of persons whose use is restricted.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "疑点核查表"
    told = _NOTE + _RESTRICTED_TOLD.format(many=len(restricted)) if restricted else _NOTE
    sheet.append([f"疑点核查表({issue.township or UNSTATED})", None, told])
    sheet.append([f"下发乡镇：{issue.township or UNSTATED}"])
    due = None if issue.due_on is None else f"反馈期限：{issue.due_on.isoformat()}"
    sheet.append([f"下发编号：{issue.number}", None, f"下发日期：{issue.on or UNSTATED}", None, due, None, "单位：元"])
    columns = DOUBTS.shapes[0].columns
    answers = [column.name for column in columns].index(_ANSWERS)
    for index, column in enumerate(columns):
        head = sheet.cell(_HEADER_ROW, index + 1, column.headers[0])
        mark_header(head, _GIVEN_FILL if index < answers else _ANSWER_FILL)
        sheet.column_dimensions[column_letter(index)].width = 26 if column.name in _WIDE else 14
    for number, row in enumerate(rows, _HEADER_ROW + 1):
        for index, column in enumerate(columns):
            cell, value = sheet.cell(number, index + 1), _cell(column.name, row)
            if isinstance(value, str):
                write_text(cell, value)
            else:
                cell.value = value
            cell.number_format = column.type.number_format
            if column.type in (DAY, MONEY) and index < answers:
                cell.alignment = Alignment(horizontal="right")
    of_name = [column.name for column in columns].index("name") + 1
    for at in restricted:
        sheet.cell(_HEADER_ROW + 1 + at, of_name).comment = Comment(_RESTRICTED, "charity-ledger")
    last = _HEADER_ROW + len(rows)
    for name, words in (("result", columns[answers].choices), ("reason_class", REASONS)):
        place = column_letter([column.name for column in columns].index(name))
        rule = offered(words)
        rule.add(f"{place}{_HEADER_ROW + 1}:{place}{last}")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = f"B{_HEADER_ROW + 1}"
    book.save(file)


def _cell(name: str, row: Mapping[str, Any]) -> Any:
    value = row.get(name)
    if value is None:
        return None
    if name == "months":
        first, last = value
        return first if first == last else f"{first}至{last}"
    return Decimal(value) / 100 if name.endswith("_fen") else value
