"""Registers that state totals and states: next month's sheet adds what is new in it, and nothing a second time."""

from datetime import date

import pytest

from ledger.values.uscc import uscc_check_character
from tests.application.importing.offices import Grid, changed
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import AGENT, BUREAU


def later(county: County, name: str, grid: Grid, day: date = date(2025, 10, 28)) -> list[tuple[int, str]]:
    """Import next month's sheet and have it signed; the codes of its wrong rows."""
    county.now = county.now.replace(month=day.month, day=day.day)
    found = codes(county.one(county.write(name, grid), month=day.isoformat()[:7], today=day))
    county.sign_off()
    return found


def cells(grid: Grid, row: int, values: dict[str, str]) -> Grid:
    for column, value in values.items():
        grid = changed(grid, row, column, value)
    return grid


@pytest.fixture
def september_in(county: County) -> County:
    """The registers of September, signed."""
    for name in (
        "dibao_roster.csv",
        "mutual_aid.csv",
        "lottery.csv",
        "recoveries.csv",
        "rectification.csv",
        "doubts.csv",
    ):
        county.take_in(name)
    county.sign_off()
    return county


def test_a_society_is_registered_at_last_and_raised_more(september_in: County) -> None:
    county = september_in
    more = {
        "登记状态": "已登记",
        "统一社会信用代码": "51431099MJJ900004" + uscc_check_character("51431099MJJ900004"),
        "会员数": "58",
        "筹资合计(元)": "31500.00",
        "会员互助金(元)": "1500.00",
        "账户余额(元)": "31500.00",
    }
    assert later(county, "互助社10月.csv", cells(rows_of("mutual_aid.csv"), 3, more)) == []
    (change,) = county.of_kind("mutual_aid.society_changed")
    assert (change.status, change.members, change.name) == ("registered", 58, "冲口村救急难互助社")
    newest = county.of_kind("mutual_aid.contributed")[-1]
    assert (newest.source, newest.amount_fen, newest.cumulative_fen) == ("member", 150_000, 150_000)
    assert -county.fen(AGENT, change.society, "donation_restricted") == 3_150_000
    before = county.size()
    assert later(county, "互助社10月.csv", cells(rows_of("mutual_aid.csv"), 3, more)) == []
    assert county.size() == before


def test_a_sheet_that_comes_before_the_last_one_is_signed_is_not_booked_twice(september_in: County) -> None:
    """Grants wait for the second person; next month's total counts them as known."""
    county = september_in
    for name, month, total, left in (("十月", 10, "3000.00", "29000.00"), ("十一月", 11, "3600.00", "28400.00")):
        county.now = county.now.replace(month=month)
        grid = cells(rows_of("mutual_aid.csv")[:2], 1, {"本年救助金额(元)": total, "账户余额(元)": left})
        day = date(2025, month, 28)
        assert county.one(county.write(f"{name}.csv", grid), month=f"2025-{month}", today=day).wrong == []
    assert len(county.waiting()) == 2
    county.sign_off()
    assert sorted(one.amount_fen for one in county.of_kind("mutual_aid.granted")) == [60_000, 60_000, 80_000, 240_000]


def test_a_society_that_waits_to_be_registered_keeps_its_next_sheet_waiting(county: County) -> None:
    county.take_in("mutual_aid.csv")
    helped = {"本年救助金额(元)": "3000.00", "账户余额(元)": "29000.00"}
    sheet = cells(rows_of("mutual_aid.csv"), 1, helped)
    assert {code for _, code in later(county, "十月.csv", sheet)} == {"E_SOCIETY_UNKNOWN"}
    assert later(county, "十月.csv", sheet) == []
    assert sorted(one.amount_fen for one in county.of_kind("mutual_aid.granted")) == [60_000, 80_000, 240_000]


def test_a_new_year_begins_its_grants_anew(september_in: County) -> None:
    county = september_in
    helped = {"本年救助户次": "1", "本年救助金额(元)": "500.00", "账户余额(元)": "29100.00"}
    county.now = county.now.replace(year=2026)
    grid = cells(rows_of("mutual_aid.csv")[:2], 1, helped)
    assert later(county, "互助社2026.csv", grid, date(2026, 1, 30)) == []
    assert county.of_kind("mutual_aid.granted")[-1].amount_fen == 50_000


def test_a_sheet_of_another_year_is_asked_for_its_month(september_in: County) -> None:
    """What an earlier year's sheet said is that sheet again; other totals may be of either year."""
    county = september_in
    county.now = county.now.replace(year=2026, month=1, day=30)
    same = cells(rows_of("mutual_aid.csv"), 1, {"备注": "重新导入"})
    more = cells(same, 1, {"本年救助金额(元)": "3000.00", "账户余额(元)": "29000.00"})
    day, size = date(2026, 1, 30), county.size()
    for file in ("mutual_aid.csv", county.write("互助社.csv", same)):
        again = county.one(file, month=None, today=day)
        assert (again.new, again.duplicate, again.wrong) == (0, 3, [])
    found = county.one(county.write("互助社改.csv", more), month=None, today=day)
    assert found.refused is not None
    assert found.refused.code == "E_MONTH_NEEDED", "once, of the file"
    assert county.size() == size
    assert codes(county.one(county.write("互助社改.csv", more), month="2025-09", today=day)) == []
    county.sign_off()
    assert county.of_kind("mutual_aid.granted")[-1].amount_fen == 60_000


