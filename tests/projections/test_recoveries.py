"""Recoveries: every way of collecting, what reached the treasury, what is open and how old, where a matter stands."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningRecovery
from ledger.flows.event import Event
from ledger.flows.public_money.redress.clues import FoundBy
from ledger_projections import registry
from ledger_projections.public_money.recoveries import MODES, recoveries
from ledger_projections.summaries.handling.campaign import given_back
from ledger_projections.summaries.handling.problems import Problem, disciplined, problems
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money.samples_relief import FUND, setup
from tests.projections.opened_book import BUREAU, opened
from tests.projections.plain_log import folder, reversal, written

ON = date(2025, 9, 30)
EARLY = date(2025, 6, 20)
WAYS = ("transfer", "cash", "offset", "paid_to_treasury")
BACK = {"transfer": "transfer", "cash": "cash", "offset": "transfer", "paid_to_treasury": "by_treasury"}

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["collected", "remitted", "handed_over", "refunded", "written_off", "planned", "reverse"]),
        st.integers(1, 2),
        st.sampled_from(WAYS),
        st.integers(1, 9_000),
    ),
    max_size=10,
)


def events_of(acts: Sequence[tuple[str, int, str, int]]) -> list[Event]:
    found: list[Event] = [redress.finding(), redress.ordered(), redress.ordered(recovery="R2", amount_fen=90_000)]
    standing: list[int] = []
    for what, recovery, mode, fen in acts:
        if what == "reverse":
            if standing:
                place = standing.pop()
                found.append(reversal(found[place - 1], place))
            continue
        said: dict[str, Any] = {"recovery": f"R{recovery}"}
        builds: dict[str, Any] = {
            "collected": lambda more=said, m=mode, f=fen: redress.collected(**more, mode=m, amount_fen=f),
            "remitted": lambda more=said, f=fen: redress.remitted(**more, amount_fen=f),
            "handed_over": lambda more=said, f=fen: redress.handed_over(**more, amount_fen=f),
            "refunded": lambda more=said, m=mode, f=fen: redress.refunded(**more, mode=BACK[m], amount_fen=f),
            "written_off": lambda more=said, f=fen: redress.written_off(**more, amount_fen=f),
            "planned": lambda more=said, f=fen: redress.planned(f, f + 1, **more),
        }
        found.append(builds[what]())
        standing.append(len(found))
    return found


@settings(max_examples=25)
@given(acts=ACTS)
def test_every_recovery_ties_at_every_position(acts: list[tuple[str, int, str, int]]) -> None:
    events = events_of(acts)
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["recoveries"], page=3)
        with store.read() as connection:
            for at in range(1, len(events) + 1):
                report = recoveries(connection, ON, at=at)
                gone = {getattr(event, "target", None) for event in events[:at]}
                known: list[Any] = [event for event in events[:at] if event.id not in gone]
                for row in report.recoveries:
                    mine = [event for event in known if getattr(event, "recovery", None) == row.recovery]
                    taken = [e for e in mine if e.kind == "recovery.collected"]
                    back = [e for e in mine if e.kind == "recovery.refunded"]
                    came = {way: sum(e.amount_fen for e in taken if e.mode == way) for way in WAYS}
                    assert {way: getattr(row.sums, f"{way}_fen") for way in WAYS} == came
                    remitted = sum(e.amount_fen for e in mine if e.kind == "recovery.remitted")
                    given = sum(e.amount_fen for e in back if e.mode == "by_treasury")
                    assert row.sums.treasury_fen == came["paid_to_treasury"] + remitted - given
                    assert row.sums.refunded_fen == sum(e.amount_fen for e in back)
                    assert row.sums.ages.total_fen == row.sums.open_fen
                for one in (*report.by_programme, *report.by_origin):
                    ties(one.sums)
                ties(report.total)
                assert report.total.ordered_fen == sum(row.sums.ordered_fen for row in report.recoveries)
        store.close()


NAMES = tuple(f"F{n}" for n in range(1, 6))
GROUPINGS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda two: two[0] != two[1]))


@settings(max_examples=50)
@given(groupings=GROUPINGS)
def test_however_findings_were_grouped_every_problem_and_every_fen_counts_once(
    groupings: list[tuple[str, str]],
) -> None:
    """Groupings within groupings and in a ring stand in no new book; a log that holds them loses nothing by them."""
    origins = dict(zip(NAMES, get_args(FoundBy), strict=False))
    events: list[Event] = [redress.finding(finding=one, found_by=origins[one]) for one in NAMES]
    events += [
        redress.ordered(recovery=f"R{one}", finding=one, amount_fen=10**place) for place, one in enumerate(NAMES)
    ]
    events += [redress.grouped(finding=problem, cases=(one,)) for problem, one in groupings]
    with folder() as here:
        store = written(here / "log.db", events)
        registry.catch_up(store, ["recoveries"])
        with store.read() as connection:
            report = recoveries(connection, ON)
        store.close()
    shown = problems(report)
    assert sorted(name for one in shown for name in one.findings) == sorted(NAMES)
    assert sum(one.sums.ordered_fen for problem in shown for one in problem.recoveries) == 11_111
    for one in shown:
        assert {row.recovery for row in one.recoveries} == {f"R{name}" for name in one.findings}
    last = {case: problem for problem, case in groupings}
    below = {case.finding: one.matter.finding for one in shown for case in one.cases}
    for name, top in below.items():
        assert last[name] == top or below[last[name]] == top
    assert {one.matter.finding for one in shown} >= {name for name in NAMES if name not in last}
    told = {one.name: one.sums.ordered_fen for one in report.by_origin}
    assert told == {
        origins[one.matter.finding]: sum(row.sums.ordered_fen for row in one.recoveries) for one in shown
    }, "money is split as the problems are"


def test_what_was_not_confirmed_yet_is_no_matter(tmp_path: Path) -> None:
    """A grouping may bear an earlier date than the confirmation of its case."""
    early, late = date(2025, 8, 1), date(2025, 9, 1)
    book = opened(tmp_path)
    book.post(BUREAU, *setup(), on=date(2025, 1, 2))
    book.post(BUREAU, redress.finding(finding="PB", unit="县民政局", on=early), on=early, note="问题")
    book.post(BUREAU, redress.finding(person="P1", on=late), on=late, note="个案")
    book.post(BUREAU, redress.grouped(finding="PB", on=early), on=early, note="归并")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        found = [recoveries(connection, day, as_of=day).matters for day in (date(2025, 8, 15), ON)]
    book.close()
    assert [[(one.finding, one.problem, one.state) for one in matters] for matters in found] == [
        [("PB", None, "confirmed")],
        [("F1", "PB", "confirmed"), ("PB", None, "confirmed")],
    ]


def test_a_recovery_that_was_taken_over_stands_as_one_that_was_ordered_here(tmp_path: Path) -> None:
    """A book that begins in mid-year tells of a recovery what a book tells that ordered it."""
    said = {"recovery": "R7", "finding": "F7", "fund": FUND, "programme": "urban-dibao", "destination": "treasury"}
    before: dict[str, Any] = {**said, "person": "P7", "ordered_fen": 9_000, "collected_fen": 6_000, "ordered_on": EARLY}
    more = {name: said[name] for name in ("recovery", "finding", "fund")}
    logs: dict[str, list[Event]] = {
        "taken over": [make(OpeningRecorded, recoveries=(make(OpeningRecovery, **before),))],
        "ordered here": [
            redress.ordered(**said, person="P7", amount_fen=9_000, on=EARLY, document=None, due_on=None),
            redress.collected(**more, mode="cash", amount_fen=6_000, occurred_on=EARLY),
        ],
    }
    found = []
    for number, events in enumerate(logs.values()):
        store = written(
            tmp_path / f"{number}.db", [*events, redress.collected(**more, movement="in-7", amount_fen=500)]
        )
        registry.catch_up(store, ["recoveries"])
        with store.read() as connection:
            report = recoveries(connection, ON)
        store.close()
        (row,) = report.recoveries
        names = ("recovery", "finding", "programme", "destination", "person", "ordered_on", "last_moved_on", "state")
        groups = [(one.name, one.sums.ordered_fen, one.sums.open_fen) for one in report.by_programme]
        found.append(({name: getattr(row, name) for name in names}, row.sums.collected_fen, row.sums.open_fen, groups))
    assert found[0] == found[1]
    assert found[0][0]["programme"] == "urban-dibao"


def ties(sums: Any) -> None:
    assert sums.collected_fen == sum(getattr(sums, f"{mode}_fen") for mode in MODES) - sums.refunded_fen
    assert sums.ordered_fen == sums.collected_fen + sums.written_off_fen + sums.open_fen - sums.over_fen
    assert min(sums.open_fen, sums.over_fen) >= 0


@pytest.mark.parametrize(
    ("mode", "account", "hand_fen", "treasury_fen"),
    [("transfer", "rcb-0001", 20_000, 10_000), ("cash", "till", 19_000, 10_000), ("by_treasury", None, 20_000, 9_000)],
)
def test_what_was_given_back_was_not_recovered(
    tmp_path: Path, mode: str, account: str | None, hand_fen: int, treasury_fen: int
) -> None:
    """Collected is what stays: the rate never says more than all, and the ways show what came."""
    events: list[Event] = [redress.finding(), redress.ordered(amount_fen=29_000)]
    events += [redress.collected(amount_fen=20_000, mode="cash", account="till")]
    events += [redress.collected(amount_fen=10_000, mode="paid_to_treasury", account=None, movement="in-2")]
    store = written(tmp_path / "log.db", [*events, redress.refunded(amount_fen=1_000, mode=mode, account=account)])
    registry.catch_up(store, ["recoveries"])
    with store.read() as connection:
        (row,) = recoveries(connection, ON).recoveries
    store.close()
    sums = row.sums
    assert (sums.collected_fen, sums.open_fen, sums.rate_per_mille, row.state) == (29_000, 0, 1000, "collected")
    assert (sums.refunded_fen, sums.cash_in_hand_fen, sums.treasury_fen) == (1_000, hand_fen, treasury_fen)


def test_what_was_written_off_and_paid_after_all_pays_nobody_elses_debt(tmp_path: Path) -> None:
    second = {"finding": "F2", "recovery": "R2"}
    events: list[Event] = [redress.finding(), redress.ordered(amount_fen=27_500), redress.written_off(amount_fen=6_000)]
    events += [redress.collected(amount_fen=27_500)]
    events += [redress.finding(finding="F2"), redress.ordered(**second, amount_fen=6_300)]
    store = written(tmp_path / "log.db", events)
    registry.catch_up(store, ["recoveries"])
    with store.read() as connection:
        report = recoveries(connection, ON)
    store.close()
    paid, owing = sorted(report.recoveries, key=lambda row: row.recovery)
    assert (paid.state, paid.sums.open_fen, paid.sums.over_fen, paid.sums.ages.total_fen) == ("collected", 0, 6_000, 0)
    assert (owing.state, owing.sums.open_fen, owing.sums.over_fen) == ("open", 6_300, 0)
    assert (report.total.open_fen, report.total.over_fen, report.total.ages.total_fen) == (6_300, 6_000, 6_300)


def test_a_matter_from_its_finding_to_its_end(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.post(BUREAU, *setup(), on=date(2025, 1, 2))
    book.post(BUREAU, redress.finding(), redress.notice(), redress.plan(on=date(2025, 9, 5), due_on=date(2025, 9, 20)))
    book.post(BUREAU, redress.ordered(due_on=date(2025, 9, 10)))
    book.post(BUREAU, redress.collected(amount_fen=14_000, mode="cash", account="till"), note="现金")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        report = recoveries(connection, ON)
        (row,), (matter,) = report.recoveries, report.matters
        assert (row.state, row.sums.open_fen, row.sums.ages.to_30_fen) == ("partly", 10_000, 10_000)
        assert (row.sums.cash_in_hand_fen, row.sums.rate_per_mille) == (14_000, 583)
        assert (matter.state, matter.overdue_days, matter.sums.collected_fen) == ("rectifying", 10, 14_000)
        assert report.by_origin[0].name == "matching"
    book.post(BUREAU, redress.handed_over(amount_fen=14_000, cash_account="till", movement="b-2"), note="缴存")
    book.post(BUREAU, redress.collected(amount_fen=10_000, movement="in-2"), note="转账")
    book.post(BUREAU, redress.report(), redress.accepted(), redress.closed(), note="销号")
    registry.catch_up(book.store)
    with book.store.read() as connection:
        report = recoveries(connection, ON)
        (row,), (matter,) = report.recoveries, report.matters
        assert (row.state, row.sums.cash_in_hand_fen, row.sums.treasury_fen) == ("collected", 0, 0)
        assert (matter.state, matter.overdue_days, report.total.rate_per_mille) == ("closed", 0, 1000)
        assert report.to_json()["matters"][0]["sums"]["transfer_fen"] == 10_000
    book.close()


def test_a_matter_looks_at_its_own_reports_alone() -> None:
    """Operations are counted, not time: of a hundred matters each asks for its own, and none walks through all."""
    asked: list[str] = []

    class Reports(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            asked.append(name)
            return super().get(name, default)

        def items(self) -> Any:
            asked.extend(self)
            return super().items()

    made = {"disciplined": 1, "money_means": "returned_to_persons", "rectified_fen": 100}
    reports = Reports({f"F{number}": [SimpleNamespace(**made)] for number in range(100)})
    matters: list[Any] = [Problem(cast("Any", SimpleNamespace(finding=name)), (), ()) for name in reports]
    assert sum(disciplined(one, reports) for one in matters) == 100
    assert sum(given_back(one, reports) or 0 for one in matters) == 10_000
    assert len(asked) == 2 * len(matters)


@pytest.mark.parametrize(
    ("planned_on", "given_up_on", "posted", "reason"),
    [
        (date(2025, 9, 3), date(2025, 9, 10), "plan first", "untraceable"),
        (date(2025, 9, 10), date(2025, 9, 3), "plan first", "instalments"),
        (date(2025, 9, 10), date(2025, 9, 3), "plan last", "instalments"),
        (date(2025, 9, 3), date(2025, 9, 10), "plan last", "untraceable"),
        (date(2025, 9, 3), date(2025, 9, 3), "plan first", "untraceable"),
        (date(2025, 9, 3), date(2025, 9, 3), "plan last", "instalments"),
    ],
)
def test_why_a_recovery_is_open_is_what_was_said_last(
    tmp_path: Path, planned_on: date, given_up_on: date, posted: str, reason: str
) -> None:
    """A plan and a part that was given up both say why: the newer by its day, on one day the one recorded later."""
    said: list[tuple[date, Event]] = [
        (planned_on, redress.planned(20_000, on=planned_on, reason="instalments")),
        (given_up_on, redress.written_off(amount_fen=4_000, on=given_up_on, reason="untraceable")),
    ]
    acts = said if posted == "plan first" else said[::-1]
    events: list[Event] = [redress.finding(), redress.ordered(), *(event for _, event in acts)]
    store = written(tmp_path / "log.db", events, day=lambda one: getattr(one, "on", ON))
    registry.catch_up(store, ["recoveries"])
    with store.read() as connection:
        (row,) = recoveries(connection, ON).recoveries
    store.close()
    assert (row.reason, row.sums.open_fen > 0) == (reason, True)
