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
from tests.audit.verifier.test_verifier_completeness import NOW, POSTED

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
    begins = {one.before for one in others if one.day == FIRST}
    ends = {one.after for one in others if one.day == LAST}

    def may_be(begin: int, end: int) -> bool:
        """One line more leaves the begin than leads to it, and leads to the end than leaves it, but on a round trip."""
        alike = int(begin == end)
        left = begin == opening or before[begin] - after[begin] + alike > 0
        return left and (end == closing or after[end] - before[end] + alike > 0)

    def broken(begin: int, end: int, steps: Sequence[Step]) -> int:
        missed = (begin != opening and opening not in before) + (end != closing and closing not in after)
        return (begin != steps[0].before) + junctions(steps) + (steps[-1].after != end) + missed

    pairs = [pair for pair in product({opening, *begins}, {closing, *ends}) if may_be(*pair)]
    return min(junctions(own), *(broken(*pair, order) for pair in pairs for order in permutations(every)))


def stranger_says(own: Sequence[Step], others: Sequence[Step]) -> int:
    opening, closing, lines = own[0].before, own[-1].after, len(own)
    days = {"first_day": FIRST, "last_day": LAST}
    stated = {"opening_fen": opening, "closing_fen": closing, "line_count": lines, "breaks": junctions(own), **days}
    collected = Completeness()
    collected.take(books.bank_statement(BOOK, **stated), 1)
    for number, (one, name) in enumerate(chain(product(own, ["s1"]), product(others, ["s2"])), 2):
        event = books.bank_line(BOOK, number, one.after - one.before, one.after, name)
        collected.take({**event, "occurred_at": f"{one.day}T10:00:00+08:00"}, number)
    found = [one for one in collected.findings(NOW, POSTED) if one.code == "C_BANK_CHAIN"]
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


THROUGH = (Step(50, 0, MIDST), Step(80, 100, LAST))
"""Money that passes through an account is back at 0 in the end: it came before these rows and left after them."""


@given(st.lists(STEPS, min_size=1, max_size=4), st.lists(STEPS, max_size=2))
@example(list(THROUGH), [Step(0, 50, FIRST), Step(100, 80, MIDST)])
@example([*THROUGH, Step(0, 80, MIDST)], [Step(100, 50, FIRST), Step(100, 0, LAST)])
@example([Step(50, 80, FIRST), Step(0, 50, LAST)], [Step(80, 50, LAST), Step(50, 0, FIRST)])
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


class Days(NamedTuple):
    """What a bank keeps of some days, of which a statement holds the rows from `start` to `stop`."""

    steps: list[Step]
    start: int
    stop: int
    elsewhere: frozenset[int]
    """The rows that stand under another file."""

    @property
    def rows(self) -> list[Step]:
        return self.steps[self.start : self.stop]

    @property
    def own(self) -> list[Step]:
        """What stands under the statement, in its order."""
        return [one for place, one in enumerate(self.steps) if self.is_own(place)]

    def is_own(self, place: int) -> bool:
        return self.start <= place < self.stop and place not in self.elsewhere

    def known(self) -> list[tuple[Step, str]]:
        """All lines of the statement's days, each under its file."""
        first, last = self.rows[0].day, self.rows[-1].day
        every = [(one, "s1" if self.is_own(place) else "s0") for place, one in enumerate(self.steps)]
        return [(one, name) for one, name in every if first <= one.day <= last]


@st.composite
def days(draw: st.DrawFn) -> Days:
    """Whole days of an account whose balances meet again and again; each file may begin and end within a day."""
    amounts = draw(st.lists(st.sampled_from([-3, -2, -1, 1, 2, 3]), min_size=1, max_size=9))
    closing = sum(amounts)
    if closing and draw(st.booleans()):
        amounts.append(-closing)
    dated = sorted(draw(st.lists(st.integers(1, 4), min_size=len(amounts), max_size=len(amounts))))
    sums = [sum(amounts[:count]) for count in range(len(amounts) + 1)]
    steps = [Step(*pair, f"2025-09-0{day}") for pair, day in zip(pairwise(sums), dated, strict=True)]
    start = draw(st.integers(0, len(steps) - 1))
    stop = draw(st.integers(start + 1, len(steps)))
    elsewhere = draw(st.sets(st.integers(start, stop - 1), max_size=stop - start - 1))
    return Days(steps, start, stop, frozenset(elsewhere))


