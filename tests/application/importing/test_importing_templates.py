"""Templates: Chinese headers, notes, validation, text format; what is filled in comes back as it was."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ledger.application.importing import parse_file, write_template
from ledger.application.importing.fields import types
from ledger.application.importing.kinds.base import Column
from ledger.application.importing.kinds.registry import KINDS as ALL_KINDS
from ledger.application.importing.templates import needed_names, offered_columns, offered_shapes
from ledger.catalogue import remark_class
from ledger.errors import InputError
from tests.application.importing.offices import KINDS, MONTH, facts, keys, parse_grid, sample

FILLED: dict[str, tuple[Any, Any]] = {
    # what a person types, and what must come back
    "text": ("文字", "文字"),
    "name": ("示例甲", "示例甲"),
    "code": ("0000812301", "0000812301"),
    "account": ("6217990000000099930", "6217990000000099930"),
    "id": ("431099194803120016", "431099194803120016"),
    "party": ("91431099MA4L9000XK", "91431099MA4L9000XK"),
    "uscc": ("53431099MJJ9000023", "53431099MJJ9000023"),
    "money": (0, 0),
    "count": (1, 1),
    "quantity": (1, 1000),
    "rate": ("73.7%", 737_000),
    "day": (date(2025, 9, 5), date(2025, 9, 5)),
    "month": ("2025-09", "2025-09"),
    "months": ("2025-03至2025-08", ("2025-03", "2025-08")),
    "moment": ("2025-09-05 20:11:09", "2025-09-05T20:11:09+08:00"),
    "yes_no": ("是", True),
}
CHOSEN = {
    "business_type": "交易",
    "trade_state": "SUCCESS",
    "direction": {**dict.fromkeys(ALL_KINDS, "收入"), "lottery": "扶老"},
    "result": {"doubts": "属实", "pay-result": "成功"},
    "state": {"e-receipts": "正常", "rectification": "整改中"},
    "quarter": {},
    "currency": "CNY",
    "difference_milli": "0",
}
# Fields that a finished row names differently, because its cells are put together.
COMPOSED = {"moment", "months", "died_on", "moved_fen", "fail_class"}


def cell_for(kind: str, column: Column) -> Any:
    chosen = CHOSEN.get(column.name)
    if chosen is not None:
        return (
            chosen[kind] if isinstance(chosen, dict) and kind in chosen else chosen if isinstance(chosen, str) else None
        )
    return column.choices[0] if column.choices and column.type is types.TEXT else filled(kind, column)[0]


def filled(kind: str, column: Column) -> tuple[Any, Any]:
    """What is typed and what is read: where an amount must be one, it is one yuan, and otherwise none."""
    if column.least == 1 or (kind, column.name) == ("donation-register", "amount_fen"):
        return "1.00", 100
    return FILLED[column.type.name]


BESIDE = {"rectification": ["认定人", "答复期(天)", "关联疑点编号或认定文书号"]}
"""Columns that a template offers behind those of the office's own file."""


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_filled_template_comes_back_as_it_was_typed(kind: str, tmp_path: Path) -> None:
    path = write_template(kind, tmp_path / f"{kind}.xlsx")
    book = load_workbook(path)
    shapes = offered_shapes(ALL_KINDS[kind])
    for sheet, shape in zip(book.worksheets, shapes, strict=False):
        for index, column in enumerate(offered_columns(shape), 1):
            sheet.cell(2, index, cell_for(kind, column))
    book.save(path)
    parsed = parse_file(path, month=MONTH)
    assert (parsed.kind, parsed.wrong) == (kind, ())
    assert len(parsed.rows) == len(shapes)
    for row, shape in zip(parsed.rows, shapes, strict=True):
        for column in offered_columns(shape):
            if column.name not in COMPOSED and column.name not in CHOSEN and not column.choices:
                assert row.values[column.name] == filled(kind, column)[1], column.name


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_an_empty_template_has_no_rows_and_no_faults(kind: str, tmp_path: Path) -> None:
    parsed = parse_file(write_template(kind, tmp_path / "a.xlsx"), kind)
    assert (parsed.kind, parsed.rows, parsed.wrong) == (kind, (), ())
    assert [(note.code, remark_class(note.code)) for note in parsed.notes] == [("W_SHEET_NOTES", "routine")]


@pytest.mark.parametrize(
    ("kind", "said"), [("mutual-aid", "--month"), ("pledges", "捐赠登记表"), ("roster", "--month")]
)
def test_a_template_says_what_no_column_can(kind: str, said: str, tmp_path: Path) -> None:
    notes = load_workbook(write_template(kind, tmp_path / "a.xlsx"))["填写说明"]
    assert any(said in str(row[0].value) for row in notes.iter_rows(max_row=4))


MORE = {"dibao_roster": ["新增原因", "保障类型"], "payfile": ["代发银行"], "payresult": ["代发银行"]}
"""What a template offers beside the columns of the offices' own file."""


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind != "bank-statement"))
def test_a_sample_typed_into_its_template_gives_equal_rows_and_keys(name: str, tmp_path: Path) -> None:
    path = write_template(KINDS[name], tmp_path / "a.xlsx")
    book = load_workbook(path)
    for row in sample(name)[1:]:
        book.worksheets[0].append(row)
    book.save(path)
    plain, filled = parse_grid(sample(name), month=MONTH), parse_file(path, month=MONTH)
    heads = [cell.value for cell in load_workbook(path).worksheets[0][1]]
    known = len(sample(name)[0])
    more = MORE.get(name, []) + BESIDE.get(KINDS[name], [])
    assert (heads[:known], heads[known:]) == (sample(name)[0], more)
    assert (facts(filled), keys(filled)) == (facts(plain), keys(plain))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_headers_carry_notes_and_number_columns_are_text(kind: str, tmp_path: Path) -> None:
    book = load_workbook(write_template(kind, tmp_path / "a.xlsx"))
    assert book.sheetnames[-1] == "填写说明"
    for sheet, shape in zip(book.worksheets, offered_shapes(ALL_KINDS[kind]), strict=False):
        must = needed_names(shape)
        for index, column in enumerate(offered_columns(shape), 1):
            head = sheet.cell(1, index)
            assert head.value == column.headers[0]
            assert head.comment is not None
            assert ("必填" in head.comment.text) == (column.name in must)
            if column.type in {types.ACCOUNT, types.CODE, types.ID_NUMBER, types.ID_OR_MASK, types.PARTY_NUMBER}:
                assert sheet.column_dimensions[head.column_letter].number_format == "@"
        listed = {str(rule.sqref).split(":", maxsplit=1)[0] for rule in sheet.data_validations.dataValidation}
        expected = {f"{sheet.cell(1, i).column_letter}2" for i, c in enumerate(offered_columns(shape), 1) if c.choices}
        assert expected <= listed
        assert sheet.freeze_panes == "A2"
    notes = [cell.value for row in book.worksheets[-1].iter_rows() for cell in row]
    for shape in offered_shapes(ALL_KINDS[kind]):
        assert {column.headers[0] for column in offered_columns(shape)} <= set(notes)


def test_a_template_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = write_template("roster", tmp_path / "a.xlsx")
    for target, code in ((path, "E_TEMPLATE_EXISTS"), (tmp_path / "a.csv", "E_TEMPLATE_NAME")):
        with pytest.raises(InputError) as raised:
            write_template("roster", target)
        assert raised.value.code == code
    with pytest.raises(InputError) as raised:
        write_template("payroll", tmp_path / "b.xlsx")
    assert raised.value.code == "E_KIND_NAME"
