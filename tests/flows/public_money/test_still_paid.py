"""What goes on being paid: who is said to be dead by the newest plan, and which lines pay what should not be paid."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningRecovery
from ledger.flows.event import Event
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.redress.said_dead import SaidDead, orders_of, said_dead
from ledger.flows.public_money.redress.still_paid import paid_since, taken_in_again
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief

DEAD, ALIVE = "deceased", "hardship"


def recorded(*events: Event, on: date = date(2025, 12, 31)) -> list[Recorded]:
    """As a log holds them; the voucher's month is none of theirs, where nothing else is said."""
    return [Recorded(number, one, "bureau", on, 0) for number, one in enumerate(events, 1)]


def planned(reason: str, on: date, recovery: str = "R1") -> Event:
    return redress.planned(24_000, recovery=recovery, reason=reason, on=on)


def told(saying: Sequence[Recorded], order: Event) -> dict[str, str]:
    """Person -> the first month since which it is said that the person is dead."""
    known = {need: recorded(order) for need in orders_of(saying).values()}
    assert {kind for need in known for kind in need.kinds} <= {"recovery.ordered", "opening.recorded"}
    return {person: matters[0].since for person, matters in said_dead(saying, known).items()}


PLANS: list[tuple[list[tuple[str, int]], str | None]] = [
    ([(DEAD, 2)], "2025-10"),
    ([(DEAD, 2), (ALIVE, 3)], None),
    ([(ALIVE, 2), (DEAD, 3)], "2025-10"),
    ([(DEAD, 3), (ALIVE, 2)], "2025-10"),
    ([(DEAD, 2), (ALIVE, 2)], None),
    ([(DEAD, 2), (ALIVE, 3), (DEAD, 4)], "2025-10"),
]


@pytest.mark.parametrize(("plans", "since"), PLANS)
def test_the_newest_plan_says_whether_somebody_is_dead(plans: list[tuple[str, int]], since: str | None) -> None:
    """The newest by its day, as for the reason why a recovery is open."""
    saying = recorded(*(planned(reason, date(2025, 9, day)) for reason, day in plans), on=date(2025, 9, 30))
    assert told(saying, redress.ordered(person="P1")) == ({} if since is None else {"P1": since})


def test_each_recovery_has_its_own_newest_plan_and_what_is_said_again_is_said_since_the_first_time() -> None:
    saying = [
        Recorded(number, planned(reason, day, recovery), "bureau", day, 0)
        for number, (recovery, reason, day) in enumerate(
            [
                ("R1", ALIVE, date(2025, 5, 2)),
                ("R1", DEAD, date(2025, 7, 2)),
                ("R2", ALIVE, date(2025, 9, 2)),
                ("R1", DEAD, date(2025, 9, 3)),
            ],
            1,
        )
    ]
    assert told(saying, redress.ordered(person="P1")) == {"P1": "2025-08"}


def test_all_that_says_it_of_somebody_is_told_by_its_month() -> None:
    findings = [
        redress.finding(finding=name, person="P1", category="死亡后领取", period_from=month)
        for name, month in (("F1", "2025-08"), ("F2", "2025-06"))
    ]
    saying = recorded(*findings, planned(DEAD, date(2025, 6, 2)))
    known = {need: recorded(redress.ordered(person="P1")) for need in orders_of(saying).values()}
    found = said_dead(saying, known)["P1"]
    assert [(one.since, one.position) for one in found] == [("2025-06", 2), ("2025-07", 3), ("2025-08", 1)]


def test_a_recovery_that_an_opening_took_over_names_its_person() -> None:
    rows = tuple(
        make(OpeningRecovery, recovery=name, finding=f"F{name}", person=person)
        for name, person in (("R7", "P7"), ("R1", "P1"), ("R8", None))
    )
    opening = make(OpeningRecorded, recoveries=rows)
    saying = recorded(planned(DEAD, date(2025, 9, 2)), planned(DEAD, date(2025, 9, 2), "R8"))
    assert told(saying, opening) == {"P1": "2025-10"}


class Step(NamedTuple):
    """What happens to a household: it is taken in, a line of a month is authorised, or the line's is taken out."""

    what: str
    month: int


MONTHS = st.integers(8, 11)
STEPS = st.lists(
    st.builds(Step, st.sampled_from(["taken in", "line", "arrears", "taken out"]), MONTHS), min_size=1, max_size=12
)


@settings(max_examples=150)
@given(steps=STEPS, since=MONTHS, at=st.integers(0, 12))
def test_lines_from_the_month_on_are_told_until_somebody_is_taken_in_again(
    steps: list[Step], since: int, at: int
) -> None:
    history = recorded(*(_event(step, number) for number, step in enumerate(steps, 1)))
    out = {step.month: number for number, step in enumerate(steps, 1) if step.what == "taken out"}
    # A take-out says nothing any more of a line that is authorised again for its batch.
    first = {step.month: number for number, step in reversed([*enumerate(steps, 1)]) if step.what == "line"}
    newest = {step.month: number for number, step in enumerate(steps, 1) if step.what == "line"}
    later = [number for number, step in enumerate(steps, 1) if step.what == "taken in" and number > at]
    expected = [
        number
        for number, step in enumerate(steps, 1)
        if step.what == "line" and step.month >= since and newest[step.month] == number
        if not any(n < number for n in later) and not number < out.get(step.month, 0)
        if step.month not in out or first[step.month] < number
    ]
    said = SaidDead("P1", "F1", f"2025-{since:02d}", at)
    found = list(paid_since(said, history))
    assert [one.position for one in found] == expected
    assert [one.fen for one in found] == [relief.LINE_FEN] * len(expected)
    assert taken_in_again(said, history) == bool(later)
    for one in found:
        before = [n for n, step in enumerate(steps, 1) if step.what == "taken in" and n < one.position]
        assert one.term == (history[before[-1] - 1].event if before else None)


