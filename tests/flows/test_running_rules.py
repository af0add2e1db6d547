"""Running costs: every rule shown, and a year of a small association that closes to the fen."""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.legs import require_balanced
from ledger.accounts.roles import Role
from ledger.flows.books.bank import BankFee, BankFeeSpent, BankInterest
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningAsset, OpeningLine
from ledger.flows.books.papers import ApprovalRecorded
from ledger.flows.event import Event
from ledger.flows.giving.funds import FundOpened
from ledger.flows.running.advances import AdvanceCleared, AdvancePaid, AdvanceSpent, staff_party
from ledger.flows.running.assets import AssetAcquired, AssetDepreciated, AssetDisposed, AssetWear
from ledger.flows.running.costs import cost_role
from ledger.flows.running.expenses import ExpensePaid
from ledger.flows.running.payroll import PayrollPaid, PayrollRemitted
from tests.flows.books_world import world
from tests.flows.event_samples import DAY, make, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.rule_cases import Case, each, missing

LATER, EARLIER = date(2025, 10, 1), date(2025, 9, 29)
HERE: dict[str, Any] = {"fund": "free", "means": "bank", "account": "icbc"}
NOWHERE: dict[str, Any] = {"means": None, "account": None}


def expense(fen: int = 5, **given: Any) -> ExpensePaid:
    return make(ExpensePaid, **{**HERE, "amount_fen": fen, "nature": "management", **given})


def wages(net: int = 700, **given: Any) -> PayrollPaid:
    fens = {"gross_fen": 1_000, "insurance_fen": 250, "tax_fen": 50, "net_fen": net, "employer_fen": 400}
    return make(PayrollPaid, **{**HERE, **fens, "nature": "management", **given})


def remittance(fen: int = 650, **given: Any) -> PayrollRemitted:
    return make(PayrollRemitted, **{**HERE, "what": "insurance", "amount_fen": fen, **given})


def advance(fen: int = 5_000, **given: Any) -> AdvancePaid:
    return make(AdvancePaid, **{**HERE, "advance": "a-1", "amount_fen": fen, **given})


def clearing(spent: int = 4_000, returned: int = 1_000, **given: Any) -> AdvanceCleared:
    parts = (make(AdvanceSpent, nature="management", fen=spent),) if spent else ()
    where = HERE if returned else {**NOWHERE, "fund": "free"}
    return make(AdvanceCleared, **{**where, "advance": "a-1", "spent": parts, "returned_fen": returned, **given})


FLOOD = make(FundOpened, fund="flood", fund_kind="restricted", purposes=("救灾", "重建"))


def of_flood(**given: Any) -> ExpensePaid:
    return expense(**{"fund": "flood", "nature": "programme", **given})


def cleared_of_flood(**given: Any) -> AdvanceCleared:
    part = make(AdvanceSpent, **{"nature": "programme", "fen": 5, **given})
    where = {"fund": "flood", "advance": "a-1", "returned_fen": 0}
    return make(AdvanceCleared, **NOWHERE, **where, spent=(part,))


def asset(fen: int = 90_000, **given: Any) -> AssetAcquired:
    return make(AssetAcquired, **{**HERE, "asset": "pc-1", "amount_fen": fen, **given})


def wear(*lines: tuple[str, int], **given: Any) -> AssetDepreciated:
    rows = tuple(AssetWear(asset=name, fen=fen) for name, fen in lines or (("pc-1", 1_500),))
    return make(AssetDepreciated, **{"fund": "free", "month": "2025-09", "lines": rows, **given})


def disposal(fen: int = 0, **given: Any) -> AssetDisposed:
    where = HERE if fen else {**NOWHERE, "fund": "free"}
    return make(AssetDisposed, **{**where, "asset": "pc-1", "proceeds_fen": fen, **given})


def brought() -> OpeningRecorded:
    """The books of August: a machine of 2021 that is worth 5,000 and will at last be worth 1,000."""
    fens = {"cost_fen": 90_000, "depreciation_fen": 85_000, "residual_fen": 1_000}
    row = make(OpeningAsset, asset="pc-1", fund="free", acquired_on=date(2021, 3, 1), **fens)
    sides = ((Role.FIXED_ASSET, 90_000, "pc-1"), (Role.DEPRECIATION, -85_000, "pc-1"), (Role.PRIOR_YEAR, -5_000, ""))
    lines = tuple(make(OpeningLine, fund="free", role=r, balance_fen=fen, party=p) for r, fen, p in sides)
    return make(OpeningRecorded, entity="charity", period="2025-08", on=date(2025, 8, 1), lines=lines, assets=(row,))


