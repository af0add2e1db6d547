"""Every rule of the charity side, shown firing and not firing, at the gate and on history.

`VALID` holds what the book accepts without a word, so each case below changes one thing and names every code it brings.
The last test fails when a rule has no case.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest

from ledger.catalogue import say
from ledger.flows.community.lottery import LotterySalesReported
from ledger.flows.event import Event, Stage
from ledger.flows.giving.pledges import Instalment, PledgePart
from ledger.flows.giving.receipts import Cover
from ledger.flows.rules import rules_of
from tests.flows.charity_cases import CASES, LATER
from tests.flows.charity_world import DAY, VALID, committed, gift, issued, recorded, world
from tests.flows.event_samples import make, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge

CLASSES: Final = list(of_rooms("giving", "collecting", "granting", "community"))
BEFORE: Final = DAY.replace(day=1) - timedelta(days=1)
"""The month before everything that is valid here."""
SEEN: Final[set[tuple[str, str]]] = set()
"""Which codes were seen firing on which kind; the last test compares it with what the rules can say."""


def codes(model: FakeKnowledge, event: Event) -> list[str]:
    """The codes of an event's findings; each must fill its sentence in both languages."""
    for finding in model.judge(event):
        SEEN.add((event.kind, finding.code))
        for language in ("zh", "en"):
            sentence = say(finding.code, language, **dict(finding.params))
            assert "{" not in sentence, f"{finding.code} lacks a parameter: {sentence}"
    return model.codes(event)


@pytest.mark.parametrize("kind", sorted(VALID))
def test_a_valid_event_is_accepted_without_a_word(kind: str) -> None:
    assert world().judge(VALID[kind]()) == []


