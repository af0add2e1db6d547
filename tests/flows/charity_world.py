"""A county charity in memory: what tests of giving, collecting, granting and community money record against.

Funds `general` (free), `school` (restricted to 助学), `flood` (restricted), `bare` (restricted, no cost), `zixing`
(agency money for one payee), `town` (community, part of `general`), `shangping` (a society), `relief` (fiscal),
`lottery`; each charity fund has 10,000 yuan on the account `icbc`. `VALID` makes one event of every kind that this book
accepts without a word.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from ledger.flows.books.papers import ApprovalRecorded
from ledger.flows.collecting.boxes import BoxOpened, CashBanked, FundPart, Notes
from ledger.flows.collecting.channels import ChannelFeeCharged, ChannelOpened, ChannelSettled, SettledPart
from ledger.flows.collecting.suspense import (
    SuspenseCleared,
    SuspenseIdentified,
    SuspenseReceived,
    SuspenseReturned,
)
from ledger.flows.community.lottery import (
    LotteryAllocated,
    LotteryProgressReported,
    LotteryReturned,
    LotterySalesStated,
    LotteryUsed,
)
from ledger.flows.community.mutual_aid import (
    MutualAidContributed,
    MutualAidGranted,
    MutualAidLineSet,
    MutualAidReviewed,
)
from ledger.flows.community.reported import FigureReported
from ledger.flows.community.societies import MutualAidSocietyChanged, MutualAidSocietyRegistered
from ledger.flows.event import Event
from ledger.flows.giving.campaigns import CampaignNamed
from ledger.flows.giving.disclosures import DisclosurePublished
from ledger.flows.giving.donations import DonationCollective, DonationReceived, DonationRegistered, GiftLine
from ledger.flows.giving.funds import FundOpened, FundPurposeChanged, RestrictionReleased
from ledger.flows.giving.in_kind import InKindOpened, InKindReceived
from ledger.flows.giving.pledges import (
    Instalment,
    PledgeAmended,
    PledgeMade,
    PledgePart,
    PledgeReleased,
    PledgeReminded,
)
from ledger.flows.giving.receipts import Cover, ReceiptCovered, ReceiptIssued, ReceiptReversed
from ledger.flows.giving.returns import DonationReturned
from ledger.flows.giving.stock import InKindCounted, InKindDelivered, InKindSold
from ledger.flows.granting.advances import FundAdvanced, FundAdvanceRepaid
from ledger.flows.granting.agency import AgencyTransferred
from ledger.flows.granting.allocations import FundAllocated, FundDeallocated
from ledger.flows.granting.grant_use import GrantUnspentReturned, GrantUseReported
from ledger.flows.granting.grants import GrantCommitted, GrantDisbursed, GrantReduced
from ledger.flows.granting.related import RelatedPartyDeclared
from tests.flows.event_samples import make
from tests.flows.fake_knowledge import FakeKnowledge

DAY: Final = date(2025, 9, 10)
NAMED: Final[Mapping[str, Any]] = {
    "donor_kind": "organisation",
    "donor_label": "湖南示例矿业有限公司",
    "publicity": "name",
}
PAYS: Final[Mapping[str, Any]] = {"means": "bank", "account": "icbc"}
EACH_FEN: Final = 1_000_000

Build = Callable[..., Event]


def _like(cls: type[Event], **base: Any) -> Build:
    """A maker of one valid event of a class, any field of which may be given otherwise."""
    base = {**_dates(cls), **base}
    return lambda **given: make(cls, **{**base, **given})


def _dates(cls: type[Event]) -> dict[str, Any]:
    """The day of the samples wherever a class has one, and a decision of today."""
    found: dict[str, Any] = dict.fromkeys(("on", "occurred_on", "issued_on", "as_of"), DAY)
    found["origin"] = "decision"
    return {name: value for name, value in found.items() if name in cls.model_fields}


fund = _like(FundOpened, fund="new", fund_kind="unrestricted", no_cost=False)
gift = _like(DonationReceived, donation="d-new", fund="general", amount_fen=20_000, **NAMED, **PAYS)
collective = _like(
    DonationCollective,
    donation="d-list",
    fund="school",
    amount_fen=2_865_000,
    persons=3,
    lines=tuple(GiftLine(no=n, donor=None, fen=955_000) for n in (1, 2, 3)),
    **{**NAMED, "donor_kind": "collective", "donor_label": "示例县第一中学"},
    **PAYS,
)
pledge = _like(
    PledgeMade,
    pledge="p-new",
    fund="general",
    amount_fen=300_000,
    instalments=(Instalment(due=DAY, fen=200_000), Instalment(due=date(2026, 9, 10), fen=100_000)),
    pledge_kind="instalments",
    paid_before_fen=0,
    **NAMED,
)
lot = _like(
    InKindReceived,
    lot="quilts",
    donation="d-quilts",
    fund="flood",
    quantity=3,
    value_fen=100,
    valuation="market",
    evidence="sha256:" + "1" * 64,
    accepted_by=("li", "wang"),
    **NAMED,
)
issued = _like(
    ReceiptIssued,
    receipt="4306-0009",
    code="4306",
    number="0009",
    form="electronic",
    amount_fen=20_000,
    covers=(Cover(donation="d-general", fen=20_000),),
    in_advance=False,
)
settled = _like(
    ChannelSettled,
    movement="wx-settle",
    channel="wechat",
    business_days=(DAY,),
    gross_fen=26_666,
    refunds_fen=6_666,
    fee_fen=120,
    net_fen=19_880,
    fee_kind="payment_channel",
    parts=(SettledPart(fund="general", gross_fen=26_666, refunds_fen=6_666, fee_fen=120, net_fen=19_880),),
    account="icbc",
)
committed = _like(GrantCommitted, grant="g-new", fund="school", amount_fen=50_000, purpose="助学")
society = _like(
    MutualAidSocietyRegistered,
    society="xiaping",
    fund="xiaping",
    status="registered",
    uscc="51431099MJJ9000016",
    money_with="own_account",
    account="rcc-98802",
)
allocated = _like(
    LotteryAllocated, allocation="lot-2", fund="lottery", amount_fen=5_000_000, purpose="elderly", project_label="改造"
)
helped = _like(
    MutualAidGranted,
    movement="mas-g",
    society="shangping",
    fund="shangping",
    amount_fen=80_000,
    met_on=DAY,
    **PAYS,
)

_BEFORE: Final[tuple[Event, ...]] = (
    fund(fund="general"),
    fund(fund="school", fund_kind="restricted", purposes=("助学", "奖学")),
    fund(fund="flood", fund_kind="restricted"),
    fund(fund="bare", fund_kind="restricted", no_cost=True),
    fund(fund="zixing", fund_kind="agency", final_payee="zixing-charity"),
    fund(fund="town", fund_kind="community", parent="general"),
    fund(fund="relief", fund_kind="fiscal"),
    fund(fund="lottery", fund_kind="lottery"),
    _like(MutualAidLineSet, line_fen=500_000, effective_from=date(2025, 1, 1))(),
    society(society="shangping", fund="shangping"),
    *(
        gift(donation=f"d-{name}", fund=name, amount_fen=EACH_FEN)
        for name in ("general", "school", "flood", "bare", "zixing", "town")
    ),
    _like(MutualAidContributed, movement="mas-1", society="shangping", fund="shangping", amount_fen=EACH_FEN, **PAYS)(),
    gift(donation="d-cash", amount_fen=10_000, means="cash", account="till"),
    _like(ChannelOpened, channel="wechat", default_fund="general", merchant="own")(),
    gift(donation="wx-1", amount_fen=20_000, means="channel", account=None, channel="wechat"),
    gift(donation="wx-2", amount_fen=6_666, means="channel", account=None, channel="wechat"),
    pledge(pledge="p-1"),
    gift(donation="d-pledged", amount_fen=100_000, pledge_parts=(PledgePart(pledge="p-1", fen=100_000),)),
    issued(receipt="4306-0001", number="0001", amount_fen=30_000, covers=(Cover(donation="d-general", fen=30_000),)),
    issued(receipt="4306-0002", number="0002", amount_fen=30_000, covers=(), in_advance=True),
    lot(lot="rice", donation="d-rice", quantity=7, value_fen=10_000, expires_on=date(2026, 1, 1)),
    lot(lot="water", donation="d-water", fund="zixing", quantity=10, value_fen=3_000),
    _like(SuspenseReceived, suspense="s-1", fund="general", amount_fen=100_000, **PAYS)(),
    _like(FundAllocated, movement="m-project", source="school", project="books", amount_fen=200_000, purpose="助学")(),
    _like(FundAdvanced, advance="a-1", source="general", target="flood", amount_fen=50_000, due=DAY, **PAYS)(),
    _like(FigureReported, figure="canteens", name="长者餐厅", unit="places", value=3, document="年报")(),
    _like(DisclosurePublished, disclosure="told-1", matter="campaign_final", since_on=DAY, published_on=DAY)(),
    committed(grant="g-1"),
    committed(grant="g-2"),
    _like(
        GrantDisbursed,
        movement="m-1",
        grant="g-2",
        fund="school",
        amount_fen=50_000,
        basis="prepaid",
        purpose="助学",
        **PAYS,
    )(),
    _like(RelatedPartyDeclared, payee="cousin", since=date(2025, 1, 1))(),
    allocated(allocation="lot-1"),
    _like(ApprovalRecorded, document="过期审批单", max_fen=9_999, vouchers=())(),
)


def world() -> FakeKnowledge:
    """The charity on 2025-09-30."""
    model = FakeKnowledge()
    model.record(*_BEFORE)
    return model


def recorded(model: FakeKnowledge, *events: Event) -> FakeKnowledge:
    """The same book with more recorded, unjudged."""
    model.record(*events)
    return model


GOODS: Final[Mapping[str, Any]] = {"lot": "rice", "fund": "flood", "movement": "m-goods"}

_GIVING: Final[tuple[Build, ...]] = (
    fund,
    _like(FundPurposeChanged, fund="flood", purposes=("救灾",)),
    _like(RestrictionReleased, fund="flood", amount_fen=1_000),
    pledge,
    _like(PledgeAmended, pledge="p-1", delta_fen=-50_000, instalments=(Instalment(due=DAY, fen=150_000),)),
    _like(PledgeReleased, pledge="p-1", amount_fen=50_000, reason="agreed"),
    _like(PledgeReminded, pledge="p-1"),
    gift,
    collective,
    _like(
        DonationRegistered,
        donation="wx-1",
        amount_fen=20_000,
        channel="wechat",
        donor_kind="person",
        donor_label="山里人",
        publicity="alias",
    ),
    _like(
        DonationReturned,
        movement="m-refund",
        donation="wx-2",
        fund="general",
        amount_fen=6_666,
        means="channel",
        channel="wechat",
    ),
    issued,
    _like(ReceiptCovered, receipt="4306-0002", covers=(Cover(donation="d-school", fen=30_000),)),
    _like(
        ReceiptReversed,
        receipt="4306-0001",
        mode="red_letter",
        red="4306-9001",
        covers=(Cover(donation="d-general", fen=30_000),),
        reversed_on=DAY,
    ),
    lot,
    _like(InKindOpened, lot="old", fund="flood", quantity=5),
    _like(InKindDelivered, quantity=2, signed_list="sha256:" + "2" * 64, **GOODS),
    _like(InKindCounted, book_quantity=7, counted_quantity=7, **GOODS),
    _like(InKindSold, quantity=1, amount_fen=2_000, **GOODS, **PAYS),
)

_COLLECTING: Final[tuple[Build, ...]] = (
    _like(ChannelOpened, channel="alipay", default_fund="general", merchant="own"),
    settled,
    _like(ChannelFeeCharged, movement="m-fee", channel="wechat", fund="general", fee_fen=120),
    _like(SuspenseReceived, suspense="s-new", fund="general", amount_fen=100_000, **PAYS),
    _like(
        SuspenseIdentified,
        suspense="s-1",
        waited_in="general",
        donation="d-found",
        fund="school",
        amount_fen=60_000,
        arrived_on=DAY,
        identified_on=DAY,
        **NAMED,
        **PAYS,
    ),
    _like(SuspenseCleared, suspense="s-1", fund="general", amount_fen=40_000, identified_on=DAY, **PAYS),
    _like(SuspenseReturned, movement="m-back", suspense="s-1", fund="general", amount_fen=100_000, **PAYS),
    _like(
        BoxOpened,
        donation="d-box",
        fund="general",
        account="till",
        amount_fen=6_400,
        notes=(Notes(face_fen=100, pieces=14), Notes(face_fen=5_000, pieces=1)),
        persons=("li", "wang"),
        seal="whole",
    ),
    _like(
        CashBanked,
        movement="m-slip",
        cash_account="till",
        bank_account="icbc",
        amount_fen=10_000,
        parts=(FundPart(fund="general", fen=10_000),),
        taken_on=DAY,
        banked_on=DAY,
    ),
)

_GRANTING: Final[tuple[Build, ...]] = (
    _like(FundAllocated, movement="m-new", source="general", target="town", amount_fen=10_000, purpose="社区", **PAYS),
    _like(FundDeallocated, fund="school", project="books", amount_fen=100_000),
    _like(FundAdvanced, advance="a-new", source="general", target="flood", amount_fen=50_000, due=DAY, **PAYS),
    _like(
        FundAdvanceRepaid,
        movement="m-repaid",
        advance="a-1",
        source="general",
        target="flood",
        amount_fen=50_000,
        **PAYS,
    ),
    committed,
    _like(GrantReduced, grant="g-1", fund="school", amount_fen=10_000),
    _like(
        GrantDisbursed,
        movement="m-paid",
        grant="g-1",
        fund="school",
        amount_fen=50_000,
        purpose="助学",
        basis="cost",
        **PAYS,
    ),
    _like(
        GrantUseReported,
        movement="m-used",
        grant="g-2",
        fund="school",
        used_fen=30_000,
        papers="sha256:" + "3" * 64,
    ),
    _like(GrantUnspentReturned, movement="m-unspent", grant="g-2", fund="school", amount_fen=20_000, **PAYS),
    _like(RelatedPartyDeclared, payee="uncle", since=DAY),
    _like(AgencyTransferred, movement="m-on", fund="zixing", final_payee="zixing-charity", amount_fen=EACH_FEN, **PAYS),
)

_COMMUNITY: Final[tuple[Build, ...]] = (
    _like(MutualAidLineSet, line_fen=3_000_000, effective_from=DAY),
    society,
    _like(
        MutualAidSocietyChanged,
        society="shangping",
        status="registered",
        uscc="51431099MJJ9000016",
        money_with="village_account",
    ),
    _like(
        MutualAidContributed,
        movement="mas-2",
        society="shangping",
        fund="shangping",
        amount_fen=5_000,
        cumulative_fen=EACH_FEN + 5_000,
        **PAYS,
    ),
    helped,
    _like(MutualAidReviewed, society="shangping", fund="shangping", raised_fen=EACH_FEN, balance_fen=EACH_FEN),
    allocated,
    _like(LotteryUsed, movement="m-use", allocation="lot-1", fund="lottery", purpose="elderly", amount_fen=2_500_000),
    _like(LotteryReturned, movement="m-left", allocation="lot-1", fund="lottery", amount_fen=2_500_000),
    _like(LotteryProgressReported, allocation="lot-1"),
    _like(LotterySalesStated, amount_fen=18_390_000_00),
    _like(FigureReported, figure="npo_count", name="社会组织", unit="organisations", value=141, document="统计月报"),
    _like(DisclosurePublished, disclosure="told-2", matter="campaign_final", since_on=DAY, published_on=DAY),
    _like(CampaignNamed, campaign="gala", name="慈善一日捐", starts_on=DAY, ends_on=DAY),
)

VALID: Final[Mapping[str, Build]] = {
    make_one().kind: make_one for make_one in (*_GIVING, *_COLLECTING, *_GRANTING, *_COMMUNITY)
}
"""One event of every kind, which `world()` accepts without a finding; any field may be given otherwise."""
