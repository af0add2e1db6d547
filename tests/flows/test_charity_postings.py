"""What charity money does to the books: small stories whose figures were worked out on paper."""

from datetime import date

import pytest

from ledger.accounts.roles import Role
from ledger.flows.collecting.channels import SettledPart
from ledger.flows.giving.funds import restricted_left
from ledger.flows.giving.pledges import Instalment, PledgePart
from tests.flows.charity_world import DAY, EACH_FEN, PAYS, VALID, committed, fund, gift, lot, pledge, recorded, world
from tests.flows.fake_knowledge import FakeKnowledge


def book(*funds: tuple[str, str]) -> FakeKnowledge:
    """An empty book with these (fund, kind)."""
    model = FakeKnowledge()
    for name, kind in funds:
        payee = "town-hall" if kind == "agency" else None
        model.record(fund(fund=name, fund_kind=kind, final_payee=payee))
    return model


def of(model: FakeKnowledge, fund_id: str, *roles: Role) -> list[int]:
    return [model.balance(fund_id, role) for role in roles]


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("unrestricted", Role.DONATION_UNRESTRICTED),
        ("restricted", Role.DONATION_RESTRICTED),
        ("community", Role.DONATION_RESTRICTED),
        ("village", Role.DONATION_RESTRICTED),
        ("mutual_aid", Role.DONATION_RESTRICTED),
        ("agency", Role.AGENCY),
        ("fiscal", Role.FISCAL_INCOME),
    ],
)
def test_the_fund_says_what_a_gift_is(kind: str, role: Role) -> None:
    model = book(("f", kind))
    model.record(gift(fund="f", amount_fen=28_650_00))
    assert of(model, "f", Role.BANK, role) == [28_650_00, -28_650_00]


def test_a_wechat_day_from_gift_to_bank() -> None:
    """200.00 + 66.66 - 66.66 refunded, fee 1.20: income 200.00, fee 1.20, bank 198.80, nothing left in the channel."""
    model = book(("general", "unrestricted"))
    by_channel = {"means": "channel", "account": None, "channel": "wechat"}
    model.accept(
        VALID["channel.opened"](channel="wechat"),
        gift(donation="wx-1", amount_fen=200_00, **by_channel),
        gift(donation="wx-2", amount_fen=66_66, **by_channel),
        VALID["donation.returned"](donation="wx-2", amount_fen=66_66),
        VALID["channel.settled"](),
    )
    figures = of(model, "general", Role.DONATION_UNRESTRICTED, Role.FUNDRAISING_COST, Role.BANK, Role.CHANNEL)
    assert figures == [-200_00, 1_20, 198_80, 0]


def test_a_fee_apart_from_the_settlement_gives_the_same_books() -> None:
    both = []
    for apart in (False, True):
        model = book(("general", "unrestricted"))
        model.record(gift(donation="wx-1", amount_fen=200_00, means="channel", account=None, channel="wechat"))
        if apart:
            model.record(VALID["channel.fee_charged"](fee_fen=1_40), VALID["channel.fee_charged"](fee_fen=-20))
        fee = 0 if apart else 1_20
        part = {"gross_fen": 198_80 + fee, "refunds_fen": 0, "fee_fen": fee, "net_fen": 198_80}
        model.record(VALID["channel.settled"](**part, parts=(SettledPart(fund="general", **part),)))
        both.append(of(model, "general", Role.DONATION_UNRESTRICTED, Role.FUNDRAISING_COST, Role.BANK, Role.CHANNEL))
    assert both[0] == both[1] == [-200_00, 1_20, 198_80, 0]


def test_year_end_leaves_the_last_evening_in_the_channel() -> None:
    model = book(("general", "unrestricted"))
    on_channel = {"means": "channel", "account": None, "channel": "wechat"}
    model.record(
        gift(donation="a", amount_fen=100_00, occurred_on=date(2024, 12, 30), **on_channel),
        gift(donation="b", amount_fen=50_00, occurred_on=date(2024, 12, 31), **on_channel),
    )
    assert of(model, "general", Role.DONATION_UNRESTRICTED, Role.CHANNEL, Role.BANK) == [-150_00, 150_00, 0]


def test_spending_restricted_money_releases_it_once() -> None:
    model = book(("f", "restricted"))
    model.record(gift(fund="f", amount_fen=1_000), committed(fund="f", grant="g", amount_fen=600))
    assert (model.available("f"), restricted_left(model, "f")) == (400, 1_000)
    model.record(VALID["grant.disbursed"](fund="f", grant="g", amount_fen=600, basis="cost"))
    assert (model.available("f"), restricted_left(model, "f")) == (400, 400)
    assert of(model, "f", Role.PROGRAMME_COST, Role.NET_RESTRICTED, Role.NET_UNRESTRICTED) == [600, 600, -600]
    model.record(VALID["grant.unspent_returned"](fund="f", grant="g", amount_fen=150))
    assert (model.available("f"), restricted_left(model, "f")) == (550, 550)
    assert of(model, "f", Role.PROGRAMME_COST, Role.BANK) == [450, 550]


