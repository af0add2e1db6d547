"""A payment that the bank made in parts, some of which came back: every reader says of it what its sums say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.event import listen, remove

from ledger.flows.event import Event
from ledger.flows.knowledge import Recorded
from ledger.flows.public_money.payment.payments import line_in
from ledger_projections import registry
from ledger_projections.keeping.clocks import Moment, head_position
from ledger_projections.public_money.batches import batches
from ledger_projections.public_money.failures import failures
from ledger_projections.public_money.payment_groups import groups, levels
from ledger_projections.public_money.payment_queries import course_of, distinct, scopes, undone
from ledger_projections.public_money.subsidies import subsidies
from tests.flows.public_money import samples_relief as relief
from tests.projections.payments.paid_in_parts import ACTS, DUE, PERSONS, Act, history, truth
from tests.projections.plain_log import written

MONTH = "2025-09"


@contextmanager
def read(folder: Path, acts: Sequence[Act], more: Sequence[Event] = ()) -> Iterator[Connection]:
    """The read model of a book that holds nothing else, but what followed."""
    store = written(folder / "log.db", [*history(acts), *more])
    assert all(progress.failure is None for progress in registry.catch_up(store, ["payment_lines", "rosters"]))
    with store.read() as connection:
        yield connection
    store.close()


def recorded(acts: Sequence[Act]) -> list[Recorded]:
    return [Recorded(at, event, "bureau", date(2025, 9, 5), at) for at, event in enumerate(history(acts), 1)]


def rows(acts: Sequence[Act]) -> list[Any]:
    """The lines of the read model, as far as a course asks for them."""
    found = []
    for item in recorded(acts)[1:]:
        event: Any = item.event
        kinds = {"subsidy.paid": "paid", "subsidy.returned": "failed", "subsidy.returned_late": "late"}
        told = {"batch.line_excluded": "excluded", "subsidy.authorised": "authorised", **kinds}
        counted = {name: getattr(event, name, 0) for name in ("persons", "households")}
        found.append(
            SimpleNamespace(
                position=item.position, act=told[event.kind], fen=event.amount_fen, batch="B1", months=1, **counted
            )
        )
    return found


@given(acts=ACTS)
def test_the_rules_and_the_readers_say_what_the_sums_say(acts: list[Act]) -> None:
    true, of, course = truth(acts), line_in(recorded(acts), "L1"), course_of(rows(acts))
    stands = max(0, true.net)
    assert of.paid_fen == course.fen == stands
    assert (
        (of.standing > 0, of.standing < 0) == (course.standing > 0, course.standing < 0) == (stands > 0, true.net < 0)
    )
    assert sum(early.fen for early in course.early) == max(0, -true.net)
    assert of.rest_out_fen == sum(course.rests_out.values()) == true.rest_out
    assert of.rest_fen == (max(0, DUE - true.rest_out - stands) if stands else 0)
    assert course.out_fen == true.out


@given(acts=ACTS)
def test_a_household_that_is_paid_in_parts_is_paid_once(acts: list[Act]) -> None:
    told = rows(acts)
    off = undone([told]).values()
    paid = [row for row in told if row.act == "paid"]
    households = sum(row.households for row in paid) - sum(one.households for one in off)
    persons = sum(row.households * row.persons for row in paid) - sum(one.persons for one in off)
    net = truth(acts).net
    assert persons == households * PERSONS
    assert households == (1 if net > 0 else min(0, households))
    assert net < 0 or households >= 0, "only what was told before its payment may be missing"


@given(acts=ACTS)
def test_earlier_editions_count_payments_and_returns(acts: list[Act]) -> None:
    of = line_in(recorded(acts), "L1", 8)
    count = sum({"paid": 1, "late": -1}.get(what, 0) for what, _ in acts)
    assert (of.standing, of.parts, of.rest_out_fen) == (count, (), 0)
    assert of.paid_fen == next((fen for what, fen in reversed(acts) if what == "paid"), 0)


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([("paid", 60), ("paid", 40)], (1, 100, 0, 0)),
        ([("paid", 60), ("paid", 40), ("late", 40)], (1, 60, 40, 0)),
        ([("paid", 60), ("paid", 40), ("late", 100)], (0, 100, 0, 0)),
        ([("late", 40), ("paid", 60), ("paid", 40)], (1, 40, 60, 0)),
        ([("late", 100), ("paid", 60), ("paid", 40)], (1, 40, 60, 0)),
        ([("paid", 100), ("late", 40)], (0, 100, 0, 0)),
        ([("paid", 60), ("excluded", 40)], (1, 60, 0, 40)),
        ([("paid", 100), ("excluded", 40)], (1, 100, 0, 0)),
        ([("late", 40)], (-1, 0, 0, 0)),
    ],
)
def test_the_ninth_edition_counts_as_it_did(acts: list[Act], expected: tuple[int, ...]) -> None:
    of = line_in(recorded(acts), "L1", 9)
    assert (of.standing, of.paid_fen, of.rest_fen, of.rest_out_fen) == expected


IN_PARTS: list[tuple[list[Act], tuple[int, int, int, int]]] = [
    ([("paid", 60), ("paid", 40)], (1, 1, 3, 2)),
    ([("paid", 60), ("paid", 40), ("late", 40)], (1, 1, 3, 1)),
    ([("paid", 60), ("paid", 40), ("late", 60)], (1, 1, 3, 1)),
    ([("paid", 60), ("paid", 40), ("late", 40), ("late", 60)], (0, 0, 0, 0)),
    ([("paid", 60), ("paid", 40), ("late", 60), ("late", 40)], (0, 0, 0, 0)),
    ([("paid", 60), ("paid", 40), ("late", 100)], (0, 0, 0, 0)),
    ([("late", 100), ("paid", 60), ("paid", 40)], (0, 0, 0, 0)),
    ([("late", 40), ("paid", 60), ("paid", 40)], (1, 1, 3, 1)),
    ([("paid", 100), ("late", 40)], (1, 1, 3, 1)),
    ([("late", 40), ("paid", 100)], (1, 1, 3, 1)),
    ([("late", 100), ("paid", 60)], (0, 0, 0, 0)),
    ([("late", 100)], (0, 0, 0, -1)),
    ([("paid", 100), ("late", 100), ("late", 100)], (0, -1, -3, -1)),
    ([("paid", 100), ("late", 100), ("late", 100), ("paid", 100)], (0, 0, 0, 0)),
    ([("paid", 100), ("late", 100), ("paid", 60), ("paid", 40)], (1, 1, 3, 2)),
]
"""Acts -> households, times, person-times and lines that stand."""


@pytest.mark.parametrize(("acts", "expected"), IN_PARTS)
def test_times_are_of_what_stands(tmp_path: Path, acts: list[Act], expected: tuple[int, ...]) -> None:
    households, times, persons, _ = expected
    with read(tmp_path, acts) as connection:
        (row,) = subsidies(connection, MONTH, MONTH).rows
        found = (row.households, row.household_times, row.person_times, sum(one.paid_lines for one in row.components))
        assert found == expected
        assert row.persons == households * PERSONS
        now = Moment(head_position(connection))
        scope = scopes(connection, now, [MONTH])[MONTH]
        (group,) = groups(connection, now, scope, MONTH, "")
        assert (group.households, group.household_times, group.person_times) == (households, times, persons)
        assert group.persons == households * PERSONS
        (level,) = levels(connection, now, scope).values()
        assert level.person_months == persons


FAILED: list[tuple[list[Act], str]] = [
    ([("paid", 60), ("failed", 40)], "open"),
    ([("paid", 60), ("failed", 40), ("excluded", 40)], "excluded"),
    ([("paid", 60), ("paid", 40), ("late", 40), ("excluded", 40)], "excluded"),
    ([("paid", 60), ("excluded", 40), ("late", 60)], "open"),
    ([("paid", 60), ("excluded", 40), ("late", 60), ("excluded", 60)], "excluded"),
    ([("excluded", 100), ("failed", 100)], "excluded"),
]


@pytest.mark.parametrize(("acts", "state"), FAILED)
def test_a_rest_that_failed_and_was_taken_out_is_not_open(tmp_path: Path, acts: list[Act], state: str) -> None:
    with read(tmp_path, acts) as connection:
        report = failures(connection)
        assert [row.state for row in report.rows] == [state]
        assert report.open_fen == (report.rows[0].fen if state == "open" else 0)


def test_whoever_is_paid_is_found_by_batch_and_act(tmp_path: Path) -> None:
    """The sums that stand cost no other way through the lines."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    with read(tmp_path, [("paid", 60), ("paid", 40)]) as connection:
        now = Moment(head_position(connection))
        scope = scopes(connection, now, [MONTH])[MONTH]
        listen(connection, "before_cursor_execute", note)
        distinct(connection, now, scope)
        remove(connection, "before_cursor_execute", note)
        (plan,) = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            for statement, parameters in asked
            if "payment_lines" in statement
        ]
        assert any("INDEX" in step[-1] and "batch=? AND act=?" in step[-1] for step in plan), plan


