"""Two charities in one book: what an office numbers by itself is its own, and nobody's money goes through another."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.application.outcomes import VoucherRefusedError
from ledger.application.proposing.context import Context
from ledger.application.proposing.importer import FileReport, Importer
from ledger.decisions.histories import recorded
from ledger.log import reading
from ledger.signing.keys import SigningKey
from tests.application.importing.offices import Grid
from tests.application.proposing.county import County, codes, enrolment_of, rows_of
from tests.application.proposing.county_facts import CHARITY

EDU, START = "edu", date(2025, 9, 1)
OWN_CASH = "教育现金"
REGISTER = rows_of("donation_register.csv")
HEAD = REGISTER[0]
PLAIN = {
    "捐赠人": "无名氏",
    "捐赠方式": "现金",
    "收款账户": "现金",
    "捐赠金额(元)": "100.00",
    "捐赠意向": "非限定",
    "指定项目或受益人": "",
    "银行流水号或支付单号": "",
    "认捐编号": "",
    "人数": "1",
    "是否开票": "否",
    "票据号码": "",
    "开票日期": "",
}
PLEDGES = ["认捐编号", "认捐日期", "认捐人", "类型", "认捐总额", "接收单位", "方式", "期次", "应付日期", "应付金额"]
GOODS = ["批次号", "入库日期", "捐赠人", "品名", "计量单位", "数量", "单价", "价值依据", "验收人一", "验收人二"]
OUT = ["出库日期", "批次号", "领用单位", "数量", "用途", "签收人"]


def register(**said: str) -> Grid:
    """A register of one gift."""
    named = {**PLAIN, **said}
    return [HEAD, [named.get(column, cell) for column, cell in zip(HEAD, REGISTER[1], strict=True)]]


def pledge(donor: str, yuan: str, receiver: str) -> Grid:
    """A register of one pledge, RJ2026-009, due at the end of the year."""
    return [PLEDGES, ["RJ2026-009", "2025-09-05", donor, "企业", yuan, receiver, "一次", "1", "2025-12-20", yuan]]


def lot(quantity: str) -> Grid:
    """A book of goods with one lot, L001."""
    return [GOODS, ["L001", "2025-09-05", "湖南示例矿业有限公司", "矿泉水", "箱", quantity, "30", "发票", "甲", "乙"]]


def out(quantity: str) -> Grid:
    return [OUT, ["2025-09-10", "L001", "某村委会", quantity, "慰问", "丁"]]


class Pair:
    """A county with a second charity, whose cash box and bank account bear names of their own."""

    def __init__(self, county: County) -> None:
        self.county = county

    def join(self) -> None:
        """The second charity enters the book."""
        county = self.county
        county.keys = {**county.keys, **{f"{post}-{EDU}": SigningKey.generate() for post in ("acct", "check")}}
        named = {"name": "示例教育基金会", "entity_kind": "charity", "book_kind": "statutory", "chart_family": "npo"}
        facts: list[tuple[str, dict[str, Any]]] = [
            ("entity.registered", {"entity": EDU, **named, "public_fundraising": False})
        ]
        for post, role in (("acct", "accountant"), ("check", "checker")):
            officer = f"{post}-{EDU}"
            who = {"officer": officer, "name": officer, "entity": EDU, "post": "other", "title": "测试"}
            facts.append(("officer.named", {**who, "valid_from": "2025-01-01"}))
            facts.append(("key.enrolled", {**enrolment_of(county, officer), "valid_from": "2025-01-01"}))
            facts.append(("role.granted", {"officer": officer, "role": role, "entity": EDU}))
        county.post("guan-1", "book", facts, "guan-2", day=START)
        fund = {"fund": "general", "name": "非限定资金", "fund_kind": "unrestricted", "purpose": "助学", "purposes": []}
        more = {"programmes": [], "no_cost": False, "on": "2025-09-01", "origin": "history"}
        own = {"default_fund": "general", "opened_on": "2024-01-01"}
        cash = {"account": "edu-cash", "holding": "cash", "aliases": ["现金", OWN_CASH], **own}
        bank = {"account": "edu-bank", "holding": "bank", "bank": "中国银行", "aliases": ["教育行8888"], **own}
        registered = [("bank.account_registered", one) for one in (cash, bank)]
        county.decide(EDU, ("fund.opened", {**fund, **more}), *registered, day=START)

    def take_in(self, entity: str, file: Path) -> FileReport:
        """Import a file of one of the two, and sign all that waits."""
        county, officer = self.county, f"acct-{entity}"
        context = Context(county.store, county.vault, county.options(officer, entity=entity))
        report = Importer(county.writer, context, lambda: county.signer(officer)).add_all([file])
        county.sign_off()
        return report.files[0]

    def both(self, ours: Grid, theirs: Grid) -> tuple[FileReport, FileReport]:
        """The same kind of file from each of the two."""
        first = self.take_in(CHARITY, self.county.write("总会.csv", ours))
        return first, self.take_in(EDU, self.county.write("基金会.csv", theirs))


@pytest.fixture
def pair(county: County) -> Pair:
    one = Pair(county)
    one.join()
    return one


def test_equal_rows_of_two_registers_are_two_gifts(pair: Pair) -> None:
    first, second = pair.both(register(), register())
    assert [(one.new, one.duplicate, one.wrong) for one in (first, second)] == [(1, 0, []), (1, 0, [])]
    assert [gift.account for gift in pair.county.of_kind("donation.received")] == ["cash", "edu-cash"]
    again = pair.both(register(), register())
    assert [(one.new, one.duplicate, one.wrong) for one in again] == [(0, 1, []), (0, 1, [])]


def test_a_name_of_another_charitys_account_is_unknown(pair: Pair) -> None:
    report = pair.take_in(CHARITY, pair.county.write("总会.csv", register(收款账户=OWN_CASH)))
    assert codes(report) == [(2, "E_ACCOUNT_CHOICE")]


def test_the_same_donor_on_the_same_day_gave_to_both(pair: Pair) -> None:
    donor = {"捐赠人": "湖南示例矿业有限公司", "捐赠人类型": "企业"}
    reports = pair.both(register(**donor), register(**donor, **{"捐赠金额(元)": "300.00"}))
    assert [one.wrong for one in reports] == [[], []]
    assert [gift.amount_fen for gift in pair.county.of_kind("donation.received")] == [10_000, 30_000]


def test_the_same_number_of_a_receipt_may_stand_in_two_registers(pair: Pair) -> None:
    told = {"是否开票": "是", "票据号码": "0000000001", "开票日期": "2025-09-05"}
    for report in pair.both(register(**told), register(**told)):
        assert (report.wrong, [note.code for note in report.notes]) == ([], ["W_RECEIPT_LATER"])  # cash waits
    assert pair.county.of_kind("donation.receipt_issued") == []
    pair.both(register(**told), register(**told))
    issued = pair.county.of_kind("donation.receipt_issued")
    assert len({one.receipt for one in issued}) == 2
    assert {one.covers[0].donation for one in issued} == {g.donation for g in pair.county.of_kind("donation.received")}
    again = pair.both(register(**told), register(**told))
    assert [(one.new, one.duplicate, one.wrong) for one in again] == [(0, 1, []), (0, 1, [])]


def test_the_same_office_number_may_be_two_pledges_and_each_gift_meets_its_own(pair: Pair) -> None:
    ours = pledge("湖南示例矿业有限公司", "1000.00", "测试慈善总会")
    theirs = pledge("湖南示例酒业有限公司", "5000.00", "示例教育基金会")
    assert [one.wrong for one in pair.both(ours, theirs)] == [[], []]
    made = [one for one in pair.county.of_kind("pledge.made") if one.pledge.endswith("RJ2026-009")]
    assert [(one.pledge, one.amount_fen) for one in made] == [
        (f"{CHARITY}.RJ2026-009", 100_000),
        (f"{EDU}.RJ2026-009", 500_000),
    ]
    told = {"认捐编号": "RJ2026-009"}
    assert [one.wrong for one in pair.both(register(**told), register(**told))] == [[], []]
    left = {key[0]: fen for key, fen in pair.county.balances().items() if key[4] == "pledged" and "009" in key[5]}
    assert left == {CHARITY: 90_000, EDU: 490_000}


def test_the_same_lot_number_may_be_two_lots_and_goods_leave_their_own(pair: Pair) -> None:
    early = pair.take_in(EDU, pair.county.write("出库早.csv", out("40")))
    assert codes(early) == [(2, "E_LOT_CHOICE")]
    assert [one.wrong for one in pair.both(lot("100"), lot("200"))] == [[], []]
    assert [one.wrong for one in pair.both(out("40"), out("40"))] == [[], []]
    assert pair.county.fen(CHARITY, "general", "inventory") == 60 * 3_000
    assert pair.county.fen(EDU, "general", "inventory") == 160 * 3_000


def test_what_was_recorded_before_the_other_charity_came_is_known_by_its_number(county: County) -> None:
    pair = Pair(county)
    files = {
        "认捐.csv": pledge("湖南示例矿业有限公司", "1000.00", "测试慈善总会"),
        "捐赠.csv": register(认捐编号="RJ2026-009", 是否开票="是", 票据号码="77", 开票日期="2025-09-05"),
        "入库.csv": lot("100"),
        "出库.csv": out("40"),
    }
    paths = [county.write(name, grid) for name, grid in files.items()]
    assert [(one.new, one.wrong) for one in (pair.take_in(CHARITY, path) for path in paths)] == [(1, [])] * 4
    pair.take_in(CHARITY, paths[1])
    (receipt,) = county.of_kind("donation.receipt_issued")
    assert receipt.receipt == "register-77"
    before = county.size()[0]
    pair.join()
    joined = county.size()[0]
    reports = [pair.take_in(CHARITY, path) for path in paths]
    assert [(one.new, one.duplicate, one.wrong) for one in reports] == [(0, 1, [])] * 4
    assert county.size()[0] == joined > before
    later = pair.take_in(CHARITY, county.write("又出库.csv", [OUT, ["2025-09-11", "L001", "某村", "9", "慰问", "丁"]]))
    assert (later.new, later.wrong) == (1, [])
    assert county.fen(CHARITY, "general", "inventory") == 51 * 3_000


def test_a_bill_without_a_merchants_number_is_of_the_entity_that_the_user_names(pair: Pair) -> None:
    bill = rows_of("alipay_trade.csv")
    channel = {"channel": "alipay", "name": "支付宝", "provider": "alipay", "merchant": "own", "merchant_ref": None}
    rest = {"aliases": [], "default_fund": "general", "settles_to": "edu-bank", "on": "2024-01-01"}
    pair.county.decide(EDU, ("channel.opened", {**channel, **rest}), day=START)
    report = pair.take_in(EDU, pair.county.write("支付宝.csv", bill))
    assert (report.wrong, report.new > 0) == ([], True)
    assert pair.county.fen(CHARITY, "general", "channel", "alipay") == 0
    assert pair.county.fen(EDU, "general", "channel", "alipay") > 0


def named(county: County) -> list[tuple[str, str]]:
    """(entity, name) of every campaign that was named."""
    with county.store.read() as connection:
        places = reading.positions_of_ids(connection, [one.id for one in county.of_kind("campaign.named")]).values()
        found = recorded(connection, reading.events_at(connection, sorted(places)))
        return [(item.entity, getattr(item.event, "name", "")) for item in found]


def test_a_campaign_of_both_is_named_by_each(pair: Pair) -> None:
    told = {"所属活动": "2025年慈善一日捐"}
    for _ in range(2):
        assert [one.wrong for one in pair.both(register(**told), register(**told))] == [[], []]
        assert named(pair.county) == [(CHARITY, "2025年慈善一日捐"), (EDU, "2025年慈善一日捐")]


def test_a_campaign_is_named_by_the_one_while_the_others_waits(pair: Pair) -> None:
    """What waits for a signature counts as known, of its own entity only."""
    told = {"所属活动": "2025年慈善一日捐"}
    grids = {CHARITY: register(**told), EDU: register(**told)}
    for entity, grid in grids.items():
        county, officer = pair.county, f"acct-{entity}"
        context = Context(county.store, county.vault, county.options(officer, entity=entity))
        Importer(county.writer, context, partial(county.signer, officer)).add_all([county.write("一.csv", grid)])
    pair.county.sign_off()
    assert sorted(named(pair.county)) == [(CHARITY, "2025年慈善一日捐"), (EDU, "2025年慈善一日捐")]


def test_a_bill_of_two_charities_names_the_campaign_of_each(pair: Pair) -> None:
    merchant = pair.county.vault.reference("merchant-number", "1611112222")
    channel = {
        "channel": "edu-wechat",
        "name": "微信",
        "provider": "wechat",
        "merchant": "own",
        "merchant_ref": merchant,
    }
    rest = {"aliases": [], "default_fund": "general", "settles_to": "edu-bank", "on": "2024-01-01"}
    pair.county.decide(EDU, ("channel.opened", {**channel, **rest}), day=START)
    head, first, second, _ = rows_of("wechat_trade.csv")
    role = {"officer": f"acct-{CHARITY}", "role": "accountant", "entity": EDU}
    pair.county.post("guan-1", "book", [("role.granted", role)], "guan-2", day=START)
    mixed = [head, first, [cell.replace("1900009999", "1611112222") for cell in second]]
    for new in (2, 0):
        report = pair.county.one(pair.county.write("账单.csv", mixed))
        pair.county.sign_off()
        assert (report.new, report.wrong) == (new, [])
        assert sorted(named(pair.county)) == [(CHARITY, "慈善一日捐"), (EDU, "慈善一日捐")]


def test_no_voucher_puts_money_into_another_charitys_account(pair: Pair) -> None:
    who = {"donor_kind": "anonymous", "publicity": "anonymous", "wants_receipt": False, "pledge_parts": []}
    gift = {"donation": "d1", "fund": "general", "amount_fen": 700, "means": "cash", "account": "cash", **who}
    with pytest.raises(VoucherRefusedError) as refused:
        pair.county.decide(EDU, ("donation.received", {**gift, "occurred_on": "2025-09-05"}))
    told = [(one.code, dict(one.params)) for one in refused.value.findings if one.code == "E_OF_ANOTHER_ENTITY"]
    assert [(code, params["value"], params["owner"]) for code, params in told] == [
        ("E_OF_ANOTHER_ENTITY", "cash", CHARITY)
    ]