def test_a_prepayment_is_cost_only_when_its_use_is_reported() -> None:
    model = book(("f", "restricted"))
    model.record(gift(fund="f", amount_fen=1_000), committed(fund="f", grant="g", amount_fen=600))
    model.record(VALID["grant.disbursed"](fund="f", grant="g", amount_fen=600, basis="prepaid"))
    assert of(model, "f", Role.PREPAID, Role.PROGRAMME_COST) == [600, 0]
    assert restricted_left(model, "f") == 1_000
    model.record(VALID["grant.use_reported"](fund="f", grant="g", used_fen=500))
    assert of(model, "f", Role.PREPAID, Role.PROGRAMME_COST) == [100, 500]
    assert restricted_left(model, "f") == 500
    model.record(VALID["grant.unspent_returned"](fund="f", grant="g", amount_fen=100))
    assert of(model, "f", Role.PREPAID, Role.PROGRAMME_COST, Role.BANK) == [0, 500, 500]
    assert restricted_left(model, "f") == 500


def test_a_free_fund_has_nothing_to_release() -> None:
    model = book(("f", "unrestricted"))
    model.record(gift(fund="f", amount_fen=1_000))
    model.record(VALID["grant.disbursed"](fund="f", grant="g", amount_fen=600, basis="cost"))
    assert of(model, "f", Role.NET_RESTRICTED, Role.NET_UNRESTRICTED) == [0, 0]


def test_free_money_set_aside_in_a_community_fund_stays_free() -> None:
    model = book(("general", "unrestricted"), ("town", "community"))
    model.record(gift(amount_fen=1_000), gift(donation="t", fund="town", amount_fen=300))
    model.accept(VALID["fund.allocated"](amount_fen=400))
    assert of(model, "general", Role.BANK, Role.INTERFUND) == [600, 400]
    assert of(model, "town", Role.BANK, Role.INTERFUND) == [700, -400]
    assert restricted_left(model, "town") == 300
    model.record(VALID["grant.disbursed"](fund="town", amount_fen=700, basis="cost"))
    assert restricted_left(model, "town") == 0


def test_restricted_money_stays_restricted_in_the_fund_that_it_goes_to() -> None:
    model = book(("a", "restricted"), ("b", "community"))
    model.record(gift(fund="a", amount_fen=1_000))
    model.accept(VALID["fund.allocated"](source="a", target="b", amount_fen=400))
    assert [restricted_left(model, name) for name in ("a", "b")] == [600, 400]
    assert [of(model, name, Role.INTERFUND) for name in ("a", "b")] == [[0], [0]]
    assert model.balance("a", Role.NET_UNRESTRICTED) == model.balance("b", Role.NET_UNRESTRICTED) == 0


def test_money_set_aside_for_a_project_is_promised_once() -> None:
    model = book(("f", "unrestricted"))
    model.record(gift(fund="f", amount_fen=1_000))
    aside = {"source": "f", "target": None, "project": "books", "means": None, "account": None}
    model.accept(VALID["fund.allocated"](**aside, amount_fen=700))
    assert model.available("f") == 300
    model.accept(committed(fund="f", grant="g", project="books", amount_fen=900))
    assert (model.available("f"), model.balance("f", Role.COMMITTED, "project:books")) == (100, 0)
    model.accept(VALID["grant.disbursed"](fund="f", grant="g", amount_fen=850))
    model.accept(VALID["grant.reduced"](fund="f", grant="g", amount_fen=50))
    assert (model.available("f"), model.balance("f", Role.COMMITTED)) == (150, 0)


def test_an_advance_is_a_debt_until_it_is_repaid() -> None:
    model = book(("general", "unrestricted"), ("flood", "restricted"))
    model.record(gift(amount_fen=1_000))
    model.accept(VALID["fund.advanced"](amount_fen=400))
    assert of(model, "general", Role.BANK, Role.RECEIVABLE) == [600, 400]
    assert of(model, "flood", Role.BANK, Role.PAYABLE) == [400, -400]
    model.accept(VALID["fund.advance_repaid"](advance="a-new", amount_fen=400))
    assert of(model, "general", Role.BANK, Role.RECEIVABLE) == [1_000, 0]
    assert of(model, "flood", Role.BANK, Role.PAYABLE) == [0, 0]


