"""Channels (微信、支付宝、腾讯公益): clearing accounts between a gift and the bank.

A gift stands in the channel at its gross amount from the moment of payment; the settlement brings the net to the bank
and books the fee. What is left in a channel is what has not been settled. A payment channel's fee is not the platform
service fee that Charity Law art. 27 forbids.
"""

from datetime import date
from typing import ClassVar, Final, Literal

from ledger.accounts.legs import Leg, credit, debit
from ledger.accounts.roles import Role
from ledger.flows.checks import account_short, distinct, fund_short, in_future, moved_before, movement_need, ours
from ledger.flows.event import Event, Part, Rests, Stage
from ledger.flows.fields import (
    AccountId,
    ChannelId,
    Day,
    DigestText,
    Fen,
    FundId,
    Label,
    MovementId,
    NumberLabel,
    SignedFen,
)
from ledger.flows.giving.funds import facts, fund_need, known, release, unknown
from ledger.flows.knowledge import Knowledge, Need
from ledger.flows.rules import Verdict, rule
from ledger.flows.source import Place

FeeKind = Literal["payment_channel", "platform_service"]

_GIVEN_BACK_SINCE: Final = 5
"""The edition of the rules since which a fee given back is not held against the clearing account."""
_PLATFORM_FREE_SINCE: Final = date(2024, 9, 5)
"""Charity Law as amended in 2023, art. 27: internet platforms may not charge charities."""


class SettledPart(Part):
    """One fund's share of a settlement: gross - refunds - fee = net, negative for a fund that only bears the fee."""

    fund: FundId
    gross_fen: Fen
    refunds_fen: Fen
    fee_fen: SignedFen
    net_fen: SignedFen


class ChannelOpened(Event):
    """The entity begins to take gifts through a channel, and says who runs it and where it settles to."""

    stage: ClassVar[Stage] = Stage.GATE
    rested_on: ClassVar[Rests] = {"channel": ("donation.received", "channel.settled", "channel.fee_charged")}
    rested_also: ClassVar[Rests] = {"channel": ("donation.collective", "donation.returned")}

    kind: Literal["channel.opened"] = "channel.opened"
    version: Literal[1] = 1
    channel: ChannelId
    name: Label
    provider: Literal["wechat", "alipay", "tencent_charity", "union_pay", "platform", "other"]
    merchant: Literal["own", "parent_organisation", "personal"]
    """Whose merchant number it is; a clerk's personal collection code is public money in private hands."""
    merchant_ref: NumberLabel | None
    """The keyed reference of the merchant number, by which a bill finds its channel."""
    aliases: tuple[NumberLabel, ...]
    """The words that registers use for it (微信商户1900009999)."""
    default_fund: FundId
    """The fund of gifts that name none."""
    settles_to: AccountId
    on: Day

    def needs(self) -> tuple[Need, ...]:
        return (channel_need(self.channel), fund_need(self.default_fund))


