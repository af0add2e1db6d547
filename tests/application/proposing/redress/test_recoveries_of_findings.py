"""A doubt that a check sheet found true is recovered by the register as that finding, and not as a second one."""

from typing import Any

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.redress.test_check_sheets import FOUNDED, doubted, filled, numbers
from tests.application.proposing.redress.test_matching_lists import CAR, C, listed, paid

__all__ = ["doubted", "paid"]
HEAD = rows_of("recoveries.csv")[0]
ROW = {
    "序号": "1",
    "线索来源": "数据比对",
    "违规情形": "财产超标",
    "姓名": C[0],
    "身份证号": C[1],
    "救助类别": "农村低保",
    "应追缴金额(元)": "580.00",
    "认定文书号": "示民核〔2025〕31号",
    "认定日期": "2025-09-30",
    "告知送达日期": "2025-09-30",
    "追缴方式": "转账",
    "已追缴金额(元)": "0.00",
    "资金去向": "退回原渠道",
    "未追缴金额(元)": "580.00",
    "是否移送": "否",
}


def register(*rows: dict[str, str]) -> Grid:
    return [HEAD, *([{**ROW, **row}.get(column, "") for column in HEAD] for row in rows)]


@pytest.fixture
def confirmed(doubted: County) -> County:
    """The county with one finding, of 580 yuan, that came from a doubt."""
    doubted.one(filled(doubted, {C[0]: FOUNDED}))
    doubted.sign_off()
    return doubted


def taken(county: County, name: str, *rows: dict[str, str]) -> Any:
    report = county.one(county.write(name, register(*rows)))
    county.sign_off()
    return report


def test_the_sheets_finding_is_recovered(confirmed: County) -> None:
    assert taken(confirmed, "追缴.csv", {}).wrong == []
    (finding,) = confirmed.of_kind("finding.confirmed")
    (order,) = confirmed.of_kind("recovery.ordered")
    (notice,) = confirmed.of_kind("notice.served")
    assert order.finding == notice.finding == finding.finding == numbers(confirmed)[C[0]]
    assert (order.amount_fen, order.document) == (58_000, "示民核〔2025〕31号")
    assert not {"W_NOTICE_MISSING", "W_RECOVERY_OVER_FINDING", "W_NOTICE_BEFORE_FINDING"} & set(confirmed.findings())
    again = taken(confirmed, "追缴.csv", {})
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


def test_what_comes_in_later_is_collected_on_it(confirmed: County) -> None:
    taken(confirmed, "追缴.csv", {})
    more = {"已追缴金额(元)": "80.00", "未追缴金额(元)": "500.00", "最近到账日期": "2025-09-30", "追缴方式": "缴国库"}
    assert taken(confirmed, "追缴后.csv", {**more, "资金去向": "缴国库"}).wrong != [], (
        "another destination is another order"
    )
    more["追缴方式"] = "现金"
    assert taken(confirmed, "追缴后.csv", more).wrong == []
    (collected,) = confirmed.of_kind("recovery.collected")
    assert (collected.amount_fen, collected.finding) == (8_000, numbers(confirmed)[C[0]])
    assert len(confirmed.of_kind("finding.confirmed")) == 1


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("more than was found", {"应追缴金额(元)": "580.01", "未追缴金额(元)": "580.01"}),
        ("another programme", {"救助类别": "城镇低保"}),
        ("another person", {"姓名": "示例甲", "身份证号": "431099194803120016"}),
    ],
)
def test_what_the_finding_does_not_bear_is_a_matter_of_its_own(
    confirmed: County, what: str, other: dict[str, str]
) -> None:
    assert taken(confirmed, "追缴.csv", other).wrong == [], what
    (order,) = confirmed.of_kind("recovery.ordered")
    assert order.finding != numbers(confirmed)[C[0]]
    assert len(confirmed.of_kind("finding.confirmed")) == 2


def test_the_registers_own_finding_stays_its_own(doubted: County) -> None:
    """The register came first, and what the sheet says later does not move its orders."""
    taken(doubted, "追缴.csv", {})
    doubted.one(filled(doubted, {C[0]: FOUNDED}))
    doubted.sign_off()
    assert (taken(doubted, "追缴.csv", {}).duplicate, len(doubted.of_kind("recovery.ordered"))) == (1, 1)


def test_two_findings_that_both_fit_are_asked_for(confirmed: County) -> None:
    homes = listed((C, "房产", CAR, "2025-01"))
    assert confirmed.one(confirmed.write("房产.csv", homes)).new == 1
    second = [one for one in confirmed.of_kind("clue.raised") if one.test == "T05房产"]
    assert len(second) == 1
    confirmed.one(filled(confirmed, {C[0]: FOUNDED}))
    confirmed.sign_off()
    assert len(confirmed.of_kind("finding.confirmed")) == 2
    report = taken(confirmed, "追缴.csv", {})
    assert [code for _, code in codes(report)] == ["E_FINDING_CHOICE"]
