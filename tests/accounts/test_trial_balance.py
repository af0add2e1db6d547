"""The trial balance: it ties or names the fund, its sums are those of a naive count, its order is one."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.legs import Book
from ledger.accounts.trial_balance import TrialRow, leaf_values, trial_balance
from ledger.errors import EvidenceError

Posting = tuple[str, str, Book, int]
"""Fund, code, book and signed fen of one posting."""

FUNDS = ("free", "school")
CODES = ("1002", "2601", "410101", "5101")
BOOKS: tuple[Book, ...] = ("main", "commitment", "memo")


def balanced() -> st.SearchStrategy[list[Posting]]:
    """Postings in pairs, so that each fund and book sums to zero."""
    pair = st.tuples(
        st.sampled_from(FUNDS),
        st.sampled_from(CODES),
        st.sampled_from(CODES),
        st.sampled_from(BOOKS),
        st.integers(-10_000, 10_000),
    )
    return st.lists(pair, max_size=12).map(
        lambda pairs: [leg for f, a, b, book, fen in pairs for leg in ((f, a, book, fen), (f, b, book, -fen))],
    )


def rows_of(before: list[Posting], during: list[Posting]) -> list[TrialRow]:
    sums: defaultdict[tuple[str, str, Book], list[int]] = defaultdict(lambda: [0, 0, 0])
    for fund, code, book, fen in before:
        sums[fund, code, book][0] += fen
    for fund, code, book, fen in during:
        sums[fund, code, book][1 if fen > 0 else 2] += abs(fen)
    return [TrialRow(f, "npo-2004", c, "", b, *fens) for (f, c, b), fens in sums.items()]


@given(balanced(), balanced(), st.data())
def test_balanced_postings_tie_in_any_order(before: list[Posting], during: list[Posting], data: st.DataObject) -> None:
    rows = rows_of(before, during)
    trial = trial_balance("charity", "2025-09", rows)
    assert trial_balance("charity", "2025-09", data.draw(st.permutations(rows))) == trial
    for book in BOOKS:
        assert trial.total(book).ties
        assert trial.total(book).debit_fen == sum(abs(fen) for _, _, b, fen in during if b == book and fen > 0)
        for fund, sums in trial.by(lambda row: row.fund, book).items():
            assert fund in FUNDS
            assert sums.closing_debit_fen == sums.closing_credit_fen == 0
    for (code,), sums in trial.by(lambda row: (row.code,)).items():
        closing = sum(fen for _, c, b, fen in before + during if c == code and b == "main")
        assert sums.closing_debit_fen - sums.closing_credit_fen == closing
        assert min(sums.closing_debit_fen, sums.closing_credit_fen) == 0


@given(
    balanced(),
    balanced(),
    st.sampled_from(FUNDS),
    st.sampled_from(BOOKS),
    st.integers(1, 100),
    st.sampled_from(["before", "during"]),
)
def test_one_posting_without_its_counterpart_is_named(
    before: list[Posting],
    during: list[Posting],
    fund: str,
    book: Book,
    fen: int,
    place: str,
) -> None:
    (before if place == "before" else during).append((fund, "1002", book, fen))
    with pytest.raises(EvidenceError, match="E_TRIAL") as raised:
        trial_balance("charity", "2025-09", rows_of(before, during))
    assert raised.value.code == "E_TRIAL"
    assert (raised.value.params["fund"], raised.value.params["book"]) == (fund, book)


def row(**given: Any) -> TrialRow:
    return replace(TrialRow("free", "npo-2004", "1002", "", "main", 5, 0, 0), **given)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: [*rows, rows[0]],
        lambda rows: [*rows, row(code="5101", opening_fen=0, debit_fen=-1)],
        lambda rows: [*rows, row(code="5101", opening_fen=0, credit_fen=-1)],
    ],
    ids=["an account twice", "a negative debit", "a negative credit"],
)
def test_a_bad_row_is_refused(spoil: Callable[[list[TrialRow]], list[TrialRow]]) -> None:
    rows = [row(), row(code="410101", opening_fen=-5)]
    trial_balance("charity", "2025-09", rows)
    with pytest.raises(EvidenceError, match="E_TRIAL_ROW"):
        trial_balance("charity", "2025-09", spoil(rows))


def test_rows_that_never_moved_leave_no_trace_in_the_root() -> None:
    rows = [row(), row(code="410101", opening_fen=-5)]
    still = row(code="5101", opening_fen=0)
    assert leaf_values(trial_balance("charity", "2025-09", [*rows, still])) == leaf_values(
        trial_balance("charity", "2025-09", rows),
    )


@given(st.integers(-3, 3), st.integers(0, 3), st.integers(0, 3))
def test_the_root_input_changes_with_every_figure(opening: int, debit: int, credit: int) -> None:
    def values(o: int, d: int, c: int) -> object:
        mine = row(opening_fen=o, debit_fen=d, credit_fen=c)
        other = row(code="410101", opening_fen=-o, debit_fen=c, credit_fen=d)
        return leaf_values(trial_balance("charity", "2025-09", [mine, other]))

    head, *found = leaf_values(trial_balance("charity", "2025-09", [row(), row(code="410101", opening_fen=-5)]))
    assert head == {"entity": "charity", "period": "2025-09", "rows": 2}
    assert [one["closing_fen"] for one in found] == [5, -5]
    assert (values(opening, debit, credit) == values(5, 0, 0)) == ((opening, debit, credit) == (5, 0, 0))


def test_entity_and_period_are_under_the_root() -> None:
    rows = [row(), row(code="410101", opening_fen=-5)]
    heads = {str(leaf_values(trial_balance(e, p, rows))[0]) for e in ("a", "b") for p in ("2025-09", "2025-10")}
    assert len(heads) == 4
