"""Residents of a home whom an earlier release recorded as receiving for themselves: the home receives, told once."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.application.proposing.relief.roster_rows import Entry
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import id_number

HOME, OTHER = "石岭镇中心敬老院", "大冲乡敬老院"
ACCOUNTS = {HOME: "82010530000066001", OTHER: "82010530000066002", "": "82010530000066009"}


def resident(number: int, home: str = HOME, **cells: str) -> dict[str, str]:
    row = {"序号": str(number), "乡镇": "石岭镇", "村": "上坪村", "类别": "特困", "姓名": f"示例孤老{number}"}
    row |= {"身份证号": id_number(200 + number), "供养方式": "集中" if home else "分散", "护理费领取人/机构": home}
    return {**row, "基本生活费": "800", "实发": "800", "银行账号": ACCOUNTS[home], **cells}


ROWS = [*(resident(number) for number in (1, 2, 3)), resident(4, OTHER), resident(5, "")]


def read(county: County, month: int, *rows: Mapping[str, str], **more: Any) -> FileReport:
    county.now = county.now.replace(month=month, day=8)
    grid = [list(rows[0]), *(list(row.values()) for row in rows)]
    report = county.one(
        county.write(f"特困{month}月.csv", grid), month=f"2025-{month:02d}", today=county.now.date(), **more
    )
    assert report.wrong == []
    county.sign_off()
    return report


@pytest.fixture(params=["an account of the home", "no account"])
def rows(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    return ROWS if request.param != "no account" else [{**row, "银行账号": ""} for row in ROWS]


@pytest.fixture
def before(funded: County, rows: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> County:
    """September's list as an earlier release took it: nobody but the resident receives."""
    with monkeypatch.context() as patch:
        patch.setattr(Entry, "carer", property(lambda _: None))
        assert read(funded, 9, *rows).new == 5
    assert {one.payee.payee_kind for one in funded.of_kind("enrolment.confirmed")} == {"self"}
    return funded


def told(report: FileReport) -> list[tuple[str, Any]]:
    """The remarks about who receives and what changed."""
    changed = [(note.code, note.place.row) for note in report.notes if note.code == "W_ROSTER_CHANGED"]
    restated = [(note.code, note.params["count"]) for note in report.notes if note.code == "W_PAYEES_RESTATED"]
    return [*restated, *changed]


@pytest.mark.parametrize("month", [9, 10])
def test_the_home_receives_and_that_is_told_once(before: County, rows: list[dict[str, str]], month: int) -> None:
    size = before.size()
    report = read(before, month, *rows)
    assert told(report) == [("W_PAYEES_RESTATED", 4)]
    (remark,) = [note for note in report.notes if note.code == "W_PAYEES_RESTATED"]
    for word in (f"{HOME} 3 人", f"{OTHER} 1 人"):
        assert word in remark.message("zh")
    (kinds,) = [note for note in report.notes if note.code == "W_ROSTER_KINDS"]
    assert (kinds.params["householder"], kinds.params["account"], kinds.params["same"]) == (0, 0, 5)
    assert (report.new, report.duplicate) == ((0, 5) if month == 9 else (5, 0))
    changes = before.of_kind("enrolment.changed")
    assert [(one.payee.payee_kind, one.reasons) for one in changes] == [("institution", ("payee",))] * 4
    assert before.size()[0] > size[0]
    size = before.size()
    again = read(before, month, *rows)
    assert (told(again), again.new, again.duplicate, before.size()) == ([], 0, 5, size)


def test_what_really_changed_is_told_as_that(before: County, rows: list[dict[str, str]]) -> None:
    """One gets more, and one goes into the home with an account of the home that the book did not know as theirs."""
    moved = resident(5, HOME, 银行账号=rows[0]["银行账号"] or ACCOUNTS[HOME])
    report = read(before, 10, *rows[:2], {**rows[2], "基本生活费": "900", "实发": "900"}, rows[3], moved)
    assert told(report) == [("W_PAYEES_RESTATED", 3), ("W_ROSTER_CHANGED", 4), ("W_ROSTER_CHANGED", 6)]
