"""Matching lines with events: each road by an example, ties that are said and not guessed, sums that always hold."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.application.matching import Matching, match
from ledger.application.open_items import OpenLine, OpenMove

DAY = date(2025, 9, 8)


def line(name: str, fen: int, *, on: int = 0, serial: str | None = None, who: str | None = None) -> OpenLine:
    return OpenLine(name, DAY + timedelta(days=on), fen, serial, who)


def event_id(number: int) -> str:
    """An id that an event may have."""
    return f"0199a000-0000-7000-8000-{number:012d}"


def move(number: int, fen: int, *, on: int = 0, voucher: int | None = None, **more: Any) -> OpenMove:
    fields = {"reference": None, "counterparty": None, "batch": None, **more}
    return OpenMove(event_id(number), number, voucher or number, DAY + timedelta(days=on), fen, **fields)


def told(found: Matching) -> list[tuple[str, set[str], set[str]]]:
    """(reason, lines, events) of every match."""
    return [(m.reason, {one.line for one in m.lines}, {f"e{one.position}" for one in m.moves}) for m in found.matches]


ROADS: list[tuple[str, Sequence[OpenLine], Sequence[OpenMove], list[tuple[str, set[str], set[str]]]]] = [
    (
        "the bank's number decides between equal amounts",
        [line("a", 100, serial="s1"), line("b", 100, serial="s2")],
        [move(1, 100, reference="s2"), move(2, 100, reference="s1")],
        [("serial", {"a"}, {"e2"}), ("serial", {"b"}, {"e1"})],
    ),
    (
        "two components under one number",
        [line("a", -760, serial="s3"), line("b", -760)],
        [move(1, -380, reference="s3"), move(2, -380, reference="s3")],
        [("serial", {"a"}, {"e1", "e2"})],
    ),
    (
        "the counterparty decides, its name cut by the bank",
        [line("a", 100, who="湖南样板建材有限"), line("b", 100, who="湖南示例矿业有限")],
        [move(1, 100, counterparty="湖南示例矿业有限公司"), move(2, 100, counterparty="湖南样板建材有限公司")],
        [("counterparty", {"a"}, {"e2"}), ("counterparty", {"b"}, {"e1"})],
    ),
    ("one amount within the window", [line("a", 100, on=7)], [move(1, 100)], [("amount", {"a"}, {"e1"})]),
    (
        "a batch with what failed in it, and what came back",
        [line("a", -2030), line("b", 760, on=1)],
        [
            move(1, -690, batch="B"),
            move(2, -580, batch="B"),
            move(3, -760, on=1, batch="B", failed=True),
            move(3, 760, on=1, batch="B", failed=True),
        ],
        [("batch", {"a"}, {"e1", "e2", "e3"}), ("batch", {"b"}, {"e3"})],
    ),
    (
        "a batch without failures",
        [line("a", -1270)],
        [move(1, -690, batch="B"), move(2, -580, batch="B")],
        [("batch", {"a"}, {"e1", "e2"})],
    ),
    (
        "the sum of a voucher",
        [line("a", 600)],
        [move(1, 100, voucher=9), move(2, 200, voucher=9), move(3, 300, voucher=9), move(4, 600, on=-8)],
        [("voucher", {"a"}, {"e1", "e2", "e3"})],
    ),
    (
        "the only group with this sum",
        [line("a", 350)],
        [move(1, 100), move(2, 250), move(3, 70)],
        [("group", {"a"}, {"e1", "e2"})],
    ),
    ("one gift on two lines", [line("a", 300), line("b", 50)], [move(1, 350)], [("group", {"a", "b"}, {"e1"})]),
    (
        "all of a day against all of it",
        [line("a", 300), line("b", 200)],
        [move(1, 260), move(2, 240)],
        [("day", {"a", "b"}, {"e1", "e2"})],
    ),
]


@pytest.mark.parametrize("case", ROADS, ids=[case[0] for case in ROADS])
def test_roads(
    case: tuple[str, Sequence[OpenLine], Sequence[OpenMove], list[tuple[str, set[str], set[str]]]],
) -> None:
    _, lines, moves, expected = case
    assert told(match(lines, moves)) == expected


UNDECIDED: list[tuple[str, Sequence[OpenLine], Sequence[OpenMove]]] = [
    ("two events of one amount", [line("a", 100)], [move(1, 100), move(2, 100)]),
    ("two lines of one amount", [line("a", 100), line("b", 100, on=1)], [move(1, 100)]),
    ("two of each", [line("a", 100), line("b", 100)], [move(1, 100), move(2, 100)]),
    ("two groups with one sum", [line("a", 300)], [move(1, 100), move(2, 200), move(3, 120), move(4, 180)]),
    ("a group for two lines", [line("a", 350), line("b", 350)], [move(1, 100), move(2, 250)]),
    ("a day whose items could be exchanged", [line("a", 100), line("b", 300)],
     [move(1, 100), move(2, 100), move(3, 200)]),
]  # fmt: skip


@pytest.mark.parametrize("case", UNDECIDED, ids=[case[0] for case in UNDECIDED])
def test_what_could_be_two_is_said_and_not_guessed(
    case: tuple[str, Sequence[OpenLine], Sequence[OpenMove]],
) -> None:
    _, lines, moves = case
    found = match(lines, moves)
    assert found.matches == ()
    assert found.events("icbc") == []
    assert "a" in {tie.line.line for tie in found.ties}
    assert all(sum(one.fen for one in group) == tie.line.fen for tie in found.ties for group in tie.choices)


@pytest.mark.parametrize(
    "pair",
    [
        ([line("a", 100)], [move(1, -100)]),
        ([line("a", 100)], [move(1, 101)]),
        ([line("a", 100, on=8)], [move(1, 100)]),
        ([line("a", -760)], [move(1, -760, failed=True)]),
    ],
    ids=["the other way", "another amount", "too long ago", "a failed payment outside its batch"],
)
def test_what_does_not_fit_stays_open(pair: tuple[list[OpenLine], list[OpenMove]]) -> None:
    found = match(*pair)
    assert (found.matches, found.ties) == ((), ())
    assert (list(found.lines), list(found.moves)) == pair


def test_one_window_is_wider_than_another() -> None:
    assert not match([line("a", 100, on=8)], [move(1, 100)]).matches
    assert match([line("a", 100, on=8)], [move(1, 100)], window_days=8).matches


AMOUNTS = st.sampled_from([-300, -200, -100, 50, 100, 150, 200, 300])
LINES = st.lists(st.tuples(AMOUNTS, st.integers(0, 9), st.sampled_from([None, "s1", "s2"])), max_size=9)
MOVES = st.lists(
    st.tuples(AMOUNTS, st.integers(0, 9), st.sampled_from([None, "s1", "s2"]), st.integers(1, 3)), max_size=9
)


def drawn_items(
    lines: list[tuple[int, int, str | None]], moves: list[tuple[int, int, str | None, int]]
) -> tuple[list[OpenLine], list[OpenMove]]:
    return (
        [line(f"l{n}", fen, on=on, serial=serial) for n, (fen, on, serial) in enumerate(lines)],
        [move(n, fen, on=on, reference=ref, voucher=v) for n, (fen, on, ref, v) in enumerate(moves)],
    )


@settings(max_examples=150, deadline=None)
@given(lines=LINES, moves=MOVES)
def test_sums_hold_nothing_is_used_twice_and_order_does_not_matter(
    lines: list[tuple[int, int, str | None]],
    moves: list[tuple[int, int, str | None, int]],
) -> None:
    items = drawn_items(lines, moves)
    found = match(*items)
    for one in found.matches:
        assert sum(o.fen for o in one.lines) == sum(m.fen for m in one.moves)
        assert {o.fen > 0 for o in one.lines} == {m.fen > 0 for m in one.moves}
        assert max(abs((o.day - m.day).days) for o in one.lines for m in one.moves) <= 7
    used_lines = [o.line for one in found.matches for o in one.lines]
    used_moves = [m.event for one in found.matches for m in one.moves]
    assert sorted(used_lines + [o.line for o in found.lines]) == sorted(o.line for o in items[0])
    assert sorted(used_moves + [m.event for m in found.moves]) == sorted(m.event for m in items[1])
    events: list[Any] = list(found.events("icbc"))
    parts = [(event.line, part.event, part.amount_fen) for event in events for part in event.parts]
    whole = {o.line: o.fen for one in found.matches for o in one.lines}
    assert {name: sum(fen for at, _, fen in parts if at == name) for name in whole} == whole
    turned = match(items[0][::-1], items[1][::-1])
    assert set(map(str, told(turned))) == set(map(str, told(found)))
