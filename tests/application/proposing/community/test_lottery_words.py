"""Words and rates of the lottery projects' register that would become a wrong figure are wrong where they stand."""

from typing import Any

import pytest

from tests.application.importing.offices import Grid, changed, parse_grid
from tests.application.proposing.county import County, rows_of

HEAD, PUPILS, HOME, CHILDREN = rows_of("lottery.csv")

WRONG = [
    ("资金级次", "国家", "E_CELL_CHOICE"),
    ("资金级次", "省市配套", "E_CELL_CHOICE"),
    ("使用方向", "养老服务", "E_CELL_CHOICE"),
    ("执行率", "90%", "E_EXECUTION_RATE"),
    ("执行率", "0%", "E_EXECUTION_RATE"),
]


@pytest.mark.parametrize(("column", "value", "code"), WRONG)
def test_an_unknown_word_is_told_with_the_choices(county: County, column: str, value: str, code: str) -> None:
    grid: Grid = changed([HEAD, HOME, CHILDREN], 1, column, value)
    report: Any = county.one(county.write("福彩.csv", grid))
    county.sign_off()
    assert [(one.place.row, one.column, one.code) for one in report.wrong] == [(2, column, code)]
    assert (report.new, len(county.of_kind("lottery.allocated"))) == (1, 1), "its neighbour is taken"
    assert "{" not in report.wrong[0].message() + report.wrong[0].message("en")
    if code == "E_EXECUTION_RATE":
        assert "50.0%" in report.wrong[0].message()


RIGHT = [
    ("资金级次", "省本级", "level", "province"),
    ("资金级次", "中央级", "level", "central"),
    ("使用方向", "扶老类", "purpose", "elderly"),
    ("使用方向", "其他社会公益", "purpose", "other"),
    ("使用方向", "", "purpose", "other"),
    ("执行率", "50%", "level", "province"),
    ("执行率", "0.5", "level", "province"),
    ("执行率", "", "level", "province"),
]


@pytest.mark.parametrize(("column", "value", "field", "meant"), RIGHT)
def test_what_says_the_same_otherwise_is_read(county: County, column: str, value: str, field: str, meant: str) -> None:
    report = county.one(county.write("福彩.csv", changed([HEAD, HOME], 1, column, value)))
    county.sign_off()
    assert report.wrong == []
    assert [getattr(one, field) for one in county.of_kind("lottery.allocated")] == [meant]


@pytest.mark.parametrize(("rate", "right"), [("74%", True), ("73.7%", True), ("100%", True), ("80%", False)])
def test_a_rate_may_be_of_what_was_not_given_back(rate: str, right: bool) -> None:  # noqa: FBT001 - a table of cases
    grid = changed(changed([HEAD, PUPILS], 1, "执行率", rate), 1, "结余(万元)", "0.00")
    assert (parse_grid(grid).wrong == ()) is right
