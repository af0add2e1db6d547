"""A householder who is dead and still receives for the others: told at every row that shows it, and paid meanwhile."""

from typing import Any

import pytest

from ledger.application.importing.rows import Note
from ledger.application.proposing.reports import FileReport
from ledger_projections.public_money.doubts import DoubtList, doubts
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.relief.october import HEAD, OCTOBER, OCTOBER_BATCH, household, id_number
from tests.application.proposing.relief.paying.bank import at, listed, result, results, roster, send

CODE = "W_PAYEE_TO_CHANGE"
DEATH_HEAD = rows_of("deaths.csv")[0]
THREE, ALONE = 2, 3
"""A household of three and one of one."""
OTHER = {"领款人姓名": "示例代领", "领款人身份证号": id_number(105), "与户主关系": "配偶"}
"""Another member of the household receives."""


def deaths(*numbers: int, source: str = "公安", died: str = "2025-09-11") -> Grid:
    """An office's list of dead householders."""
    grid = [list(DEATH_HEAD)]
    for number in numbers:
        cells = {"数据来源": source, "姓名": f"示例户{number}", "身份证号": id_number(number), "死亡日期": died}
        cells |= {"户籍地址": "石岭镇", "经办单位": source, "提供日期": "2025-09-15"}
        grid.append([cells.get(column, "") for column in DEATH_HEAD])
    return grid


def told(report: FileReport) -> list[Note]:
    return [note for note in report.notes if note.code == CODE]


def reported(county: County, *numbers: int, **more: Any) -> FileReport:
    source = more.pop("source", "公安")
    grid = deaths(*numbers, source=source, died=more.pop("died", "2025-09-11"))
    report = county.one(county.write(f"死亡名单-{source}.csv", grid), **more)
    if not more.get("dry_run"):
        county.sign_off()
    return report


def listed_doubts(county: County, **more: Any) -> DoubtList:
    with county.store.read() as connection:
        return doubts(connection, code=CODE, **more)


def open_doubts(county: County) -> list[str]:
    return [row.kind for row in listed_doubts(county).rows if row.reversed_at is None]


@pytest.fixture
def bereaved(enrolled: County) -> County:
    """The householder of three died in September, and October begins."""
    enrolled.sign_off()
    reported(enrolled, THREE)
    at(enrolled, 10, 9)
    return enrolled


@pytest.mark.parametrize("dry_run", [True, False], ids=["looked at", "posted"])
def test_the_death_list_tells_whose_household_goes_on(enrolled: County, *, dry_run: bool) -> None:
    """By name and household, at the row; the household of one has nobody else who could receive."""
    enrolled.sign_off()
    report = reported(enrolled, ALONE, THREE, dry_run=dry_run)
    assert (report.new, report.wrong) == (2, [])
    (note,) = told(report)
    assert note.place.row == 3
    for language in ("zh", "en"):
        for word in ("农村低保", "示例户2", f"431099S{THREE:05d}", "大冲乡冲口村", "2025-09"):
            assert word in note.message(language)
    (shown,) = [one for one in report.to_json()["notes"] if one["code"] == CODE]
    assert (shown["row"], shown["params"]["died_month"]) == (3, "2025-09")


def test_a_second_office_that_says_the_same_tells_it_too(bereaved: County) -> None:
    assert [note.place.row for note in told(reported(bereaved, THREE, source="殡仪馆"))] == [2]
    again = reported(bereaved, THREE)
    assert (again.new, again.duplicate, len(told(again))) == (0, 1, 1), "and so does the same list again"


def test_the_earliest_report_says_the_month(bereaved: County) -> None:
    (note,) = told(reported(bereaved, THREE, source="卫健", died="2025-08-30"))
    assert note.params["died_month"] == "2025-08"
    (note,) = told(reported(bereaved, THREE, source="殡仪馆", died="2025-09-12"))
    assert note.params["died_month"] == "2025-08"


@pytest.mark.parametrize("dry_run", [True, False], ids=["looked at", "posted"])
@pytest.mark.parametrize("cells", [{}, {"家庭月人均收入(元)": "100"}], ids=["as it was", "with another amount"])
def test_a_later_roster_that_still_names_the_dead_tells_it(
    bereaved: County, cells: dict[str, str], *, dry_run: bool
) -> None:
    grid = listed(household(THREE, **cells))
    path = bereaved.write("花名册10月.csv", grid)
    report = bereaved.one(path, month=OCTOBER, today=bereaved.now.date(), dry_run=dry_run)
    assert (report.new, report.wrong) == (12, []), "and it goes on"
    (note,) = told(report)
    assert (note.place.row, note.params["person"]) == (3, f"示例户{THREE}")
    assert f"431099S{THREE:05d}" in note.message()