class ChannelSettled(Event):
    """A channel paid a day's or several days' gifts to the bank, less its fee."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["channel.settled"] = "channel.settled"
    version: Literal[1] = 1
    movement: MovementId
    channel: ChannelId
    business_days: tuple[Day, ...]
    gross_fen: Fen
    refunds_fen: Fen
    fee_fen: SignedFen
    net_fen: SignedFen
    fee_kind: FeeKind
    parts: tuple[SettledPart, ...]
    account: AccountId
    bill_digest: DigestText | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        funds = tuple(fund_need(part.fund) for part in self.parts)
        return (movement_need(self), channel_need(self.channel), *funds)

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        legs: list[Leg] = []
        for part in self.parts:
            legs += _leg(part.fund, Role.BANK, part.net_fen, self.account)
            legs += _fee(model, part.fund, part.fee_fen)
            legs += _leg(part.fund, Role.CHANNEL, -part.net_fen - part.fee_fen, self.channel)
        return tuple(legs)


class ChannelFeeCharged(Event):
    """A channel took its fee by itself, apart from any settlement; negative when it gave a fee back with a refund."""

    stage: ClassVar[Stage] = Stage.FACT

    kind: Literal["channel.fee_charged"] = "channel.fee_charged"
    version: Literal[1] = 1
    movement: MovementId
    channel: ChannelId
    fund: FundId
    fee_fen: SignedFen
    fee_kind: FeeKind
    order_no: NumberLabel | None
    occurred_on: Day
    place: Place | None

    def needs(self) -> tuple[Need, ...]:
        return (movement_need(self), channel_need(self.channel), fund_need(self.fund))

    def postings(self, model: Knowledge) -> tuple[Leg, ...]:
        fee = _fee(model, self.fund, self.fee_fen)
        return (*fee, *_leg(self.fund, Role.CHANNEL, -self.fee_fen, self.channel))


def channel_need(channel: str) -> Need:
    """The history in which a channel was opened."""
    return Need(f"channel:{channel}", ("channel.opened",))


def _leg(fund: str, role: Role, fen: int, party: str) -> tuple[Leg, ...]:
    """One leg of signed `fen`, or none when there is nothing to post."""
    return (debit(fund, role, fen, party),) if fen else ()


def _fee(model: Knowledge, fund: str, fen: int) -> tuple[Leg, ...]:
    """A fee as fundraising cost; in a restricted fund it is spent money, given back fees are not restricted again."""
    if not fen:
        return ()
    freed = release(model, known(model, fund), fen) if fen > 0 else ()
    cost = debit(fund, Role.FUNDRAISING_COST, fen) if fen > 0 else credit(fund, Role.FUNDRAISING_COST, -fen)
    return (cost, *freed)


# ---- rules


@rule(ChannelOpened, code="CHANNEL_TWICE", source="one clearing account a channel", form=True)
def channel_new(event: ChannelOpened, model: Knowledge) -> Verdict:
    for recorded in ours(model, channel_need(event.channel))[:1]:
        yield {"channel": event.channel, "number": recorded.number}


@rule(ChannelOpened, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def default_fund_known(event: ChannelOpened, model: Knowledge) -> Verdict:
    yield from unknown(model, event.default_fund)


@rule(ChannelOpened, code="CHANNEL_PERSONAL", source="公款私存: public money stays out of private accounts")
def merchant_is_ours(event: ChannelOpened, model: Knowledge) -> Verdict:
    if event.merchant == "personal":
        yield {"channel": event.channel}


@rule(ChannelSettled, ChannelFeeCharged, code="MOVEMENT_TWICE", source="a file read twice doubles nothing", form=True)
def movement_new(event: ChannelSettled | ChannelFeeCharged, model: Knowledge) -> Verdict:
    yield from moved_before(event, model)


@rule(ChannelSettled, ChannelFeeCharged, code="CHANNEL_UNKNOWN", source="one clearing account a channel", warns=True)
def channel_known(event: ChannelSettled | ChannelFeeCharged, model: Knowledge) -> Verdict:
    if not ours(model, channel_need(event.channel)):
        yield {"channel": event.channel}


@rule(ChannelSettled, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def funds_known(event: ChannelSettled, model: Knowledge) -> Verdict:
    yield from unknown(model, *(part.fund for part in event.parts))


@rule(ChannelFeeCharged, code="FUND_UNKNOWN", source="Charity Law art. 54", form=True)
def fund_known(event: ChannelFeeCharged, model: Knowledge) -> Verdict:
    yield from unknown(model, event.fund)


@rule(
    ChannelSettled, ChannelFeeCharged, code="FACT_IN_FUTURE", source="what has not happened is not recorded", form=True
)
def not_in_future(event: ChannelSettled | ChannelFeeCharged, model: Knowledge) -> Verdict:
    yield from in_future(model, event.occurred_on)


@rule(ChannelSettled, code="CHANNEL_SUM", source="a broken sum is not a fact", form=True)
def sums_hold(event: ChannelSettled, model: Knowledge) -> Verdict:
    """Net is gross less refunds less fee, in every part and in all; the parts are the whole, each fund once."""
    parts = event.parts
    columns = (
        (event.gross_fen, sum(part.gross_fen for part in parts)),
        (event.refunds_fen, sum(part.refunds_fen for part in parts)),
        (event.fee_fen, sum(part.fee_fen for part in parts)),
        (event.net_fen, sum(part.net_fen for part in parts)),
    )
    broken_row = any(part.gross_fen - part.refunds_fen - part.fee_fen != part.net_fen for part in parts)
    if broken_row or any(said != found for said, found in columns) or not distinct([part.fund for part in parts]):
        yield {"channel": event.channel, "net_fen": event.net_fen}


@rule(ChannelSettled, code="CHANNEL_DAYS", source="慈善款按支付成功日入账, year-end cut included", form=True)
def days_named(event: ChannelSettled, model: Knowledge) -> Verdict:
    days = list(event.business_days)
    if not days or days != sorted(set(days)) or days[-1] > event.occurred_on:
        yield {"channel": event.channel, "days": [day.isoformat() for day in days]}


@rule(ChannelSettled, code="CHANNEL_SHORT", source="the clearing account equals the unsettled days")
def clearing_holds_it(event: ChannelSettled, model: Knowledge) -> Verdict:
    for part in event.parts:
        yield from account_short(model, part.fund, (Role.CHANNEL, event.channel), part.net_fen + part.fee_fen)


@rule(ChannelSettled, code="ACCOUNT_SHORT", source="no fund spends what it does not hold")
def bank_holds_negative_net(event: ChannelSettled, model: Knowledge) -> Verdict:
    for part in event.parts:
        if part.net_fen < 0:
            yield from account_short(model, part.fund, (Role.BANK, event.account), -part.net_fen)


@rule(ChannelFeeCharged, code="CHANNEL_SHORT", source="the clearing account equals the unsettled days")
def fee_within_clearing(event: ChannelFeeCharged, model: Knowledge) -> Verdict:
    """A fee given back brings the account nearer to what it should be, and is never short of anything."""
    if event.fee_fen > 0 or model.edition < _GIVEN_BACK_SINCE:
        yield from account_short(model, event.fund, (Role.CHANNEL, event.channel), event.fee_fen)


@rule(
    ChannelSettled,
    ChannelFeeCharged,
    code="PLATFORM_FEE",
    source="Charity Law art. 27",
    warns=True,
    since=_PLATFORM_FREE_SINCE,
)
def platform_is_free(event: ChannelSettled | ChannelFeeCharged, model: Knowledge) -> Verdict:
    if event.fee_kind == "platform_service" and event.fee_fen > 0:
        yield {"channel": event.channel, "fee_fen": event.fee_fen}


@rule(ChannelSettled, ChannelFeeCharged, code="FUND_INSUFFICIENT", source="available = liquid - agency - commitments")
def fund_can_bear_fee(event: ChannelSettled | ChannelFeeCharged, model: Knowledge) -> Verdict:
    for part in event.parts if isinstance(event, ChannelSettled) else (event,):
        yield from fund_short(model, part.fund, part.fee_fen) if part.fee_fen > 0 else ()


@rule(ChannelSettled, ChannelFeeCharged, code="COST_ON_NO_COST_FUND", source="Charity Law art. 61: agreements prevail")
def fund_bears_cost(event: ChannelSettled | ChannelFeeCharged, model: Knowledge) -> Verdict:
    parts = event.parts if isinstance(event, ChannelSettled) else (event,)
    for part in parts:
        fund = facts(model, part.fund)
        if part.fee_fen > 0 and fund is not None and (fund.no_cost or fund.kind == "agency"):
            yield {"fund": part.fund, "fee_fen": part.fee_fen}
