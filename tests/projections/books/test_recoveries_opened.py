"""What an opening tells of recoveries: a book that begins in mid-year says what a book says that had them all along."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.accounts.roles import Role
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningLine, OpeningRecovery
from ledger.flows.event import Event
from ledger_projections import registry
from ledger_projections.public_money.recoveries import RecoverySum, recoveries
from tests.flows.event_samples import make
from tests.flows.public_money import samples_redress as redress
from tests.flows.public_money.samples_relief import FUND
from tests.projections.plain_log import folder, written

ON = date(2025, 9, 30)
EARLY = date(2025, 6, 20)
ORDERED = 90_000


def said(recovery: str) -> dict[str, Any]:
    return {"recovery": recovery, "finding": f"F-{recovery}", "fund": FUND}


def taken_over(rows: Sequence[tuple[str, str, int]], owed: dict[str, int], boxes: dict[str, int]) -> OpeningRecorded:
    """(recovery, destination, collected) of each; fen owed to the treasury by recovery, and of the boxes."""
    lines = [line(Role.DUE_TO_TREASURY, party, -fen) for party, fen in owed.items()]
    lines += [line(Role.CASH, party, fen) for party, fen in boxes.items()]
    more: dict[str, Any] = {"programme": "urban-dibao", "person": "P7", "ordered_fen": ORDERED, "ordered_on": EARLY}
    listed = [
        make(OpeningRecovery, **said(one), **more, destination=goes, collected_fen=fen) for one, goes, fen in rows
    ]
    return make(OpeningRecorded, lines=tuple(lines), recoveries=tuple(listed))


def line(role: Role, party: str, fen: int) -> OpeningLine:
    return make(OpeningLine, fund=FUND, role=role, party=party, code=None, balance_fen=fen)


def ordered(recovery: str, destination: str) -> Event:
    return redress.ordered(
        **said(recovery), programme="urban-dibao", amount_fen=ORDERED, on=EARLY, destination=destination
    )


def came(recovery: str, mode: str, fen: int, on: date = EARLY) -> Event:
    return redress.collected(
        **said(recovery), movement=f"in-{recovery}-{mode}-{fen}", mode=mode, amount_fen=fen, occurred_on=on
    )


def banked(recovery: str, fen: int) -> Event:
    return redress.handed_over(**said(recovery), movement=f"out-{recovery}-{fen}", amount_fen=fen, occurred_on=ON)


def remitted(recovery: str, fen: int) -> Event:
    return redress.remitted(**said(recovery), movement=f"up-{recovery}-{fen}", amount_fen=fen, occurred_on=ON)


def sums_of(here: Path, events: Sequence[Event]) -> dict[str, RecoverySum]:
    store = written(here, list(events))
    registry.catch_up(store, ["recoveries"])
    with store.read() as connection:
        report = recoveries(connection, ON)
    store.close()
    found = {one.recovery: one.sums for one in report.recoveries}
    assert report.total.cash_in_hand_fen == sum(one.cash_in_hand_fen for one in found.values())
    return found


def told(sums: RecoverySum) -> tuple[int, int]:
    return sums.cash_in_hand_fen, sums.treasury_fen


LATER: list[tuple[str, list[Event]]] = [
    ("nothing since", []),
    ("the cash is banked", [banked("R1", 20_000)]),
    ("some of the cash is banked", [banked("R1", 5_000)]),
    ("cash came since", [came("R1", "cash", 7_000, ON)]),
    ("cash came since and all is banked", [came("R1", "cash", 7_000, ON), banked("R1", 27_000)]),
    ("the rest is remitted", [banked("R1", 20_000), remitted("R1", 40_000)]),
    ("the rest was paid straight", [came("R1", "paid_to_treasury", 20_000, ON)]),
]


@pytest.mark.parametrize(("what", "later"), LATER, ids=[one[0] for one in LATER])
def test_what_the_opening_tells_is_what_the_full_book_tells(tmp_path: Path, what: str, later: list[Event]) -> None:
    """One recovery: 700.00 came in, 200.00 of it lies in the box, 300.00 were remitted."""
    full = [ordered("R1", "treasury"), came("R1", "cash", 20_000), came("R1", "transfer", 50_000)]
    full += [redress.remitted(**said("R1"), movement="up-early", amount_fen=30_000, occurred_on=EARLY)]
    opened = taken_over([("R1", "treasury", 70_000)], {"R1": 60_000}, {"box-1": 20_000})
    whole = sums_of(tmp_path / "full.db", [*full, *later])
    part = sums_of(tmp_path / "opened.db", [opened, *later])
    assert told(part["R1"]) == told(whole["R1"])


def test_one_that_the_treasury_has_whole_holds_no_cash(tmp_path: Path) -> None:
    rows = [("R1", "programme", 50_000), ("R2", "treasury", 90_000)]
    found = sums_of(tmp_path / "log.db", [taken_over(rows, {}, {"box-1": 20_000})])
    assert {name: told(one) for name, one in found.items()} == {"R1": (20_000, 0), "R2": (0, 90_000)}


def test_cash_of_two_recoveries_is_of_neither_until_it_is_banked(tmp_path: Path) -> None:
    """The opening says what the box holds, and not of whom: nothing is told of it, and nothing below zero after."""
    rows = [("R1", "programme", 50_000), ("R2", "treasury", 70_000)]
    opened = taken_over(rows, {"R2": 60_000}, {"box-1": 20_000})
    before = sums_of(tmp_path / "before.db", [opened])
    after = sums_of(tmp_path / "after.db", [opened, banked("R1", 20_000)])
    assert {name: told(one) for name, one in before.items()} == {"R1": (0, 0), "R2": (0, 30_000)}
    assert {name: told(one) for name, one in after.items()} == {"R1": (0, 0), "R2": (0, 30_000)}
    later = [banked("R1", 20_000), came("R1", "cash", 9_000, ON)]
    assert told(sums_of(tmp_path / "later.db", [opened, *later])["R1"]) == (9_000, 0)


@pytest.mark.parametrize("owed", [{"R2": 60_000}, {"": 60_000}, {"R1": 10_000}, {"R1": 95_000}])
def test_lines_that_fit_no_sum_tell_nothing_of_the_treasury(tmp_path: Path, owed: dict[str, int]) -> None:
    found = sums_of(tmp_path / "log.db", [taken_over([("R1", "treasury", 70_000)], owed, {})])
    assert told(found["R1"]) == (0, 0)


MOVES = st.lists(
    st.tuples(st.sampled_from([came, banked]), st.sampled_from(["R1", "R2"]), st.integers(1, 30_000)), max_size=6
)


@settings(max_examples=25)
@given(moves=MOVES, held=st.integers(0, 70_000))
def test_no_recovery_holds_less_than_nothing(moves: list[tuple[Any, str, int]], held: int) -> None:
    rows = [("R1", "programme", 50_000), ("R2", "treasury", 70_000)]
    events: list[Event] = [taken_over(rows, {"R2": 60_000}, {"box-1": held})]
    for number, (move, recovery, fen) in enumerate(moves):
        one = move(recovery, "cash", fen, ON) if move is came else move(recovery, fen)
        events.append(type(one)(**{**one.model_dump(), "movement": f"m-{number}"}))
    with folder() as here:
        found = sums_of(here / "log.db", events)
    taken = {one: sum(fen for move, name, fen in moves if name == one and move is came) for one in found}
    assert all(0 <= one.cash_in_hand_fen <= taken[name] for name, one in found.items())
