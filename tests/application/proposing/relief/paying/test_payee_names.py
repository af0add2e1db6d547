"""What a bank reports of a line is recorded; a holder who is not the payee, and a code without a reason, are told."""

from typing import Any

import pytest

from ledger.application.importing.rows import Note
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, rows_of


@pytest.fixture
def ready(county: County) -> County:
    """The county whose September went to the bank."""
    county.take_in("dibao_roster.csv")
    county.road()
    county.take_in("payfile.csv")
    county.sign_off()
    return county


def answered(county: County, cells: dict[tuple[int, str], str]) -> Any:
    """The bank's answer with some cells changed."""
    grid: Grid = rows_of("payresult.csv")
    for (row, column), value in cells.items():
        grid = changed(grid, row, column, value)
    return county.one(county.write("回盘.csv", grid))


def told(report: Any, code: str) -> list[Note]:
    return [note for note in report.notes if note.code == code]


OTHERS = [
    ("another person's", "示例王"),
    ("a neighbour's on the same roster", "示例乙"),
    ("masked, and not theirs", "示例*王"),
    ("another organisation's", "石岭镇敬老院"),
]
SAME = [
    ("as it is", "示例甲"),
    ("with a wide blank", "示例　甲"),
    ("masked", "示*甲"),
]


@pytest.mark.parametrize(("what", "name"), OTHERS, ids=[one[0] for one in OTHERS])
def test_another_holder_is_recorded_and_told(ready: County, what: str, name: str) -> None:
    report = answered(ready, {(1, "户名"): name})
    assert (report.new, report.wrong) == (3, [])
    (note,) = told(report, "W_PAYEE_NAME")
    assert (note.place.row, note.params["count"], note.params["rows"]) == (2, 1, "2")
    for language in ("zh", "en"):
        assert "{" not in note.message(language)
        assert name not in note.message(language)
    assert "示例甲" not in note.message()


@pytest.mark.parametrize(("what", "name"), SAME, ids=[one[0] for one in SAME])
def test_the_payee_in_any_spelling_is_the_payee(ready: County, what: str, name: str) -> None:
    report = answered(ready, {(1, "户名"): name})
    assert (report.new, told(report, "W_PAYEE_NAME")) == (3, [])


def test_several_are_told_once_with_their_rows(ready: County) -> None:
    report = answered(ready, {(1, "户名"): "示例王", (3, "户名"): "示例李"})
    (note,) = told(report, "W_PAYEE_NAME")
    assert (note.params["count"], note.params["rows"]) == (2, "2、4")


def test_who_takes_the_money_for_a_householder_is_no_stranger(county: County) -> None:
    """The roster names another payee than the householder: both are names that the bank may report."""
    roster = changed(changed(rows_of("dibao_roster.csv"), 1, "领款人姓名", "示例甲子"), 1, "与户主关系", "父子")
    county.one(county.write("花名册.csv", roster))
    county.road()
    county.sign_off()
    for name in ("示例甲子", "示例甲"):
        report = answered(county, {(1, "户名"): name, (1, "银行流水号"): f"8501{len(name)}"})
        assert told(report, "W_PAYEE_NAME") == []


def test_without_a_roster_nothing_is_compared(county: County) -> None:
    report = county.take_in("payresult.csv", without_roster=True).files[0]
    assert (report.new, told(report, "W_PAYEE_NAME")) == (3, [])


# ---- codes


def test_a_code_without_a_reason_is_told(ready: County) -> None:
    report = answered(ready, {(2, "失败代码"): "X99", (2, "失败原因"): ""})
    assert (report.new, report.wrong) == (3, [])
    (note,) = told(report, "W_FAIL_CODE")
    assert (note.place.row, note.params["codes"], note.params["rows"]) == (3, "X99", "3")
    assert all("X99" in note.message(language) and "{" not in note.message(language) for language in ("zh", "en"))
    ready.sign_off()
    assert {one.code for one in ready.of_kind("subsidy.returned")} == {"OTHER"}


def test_neither_code_nor_reason_is_told_too(ready: County) -> None:
    (note,) = told(answered(ready, {(2, "失败代码"): "", (2, "失败原因"): ""}), "W_FAIL_CODE")
    assert note.params["codes"] == "-"


def test_a_reason_needs_no_code(ready: County) -> None:
    assert told(answered(ready, {(2, "失败代码"): ""}), "W_FAIL_CODE") == []
