"""The bank reconciliation: it ties on every day whatever was matched, late, reversed or never seen by one side."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.accounts.roles import Role
from ledger.application.matching import propose_allocations
from ledger.flows.books.opening import OpeningRecorded
from ledger.flows.books.opening_lists import OpeningBankItem, OpeningLine, OpeningPaper
from ledger.flows.collecting.suspense import SuspenseCleared, SuspenseReceived
from ledger_projections import registry
from ledger_projections.books.reconciliation import holders, reconciliation, reconciliations
from tests.flows.event_samples import make
from tests.flows.public_money import samples_relief as relief
from tests.projections.books.bank_events import SEPTEMBER, allocated, fee, gift, line, statement
from tests.projections.opened_book import BUREAU, CHARITY, OpenedBook, opened
from tests.projections.plain_log import folder


def test_the_table_of_an_account(book: OpenedBook, tmp_path: Path) -> None:
    """One item of each of the four kinds, a gift on two lines, a fee that names its line."""
    mine = book.copy(tmp_path / "b.db")
    whole, in_transit = gift("D1", 100_000, 5), gift("D2", 30_000, 29)
    mine.post(CHARITY, whole, in_transit, fee("F0", 700, 30))
    lines = [
        line("l1", 60_000, 5),
        line("l2", 40_000, 6),
        line("l3", -500, 7),
        line("l4", 9_000, 8),
        line("l5", -80, 9),
    ]
    closing = 60_000 + 40_000 - 500 + 9_000 - 80
    mine.post(CHARITY, statement("s-a", closing), *lines, note="对账单")
    mine.post(CHARITY, allocated("l1", (whole, 60_000)), allocated("l2", (whole, 40_000)), fee("F1", 500, 7, "l3"))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        assert (found.bank_fen, found.book_fen) == (closing, 100_000 + 30_000 - 700 - 500)
        assert (found.book_in_fen, found.book_out_fen) == (30_000, 700)
        assert (found.bank_in_fen, found.bank_out_fen) == (9_000, 80)
        assert found.adjusted_bank_fen == found.adjusted_book_fen == 137_720
        assert found.agrees
        assert [item.line for item in found.bank_items] == ["l4", "l5"]
        assert [item.kind for item in found.book_items] == ["donation.received", "bank.fee"]
        early = reconciliation(connection, CHARITY, "icbc", date(2025, 9, 5))
        assert (early.bank_fen, early.book_fen, early.book_in_fen) == (60_000, 100_000, 40_000)
        assert early.agrees
        assert reconciliations(connection, CHARITY, SEPTEMBER).rows == (found,)
        assert reconciliation(connection, CHARITY, "icbc", SEPTEMBER, at=mine.head - 3).book_in_fen == 130_000
        unknown = reconciliation(connection, CHARITY, "icbc", date(2025, 8, 31))
        assert (unknown.bank_fen, unknown.difference_fen, unknown.agrees) == (None, None, False)
    mine.close()


def test_an_account_is_listed_from_where_it_first_held_money(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, gift("D1", 100, 5))
    before = mine.head
    mine.post(CHARITY, gift("D2", 200, 6, account="ccb"))
    mine.post(CHARITY, statement("s-b", 0, account="rcc"), note="对账单")
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        listed = {
            at: [row.account for row in reconciliations(connection, CHARITY, SEPTEMBER, at=at).rows]
            for at in (before - 1, before, before + 1, mine.head, None)
        }
        assert [holders(connection, at=at) for at in (before - 1, before)] == [[], [CHARITY]]
    assert listed == {
        before - 1: [],
        before: ["icbc"],
        before + 1: ["ccb", "icbc"],
        mine.head: ["ccb", "icbc", "rcc"],
        None: ["ccb", "icbc", "rcc"],
    }
    mine.close()


def test_waiting_money_that_got_its_name_is_nothing_open(book: OpenedBook, tmp_path: Path) -> None:
    """The line is explained by the money's arrival; what it turned out to be and the clearing are one and the same."""
    mine = book.copy(tmp_path / "b.db")
    where = {"suspense": "S1", "fund": "general", "means": "bank", "account": "icbc"}
    on = date(2025, 9, 5)
    mine.post(CHARITY, statement("s-a", 10_000), line("l1", 10_000, 5), note="对账单")
    mine.post(CHARITY, make(SuspenseReceived, **where, amount_fen=10_000, line="l1", memo=None, occurred_on=on))
    whose = make(SuspenseCleared, **where, amount_fen=4_000, known_as="other", identified_on=on)
    mine.post(CHARITY, whose, gift("D1", 4_000, 5), gift("D2", 300, 5))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
    assert ([item.fen for item in found.bank_items], [item.fen for item in found.book_items]) == ([], [300])
    assert (found.book_fen, found.agrees) == (10_300, True)
    mine.close()


