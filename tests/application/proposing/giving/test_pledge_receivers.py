"""A pledge to another charity is not ours because the word stands in its name."""

import pytest

from ledger.application.proposing.giving.receivers import whose
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County

OWN = "示例县慈善总会"
HEAD = [
    "认捐编号",
    "认捐日期",
    "活动",
    "认捐人",
    "类型",
    "认捐总额",
    "接收单位",
    "方式",
    "期次",
    "应付日期",
    "应付金额",
]
OURS = (
    "",
    "慈善",
    "本会",
    "县慈善总会",
    "慈善总会",
    "慈善会",
    "县慈善会",
    OWN,
    "示例慈善总会",
    "湖南省示例县慈善总会",
    "示例县慈善会",
)
OTHERS = (
    "示例县教育慈善基金会",
    "县红十字会(慈善项目)",
    "县红十字会（慈善项目）",
    "教育基金",
    "其他",
    "县教育局",
    "邻县慈善总会",
    "湖南省慈善总会",
    "中华慈善总会",
    "示例县慈善医院",
)
UNCLEAR = ("慈善办", "慈善事业部门们", "慈善项目")


@pytest.mark.parametrize("receiver", [*OURS, f"{OWN}(代收)", "本县慈善总会", " 示例县 慈善总会 "])
def test_ours(receiver: str) -> None:
    assert whose(receiver, OWN) == "ours"


@pytest.mark.parametrize("receiver", OTHERS)
def test_anothers(receiver: str) -> None:
    assert whose(receiver, OWN) == "another"


@pytest.mark.parametrize("receiver", UNCLEAR)
def test_unclear(receiver: str) -> None:
    assert whose(receiver, OWN) == "unclear"


def test_a_foundation_is_ours_where_it_keeps_the_book() -> None:
    name = "示例县教育慈善基金会"
    assert {whose(one, name) for one in (name, "教育慈善基金会", "慈善")} == {"ours"}
    assert whose(OWN, name) == "another"
    assert whose("慈善总会", name) == "unclear"


def pledges(*receivers: str) -> Grid:
    """A list of pledges of 1,000.00, one to each."""
    who, due = (
        ("2025-09-05", "慈善大会", "湖南示例酒业有限公司", "企业", "1000.00"),
        ("一次", "1", "2025-12-20", "1000.00"),
    )
    rows = [[f"RJ2025-1{no}", *who, one, *due] for no, one in enumerate(receivers)]
    return [HEAD, *rows]


def test_what_others_were_promised_is_not_outstanding_here(county: County) -> None:
    before = county.fen("charity", "general", "pledged")
    others = ("示例县教育慈善基金会", "县红十字会(慈善项目)", "测试慈善总会", "慈善办")
    report = county.one(county.write("认捐.csv", pledges(*others)))
    county.sign_off()
    assert [(cell.code, cell.column, cell.value) for cell in report.wrong] == [
        ("E_PLEDGE_RECEIVER", "接收单位", "慈善办")
    ]
    made = {(one.fund, one.recipient_label) for one in county.of_kind("pledge.made")[1:]}
    assert made == {("general", None), (None, others[0]), (None, others[1])}
    assert abs(county.fen("charity", "general", "pledged") - before) == 100_000