def paper(max_fen: int, on: date = DAY) -> ApprovalRecorded:
    return make(ApprovalRecorded, document="doc-1", max_fen=max_fen, decided_on=on)


MOVING: tuple[Callable[..., Event], ...] = (expense, wages, remittance, advance, clearing, asset, disposal)
ON_PAPER: tuple[Callable[..., Event], ...] = (expense, advance, asset)
RESTING = (paper(500), expense(100, approval="doc-1"))

CASES = [
    *(Case("MOVEMENT_TWICE", b(movement="m-1"), b(movement="m-2"), (expense(movement="m-1"),)) for b in MOVING),
    *(Case("FUND_UNKNOWN", build(fund="nobody"), build(fund="school")) for build in (*MOVING, wear)),
    *(Case("FACT_IN_FUTURE", build(on=LATER), build(on=DAY)) for build in (*MOVING, wear)),
    *(
        Case("ACCOUNT_SHORT", build(1_000_001), build(1_000_000))
        for build in (expense, remittance, advance, asset, wages)
    ),
    *(Case("ACCOUNT_SHORT", b(5, account="ccb"), b(5, means="cash", account="till")) for b in (expense, advance)),
    *(
        Case(
            "APPROVAL_EXCEEDED",
            b(401, approval="doc-1"),
            b(400, approval="doc-1"),
            (paper(500), expense(100, approval="doc-1")),
        )
        for b in ON_PAPER
    ),
    *(Case("PAPER_AFTER", b(5, approval="doc-1", on=EARLIER), b(5, approval="doc-1"), (paper(500),)) for b in ON_PAPER),
    *(Case("PAPER_AFTER", b(5, approval="doc-2"), b(5, approval=None)) for b in ON_PAPER),
    *(Case("COST_ON_RESTRICTED", build(fund="bare"), build(fund="school")) for build in (expense, wages, clearing)),
    *(Case("COST_ON_RESTRICTED", build(fund="agent"), build(fund="free")) for build in (expense, wages, clearing)),
    Case("COST_ON_RESTRICTED", expense(fund="bare", nature="fundraising"), expense(fund="bare", nature="programme")),
    *(
        Case("COST_OUTSIDE_PURPOSE", build(purpose="招待费"), build(purpose=good, **more), (FLOOD,))
        for build in (of_flood, cleared_of_flood)
        for good, more in (("购帐篷用于救灾", {}), ("重建", {}), ("招待费", {"nature": "management"}))
    ),
    Case("COST_OUTSIDE_PURPOSE", of_flood(purpose="招待费"), expense(nature="programme", purpose="招待费"), (FLOOD,)),
    Case("PAYROLL_SUM", wages(701), wages(700)),
    Case("PAYROLL_OVER_REMITTED", remittance(651), remittance(650), (wages(),)),
    Case("PAYROLL_OVER_REMITTED", remittance(51, what="tax"), remittance(50, what="tax"), (wages(),)),
    Case("STAFF_ADVANCE_TWICE", advance(), advance(advance="a-2"), (advance(),)),
    Case("STAFF_ADVANCE_UNKNOWN", clearing(advance="a-2"), clearing(), (advance(),)),
    Case("STAFF_ADVANCE_UNKNOWN", clearing(fund="school"), clearing(), (advance(),)),
    Case("STAFF_ADVANCE_SHAPE", clearing(0, 0), clearing(5, 0)),
    Case("STAFF_ADVANCE_SHAPE", clearing(5, 5, **NOWHERE), clearing(5, 5)),
    Case("STAFF_ADVANCE_SHAPE", clearing(5, 0, means="cash", account="till"), clearing(5, 0)),
    Case("STAFF_ADVANCE_OVER", clearing(4_001, 1_000), clearing(4_000, 1_000), (advance(),)),
    Case("ASSET_TWICE", asset(), asset(asset="pc-2"), (asset(),)),
    Case("ASSET_WORN_TWICE", wear(), wear(month="2025-10"), (asset(), wear())),
    Case("ASSET_WORN_TWICE", wear(("pc-1", 5), ("pc-1", 6)), wear(("pc-1", 5), ("pc-2", 6))),
    Case("ASSET_OVER_WORN", wear(("pc-1", 88_501)), wear(("pc-1", 88_500)), (asset(), wear(month="2025-08"))),
    Case("ASSET_RESIDUAL", asset(900, residual_fen=901), asset(900, residual_fen=900)),
    Case("ASSET_BELOW_RESIDUAL", wear(("pc-1", 85_501)), wear(("pc-1", 85_500)), (asset(residual_fen=4_500),)),
    Case("ASSET_BELOW_RESIDUAL", wear(("pc-1", 4_500)), wear(("pc-1", 4_000)), (brought(),)),
    Case("ASSET_BELOW_RESIDUAL", wear(("pc-1", 89_999)), wear(("pc-1", 90_001)), (asset(residual_fen=2),)),
    Case("ASSET_WORN_EARLY", wear(month="2025-08"), wear(), (asset(),)),
    Case("ASSET_WORN_EARLY", wear(("pc-2", 1), ("pc-1", 1), month="2025-08"), wear(("pc-2", 1)), (asset(),)),
    Case("ASSET_WORN_EARLY", wear(month="2025-07"), wear(month="2025-08"), (brought(),)),
    Case("ASSET_WORN_AHEAD", wear(month="2025-10"), wear(month="2025-09")),
    Case("ASSET_WORN_AHEAD", wear(on=date(2025, 8, 31)), wear(on=date(2025, 9, 1))),
    Case("ASSET_UNKNOWN", disposal(asset="pc-2"), disposal(), (asset(),)),
    Case("ASSET_UNKNOWN", disposal(), disposal(asset="pc-2"), (asset(), disposal(), asset(asset="pc-2"))),
    Case("ASSET_SHAPE", disposal(5, **NOWHERE), disposal(5)),
    Case("ASSET_SHAPE", disposal(0, means="bank", account="icbc"), disposal(0)),
]


