"""Why somebody came onto a roster (新增原因): read where it stands, and supplied by a later list where it did not."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes
from tests.application.proposing.relief.october import HEAD, OCTOBER, household, id_number, import_october

COLUMN = "新增原因"
OLD = [household(number) for number in range(1, 13)]


def with_reasons(rows: Grid, reasons: dict[int, str]) -> Grid:
    """A roster with a column for the reason; `reasons` by the row's place from 0."""
    return [[*HEAD, COLUMN], *([*row, reasons.get(place, "")] for place, row in enumerate(rows))]


STATED = [
    ("新申请", "new"),
    ("重新纳入", "readmitted"),
    ("类别转入(特困转低保)", "transferred_in"),
    ("迁入", "moved_in"),
    ("边缘户单人保", "single_cover"),
    ("主动发现", "discovered"),
    ("待补原因", "pending"),
    ("", "pending"),
]


@pytest.mark.parametrize(("text", "code"), STATED)
def test_the_reason_is_read(enrolled: County, text: str, code: str) -> None:
    report = import_october(enrolled, with_reasons([*OLD, household(13)], {12: text}))
    assert (report.new, report.wrong) == (13, [])
    newest = enrolled.of_kind("enrolment.confirmed")[-1]
    assert (newest.reason, newest.from_month) == (code, OCTOBER)
    assert enrolled.findings().count("W_REASON_PENDING") == (code == "pending")


def test_an_unknown_reason_is_told_with_the_known_ones(enrolled: County) -> None:
    report = import_october(enrolled, with_reasons([*OLD, household(13)], {12: "领导安排"}))
    assert codes(report) == [(14, "E_CELL_CHOICE")]
    assert (report.wrong[0].column, report.new) == (COLUMN, 12)
    assert "新申请、重新纳入、类别转入、迁入、边缘户单人保、主动发现、待补原因" in report.wrong[0].message()


def test_a_first_roster_takes_over_whatever_it_says(county: County) -> None:
    path = county.write("首.csv", with_reasons(OLD[:2], {0: "新申请"}))
    assert county.one(path).new == 2
    county.sign_off()
    assert {one.reason for one in county.of_kind("enrolment.confirmed")} == {"opening"}


def test_a_reason_that_was_missing_is_supplied_by_the_list_again(enrolled: County) -> None:
    """The same month's list with the reason filled in adds the reason and pays nothing again."""
    import_october(enrolled, with_reasons([*OLD, household(13)], {}))
    enrolled.sign_off()
    lines = len(enrolled.of_kind("subsidy.authorised"))
    filled = with_reasons([*OLD, household(13)], {0: "迁入", 12: "主动发现"})
    report = import_october(enrolled, filled)
    assert (report.new, report.duplicate, report.wrong) == (1, 12, []), "whoever was enrolled before lacks no reason"
    enrolled.sign_off()
    (supplied,) = enrolled.of_kind("enrolment.reason_filled")
    newest = enrolled.of_kind("enrolment.confirmed")[-1]
    assert (supplied.enrolment, supplied.about, supplied.reason) == (newest.enrolment, newest.id, "discovered")
    assert len(enrolled.of_kind("subsidy.authorised")) == lines
    again = import_october(enrolled, filled)
    assert (again.new, again.duplicate, again.wrong) == (0, 13, [])


def test_persons_come_for_reasons_too(county: County) -> None:
    head = ["序号", "乡镇", "村", "姓名", "身份证号", "类别", "基本生活费", "实发", COLUMN]
    rows = [[str(n), "石岭镇", "上坪村", f"示例老{n}", id_number(n), "特困", "8", "8", ""] for n in (1, 2)]
    county.one(county.write("九月.csv", [head, *rows]), month="2025-09")
    county.sign_off()
    rows.append(["3", "石岭镇", "上坪村", "示例老3", id_number(3), "特困", "8", "8", "新申请"])
    assert import_october(county, [head, *rows]).wrong == []
    county.sign_off()
    assert [one.reason for one in county.of_kind("enrolment.confirmed")] == ["opening", "opening", "new"]
