"""What a roster pays beside the month's amount: its remark says what, for which months, and what it makes good."""

import pytest

from ledger.application.proposing.proposal import RowRefusedError
from ledger.application.proposing.relief.beside_normal import Beside, beside
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import BUREAU
from tests.application.proposing.relief.october import HEAD, OCTOBER, SEPTEMBER, household, id_number, import_october

REMARKS: list[tuple[str | None, str, tuple[str, str, str]]] = [
    (None, "2025-09", ("arrears", "2025-09", "2025-09")),
    ("补发8月(退票)", "2025-09", ("arrears", "2025-08", "2025-08")),
    ("补发 7、8月", "2025-09", ("arrears", "2025-07", "2025-08")),
    ("补发2025年6月至8月", "2025-09", ("arrears", "2025-06", "2025-08")),
    ("补发11月-12月", "2026-01", ("arrears", "2025-11", "2025-12")),  # no year: the last one that has been
    ("补发12月—1月", "2026-02", ("arrears", "2025-12", "2026-01")),
    ("补发2024年12月", "2025-02", ("arrears", "2024-12", "2024-12")),
    ("提标补差1-3月", "2025-04", ("uplift", "2025-01", "2025-03")),
    ("1月起提标,本月补差", "2025-04", ("uplift", "2025-01", "2025-03")),
    ("标准调整补差", "2025-04", ("uplift", "2025-04", "2025-04")),
    ("月人均补差核算错误补发3月", "2025-04", ("arrears", "2025-03", "2025-03")),  # 补差 alone is Dibao's own word
    ("8月价格临时补贴", "2025-09", ("price", "2025-08", "2025-08")),
    ("春节一次性慰问", "2025-01", ("one_off", "2025-01", "2025-01")),
    ("一次性补发1-3月", "2025-04", ("arrears", "2025-01", "2025-03")),  # a word like 一次性 lifts no ceiling
    ("春节前补发退票", "2025-02", ("arrears", "2025-02", "2025-02")),
    ("取暖费", "2025-10", ("one_off", "2025-10", "2025-10")),
    ("冬季取暖补贴600元", "2025-10", ("one_off", "2025-10", "2025-10")),
    ("四季度取暖费", "2025-10", ("one_off", "2025-10", "2025-12")),
    ("10-12月取暖费", "2025-10", ("one_off", "2025-10", "2025-12")),  # the season that begins, not last year's
    ("11月-3月取暖费", "2025-10", ("one_off", "2025-11", "2026-03")),
    ("11月至3月取暖费", "2026-04", ("one_off", "2025-11", "2026-03")),
    ("12月取暖费", "2025-10", ("one_off", "2025-12", "2025-12")),
    ("9月高温补贴", "2025-10", ("one_off", "2025-09", "2025-09")),
    ("3月取暖费", "2025-10", ("one_off", "2025-03", "2025-03")),  # what is half a year ahead is not meant
    ("补发1月取暖费", "2025-10", ("one_off", "2025-01", "2025-01")),  # nor what was missed
    ("补发取暖费(退票)", "2025-10", ("arrears", "2025-10", "2025-10")),
    ("补发8月低保金、取暖费", "2025-10", ("arrears", "2025-08", "2025-08")),
    ("国庆慰问", "2025-10", ("one_off", "2025-10", "2025-10")),
    ("10-12月价格临时补贴", "2025-10", ("price", "2025-10", "2025-12")),
    ("1月价格临时补贴", "2025-10", ("price", "2025-01", "2025-01")),
    ("补发10-12月", "2025-10", ("arrears", "2024-10", "2024-12")),
    ("补发三季度", "2025-10", ("arrears", "2025-07", "2025-09")),
    ("补发四季度", "2026-01", ("arrears", "2025-10", "2025-12")),
    ("补发三季度", "2025-08", ("arrears", "2025-07", "2025-08")),
    ("提标补差9月、10月", "2025-10", ("uplift", "2025-09", "2025-10")),
    ("10月、11月取暖费", "2025-10", ("one_off", "2025-10", "2025-11")),
    ("11月、12月、1月取暖费", "2025-11", ("one_off", "2025-11", "2026-01")),
    ("11、12、1、2月取暖费", "2025-11", ("one_off", "2025-11", "2026-02")),
    ("2025年12月、1月取暖费", "2025-12", ("one_off", "2025-12", "2026-01")),
    ("11月至次年3月取暖费", "2025-10", ("one_off", "2025-11", "2026-03")),
    ("11月-翌年3月取暖费", "2025-11", ("one_off", "2025-11", "2026-03")),
    ("今年11月至明年3月取暖费", "2025-10", ("one_off", "2025-11", "2026-03")),
    ("2025年11月、12月、2026年1月取暖费", "2025-11", ("one_off", "2025-11", "2026-01")),
    ("11月、12月、次年1月取暖费", "2025-11", ("one_off", "2025-11", "2026-01")),
    ("11月、12月、2026年1月取暖费", "2025-11", ("one_off", "2025-11", "2026-01")),
    ("2024年12月、2025年1月补发", "2025-02", ("arrears", "2024-12", "2025-01")),
    ("2025年1月、2024年12月补发", "2025-02", ("arrears", "2024-12", "2025-01")),
    ("补发1月、12月", "2026-01", ("arrears", "2025-12", "2026-01")),
    ("补发12月、1月", "2026-01", ("arrears", "2025-12", "2026-01")),
    ("补发11月、12月、1月", "2025-11", ("arrears", "2024-11", "2025-01")),
    ("补发9月、8月", "2025-10", ("arrears", "2025-08", "2025-09")),
    ("补发2024年12月、11月", "2025-12", ("arrears", "2024-11", "2024-12")),
    ("补发2月、9月", "2025-10", ("arrears", "2025-02", "2025-09")),
    ("补发２０２３年１２月", "2024-10", ("arrears", "2023-12", "2023-12")),
    ("补发去年12月", "2025-10", ("arrears", "2024-12", "2024-12")),
    ("补发上年11月至12月", "2025-10", ("arrears", "2024-11", "2024-12")),
    ("补发去年11月至今年1月", "2025-02", ("arrears", "2024-11", "2025-01")),
    ("补发2024年11月至次年1月", "2025-02", ("arrears", "2024-11", "2025-01")),
    ("补发去年四季度", "2025-10", ("arrears", "2024-10", "2024-12")),
    ("8月12日退票重发", "2025-09", ("arrears", "2025-09", "2025-09")),  # a day is no month that is paid for
]
UNSOUND = [
    "补发13月",
    "补发2026年1月",
    "补发2023年1月至2025年8月",
    "补发2024年11-1月",
    "补发2024年13月-2025年1月",
    "补发0-3月",
    "2026年3月取暖费",
    "2026年1月价格补贴",
    "补发9月、2月",
    "补发2024年12月、10月",
    "补发8月、2025年7月",
    "补发9月、2025年1月",
    "11月至次年12月取暖费",
    "9月、次年10月取暖费",
    "补发7月、13月",
    "补发明年1月",
]
"""No month, not paid before its time, longer than a year, backwards, or of a year that nobody can know."""


