"""Doubts and clues: what broke a rule is listed with its reason, and every clue stands where its last act left it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.books.reversal import EventReversed
from ledger.flows.event import Event
from ledger.flows.public_money.entitlement.deaths import DeathReported
from ledger.flows.public_money.payment.payments import SubsidyPaid
from ledger.flows.public_money.redress.clues import FoundBy, RefuteReason
from ledger.log import tables
from ledger_api.cli.readers.doubts import WORDS
from ledger_projections.public_money.doubts import Clue, clues, doubts
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money import samples_relief as relief
from tests.projections.plain_log import folder, reversal, written

ON = date(2025, 9, 30)


def clue_after(*events: Event, on: date = ON, at: int | None = None) -> Clue:
    with folder() as here:
        store = written(here / "log.db", [redress.clue(), *events])
        with store.read() as connection:
            found = clues(connection, on, at=at)
        store.close()
    (row,) = found.rows
    assert found.counts == {row.state: 1}
    return row


CASES: list[tuple[str, Sequence[Event], dict[str, Any]]] = [
    ("only raised", (), {"state": "raised", "finding": None, "overdue": False}),
    (
        "given out",
        (redress.assigned(due_on=date(2025, 9, 29)),),
        {"state": "assigned", "due_on": date(2025, 9, 29), "overdue": True},
    ),
    ("due today", (redress.assigned(due_on=ON),), {"state": "assigned", "overdue": False}),
    (
        "verified",
        (redress.assigned(due_on=date(2025, 9, 1)), redress.verified(result="founded", confirmed_fen=9, recover_fen=8)),
        {"state": "verified", "result": "founded", "confirmed_fen": 9, "recover_fen": 8, "overdue": False},
    ),
    (
        "refuted",
        (redress.refuted(reason="same_name"),),
        {"state": "refuted", "result": "same_name", "confirmed_fen": 0},
    ),
    (
        "verified, then refuted after all",
        (redress.verified(confirmed_fen=9, recover_fen=8), redress.refuted(reason="stale_data")),
        {"state": "refuted", "result": "stale_data", "confirmed_fen": 0, "recover_fen": 0},
    ),
    (
        "a finding",
        (redress.verified(confirmed_fen=9), redress.finding(clues=(redress.clue().clue,), finding="F9")),
        {"state": "confirmed", "finding": "F9", "confirmed_fen": 9},
    ),
]


@pytest.mark.parametrize(("events", "stands"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_clue_stands_where_its_last_act_left_it(events: Sequence[Event], stands: dict[str, Any]) -> None:
    row = clue_after(*events)
    assert {name: getattr(row, name) for name in stands} == stands


def test_what_could_not_be_established_is_no_money() -> None:
    """Books that older releases kept may say otherwise beside it."""
    row = clue_after(redress.verified(result="unverifiable", confirmed_fen=9, recover_fen=9, stop_from="2025-10"))
    assert (row.result, row.confirmed_fen, row.recover_fen) == ("unverifiable", 0, 0)


def test_what_a_doubt_is_of_is_what_was_stated_last() -> None:
    first, anew = clue_after(), clue_after(redress.restated(exposure_fen=5, on=date(2025, 9, 8)))
    assert (first.exposure_fen, anew.exposure_fen, anew.state) == (redress.FEN, 5, "raised")


def test_what_was_taken_back_does_not_count() -> None:
    verified = redress.verified(confirmed_fen=9)
    assert clue_after(verified, reversal(verified, 2)).state == "raised"
    raised = redress.clue()
    with folder() as here:
        store = written(here / "log.db", [raised, reversal(raised, 1)])
        with store.read() as connection:
            assert clues(connection, ON).rows == ()
            assert [row.clue for row in clues(connection, ON, at=1).rows] == [raised.clue], "as it stood before"
        store.close()


def test_a_clue_stands_where_it_stood_at_the_end_of_a_day() -> None:
    verified = redress.verified(on=date(2025, 9, 8), confirmed_fen=9)
    raised = redress.clue(raised_on=date(2025, 9, 1))
    acts = (raised, redress.assigned(on=date(2025, 9, 3), due_on=date(2025, 9, 5)), verified)
    days = {1: "raised", 3: "assigned", 7: "assigned", 8: "verified", 30: "verified"}
    with folder() as here:
        store = written(here / "log.db", [*acts, reversal(verified, 3)])
        with store.read() as connection:
            for day, state in days.items():
                on = date(2025, 9, day)
                (row,) = clues(connection, on, as_of=on, at=3).rows
                assert (row.state, row.overdue) == (state, day == 7)
            assert clues(connection, ON, as_of=date(2025, 8, 31)).rows == ()
            assert [row.state for row in clues(connection, ON).rows] == ["assigned"]
        store.close()


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["assigned", "verified", "refuted"]), max_size=6), st.integers(0, 6))
def test_the_state_at_a_position_is_the_last_act_before_it(acts: list[str], place: int) -> None:
    events = [getattr(redress, act)() for act in acts]
    at = min(place, len(events)) + 1
    assert clue_after(*events, at=at).state == ["raised", *acts][at - 1]


def test_every_code_of_a_clue_has_a_word() -> None:
    codes = {*get_args(FoundBy), *get_args(RefuteReason), "founded", "partly", "unverifiable"}
    assert codes | {"raised", "assigned", "verified", "refuted", "confirmed"} == WORDS.keys()


FOUND = (
    (1, "W_PAYEE_DEAD", 0, "fact", '{"died_month":"2025-01","month":"2025-03","payment":"p1","person":"x"}'),
    (1, "W_PAYEE_DEAD", 1, "fact", '{"died_month":"2025-01","month":"2025-04","payment":"p2","person":"x"}'),
    (1, "W_REASON_PENDING", 0, "note", "{}"),
    (2, "W_DUE_TWICE", 0, "fact", "{}"),
)


def test_facts_that_broke_a_rule_are_listed_and_remarks_are_not() -> None:
    first, second = redress.clue(), redress.clue(clue="C2", raised_on=ON - timedelta(days=3))
    with folder() as here:
        store = written(here / "log.db", [first, second, reversal(second, 2)])
        with store.write() as connection:
            for row in FOUND:
                connection.execute(tables.findings.insert().values(row))
        with store.read() as connection:
            whole, one = doubts(connection), doubts(connection, code="W_DUE_TWICE")
            before = doubts(connection, at=1)
            nobody = doubts(connection, entity="nobody")
        store.close()
    assert [(row.position, row.code) for row in whole.rows] == [(1, "W_PAYEE_DEAD")] * 2 + [(2, "W_DUE_TWICE")]
    assert [row.detail["payment"] for row in whole.rows[:2]] == ["p1", "p2"]
    assert whole.counts == {"W_PAYEE_DEAD": 2}, "what was taken back is settled"
    assert [row.reversed_at for row in whole.rows] == [None, None, 3]
    assert [row.code for row in one.rows] == ["W_DUE_TWICE"]
    assert (len(before.rows), before.position) == (2, 1)
    assert nobody.rows == ()


def test_doubts_of_a_day_are_those_of_what_was_dated_and_not_taken_back_by_it() -> None:
    """A report of a death is taken back on the 20th, and so is a clue: until then both are in doubt."""
    report, clue = relief.death(died_month="2025-01"), redress.clue()
    paid = relief.paid(payment="p1", period_from="2025-03", period_to="2025-03", occurred_on=date(2025, 9, 12))
    taken_back = [
        make(EventReversed, target=one.id, target_position=place, target_tags=one.tags(), reason="录入错误", on=day)
        for place, one, day in ((1, report, date(2025, 9, 20)), (3, clue, date(2025, 9, 21)))
    ]
    detail = orjson.dumps({"died_month": "2025-01", "month": "2025-03", "payment": "p1", "person": report.person})
    found = ((2, "W_PAYEE_DEAD", 0, "fact", detail.decode()), (3, "W_DUE_TWICE", 0, "fact", "{}"))
    told = {}
    with folder() as here:
        store = written(here / "log.db", [report, paid, clue, *taken_back])
        with store.write() as connection:
            for row in found:
                connection.execute(tables.findings.insert().values(row))
        with store.read() as connection:
            for day in (4, 11, 12, 19, 20, 21):
                listed = doubts(connection, as_of=date(2025, 9, day))
                assert (listed.as_of, listed.position) == (date(2025, 9, day), 5)
                told[day] = [(row.position, row.reversed_at) for row in listed.rows]
                assert sum(listed.counts.values()) == [row.reversed_at for row in listed.rows].count(None)
            early = doubts(connection, as_of=date(2025, 9, 21), at=4)
        store.close()
    assert told == {
        4: [],
        11: [(3, None)],
        12: [(2, None), (3, None)],
        19: [(2, None), (3, None)],
        20: [(2, 4), (3, None)],
        21: [(2, 4), (3, 5)],
    }
    assert [row.reversed_at for row in early.rows] == [4, None], "both clocks at once"


MONTHS = ("2025-07", "2025-08", "2025-09")
OFFICES = ("public_security", "funeral", "health")
Act = tuple[str, str, str]
"""(dies, office, month), (paid, "", month), or (back, "", number of what came before, modulo how many stand)."""
_TWO: list[Act] = [("dies", "public_security", "2025-07"), ("dies", "health", "2025-07")]
NAMED: list[tuple[str, list[Act], int]] = [
    ("two say so, the first is taken back", [("paid", "", "2025-09"), *_TWO, ("back", "", "1")], 1),
    ("two say so, the second is taken back", [("paid", "", "2025-09"), *_TWO, ("back", "", "2")], 1),
    ("both are taken back", [("paid", "", "2025-09"), *_TWO, ("back", "", "1"), ("back", "", "1")], 0),
    ("known before it was paid, and taken back", [*_TWO[:1], ("paid", "", "2025-09"), ("back", "", "0")], 0),
    ("paid before, and taken back", [("paid", "", "2025-09"), *_TWO[:1], ("back", "", "1")], 0),
    ("taken back, and said again", [("paid", "", "2025-09"), *_TWO[:1], ("back", "", "1"), *_TWO[1:]], 1),
    ("the payment is taken back", [("paid", "", "2025-09"), *_TWO, ("back", "", "0")], 0),
]


def doubts_after(acts: Sequence[Act]) -> tuple[set[tuple[str, str]], list[tuple[str, str]]]:
    """(payment, month) of every payment to the dead, by what stands, and of every doubt that is not settled. Each is
    judged by the rules as it is recorded.
    """
    model = relief.book(*relief.setup())
    log: list[Event] = []
    found: list[tuple[int, str, int, str, str]] = []
    stand: list[tuple[int, Event]] = []
    for kind, office, said in acts:
        if kind == "back":
            if stand:
                place, target = stand.pop(int(said) % len(stand))
                log.append(reversal(target, place))
                model.reverse(target.id)
            continue
        event = (
            relief.death(reported_by=office, died_month=said)
            if kind == "dies"
            else relief.paid(payment=f"p{len(log)}", period_from=said, period_to=said)
        )
        told = [one for one in model.judge(event) if one.code == "W_PAYEE_DEAD"]
        log.append(event)
        stand.append((len(log), event))
        details = (orjson.dumps(dict(one.params)).decode() for one in told)
        found += [(len(log), "W_PAYEE_DEAD", ordinal, "fact", detail) for ordinal, detail in enumerate(details)]
        model.record(event)
    months = [one.died_month for _, one in stand if isinstance(one, DeathReported)]
    due = {
        (one.payment, one.period_to)
        for _, one in stand
        if isinstance(one, SubsidyPaid) and months and min(months) < one.period_to
    }
    with folder() as here:
        store = written(here / "log.db", log)
        with store.write() as connection:
            for row in found:
                connection.execute(tables.findings.insert().values(row))
        with store.read() as connection:
            rows = doubts(connection).rows
        store.close()
    return due, sorted((row.detail["payment"], row.detail["month"]) for row in rows if row.reversed_at is None)


@pytest.mark.parametrize(("acts", "left"), [case[1:] for case in NAMED], ids=[case[0] for case in NAMED])
def test_a_doubt_about_the_dead_stands_as_long_as_any_report_does(acts: list[Act], left: int) -> None:
    due, told = doubts_after(acts)
    assert (len(told), sorted(due)) == (left, told)


ACTS = st.one_of(
    st.tuples(st.just("dies"), st.sampled_from(OFFICES), st.sampled_from(MONTHS)),
    st.tuples(st.just("paid"), st.just(""), st.sampled_from(MONTHS)),
    st.tuples(st.just("back"), st.just(""), st.integers(0, 9).map(str)),
)


@settings(max_examples=60)
@given(st.lists(ACTS, max_size=12))
def test_the_doubts_about_the_dead_are_those_of_what_stands_in_whatever_order_it_came(acts: list[Act]) -> None:
    due, told = doubts_after(acts)
    assert told == sorted(due), "each payment once"
