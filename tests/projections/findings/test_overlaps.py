"""Who was paid twice over: one programme through two enrolments, or two that exclude each other, in the same month."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.flows.event import Event
from ledger_projections.public_money.overlaps import Overlap, overlaps
from ledger_projections.registry import catch_up
from tests.flows.public_money import samples_relief as s
from tests.projections.plain_log import DAY, folder, reversal, written

ALONE = {"members": (), "person": "P1"}
FIRST = s.confirmed(**ALONE)
SECOND = s.confirmed(**ALONE, enrolment="E2", household="H2", township="石岭镇", from_month="2025-03")
BY_RIGHT = s.destitute(person="P1")
RULE = s.exclusion_set(effective_from="2025-08")


def paid(enrolment: str, month: str, fen: int = 50_000, **over: Any) -> Event:
    said = {"enrolment": enrolment, "payment": f"{enrolment}-{month}", "period_from": month, "period_to": month}
    programme = s.DESTITUTE if enrolment == "E9" else s.DIBAO
    return s.paid(**{**said, "programme": programme, "amount_fen": fen, "subjects": ("P1",), **over})


SAID: dict[str, date] = {}
"""Event -> the day of its voucher, where it is another than all others'."""


def on(day: date, event: Event) -> Event:
    SAID[event.id] = day
    return event


def found(*events: Event, **asked: Any) -> tuple[Overlap, ...]:
    with folder() as here:
        store = written(here / "log.db", events, "bureau", lambda event: SAID.get(event.id, DAY))
        catch_up(store)
        with store.read() as connection:
            rows = overlaps(connection, **asked).rows
        store.close()
    return rows


def test_one_programme_twice_is_the_enrolment_that_got_less() -> None:
    months = [
        paid(one, month, fen) for one, fen in (("E1", 50_000), ("E2", 31_000)) for month in ("2025-08", "2025-09")
    ]
    (row,) = found(FIRST, SECOND, *months, paid("E1", "2025-07"))
    assert (row.test, row.person, row.enrolment, row.other_enrolment) == ("T02", "P1", "E2", "E1")
    assert (row.months, row.first, row.last, row.fen) == (2, "2025-08", "2025-09", 62_000)
    assert (row.household, row.township, row.entity) == ("H2", "石岭镇", "bureau")


def test_of_equal_sums_the_later_enrolment_is_the_one_too_many() -> None:
    (row,) = found(SECOND, FIRST, paid("E1", "2025-09"), paid("E2", "2025-09"))
    assert row.enrolment == "E2"


def test_excluding_programmes_count_from_the_month_of_the_rule_however_late_it_was_set() -> None:
    months = [paid(one, month) for one in ("E1", "E9") for month in ("2025-07", "2025-08", "2025-09")]
    assert found(FIRST, BY_RIGHT, *months) == ()
    (row,) = found(FIRST, BY_RIGHT, *months, RULE)
    assert (row.test, row.first, row.last, row.months) == ("T03", "2025-08", "2025-09", 2)
    assert {row.programme, row.other_programme} == {s.DIBAO, s.DESTITUTE}
    lifted = s.exclusion_set(effective_from="2025-09", effect="allowed")
    (row,) = found(FIRST, BY_RIGHT, *months, RULE, lifted)
    assert (row.first, row.last) == ("2025-08", "2025-08")


TOGETHER = s.confirmed(person="P2", members=s.members("P2", "P1"), from_month="2025-01")
LEFT = s.changed(person="P2", members=s.members("P2"), from_month="2025-08")
JOINED = s.changed(
    enrolment="E2",
    household="H2",
    person="P8",
    members=s.members("P8", "P1"),
    from_month="2025-08",
    reasons=("members",),
)
ELSEWHERE = s.confirmed(enrolment="E2", household="H2", person="P8", members=s.members("P8"), from_month="2025-01")
SUMMER = ("2025-06", "2025-07", "2025-08", "2025-09")
BOTH = tuple(paid(one, month) for one in ("E1", "E2") for month in SUMMER)
MOVED = (TOGETHER, ELSEWHERE, LEFT, JOINED)
LATE = s.destitute(person="P1", from_month="2025-08")

