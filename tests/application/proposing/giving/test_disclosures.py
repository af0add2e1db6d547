"""The register of publications: each is recorded once, what is late is a doubt, what is not published is no fact."""

from datetime import date
from functools import partial

import pytest

from ledger.application.proposing.giving import channels, disclosures
from ledger.application.proposing.reports import FileReport
from ledger.decisions.judging import judge
from tests.application.proposing.county import County, codes, rows_of

HEAD = "序号,公开编号,公开事项,公开对象,起算日期,公开日期,公开网址或地点,责任人,备注"


def told(**cells: str) -> list[str]:
    row = {
        "序号": "1",
        "公开编号": "GK2025-01",
        "公开事项": "募捐结果",
        "公开对象": "慈善一日捐",
        "起算日期": "2025-06-10",
    }
    row |= {"公开日期": "2025-09-10", "公开网址或地点": "县政府网", "责任人": "示例王", **cells}
    return [row.get(title, "") for title in HEAD.split(",")]


def registered(county: County, *rows: list[str]) -> FileReport:
    report = county.one(county.write("信息公开台账.csv", [HEAD.split(","), *rows]))
    county.sign_off()
    return report


def test_a_publication_is_recorded_once_with_its_place(county: County) -> None:
    report = registered(county, told())
    assert (report.kind, report.new, report.wrong) == ("disclosures", 1, [])
    (event,) = county.of_kind("disclosure.published")
    assert (event.matter, event.subject, event.address) == ("campaign_final", "慈善一日捐", "县政府网")
    assert (event.since_on, event.published_on) == (date(2025, 6, 10), date(2025, 9, 10))
    assert county.doubts() == [], "three months end on the same day of the month"
    again = registered(county, told(), told(公开编号="GK2025-02", 公开事项="年度报告", 起算日期="2024-12-31"))
    assert (again.new, again.duplicate, again.wrong) == (1, 1, [])


@pytest.mark.parametrize(
    ("matter", "since", "published", "late"),
    [
        ("募捐结果", "2025-06-09", "2025-09-10", True),
        ("募捐进展", "2025-05-31", "2025-08-31", False),
        ("项目结果", "2024-11-30", "2025-02-28", False),
        ("项目进展", "2024-11-30", "2025-03-01", True),
        ("关联交易", "2025-08-01", "2025-08-31", False),
        ("重大事项", "2025-08-01", "2025-09-01", True),
        ("年度报告", "2024-12-31", "2025-05-31", False),
        ("年度报告", "2024-12-31", "2025-06-01", True),
        ("福彩公益金使用情况", "2024-12-31", "2025-06-30", False),
        ("福彩公益金使用情况", "2024-12-31", "2025-07-01", True),
    ],
)
def test_the_day_after_the_last_is_late(county: County, matter: str, since: str, published: str, late: bool) -> None:  # noqa: FBT001 - a case of the table
    assert registered(county, told(公开事项=matter, 起算日期=since, 公开日期=published)).wrong == []
    assert len(county.of_kind("disclosure.published")) == 1, "what is late is recorded all the same"
    assert county.findings() == ["W_DISCLOSURE_LATE"] * late


YEARLY = [
    ("the year's last day", "2024年度工作报告", "2024-12-31", "2025-05-31", "2024-12-31", []),
    ("the day after the year", "2024年度工作报告", "2025-01-01", "2025-05-31", "2024-12-31", []),
    ("late by that year", "2024年度工作报告", "2025-01-01", "2025-06-01", "2024-12-31", ["W_DISCLOSURE_LATE"]),
]


@pytest.mark.parametrize(
    ("what", "subject", "since", "published", "begins", "found"), YEARLY, ids=[c[0] for c in YEARLY]
)
def test_a_yearly_report_is_due_after_its_own_year(
    county: County, what: str, subject: str, since: str, published: str, begins: str, found: list[str]
) -> None:
    row = told(公开事项="年度报告", 公开对象=subject, 起算日期=since, 公开日期=published)
    assert registered(county, row).wrong == [], what
    assert [str(one.since_on) for one in county.of_kind("disclosure.published")] == [begins]
    assert county.findings() == found
    assert registered(county, row).duplicate == 1


@pytest.mark.parametrize(("subject", "since"), [("2024年度", "2025-03-01"), ("年度工作报告", "2025-01-01")])
def test_a_yearly_report_of_no_known_year_is_told(county: County, subject: str, since: str) -> None:
    found = registered(county, told(公开事项="年度报告", 公开对象=subject, 起算日期=since, 公开日期="2025-05-01"))
    assert [(one.code, one.column) for one in found.wrong] == [("E_DISCLOSURE_YEAR", "起算日期")]


def test_what_was_recorded_from_new_years_day_is_known(county: County) -> None:
    """An older release took the day as it was written."""
    row = told(公开事项="年度报告", 公开对象="2024年度", 起算日期="2025-01-01", 公开日期="2025-09-10")
    with pytest.MonkeyPatch.context() as older:
        older.setattr(disclosures, "_since", lambda values: values["since_on"])
        older.setattr("ledger.application.batches.judge", partial(judge, edition=2))
        older.setattr("ledger.application.rehearsal.judge", partial(judge, edition=2), raising=False)
        registered(county, row)
    assert [str(one.since_on) for one in county.of_kind("disclosure.published")] == ["2025-01-01"]
    again = registered(county, row)
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


