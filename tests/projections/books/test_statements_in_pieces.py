"""A day's balance is where the walk over its lines ends: neither the order of the statements that bring them nor a
closing balance that was read from the wrong row changes it.
"""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from ledger.flows.event import Event
from ledger_projections import registry
from ledger_projections.books.reconciliation import reconciliation
from tests.projections.books.bank_events import SEPTEMBER, fee, gift, line, statement
from tests.projections.opened_book import CHARITY, OpenedBook


def piece(number: int, days: tuple[int, int], opening_fen: int, *told: tuple[str, int]) -> tuple[Event, ...]:
    """A statement of an account with its lines, of days of September."""
    name, balance = f"s-{number}", opening_fen
    lines: list[Event] = []
    for at, (moment, fen) in enumerate(told):
        balance += fen
        when = {"occurred_at": f"2025-09-{moment}+08:00", "balance_fen": balance, "statement": name}
        lines.append(line(f"l{number}-{at}", fen, 1, **when))
    first, last = (date(2025, 9, day) for day in days)
    return (
        statement(name, balance, first_day=first, last_day=last, opening_fen=opening_fen, line_count=len(told)),
        *lines,
    )


PIECES = {
    "one piece ends in the morning, the next in the evening": (("07T09:00:00", 100), ("07T17:00:00", -20)),
    "the same without times": (("07T00:00:00", 100), ("07T00:00:00", -20)),
    "money that came and went": (("07T09:00:00", 100), ("07T17:00:00", -100)),
    "money that came and went without times": (("07T00:00:00", 100), ("07T00:00:00", -100)),
}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("case", PIECES)
def test_the_bank_s_balance_does_not_know_in_which_order_its_pieces_came(
    book: OpenedBook, tmp_path: Path, case: str, order: Sequence[int]
) -> None:
    mine = book.copy(tmp_path / "b.db")
    morning, evening = PIECES[case]
    closing = 1_000 + morning[1] + evening[1]
    pieces = [
        piece(1, (1, 5), 0, ("05T09:00:00", 1_000)),
        piece(2, (6, 7), 1_000, morning),
        piece(3, (7, 7), 1_100, evening),
    ]
    for number in order:
        mine.post(CHARITY, *pieces[number], note="对账单")
    mine.post(CHARITY, gift("D1", 1_000, 5), gift("D2", 100, 7), fee("F1", -evening[1], 7), note="补记")
    registry.catch_up(mine.store)
    with mine.store.read() as connection:
        found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
        assert (found.statement, found.bank_fen, found.difference_fen) == ("s-3", closing, 0)
        early = reconciliation(connection, CHARITY, "icbc", date(2025, 9, 6))
        assert (early.bank_fen, early.difference_fen) == (1_000, 0)
    mine.close()


def test_a_closing_balance_that_was_read_from_the_wrong_row(book: OpenedBook, tmp_path: Path) -> None:
    """The lines say where the day ended; but a closing balance that no line comes by means that a line is missing."""
    _, *lines = piece(1, (1, 7), 0, ("05T09:00:00", 1_000), ("07T09:00:00", 100), ("07T17:00:00", -20))
    for at, (said, kept, closing, found_fen) in enumerate(
        ((1_100, lines[:1] + lines[:0:-1], 1_080, 0), (1_080, lines[:2], 1_080, -20))
    ):
        mine = book.copy(tmp_path / f"{at}.db")
        mine.post(
            CHARITY, statement("s-1", said, first_day=date(2025, 9, 1), last_day=date(2025, 9, 7)), *kept, note="对账单"
        )
        registry.catch_up(mine.store)
        with mine.store.read() as connection:
            found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
            assert (found.bank_fen, found.difference_fen) == (closing, found_fen)
        mine.close()


def test_what_is_carried_does_not_know_which_piece_of_the_first_day_came_first(
    book: OpenedBook, tmp_path: Path
) -> None:
    pieces = [piece(1, (7, 7), 3_000, ("07T09:00:00", 100)), piece(2, (7, 8), 3_100, ("07T17:00:00", 50))]
    for at, order in enumerate((pieces, pieces[::-1])):
        mine = book.copy(tmp_path / f"{at}.db")
        mine.post(CHARITY, gift("D0", 3_000, 3), note="补记")
        for one in order:
            mine.post(CHARITY, *one, note="对账单")
        registry.catch_up(mine.store)
        with mine.store.read() as connection:
            found = reconciliation(connection, CHARITY, "icbc", SEPTEMBER)
            assert ([item.fen for item in found.carried_items], found.difference_fen) == ([3_000], 0)
        mine.close()
