"""The payment road as it is: three households, a failure, a deduction, a late return, a death, files in any order."""

from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.accounts.roles import Role
from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.enrolments import EnrolmentConfirmed
from ledger.flows.public_money.entitlement.monthly import Supplement
from ledger.flows.public_money.payment.batches import prepared
from ledger.flows.public_money.payment.payments import SubsidyPaid, line
from ledger.flows.public_money.payment.subsidies import SubsidyAuthorised
from tests.flows.fake_knowledge import FakeKnowledge
from tests.flows.public_money import samples_redress as r
from tests.flows.public_money import samples_relief as s

NET = 203_000
"""本月实发 of the roster sample: 690 + 760 + 580 yuan."""


def _household(number: int, persons: int, income: int, *supplements: Supplement) -> EnrolmentConfirmed:
    base = (50_000 - income) * persons
    monthly = s.amount(
        income_per_head_fen=income,
        persons=persons,
        base_fen=base,
        supplements=supplements,
        total_fen=base + sum(part.fen for part in supplements),
    )
    return s.confirmed(enrolment=f"E{number}", household=f"H{number}", person=f"P{number}", members=(), monthly=monthly)


def _line(number: int, fen: int, **over: Any) -> SubsidyAuthorised:
    fields = {"payment": f"L{number}", "enrolment": f"E{number}", "amount_fen": fen, "subjects": (f"P{number}",)}
    return s.authorised(**{**fields, **over})


def _credit(number: int, fen: int, **over: Any) -> SubsidyPaid:
    fields = {"payment": f"L{number}", "enrolment": f"E{number}", "amount_fen": fen, "subjects": (f"P{number}",)}
    return s.paid(**{**fields, **over})


def _august() -> tuple[Event, ...]:
    """August of the second household, which the bank sent back, and an overpayment of the third."""
    return (
        s.prepared(batch="B0", total_fen=38_000, month="2025-08"),
        _line(20, 38_000, enrolment="E2", batch="B0", period_from="2025-08", period_to="2025-08", subjects=("P2",)),
        s.approved(batch="B0", total_fen=38_000),
        s.funded(batch="B0", movement="order-0", amount_fen=38_000),
        s.returned(payment="L20", enrolment="E2", batch="B0", amount_fen=38_000),
        r.finding(),
        r.notice(),
        r.ordered(enrolment="E3"),
    )


def _september() -> tuple[Event, ...]:
    """The roster sample, line by line, up to the bank."""
    again = s.reference(payment="L20")
    kept = {"payment": "L3", "enrolment": "E3", "recovery": "R1"}
    arrears = {"component": "arrears", "period_from": "2025-08", "period_to": "2025-08", "reason": "补发8月(退票)"}
    return (
        s.prepared(total_fen=NET, count=3, persons=6),
        _line(1, 69_000),
        _line(2, 38_000),
        _line(21, 38_000, enrolment="E2", subjects=("P2",), reference=again, **arrears),
        _line(3, 82_000),
        s.offset(**kept),
        s.approved(count=3, total_fen=NET),
        s.funded(amount_fen=NET),
    )


def _county() -> FakeKnowledge:
    """A book in which everything up to the bank was judged and accepted without a warning."""
    model = FakeKnowledge(entity="bureau")
    households = (
        _household(1, 2, 18_000, Supplement(supplement_class="elderly", persons=1, fen=5_000)),
        _household(2, 1, 12_000),
        _household(3, 3, 26_000, Supplement(supplement_class="minor", persons=2, fen=10_000)),
    )
    assert model.accept(*s.setup(), *households, *_august(), *_september()) == []
    return model


def _identity(model: FakeKnowledge, batch: str, lines: tuple[str, ...], out: int = 0) -> None:
    """Prepared = paid + pending + failed + taken out, every day."""
    paid = pending = failed = 0
    for payment in lines:
        state = line(model, payment)
        net = state.net_fen or 0
        if state.standing > 0:
            paid += net
        elif state.failed is not None:
            failed += net
        else:
            pending += net
    before = prepared(model, batch)
    assert before is not None
    assert before.total_fen == paid + pending + failed + out


def test_the_roster_sample_goes_its_way() -> None:
    model = _county()
    lines = ("L1", "L2", "L21", "L3")
    assert model.balance(s.FUND, Role.TRANSIT, "B1") == NET
    assert model.balance(s.FUND, Role.COMMITTED) == 0
    _identity(model, "B1", lines)
    steps: tuple[Event, ...] = (
        _credit(1, 69_000),
        _credit(3, 58_000),
        s.returned(payment="L2", enrolment="E2", amount_fen=38_000),
        _credit(21, 38_000, enrolment="E2", component="arrears", subjects=("P2",), households=0),
    )
    for step in steps:
        assert model.accept(step) == []
        _identity(model, "B1", lines)
    assert model.accept(r.collected(mode="offset", account=None, enrolment="E3")) == []
    assert model.balance(s.FUND, Role.OFFSET_CLEARING) == model.balance(s.FUND, Role.RECOVERABLE) == 0
    # 690 + 380 arrears + 820 of which 240 came back as less cost of August
    assert model.balance(s.FUND, Role.RELIEF_COST, s.DIBAO) == 69_000 + 38_000 + 82_000 - 24_000
    assert model.balance(s.FUND, Role.TRANSIT, "B1") == 38_000