def test_a_trimmed_statement_leaves_a_difference(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, statement("s-a", 15_000), line("l1", 10_000, 5), note="对账单")
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        assert (found.difference_fen, found.agrees) == (5_000, False)
    mine.close()


@pytest.mark.parametrize(
    ("opening_fen", "over", "carried", "difference_fen"),
    [
        (3_000, {}, ["D0", "D1"], 0),  # both were at the bank before its first line
        (1_000, {}, ["D0"], 0),  # the first day's gift is really in transit
        (2_000, {}, [], 2_000),  # the second alone: nobody knows why the older one is missing
        (0, {}, [], 0),
    ],
)
def test_what_came_before_the_first_statement_is_in_its_opening_balance(
    book: OpenedBook,
    tmp_path: Path,
    opening_fen: int,
    over: dict[str, Any],
    carried: list[str],
    difference_fen: int,
) -> None:
    mine = book.copy(tmp_path / "b.db")
    gifts = [gift("D0", 1_000, 3), gift("D1", 2_000, 8), gift("D2", 500, 20)]
    mine.post(CHARITY, *gifts)
    days = {"first_day": date(2025, 9, 8), "opening_fen": opening_fen}
    mine.post(CHARITY, statement("s-a", opening_fen - 100, **days), line("l1", -100, 8), fee("F1", 100, 8, "l1"))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        names = {one.id: one.donation for one in gifts}
        assert [names[item.event] for item in found.carried_items] == carried
        assert [names[item.event] for item in found.book_items] == [n for n in ("D0", "D1", "D2") if n not in carried]
        assert found.difference_fen == difference_fen
    mine.close()


def test_what_is_on_its_way_on_the_first_day_is_not_carried(book: OpenedBook, tmp_path: Path) -> None:
    """In and out of the first day cancel out: they stay open, for their lines are still to come."""
    mine = book.copy(tmp_path / "b.db")
    mine.post(CHARITY, gift("D0", 1_000, 1), gift("D1", 300, 2), fee("F1", 300, 2))
    days = {"first_day": date(2025, 9, 2), "opening_fen": 1_000}
    mine.post(CHARITY, statement("s-a", 1_000, **days, line_count=0))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        assert [item.fen for item in found.carried_items] == [1_000]
        assert [item.fen for item in found.book_items] == [300, -300]
        assert found.agrees
    mine.close()


