"""A corrected row of the recovery register is told as a change: nothing is claimed or collected a second time."""

from typing import Any

import pytest

from tests.application.proposing.county import County
from tests.application.proposing.redress.test_matters_of_a_document import SPRING, due, matters, take

OWN = due(500, 200, **SPRING, 缴款凭证号="票0001")
OTHER = due(90, **SPRING, 姓名="示例乙", 身份证号="")
NUMBER = {"身份证号": "431099194803120024"}

CORRECTED: list[tuple[str, dict[str, str], list[dict[str, str]], str]] = [
    # what was mended, the cells, the file's other rows, the column at fault
    ("the number", NUMBER, [], "身份证号"),
    ("the number, beside another matter", NUMBER, [OTHER], "身份证号"),
    ("the number was left out", {"身份证号": ""}, [], "身份证号"),
    ("the number and the name, with the receipt", {**NUMBER, "姓名": "示例丙"}, [], "身份证号"),
    ("the number and the name, beside a known matter", {**NUMBER, "姓名": "示例丙"}, [OTHER], "身份证号"),
    ("the paper", {"认定文书号": "示民核〔2025〕13号"}, [], "认定文书号"),
    ("the paper was left out", {"认定文书号": ""}, [OTHER], "认定文书号"),
    ("the programme", {"救助类别": "城市低保"}, [], "救助类别"),
]


def told(report: Any) -> list[tuple[int, str, str]]:
    return [(one.place.row, one.column, one.code) for one in report.wrong]


@pytest.mark.parametrize(("what", "cells", "others", "column"), CORRECTED, ids=[one[0] for one in CORRECTED])
def test_a_corrected_row_is_a_change(
    county: County, what: str, cells: dict[str, str], others: list[dict[str, str]], column: str
) -> None:
    take(county, "九月", OWN, *others)
    before, size = matters(county), county.size()
    report = take(county, "改", {**OWN, **cells}, *others)
    assert told(report) == [(2, column, "E_ROW_CHANGED")], what
    assert (report.new, matters(county), county.size()) == (0, before, size)


ANOTHER: list[tuple[str, dict[str, str]]] = [
    ("somebody else of the same sum", {**NUMBER, "姓名": "示例丙", "缴款凭证号": ""}),
    ("other months", {"违规起月": "2025-06", "违规止月": "2025-07"}),
    ("another wrong under another paper", {"认定文书号": "示民核〔2025〕32号", "违规情形": "收入超标"}),
    ("another sum of a namesake", {**NUMBER, **due(300)}),
]


@pytest.mark.parametrize(("what", "cells"), ANOTHER, ids=[one[0] for one in ANOTHER])
def test_what_differs_in_more_is_another_matter(county: County, what: str, cells: dict[str, str]) -> None:
    take(county, "九月", OWN)
    report = take(county, "又", {**OWN, **cells})
    assert (report.new, told(report)) == (1, []), what
    assert len(matters(county)) == 2


def test_two_matters_that_stand_in_one_file_are_two(county: County) -> None:
    take(county, "九月", OWN)
    both = [OWN, {**OWN, **NUMBER, "缴款凭证号": "票0002"}]
    report = take(county, "十月", *both)
    assert (report.new, report.duplicate, told(report), report.notes) == (1, 1, [], report.notes)
    assert "W_RECOVERY_RECEIPT" not in {one.code for one in report.notes}
    assert len(matters(county)) == 2


def test_a_receipt_that_two_matters_name_is_told_once(county: County) -> None:
    rows = [OWN, {**OTHER, **due(90, 90), "缴款凭证号": "票0001"}]
    report = take(county, "九月", *rows)
    notes = [(one.place.row, one.params["rows"]) for one in report.notes if one.code == "W_RECOVERY_RECEIPT"]
    assert (report.new, notes) == (2, [(2, "3"), (3, "2")])
    assert "票0001" in next(one for one in report.notes if one.code == "W_RECOVERY_RECEIPT").message()
    again = take(county, "再", *rows)
    assert [one.code for one in again.notes if one.code == "W_RECOVERY_RECEIPT"] == []


def test_a_receipt_that_another_file_named_is_told(county: County) -> None:
    take(county, "九月", OWN)
    report = take(county, "十月", OWN, {**OTHER, **due(90, 90), "缴款凭证号": "票0001"})
    (note,) = [one for one in report.notes if one.code.startswith("W_RECOVERY_RECEIPT")]
    assert (note.place.row, note.code) == (3, "W_RECOVERY_RECEIPT")
    alone = take(county, "十一月", {**OTHER, **due(80, 80), "姓名": "示例戊", "缴款凭证号": "票0001"})
    (note,) = [one for one in alone.notes if one.code.startswith("W_RECOVERY_RECEIPT")]
    assert (note.place.row, note.code, alone.new) == (2, "W_RECOVERY_RECEIPT_USED", 1)
    assert all(word in note.message() for word in ("票0001", "200.00"))
    again = take(county, "十二月", {**OTHER, **due(80, 80), "姓名": "示例戊", "缴款凭证号": "票0001", "备注": "再"})
    assert [one.code for one in again.notes if one.code.startswith("W_RECOVERY_RECEIPT")] == []
