"""A WeChat fund bill with a refund leaves the channel with what WeChat has: the fee that came back is booked."""

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import CHARITY

HEAD, GIFT, FEE, PAID_OUT = rows_of("wechat_fund.csv")
OTHER, REFUND = "4200009999202509050000000002", "50000099992025090500000001"


def row(kind: str, way: str, sums: tuple[str, str], remark: str, no: int, order: str = OTHER) -> list[str]:
    """A movement of the channel's account."""
    moment = "2025-09-05 20:31:02" if kind == "退款" else "2025-09-05 20:15:40"
    return [
        f"`{one}" for one in (moment, order, f"190000999920250905000000001{no}", kind, kind, way, *sums, "system")
    ] + [
        f"`{remark}",
        f"`{order}",
    ]


SECOND = row("交易", "收入", ("66.66", "265.46"), "结算总金额 66.66 元;含手续费 0.40 元", 3)
SECOND_FEE = row("扣除交易手续费", "支出", ("0.40", "265.06"), "结算总金额 66.66 元;含手续费 0.40 元", 4)


def bill(remark: str, taken: str = "66.26", left: str = "198.80") -> Grid:
    """The complete bill of a day with a gift, another one, and that one's refund."""
    refund = row("退款", "支出", (taken, left), remark, 5, REFUND)
    return [HEAD, GIFT, FEE, SECOND, SECOND_FEE, refund, PAID_OUT]


@pytest.mark.parametrize(
    "remark",
    [
        "退款总金额66.66元;含手续费0.40元",
        "退款总金额 66.66 元；含手续费 0.40 元",
        "退款金额：66.66元",
        "含手续费0.40元",
    ],
)
def test_a_fee_given_back_is_booked_and_the_channel_is_empty(county: County, remark: str) -> None:
    county.take_in("wechat_trade.csv")
    report = county.one(county.write("资金.csv", bill(remark)))
    county.sign_off()
    assert (report.new, report.wrong) == (4, [])
    assert county.fen(CHARITY, "general", "fundraising_cost") == 120
    assert county.fen(CHARITY, "general", "channel", "wechat") == 0
    assert "W_CHANNEL_SHORT" not in county.findings()
    again = county.one(county.write("再.csv", bill(remark)))
    assert (again.new, again.duplicate) == (0, 4)


def test_a_bill_that_was_read_before_brings_the_fee_alone(county: County) -> None:
    """Older releases took a refund for evidence only; the same bill puts their books right."""
    county.take_in("wechat_trade.csv")
    county.take_in(county.write("资金.csv", [one for one in bill("") if "`退款" not in one]))
    county.sign_off()
    assert county.fen(CHARITY, "general", "channel", "wechat") == -40
    assert county.one(county.write("再.csv", bill("退款总金额66.66元;含手续费0.40元"))).new == 1
    county.sign_off()
    assert county.fen(CHARITY, "general", "channel", "wechat") == 0


@pytest.mark.parametrize("remark", ["", "用户申请退款", "退款总金额66.26元;含手续费0.00元"])
def test_a_refund_without_a_fee_is_evidence_only(county: County, remark: str) -> None:
    report = county.one(county.write("资金.csv", bill(remark)))
    assert (report.new, report.wrong) == (3, [])


@pytest.mark.parametrize(
    "remark", ["退款总金额66.66元;含手续费0.30元", "退款总金额66.20元", "退款总金额66.66元;含手续费0.00元"]
)
def test_a_refund_that_contradicts_itself_is_wrong(county: County, remark: str) -> None:
    report = county.one(county.write("资金.csv", bill(remark)))
    assert [code for _, code in codes(report)] == ["E_CHANNEL_REFUND"]
    assert report.wrong[0].column == "备注"