def test_the_roster_of_the_month_of_the_death_is_as_it_should_be(enrolled: County) -> None:
    enrolled.sign_off()
    reported(enrolled, THREE)
    again = enrolled.one(enrolled.folder / "花名册9月.csv")
    assert (again.duplicate, told(again)) == (12, [])


@pytest.mark.parametrize("outcome", ["成功", "失败"])
def test_what_the_bank_paid_after_the_death_tells_it_and_is_paid(bereaved: County, outcome: str) -> None:
    roster(bereaved, OCTOBER, listed())
    send(bereaved, OCTOBER_BATCH)
    yuan = 3 * (500 - 120)
    report = results(bereaved, result(1, 780, "成功", "20251009", OCTOBER_BATCH),
                     result(THREE, yuan, outcome, "20251009", OCTOBER_BATCH))  # fmt: skip
    assert (report.new, report.wrong, report.findings) == (2, [], [])
    (note,) = told(report)
    assert (note.place.row, note.params["person"]) == (3, f"示例户{THREE}")
    paid = [one.amount_fen for one in bereaved.of_kind("subsidy.paid")]
    assert (yuan * 100 in paid) == (outcome == "成功")


def test_what_was_paid_for_the_month_of_the_death_is_as_it_should_be(enrolled: County) -> None:
    enrolled.sign_off()
    send(enrolled)
    reported(enrolled, THREE)
    report = results(enrolled, result(THREE, 3 * 380, "成功", "20250920"))
    assert (report.new, told(report)) == (1, [])


def test_nothing_is_told_once_another_receives(bereaved: County) -> None:
    changed = household(THREE, **OTHER)
    report = roster(bereaved, OCTOBER, listed(changed))
    assert (report.wrong, told(report)) == ([], [])
    send(bereaved, OCTOBER_BATCH)
    line = result(THREE, 3 * 380, "成功", "20251009", OCTOBER_BATCH)
    assert told(results(bereaved, line)) == []
    assert told(reported(bereaved, THREE, source="殡仪馆")) == []
    assert told(bereaved.one(bereaved.folder / "花名册9月.csv")) == [], "nor by an older roster"


def test_nothing_is_told_of_a_household_that_left(bereaved: County) -> None:
    leaving = [["户主姓名", "身份证号", "家庭编号", "保障类别", "停发月份", "退出原因"]]
    leaving += [[f"示例户{THREE}", id_number(THREE), f"431099S{THREE:05d}", "农村低保", "2025-10", "死亡"]]
    report = bereaved.one(bereaved.write("退出名单.csv", leaving), month=OCTOBER, today=bereaved.now.date())
    assert (report.kind, report.new, report.wrong) == ("exits", 1, [])
    bereaved.sign_off()
    assert told(reported(bereaved, THREE, source="殡仪馆")) == []
    assert open_doubts(bereaved) == []


def test_it_is_in_doubt_until_another_receives(bereaved: County) -> None:
    assert open_doubts(bereaved) == ["death.reported"]
    roster(bereaved, OCTOBER, listed(household(THREE, **{"家庭月人均收入(元)": "100"})))
    (row,) = listed_doubts(bereaved).rows
    assert (row.kind, row.reversed_at, row.detail["died_month"]) == ("death.reported", None, "2025-09")
    at(bereaved, 11, 9)
    roster(bereaved, "2025-11", listed(household(THREE, **OTHER, **{"家庭月人均收入(元)": "100"})))
    after = listed_doubts(bereaved)
    kinds = dict(enumerate((one.kind for one in bereaved.all_events()), 1))
    assert [kinds[one.reversed_at or 0] for one in after.rows] == ["enrolment.changed"]
    assert (len(after.rows), after.counts) == (1, {})
    assert listed_doubts(bereaved, at=row.position).counts == {CODE: 1}, "as it stood before"


def test_the_same_is_in_doubt_whichever_comes_first(funded: County) -> None:
    """The list of the dead before the first roster, which is of the month of the death."""
    reported(funded, THREE, ALONE)
    assert open_doubts(funded) == []
    report = funded.one(funded.write("花名册9月.csv", [HEAD, *(household(number) for number in range(1, 13))]))
    assert (report.new, told(report)) == (12, []), "September is the dead man's own"
    funded.sign_off()
    assert open_doubts(funded) == ["enrolment.confirmed"]


def test_a_report_that_was_wrong_is_no_doubt(bereaved: County) -> None:
    (death,) = bereaved.of_kind("death.reported")
    bereaved.reverse(death, "bureau")
    assert open_doubts(bereaved) == []
    assert told(roster(bereaved, OCTOBER, listed())) == []