def both_say(whole: Days, lines: int, breaks: int, blank: frozenset[str] = frozenset()) -> tuple[int, int]:
    """What the ledger and the stranger say of a statement with so many rows; files in `blank` have no balances."""
    first, last = whole.rows[0], whole.rows[-1]
    known = [(one, None if name in blank else one.after, name) for one, name in whole.known()]
    collected = Completeness()
    stated = {"opening_fen": first.before, "closing_fen": last.after, "line_count": lines, "breaks": breaks}
    collected.take(books.bank_statement(BOOK, **stated, first_day=first.day, last_day=last.day), 1)
    for number, (one, balance, name) in enumerate(known, 2):
        event = books.bank_line(BOOK, number, one.after - one.before, one.after, name)
        collected.take({**event, "balance_fen": balance, "occurred_at": f"{one.day}T10:00:00+08:00"}, number)
    found = [one for one in collected.findings(NOW, POSTED) if one.code == "C_BANK_CHAIN"]
    between = date.fromisoformat(first.day), date.fromisoformat(last.day)
    imported = Imported(first.before, last.after, lines, breaks, "s1", *between)
    said = [KnownLine(one.after - one.before, balance, one.day, name) for one, balance, name in known]
    return statement_breaks(imported, said), sum(int(dict(one.params)["breaks"]) for one in found)


EMPTIED_IN_THE_END = Days(
    [Step(0, 5, "2025-09-01"), Step(5, 0, "2025-09-02"), Step(0, 9, "2025-09-10"), Step(9, 0, "2025-09-10")],
    start=0,
    stop=3,
    elsewhere=frozenset({0}),
)
"""The file was made at noon of the last day, and its first row stands under another."""


@given(days(), st.frozensets(st.sampled_from(["s0", "s1"])))
@example(EMPTIED_IN_THE_END, frozenset[str]())
def test_a_file_whose_rows_stood_partly_under_another_is_whole(whole: Days, blank: frozenset[str]) -> None:
    """It breaks nowhere, and its event says so: whichever of its rows came before it, and with or without balances."""
    assert both_say(whole, len(whole.rows), 0, blank) == (0, 0)


@given(days())
@example(EMPTIED_IN_THE_END)
def test_a_file_that_lacked_rows_is_whole_with_the_file_that_brings_them(whole: Days) -> None:
    opening, closing, own = whole.rows[0].before, whole.rows[-1].after, whole.own
    admitted = (own[0].before != opening) + junctions(own) + (own[-1].after != closing)
    assert both_say(whole, len(own), admitted) == (0, 0)


PLAIN = [(5, "s0"), (-2, "s1"), (4, "s1")]
"""Amounts from 0 to 7, of which the first stood under another file; none has a balance."""
UNPROVEN = {
    "all there": (PLAIN, 3, 0, 0),
    "and more": ([*PLAIN, (9, "s0")], 3, 0, 0),
    "one is missing": (PLAIN[1:], 3, 0, 1),
    "another than the one that is missing": ([(6, "s0"), *PLAIN[1:]], 3, 0, 1),
    "none stands elsewhere": (PLAIN[1:], 2, 0, 1),
    "the event admits one": (PLAIN, 3, 1, 1),
}


@pytest.mark.parametrize("name", UNPROVEN)
def test_without_balances_the_rows_must_be_there_and_add_up(name: str) -> None:
    rows, stated_lines, breaks, left = UNPROVEN[name]
    collected = Completeness()
    stated = {"opening_fen": 0, "closing_fen": 7, "line_count": stated_lines, "breaks": breaks}
    collected.take(books.bank_statement(BOOK, **stated, first_day=FIRST, last_day=LAST), 1)
    for number, (fen, file) in enumerate(rows, 2):
        event = books.bank_line(BOOK, number, fen, 0, file)
        collected.take({**event, "balance_fen": None, "occurred_at": f"{MIDST}T10:00:00+08:00"}, number)
    found = [one for one in collected.findings(NOW, POSTED) if one.code == "C_BANK_CHAIN"]
    assert sum(int(dict(one.params)["breaks"]) for one in found) == left


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
