"""照料护理费 is paid by how far somebody can look after themselves (自理能力): the class is what the list says."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.application.importing.fields.self_care import care_class
from ledger.application.proposing.relief import roster_rows
from ledger.application.proposing.reports import FileReport
from tests.application.proposing.county import County
from tests.application.proposing.relief.october import id_number

WORDS = {
    "care_self": (
        "全自理",
        "完全自理",
        "自理",
        "能自理",
        "具备生活自理能力",
        "有生活自理能力",
        "全 自 理",
        "全自理人员",
    ),
    "care_half": ("半护理", "半自理", "部分丧失", "部分丧失生活自理能力", "半失能", "部分丧失(半护理)", "生活半自理"),
    "care_full": (
        "全护理",
        "完全丧失",
        "完全丧失生活自理能力",
        "不能自理",
        "失能",
        "生活不能自理",
        "无自理能力",
        "完全丧失/全护理",
    ),
}
UNKNOWN = ("", "正常", "未评估自理能力", "全自理/半护理/全护理", "一级", "半护理、全护理", "中度")
CARES = ("W_SELF_CARE_UNKNOWN", "W_SELF_CARE_UNSTATED", "W_CARE_RESTATED", "W_ROSTER_CHANGED")
LIST = ("全自理", "半护理", "全护理", "部分丧失生活自理能力")


def person(number: int, ability: str | None, nursing: str = "300", **cells: str) -> dict[str, str]:
    row = {"序号": str(number), "乡镇": "石岭镇", "村": "上坪村", "类别": "特困", "姓名": f"示例孤老{number}"}
    row |= {"身份证号": id_number(300 + number), "供养方式": "分散"}
    row |= {} if ability is None else {"自理能力": ability}
    paid = {"基本生活费": "800", "照料护理费": nursing, "实发": str(800 + int(nursing))}
    return {**row, **paid, "银行账号": f"82010530000{number:05d}", **cells}


def read(county: County, month: int, *rows: Mapping[str, str]) -> FileReport:
    county.now = county.now.replace(month=month, day=8)
    grid = [list(rows[0]), *(list(row.values()) for row in rows)]
    path = county.write(f"特困{month}月.csv", grid)
    report = county.one(path, month=f"2025-{month:02d}", today=county.now.date())
    assert report.wrong == []
    county.sign_off()
    return report


def classes(county: County, kind: str = "enrolment.confirmed") -> list[list[str]]:
    """Of each enrolment that was recorded, the classes of care."""
    return [[part.supplement_class for part in one.monthly.supplements] for one in county.of_kind(kind)]


def told(report: FileReport) -> list[tuple[str, Any]]:
    return [(note.code, note.params.get("count")) for note in report.notes if note.code in CARES]


@pytest.mark.parametrize(("care", "word"), [(care, word) for care, words in WORDS.items() for word in words])
def test_a_word_of_self_care_is_a_class_of_care(care: str, word: str) -> None:
    assert care_class(word) == care


@pytest.mark.parametrize("word", [None, *UNKNOWN])
def test_what_names_no_class_or_several_is_none(word: str | None) -> None:
    assert care_class(word) is None


def test_the_list_says_who_is_cared_for_how_far(funded: County) -> None:
    report = read(funded, 9, *(person(n, word) for n, word in enumerate(LIST)), person(9, "全自理", "0"))
    assert classes(funded) == [["care_self"], ["care_half"], ["care_full"], ["care_half"], []]
    assert told(report) == []


def test_a_word_that_nobody_knows_is_told_with_its_rows(funded: County) -> None:
    rows = [person(1, "正常"), person(2, "半护理"), person(3, "正常"), person(4, "一级"), person(5, "不明", "0")]
    report = read(funded, 9, *rows)
    assert classes(funded) == [["other"], ["care_half"], ["other"], ["other"], []]
    assert told(report) == [("W_SELF_CARE_UNKNOWN", 2), ("W_SELF_CARE_UNKNOWN", 1)]
    remark = next(note for note in report.notes if note.code == "W_SELF_CARE_UNKNOWN").message("zh")
    assert all(word in remark for word in ("正常", "第 2、4 行", "全自理、半护理、全护理"))


@pytest.mark.parametrize("ability", [None, ""])
def test_a_list_that_says_nothing_is_recorded_as_that(funded: County, ability: str | None) -> None:
    """Once told, and later lists that say it are no change of anybody's."""
    rows = [person(n, ability) for n in (1, 2)]
    assert told(read(funded, 9, *rows)) == [("W_SELF_CARE_UNSTATED", 2)]
    assert classes(funded) == [["other"], ["other"]]
    size = funded.size()
    assert (told(read(funded, 9, *rows)), funded.size()) == ([], size)
    assert told(read(funded, 10, person(1, "半护理"), person(2, "全护理"))) == [("W_CARE_RESTATED", 2)]
    assert classes(funded, "enrolment.changed") == [["care_half"], ["care_full"]]


@pytest.fixture
def before(funded: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """September's list as an earlier release took it: everybody is cared for in full."""
    with monkeypatch.context() as patch:
        patch.setattr(roster_rows, "care_class", lambda _: "care_full")
        read(funded, 9, *(person(n, word) for n, word in enumerate(LIST)))
    assert classes(funded) == [["care_full"]] * 4
    return funded


@pytest.mark.parametrize("month", [9, 10])
def test_what_an_earlier_release_did_not_read_is_told_once(before: County, month: int) -> None:
    rows = [person(n, word) for n, word in enumerate(LIST)]
    report = read(before, month, *rows)
    assert told(report) == [("W_CARE_RESTATED", 3)]
    (remark,) = [note.message("zh") for note in report.notes if note.code == "W_CARE_RESTATED"]
    assert "半护理 2 人" in remark
    assert "全自理 1 人" in remark
    assert (report.new, report.duplicate) == ((0, 4) if month == 9 else (4, 0))
    (kinds,) = [note for note in report.notes if note.code == "W_ROSTER_KINDS"]
    assert kinds.params["same"] == 4
    changes = before.of_kind("enrolment.changed")
    assert [(one.reasons, one.from_month) for one in changes] == [(("correction",), f"2025-{month:02d}")] * 3
    assert classes(before, "enrolment.changed") == [["care_self"], ["care_half"], ["care_half"]]
    size = before.size()
    again = read(before, month, *rows)
    assert (told(again), again.new, again.duplicate, before.size()) == ([], 0, 4, size)


@pytest.mark.parametrize("ability", [None, "", "正常"])
def test_what_the_list_does_not_say_stays_as_it_was_recorded(before: County, ability: str | None) -> None:
    report = read(before, 10, *(person(n, ability) for n in range(4)))
    assert told(report) == ([("W_SELF_CARE_UNKNOWN", 4)] if ability else [])
    assert before.of_kind("enrolment.changed") == []


def test_who_really_needs_more_care_has_changed(funded: County) -> None:
    read(funded, 9, person(1, "半护理"), person(2, "半护理"), person(3, "全护理"))
    report = read(funded, 10, person(1, "全护理", "600"), person(2, "全护理"), person(3, "半护理", "100"))
    assert told(report) == [("W_ROSTER_CHANGED", None)] * 3
    assert classes(funded, "enrolment.changed") == [["care_full"], ["care_full"], ["care_half"]]
