"""A member who died and is still counted: told at every row that shows it, and in doubt until fewer are counted."""

from typing import Any

import pytest

from ledger.application.importing.rows import Note
from ledger.application.proposing.reports import FileReport
from ledger_projections.public_money.doubts import Doubt, doubts
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County
from tests.application.proposing.relief.bereaved.test_dead_payees import DEATH_HEAD, OTHER, THREE
from tests.application.proposing.relief.october import OCTOBER, OCTOBER_BATCH, household, id_number
from tests.application.proposing.relief.paying.bank import at, base_of, listed, result, results, roster, send
from tests.application.proposing.relief.test_members import full, sheet

CODE = "W_MEMBER_DEAD"
SPOUSE = 501
"""The first member of a household beside its householder, by the number of its ID."""


def reported(county: County, number: int = SPOUSE, source: str = "公安", died: str = "2025-09-11") -> FileReport:
    cells = {"数据来源": source, "姓名": f"示例成员{number}", "身份证号": id_number(number), "死亡日期": died}
    cells |= {"户籍地址": "石岭镇", "经办单位": source, "提供日期": "2025-09-20"}
    grid: Grid = [list(DEATH_HEAD), [cells.get(column, "") for column in DEATH_HEAD]]
    report = county.one(county.write(f"死亡名单-{source}-{number}.csv", grid))
    county.sign_off()
    return report


def told(report: FileReport) -> list[Note]:
    return [note for note in report.notes if note.code == CODE]


def listed_doubts(county: County) -> list[Doubt]:
    with county.store.read() as connection:
        return list(doubts(connection, code=CODE).rows)


def in_doubt(county: County) -> list[Doubt]:
    return [row for row in listed_doubts(county) if row.reversed_at is None]


def paid(county: County) -> FileReport:
    send(county, OCTOBER_BATCH)
    return results(county, result(THREE, base_of(THREE), "成功", "20251009", OCTOBER_BATCH))


@pytest.fixture
def known(enrolled: County) -> County:
    """The members of a household of three are known, and October begins."""
    enrolled.sign_off()
    assert sheet(enrolled, *full(enrolled, THREE)).wrong == []
    enrolled.sign_off()
    at(enrolled, 10, 9)
    return enrolled


def test_it_is_told_at_the_death_the_roster_and_the_result(known: County) -> None:
    (note,) = told(reported(known))
    assert note.place.row == 2
    for word in ("农村低保", f"431099S{THREE:05d}", f"示例成员{SPOUSE}", "2025-09", "3 人"):
        assert word in note.message("zh")
    (row,) = in_doubt(known)
    assert (row.kind, row.detail["died_month"], row.detail["persons"]) == ("death.reported", "2025-09", 3)
    report = roster(known, OCTOBER, listed())
    (note,) = told(report)
    assert (report.wrong, note.place.row, note.params["person"]) == ([], 3, f"示例成员{SPOUSE}")
    report = paid(known)
    (note,) = told(report)
    assert (report.new, note.place.row, note.params["person"]) == (1, 2, f"示例成员{SPOUSE}")
    assert [one.position for one in in_doubt(known)] == [row.position], "once a person and household"


def test_the_payment_first_gives_the_same_doubt(known: County) -> None:
    roster(known, OCTOBER, listed())
    assert told(paid(known)) == []
    assert len(told(reported(known))) == 1
    assert len(in_doubt(known)) == 1


def test_the_month_of_the_death_is_as_it_should_be(known: County) -> None:
    reported(known, died="2025-10-02")
    assert told(roster(known, OCTOBER, listed())) == []


@pytest.mark.parametrize("income", ["130", "200"])
def test_fewer_persons_settle_it(known: County, income: str) -> None:
    reported(known)
    report = roster(known, OCTOBER, listed(household(THREE, 保障人口="2", **{"家庭月人均收入(元)": income})))
    assert (report.wrong, told(report)) == ([], [])
    assert (len(listed_doubts(known)), in_doubt(known)) == (1, [])
    assert told(reported(known, source="殡仪馆")) == [], "nor is it told again"


def test_another_amount_for_as_many_does_not(known: County) -> None:
    reported(known)
    report = roster(known, OCTOBER, listed(household(THREE, **{"家庭月人均收入(元)": "200"})))
    assert len(told(report)) == 1
    assert len(in_doubt(known)) == 1


def test_a_report_that_was_wrong_is_no_doubt(known: County) -> None:
    reported(known)
    (death,) = known.of_kind("death.reported")
    known.reverse(death, "bureau")
    assert in_doubt(known) == []
    assert told(roster(known, OCTOBER, listed())) == []


def test_a_householder_who_no_longer_receives_is_one_of_them(known: County) -> None:
    """While the dead man receives that is told; once another does, that he is still counted."""
    report = reported(known, THREE)
    assert [note.code for note in report.notes if note.code.startswith("W_")] == ["W_PAYEE_TO_CHANGE"]
    assert in_doubt(known) == []
    assert len(told(roster(known, OCTOBER, listed(household(THREE, **OTHER))))) == 1
    assert len(in_doubt(known)) == 1
    at(known, 11, 9)
    fewer: dict[str, Any] = {**OTHER, "保障人口": "2"}
    assert told(roster(known, "2025-11", listed(household(THREE, **fewer)))) == []
    assert in_doubt(known) == []


def test_who_was_never_a_member_is_none_of_anybody(known: County) -> None:
    assert told(reported(known, 999)) == []
    assert in_doubt(known) == []