@pytest.mark.parametrize(("remark", "month", "found"), REMARKS, ids=[f"{one[0]}@{one[1]}" for one in REMARKS])
def test_a_remark_says_what_is_paid(remark: str | None, month: str, found: tuple[str, str, str]) -> None:
    said = beside(remark, month)
    assert (said.component, said.first, said.last) == found
    assert isinstance(said, Beside)


@pytest.mark.parametrize("remark", UNSOUND)
def test_months_that_do_not_hold_are_a_wrong_row(enrolled: County, remark: str) -> None:
    with pytest.raises(RowRefusedError):
        beside(remark, "2025-09")
    report = import_october(enrolled, list_of(paying_more(4, 100, remark.replace("2026", "2027"))))
    assert codes(report) == [(5, "E_REMARK_MONTHS")]
    assert (report.new, report.wrong[0].column) == (11, "备注")


def paying_more(number: int, yuan: int, remark: str) -> list[str]:
    """A household's October row with something on top."""
    base = int(household(number)[HEAD.index("基本保障金(元)")])
    return household(number, **{"补发(元)": str(yuan), "本月实发(元)": str(base + yuan), "备注": remark})


def list_of(*more: list[str]) -> Grid:
    """October's list: everybody as in September, some with more."""
    changed = {row[HEAD.index("家庭编号")]: row for row in more}
    return [HEAD, *(changed.get(row[HEAD.index("家庭编号")], row) for row in SEPTEMBER[1:])]


def beside_of(county: County, number: int) -> list[tuple[str, str, str, int]]:
    who = county.vault.reference("household", f"431099S{number:05d}")
    mine = {one.enrolment for one in county.of_kind("enrolment.confirmed") if one.household == who}
    return [
        (one.component, one.period_from, one.period_to, one.amount_fen)
        for one in county.of_kind("subsidy.authorised")
        if one.enrolment in mine and one.component != "normal"
    ]


