"""A charity with two merchant numbers: each bill finds the channel that it is of, or says how to name it."""

from datetime import date
from typing import Any

import pytest

from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, rows_of
from tests.application.proposing.county_facts import CHARITY

FIRST, SECOND = "1900009999", "1611112222"
FUNDS = rows_of("wechat_fund.csv")
TRADES = rows_of("wechat_trade.csv")[:2]
START = date(2025, 9, 1)


def opened(county: County, name: str, provider: str = "wechat", merchant: str | None = SECOND) -> None:
    """The charity has another channel."""
    reference = None if merchant is None else county.vault.reference("merchant-number", merchant)
    named = {"channel": name, "name": name, "provider": provider, "merchant": "own", "merchant_ref": reference}
    rest = {"aliases": [], "default_fund": "general", "settles_to": "ccb-9992", "on": "2024-01-01"}
    county.decide(CHARITY, ("channel.opened", {**named, **rest}), day=START)


@pytest.fixture(name="two")
def _two(county: County) -> County:
    opened(county, "wechat-2")
    return county


def of(merchant: str, grid: Grid) -> Grid:
    """A bill of a merchant."""
    return [[cell.replace(FIRST, merchant) for cell in row] for row in grid]


def numbered_apart(grid: Grid) -> Grid:
    """A fund bill whose movements bear no merchant's number."""
    at = grid[0].index("资金流水单号")
    return [grid[0], *([*row[:at], f"`77{row[at][3:]}", *row[at + 1 :]] for row in grid[1:])]


def settled(county: County) -> list[tuple[str, str]]:
    """(kind, channel) of all that the fund bill booked."""
    county.sign_off()
    return [(one.kind, one.channel) for one in county.of_kinds("channel.") if one.kind != "channel.opened"]


def both(channel: str) -> list[tuple[str, str]]:
    return [("channel.fee_charged", channel), ("channel.settled", channel)]


@pytest.mark.parametrize(("merchant", "channel"), [(FIRST, "wechat"), (SECOND, "wechat-2")])
def test_a_fund_bill_is_told_by_the_number_that_its_movements_begin_with(
    two: County, merchant: str, channel: str
) -> None:
    two.take_in(two.write("交易.csv", of(merchant, TRADES)))
    two.sign_off()
    report = two.one(two.write("资金.csv", of(merchant, FUNDS)))
    assert (report.new, report.wrong, settled(two)) == (2, [], both(channel))
    assert two.fen(CHARITY, "general", "channel", channel) == 0
    again = two.one(two.write("再.csv", of(merchant, FUNDS)))
    assert (again.new, again.duplicate, again.wrong) == (0, 2, [])


def test_a_fund_bill_is_told_by_the_orders_that_the_book_knows(two: County) -> None:
    two.take_in(two.write("交易.csv", of(SECOND, TRADES)))
    two.sign_off()
    report = two.one(two.write("资金.csv", numbered_apart(FUNDS)))
    assert (report.new, report.wrong, settled(two)) == (2, [], both("wechat-2"))


def test_a_fund_bill_that_tells_nothing_asks_for_its_channel_by_name(two: County) -> None:
    file = two.write("资金.csv", numbered_apart(FUNDS))
    report = two.one(file)
    assert codes(report) == [(row, "E_CHANNEL_SEVERAL") for row in (2, 3, 4)]
    cell = report.wrong[0]
    assert cell.column == "资金流水单号"
    for language in ("zh", "en"):
        assert "wechat-2" in cell.message(language)
        assert "--account" in cell.message(language)
    assert "微信支付" in cell.message("zh")
    assert "请先登记" not in cell.message("zh")
    assert two.one(file, account="wechat-2").wrong == []
    assert settled(two) == both("wechat-2")


def test_an_account_that_is_no_channel_of_these_is_no_answer(two: County) -> None:
    report = two.one(two.write("资金.csv", numbered_apart(FUNDS)), account="icbc-9991")
    assert {code for _, code in codes(report)} == {"E_CHANNEL_SEVERAL"}


def test_a_file_of_two_merchants_books_each_of_its_own(two: County) -> None:
    for merchant in (FIRST, SECOND):
        two.take_in(two.write(f"{merchant}.csv", of(merchant, TRADES)))
    two.sign_off()
    mixed = [*FUNDS[:3], *of(SECOND, FUNDS)[3:]]
    assert two.one(two.write("资金.csv", mixed)).wrong == []
    assert settled(two) == [("channel.fee_charged", "wechat"), ("channel.settled", "wechat-2")]


def test_a_second_shop_without_a_number_is_named_by_the_user(county: County) -> None:
    opened(county, "alipay-2", "alipay", None)
    report = county.one("alipay_trade.csv")
    assert {code for _, code in codes(report)} == {"E_CHANNEL_SEVERAL"}
    assert "支付宝" in report.wrong[0].message("zh")
    assert county.one("alipay_trade.csv", account="alipay-2").wrong == []
    assert {one.channel for one in county.of_kind("donation.received")} == {"alipay-2"}


def test_a_merchant_that_nobody_registered_is_registered_first(county: County) -> None:
    report: Any = county.one(county.write("交易.csv", of("1999999999", TRADES)))
    assert codes(report) == [(2, "E_CHANNEL_CHOICE")]
    assert "微信支付" in report.wrong[0].message("zh")
    assert "登记" in report.wrong[0].message("zh")
