"""Runs say what came of their doubts, and only of their own; clues say when they went out and came back."""

from datetime import date
from typing import Any

import pytest

from ledger.flows.event import Event
from ledger.flows.source import Source
from ledger_projections.public_money.doubts import clues
from ledger_projections.public_money.matching_runs import MatchingRun, matching_runs
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as r
from tests.projections.plain_log import folder, reversal, written

ON = date(2025, 9, 30)


def source(file: str = "1") -> Source:
    return make(Source, file_digest="sha256:" + file * 64)


def clue(name: str, file: str = "1", **over: Any) -> Event:
    return r.clue(clue=name, test="T05车辆", source=source(file), **over)


def runs_after(*events: Event, at: int | None = None) -> tuple[MatchingRun, ...]:
    with folder() as here:
        store = written(here / "log.db", events)
        with store.read() as connection:
            found = matching_runs(connection, ON, at=at)
            nobody = matching_runs(connection, ON, entity="nobody")
        store.close()
    assert nobody.rows == ()
    return found.rows


def test_a_run_counts_its_doubts_by_their_answers() -> None:
    acts = (
        r.assigned(clue="A"),
        r.verified(clue="A", confirmed_fen=7),
        r.refuted(clue="B"),
        r.verified(clue="C", result="partly", confirmed_fen=5),
        r.verified(clue="D", result="unverifiable", confirmed_fen=0),
    )
    (run,) = runs_after(r.compared(source=source()), *map(clue, "ABCDE"), *acts)
    assert (run.raised, run.issued, run.unanswered, run.confirmed_fen) == (5, 1, 1, 12)
    assert (run.founded, run.partly, run.refuted, run.unverifiable) == (1, 1, 1, 1)
    assert run.founded_per_mille == 500


def test_doubts_belong_to_the_last_run_of_their_list_before_them() -> None:
    again = r.compared(run="RUN-2", source=source())
    other = r.compared(run="RUN-3", source=source("7"), test="T05房产")
    found = runs_after(r.compared(source=source()), clue("A"), again, clue("B"), clue("C"), other, clue("X", "9"))
    assert [(one.position, one.raised) for one in found] == [(1, 1), (3, 2), (6, 0)]
    assert found[2].founded_per_mille is None


def test_what_was_taken_back_is_no_run_and_no_doubt() -> None:
    first, doubt = r.compared(source=source()), clue("A")
    assert runs_after(first, doubt, reversal(first, 1)) == ()
    assert [one.raised for one in runs_after(first, doubt, reversal(doubt, 2))] == [0]
    assert [one.raised for one in runs_after(first, doubt, reversal(first, 1), at=2)] == [1]


CASES: list[tuple[str, tuple[Event, ...], dict[str, Any]]] = [
    ("not given out", (), {"issued_on": None, "answered_on": None, "days": None, "overdue_days": 0}),
    (
        "given out and open",
        (r.assigned(on=date(2025, 9, 10), due_on=date(2025, 9, 25)),),
        {"issued_on": date(2025, 9, 10), "answered_on": None, "days": 20, "overdue_days": 5},
    ),
    (
        "given out again",
        (r.assigned(on=date(2025, 9, 1)), r.assigned(on=date(2025, 9, 20), due_on=date(2025, 10, 9))),
        {"issued_on": date(2025, 9, 20), "days": 10, "overdue_days": 0},
    ),
    (
        "answered late",
        (r.assigned(on=date(2025, 9, 1), due_on=date(2025, 9, 5)), r.refuted(on=date(2025, 9, 8))),
        {"answered_on": date(2025, 9, 8), "days": 7, "overdue_days": 3, "overdue": False},
    ),
    (
        "decided anew by a reviewer",
        (r.assigned(on=date(2025, 9, 1)), r.refuted(on=date(2025, 9, 8)), r.verified(on=date(2025, 9, 20))),
        {"answered_on": date(2025, 9, 8), "days": 7, "state": "verified"},
    ),
]


@pytest.mark.parametrize(("events", "stands"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_days_run_from_the_issue_to_the_answer(events: tuple[Event, ...], stands: dict[str, Any]) -> None:
    with folder() as here:
        store = written(here / "log.db", [r.clue(raised_on=date(2025, 8, 31)), *events])
        with store.read() as connection:
            found = clues(connection, ON)
        store.close()
    (row,) = found.rows
    assert {name: getattr(row, name) for name in stands} == stands
    open_fen = 0 if row.answered_on else row.exposure_fen
    assert found.ages.total_fen == open_fen
    assert (found.ages.overdue_fen > 0) == (open_fen > 0 and (row.due_on or row.raised_on) < ON)