NOT_TWICE: list[tuple[str, tuple[Event, ...]]] = [
    ("different months", (FIRST, SECOND, paid("E1", "2025-08"), paid("E2", "2025-09"))),
    ("different persons", (FIRST, s.confirmed(**{**ALONE, "person": "P2"}, enrolment="E2"), paid("E1", "2025-09"))),
    ("never paid", (FIRST, SECOND)),
    (
        "one came back",
        (
            *(FIRST, SECOND, paid("E1", "2025-09"), paid("E2", "2025-09")),
            s.returned_late(enrolment="E2", payment="E2-2025-09", amount_fen=50_000),
        ),
    ),
    ("from one household to another", (*MOVED, *BOTH)),
    ("from one household to another, told in another order", (ELSEWHERE, JOINED, TOGETHER, LEFT, *BOTH)),
    (
        "from a household that goes on to a programme that excludes it",
        (TOGETHER, LEFT, LATE, RULE, *BOTH[:4], paid("E9", "2025-08"), paid("E9", "2025-09")),
    ),
    (
        "a month before anybody decided",
        (
            FIRST,
            s.confirmed(**ALONE, enrolment="E2", from_month="2025-09"),
            paid("E1", "2025-08"),
            paid("E2", "2025-08"),
        ),
    ),
    (
        "arrears beside the month's own",
        (FIRST, SECOND, paid("E1", "2025-09"), paid("E2", "2025-09", component="arrears")),
    ),
    (
        "only the difference is due",
        (FIRST, BY_RIGHT, s.exclusion_set(effect="difference"), paid("E1", "2025-09"), paid("E9", "2025-09")),
    ),
]


@pytest.mark.parametrize(("what", "events"), NOT_TWICE, ids=[case[0] for case in NOT_TWICE])
def test_what_is_no_double_payment(what: str, events: tuple[Event, ...]) -> None:
    assert found(*events) == (), what


QUARTER = paid("E9", "2025-09", 100_001, period_from="2025-07")
SOME: list[tuple[str, tuple[Event, ...], tuple[str, str, int, int]]] = [
    # the case, its events, then first and last month, how many, and fen
    (
        "the months until the change that took him off",
        (TOGETHER, SECOND, LEFT, *BOTH),
        ("2025-06", "2025-07", 2, 100_000),
    ),
    (
        "the month of a quarter that both were paid for",
        (FIRST, BY_RIGHT, RULE, QUARTER, paid("E1", "2025-09")),
        ("2025-09", "2025-09", 1, 33_335),
    ),
    ("each month of a quarter", (FIRST, BY_RIGHT, RULE, QUARTER, *BOTH[:4]), ("2025-08", "2025-09", 2, 66_668)),
    (
        "a quarter ends before the month of the other",
        (FIRST, BY_RIGHT, RULE, QUARTER, paid("E1", "2025-08")),
        ("2025-08", "2025-08", 1, 33_333),
    ),
    (
        "before the book took over what was paid already",
        (FIRST, s.confirmed(**ALONE, enrolment="E2", from_month="2025-09", reason="opening"), *BOTH[1:3], *BOTH[5:7]),
        ("2025-07", "2025-08", 2, 100_000),
    ),
    (
        "paid on after its end",
        (FIRST, SECOND, s.ended(persons=("P1",), from_month="2025-08"), *BOTH),
        ("2025-06", "2025-09", 4, 200_000),
    ),
]


@pytest.mark.parametrize(("what", "events", "told"), SOME, ids=[case[0] for case in SOME])
def test_the_months_that_both_cover_and_were_paid_for(
    what: str, events: tuple[Event, ...], told: tuple[str, str, int, int]
) -> None:
    (row,) = found(*events)
    assert (row.first, row.last, row.months, row.fen) == told, what


def test_a_member_of_one_household_who_heads_another_is_found() -> None:
    home = s.confirmed(person="P7", members=s.members("P7", "P1"))
    (row,) = found(home, SECOND, paid("E1", "2025-09", 90_000), paid("E2", "2025-09"))
    assert (row.person, row.enrolment) == ("P1", "E2")


def test_it_is_asked_of_a_position_and_of_an_entity() -> None:
    events = (FIRST, SECOND, paid("E1", "2025-09"), paid("E2", "2025-09"))
    assert len(found(*events)) == 1
    assert found(*events, at=3) == ()
    assert found(*events, entity="charity") == ()
    assert found(*events, reversal(events[3], 4)) == ()


def test_it_is_asked_of_a_business_date() -> None:
    """A rule that was set and a payment that was made later are not there yet on the day before."""
    day = date(2025, 9, 20)
    rule = on(day, s.exclusion_set(effective_from="2025-08"))
    late = on(date(2025, 10, 9), paid("E9", "2025-09", occurred_on=date(2025, 10, 9)))
    events = (FIRST, BY_RIGHT, *(paid(one, "2025-08") for one in ("E1", "E9")), paid("E1", "2025-09"), rule, late)
    told = [[row.months for row in found(*events, as_of=one)] for one in (day - timedelta(1), day, None)]
    assert told == [[], [1], [2]]
    assert found(*events, as_of=day, at=len(events) - 2) == ()
