"""A problem of the rectification register is settled when the cases that it takes in are: their money is its own."""

from datetime import date
from typing import Any

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU

OWING = "示审决〔2025〕3号"
"""A case of the sample register, of which 3,600.00 are outstanding."""
DAY = date(2025, 11, 28)


def take(county: County, name: str, grid: Grid) -> Any:
    county.now = county.now.replace(year=DAY.year, month=DAY.month, day=DAY.day)
    found = county.one(county.write(name, grid), month="2025-11", today=DAY)
    county.sign_off()
    return found


def owed(**cells: str) -> Grid:
    """The recovery register with the one row of the case."""
    head, *rows = rows_of("recoveries.csv")
    grid = [head, next(row for row in rows if OWING in row)]
    for column, value in cells.items():
        grid = changed(grid, 1, column, value)
    return grid


def register(**cells: str) -> Grid:
    grid = [[*row, OWING] for row in rows_of("rectification.csv")][:2]
    grid[0][-1] = "关联疑点编号或认定文书号"
    for column, value in cells.items():
        grid = changed(grid, 1, column, value)
    return grid


def decided(kind: str, county: County, on: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    (problem,) = [one for one in county.of_kind("finding.confirmed") if one.unit is not None]
    return kind, {"finding": problem.finding, "on": on, "origin": "decision", **fields}


def test_a_problem_is_not_closed_by_decision_while_its_case_owes(county: County) -> None:
    assert codes(take(county, "追缴.csv", owed())) == []
    assert codes(take(county, "整改.csv", register())) == []
    accepted = decided("rectification.accepted", county, "2025-11-27", accepted_by="乙某")
    end = decided("finding.closed", county, "2025-11-28", closed_by="乙某")
    with pytest.raises(VoucherRefusedError) as caught:
        county.decide(BUREAU, accepted, end, day=DAY)
    (told,) = caught.value.findings
    assert told.code == "E_NOT_SETTLED"
    assert f"归并的 1 个个案还有 3,600.00 元未追缴(如 {OWING}" in told.message()
    assert "3,600.00 yuan are outstanding of 1 of its cases" in told.message("en")


def test_a_register_that_closes_it_is_marked_and_signed_by_a_second_person(county: County) -> None:
    assert codes(take(county, "追缴.csv", owed())) == []
    done = {"整改状态": "已整改", "验收人": "示例股长", "验收日期": "2025-11-25", "销号日期": "2025-11-26"}
    county.now = county.now.replace(year=DAY.year, month=DAY.month, day=DAY.day)
    county.one(county.write("整改.csv", register(**done)), month="2025-11", today=DAY)
    assert county.waiting()
    assert "示例股长" not in {one.closed_by for one in county.of_kind("finding.closed")}
    county.sign_off()
    assert "W_NOT_SETTLED" in county.doubts()


def test_it_is_closed_when_the_case_has_paid(county: County) -> None:
    paid = {"已追缴金额(元)": "9600.00", "未追缴金额(元)": "0.00", "未追缴原因": "", "最近到账日期": "2025-11-20"}
    assert codes(take(county, "追缴.csv", owed(**paid))) == []
    assert codes(take(county, "整改.csv", register())) == []
    accepted = decided("rectification.accepted", county, "2025-11-27", accepted_by="乙某")
    end = decided("finding.closed", county, "2025-11-28", closed_by="乙某")
    assert isinstance(county.decide(BUREAU, accepted, end, day=DAY), Receipt)


RELAPSED = {"整改状态": "已整改", "验收人": "示例股长", "验收日期": "2025-11-20", "销号日期": "2025-11-21"}
LOOKED = {"回头看日期": "2025-11-26", "回头看结果": "反弹1户"}


def looked(county: County, name: str, cells: dict[str, str]) -> list[tuple[int, str]]:
    grid = [row[:-1] for row in register(**cells)]
    found = take(county, name, grid)
    assert codes(found) == []
    return [(one.place.row, one.code) for one in found.notes if one.code == "W_RELAPSED_CLOSED"]


def test_a_relapse_of_what_is_closed_is_told_until_it_is_opened_again(county: County) -> None:
    assert looked(county, "未反弹.csv", {**RELAPSED, **LOOKED, "回头看结果": "未反弹"}) == []
    assert looked(county, "反弹.csv", {**RELAPSED, **LOOKED}) == [(2, "W_RELAPSED_CLOSED")]
    again = decided("finding.reopened", county, "2025-11-27", reason="回头看反弹1户")
    assert isinstance(county.decide(BUREAU, again, day=DAY), Receipt)
    assert looked(county, "再.csv", {**RELAPSED, **LOOKED}) == []


def test_a_relapse_of_what_was_opened_again_before_is_not_told(county: County) -> None:
    """It was closed, opened again, and is open when somebody looks back."""
    assert looked(county, "销号.csv", RELAPSED) == []
    again = decided("finding.reopened", county, "2025-11-23", reason="群众反映反弹")
    assert isinstance(county.decide(BUREAU, again, day=DAY), Receipt)
    assert looked(county, "反弹.csv", {**RELAPSED, **LOOKED}) == []


def test_a_relapse_of_what_is_open_needs_no_opening(county: County) -> None:
    assert looked(county, "反弹.csv", LOOKED) == []
