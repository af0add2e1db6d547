"""Empty Excel files for each kind: Chinese headers, notes, drop-down lists, text format where digits must not be lost.

What is filled into a template is read by `parse_file` without any further word.
"""

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from ledger.application.importing.fields.types import COUNT, DAY, ID_NUMBER, MONEY, YES_NO
from ledger.application.importing.kinds.base import Column, FileKind, Shape
from ledger.application.importing.kinds.registry import kind_named
from ledger.application.importing.recognising.added import NOTES_SHEET
from ledger.application.importing.sheet_cells import mark_header, offered
from ledger.application.importing.tables import column_letter
from ledger.errors import InputError

_LAST_ROW = 1_048_576
_NEEDED_FILL = PatternFill("solid", fgColor="FFF2CC")
_OPTIONAL_FILL = PatternFill("solid", fgColor="DDEBF7")
_NOTES_HEADS = ("列名", "是否必填", "怎样填写", "可选内容", "说明")
_COLUMN_CHARACTERS_MIN, _COLUMN_CHARACTERS_MAX = 10, 26
# Columns that only other programs write; a person who fills in a template needs one way to say a thing.
_UNOFFERED = {"flag", "flag_amount", "acceptors", "counters"}


def write_template(kind: str, path: Path | str) -> Path:
    """Writes the template of a kind as .xlsx and returns its path.

    Raises `E_KIND_NAME`, `E_TEMPLATE_NAME` when the name does not end in .xlsx, `E_TEMPLATE_EXISTS` rather than
    writing over a file that somebody may have filled in.
    """
    target, described = Path(path), kind_named(kind)
    if target.suffix.lower() != ".xlsx":
        raise InputError("E_TEMPLATE_NAME", file=target.name)
    if target.exists():
        raise InputError("E_TEMPLATE_EXISTS", file=target.name)
    template_of(described).save(target)
    return target


def template_of(described: FileKind) -> Workbook:
    """The template of a kind."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for shape in offered_shapes(described):
        _write_sheet(book.create_sheet(shape.title_zh or described.title_zh), shape)
    _write_notes(book.create_sheet(NOTES_SHEET), described)
    return book


def offered_shapes(kind: FileKind) -> tuple[Shape, ...]:
    """The shapes a person may fill in: of the banks' shapes only the common one, of goods all three."""
    return kind.shapes[-1:] if kind.name == "bank-statement" else kind.shapes


def offered_columns(shape: Shape) -> tuple[Column, ...]:
    """The columns of a template."""
    return tuple(column for column in shape.columns if column.name not in _UNOFFERED)


def _write_sheet(sheet: Any, shape: Shape) -> None:
    must = needed_names(shape)
    for index, column in enumerate(offered_columns(shape)):
        letter, head = column_letter(index), sheet.cell(1, index + 1, column.headers[0])
        mark_header(head, _NEEDED_FILL if column.name in must else _OPTIONAL_FILL)
        head.comment = Comment(_comment(column, needed=column.name in must), "模板")
        dimension = sheet.column_dimensions[letter]
        dimension.number_format = column.type.number_format
        dimension.width = min(max(2 * len(column.headers[0]) + 2, _COLUMN_CHARACTERS_MIN), _COLUMN_CHARACTERS_MAX)
        validation = _validation(column)
        if validation is not None:
            validation.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.add_data_validation(validation)
    sheet.freeze_panes = "A2"


def needed_names(shape: Shape) -> set[str]:
    """The fields a template marks as needed: the first offered one of each group."""
    offered = [column.name for column in offered_columns(shape)]
    return {next((name for name in offered if name in group), "") for group in shape.groups()}


def _comment(column: Column, *, needed: bool) -> str:
    lines = ["必填" if needed else "选填", column.type.hint_zh]
    if column.choices:
        lines.append("可填：" + "、".join(column.choices))
    return "\n".join([*lines, column.note] if column.note else lines)


def _validation(column: Column) -> DataValidation | None:
    """What Excel itself refuses; a list only where nothing else can be right."""
    if column.type is YES_NO:
        rule = DataValidation("list", formula1='"是,否"', allow_blank=True)
    elif column.choices:
        rule = offered(column.choices)
    elif column.type is MONEY:
        rule = DataValidation("decimal", "between", "-90000000000000", "90000000000000", allow_blank=True)
    elif column.type is COUNT:
        rule = DataValidation("whole", "greaterThanOrEqual", "0", allow_blank=True)
    elif column.type is DAY:
        rule = DataValidation("date", "between", "DATE(1900,1,1)", "DATE(2099,12,31)", allow_blank=True)
    elif column.type is ID_NUMBER:
        rule = DataValidation("textLength", "equal", "18", allow_blank=True)
    else:
        return None
    rule.errorTitle, rule.error = column.headers[0][:32], column.type.hint_zh
    rule.showErrorMessage = True
    return rule


def _write_notes(sheet: Any, kind: FileKind) -> None:
    sheet.append([f"{kind.title_zh} · {NOTES_SHEET}"])
    sheet.append(["从第2行起逐行填写，不要合并单元格，不要改表头；黄色为必填。小计、合计行可以有，会核对但不导入。"])
    if kind.needs_month:
        sheet.append(["导入时用 --month 写明属于哪个月，如 --month 2025-09；也可以在表头上面加一行写明年月的标题。"])
    for hint in kind.hints:
        sheet.append([hint])
    for shape in offered_shapes(kind):
        sheet.append([])
        if shape.title_zh:
            sheet.append([f"工作表：{shape.title_zh}"])
        sheet.append(list(_NOTES_HEADS))
        must = needed_names(shape)
        for column in offered_columns(shape):
            needed = "必填" if column.name in must else "选填"
            sheet.append([column.headers[0], needed, column.type.hint_zh, "、".join(column.choices), column.note])
    for letter, width in zip("ABCDE", (30, 10, 46, 40, 30), strict=True):
        sheet.column_dimensions[letter].width = width