def test_a_correction_by_the_bank_waits_for_its_other_half(book: OpenedBook, tmp_path: Path) -> None:
    """The bank took a credit back (冲正) and gave it again on the 20th; on no day is more open than there is.

    The second statement line came first to the desk: allocated before the pair that cancels out.
    """
    mine = book.copy(tmp_path / "b.db")
    given = gift("D1", 1_000, 5)
    mine.post(CHARITY, given)
    lines = [line("l1", 1_000, 5), line("l2", -1_000, 8), line("l3", 1_000, 20)]
    mine.post(CHARITY, statement("s-a", 1_000), *lines, note="对账单")
    for name, fen in (("l3", 1_000), ("l2", -1_000)):
        mine.post(CHARITY, allocated(name, (given, fen)))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        lonely = {day: reconciliation(connection, CHARITY, "icbc", date(2025, 9, day)) for day in (5, 8, 20)}
        matches = propose_allocations(connection, CHARITY, "icbc", until=SEPTEMBER).matches
        assert [[part.line for part in match.lines] for match in matches] == [["l1"]]  # free again: it takes the third
    shown = {
        day: ([(item.line, item.fen) for item in found.bank_items], [item.fen for item in found.book_items])
        for day, found in lonely.items()
    }
    assert shown == {
        5: ([("l1", 1_000)], [1_000]),
        8: ([("l1", 1_000), ("l2", -1_000)], [1_000]),
        20: ([("l1", 1_000)], [1_000]),
    }
    mine.post(CHARITY, allocated("l1", (given, 1_000)))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        for day in range(5, 31):
            found = reconciliation(connection, CHARITY, "icbc", date(2025, 9, day))
            assert found.agrees
            gone = 8 <= day < 20
            assert (found.bank_items, [item.fen for item in found.book_items]) == ((), [1_000] if gone else [])
    mine.close()


def test_a_reversed_event_explains_its_line_no_more(book: OpenedBook, tmp_path: Path) -> None:
    mine = book.copy(tmp_path / "b.db")
    wrong = gift("D1", 10_000, 5)
    position = mine.post(CHARITY, wrong).first_position
    mine.post(CHARITY, statement("s-a", 10_000), line("l1", 10_000, 5), note="对账单")
    mine.post(CHARITY, allocated("l1", (wrong, 10_000)))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        assert reconciliation(connection, CHARITY, "icbc", SEPTEMBER).bank_items == ()
    mine.reverse(CHARITY, wrong, position)
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        assert ([(item.line, item.stale_fen) for item in found.bank_items], found.book_items) == ([("l1", 10_000)], ())
        assert found.agrees
        assert propose_allocations(connection, CHARITY, "icbc").matches == ()
    mine.close()


def test_a_book_that_begins_with_open_items_ties_from_its_first_day(book: OpenedBook, tmp_path: Path) -> None:
    """The bank had 300 more than the old books, and 50 less; later the 300 are booked, and the 50 leave the bank."""
    mine = book.copy(tmp_path / "b.db")
    lines = [(Role.BANK, "icbc", 100_000), (Role.NET_UNRESTRICTED, "", -100_000)]
    items = [("bank", 30_000), ("book", -5_000)]
    opening = make(
        OpeningRecorded,
        entity=CHARITY,
        period="2025-09",
        on=date(2025, 9, 1),
        lines=tuple(
            make(OpeningLine, fund="general", role=role, party=party, year_start_fen=fen, balance_fen=fen)
            for role, party, fen in lines
        ),
        net_unrestricted_fen=100_000,
        net_restricted_fen=0,
        papers=(make(OpeningPaper, paper="trial_balance"),),
        bank_items=tuple(
            make(OpeningBankItem, account="icbc", seen_by=by, on=date(2025, 8, 30), amount_fen=fen) for by, fen in items
        ),
    )
    mine.post(CHARITY, opening, on=date(2025, 9, 1))
    mine.post(CHARITY, statement("s-a", 130_000, opening_fen=135_000), line("l1", -5_000, 3), note="对账单")
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        before = reconciliation(connection, CHARITY, "icbc", date(2025, 9, 2))
        assert (before.bank_fen, before.book_fen, before.bank_in_fen, before.book_out_fen) == (
            135_000,
            100_000,
            30_000,
            5_000,
        )
        assert before.agrees
    mine.post(CHARITY, gift("D1", 30_000, 10))
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        after = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        assert (after.bank_fen, after.book_fen) == (130_000, 130_000)
        assert after.agrees
        assert [item.line for item in after.bank_items] == ["opening:1", "l1"]
    mine.close()