@each(CASES)
def test_a_rule_speaks_and_is_silent(case: Case) -> None:
    case.check(world)


def test_every_rule_is_shown() -> None:
    assert missing(CASES, of_rooms("running")) == set()


@pytest.mark.parametrize(
    ("nature", "role"),
    [
        ("programme", Role.PROGRAMME_COST),
        ("management", Role.MANAGEMENT_COST),
        ("fundraising", Role.FUNDRAISING_COST),
        ("other", Role.OTHER_COST),
    ],
)
def test_a_cost_posts_by_its_nature(nature: str, role: Role) -> None:
    assert cost_role(nature) is role
    legs = world().legs(expense(5, nature=nature))
    assert [(leg.role, leg.amount_fen) for leg in legs] == [(role, 5), (Role.BANK, -5)]


@given(st.integers(1, 1_500_000))
def test_spending_a_restricted_fund_frees_what_is_left_of_the_restriction(fen: int) -> None:
    freed = [leg.amount_fen for leg in world().legs(expense(fen, fund="school")) if leg.role is Role.NET_RESTRICTED]
    assert freed == [min(fen, 1_000_000)]


@given(st.integers(1, 999_999))
def test_a_fee_and_the_rest_leave_an_empty_fund_that_nothing_restricts(fen: int) -> None:
    model = world()
    model.accept(make(BankFeeSpent, movement="f", account="icbc", fund="school", amount_fen=fen))
    model.accept(expense(1_000_000 - fen, fund="school", nature="programme", movement="x"))
    held = {role: model.balance("school", role) for role in (Role.BANK, Role.NET_RESTRICTED, Role.DONATION_RESTRICTED)}
    assert (held[Role.BANK], held[Role.NET_RESTRICTED] + held[Role.DONATION_RESTRICTED]) == (0, 0)