_L1: dict[str, Any] = {"component": "arrears", "reason": "退票补发", "persons": PERSONS}
_NEXT = [
    relief.prepared(batch="B2", month="2025-10", total_fen=100),
    relief.authorised(payment="L2", batch="B2", amount_fen=40, reference=relief.reference(payment="L1"), **_L1),
]
_CREDITED = [
    *_NEXT,
    relief.paid(
        payment="L2", batch="B2", amount_fen=40, component="arrears", households=0, occurred_on=date(2025, 9, 20)
    ),
]
_ALL_BACK = relief.returned_late(amount_fen=60, occurred_on=date(2025, 9, 25))

OPEN: list[tuple[list[Act], list[Event], tuple[str, int, int]]] = [
    ([("paid", 100), ("late", 40), ("late", 60)], [], ("open", 100, 100)),
    ([("paid", 60), ("paid", 40), ("late", 40), ("late", 60)], [], ("open", 100, 100)),
    ([("failed", 100), ("failed", 100)], [], ("open", 100, 100)),
    ([("paid", 100), ("late", 40), ("late", 60), ("failed", 100)], [], ("open", 100, 100)),
    ([("paid", 100), ("late", 40), ("excluded", 40), ("late", 60)], [], ("open", 60, 60)),
    ([("paid", 100), ("late", 40)], _NEXT, ("reissued", 40, 40)),
    ([("paid", 100), ("late", 40)], _CREDITED, ("paid", 40, 0)),
    ([("paid", 100), ("late", 40)], [*_CREDITED, _ALL_BACK], ("open", 100, 60)),
    ([("paid", 100), ("late", 40), ("late", 60), ("paid", 100)], [], ("paid", 100, 0)),
    ([("paid", 100), ("late", 100)], _NEXT, ("open", 100, 100)),
    ([("paid", 100), ("late", 40)], [*_NEXT, _ALL_BACK], ("open", 100, 100)),
    ([("paid", 100), ("late", 100), ("excluded", 100)], _NEXT, ("reissued", 100, 40)),
    ([("failed", 100), ("paid", 40)], [], ("open", 100, 60)),
    ([("failed", 100), ("paid", 40), ("paid", 60)], [], ("paid", 100, 0)),
    ([("failed", 100), ("paid", 100), ("late", 40)], [], ("open", 40, 40)),
]
"""Acts, and what followed -> the state of the failure, all that failed of it, and what is open."""


