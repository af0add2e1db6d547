"""The rectification register (问题整改台账): what ends a matter, what opens it again, and what a look back says."""

from datetime import date
from typing import Any

import pytest

from ledger.application.outcomes import Receipt, VoucherRefusedError
from ledger.application.proposing.redress.looked_back import relapses
from ledger_projections.public_money.recoveries import Matter, recoveries
from ledger_projections.registry import catch_up
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU

HEAD, *ROWS = rows_of("rectification.csv")
CLOSED = next(row for row in ROWS if row[HEAD.index("销号日期")])
DECEMBER = date(2025, 12, 5)


def take(county: County, name: str, *rows: dict[str, str]) -> Any:
    county.now = county.now.replace(year=2025, month=12, day=5)
    grid = [HEAD, *([row.get(column, was) for column, was in zip(HEAD, CLOSED, strict=True)] for row in rows)]
    found = county.one(county.write(name, grid), month="2025-11", today=DECEMBER)
    county.sign_off()
    return found


def matters(county: County) -> list[Matter]:
    assert all(progress.failure is None for progress in catch_up(county.store))
    with county.store.read() as connection:
        return list(recoveries(connection, on=DECEMBER).matters)


def states(county: County) -> list[tuple[str, int]]:
    return [(one.state, one.overdue_days) for one in matters(county)]


SAID = [
    ("无反弹", False), ("没有反弹", False), ("不存在反弹", False), ("反弹0户", False), ("未反弹", False),
    ("未发现反弹", False), ("未出现反弹现象", False), ("均未反弹", False), ("没有一户反弹", False), ("0户反弹", False),
    ("零反弹", False), ("反弹情况:无", False), ("无问题反弹", False), ("没有再发生", False), ("整改到位", False),
    ("反弹户数为0", False), ("良好", False), ("整改成效巩固", False), ("未再发现问题", False), ("无", False),
    ("未见异常", False), ("合格", False),
    ("反弹", True), ("有反弹", True), ("问题反弹", True), ("出现反弹", True), ("反弹,1户未整改到位", True),
    ("反弹3户", True), ("反弹10户", True), ("1户反弹", True), ("又反弹", True), ("复发", True), ("整改后,反弹", True),
    ("", None), ("待查", None), ("尚未回头看", None), ("已查", None), ("不合格", None), ("巩固情况待核", None),
    ("计划12月开展", None), ("落实不到位", None),
    ("是否反弹待查", None), ("有无反弹待核", None), ("防止反弹", None), ("有反弹风险", None), ("并非没有反弹", None),
    ("石岭镇无反弹,示例镇反弹1户", None), ("仍有2户未整改到位", None), ("据说反弹", None), ("可能反弹", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), SAID, ids=[one[0] or "empty" for one in SAID])
def test_what_a_look_back_says(text: str, *, meant: bool | None) -> None:
    assert relapses(text) is meant


def test_a_result_that_says_neither_is_a_wrong_row(county: County) -> None:
    found = take(county, "整改.csv", {"回头看结果": "是否反弹待查", "回头看日期": "2025-11-30"})
    assert (codes(found), found.wrong[0].column, found.new) == ([(2, "E_LOOK_BACK_RESULT")], "回头看结果", 0)
    assert all("{" not in found.wrong[0].message(language) for language in ("zh", "en"))


@pytest.mark.parametrize("result", ["", "待查", "见附件"])
def test_a_look_back_without_a_result_is_none(county: County, result: str) -> None:
    found = take(county, "整改.csv", {"回头看结果": result, "回头看日期": "2025-11-30"})
    assert (codes(found), county.of_kind("look_back.performed")) == ([(2, "E_LOOK_BACK_RESULT")], [])


OPEN = {"验收日期": "", "销号日期": "", "回头看日期": "", "回头看结果": ""}
STATES_WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"整改状态": "快了", **OPEN}, "整改状态", "E_CELL_CHOICE"),
    ({"整改状态": "整改中"}, "销号日期", "E_RECTIFICATION_STATE"),
    ({"整改状态": "部分已整改"}, "销号日期", "E_RECTIFICATION_STATE"),
    ({"整改状态": "未整改", **OPEN, "验收日期": "2025-07-20"}, "验收日期", "E_RECTIFICATION_STATE"),
]


@pytest.mark.parametrize(("cells", "column", "code"), STATES_WRONG)
def test_a_state_that_the_days_contradict_is_told(
    county: County, cells: dict[str, str], column: str, code: str
) -> None:
    found = take(county, "整改.csv", cells)
    assert [(one.column, one.code) for one in found.wrong] == [(column, code)]
    assert (found.new, county.of_kind("finding.confirmed"), county.of_kind("finding.closed")) == (0, [], [])
    assert all("{" not in found.wrong[0].message(language) for language in ("zh", "en"))