@pytest.mark.parametrize(("since", "days"), [("2025-05-01", 60), ("2025-06-30", 0)])
def test_what_is_overdue_and_not_published_is_told(county: County, since: str, days: int) -> None:
    report = registered(county, told(公开日期="", 公开网址或地点="", 起算日期=since))
    told_days = [one.params["days"] for one in report.notes if one.code == "W_DISCLOSURE_OVERDUE"]
    assert told_days == [days] * bool(days)


def test_what_is_not_published_yet_is_no_fact(county: County) -> None:
    report = registered(county, told(公开日期="", 公开网址或地点=""))
    assert (report.new, report.noted, report.wrong) == (0, 1, [])
    assert county.of_kind("disclosure.published") == []


BAD = [
    ("another matter", {"公开事项": "其他"}, "E_CELL_CHOICE"),
    ("no place", {"公开网址或地点": ""}, "E_CELL_MISSING"),
    ("no beginning", {"起算日期": ""}, "E_CELL_MISSING"),
    ("before it ended", {"起算日期": "2025-09-11"}, "E_DISCLOSURE_BEFORE"),
    ("in the future", {"公开日期": "2025-10-08"}, "E_FACT_IN_FUTURE"),
]


@pytest.mark.parametrize(("what", "cells", "code"), BAD, ids=[case[0] for case in BAD])
def test_what_is_wrong_is_told_at_its_row(county: County, what: str, cells: dict[str, str], code: str) -> None:
    report = registered(county, told(**cells), told(公开编号="GK2025-09"))
    assert {found for _, found in codes(report)} - {"E_DATE_FUTURE"} == {code}, what
    assert report.new == 1


def test_another_day_of_the_same_publication_is_wrong(county: County) -> None:
    registered(county, told())
    report = registered(county, told(公开日期="2025-09-11"))
    assert (report.new, len(report.wrong)) == (0, 1)
    assert len(county.of_kind("disclosure.published")) == 1


def test_a_campaign_is_named_once_by_whichever_register_comes_first(county: County) -> None:
    """The gifts' reference and the name meet; the plan's number comes with what was published of it."""
    county.take_in("donation_register.csv")
    county.sign_off()
    gifts = {one.campaign for one in county.of_kind("donation.collective")}
    names = {one.campaign: one.name for one in county.of_kind("campaign.named")}
    assert gifts <= names.keys()
    assert set(names.values()) >= {"2025年慈善一日捐", "2025年慈善大会"}
    size = len(county.of_kind("campaign.named"))
    assert size == len(names), "each once, however many gifts came with it"
    head = [*HEAD.split(","), "募捐方案备案号"]
    row = [*told(公开对象="2025年慈善一日捐"), "备2025-07"]
    report = county.one(county.write("信息公开台账.csv", [head, row]))
    county.sign_off()
    assert (report.new, report.wrong) == (1, [])
    plan = county.of_kind("campaign.named")[-1]
    assert (plan.campaign in gifts, plan.plan_no) == (True, "备2025-07")
    again = county.one(county.write("信息公开台账.csv", [head, row]))
    assert (again.new, again.duplicate, len(county.of_kind("campaign.named"))) == (0, 1, size + 1)
    head, row = [*head, "募捐起始日期", "募捐终止日期"], [*row, "2025-09-01", "2025-09-30"]
    dated = county.one(county.write("信息公开台账.csv", [head, row]))
    county.sign_off()
    assert (dated.new, dated.duplicate, dated.wrong) == (0, 1, [])
    last = county.of_kind("campaign.named")[-1]
    assert (last.campaign, last.starts_on, last.ends_on) == (plan.campaign, date(2025, 9, 1), date(2025, 9, 30))
    county.one(county.write("信息公开台账.csv", [head, row]))
    assert len(county.of_kind("campaign.named")) == size + 2


def test_a_plan_ends_after_it_starts(county: County) -> None:
    head = [*HEAD.split(","), "募捐起始日期", "募捐终止日期"]
    report = county.one(county.write("信息公开台账.csv", [head, [*told(), "2025-09-30", "2025-09-01"]]))
    assert codes(report) == [(2, "E_CAMPAIGN_DATES")]
    assert report.wrong[0].column == "募捐终止日期"


def test_a_bill_that_was_imported_before_names_its_campaign_when_it_comes_again(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(channels, "name_campaign", lambda *_: None)
        county.take_in("wechat_trade.csv")
        county.sign_off()
    assert county.of_kind("campaign.named") == []
    size = len(county.of_kind("donation.received"))
    report = county.take_in("wechat_trade.csv")
    county.sign_off()
    assert [(one.new, one.wrong) for one in report.files] == [(0, [])]
    assert [one.name for one in county.of_kind("campaign.named")] == ["慈善一日捐"]
    assert len(county.of_kind("donation.received")) == size


def test_what_a_bill_calls_its_goods_stays_a_reference_where_it_holds_a_persons_number(county: County) -> None:
    grid = [[cell.replace("慈善一日捐", "助13800138000") for cell in row] for row in rows_of("wechat_trade.csv")]
    report = county.one(county.write("wechat.csv", grid))
    county.sign_off()
    assert (report.new > 0, report.wrong) == (True, [])
    assert {one.campaign is None for one in county.of_kind("donation.received")} == {False}
    assert county.of_kind("campaign.named") == []