@pytest.mark.parametrize(("acts", "more", "expected"), OPEN)
def test_what_came_back_in_parts_is_open_with_all_of_them(
    tmp_path: Path, acts: list[Act], more: list[Event], expected: tuple[str, int, int]
) -> None:
    with read(tmp_path, acts, more) as connection:
        report = failures(connection)
        assert [(row.state, row.fen, report.open_fen) for row in report.rows] == [expected]
        assert bool(failures(connection, only_open=True).rows) == (expected[0] != "paid")


def _on(kind: str, fen: int, day: int) -> Event:
    on = date(2025, 9, day)
    made = {"paid": relief.paid, "failed": relief.returned, "late": relief.returned_late}[kind]
    return made(amount_fen=fen, occurred_on=on)


SAME_DAY: list[tuple[list[Event], tuple[str, int, int]]] = [
    ([_on("paid", 100, 9), _on("late", 100, 9), _on("paid", 100, 9)], ("paid", 100, 0)),
    ([_on("failed", 100, 9), _on("paid", 100, 9)], ("paid", 100, 0)),
    ([_on("paid", 100, 9), _on("late", 100, 9)], ("open", 100, 100)),
    ([_on("failed", 60, 9), _on("failed", 40, 9)], ("open", 100, 100)),
    ([_on("failed", 60, 9), _on("failed", 40, 10)], ("open", 100, 100)),
    ([_on("failed", 60, 9), _on("failed", 60, 10)], ("open", 60, 60)),
    ([_on("failed", 60, 9), _on("failed", 40, 9), _on("failed", 100, 10)], ("open", 100, 100)),
    ([_on("failed", 60, 9), _on("failed", 40, 9), _on("paid", 100, 10)], ("paid", 100, 0)),
]
"""What the bank told, some of it of one day -> the state of the failure, all that failed, and what is open."""


@pytest.mark.parametrize(("told", "expected"), SAME_DAY)
def test_what_stands_says_how_a_day_ended(tmp_path: Path, told: list[Event], expected: tuple[str, int, int]) -> None:
    with read(tmp_path, [], told) as connection:
        report = failures(connection)
        assert [(row.state, row.fen, report.open_fen) for row in report.rows] == [expected]
        (batch,) = batches(connection).rows
        assert (batch.failed_fen, batch.pending_fen) == (expected[2], 100 - expected[2] - (batch.paid_fen))