def test_the_paying_banks_account_is_reconciled_by_batch(tmp_path: Path) -> None:
    """What finance moved into transit and what the paying bank credited, against the one line of each side."""
    made = opened(tmp_path)
    made.post(BUREAU, *relief.setup(), on=date(2025, 1, 2))
    made.post(BUREAU, relief.confirmed(), on=date(2025, 1, 10))
    made.post(BUREAU, relief.prepared(on=date(2025, 9, 2)), relief.authorised())
    made.post(BUREAU, relief.reviewed(on=date(2025, 9, 3)), relief.approved(on=date(2025, 9, 3)))
    order = relief.funded(account="rcc-transit")
    made.post(BUREAU, order)
    result = relief.paid()
    made.post(BUREAU, result, note="回盘")
    there = {"account": "rcc-transit", "statement": "s-a"}
    lines = (line("l1", relief.LINE_FEN, 8, **there), line("l2", -relief.LINE_FEN, 8, **there))
    made.post(BUREAU, statement("s-a", 0, account="rcc-transit"), *lines, note="对账单")
    made.post(BUREAU, allocated("l1", (order, relief.LINE_FEN)), allocated("l2", (result, -relief.LINE_FEN)))
    registry.catch_up(made.store)
    with made.store.read() as connection:
        found = reconciliation(connection, BUREAU, "rcc-transit", SEPTEMBER)
        assert (found.bank_fen, found.book_fen, found.bank_items, found.book_items) == (0, 0, (), ())
        assert found.agrees
    made.close()


Move = tuple[bool, int, int]
"""(in, fen, day)."""
MATCHES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=6)
MOVES = st.lists(st.tuples(st.booleans(), st.integers(1, 4), st.integers(1, 28)), max_size=6)


@settings(max_examples=10)
@given(bank=MOVES, books=MOVES, matches=MATCHES, back=st.booleans())
def test_it_ties_on_every_day(
    book: OpenedBook,
    bank: Sequence[Move],
    books: Sequence[Move],
    matches: Sequence[tuple[int, int]],
    back: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """A whole statement and a book that began with nothing: they agree on each day, however they were matched."""
    with folder() as here:
        mine = book.copy(here / "b.db")
        said = [(1 if into else -1) * fen for into, fen, _ in bank]
        lines = [line(f"l{n}", fen, day) for n, (fen, (_, _, day)) in enumerate(zip(said, bank, strict=True))]
        events = [
            gift(f"D{n}", fen, day) if into else fee(f"F{n}", fen, day) for n, (into, fen, day) in enumerate(books)
        ]
        positions = [mine.post(CHARITY, one, note="补记").first_position for one in events]
        mine.post(CHARITY, statement("s-a", sum(said)), *lines, note="对账单")
        for at, to in matches:
            if at < len(lines) and to < len(events):
                fen = min(said[at], (1 if books[to][0] else -1) * books[to][1], key=abs)
                mine.try_post(CHARITY, allocated(f"l{at}", (events[to], fen)))
        if back and events and books[-1][0]:
            mine.try_reverse(CHARITY, events[-1], positions[-1])
        registry.catch_up(mine.store, ["bank"], page=4)
        with mine.store.read() as connection:
            for day in range(1, 31):
                found = reconciliation(connection, CHARITY, "icbc", date(2025, 9, day))
                assert found.agrees
                assert found.bank_fen == sum(f for f, (_, _, on) in zip(said, bank, strict=True) if on <= day)
                assert all(abs(item.fen) <= abs(item.whole_fen) for item in found.bank_items)
                assert all(abs(item.fen) <= abs(item.whole_fen) for item in found.book_items)
            proposals = propose_allocations(connection, CHARITY, "icbc", until=SEPTEMBER)
        if proposals.matches:
            mine.post(CHARITY, *proposals.events("icbc"))
        registry.catch_up(mine.store, ["bank"])
        with mine.store.read() as connection:
            left = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
            explained = {each.line for proposal in proposals.matches for each in proposal.lines}
            assert not explained & {item.line for item in left.bank_items}
            assert left.agrees
        mine.close()