def test_the_first_sheet_of_a_society_is_asked_for_its_year(county: County) -> None:
    """December's sheet comes in January: what was granted last year is not this year's."""
    county.now = county.now.replace(year=2026, month=1, day=12)
    day = date(2026, 1, 12)
    found = county.one("mutual_aid.csv", month=None, today=day)
    assert (found.refused is not None and found.refused.code, found.new) == ("E_MONTH_NEEDED", 0)
    assert county.of_kind("mutual_aid.society_registered") == []
    without = [row for row in rows_of("mutual_aid.csv") if "冲口村救急难互助社" in row or "序号" in row]
    assert county.one(county.write("未救助.csv", without), month=None, today=day).new == 1, "nothing was granted"


@pytest.mark.parametrize(
    ("title", "as_of"),
    [("2025年12月互助社台账", date(2025, 12, 31)), ("2025年度救急难互助社台账", date(2025, 12, 31))],
)
def test_the_title_of_a_sheet_says_its_year(county: County, title: str, as_of: date) -> None:
    county.now = county.now.replace(year=2026, month=1, day=12)
    grid = [[title], *rows_of("mutual_aid.csv")]
    found = county.one(county.write("互助社.csv", grid), month=None, today=date(2026, 1, 12))
    assert (found.refused, found.new, found.wrong) == (None, 3, [])
    county.sign_off()
    assert {one.occurred_on for one in county.of_kind("mutual_aid.granted")} == {as_of}
    assert {one.as_of for one in county.of_kind("mutual_aid.reviewed")} == {as_of}


def test_a_project_pays_on(september_in: County) -> None:
    county = september_in
    paid = {
        "支付日期": "2025-10-15",
        "支付金额(万元)": "2.00",
        "累计支付(万元)": "12.50",
        "结余(万元)": "1.75",
        "执行率": "87.7%",
        "凭证号": "财付-1015",
        "完成情况": "已发四季度",
    }
    assert later(county, "福彩10月.csv", cells(rows_of("lottery.csv"), 1, paid)) == []
    assert county.of_kind("lottery.used")[-1].amount_fen == 2_000_000
    assert county.fen(BUREAU, "lottery", "quota") == 28_750_000 - 2_000_000


def test_an_instalment_comes_and_the_deadline_moves(september_in: County) -> None:
    county = september_in
    paid = {
        "已追缴金额(元)": "7500.00",
        "未追缴金额(元)": "2100.00",
        "最近到账日期": "2025-10-20",
        "责任人": "示例辛",
        "计划完成": "2026-03-31",
    }
    assert later(county, "追缴10月.csv", cells(rows_of("recoveries.csv"), 2, paid)) == []
    newest = county.of_kind("recovery.collected")[-1]
    assert (newest.amount_fen, newest.mode, newest.occurred_on) == (150_000, "paid_to_treasury", date(2025, 10, 20))
    assert county.fen(BUREAU, "relief", "recoverable") == 210_000


def test_progress_and_a_moved_deadline_are_added(september_in: County) -> None:
    county = september_in
    told = {"整改进展": "已追缴4.13万元", "已整改金额(万元)": "4.13", "整改时限": "2025-10-31"}
    assert later(county, "整改10月.csv", cells(rows_of("rectification.csv"), 1, told)) == []
    assert [one.rectified_fen for one in county.of_kind("rectification.reported")][-1] == 4_130_000
    assert county.of_kind("rectification.planned")[-1].due_on == date(2025, 10, 31)
    assert "W_DEADLINE_MOVED" in county.findings()
    accepted = {**told, "整改状态": "已整改", "验收人": "示例股长", "验收日期": "2025-10-25", "销号日期": "2025-10-26"}
    assert later(county, "整改验收.csv", cells(rows_of("rectification.csv"), 1, accepted)) == []
    assert len(county.of_kind("rectification.accepted")) == 2
    assert len(county.of_kind("finding.closed")) == 4, "two recoveries and one problem were closed in September"


def test_a_problem_takes_in_the_cases_that_its_row_names(september_in: County) -> None:
    """By the number of a doubt or of a paper; more may be named later, and what nobody found is told at its cell."""
    county = september_in
    grid = [[*row, ""] for row in rows_of("rectification.csv")]
    grid[0][-1] = "关联疑点编号或认定文书号"
    title = grid[0][-1]
    assert later(county, "整改关联.csv", cells(grid, 1, {title: "示民核〔2025〕12号"})) == []
    (grouped,) = county.of_kind("finding.cases_grouped")
    (case,) = [one for one in county.of_kind("finding.confirmed") if one.document == "示民核〔2025〕12号"]
    assert grouped.cases == (case.finding,)
    assert grouped.finding == next(one.finding for one in county.of_kind("finding.confirmed") if one.unit is not None)
    size = county.size()
    assert later(county, "整改再.csv", cells(grid, 1, {title: "示民核〔2025〕12号"})) == []
    assert county.size() == size, "the same register again"
    assert later(county, "整改多.csv", cells(grid, 1, {title: "示民核〔2025〕12号、示民核〔2025〕9号"})) == []
    assert [len(one.cases) for one in county.of_kind("finding.cases_grouped")] == [1, 1]
    report = county.one(county.write("整改错.csv", cells(grid, 1, {title: "示民核〔2025〕99号"})))
    assert codes(report) == [(2, "E_CASE_NUMBER")]
    assert report.wrong[0].column == title


def test_a_doubt_is_answered_later(county: County) -> None:
    unanswered = cells(
        rows_of("doubts.csv"), 2, dict.fromkeys(("核查结果", "原因分类", "核查日期", "认定金额(元)"), "")
    )
    assert codes(county.one(county.write("疑点.csv", unanswered))) == []
    assert len(county.of_kind("clue.refuted")) == 1
    assert later(county, "疑点回.csv", rows_of("doubts.csv")) == []
    county.sign_off()
    assert len(county.of_kind("clue.raised")) == 3
    assert len(county.of_kind("clue.refuted")) == 2
