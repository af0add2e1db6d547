"""Match proposals: each road in a table of small cases, and what holds for any open items."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_projections.books.matching import propose
from ledger_projections.books.statement_items import BankItem, BookItem


def bank(name: str, fen: int, day: int, serial: str | None = None, party: str | None = None) -> BankItem:
    return BankItem(name, date(2025, 9, day), fen, fen, 0, serial, party, "")


def book(
    name: str,
    fen: int,
    day: int,
    number: int = 0,
    reference: str | None = None,
    party: str | None = None,
) -> BookItem:
    place = (1, number or ord(name[-1]), "donation.received", date(2025, 9, day))
    return BookItem(name, *place, fen, fen, reference, party)


class Case(NamedTuple):
    name: str
    bank: tuple[BankItem, ...]
    book: tuple[BookItem, ...]
    found: tuple[tuple[str, str, str, bool], ...]
    """(lines, events, reason, certain), names joined with +."""


CASES = (
    Case("same amount, alone", (bank("a", 100, 5),), (book("x", 100, 7),), (("a", "x", "amount", True),)),
    Case("too far apart", (bank("a", 100, 5),), (book("x", 100, 20),), ()),
    Case("another way", (bank("a", 100, 5),), (book("x", -100, 5),), ()),
    Case(
        "the serial number decides between equals",
        (bank("a", 100, 5, serial="S1"), bank("b", 100, 5)),
        (book("x", 100, 5), book("y", 100, 5, reference="S1")),
        (("a", "y", "reference", True), ("b", "x", "amount", True)),
    ),
    Case(
        "the counterparty decides between equals, though the bank cut its name",
        (bank("a", 100, 5, party="示例县第一中"), bank("b", 100, 5, party="示例公司")),
        (book("x", 100, 5, party="示例公司"), book("y", 100, 5, party="示例县第一中学")),
        (("a", "y", "counterparty", True), ("b", "x", "counterparty", True)),
    ),
    Case(
        "two honest equals are proposed in order, and uncertain",
        (bank("a", 100, 5), bank("b", 100, 6)),
        (book("x", 100, 5), book("y", 100, 6)),
        (("a", "x", "amount", False), ("b", "y", "amount", False)),
    ),
    Case(
        "one line for a whole voucher",
        (bank("a", 600, 8),),
        (book("x", 100, 7, 9), book("y", 200, 7, 9), book("z", 300, 7, 9)),
        (("a", "x+y+z", "voucher", True),),
    ),
    Case(
        "one line for a whole day",
        (bank("a", 300, 8),),
        (book("x", 100, 7), book("y", 200, 7)),
        (("a", "x+y", "day", True),),
    ),
    Case(
        "a line that only one group fits",
        (bank("a", 700, 8),),
        (book("w", 50, 6), book("x", 300, 7), book("y", 400, 9)),
        (("a", "x+y", "group", True),),
    ),
    Case(
        "a gift that came on two lines",
        (bank("a", 300, 5), bank("b", 400, 6), bank("c", 55, 6)),
        (book("x", 700, 5),),
        (("a+b", "x", "group", True),),
    ),
    Case(
        "a line that two groups fit is left alone",
        (bank("a", 300, 8),),
        (book("w", 100, 5), book("x", 200, 6), book("y", 150, 7), book("z", 150, 9)),
        (),
    ),
    Case(
        "many to many on one day",
        (bank("a", 500, 8), bank("b", 200, 8)),
        (book("x", 300, 8), book("y", 400, 8)),
        (("a+b", "x+y", "day", False),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_road(case: Case) -> None:
    found = propose(case.bank, case.book)
    assert tuple(("+".join(p.lines), "+".join(p.events), p.reason, p.certain) for p in found) == case.found


ITEMS = st.lists(st.tuples(st.integers(-6, 6).filter(bool), st.integers(1, 28)), max_size=8)


@given(lines=ITEMS, events=ITEMS)
def test_proposals_are_whole_and_apart(lines: list[tuple[int, int]], events: list[tuple[int, int]]) -> None:
    open_lines = [bank(f"l{n}", fen, day) for n, (fen, day) in enumerate(lines)]
    open_events = [book(f"e{n}", fen, day, n + 1) for n, (fen, day) in enumerate(events)]
    found = propose(open_lines, open_events)
    assert found == propose(open_lines, open_events)
    worth = {item.line: item.fen for item in open_lines} | {item.event: item.fen for item in open_events}
    taken = [name for proposal in found for name in (*proposal.lines, *proposal.events)]
    assert len(taken) == len(set(taken))
    for proposal in found:
        explained: defaultdict[str, int] = defaultdict(int)
        for part in proposal.parts:
            explained[part.line] += part.fen
            explained[part.event] += part.fen
            assert part.fen * proposal.fen > 0
        assert explained == {name: worth[name] for name in (*proposal.lines, *proposal.events)}
        assert sum(worth[name] for name in proposal.lines) == proposal.fen
