"""Ordinary vouchers, own accounts and openings: every rule shown, and an opening that ties to the fen."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.charts import chart_of
from ledger.accounts.legs import require_balanced
from ledger.accounts.roles import CONTROL_ACCOUNTS, Role
from ledger.flows.authority.policies import PolicySet
from ledger.flows.books.journal import MEMO_ROLES, AccountOpened, FreeLeg, JournalPosted, own_accounts, place_of
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import (
    OpeningAsset,
    OpeningLine,
    OpeningLot,
    OpeningPledge,
    OpeningReceivable,
    OpeningRecovery,
)
from ledger.flows.books.reversal import EventReversed
from ledger.flows.giving.funds import FundOpened
from tests.flows.books_world import FUNDS, journal, world
from tests.flows.event_samples import DAY, make, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.rule_cases import Case, each, missing


def opened(code: str, parent: str, chart: str = "npo-2004", entity: str = "charity") -> AccountOpened:
    return make(AccountOpened, entity=entity, chart=chart, code=code, parent=parent)


def coded(code: str, role: Role) -> JournalPosted:
    leg = make(FreeLeg, fund="free", role=role, code=code, party="", amount_fen=5)
    return make(
        JournalPosted, entity="charity", legs=(leg, make(FreeLeg, fund="free", role=Role.PAYABLE, amount_fen=-5))
    )


def cost(fen: int = 5, **given: Any) -> JournalPosted:
    legs = (("free", Role.MANAGEMENT_COST, fen, ""), ("free", Role.BANK, -fen, "icbc"))
    return journal(*legs, **given)


def of_entity(entity: str) -> JournalPosted:
    return make(JournalPosted, entity=entity, legs=cost().legs)


def row(fund: str, role: Role, fen: int, party: str = "", **given: Any) -> OpeningLine:
    fens = {"year_start_fen": fen, "debit_fen": 7, "credit_fen": 7, "balance_fen": fen}
    return make(OpeningLine, **{"fund": fund, "role": role, "party": party, **fens, **given})


BY_DOCUMENT = (
    row("school", Role.QUOTA, 70_000, "湘财社指〔2024〕1号"),
    row("school", Role.FISCAL_INCOME, -70_000, "湘财社指〔2024〕1号"),
)
LINES = (
    row("free", Role.BANK, 500_000, "icbc", year_start_fen=400_000, debit_fen=150_000, credit_fen=50_000),
    row("free", Role.INVENTORY, 30_000, "lot-1"),
    row("free", Role.RECEIVABLE, 20_000, "staff:a-1"),
    row("free", Role.FIXED_ASSET, 90_000, "pc-1"),
    row("free", Role.DEPRECIATION, -40_000, "pc-1"),
    row("free", Role.NET_UNRESTRICTED, -600_000),
    row("school", Role.BANK, 80_000, "icbc"),
    row("school", Role.PREPAID, 15_000, "town-school"),
    row("school", Role.RECOVERABLE, 5_000, "r-1"),
    row("school", Role.NET_RESTRICTED, -100_000),
)


def opening(lines: tuple[OpeningLine, ...] = LINES, **given: Any) -> OpeningRecorded:
    asset = {"asset": "pc-1", "fund": "free", "cost_fen": 90_000, "depreciation_fen": 40_000}
    fields = {
        "entity": "charity",
        "period": "2025-07",
        "on": date(2025, 7, 1),
        "lines": lines,
        "net_unrestricted_fen": 600_000,
        "net_restricted_fen": 100_000,
        "lots": (make(OpeningLot, lot="lot-1", fund="free", value_fen=30_000),),
        "receivables": (
            make(OpeningReceivable, fund="free", role=Role.RECEIVABLE, party="staff:a-1", amount_fen=20_000),
            make(OpeningReceivable, fund="school", role=Role.PREPAID, party="town-school", amount_fen=15_000),
        ),
        "recoveries": (make(OpeningRecovery, recovery="r-1", fund="school", ordered_fen=8_000, collected_fen=3_000),),
        "assets": (make(OpeningAsset, **asset),),
        "pledges": (make(OpeningPledge, pledge="p-1", fund="free", amount_fen=12_000),),
    }
    return make(OpeningRecorded, **{**fields, **given})


def with_line(number: int, **given: Any) -> tuple[OpeningLine, ...]:
    """The lines with some fields of one of them written otherwise."""
    changed = OpeningLine(**{**LINES[number].model_dump(), **given})
    return (*LINES[:number], changed, *LINES[number + 1 :])


own = opened("520101", "5201")
lifted = make(PolicySet, entity="charity", duty_profile=None, free_control_accounts=True)
FLOOD = make(FundOpened, fund="flood", fund_kind="restricted", purposes=("救灾", "重建"))


def flood_cost(summary: str, *more: tuple[str, Role, int, str], **given: Any) -> JournalPosted:
    legs = (("flood", Role.PROGRAMME_COST, 5, ""), ("flood", Role.BANK, -5, "icbc"), *more)
    return journal(*legs, **{"summary": summary, "origin": "decision", **given})


FREED = (("flood", Role.NET_RESTRICTED, 5, ""), ("flood", Role.NET_UNRESTRICTED, -5, ""))
GIVEN = journal(("flood", Role.BANK, 5, "icbc"), ("flood", Role.DONATION_RESTRICTED, -5, ""))
FREE_COST = journal(("free", Role.PROGRAMME_COST, 5, ""), ("free", Role.BANK, -5, "icbc"), origin="decision")
gift = journal(("free", Role.BANK, 5, "icbc"), ("free", Role.DONATION_UNRESTRICTED, -5, ""))

JOURNAL = [
    Case("COST_OUTSIDE_PURPOSE", flood_cost("购办公用品"), flood_cost("发放救灾物资"), (FLOOD,)),
    Case("COST_OUTSIDE_PURPOSE", flood_cost("购办公用品"), flood_cost("购办公用品", origin="history"), (FLOOD,)),
    Case("COST_NOT_RELEASED", flood_cost("救灾"), flood_cost("救灾", *FREED), (FLOOD, GIVEN)),
    Case("COST_NOT_RELEASED", flood_cost("救灾"), FREE_COST, (FLOOD, GIVEN)),
    Case("ENTITY_UNKNOWN", opened("520101", "5201", entity="nobody"), own),
    Case("ENTITY_UNKNOWN", of_entity("nobody"), cost()),
    Case("ENTITY_OTHER", opened("520101", "5201", entity="bureau"), own),
    Case("ENTITY_OTHER", of_entity("bureau"), cost()),
    Case("ACCOUNT_PARENT", opened("530101", "5201"), own),
    Case("ACCOUNT_PARENT", opened("5201", "5201"), own),
    Case("ACCOUNT_PARENT", opened("520101", "5201", "npo-2024"), own),
    Case("ACCOUNT_CODE_TWICE", opened("410101", "4101"), opened("410103", "4101")),
    Case("ACCOUNT_CODE_TWICE", own, opened("520102", "5201"), (own,)),
    Case("FUND_UNKNOWN", journal(("nobody", Role.BANK, 5, ""), ("nobody", Role.OTHER_COST, -5, "")), cost()),
    Case("FACT_IN_FUTURE", cost(on=date(2025, 10, 1)), cost(on=DAY)),
    Case("JOURNAL_UNBALANCED", journal(("free", Role.BANK, 5, "icbc"), ("bare", Role.OTHER_INCOME, -5, "")), cost()),
    Case("JOURNAL_LEGS", journal(("free", Role.BANK, 0, "icbc"), ("free", Role.OTHER_COST, 0, "")), cost()),
    Case("JOURNAL_LEGS", journal(*[("free", Role.BANK, 5, "icbc")] * 2, ("free", Role.OTHER_COST, -10, "")), cost()),
    *(
        Case("JOURNAL_LEGS", journal(("free", Role.BANK, 5, "icbc"), ("free", role, -5, "")), cost())
        for role in sorted(MEMO_ROLES)
    ),
    Case("JOURNAL_ACCOUNT", coded("520101", Role.MANAGEMENT_COST), coded("5201", Role.MANAGEMENT_COST)),
    Case("JOURNAL_ACCOUNT", coded("520101", Role.OTHER_COST), coded("520101", Role.MANAGEMENT_COST), (own,)),
    Case("JOURNAL_ACCOUNT", coded("4201", Role.OTHER_COST), coded("4201", Role.OTHER_INCOME)),
    *(
        Case("CONTROL_ACCOUNT", journal(("free", Role.BANK, 5, "icbc"), ("free", role, -5, "")), cost())
        for role in sorted(CONTROL_ACCOUNTS)
    ),
    Case("ACCOUNT_SHORT", cost(1_000_001), cost(1_000_000)),
    Case("ACCOUNT_SHORT", cost(1_000_001, origin="history"), cost(1_000_000, origin="history")),
]

OPENING = [
    Case("ENTITY_UNKNOWN", opening(entity="nobody"), opening()),
    Case("ENTITY_OTHER", opening(entity="bureau"), opening()),
    Case("OPENING_TWICE", opening(), opening(entity="bureau"), (opening(),)),
    Case("FUND_UNKNOWN", opening((row("nobody", Role.BANK, 5),)), opening()),
    Case("OPENING_DAY", opening(on=date(2025, 7, 2)), opening()),
    Case("OPENING_UNBALANCED", opening(with_line(0, balance_fen=500_001)), opening()),
    Case("OPENING_YEAR_TO_DATE", opening(with_line(0, debit_fen=150_001)), opening()),
    Case("OPENING_NET_ASSETS", opening(net_unrestricted_fen=600_001), opening()),
    Case("OPENING_NET_ASSETS", opening(net_restricted_fen=99_999), opening()),
    *(
        Case("OPENING_SUBLEDGER", opening(**{name: ()}), opening())
        for name in ("lots", "receivables", "recoveries", "assets")
    ),
    Case("OPENING_LINES", opening((*LINES, LINES[0])), opening()),
    Case("PARTY_NAME", opening((*LINES, row("free", Role.PAYABLE, 0, "张三"))), opening((*LINES, *BY_DOCUMENT))),
    Case(
        "PARTY_NAME",
        journal(("free", Role.OTHER_COST, 5, ""), ("free", Role.PAYABLE, -5, "湘财社指〔2024〕1号")),
        journal(("free", Role.OTHER_COST, 5, ""), ("free", Role.FISCAL_INCOME, -5, "湘财社指〔2024〕1号")),
    ),
    Case("OPENING_LINES", opening((*LINES, row("free", Role.COMMITTED, 5))), opening()),
    Case("JOURNAL_ACCOUNT", opening(with_line(0, code="1001")), opening(with_line(0, code="1002"))),
]

CASES = [*JOURNAL, *OPENING]


@each(CASES)
def test_a_rule_speaks_and_is_silent(case: Case) -> None:
    case.check(world)


def test_every_rule_is_shown() -> None:
    assert missing(CASES, of_rooms("books.journal", "books.opening")) == set()


@pytest.mark.parametrize(
    ("left", "more", "edition", "told"),
    [
        (9, (), 11, [5]),
        (5, (), 11, [5]),
        (3, (), 11, [3]),
        (0, (), 11, []),
        (-2, (), 11, []),
        (0, (("flood", Role.BANK, 4, "icbc"), ("flood", Role.DONATION_RESTRICTED, -4, "")), 11, [4]),
        (3, (), 10, [5]),
        (0, (), 10, [5]),
    ],
)
def test_a_cost_is_told_up_to_what_was_left_to_free(
    left: int, more: tuple[tuple[str, Role, int, str], ...], edition: int, told: list[int]
) -> None:
    model = world()
    model.edition = edition
    model.record(FLOOD, journal(("flood", Role.BANK, left, "icbc"), ("flood", Role.DONATION_RESTRICTED, -left, "")))
    found = [dict(one.params) for one in model.judge(flood_cost("救灾", *more)) if one.code == "W_COST_NOT_RELEASED"]
    assert [one["amount_fen"] for one in found] == told


def test_a_policy_may_lift_the_bar_on_control_accounts() -> None:
    model = world()
    assert "E_CONTROL_ACCOUNT" in model.codes(gift)
    model.record(lifted)
    assert "E_CONTROL_ACCOUNT" not in model.codes(gift)


def test_own_accounts_may_stand_under_each_other_and_count_in_their_version_only() -> None:
    model = world()
    under = opened("52010101", "520101")
    assert "E_ACCOUNT_PARENT" in model.codes(under)
    model.accept(own, under, coded("52010101", Role.MANAGEMENT_COST))
    assert set(own_accounts(model, "charity", "npo-2004")) == {"520101", "52010101"}
    assert own_accounts(model, "charity", "npo-2024") == {}
    model.voucher_date = date(2026, 1, 2)
    assert "E_JOURNAL_ACCOUNT" in model.codes(coded("520101", Role.MANAGEMENT_COST))


def test_a_code_keeps_the_role_of_the_account_it_stands_under() -> None:
    model = world()
    model.record(opened("112299", "1122"), opened("11220101", "112201"))
    chart = chart_of("npo-2004")
    places = {code: place_of(model, "charity", chart, code) for code in ("112299", "11220101", "112202")}
    assert {code: found and found.role for code, found in places.items()} == {
        "112299": Role.RECEIVABLE,
        "11220101": Role.RECOVERABLE,
        "112202": None,
    }


@given(st.lists(st.tuples(st.sampled_from(sorted(FUNDS)), st.integers(-99, 99)), min_size=2, max_size=8))
def test_exactly_the_funds_that_do_not_balance_are_named(legs: list[tuple[str, int]]) -> None:
    event = journal(*((fund, Role.OTHER_COST, fen, f"p{n}") for n, (fund, fen) in enumerate(legs)))
    found = [dict(f.params) for f in world().judge(event) if f.code == "E_JOURNAL_UNBALANCED"]
    sums = {fund: sum(fen for f, fen in legs if f == fund) for fund, _ in legs}
    assert {one["fund"]: one["difference_fen"] for one in found} == {f: fen for f, fen in sums.items() if fen}


def unopened() -> FakeKnowledge:
    """An entity with two funds and no money: three events."""
    model, full = FakeKnowledge(), world()
    model.record(*(one.event for one in full.history("entity:charity", "entity.registered")))
    model.record(*(one.event for fund in ("free", "school") for one in full.history(f"fund:{fund}", "fund.opened")))
    return model


def test_an_opening_that_ties_is_accepted_and_posts_every_line() -> None:
    model = unopened()
    event = opening()
    assert model.accept(event) == []
    require_balanced(event.postings(model))
    for line in LINES:
        assert model.balance(line.fund, line.role, line.party) == line.balance_fen
    assert model.balance("free", Role.PLEDGED, "p-1") == 12_000
    assert {"lot:lot-1", "recovery:r-1", "asset:pc-1", "pledge:p-1", "fund:school"} <= set(event.tags())


@pytest.mark.parametrize("name", ["lots", "receivables", "recoveries", "assets"])
def test_a_missing_list_is_named_with_its_fund_and_both_sums(name: str) -> None:
    found = [dict(f.params) for f in world().judge(opening(**{name: ()})) if f.code == "E_OPENING_SUBLEDGER"]
    assert found
    assert all(one["list_fen"] == 0 != one["account_fen"] for one in found)


def test_an_opening_can_be_reversed_and_made_again() -> None:
    model = unopened()
    first = opening()
    model.accept(first)
    assert "E_OPENING_TWICE" in model.codes(opening())
    model.accept(make(EventReversed, target=first.id, target_position=4, target_tags=first.tags()))
    assert model.accept(opening()) == []
