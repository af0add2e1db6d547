"""A channel's refund of a gift that the office booked by hand for a pledge: what went back is owed again."""

from ledger.application.proposing.context import Context
from ledger.application.proposing.giving.donors import channel_donation
from tests.application.proposing.county import County, rows_of
from tests.application.proposing.county_facts import CHARITY

HEAD, GIFT, _, REFUND = rows_of("wechat_trade.csv")
PLEDGE, FEN = "RJ2025-003", 6_666


def booked(county: County, counts_fen: int = FEN, fen: int = FEN) -> None:
    order = REFUND[HEAD.index("微信订单号")].strip("`")
    context = Context(county.store, county.vault, county.options("acct-charity"))
    who = {"donor_kind": "organisation", "donor_label": "湖南示例矿业有限公司", "publicity": "name"}
    given = {"donation": channel_donation(context, "wechat", order), "fund": "general", "amount_fen": fen}
    means = {"means": "channel", "channel": "wechat", "order_no": order, "occurred_on": "2025-09-05"}
    parts = {"pledge_parts": [{"pledge": PLEDGE, "fen": counts_fen}], "wants_receipt": False}
    county.decide(CHARITY, ("donation.received", {**who, **given, **means, **parts}))


def test_a_refund_opens_the_pledge_again(county: County) -> None:
    before = county.fen(CHARITY, "general", "pledged", PLEDGE)
    booked(county)
    assert county.fen(CHARITY, "general", "pledged", PLEDGE) == before - FEN
    bill = [HEAD, REFUND]
    report = county.one(county.write("微信.csv", bill))
    county.sign_off()
    assert (report.new, report.wrong) == (1, [])
    assert county.fen(CHARITY, "general", "pledged", PLEDGE) == before
    again = county.one(county.write("再.csv", bill))
    assert (again.new, again.duplicate, again.wrong) == (0, 1, [])


def test_a_refund_of_another_gift_opens_nothing(county: County) -> None:
    before = county.fen(CHARITY, "general", "pledged", PLEDGE)
    county.take_in("wechat_trade.csv")
    county.sign_off()
    (back,) = county.of_kind("donation.returned")
    assert (back.pledge_parts, county.fen(CHARITY, "general", "pledged", PLEDGE)) == ((), before)


def refund(number: int, yuan: str) -> list[str]:
    """A refund of the same order under a number of its own."""
    row = [*REFUND]
    row[HEAD.index("微信退款单号")] = f"`5030000000{number:020d}"
    row[HEAD.index("商户退款单号")] = f"`RF{number:04d}"
    row[HEAD.index("退款金额")] = f"`{yuan}"
    return row


def test_several_refunds_of_one_bill_open_a_pledge_once_each(county: County) -> None:
    """Of 66.66 yuan 40.00 count: 20.00 back leave it fulfilled, 30.00 more open 23.34, and the rest 16.66."""
    before = county.fen(CHARITY, "general", "pledged", PLEDGE)
    booked(county, 4_000)
    first, *others = refund(1, "20.00"), refund(2, "30.00"), refund(3, "16.66")
    for number, (bill, new) in enumerate((([first], 1), ([first, *others, others[0]], 2), (others, 0))):
        report = county.one(county.write(f"微信{number}.csv", [HEAD, *bill]))
        county.sign_off()
        assert (report.new, report.wrong) == (new, [])
    told = [(one.amount_fen, sum(part.fen for part in one.pledge_parts)) for one in county.of_kind("donation.returned")]
    assert told == [(2_000, 0), (3_000, 2_334), (1_666, 1_666)]
    assert county.fen(CHARITY, "general", "pledged", PLEDGE) == before