def test_a_flood_appeal_is_passed_on_to_the_fen() -> None:
    """2,384,612.36 yuan received for another county's charity, sent on in three transfers: balance 0."""
    model = book(("zixing", "agency"))
    gifts = (1_520_000_00, 486_300_00, 371_912_36, 6_400_00)
    model.record(*(gift(donation=f"d-{n}", fund="zixing", amount_fen=fen) for n, fen in enumerate(gifts)))
    for n, fen in enumerate((1_200_000_00, 900_000_00, 284_612_36)):
        sent = VALID["agency.transferred"](movement=f"m-{n}", final_payee="town-hall", amount_fen=fen)
        assert model.accept(sent) == []
    assert of(model, "zixing", Role.BANK, Role.AGENCY) == [0, 0]


def test_an_empty_lot_is_worth_nothing() -> None:
    """Three quilts of 1.00 yuan together: 0.33, 0.33 and what is left."""
    model = book(("flood", "restricted"))
    model.record(lot())
    for movement, left in (("m1", 67), ("m2", 34), ("m3", 0)):
        model.accept(VALID["in_kind.delivered"](movement=movement, lot="quilts", quantity=1))
        assert model.balance("flood", Role.INVENTORY, "quilts") == left
    assert of(model, "flood", Role.PROGRAMME_COST) == [100]
    assert restricted_left(model, "flood") == 0
    assert model.available("flood") == 0


def test_agency_goods_end_the_debt_and_are_no_cost() -> None:
    model = book(("zixing", "agency"))
    model.record(lot(fund="zixing"))
    model.accept(VALID["in_kind.delivered"](lot="quilts", fund="zixing", quantity=3))
    assert of(model, "zixing", Role.INVENTORY, Role.AGENCY, Role.PROGRAMME_COST) == [0, 0, 0]


def test_agency_goods_that_were_sold_are_owed_in_money() -> None:
    model = book(("zixing", "agency"))
    model.record(lot(fund="zixing", quantity=4, value_fen=400))
    model.accept(VALID["in_kind.sold"](lot="quilts", fund="zixing", quantity=3, amount_fen=250))
    assert model.balance("zixing", Role.AGENCY, "town-hall") == -250
    assert model.balance("zixing", Role.AGENCY, "town-hall:goods") == -100
    assert of(model, "zixing", Role.INVENTORY, Role.BANK, Role.OTHER_COST) == [100, 250, 0]


def test_counting_finds_less_and_more() -> None:
    model = book(("flood", "restricted"))
    model.record(lot(quantity=10, value_fen=1_000))
    less = {"lot": "quilts", "book_quantity": 10, "counted_quantity": 8, "approval": "批复", "reason": "破损"}
    model.accept(VALID["in_kind.counted"](movement="m1", **less))
    assert of(model, "flood", Role.INVENTORY, Role.MANAGEMENT_COST) == [800, 200]
    assert restricted_left(model, "flood") == 800
    model.accept(VALID["in_kind.counted"](movement="m2", **{**less, "book_quantity": 8, "counted_quantity": 9}))
    assert of(model, "flood", Role.INVENTORY, Role.OTHER_INCOME) == [900, -100]


@pytest.mark.parametrize(
    ("brought", "income", "cost"),
    [(700, -1_200, 0), (500, -1_000, 0), (300, -1_000, 200)],
    ids=["gain", "even", "loss"],
)
def test_goods_are_sold_for_the_same_purpose(brought: int, income: int, cost: int) -> None:
    model = book(("flood", "restricted"))
    model.record(lot(quantity=10, value_fen=1_000))
    model.accept(VALID["in_kind.sold"](lot="quilts", quantity=5, amount_fen=brought))
    assert of(model, "flood", Role.INVENTORY, Role.BANK) == [500, brought]
    assert of(model, "flood", Role.DONATION_RESTRICTED, Role.OTHER_COST) == [income, cost]


def test_unidentified_money_is_in_the_bank_today_and_income_when_it_is_known() -> None:
    model = book(("general", "unrestricted"), ("school", "restricted"))
    model.accept(VALID["suspense.received"](suspense="s-1", amount_fen=1_000))
    assert of(model, "general", Role.BANK, Role.SUSPENSE) == [1_000, -1_000]
    model.accept(VALID["suspense.identified"](amount_fen=600))
    assert of(model, "general", Role.BANK, Role.SUSPENSE) == [400, -400]
    assert of(model, "school", Role.BANK, Role.DONATION_RESTRICTED) == [600, -600]
    model.accept(VALID["suspense.cleared"](amount_fen=100), VALID["suspense.returned"](amount_fen=300))
    assert of(model, "general", Role.BANK, Role.SUSPENSE) == [0, 0]