def test_a_rise_from_an_earlier_month_names_its_decision(enrolled: County) -> None:
    """Decided in October for August on: one line for two months, more than one month's ceiling would bear."""
    fields = {"programme": "rural-dibao", "category": "农村B类", "amount_fen_per_month": 60_000, "tiers_fen": []}
    rest = {"effective_from": "2025-08", "decided_on": "2025-10-05", "document": "示民发〔2025〕9号"}
    enrolled.now = enrolled.now.replace(month=10, day=8)
    enrolled.decide(BUREAU, ("standard.set", {**fields, **rest, "origin": "decision"}), day=enrolled.now.date())
    grid = list_of(paying_more(3, 200, "8-9月提标补差"), paying_more(4, 900, "补发7-8月"))
    report = import_october(enrolled, grid)
    assert (report.new, report.wrong) == (12, [])
    enrolled.sign_off()
    raised = next(one for one in enrolled.of_kind("standard.set") if one.document == rest["document"])
    (uplift,) = [one for one in enrolled.of_kind("subsidy.authorised") if one.component == "uplift"]
    assert uplift.reference.event == raised.id
    assert beside_of(enrolled, 3) == [("uplift", "2025-08", "2025-09", 20_000)]
    assert beside_of(enrolled, 4) == [("arrears", "2025-07", "2025-08", 90_000)]  # before the book took it over
    again = import_october(enrolled, grid)
    assert (again.new, again.duplicate, again.wrong) == (0, 12, [])


def test_arrears_above_what_those_months_allow_are_taken_out(enrolled: County) -> None:
    """Household 4 may have 500 yuan a head: two persons and two months bear 2,000 and not a yuan more."""
    report = import_october(enrolled, list_of(paying_more(4, 2_000, "补发7-8月"), paying_more(5, 3_001, "补发7-8月")))
    assert codes(report) == [(6, "E_PAID_ABOVE_STANDARD")]
    enrolled.sign_off()
    assert beside_of(enrolled, 4) == [("arrears", "2025-07", "2025-08", 200_000)]
    assert beside_of(enrolled, 5) == []
    (out,) = enrolled.of_kind("batch.line_excluded")
    assert out.rule_code == "PAID_ABOVE_STANDARD"


def result(number: int, yuan: str, outcome: str, month: str, day: str) -> list[str]:
    head = rows_of("payresult.csv")[0]
    row = {
        "批次号": f"NDB{month.replace('-', '')}-01",
        "序号": str(number),
        "户名": f"示例户{number}",
        "账号": f"820105300000{number:05d}",
        "金额": yuan,
        "证件号码": id_number(number),
        "处理结果": outcome,
        "失败原因": "" if outcome == "成功" else "账号户名不符",
        "处理日期": day,
        "备注": f"431099S{number:05d}",
    }
    return [row.get(title, "") for title in head]


def test_what_came_back_is_made_good_once(enrolled: County) -> None:
    """September's payment of household 6 failed; October's list pays it again beside October's own and refers to it."""
    base = household(6)[HEAD.index("基本保障金(元)")]
    enrolled.sign_off()
    head = rows_of("payresult.csv")[0]
    back = enrolled.one(enrolled.write("回盘9月.csv", [head, result(6, base, "失败", "2025-09", "20250909")]))
    assert (back.new, back.wrong) == (1, [])
    enrolled.sign_off()
    (failed,) = enrolled.of_kind("subsidy.returned")
    grid = list_of(paying_more(6, int(base), "补发9月退票"))
    report = import_october(enrolled, grid)
    assert (report.new, codes(report)) == (12, [])
    enrolled.sign_off()
    (again,) = [one for one in enrolled.of_kind("subsidy.authorised") if one.component == "arrears"]
    assert again.reference.payment == failed.payment
    assert (again.period_from, again.period_to) == ("2025-09", "2025-09")
    more = import_october(enrolled, grid)
    assert (more.new, more.duplicate, more.wrong) == (0, 12, [])
    assert OCTOBER in again.batch
    # the same list once more in November: nothing is left to make good, and nobody is paid a third time
    enrolled.now = enrolled.now.replace(month=11, day=8)
    path = enrolled.write("花名册11月.csv", grid)
    november = enrolled.one(path, month="2025-11", today=enrolled.now.date())
    assert (november.new, codes(november)) == (11, [(7, "E_REISSUE_DONE")])
    enrolled.sign_off()
    assert len([one for one in enrolled.of_kind("subsidy.authorised") if one.component == "arrears"]) == 1


def test_arrears_of_another_month_make_nothing_good(enrolled: County) -> None:
    """September's payment came back; what October pays for August, of the same amount, is not that payment."""
    base = household(6)[HEAD.index("基本保障金(元)")]
    enrolled.sign_off()
    head = rows_of("payresult.csv")[0]
    enrolled.one(enrolled.write("回盘9月.csv", [head, result(6, base, "失败", "2025-09", "20250909")]))
    enrolled.sign_off()
    report = import_october(enrolled, list_of(paying_more(6, int(base), "补发8月")))
    assert codes(report) == []
    enrolled.sign_off()
    (arrears,) = [one for one in enrolled.of_kind("subsidy.authorised") if one.component == "arrears"]
    assert (arrears.period_from, arrears.reference.payment) == ("2025-08", None)
