"""Members' sheets: who a household consists of is stated once, kept by later rosters, and never guessed at."""

from typing import Any

import pytest

from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County, codes
from tests.application.proposing.relief.october import OCTOBER, id_number, import_october, october

SEVERAL = 11
"""A household of three, of which October says that its category is another."""
HEAD = "家庭编号,成员姓名,身份证号,与户主关系,人员类别,是否保障对象,起保月份,停保月份"


def member(household: int, which: int, relation: str = "户主", **cells: str) -> list[str]:
    row = {"家庭编号": f"431099S{household:05d}", "成员姓名": f"示例成员{which}", "身份证号": id_number(which)}
    row |= {"与户主关系": relation, "是否保障对象": "是", **cells}
    return [row.get(title, "") for title in HEAD.split(",")]


def sheet(county: County, *rows: list[str]) -> FileReport:
    return county.one(county.write("家庭成员表.csv", [HEAD.split(","), *rows]), month="2025-09")


def confirmed(county: County, household: int) -> Any:
    """A household's enrolment, as September's roster confirmed it row by row."""
    return county.of_kind("enrolment.confirmed")[household - 1]


def full(county: County, household: int) -> list[list[str]]:
    """Every member of a household, the householder first."""
    relations = ("户主", "妻", "孙女", "父亲", "弟弟")
    rows = [member(household, household, relations[0], 成员姓名=f"示例户{household}")]
    others = range(1, confirmed(county, household).monthly.persons)
    return [*rows, *(member(household, 500 + at, relations[at]) for at in others)]


def test_a_sheet_states_who_is_covered_and_nothing_else(enrolled: County) -> None:
    before = confirmed(enrolled, SEVERAL)
    balances = enrolled.balances()
    rows = full(enrolled, SEVERAL)
    report = sheet(enrolled, *rows, member(SEVERAL, 777, "朋友", 是否保障对象="否"))
    assert (report.kind, report.new, report.wrong) == ("members", 4, [])
    (changed,) = enrolled.of_kind("enrolment.changed")
    assert (changed.reasons, changed.removed, len(changed.members)) == (("members",), (), len(rows))
    assert [one.relation for one in changed.members][:2] == ["self", "spouse"]
    same = ("enrolment", "programme", "household", "person", "category", "township", "monthly", "payee")
    assert [getattr(changed, name) for name in same] == [getattr(before, name) for name in same]
    assert changed.covered()[0] == before.person
    assert enrolled.balances() == balances
    again = sheet(enrolled, *rows)
    assert (again.new, again.duplicate, again.wrong) == (0, 3, [])


def test_the_next_roster_keeps_them_and_a_later_sheet_replaces_one(enrolled: County) -> None:
    rows = full(enrolled, SEVERAL)
    sheet(enrolled, *rows)
    import_october(enrolled, october(*range(1, 13)))
    enrolment = confirmed(enrolled, SEVERAL).enrolment
    kept = [one for one in enrolled.of_kind("enrolment.changed") if one.enrolment == enrolment][-1]
    assert kept.reasons == ("category",)
    assert len(kept.members) == len(rows)
    other = [*rows[:-1], member(SEVERAL, 888, "子")]
    report = enrolled.one(enrolled.write("成员10月.csv", [HEAD.split(","), *other]), month=OCTOBER)
    assert (report.new, report.wrong) == (3, [])
    last = [one for one in enrolled.of_kind("enrolment.changed") if one.enrolment == enrolment][-1]
    assert (last.from_month, len(last.removed)) == (OCTOBER, 1)
    assert last.removed[0] not in last.covered()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([member(99_999, 1)], "E_MEMBERS_HOUSEHOLD"),
        ([member(1, 1, 停保月份="2025-09")], "E_MEMBERS_COUNT"),
        ([member(1, 1), *(member(1, 600 + at, "子") for at in range(9))], "E_MEMBERS_COUNT"),
        ([member(1, 1, 身份证号="431099194803120017")], "E_ID_CHECK"),
    ],
    ids=["nobody's", "ended", "too many", "a false number"],
)
def test_a_household_that_makes_no_sense_is_shown(enrolled: County, rows: list[list[str]], code: str) -> None:
    report = sheet(enrolled, *rows)
    assert (codes(report)[0], report.new) == ((2, code), 0)
    assert enrolled.of_kind("enrolment.changed") == []


def _stands(county: County) -> list[tuple[str, str]]:
    """(relation, since) of the members of the household of several, as they stand."""
    enrolment = confirmed(county, SEVERAL).enrolment
    last = [one for one in county.of_kind("enrolment.changed") if one.enrolment == enrolment][-1]
    return [(one.relation, one.since) for one in last.members]


def test_a_relation_may_be_corrected_back_and_an_old_sheet_corrects_nothing(enrolled: County) -> None:
    first = full(enrolled, SEVERAL)
    other = [*first[:-1], member(SEVERAL, 502, "配偶")]
    assert (sheet(enrolled, *first).new, sheet(enrolled, *other).new) == (3, 3)
    assert _stands(enrolled)[-1] == ("spouse", "2025-09")
    old = sheet(enrolled, *first)
    assert (old.new, old.duplicate, [note.code for note in old.notes]) == (0, 3, ["W_ROWS_OLDER"])
    assert all("{" not in note.message(language) for note in old.notes for language in ("zh", "en"))
    back = sheet(enrolled, *first[::-1])
    assert (back.new, back.duplicate, back.wrong) == (3, 0, [])
    assert sorted(_stands(enrolled)) == sorted([("self", "2025-09"), ("spouse", "2025-09"), ("grandchild", "2025-09")])
    again = sheet(enrolled, *first[::-1])
    assert (again.new, again.duplicate, again.notes) == (0, 3, [])


def test_the_unchanged_sheet_of_the_next_month_moves_nobodys_start(enrolled: County) -> None:
    rows = full(enrolled, SEVERAL)
    sheet(enrolled, *rows)
    enrolled.now = enrolled.now.replace(month=10, day=8)
    path = enrolled.write("成员10月.csv", [HEAD.split(","), *rows])
    report = enrolled.one(path, month=OCTOBER, today=enrolled.now.date())
    assert (report.new, report.duplicate, report.wrong) == (0, 3, [])
    assert {since for _, since in _stands(enrolled)} == {"2025-09"}
    stated = enrolled.write(
        "成员起保.csv", [HEAD.split(","), rows[0], rows[1], member(SEVERAL, 502, "孙女", 起保月份=OCTOBER)]
    )
    report = enrolled.one(stated, month=OCTOBER, today=enrolled.now.date())
    assert (report.new, _stands(enrolled)[-1]) == (3, ("grandchild", OCTOBER))


def test_who_is_covered_twice_is_told_at_the_own_row(enrolled: County) -> None:
    """The householder of another household stands in the last row of this one."""
    rows = [*full(enrolled, SEVERAL)[:-1], member(SEVERAL, 1, "父亲", 成员姓名="示例户1")]
    report = sheet(enrolled, *rows)
    (told,) = [one for one in report.findings if one.code == "W_ENROLLED_TWICE"]
    assert told.place.row == len(rows) + 1
    assert "农村低保" in told.message()
    assert id_number(1) in told.message() or "示例户1" in told.message()
    assert id_number(SEVERAL) not in told.message()