def _event(step: Step, number: int) -> Event:
    month, line = f"2025-{step.month:02d}", {"payment": f"L{step.month}", "batch": f"B{step.month}"}
    if step.what == "taken in":
        return relief.confirmed(from_month=month)
    if step.what == "taken out":
        return relief.excluded(**line)
    component = "normal" if step.what == "line" else "arrears"
    own = line if step.what == "line" else {**line, "payment": f"A{number}"}
    return relief.authorised(**own, component=component, period_from=month, period_to=month)


WHOLE = relief.LINE_FEN
RESTS: list[tuple[list[Event], list[int]]] = [
    ([relief.excluded(payment="L1", amount_fen=WHOLE)], []),
    ([relief.paid(payment="L1", amount_fen=WHOLE - 900), relief.excluded(payment="L1", amount_fen=900)], [WHOLE - 900]),
    ([relief.paid(payment="L1"), relief.returned_late(payment="L1"), relief.excluded(payment="L1")], []),
    ([relief.offset(payment="L1", amount_fen=500), relief.excluded(payment="L1", amount_fen=WHOLE - 500)], []),
    ([relief.excluded(payment="L1", amount_fen=900)], []),
    (
        [
            relief.paid(payment="L1", amount_fen=WHOLE - 900),
            relief.excluded(payment="L1", amount_fen=900),
            relief.returned_late(payment="L1", amount_fen=WHOLE - 900),
            relief.excluded(payment="L1", amount_fen=WHOLE - 900),
        ],
        [],
    ),
    ([relief.offset(payment="L1", amount_fen=500), relief.paid(payment="L1", amount_fen=WHOLE - 500)], [WHOLE - 500]),
    (
        [
            relief.offset(payment="L1", amount_fen=500),
            relief.paid(payment="L1", amount_fen=WHOLE - 1400),
            relief.excluded(payment="L1", amount_fen=900),
        ],
        [WHOLE - 1400],
    ),
    ([relief.offset(payment="L1", amount_fen=WHOLE)], []),
    ([relief.excluded(payment="L1"), relief.paid(payment="L1")], [WHOLE]),
    ([relief.excluded(payment="L1"), relief.paid(payment="L1", amount_fen=900)], [900]),
    ([relief.excluded(payment="L1"), relief.paid(payment="L1"), relief.returned_late(payment="L1")], []),
    ([relief.excluded(payment="L1"), relief.returned_late(payment="L1"), relief.paid(payment="L1")], []),
    (
        [relief.excluded(payment="L1"), relief.paid(payment="L1"), relief.returned_late(payment="L1", amount_fen=900)],
        [WHOLE - 900],
    ),
    ([relief.excluded(payment="L1"), relief.returned(payment="L1"), relief.paid(payment="L1")], [WHOLE]),
    (
        [
            relief.paid(payment="L1", amount_fen=WHOLE - 900),
            relief.excluded(payment="L1", amount_fen=900),
            relief.paid(payment="L1", amount_fen=900),
        ],
        [WHOLE],
    ),
]


@pytest.mark.parametrize(("later", "fen"), RESTS)
def test_the_rest_of_a_line_that_was_paid_takes_out_no_more_than_the_rest(later: list[Event], fen: list[Any]) -> None:
    history = recorded(relief.confirmed(), relief.authorised(payment="L1"), *later)
    assert [one.fen for one in paid_since(SaidDead("P1", "F1", "2025-01", 1), history)] == fen


ANEW: list[tuple[list[Event], list[int]]] = [
    ([relief.returned(payment="L1"), relief.authorised(payment="L1", batch="B2")], [4]),
    (
        [relief.paid(payment="L1"), relief.returned_late(payment="L1"), relief.authorised(payment="L1", batch="B2")],
        [5],
    ),
    (
        [
            relief.returned(payment="L1"),
            relief.authorised(payment="L1", batch="B2"),
            relief.paid(payment="L1", batch="B2"),
        ],
        [4],
    ),
    ([relief.returned(payment="L1"), relief.authorised(payment="L1")], [4]),
    (
        [
            relief.returned(payment="L1"),
            relief.authorised(payment="L1", batch="B2"),
            relief.excluded(payment="L1", batch="B2"),
        ],
        [],
    ),
    (
        [
            relief.excluded(payment="L1"),
            relief.paid(payment="L1"),
            relief.returned(payment="L1", batch="B2"),
            relief.authorised(payment="L1", batch="B2"),
        ],
        [2, 6],
    ),
]


@pytest.mark.parametrize(("later", "places"), ANEW)
def test_a_payment_that_is_authorised_again_is_told_once(later: list[Event], places: list[int]) -> None:
    """Unless the bank paid both."""
    history = recorded(relief.confirmed(), relief.authorised(payment="L1"), *later)
    found = list(paid_since(SaidDead("P1", "F1", "2025-01", 1), history))
    assert [one.position for one in found] == places
    assert all(one.fen == WHOLE for one in found)