STATES_ODD: list[tuple[dict[str, str], list[str]]] = [
    ({}, []),
    ({"整改状态": "已完成整改", **OPEN}, []),
    ({"整改状态": "正在整改", **OPEN}, []),
    ({"整改状态": "未整改", **OPEN}, []),
    ({"销号日期": "2025-07-01", "验收日期": "2025-07-20"}, ["W_CLOSED_BEFORE_ACCEPTED"]),
    ({"涉及金额(万元)": "5.00", "已整改金额(万元)": "2.00"}, ["W_RECTIFIED_LESS"]),
    ({"涉及金额(万元)": "5.00", "已整改金额(万元)": "5.00"}, []),
]


@pytest.mark.parametrize(("cells", "remarks"), STATES_ODD)
def test_what_looks_odd_beside_the_state_is_taken_and_told(
    county: County, cells: dict[str, str], remarks: list[str]
) -> None:
    found = take(county, "整改.csv", cells)
    assert (found.new, found.wrong) == (1, [])
    told = [one for one in found.notes if one.code in {"W_CLOSED_BEFORE_ACCEPTED", "W_RECTIFIED_LESS"}]
    assert [one.code for one in told] == remarks
    assert all("{" not in one.message(language) for one in told for language in ("zh", "en"))


def test_what_relapsed_is_mended_again_beside_its_first_end(county: County) -> None:
    reopened(county)
    found = take(county, "再改.csv", {"整改状态": "整改中"})
    assert found.wrong == []


