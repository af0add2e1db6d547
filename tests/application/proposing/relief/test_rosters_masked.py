"""IDs whose digits the provincial system hides: found again where that is certain, told where it is not."""

import re
from types import SimpleNamespace

import pytest

from ledger.application.importing.rows import Note, Place
from ledger.application.proposing.relief.roster_changes import absences
from ledger.application.proposing.reports import FileReport
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import HEAD, OCTOBER, household, id_number, import_october

PERSONS = ["序号", "乡镇", "村", "姓名", "身份证号", "类别", "供养方式", "基本生活费(元)"]
PERSONS += ["标准(元)", "实发(元)", "银行账号"]
BLIND = {"家庭编号": "", "低保证号": "", "领款人身份证号": ""}


def masked(number: str, head: int = 4, tail: int = 4) -> str:
    return number[:head] + "*" * (18 - head - tail) + (number[-tail:] if tail else "")


def person(number: int, name: str = "示例孤老", **cells: str) -> list[str]:
    row = {"序号": "1", "乡镇": "石岭镇", "村": "上坪村", "姓名": name, "身份证号": id_number(number), "类别": "特困"}
    row |= {
        "供养方式": "分散",
        "基本生活费(元)": "800",
        "标准(元)": "800",
        "实发(元)": "800",
        "银行账号": f"8201{number}",
    }
    row |= cells
    return [row[title] for title in PERSONS]


def rest(*without: int) -> Grid:
    return [household(number) for number in range(1, 13) if number not in without]


def told(report: FileReport, code: str = "W_ID_MASKED_NEW") -> list[tuple[int, str]]:
    return [(note.params["count"], note.params["rows"]) for note in report.notes if note.code == code]


def test_a_masked_number_that_fits_nobody_is_told(enrolled: County) -> None:
    stranger = household(13, **BLIND, 户主身份证号=masked(id_number(13)))
    report = import_october(enrolled, [HEAD, *rest(), stranger])
    assert (report.new, report.wrong, told(report)) == (13, [], [(1, "14")])
    (note,) = [note for note in report.notes if note.code == "W_ID_MASKED_NEW"]
    assert "第 14 行" in note.message()
    assert note.place.row == 0


def test_a_new_household_with_a_number_of_its_own_is_told_too(enrolled: County) -> None:
    """It may be one that was renumbered."""
    report = import_october(
        enrolled, [HEAD, *rest(), household(13, 户主身份证号=masked(id_number(13)), 领款人身份证号="")]
    )
    assert (report.new, told(report)) == (13, [(1, "14")])


def test_whoever_is_known_by_number_is_not_told(enrolled: County) -> None:
    grid: Grid = [HEAD, *(household(n, 户主身份证号=masked(id_number(n)), 领款人身份证号="") for n in range(1, 13))]
    report = import_october(enrolled, grid)
    assert (report.new, report.wrong, told(report)) == (12, [], [])
    assert len(enrolled.of_kind("enrolment.confirmed")) == 12


TWINS = {"户主姓名": "示例同名", "领款人姓名": "示例同名"}


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"银行账号": "82010530000000002"}, 2),
        ({"银行账号": "", "乡镇": "石岭镇", "村(社区)": "下坪村"}, 1),
        ({"银行账号": "", "乡镇": "大冲乡", "村(社区)": "无此村"}, None),
        ({"银行账号": "82010530000099999"}, None),
    ],
    ids=["by the account", "by the village", "no such village", "another account"],
)
def test_of_two_namesakes_the_account_or_the_village_tells(
    funded: County, cells: dict[str, str], found: int | None
) -> None:
    """Both numbers show the same signs; the whole numbers differ."""
    county = funded
    shown = masked(id_number(2))
    twins = [household(1, **TWINS, 户主身份证号=shown, 领款人身份证号=""), household(2, **TWINS)]
    assert county.one(county.write("9月.csv", [HEAD, *twins, *rest(1, 2)])).wrong == []
    row = household(2, **TWINS, **BLIND, 户主身份证号=shown, **cells)
    report = import_october(county, [HEAD, row, *rest(1, 2)], absences_known=True)
    if found is None:
        assert [(cell.place.row, cell.code) for cell in report.wrong] == [(2, "E_ROSTER_CHOICE")]
        assert "2 户" in report.wrong[0].message()
        return
    assert (report.wrong, told(report)) == ([], [])
    assert len(county.of_kind("enrolment.confirmed")) == 12
    absent = [note for note in report.notes if note.code == "W_ROSTER_ABSENT"]
    assert len(absent) == 1
    assert f"431099S{3 - found:05d}" in absent[0].message()


