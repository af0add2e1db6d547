"""Which breaks of a statement remain: the stranger and the ledger's own readers say what trying every order says."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import chain, pairwise, permutations, product
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.flows.books.chains import TRIED, KnownLine, breaks_left, statement_breaks
from ledger_audit.verifier.completeness import Completeness
from tests.audit import mini_books as books
from tests.audit.mini_writer import MiniBook
from tests.audit.verifier.test_verifier_completeness import NOW, POSTED, WITNESSED

BOOK = MiniBook()
FIRST, MIDST, LAST = "2025-09-01", "2025-09-15", "2025-09-30"


class Step(NamedTuple):
    before: int
    after: int
    day: str


def junctions(steps: Sequence[Step]) -> int:
    return sum(one.after != other.before for one, other in pairwise(steps))


def tried(own: Sequence[Step], others: Sequence[Step]) -> int:
    """The fewest breaks over all orders of the lines and all ends that the days may have."""
    every = [*own, *others]
    before, after = Counter(one.before for one in every), Counter(one.after for one in every)
    opening, closing = own[0].before, own[-1].after
    begins = {one.before for one in others if one.day == FIRST and before[one.before] > after[one.before]}
    ends = {one.after for one in others if one.day == LAST and after[one.after] > before[one.after]}

    def broken(begin: int, end: int, steps: Sequence[Step]) -> int:
        missed = (begin != opening and opening not in before) + (end != closing and closing not in after)
        return (begin != steps[0].before) + junctions(steps) + (steps[-1].after != end) + missed

    chosen = product({opening, *begins}, {closing, *ends}, permutations(every))
    return min(junctions(own), *(broken(*one) for one in chosen))


def stranger_says(own: Sequence[Step], others: Sequence[Step]) -> int:
    opening, closing, lines = own[0].before, own[-1].after, len(own)
    days = {"first_day": FIRST, "last_day": LAST}
    stated = {"opening_fen": opening, "closing_fen": closing, "line_count": lines, "breaks": junctions(own), **days}
    collected = Completeness()
    collected.take(books.bank_statement(BOOK, **stated), 1)
    for number, (one, name) in enumerate(chain(product(own, ["s1"]), product(others, ["s2"])), 2):
        event = books.bank_line(BOOK, number, one.after - one.before, one.after, name)
        collected.take({**event, "occurred_at": f"{one.day}T10:00:00+08:00"}, number)
    found = [one for one in collected.findings(NOW, POSTED, WITNESSED) if one.code == "C_BANK_CHAIN"]
    return sum(int(dict(one.params)["breaks"]) for one in found)


def ledger_says(own: Sequence[Step], others: Sequence[Step]) -> int:
    known = [
        KnownLine(one.after - one.before, one.after, one.day, name)
        for one, name in chain(product(own, ["s1"]), product(others, ["s2"]))
    ]
    return statement_breaks(Imported(own[0].before, own[-1].after, len(own), junctions(own)), known)


class Imported(NamedTuple):
    opening_fen: int
    closing_fen: int
    line_count: int
    breaks: int
    statement: str = "s1"
    first_day: date = date.fromisoformat(FIRST)
    last_day: date = date.fromisoformat(LAST)


BALANCES = st.sampled_from([0, 50, 80, 100])
STEPS = st.builds(Step, BALANCES, BALANCES, st.sampled_from([FIRST, MIDST, LAST]))
EMPTIED = (Step(0, 50, FIRST), Step(80, 0, LAST))
"""An account that is emptied every day (零余额账户): +30 is missing between the two."""
SPENT_AND_REFUNDED = (
    Step(0, 50, FIRST),
    Step(50, 0, MIDST),
    Step(80, 30, MIDST),
    Step(30, 80, MIDST),
    Step(0, 0, LAST),
)
"""+80 is missing before the two rows in the middle, and -80 after them."""


@given(st.lists(STEPS, min_size=1, max_size=4), st.lists(STEPS, max_size=2))
@example(list(EMPTIED), [])
@example(list(EMPTIED), [Step(50, 80, MIDST)])
@example(list(EMPTIED), [Step(100, 0, FIRST)])
@example(list(EMPTIED), [Step(0, 100, LAST), Step(50, 80, FIRST)])
@example(list(SPENT_AND_REFUNDED), [])
@example(list(SPENT_AND_REFUNDED), [Step(0, 80, MIDST), Step(80, 0, MIDST)])
def test_both_say_what_trying_every_order_says(own: list[Step], others: list[Step]) -> None:
    assert len(others) <= TRIED
    expected = tried(own, others)
    assert ledger_says(own, others) == expected
    assert stranger_says(own, others) == expected


@given(st.lists(STEPS, min_size=2, max_size=9))
def test_a_single_break_stays_while_nothing_else_is_known(own: list[Step]) -> None:
    if junctions(own) == 1:
        assert (ledger_says(own, []), stranger_says(own, [])) == (1, 1)


@given(
    st.lists(st.integers(-100, 100).filter(bool), min_size=3, max_size=12),
    st.sets(st.integers(1, 10)),
    st.booleans(),
)
def test_the_missing_lines_close_every_break_wherever_the_chain_ends(
    amounts: list[int],
    missing: set[int],
    emptied: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    amounts = [*amounts, -sum(amounts)] if emptied else amounts
    sums = [sum(amounts[:count]) for count in range(len(amounts) + 1)]
    steps = [Step(before, after, MIDST) for before, after in pairwise(sums)]
    gone = {place for place in missing if place < len(steps) - 1}
    own = [step for place, step in enumerate(steps) if place not in gone]
    others = [step for place, step in enumerate(steps) if place in gone]
    assert ledger_says(own, others) == 0
    assert stranger_says(own, others) == 0


@pytest.mark.parametrize(
    ("breaks", "opening", "closing", "rows", "left"),
    [
        (1, 0, 0, [(50, 50), (-80, 0)], 1),
        (1, 1, 0, [(49, 50), (-80, 0)], 1),
        (1, 0, 0, [(50, 50), (30, 80), (-80, 0)], 0),
        (1, 0, 10, [(50, 50), (-80, 0), (10, 10)], 1),
        (2, 0, 0, [(50, 50), (-50, 0), (-50, 30), (50, 80)], 2),
        (1, 0, 0, [(50, None), (-80, 0)], 1),
        (1, 0, 0, [], 1),
        (0, 0, 0, [(50, 50), (-80, 0)], 0),
    ],
)
def test_breaks_that_remain(
    breaks: int, opening: int, closing: int, rows: list[tuple[int, int | None]], left: int
) -> None:
    assert breaks_left(breaks, opening, closing, rows) == left