_L3 = relief.authorised(payment="L3", batch="B2", amount_fen=60, reference=relief.reference(payment="L1"), **_L1)
_PARTS: list[Act] = [("paid", 100), ("late", 40), ("late", 60)]
ONCE: list[tuple[list[Act], list[Event]]] = [
    (_PARTS, [*_NEXT, _L3]),
    (_PARTS, [*_NEXT, _L3, relief.returned(payment="L2", batch="B2", amount_fen=40)]),
    (_PARTS, [*_NEXT, _L3, relief.returned(payment="L3", batch="B2", amount_fen=60)]),
    (_PARTS[:2], [*_NEXT, _ALL_BACK]),
]
"""Nothing of a hundred stands; what is authorised in place of it waits, or failed in turn."""


@pytest.mark.parametrize(("acts", "more"), ONCE)
def test_what_reached_nobody_is_open_once_wherever_it_stands(
    tmp_path: Path, acts: list[Act], more: list[Event]
) -> None:
    with read(tmp_path, acts, more) as connection:
        assert failures(connection).open_fen == failures(connection, only_open=True).open_fen == 100


@pytest.mark.parametrize(("acts", "sums"), [([("paid", 100), ("late", 40), ("late", 60)], (0, 100, 0)),
                                            ([("paid", 100), ("late", 40)], (60, 40, 0)),
                                            ([("paid", 60), ("failed", 40)], (60, 40, 0)),
                                            ([("paid", 60), ("paid", 40), ("late", 40), ("excluded", 40)], (60, 0, 0)),
                                            ([("failed", 100), ("failed", 100)], (0, 100, 0))])  # fmt: skip
def test_a_batch_counts_all_that_came_back_as_failed(tmp_path: Path, acts: list[Act], sums: tuple[int, ...]) -> None:
    with read(tmp_path, acts) as connection:
        (batch,) = batches(connection).rows
        assert (batch.paid_fen, batch.failed_fen, batch.pending_fen) == sums


@pytest.mark.parametrize(
    ("acts", "over"),
    [([("paid", 100)], 0), ([("paid", 60)], 0), ([("paid", 130)], 30), ([("paid", 60), ("paid", 70)], 30)],
)
def test_what_results_come_to_beyond_what_was_prepared_is_told(tmp_path: Path, acts: list[Act], over: int) -> None:
    """It is no remainder of the others, which always agree: here the bank said more than anybody asked of it."""
    with read(tmp_path, acts) as connection:
        (batch,) = batches(connection).rows
    assert (batch.overrun_fen, batch.beyond_fen) == (over, over)


@st.composite
def _whole(draw: st.DrawFn) -> list[Act]:
    """A history of which every act is of money that is there: nothing is paid beyond what is due, nothing comes back
    that does not stand, and what is taken out is all that is left.
    """
    acts: list[Act] = []
    stands = out = 0
    for what in draw(st.lists(st.sampled_from(["paid", "late", "failed", "excluded"]), max_size=6)):
        most = stands if what == "late" else DUE - stands - out
        fen = most if what == "excluded" else min(most, draw(st.sampled_from([10, 30, 40, 60, DUE])))
        if fen:
            acts.append((what, fen))
            stands += {"paid": fen, "late": -fen}.get(what, 0)
            out += fen if what == "excluded" else 0
    return acts


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_whole())
def test_after_every_act_what_is_open_of_a_line_has_failed_in_its_batch(
    tmp_path_factory: pytest.TempPathFactory, acts: list[Act]
) -> None:
    with read(tmp_path_factory.mktemp("book"), acts) as connection:
        for at in range(2, len(acts) + 3):
            (one,) = batches(connection, at=at).rows
            whole = one.paid_fen + one.pending_fen + one.failed_fen + one.cancelled_fen
            assert (whole, one.beyond_fen) == (one.prepared_fen, 0)
            assert one.failed_fen == failures(connection, at=at).open_fen


@given(
    fens=st.lists(st.sampled_from([30, 40, 60, 100]), min_size=1, max_size=2), back=st.sampled_from([30, 40, 60, 100])
)
def test_lines_that_are_paid_do_not_depend_on_when_a_return_is_told(fens: list[int], back: int) -> None:
    acts = [("paid", fen) for fen in fens]
    found = []
    for place in range(len(acts) + 1):
        events = rows([*acts[:place], ("late", back), *acts[place:]])
        off = undone([events]).values()
        found.append(sum(row.act == "paid" for row in events) - sum(one.lines for one in off))
    assert len({*found}) == 1, found