def test_a_number_masked_too_far_is_found_by_account_or_is_wrong(enrolled: County) -> None:
    hidden = "*" * 14 + id_number(3)[-4:]
    report = import_october(enrolled, [HEAD, household(3, **BLIND, 户主身份证号=hidden), *rest(3)])
    assert (report.new, report.wrong, told(report)) == (12, [], [])
    assert len(enrolled.of_kind("enrolment.confirmed")) == 12


def test_a_number_masked_too_far_of_nobody_is_wrong(enrolled: County) -> None:
    report = import_october(enrolled, [HEAD, household(13, **BLIND, 户主身份证号="*" * 18), *rest()])
    assert [(one.code, one.column, one.value) for one in report.wrong] == [("E_ID_MASKED", "户主身份证号", "*" * 18)]
    assert report.new == 12


def test_persons_masked_on_the_first_roster_are_told_and_found_again_whole(county: County) -> None:
    """September hides the numbers, October does not: the same people, whose numbers are corrected."""
    rows = [person(201, 身份证号=masked(id_number(201))), person(202, "示例独老", 身份证号=masked(id_number(202)))]
    first = county.one(county.write("特困9月.csv", [PERSONS, *rows]))
    assert (first.new, first.wrong, told(first)) == (2, [], [(2, "2、3")])
    county.sign_off()
    county.now = county.now.replace(month=10, day=8)
    whole: Grid = [PERSONS, person(201), person(202, "示例独老")]
    later = county.one(county.write("特困10月.csv", whole), month=OCTOBER, today=county.now.date())
    assert (later.new, [cell.code for cell in later.wrong], told(later)) == (2, [], [])
    assert len(county.of_kind("enrolment.confirmed")) == 2
    county.sign_off()
    assert [one.reasons for one in county.of_kind("enrolment.changed")] == [("correction",)] * 2


def test_one_certificate_is_one_household(enrolled: County) -> None:
    again = household(1, 家庭编号="", **{"本月实发(元)": "790", "补发(元)": "10", "备注": "补发8月漏发"})
    report = import_october(enrolled, [HEAD, *rest(), again])
    (wrong,) = report.wrong
    assert (wrong.code, wrong.place.row, wrong.column, wrong.value) == (
        "E_ROSTER_CERTIFICATE",
        14,
        "低保证号",
        "NC2020-0001",
    )
    assert "另一处：花名册10月.csv 第2行" in wrong.message()
    assert "(the other: 花名册10月.csv row 2)" in wrong.message("en")
    assert len(enrolled.of_kind("enrolment.confirmed")) == 12


@pytest.mark.parametrize("cells", [{}, {"身份证号": masked(id_number(211))}], ids=["whole", "masked"])
def test_a_person_who_is_absent_is_told_by_no_reference(county: County, cells: dict[str, str]) -> None:
    there = person(202, "示例独老")
    assert county.one(county.write("特困9月.csv", [PERSONS, person(211, "示例老", **cells), there])).wrong == []
    county.sign_off()
    (note,) = _absent_in_october(county, there)
    assert note.params["household"] == "…" + id_number(211)[-4:]
    assert id_number(211) not in note.message()
    assert not re.search(r"[a-z2-7]{26}", note.message())