def test_a_pledge_is_promised_arrived_released_and_outstanding() -> None:
    """300,000 promised in two instalments, 200,000 arrives, 50,000 goes back, 20,000 is released: 130,000 is due."""
    model = book(("general", "unrestricted"))
    model.accept(
        pledge(pledge="p", amount_fen=300_000, instalments=()),
        gift(donation="d", amount_fen=200_000, pledge_parts=(PledgePart(pledge="p", fen=200_000),)),
        VALID["donation.returned"](
            donation="d",
            amount_fen=50_000,
            **PAYS,
            channel=None,
            pledge_parts=(PledgePart(pledge="p", fen=50_000),),
        ),
        VALID["pledge.released"](pledge="p", amount_fen=20_000),
    )
    assert of(model, "general", Role.PLEDGED, Role.BANK, Role.DONATION_UNRESTRICTED) == [130_000, 150_000, -150_000]
    model.accept(
        VALID["pledge.amended"](pledge="p", delta_fen=-30_000, instalments=(Instalment(due=DAY, fen=100_000),)),
    )
    assert model.balance("general", Role.PLEDGED, "p") == 100_000
    assert model.available("general") == 150_000


def test_a_promise_to_somebody_else_is_counted_and_not_owed() -> None:
    model = book(("general", "unrestricted"))
    assert model.legs(pledge(fund=None, recipient_label="示例县教育基金会", amount_fen=12_415_000_00)) == ()


def test_giving_back_a_spent_gift_takes_its_release_back() -> None:
    model = book(("general", "unrestricted"), ("town", "community"))
    model.record(gift(amount_fen=1_000), gift(donation="t", fund="town", amount_fen=300))
    model.record(VALID["fund.allocated"](amount_fen=500))
    model.record(VALID["grant.disbursed"](fund="town", amount_fen=300, basis="cost"))
    assert restricted_left(model, "town") == 0
    model.record(
        VALID["donation.returned"](donation="t", fund="town", amount_fen=100, **PAYS, channel=None),
    )
    assert restricted_left(model, "town") == 0
    assert of(model, "town", Role.BANK, Role.DONATION_RESTRICTED) == [400, -200]


def test_a_box_and_its_way_to_the_bank() -> None:
    model = book(("general", "unrestricted"))
    model.accept(VALID["box.opened"]())
    assert of(model, "general", Role.CASH, Role.DONATION_UNRESTRICTED) == [6_400, -6_400]
    model.record(VALID["cash.banked"]())
    assert (model.bank_balance("till"), model.bank_balance("icbc")) == (-3_600, 10_000)


def test_a_society_raises_helps_and_is_reviewed() -> None:
    model = FakeKnowledge()
    model.accept(VALID["mutual_aid.society_registered"](), VALID["mutual_aid.line_set"](line_fen=30_000_00))
    given = (("county", 10_000_00), ("village", 8_000_00), ("donor", 10_000_00), ("member", 4_000_00))
    for source, fen in given:
        came = {"movement": f"in-{source}", "society": "xiaping", "fund": "xiaping", "source": source}
        model.accept(VALID["mutual_aid.contributed"](**came, amount_fen=fen, cumulative_fen=fen))
    helped = {"society": "xiaping", "fund": "xiaping"}
    assert model.accept(VALID["mutual_aid.granted"](**helped, amount_fen=2_400_00)) == []
    sheet = VALID["mutual_aid.reviewed"](**helped, raised_fen=32_000_00, balance_fen=29_600_00)
    assert model.accept(sheet) == []
    assert of(model, "xiaping", Role.DONATION_RESTRICTED, Role.PROGRAMME_COST) == [-32_000_00, 2_400_00]


def test_lottery_money_is_kept_by_allocation() -> None:
    model = world()
    model.accept(VALID["lottery.allocated"](), VALID["lottery.used"](amount_fen=2_500_000))
    assert model.balance("lottery", Role.QUOTA, "lot-1") == 2_500_000
    assert model.balance("lottery", Role.QUOTA, "lot-2") == 5_000_000
    model.accept(VALID["lottery.returned"]())
    assert of(model, "lottery", Role.QUOTA, Role.FISCAL_INCOME, Role.RELIEF_COST) == [5_000_000, -7_500_000, 2_500_000]


def test_reversing_in_any_order_empties_the_book() -> None:
    model = world()
    before = {role: model.balance("school", role) for role in Role}
    events = [VALID["donation.collective"](), committed(), VALID["grant.disbursed"]()]
    recorded(model, *events)
    for event in (events[1], events[0], events[2]):
        model.reverse(event.id)
    assert {role: model.balance("school", role) for role in Role} == before
    assert model.bank_balance("icbc") > EACH_FEN


def test_goods_held_for_somebody_take_nothing_of_the_money_held_beside_them() -> None:
    model = book(("zixing", "agency"))
    model.accept(gift(donation="d", fund="zixing", amount_fen=1_000))
    model.record(lot(fund="zixing", quantity=4, value_fen=530))
    assert model.available("zixing") == 0
    model.record(VALID["fund.advanced"](source="general", target="zixing", amount_fen=70))
    assert model.available("zixing") == 70
