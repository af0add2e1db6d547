"""Periods, reversals and carrying forward: the calendar's states, exact negation, and what a reversal may not do."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.legs import Leg, require_balanced
from ledger.accounts.roles import Role
from ledger.flows.authority.officers import OfficerNamed
from ledger.flows.books.deposits import DepositPlaced
from ledger.flows.books.journal import AccountOpened
from ledger.flows.books.periods import (
    CarriedAccount,
    CarriedLine,
    PeriodAccountsCarriedForward,
    PeriodCarriedForward,
    PeriodClosed,
    PeriodLocked,
    PeriodReopened,
    state_of,
)
from ledger.flows.books.reversal import EventReversed, negated
from ledger.flows.books.statements import LineRecorded, StatementImported
from ledger.flows.event import Event
from ledger.flows.giving.donations import DonationReceived
from ledger.flows.giving.funds import FundOpened, RestrictionReleased
from ledger.flows.giving.receipts import Cover, ReceiptIssued, ReceiptReversed
from ledger.flows.giving.returns import DonationReturned
from tests.flows.books_world import journal, world
from tests.flows.event_samples import DAY, make, of_rooms
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.rule_cases import Case, each, missing

FIRST = 16
"""The position of the first event recorded after `world()`."""


def locked(month: str, entity: str = "charity") -> PeriodLocked:
    return make(PeriodLocked, entity=entity, period=month)


def closed(month: str, position: int = FIRST, entity: str = "charity") -> PeriodClosed:
    return make(PeriodClosed, entity=entity, period=month, position=position)


def reopened(month: str, entity: str = "charity") -> PeriodReopened:
    return make(PeriodReopened, entity=entity, period=month)


def closed_both() -> tuple[Event, ...]:
    return (locked("2025-07"), closed("2025-07"), locked("2025-08"), closed("2025-08", FIRST + 2))


def carried(
    role: Role, *fen: int, fund: str = "free", entity: str = "charity", period: str = "2025-09", on: date = DAY
) -> PeriodCarriedForward:
    lines = tuple(make(CarriedLine, fund=fund, role=role, party="", balance_fen=one) for one in fen)
    return make(PeriodCarriedForward, entity=entity, lines=lines, period=period, on=on)


def by_account(event: PeriodCarriedForward, code: str | None = None) -> PeriodAccountsCarriedForward:
    """The same entry as the second version says it."""
    lines = tuple(CarriedAccount(**dict(line), code=code) for line in event.lines)
    given = {name: getattr(event, name) for name in ("entity", "period", "on")}
    return make(PeriodAccountsCarriedForward, lines=lines, **given)


def undo(target: Event, position: int = FIRST, **given: Any) -> EventReversed:
    fields = {"target": target.id, "target_position": position, "target_tags": target.tags(), **given}
    return make(EventReversed, **fields)


plain = journal(("free", Role.BANK, 5_000, "icbc"), ("free", Role.OTHER_INCOME, -5_000, ""))
other = journal(("free", Role.BANK, 7_000, "icbc"), ("free", Role.OTHER_INCOME, -7_000, ""))
named = make(OfficerNamed, officer="sun")
loan = journal(("free", Role.RECEIVABLE, 5_000, "sun"), ("free", Role.OTHER_INCOME, -5_000, ""))
loan_used = journal(("free", Role.RECEIVABLE, -1_000, "sun"), ("free", Role.OTHER_COST, 1_000, ""))
owed = journal(("free", Role.OTHER_COST, 5_000, ""), ("free", Role.SUSPENSE, -5_000, "q"))
owed_paid = journal(("free", Role.SUSPENSE, 1, "q"), ("free", Role.OTHER_INCOME, -1, ""))
promise = journal(("school", Role.BANK, 5_000, "icbc"), ("school", Role.OTHER_INCOME, -5_000, ""))
spent = journal(("school", Role.BANK, -1_000_001, "ccb"), ("school", Role.PROGRAMME_COST, 1_000_001, ""))
granted = journal(("free", Role.COMMITTED, 5_000, "g"), ("free", Role.COMMITTED_CONTRA, -5_000, "g"))
granted_paid = journal(("free", Role.COMMITTED, -1, "g"), ("free", Role.COMMITTED_CONTRA, 1, "g"))
pledged = journal(("free", Role.PLEDGED, 5_000, "p"), ("free", Role.PLEDGED_CONTRA, -5_000, "p"))
arrived = journal(("free", Role.PLEDGED, -1, "p"), ("free", Role.PLEDGED_CONTRA, 1, "p"))
imported = make(StatementImported, statement="s-9")
told = make(LineRecorded, line="l-9", statement="s-9")
used, empty = make(FundOpened, fund="used"), make(FundOpened, fund="empty")
in_use = journal(("used", Role.BANK, 5_000, "icbc"), ("used", Role.OTHER_INCOME, -5_000, ""))
whole = carried(Role.OTHER_INCOME, -5_000)
plain_undone = undo(plain)
salary = journal(("free", Role.OTHER_COST, 5_000, ""), ("free", Role.SALARY_PAYABLE, -5_000, ""))
salary_paid = journal(("free", Role.SALARY_PAYABLE, 1, "office"), ("free", Role.BANK, -1, "icbc"))
supplied = journal(("free", Role.OTHER_COST, 5_000, ""), ("free", Role.PAYABLE, -5_000, "printer"))
supplied_paid = journal(("free", Role.PAYABLE, 1, "printer"), ("free", Role.BANK, -1, "icbc"))
more_given = make(DonationReceived, donation="d-1", fund="school", amount_fen=500, account="icbc", means="bank")
of_gift = (Cover(donation="d-1", fen=300),)
receipt_1, receipt_2, half = (
    make(ReceiptIssued, receipt=f"43-{number}", code="43", number=number, amount_fen=fen, covers=covers)
    for number, fen, covers in (("1", 300, of_gift), ("2", 300, of_gift), ("3", 200, (Cover(donation="d-1", fen=200),)))
)
red = make(ReceiptReversed, receipt="43-1", red="43-9", mode="red_letter", covers=of_gift)
sent_back = make(DonationReturned, donation="d-1", fund="school", amount_fen=300, account="icbc", means="bank")
freed_all = make(RestrictionReleased, fund="school", amount_fen=1_000_500)
freed_some = make(RestrictionReleased, fund="school", amount_fen=1_000_000)
machine = journal(("free", Role.FIXED_ASSET, 5_000, "m"), ("free", Role.OTHER_INCOME, -5_000, ""))
machine_worn = journal(("free", Role.OTHER_COST, 100, ""), ("free", Role.DEPRECIATION, -100, "m"))
machine_gone = journal(
    ("free", Role.FIXED_ASSET, -5_000, "m"), ("free", Role.DEPRECIATION, 100, "m"), ("free", Role.OTHER_COST, 4_900, "")
)

CASES = [
    *(
        Case("ENTITY_UNKNOWN", build("2025-08", entity="nobody"), build("2025-08"))
        for build in (locked, closed, reopened)
    ),
    Case("ENTITY_UNKNOWN", carried(Role.OTHER_COST, 5, entity="nobody"), carried(Role.OTHER_COST, 5)),
    Case("PERIOD_STATE", locked("2025-08"), locked("2025-09"), (locked("2025-08"),)),
    Case("PERIOD_STATE", locked("2025-08"), locked("2025-08", "bureau"), (locked("2025-08"),)),
    Case("PERIOD_STATE", closed("2025-09"), closed("2025-08"), (locked("2025-08"),)),
    Case("PERIOD_STATE", reopened("2025-09"), reopened("2025-08"), (locked("2025-08"),)),
    Case("PERIOD_STATE", reopened("2025-09"), reopened("2025-08"), closed_both()),
    Case("PERIOD_POSITION", closed("2025-08", FIRST + 1), closed("2025-08"), (locked("2025-08"),)),
    Case(
        "PERIOD_POSITION",
        closed("2025-08", FIRST),
        closed("2025-08", FIRST + 2),
        (locked("2025-08"), reopened("2025-08"), locked("2025-08")),
    ),
    Case(
        "MONTHS_IN_ORDER",
        closed("2025-10", FIRST + 4),
        closed("2025-09", FIRST + 5),
        (*closed_both(), locked("2025-10"), locked("2025-09")),
    ),
    Case("PERIOD_LATER_CLOSED", reopened("2025-07"), reopened("2025-08"), closed_both()),
    Case("CARRIED_ROLE", carried(Role.BANK, 5), carried(Role.DONATION_UNRESTRICTED, 5)),
    Case("CARRIED_DIFFERS", carried(Role.OTHER_INCOME, -5), carried(Role.OTHER_INCOME, -5_000), (plain,)),
    Case("FUND_UNKNOWN", carried(Role.OTHER_COST, 5, fund="nofund"), carried(Role.OTHER_COST, 5)),
    *(
        Case("CARRIED_DAY", carried(Role.OTHER_INCOME, -5_000, period=period, on=on), whole, (plain,))
        for period, on in (("2024-12", DAY), ("2025-09", date(2025, 8, 31)), ("2025-08", date(2025, 8, 31)))
    ),
    *(
        Case("CARRIED_OVER", carried(Role.OTHER_INCOME, *fen), good, before)
        for fen, good, before in (
            ((-5_001,), whole, (plain,)),
            ((5_000,), whole, (plain,)),
            ((-3_000, -3_000), carried(Role.OTHER_INCOME, -2_000, -1_000), (plain,)),
            ((-7_001,), carried(Role.OTHER_INCOME, -7_000), (plain, whole, other)),
            ((-1,), carried(Role.DONATION_UNRESTRICTED, -1), (plain, whole)),
        )
    ),
    Case("REVERSAL_TARGET", undo(plain, FIRST + 1), undo(plain), (plain, other)),
    Case("REVERSAL_TARGET", undo(other), undo(plain), (plain,)),
    Case("REVERSAL_TAGS", undo(plain, target_tags=plain.tags()[1:]), undo(plain), (plain,)),
    Case("REVERSAL_TAGS", undo(plain, target_tags=(*plain.tags(), "fund:more")), undo(plain), (plain,)),
    Case("REVERSAL_KIND", undo(named), undo(plain, FIRST + 1), (named, plain)),
    Case("REVERSAL_KIND", undo(plain_undone, FIRST + 1), undo(other, FIRST + 2), (plain, plain_undone, other)),
    Case("ALREADY_REVERSED", undo(plain), undo(other, FIRST + 2), (plain, plain_undone, other)),
    Case("REVERSAL_BALANCE", undo(loan), undo(plain, FIRST + 2), (loan, loan_used, plain)),
    Case("REVERSAL_BALANCE", undo(owed), undo(plain, FIRST + 2), (owed, owed_paid, plain)),
    Case("REVERSAL_BALANCE", undo(granted), undo(plain, FIRST + 2), (granted, granted_paid, plain)),
    Case("REVERSAL_BALANCE", undo(pledged), undo(plain, FIRST + 2), (pledged, arrived, plain)),
    Case("REVERSAL_BALANCE", undo(salary), undo(plain, FIRST + 2), (salary, salary_paid, plain)),
    Case("REVERSAL_BALANCE", undo(salary), undo(salary_paid, FIRST + 1), (salary, salary_paid)),
    Case("REVERSAL_BALANCE", undo(supplied), undo(plain, FIRST + 2), (supplied, supplied_paid, plain)),
    Case("REVERSAL_RESTRICTED", undo(more_given), undo(freed_all, FIRST + 1), (more_given, freed_all)),
    Case("REVERSAL_RESTRICTED", undo(more_given), undo(plain, FIRST + 2), (more_given, freed_all, plain)),
    Case("REVERSAL_WEAR", undo(machine), undo(machine_worn, FIRST + 1), (machine, machine_worn)),
    Case(
        "REVERSAL_WEAR",
        undo(machine_worn, FIRST + 1),
        undo(machine_gone, FIRST + 2),
        (machine, machine_worn, machine_gone),
    ),
    Case(
        "REVERSAL_OVER_COVER",
        undo(red, FIRST + 2),
        undo(receipt_2, FIRST + 3),
        (more_given, receipt_1, red, receipt_2),
    ),
    Case(
        "REVERSAL_OVER_COVER",
        undo(red, FIRST + 2),
        undo(sent_back, FIRST + 3),
        (more_given, receipt_1, red, sent_back),
    ),
    Case("REVERSAL_EARLIER", undo(plain, on=DAY - timedelta(days=1)), undo(plain), (plain,)),
    Case("REVERSAL_RESTS", undo(imported), undo(plain, FIRST + 2), (imported, told, plain)),
    Case("REVERSAL_FUND_USED", undo(used), undo(empty, FIRST + 1), (used, empty, in_use)),
    Case("REVERSAL_AVAILABLE", undo(promise), undo(plain, FIRST + 2), (promise, spent, plain)),
]


opened = make(AccountOpened, entity="charity", chart="npo-2004", parent="5201", code="520101", name="办公费")
CASES += [
    replace(one, bad=by_account(one.bad), good=by_account(one.good))
    for one in CASES
    if isinstance(one.bad, PeriodCarriedForward) and isinstance(one.good, PeriodCarriedForward)
]
"""What is refused of the first version is refused of the second."""
CASES += [
    Case(
        "JOURNAL_ACCOUNT",
        by_account(carried(role, 0), code),
        by_account(carried(Role.MANAGEMENT_COST, 0), "520101"),
        before,
    )
    for role, code, before in (
        (Role.MANAGEMENT_COST, "520102", (opened,)),
        (Role.PROGRAMME_COST, "520101", (opened,)),
        (Role.OTHER_COST, "1002", (opened,)),
    )
]


@each(CASES)
def test_a_rule_speaks_and_is_silent(case: Case) -> None:
    case.check(world)


def test_every_rule_is_shown() -> None:
    assert missing(CASES, of_rooms("books.periods", "books.reversal")) == set()


def test_a_reversal_of_another_entitys_event_is_refused() -> None:
    model = world()
    model.record(plain, entity="bureau")
    assert "E_REVERSAL_TARGET" in model.codes(undo(plain))


def test_a_debt_named_by_its_office_and_paid_whole_is_no_obstacle() -> None:
    """An opening names the office that wages are owed to; what is asked is whether the fund owes less than nothing."""
    model = world()
    brought = journal(("free", Role.OTHER_COST, 5_000, ""), ("free", Role.SALARY_PAYABLE, -5_000, "office"))
    handed_on = journal(("free", Role.SALARY_PAYABLE, 5_000, ""), ("free", Role.BANK, -5_000, "icbc"))
    model.record(brought, handed_on, salary)
    assert model.codes(undo(salary, FIRST + 2)) == []


@pytest.mark.parametrize("later", [(half,), (receipt_2, undo(receipt_2, FIRST + 3)), ()], ids=len)
def test_a_red_letter_may_go_while_the_gift_bears_its_receipt_again(later: tuple[Event, ...]) -> None:
    model = world()
    model.record(more_given, receipt_1, red, *later)
    assert model.codes(undo(red, FIRST + 2)) == []


def test_a_receipt_never_stands_again_without_its_gift() -> None:
    model = world()
    model.record(more_given, receipt_1, red, undo(more_given))
    assert "E_REVERSAL_OVER_COVER" in model.codes(undo(red, FIRST + 2))


def test_a_gift_of_which_enough_is_still_restricted_may_go() -> None:
    model = world()
    model.record(more_given, freed_some)
    assert model.codes(undo(more_given)) == []


LEGS = st.lists(
    st.builds(Leg, st.sampled_from("ab"), st.sampled_from(list(Role)), st.integers(-9, 9), st.sampled_from(["", "x"])),
    max_size=8,
)


@given(LEGS)
def test_negation_is_exact_and_its_own_inverse(legs: list[Leg]) -> None:
    assert negated(negated(legs)) == tuple(legs)
    require_balanced((*legs, *negated(legs)))
    assert [leg.role for leg in negated(legs)] == [leg.role for leg in legs]


def snapshot(model: FakeKnowledge) -> dict[tuple[str, Role], int]:
    return {(fund, role): model.balance(fund, role) for fund in ("free", "school", "agent", "bare") for role in Role}


@pytest.mark.parametrize("target", [plain, loan, owed, promise, make(DepositPlaced, fund="free", account="icbc")])
def test_after_a_reversal_every_balance_is_as_before(target: Event) -> None:
    model = world()
    before = snapshot(model)
    model.record(target)
    assert snapshot(model) != before
    model.accept(undo(target))
    assert snapshot(model) == before
    assert model.is_reversed(target.id)


def test_a_reversal_frees_the_slot_its_target_took() -> None:
    model = world()
    first = make(LineRecorded, line="l-1", account="icbc", key="k-1")
    model.record(first)
    assert "E_BANK_LINE_TWICE" in model.codes(first)
    model.record(undo(first))
    assert "E_BANK_LINE_TWICE" not in model.codes(first)
    assert {*first.tags(), f"event:{first.id}"} <= set(undo(first).tags())


STEPS = st.lists(st.tuples(st.sampled_from(["lock", "close", "reopen"]), st.sampled_from(["07", "08"])), max_size=12)


@given(STEPS)
def test_a_month_is_what_its_accepted_events_made_it(steps: list[tuple[str, str]]) -> None:
    model, states = world(), {"07": "open", "08": "open"}
    after = {"lock": {"open": "locked"}, "close": {"locked": "closed"}, "reopen": {"locked": "open", "closed": "open"}}
    for step, number in steps:
        month, state = f"2025-{number}", states[number]
        position = state_of(model, "charity", month)[1]
        build = {"lock": locked(month), "close": closed(month, max(position, 1)), "reopen": reopened(month)}
        later_closed = step == "reopen" and state == "closed" and number == "07" and states["08"] == "closed"
        allowed = state in after[step] and not later_closed
        assert allowed == (not any(finding.refuses for finding in model.judge(build[step])))
        if allowed:
            model.record(build[step])
            states[number] = after[step][state]
        assert state_of(model, "charity", month)[0] == states[number]


def test_carrying_forward_empties_income_and_cost_into_net_assets() -> None:
    model = world()
    model.record(journal(("school", Role.PROGRAMME_COST, 300, ""), ("school", Role.BANK, -300, "icbc")))
    results = [(fund, role) for fund in ("free", "school") for role in Role if "donation" in role or "cost" in role]
    lines = tuple(
        make(CarriedLine, fund=fund, role=role, party="", balance_fen=model.balance(fund, role))
        for fund, role in results
        if model.balance(fund, role)
    )
    event = make(PeriodCarriedForward, entity="charity", period="2025-09", lines=lines, on=date(2025, 9, 30))
    assert model.accept(event) == []
    assert {model.balance(fund, role) for fund, role in results} == {0}
    assert model.balance("free", Role.NET_UNRESTRICTED) == -1_010_000
    assert model.balance("school", Role.NET_RESTRICTED) == -1_000_000
    assert model.balance("school", Role.NET_UNRESTRICTED) == 300
    assert event.on == DAY


def test_a_period_is_carried_forward_as_it_ended_although_the_next_one_has_begun() -> None:
    """October took a part back before September was carried forward; what is carried is what September came to."""
    model = world()
    back = journal(("free", Role.OTHER_INCOME, 2_000, ""), ("free", Role.BANK, -2_000, "icbc"))
    model.record(plain)
    model.record(back, on=date(2025, 10, 3))
    model.today = date(2025, 10, 8)
    assert model.judge(whole) == []
    assert model.codes(carried(Role.OTHER_INCOME, -3_000)) == ["W_CARRIED_DIFFERS"]
    model.accept(whole)
    assert model.balance("free", Role.OTHER_INCOME) == 2_000, "October's own"
    assert model.codes(whole) == ["E_CARRIED_OVER"], "once"
    model.edition = 3
    assert "W_CARRIED_DIFFERS" in [code for code in model.codes(whole) if code.startswith("W_")]