@pytest.mark.parametrize(
    ("fields", "shown", "in_english"),
    [
        ({"name": "示例老", "id_number": "*" * 18}, "示**", "示**"),
        ({"name": "示例老"}, "示**", "示**"),
        ({}, "（身份信息已删除）", "(identity erased)"),
    ],
    ids=["hidden", "no number", "erased"],
)
def test_who_is_absent_and_shows_nothing(fields: dict[str, str], shown: str, in_english: str) -> None:
    monthly = SimpleNamespace(persons=1, total_fen=100)
    term = SimpleNamespace(household=None, person="p", township="石岭镇", village=None, monthly=monthly, enrolment="e")
    (note,) = absences([term], {"p": fields} if fields else {}, Place("a.csv", None, 2))
    assert note.message().startswith(shown)
    assert note.message("en").startswith(in_english)


def test_a_household_without_a_number_is_told_by_its_persons(funded: County) -> None:
    grid = [HEAD, household(3, **BLIND, 户主身份证号=masked(id_number(3))), *rest(3)]
    assert funded.one(funded.write("花名册9月.csv", grid)).wrong == []
    funded.sign_off()
    (note,) = [one for one in import_october(funded, [HEAD, *rest(3)]).notes if one.code == "W_ROSTER_ABSENT"]
    assert note.params["household"] == "…" + id_number(3)[-4:]


def persons_in_october(county: County, *rows: list[str]) -> FileReport:
    county.now = county.now.replace(month=10, day=8)
    return county.one(county.write("特困10月.csv", [PERSONS, *rows]), month=OCTOBER, today=county.now.date())


def test_a_list_of_persons_counts_persons(county: County) -> None:
    rows = [person(number, f"示例老{number}") for number in (201, 202, 203)]
    assert county.one(county.write("特困9月.csv", [PERSONS, *rows])).wrong == []
    county.sign_off()
    report = persons_in_october(county, *rows[:2], person(204, "示例老204"))
    told = {note.code: (note.message(), note.message("en")) for note in report.notes}
    for code in ("W_ROSTER_CONTROL", "W_ROSTER_KINDS"):
        assert not [said for said in told[code] if re.search(r"户(?!主)|\bhouseholds?\b", said)], told[code]
    moved = "加新增 1 人 800.00 元，减退出 0 人 0.00 元，减缺席 1 人 800.00 元"
    assert f"上次 3 人 2,400.00 元，{moved}" in told["W_ROSTER_CONTROL"][0]
    assert "last 3 persons, 2,400.00 yuan" in told["W_ROSTER_CONTROL"][1]
    assert "新增 1 人" in told["W_ROSTER_KINDS"][0]
    gone = persons_in_october(county, person(205, "示例老205", 村="下坪村"))
    assert gone.refused is not None
    assert gone.refused.code == "E_ROSTER_PLACE"
    assert "上次有 4 人，这次一人也没有" in gone.refused.message()


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"户主身份证号": masked(id_number(3))}, "…" + id_number(3)[-4:]),
        ({"户主身份证号": "*" * 14 + id_number(3)[-4:]}, "…" + id_number(3)[-4:]),
        ({"户主身份证号": "*" * 18}, "示例户3"),
        ({"家庭编号": "431099S00003", "户主身份证号": "*" * 18}, "431099S00003"),
    ],
    ids=["masked", "but for its tail", "whole", "with a number"],
)
def test_a_changed_row_is_told_by_what_it_shows(enrolled: County, cells: dict[str, str], shown: str) -> None:
    row = household(3, **{**BLIND, **cells, "家庭月人均收入(元)": "50"})
    report = import_october(enrolled, [HEAD, row, *rest(3)])
    (changed,) = [note for note in report.notes if note.code == "W_ROSTER_CHANGED"]
    assert changed.params["household"] == shown


def _absent_in_october(county: County, *rows: list[str]) -> list[Note]:
    report = persons_in_october(county, *rows)
    return [note for note in report.notes if note.code == "W_ROSTER_ABSENT"]