@given(st.integers(0, 90_000), st.integers(0, 100_000))
def test_gain_or_loss_of_a_disposal_is_what_is_left_over(worn: int, proceeds: int) -> None:
    model = world()
    model.record(asset(), *([wear(("pc-1", worn))] if worn else []))
    event = disposal(proceeds)
    legs = model.legs(event)
    require_balanced(legs)
    model.record(event)
    assert model.balance("free", Role.FIXED_ASSET, "pc-1") == model.balance("free", Role.DEPRECIATION, "pc-1") == 0
    result = sum(leg.amount_fen for leg in legs if leg.role in {Role.OTHER_COST, Role.OTHER_INCOME})
    assert result == 90_000 - worn - proceeds
    assert all(leg.amount_fen > 0 for leg in legs if leg.role is Role.OTHER_COST)
    assert all(leg.amount_fen < 0 for leg in legs if leg.role is Role.OTHER_INCOME)


def year(model: FakeKnowledge) -> None:
    """Rent, wages, remittances and wear of twelve months, a computer, two advances, interest and fees."""
    model.today = model.voucher_date = date(2025, 12, 31)
    numbers = count(1)

    def take(build: Callable[..., Event], *args: Any, **given: Any) -> None:
        model.accept(build(*args, movement=f"y-{next(numbers)}", **given))

    take(asset, 72_000, on=date(2025, 1, 5))
    for number in range(1, 13):
        month, on = f"2025-{number:02d}", date(2025, number, 28)
        take(expense, 10_000, on=on)
        take(wages, month=month, on=on)
        take(remittance, 650, on=on)
        take(remittance, 50, what="tax", on=on)
        take(partial(make, BankFee), account="icbc", fund="free", amount_fen=300, on=on)
        model.accept(wear(("pc-1", 2_000), month=month, nature="management", on=on))
    for name, spent, returned in (("a-1", 4_000, 1_000), ("a-2", 5_000, 0)):
        take(advance, advance=name)
        take(clearing, spent, returned, advance=name)
    for number in (3, 6, 9, 12):
        take(partial(make, BankInterest), account="icbc", fund="free", amount_fen=777, on=date(2025, number, 21))


def test_a_year_of_a_small_association_ties_to_the_fen() -> None:
    model = world()
    year(model)
    balance = {role: model.balance("free", role) for role in Role}
    assert balance[Role.BANK] == 1_000_000 - 72_000 - 12 * (10_000 + 700 + 650 + 50 + 300) - 9_000 + 4 * 777
    assert balance[Role.MANAGEMENT_COST] == 12 * (10_000 + 1_400 + 2_000 + 300) + 9_000
    assert balance[Role.FIXED_ASSET] + balance[Role.DEPRECIATION] == 72_000 - 24_000
    assert balance[Role.SALARY_PAYABLE] == balance[Role.TAX_PAYABLE] == balance[Role.RECEIVABLE] == 0
    assert balance[Role.OTHER_INCOME] == -4 * 777
    assert sum(balance.values()) == 0


def test_asset_numbers_are_each_entitys_own() -> None:
    """Another entity's computer of the same number, bought earlier and worn, is no obstacle and no measure."""
    model = world()
    theirs = asset(residual_fen=80_000, on=date(2025, 9, 1), movement="m-0")
    model.record(theirs, wear(), entity="bureau")
    assert model.codes(asset(on=date(2025, 8, 1))) == []
    model.record(asset(on=date(2025, 8, 1), residual_fen=0))
    assert (model.codes(wear(("pc-1", 90_000))), model.codes(wear(month="2025-08"))) == ([], [])
    assert model.codes(asset(movement="m-2")) == ["E_ASSET_TWICE"]
    model.record(wear())
    assert model.codes(wear()) == ["E_ASSET_WORN_TWICE"]


@given(st.integers(0, 90_000), st.lists(st.integers(1, 90_000), max_size=6))
def test_wear_ends_at_the_residual(residual: int, parts: list[int]) -> None:
    model = world()
    model.record(asset(residual_fen=residual, on=date(2025, 1, 1)))
    left = 90_000 - residual
    for number, fen in enumerate(parts, 1):
        event = wear(("pc-1", fen), month=f"2025-{number:02d}")
        assert (model.codes(event) == []) == (fen <= left)
        if fen <= left:
            model.record(event)
            left -= fen


def test_staff_advances_have_their_own_sub_ledger() -> None:
    model = world()
    model.accept(advance(approval=None))
    assert model.balance("free", Role.RECEIVABLE, staff_party("a-1")) == 5_000
    assert model.balance("free", Role.RECEIVABLE, "a-1") == 0