def test_a_success_comes_back_after_twenty_days_and_is_paid_again() -> None:
    model = _county()
    model.accept(_credit(1, 69_000), _credit(2, 38_000), _credit(3, 58_000))
    assert model.accept(_credit(21, 38_000, enrolment="E2", component="arrears", subjects=("P2",))) == []
    late = s.returned_late(amount_fen=69_000)
    assert model.accept(late) == []
    assert model.codes(s.closed_batch(paid_fen=NET)) == ["E_BATCH_NOT_SETTLED", "W_TRANSIT_LEFT"]
    again = {"batch": "B2", "component": "arrears", "reason": "退票补发", "reference": s.reference(payment="L1")}
    out = {"moved_to": "B2", "amount_fen": 69_000}
    assert (
        model.accept(s.carrying("B2", "B1", 69_000), _line(4, 69_000, enrolment="E1", subjects=("P1",), **again)) == []
    )
    carried = s.unspent(amount_fen=69_000, carried_to="B2")
    steps = (s.approved(batch="B2"), s.excluded(**out), carried)
    assert model.accept(*steps, s.closed_batch(paid_fen=NET - 69_000, cancelled_fen=69_000)) == []
    paid = _credit(4, 69_000, enrolment="E1", batch="B2", component="arrears", subjects=("P1",))
    assert model.accept(paid, s.closed_batch(batch="B2")) == []
    assert model.balance(s.FUND, Role.TRANSIT, "B1") == model.balance(s.FUND, Role.TRANSIT, "B2") == 0
    assert model.balance(s.FUND, Role.COMMITTED) == 0


def test_a_closed_batch_promises_nothing_any_more() -> None:
    """Two orders of which one never came: the quota is free again when the batch is closed."""
    model = FakeKnowledge(entity="bureau")
    model.accept(*s.ready(), s.authorised(), s.approved(), s.funded(amount_fen=60_000), s.returned(), s.excluded())
    model.record(s.unspent(amount_fen=60_000))
    assert model.accept(s.closed_batch(paid_fen=0, cancelled_fen=s.LINE_FEN)) == []
    assert model.balance(s.FUND, Role.COMMITTED) == 0
    assert model.available(s.FUND) == 1_000_000


def test_files_in_any_order_give_the_same_balances_and_the_same_doubts() -> None:
    """The death list may come before the bank's results, between them or after them."""
    files: tuple[tuple[Event, ...], ...] = (
        (s.death(), s.death(person="P3", died_month="2025-06", reported_by="health")),
        (_credit(1, 69_000), s.returned(payment="L2", enrolment="E2", amount_fen=38_000)),
        (_credit(3, 58_000),),
        (s.death(reported_by="funeral", died_month="2025-07"),),
    )
    seen = set()
    for order in permutations(files):
        model = _county()
        doubts = [found for file in order for event in file for found in model.accept(event)]
        dead = {dict(f.params)["payment"] for f in doubts if f.code == "W_PAYEE_DEAD"}
        assert len([f for f in doubts if f.code == "W_PAYEE_DEAD"]) == len(dead)
        balances = tuple(model.balance(s.FUND, role) for role in Role)
        seen.add((frozenset(dead), balances))
    assert seen == {(frozenset({"L1", "L3"}), next(iter(seen))[1])}


def test_the_same_payments_are_refused_as_authorisations_once_the_death_is_known() -> None:
    model = FakeKnowledge(entity="bureau")
    model.accept(*s.ready(), s.death(person="P2"))
    assert model.codes(s.authorised()) == ["E_PAYEE_DEAD"]
    one_left = s.amount(persons=1, base_fen=32_000, total_fen=37_000)
    change = s.changed(members=s.members("P1"), removed=("P2",), reasons=("members",), monthly=one_left)
    model.accept(change)
    assert model.codes(s.authorised(amount_fen=37_000, persons=1, subjects=("P1",))) == []


def test_a_rise_from_january_decided_in_april_is_one_line() -> None:
    model = FakeKnowledge(entity="bureau")
    model.accept(*s.setup(), s.confirmed(), s.standard_set(amount_fen_per_month=52_000, effective_from="2025-02"))
    risen = s.amount(standard_fen=52_000, base_fen=68_000, total_fen=73_000)
    model.accept(s.changed(monthly=risen, from_month="2025-02", reasons=("standard",)), s.prepared())
    rise = s.authorised(
        component="uplift",
        period_from="2025-02",
        period_to="2025-05",
        amount_fen=4 * 4_000,
        reason="提标补差",
        reference=s.reference(document="示民发〔2025〕8号"),
    )
    assert model.accept(rise, s.authorised(payment="L2", amount_fen=73_000)) == []
    assert model.codes(s.authorised(payment="L3", amount_fen=73_000)) == ["E_DUE_TWICE"]


def test_a_reversal_frees_the_month() -> None:
    model = FakeKnowledge(entity="bureau")
    first = s.authorised()
    model.accept(*s.ready(), first)
    assert model.codes(s.authorised(payment="L2")) == ["E_DUE_TWICE"]
    model.reverse(first.id)
    assert model.codes(s.authorised(payment="L2")) == []


@settings(max_examples=50)
@given(fen=st.lists(st.integers(1, 40_000), max_size=6), refuse=st.booleans())
def test_ordered_is_collected_written_off_and_outstanding(fen: list[int], *, refuse: bool) -> None:
    """Ordered = collected + written off + outstanding after every step, whatever came in."""
    model = s.book(*r.recoverable())
    collected = 0
    for number, part in enumerate(fen):
        step = r.collected(movement=f"in-{number}", amount_fen=part)
        over = part > 24_000 - collected
        assert model.codes(step) == (["W_OVER_COLLECTED"] if over else [])
        if over and refuse:
            continue
        model.record(step)
        collected += part
        assert model.balance(s.FUND, Role.RECOVERABLE, "R1") == 24_000 - collected
    left = 24_000 - collected
    if left > 0:
        model.accept(r.written_off(amount_fen=left))
        assert model.balance(s.FUND, Role.RECOVERABLE) == 0
        assert model.balance(s.FUND, Role.RELIEF_COST, s.DIBAO) == -collected