def test_what_an_older_release_read_otherwise_adds_nothing(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    back = {"回头看结果": "没有反弹", "回头看日期": "2025-11-30"}
    with monkeypatch.context() as patch:
        patch.setattr("ledger.application.proposing.redress.rectification.relapses", lambda _text: True)
        take(county, "旧.csv", back)
    assert take(county, "再.csv", back).duplicate == 1
    (old,) = county.of_kind("look_back.performed")
    county.reverse(old, BUREAU, DECEMBER)
    take(county, "后.csv", back)
    assert [one.relapsed for one in county.of_kind("look_back.performed")] == [1, 0]


def test_a_longer_text_opens_no_closed_matter(county: County) -> None:
    assert take(county, "七月.csv", {}).wrong == []
    assert states(county) == [("closed", 0)]
    later = take(county, "十一月.csv", {"整改进展": "已公示;11月复查公示栏完好"})
    assert (later.new, later.wrong) == (1, [])
    assert states(county) == [("closed", 0)]


def test_a_longer_text_opens_no_accepted_matter(county: County) -> None:
    take(county, "七月.csv", {"销号日期": ""})
    take(county, "十一月.csv", {"销号日期": "", "整改进展": "已公示;11月复查公示栏完好"})
    assert states(county) == [("accepted", 0)]


def test_a_deadline_may_be_moved_back_and_an_old_register_moves_none(county: County) -> None:
    """Only the newest plan and the newest progress are asked; the register that was read before says nothing anew."""
    june, september = {"整改时限": "2025-06-30"}, {"整改时限": "2025-09-30"}
    assert (told(take(county, "六月.csv", june)), told(take(county, "九月.csv", september))) == ((1, 0, []), (1, 0, []))
    old = take(county, "六月再.csv", june)
    assert (told(old), [note.code for note in old.notes]) == ((0, 1, []), ["W_ROWS_OLDER"])
    back = take(county, "改回.csv", {"整改时限": " 2025-06-30"})
    assert (told(back), back.notes) == ((1, 0, []), [])
    plans = [str(one.due_on) for one in county.of_kind("rectification.planned")]
    assert plans == ["2025-06-30", "2025-09-30", "2025-06-30"]
    again = take(county, "改回.csv", {"整改时限": " 2025-06-30"})
    assert (told(again), again.notes) == ((0, 1, []), [])


@pytest.mark.parametrize("column", ["整改进展", "已整改金额(万元)"])
def test_a_progress_may_be_corrected_back(county: County, column: str) -> None:
    for value in ("0.10", "0.20", " 0.10"):
        cells = {"销号日期": "", "验收日期": "", "回头看日期": "", "回头看结果": "", column: value}
        assert told(take(county, "整改.csv", cells)) == (1, 0, [])
        assert told(take(county, "整改.csv", cells)) == (0, 1, [])
    first, _, last = county.of_kind("rectification.reported")
    assert (first.progress, first.rectified_fen) == (last.progress, last.rectified_fen)


def reopened(county: County) -> str:
    take(county, "七月.csv", {})
    finding = str(county.of_kind("finding.confirmed")[0].finding)
    fields = {"finding": finding, "reason": "反弹", "on": "2025-11-20", "origin": "decision"}
    assert isinstance(county.decide(BUREAU, ("finding.reopened", fields), day=date(2025, 11, 20)), Receipt)
    assert [state for state, _ in states(county)] == ["reopened"]
    return finding


def test_what_was_opened_again_is_accepted_again_before_it_is_closed(county: County) -> None:
    closed = {"finding": reopened(county), "closed_by": "乙某", "on": "2025-12-02", "origin": "decision"}
    with pytest.raises(VoucherRefusedError) as caught:
        county.decide(BUREAU, ("finding.closed", closed), day=date(2025, 12, 2))
    assert [one.code for one in caught.value.findings] == ["E_NOT_SETTLED"]
    accepted = {"finding": closed["finding"], "accepted_by": "乙某", "on": "2025-12-01", "origin": "decision"}
    county.decide(BUREAU, ("rectification.accepted", accepted), day=date(2025, 12, 1))
    assert isinstance(county.decide(BUREAU, ("finding.closed", closed), day=date(2025, 12, 2)), Receipt)


def test_the_register_tells_the_second_acceptance_and_the_second_end(county: County) -> None:
    reopened(county)
    assert take(county, "旧.csv", {}).duplicate == 1, "the sheet of before says nothing new"
    assert [state for state, _ in states(county)] == ["reopened"]
    again = {"验收日期": "2025-12-01", "销号日期": "2025-12-02"}
    found = take(county, "十二月.csv", again)
    assert (found.new, found.wrong) == (1, [])
    assert states(county) == [("closed", 0)]
    first, second = county.of_kind("finding.closed")
    assert (str(second.on), first.on < second.on) == ("2025-12-02", True)
    assert "W_NOT_SETTLED" not in county.findings()
    assert take(county, "再.csv", again).duplicate == 1
    assert take(county, "最旧.csv", {}).duplicate == 1
    assert codes(take(county, "改.csv", {**again, "销号日期": "2025-12-03"})) == [(2, "E_ROW_CHANGED")]


ONE = {"文书名称及文号": "示审报〔2025〕9号", "回头看日期": "", "回头看结果": ""}
OTHER = {**ONE, "问题描述": "救助资金滞留乡镇", "涉及金额(万元)": "2.00", "涉及单位": "石岭镇"}
THIRD = {**OTHER, "涉及单位": "示例镇"}


def told(found: Any) -> tuple[int, int, list[tuple[int, str]]]:
    return found.new, found.duplicate, codes(found)


def test_problems_of_one_report_are_each_their_own(county: County) -> None:
    assert told(take(county, "一.csv", ONE, OTHER, THIRD)) == (3, 0, [])
    assert len(matters(county)) == 3
    assert told(take(county, "再.csv", THIRD, ONE, OTHER)) == (0, 3, []), "in any order"
    assert told(take(county, "双.csv", ONE, OTHER, ONE, OTHER)) == (0, 4, [])


def test_a_problem_joins_those_that_the_register_names(county: County) -> None:
    """Also where an older release had the first only; and its text may still be corrected by nobody unseen."""
    assert told(take(county, "一.csv", ONE)) == (1, 0, [])
    assert told(take(county, "二.csv", OTHER, ONE)) == (1, 1, [])
    changed = {**OTHER, "涉及金额(万元)": "3.00"}
    assert told(take(county, "三.csv", ONE, changed)) == (0, 1, [(3, "E_ROW_CHANGED")])
    reworded = {**OTHER, "问题描述": "资金滞留"}
    assert told(take(county, "四.csv", reworded, ONE)) == (0, 1, [(2, "E_ROW_CHANGED")])
    assert told(take(county, "五.csv", {**ONE, "问题描述": "另一说法"})) == (0, 0, [(2, "E_ROW_CHANGED")])
    assert len(matters(county)) == 2


DUE_PROCESS = [
    # 问题来源, 认定人, 答复期(天), whether the finding was confirmed as it must be
    ("数据比对", "示例申、示例酉", "", True),
    ("数据比对", "示例申", "", False),
    ("数据比对", "示例申 示例申", "", False),
    ("数据比对", "", "", False),
    ("审计", "示例申、示例酉", "10", True),
    ("审计", "示例申、示例酉", "9", False),
    ("审计", "示例申、示例酉", "", False),
]


@pytest.mark.parametrize(("origin", "confirmers", "days", "due"), DUE_PROCESS)
def test_who_confirmed_a_problem_and_its_term_are_taken_over(
    county: County, origin: str, confirmers: str, days: str, *, due: bool
) -> None:
    head = [*HEAD, "认定人", "答复期(天)"]
    row = [origin if column == "问题来源" else cell for column, cell in zip(HEAD, CLOSED, strict=True)]
    county.now = county.now.replace(year=2025, month=12, day=5)

    def imported(name: str, *said: str) -> Any:
        found = county.one(county.write(name, [head, [*row, *said]]), month="2025-11", today=DECEMBER)
        county.sign_off()
        return found

    assert (imported("整改.csv", confirmers, days).new, "W_DUE_PROCESS" in county.findings()) == (1, not due)
    size = county.size()
    again = imported("再.csv", "示例申、示例酉、示例戌", "12")
    assert (again.new, again.wrong, county.size()) == (0, [], size), "who confirmed it later tells no other problem"


def test_a_register_that_does_not_say_it_is_read_as_before(county: County) -> None:
    assert take(county, "整改.csv", {}).new == 1
    (finding,) = county.of_kind("finding.confirmed")
    assert (finding.confirmed_by, finding.reply_days) == ((), None)