@pytest.mark.parametrize(("kind", "changed", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_one_change_brings_exactly_its_findings(kind: str, changed: dict[str, Any], expected: tuple[str, ...]) -> None:
    event = VALID[kind](**changed)
    assert sorted(codes(world(), event)) == sorted(expected)
    if "origin" in type(event).model_fields:
        as_history = VALID[kind](**{**changed, "origin": "history"})
        forms = {f"E_{rule.code}" for rule in rules_of(type(event)) if rule.form}
        softened = sorted(code if code in forms else "W_" + code[2:] for code in expected)
        assert sorted(codes(world(), as_history)) == softened


MOVING: Final = sorted(kind for kind, build in VALID.items() if "movement" in type(build()).model_fields)


@pytest.mark.parametrize("kind", MOVING)
def test_a_movement_is_recorded_once_and_again_after_its_reversal(kind: str) -> None:
    model, first = world(), VALID[kind]()
    model.record(first)
    assert "E_MOVEMENT_TWICE" in codes(model, VALID[kind]())
    model.reverse(first.id)
    assert codes(model, VALID[kind]()) == []


@pytest.mark.parametrize("kind", sorted(VALID))
def test_nothing_is_recorded_before_it_happened(kind: str) -> None:
    event = VALID[kind]()
    model = world()
    model.today = BEFORE
    asks = any(rule.code == "FACT_IN_FUTURE" for rule in rules_of(type(event)))
    assert ("E_FACT_IN_FUTURE" in codes(model, event)) == asks


@pytest.mark.parametrize("kind", sorted(VALID))
def test_rules_never_raise_in_an_empty_book(kind: str) -> None:
    event = VALID[kind]()
    found = codes(FakeKnowledge(), event)
    asks = any(rule.code == "FUND_UNKNOWN" for rule in rules_of(type(event)))
    assert ("E_FUND_UNKNOWN" in found) == asks


def _reversed_receipt() -> FakeKnowledge:
    return recorded(world(), VALID["donation.receipt_reversed"]())


def _expired() -> FakeKnowledge:
    return recorded(
        world(), VALID["in_kind.received"](lot="bread", donation="d-bread", expires_on=DAY - timedelta(days=1))
    )


def _narrow_flood() -> FakeKnowledge:
    return recorded(world(), VALID["fund.purpose_changed"](purposes=("救灾",)))


def _filed_only() -> FakeKnowledge:
    return recorded(world(), VALID["mutual_aid.society_changed"](status="filed"))


def _high_line() -> FakeKnowledge:
    return recorded(world(), VALID["mutual_aid.line_set"]())


def _line_of_the_same_day() -> FakeKnowledge:
    return recorded(world(), VALID["mutual_aid.line_set"](effective_from=date(2025, 1, 1)))


def _line_lowered_again() -> FakeKnowledge:
    lowered = VALID["mutual_aid.line_set"](effective_from=date(2025, 1, 1), line_fen=500_000)
    return recorded(_line_of_the_same_day(), lowered)


def _fee_before_the_money() -> FakeKnowledge:
    return recorded(world(), VALID["channel.fee_charged"](fee_fen=27_000, movement="fee-0"))


def _used_lottery() -> FakeKnowledge:
    return recorded(world(), VALID["lottery.used"]())


def first_statement() -> LotterySalesReported:
    """A month's sales as they were first written."""
    return make(LotterySalesReported, month="2025-09", amount_fen=100, stations=3)


def _sold() -> FakeKnowledge:
    return recorded(world(), first_statement(), VALID["lottery.sales_reported"](amount_fen=100, stations=3))


def _sold_elsewhere() -> FakeKnowledge:
    model = world()
    model.record(VALID["lottery.sales_reported"](amount_fen=100, stations=3), entity="other-charity")
    return model


def _promised_in_public() -> FakeKnowledge:
    return recorded(world(), VALID["pledge.made"](pledge="p-gala", public=True))


SET_UP: Final[tuple[tuple[Callable[[], FakeKnowledge], str, dict[str, Any], tuple[str, ...]], ...]] = (
    (_reversed_receipt, "donation.receipt_reversed", {"red": "4306-9002"}, ("E_RECEIPT_STATE",)),
    (_reversed_receipt, "donation.receipt_covered", {"receipt": "4306-0001"}, ("E_RECEIPT_SUM", "E_RECEIPT_STATE")),
    (_reversed_receipt, "donation.receipt_reversed", {}, ("E_RECEIPT_TWICE", "E_RECEIPT_STATE")),
    (_reversed_receipt, "donation.receipt_issued", {"receipt": "4306-9001", "number": "9001"}, ("E_RECEIPT_TWICE",)),
    (_expired, "in_kind.delivered", {"lot": "bread"}, ("W_GOODS_EXPIRED",)),
    (_narrow_flood, "in_kind.delivered", {"purpose": "慰问"}, ("W_RESTRICTION_BREACH",)),
    (_filed_only, "mutual_aid.granted", {}, ("W_MAS_UNREGISTERED",)),
    (_high_line, "mutual_aid.granted", {}, ("W_MAS_CAPITAL",)),
    (_high_line, "mutual_aid.granted", {"occurred_on": DAY - timedelta(days=1)}, ("W_MAS_MEETING",)),
    (_line_of_the_same_day, "mutual_aid.granted", {}, ("W_MAS_CAPITAL",)),
    (_line_lowered_again, "mutual_aid.granted", {}, ()),
    (_fee_before_the_money, "channel.fee_charged", {"fee_fen": -30}, ()),
    (_fee_before_the_money, "channel.fee_charged", {"fee_fen": 30}, ("W_CHANNEL_SHORT",)),
    (_used_lottery, "lottery.progress_reported", {}, ("W_LOTTERY_NOTICE",)),
    (_used_lottery, "lottery.progress_reported", {"published_on": DAY - timedelta(days=1)}, ("W_LOTTERY_NOTICE",)),
    (_used_lottery, "lottery.progress_reported", {"published_on": DAY}, ()),
    (_sold, "lottery.sales_reported", {"amount_fen": 100, "stations": 3}, ("E_SALES_TWICE",)),
    (_sold, "lottery.sales_reported", {"amount_fen": 200, "stations": 3}, ("W_SALES_RESTATED",)),
    (_sold, "lottery.sales_reported", {"amount_fen": 100, "stations": 4}, ()),
    (_sold, "lottery.sales_reported", {"amount_fen": 100, "stations": 3, "month": "2025-08"}, ()),
    (_sold, "lottery.sales_reported", {"month": "2025-10"}, ("E_FACT_IN_FUTURE",)),
    (_sold_elsewhere, "lottery.sales_reported", {"amount_fen": 100, "stations": 3}, ()),
    (_promised_in_public, "pledge.released", {"pledge": "p-gala", "reason": "hardship"}, ("W_PLEDGE_NOTICE",)),
    (
        _promised_in_public,
        "pledge.released",
        {"pledge": "p-gala", "reason": "hardship", "public_notice": "sha256:" + "5" * 64},
        (),
    ),
    (world, "donation.registered", {"donation": "wx-2", "amount_fen": 6_666}, ()),
)


@pytest.mark.parametrize(("set_up", "kind", "changed", "expected"), SET_UP)
def test_what_came_before_decides(
    set_up: Callable[[], FakeKnowledge], kind: str, changed: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert tuple(codes(set_up(), VALID[kind](**changed))) == expected


def test_a_register_row_is_taken_once() -> None:
    model = recorded(world(), VALID["donation.registered"]())
    assert codes(model, VALID["donation.registered"]()) == ["E_REGISTERED_TWICE"]


def test_platforms_might_charge_before_the_law_changed() -> None:
    model = world()
    model.voucher_date = date(2024, 9, 4)
    assert codes(model, VALID["channel.settled"](fee_kind="platform_service")) == []


def test_a_reversed_gift_frees_its_number_its_pledge_and_its_receipt_cover() -> None:
    model = world()
    first = gift(donation="d-x", pledge_parts=(PledgePart(pledge="p-1", fen=20_000),))
    model.accept(first, issued(covers=(Cover(donation="d-x", fen=20_000),)))
    model.reverse(first.id)
    assert codes(model, gift(donation="d-x", pledge_parts=(PledgePart(pledge="p-1", fen=20_000),))) == []


def test_twelve_gifts_on_one_receipt_and_forty_receipts_on_one_gift() -> None:
    model = world()
    model.accept(*(gift(donation=f"m-{n}", amount_fen=1_000) for n in range(12)))
    covers = tuple(Cover(donation=f"m-{n}", fen=1_000) for n in range(12))
    assert model.accept(issued(amount_fen=12_000, covers=covers)) == []
    model.accept(gift(donation="whole", amount_fen=40_000))
    for n in range(100, 140):
        slip = issued(
            receipt=f"4306-0{n}", number=f"0{n}", amount_fen=1_000, covers=(Cover(donation="whole", fen=1_000),)
        )
        assert model.accept(slip) == []
    over = issued(receipt="4306-0200", number="0200", amount_fen=1, covers=(Cover(donation="whole", fen=1),))
    assert codes(model, over) == ["E_RECEIPT_OVER_COVER"]


def test_instalments_left_after_part_of_a_pledge_was_paid() -> None:
    left = (Instalment(due=LATER, fen=200_000),)
    assert codes(world(), VALID["pledge.amended"](delta_fen=0, instalments=left)) == []
    assert codes(world(), VALID["pledge.amended"](delta_fen=0, instalments=left * 2)) == ["E_PLEDGE_SUM"]


def test_an_advance_of_the_opening_balances_can_be_repaid() -> None:
    model = world()
    lent = VALID["fund.advanced"](advance="a-opening")
    model.record(lent)
    model._by_tag["advance:a-opening"].clear()  # noqa: SLF001 - as if the balances alone had been taken over
    assert codes(model, VALID["fund.advance_repaid"](advance="a-opening")) == []


def test_a_fund_and_a_channel_belong_to_one_entity() -> None:
    model = world()
    model.entity = "other-charity"
    assert codes(model, gift()) == ["E_FUND_UNKNOWN"]
    assert "E_SOCIETY_UNKNOWN" in codes(model, VALID["mutual_aid.granted"]())
    opening = VALID["fund.opened"](fund="general")
    assert codes(model, opening) == []
    model.record(opening)
    assert codes(model, VALID["channel.opened"](channel="wechat")) == []
    assert model.available("general") == 0


NAMES_ANOTHER: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("donation.received", {"pledge_parts": (PledgePart(pledge="p-1", fen=1),)}),
    ("donation.collective", {"pledge_parts": (PledgePart(pledge="p-1", fen=1),)}),
    ("donation.registered", {}),
    ("donation.returned", {}),
    ("donation.returned", {"donation": "d-before", "pledge_parts": (PledgePart(pledge="p-1", fen=1),)}),
    ("suspense.identified", {"pledge_parts": (PledgePart(pledge="p-1", fen=1),)}),
    ("donation.receipt_issued", {}),
    ("donation.receipt_covered", {"covers": ()}),
    ("donation.receipt_covered", {"receipt": "4306-0009"}),
    ("donation.receipt_reversed", {}),
    ("pledge.amended", {}),
    ("pledge.released", {}),
    ("pledge.reminded", {}),
    ("in_kind.delivered", {}),
    ("in_kind.counted", {}),
    ("in_kind.sold", {}),
    ("grant.disbursed", {"grant": "g-1"}),
    ("grant.use_reported", {}),
    ("grant.unspent_returned", {}),
    ("lottery.used", {}),
    ("lottery.returned", {}),
    ("lottery.progress_reported", {}),
)


@pytest.mark.parametrize(("kind", "changed"), NAMES_ANOTHER)
def test_one_charity_never_acts_on_what_another_of_its_book_recorded(kind: str, changed: dict[str, Any]) -> None:
    model = world()
    funds = [VALID["fund.opened"](fund=name) for name in ("general", "school", "flood")]
    model.record(*funds, entity="other-charity")
    model.entity = "other-charity"
    found = [f for f in model.judge(VALID[kind](**changed)) if f.code == "E_OF_ANOTHER_ENTITY"]
    assert found
    assert dict(found[0].params)["owner"] == "charity"
    codes(model, VALID[kind](**changed))
    model.entity = "charity"
    assert "E_OF_ANOTHER_ENTITY" not in codes(model, VALID[kind](**changed))


def test_grants_wait_for_money_that_is_free() -> None:
    model = world()
    free = model.available("general")
    assert codes(model, committed(fund="general", purpose="慰问", amount_fen=free)) == []
    model.accept(committed(fund="general", purpose="慰问", amount_fen=free))
    assert codes(model, committed(grant="g-more", fund="general", purpose="慰问", amount_fen=1)) == [
        "E_FUND_INSUFFICIENT",
    ]


def _spellings(cls: type[Event]) -> set[str]:
    """Every code that the rules of a class can give."""
    found: set[str] = set()
    for rule in rules_of(cls):
        soft = cls.stage is Stage.FACT or "origin" in cls.model_fields
        hard = cls.stage is Stage.GATE
        found |= {"E_" + rule.code} if rule.form or (hard and not rule.warns) else set()
        found |= {"W_" + rule.code} if rule.warns or (soft and not rule.form) else set()
    return found


def test_every_rule_was_seen_firing() -> None:
    """Runs last in this file; alone, it first runs every case."""
    for kind, changed, _ in CASES:
        for origin in ({}, {"origin": "history"}):
            if not origin or "origin" in type(VALID[kind]()).model_fields:
                codes(world(), VALID[kind](**{**changed, **origin}))
    for set_up, kind, changed, _ in SET_UP:
        codes(set_up(), VALID[kind](**changed))
    for kind, changed in NAMES_ANOTHER:
        model = world()
        model.entity = "other-charity"
        codes(model, VALID[kind](**changed))
    for build in VALID.values():
        model = world()
        model.today = BEFORE
        codes(model, build())
        codes(FakeKnowledge(), build())
        codes(recorded(world(), build()), build())
    codes(world(), first_statement())
    can = {(str(cls.model_fields["kind"].default), code) for cls in CLASSES for code in _spellings(cls)}
    assert sorted(can - SEEN) == []


@pytest.mark.parametrize(("edition", "found"), [(9, ["W_COUNT_BOOK"]), (10, [])])
def test_a_count_is_compared_with_the_books_of_its_day(edition: int, found: list[str]) -> None:
    model = world()
    model.edition = edition
    counted = VALID["in_kind.counted"]()
    assert model.codes(counted) == []
    model.record(VALID["in_kind.delivered"](quantity=1, movement="later", occurred_on=DAY + timedelta(days=1)))
    assert model.codes(counted) == found
