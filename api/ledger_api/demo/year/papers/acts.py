"""What the charity decides about these accounts: it opens them and its channels, books nameless money and who gave it,
moves money to the main account, and says which settlements Alipay made.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from ledger.application.proposing.context import Context, Options
from ledger.application.proposing.giving.donors import donor
from ledger.flows.knowledge import Need
from ledger.values.dates import Period
from ledger_api.demo import setup_facts
from ledger_api.demo.acts import ACCOUNTANT
from ledger_api.demo.cast import CHARITY
from ledger_api.demo.run import CHECKERS
from ledger_api.demo.year.desk import Desk
from ledger_api.demo.year.giving.gifts import Gift
from ledger_api.demo.year.papers.accounts import (
    ABC_NO,
    COLLECTED_ON,
    ICBC_NO,
    MOVED_ON,
    collected_fen,
    nameless,
)
from ledger_api.demo.year.papers.bills import MERCHANT, MERCHANT_LABEL
from ledger_api.demo.year.papers.receipts import CODE, Receipts
from ledger_api.demo.year.papers.roads import IDENTIFIED_ON, Settlement, settlements
from ledger_api.demo.year.targets import YEAR

Fields = dict[str, Any]
Fact = tuple[str, Fields]
ICBC: Final = "icbc-7702"
ABC: Final = "abc-6603"
_FOUND: Final = f"nameless-{YEAR}"


def setup(reference: Any, fund: str) -> Iterator[Fact]:
    """Two accounts, and two channels whose gifts are the appeal's."""
    for account, bank, number in ((ICBC, "工商银行", ICBC_NO), (ABC, "农业银行", ABC_NO)):
        named = {"bank": bank, "number_ref": reference("account-number", number)}
        yield setup_facts.account(account, "bank", "general", **named)
    merchant = reference("merchant-number", MERCHANT)
    for channel, name, aliases in (("wechat", "微信支付", [MERCHANT_LABEL]), ("alipay", "支付宝", ["支付宝"])):
        named = {"channel": channel, "name": name, "provider": channel, "merchant": "own", "aliases": aliases}
        rest = {
            "merchant_ref": merchant if channel == "wechat" else None,
            "default_fund": fund,
            "settles_to": ICBC,
            "on": f"{YEAR}-01-01",
        }
        yield "channel.opened", {**named, **rest}


def decided(gifts: Sequence[Gift], main: str, fund: str) -> Iterator[tuple[date, list[Fact]]]:
    """Vouchers by their days."""
    for one in settlements(gifts):
        if one.channel == "alipay":
            yield one.on, [("channel.settled", _settled(one, fund))]
    moved = (ICBC, fund, collected_fen(gifts), COLLECTED_ON), (ABC, "general", nameless(gifts).fen, MOVED_ON)
    for at, (source, of, fen, day) in enumerate(moved, 1):
        accounts = {"movement": f"own-transfer-{at}", "from_account": source, "to_account": main, "fund": of}
        said = {"amount_fen": fen, "approval": f"资金调拨单{day:%m%d}", "on": day.isoformat()}
        yield day, [("approval.recorded", _paper(of, fen, day)), ("bank.transferred", {**accounts, **said})]


def _paper(fund: str, fen: int, day: date) -> Fields:
    signed = [{"name": "示例赵", "post": "秘书长", "officer": "shenhe-zhao"}]
    paper = {"document": f"资金调拨单{day:%m%d}", "form": "approval_form", "decided_on": day.isoformat()}
    limits = {"kinds": ["bank.transferred"], "fund": fund, "max_fen": fen, "vouchers": []}
    return {**paper, "deciders": signed, "subject": "调入建行户", **limits}


def _settled(one: Settlement, fund: str) -> Fields:
    """Alipay tells of its settlements on the page alone: the cashier writes them down."""
    sums = {"gross_fen": one.fen, "refunds_fen": 0, "fee_fen": 0, "net_fen": one.fen}
    common = {"movement": f"alipay-{one.on}", "channel": "alipay", "fee_kind": "payment_channel", "account": ICBC}
    days = {"business_days": [one.day.isoformat()], "occurred_on": one.on.isoformat(), "bill_digest": None}
    return {**common, **sums, **days, "parts": [{"fund": fund, **sums}]}


def nameless_money(desk: Desk, gifts: Sequence[Gift], receipts: Receipts, month: str) -> None:
    """It is booked when the statement shows it; in autumn somebody finds whose pledge it fulfils."""
    gift, checker = nameless(gifts), (CHECKERS[CHARITY], "checker")
    if f"{gift.on:%Y-%m}" == month:
        line = _line(desk, gift.serial)
        desk.county.post(ACCOUNTANT, CHARITY, [("suspense.received", _waits(gift, line))], checker, gift.on)
    if f"{IDENTIFIED_ON:%Y-%m}" == month:
        day = Period.parse(month).last_day
        desk.county.post(ACCOUNTANT, CHARITY, _found(desk, gift, receipts), checker, day)


def _context(desk: Desk) -> Context:
    return Context(desk.county.book.store, desk.county.book.vault, Options(ACCOUNTANT, date(YEAR, 12, 31)))


def _line(desk: Desk, serial: str) -> str:
    lines = _context(desk).events(Need(f"account:{ABC}", ("bank.line_recorded",)))
    return next(str(one.line) for one in lines if one.serial == serial)


def _waits(gift: Gift, line: str) -> Fields:
    money = {"fund": "general", "amount_fen": gift.fen, "means": "bank", "account": ABC, "line": line}
    return {"suspense": _FOUND, **money, "memo": "现金存入,无户名", "occurred_on": gift.on.isoformat()}


def _found(desk: Desk, gift: Gift, receipts: Receipts) -> Iterator[Fact]:
    context = _context(desk)
    who, _ = donor(context, {"donor_name": gift.giver.name, "donor_type": gift.giver.kind})
    donation = context.reference("donation", "serial", ABC, gift.serial)
    money = {"fund": "general", "amount_fen": gift.fen, "means": "bank", "account": ABC}
    told = {"pledge_parts": [{"pledge": gift.pledge, "fen": gift.fen}], "wants_receipt": True}
    days = {"arrived_on": gift.on.isoformat(), "identified_on": IDENTIFIED_ON.isoformat()}
    why = {"waited_in": "general", "basis": "捐赠单位持现金缴款回单来认领"}
    yield "suspense.identified", {"suspense": _FOUND, "donation": donation, **who, **money, **told, **days, **why}
    for one in receipts.standing():
        if gift in one.gifts:
            covers = [{"donation": donation, "fen": gift.fen}]
            on = {"on": one.on.isoformat(), "origin": "decision"}
            yield "donation.receipt_covered", {"receipt": f"{CODE}-{one.number}", "covers": covers, **on}
