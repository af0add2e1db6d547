"""Legs: what every helper makes is balanced in each fund and book, and what is not balanced is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts.legs import Book, Leg, between_funds, commitment, credit, debit, pledged, require_balanced
from ledger.accounts.roles import LIQUID, Role
from ledger.errors import EvidenceError

BOOKS: tuple[Book, ...] = ("main", "commitment", "memo")
FEN = st.integers(-(10**12), 10**12)


@given(FEN, st.sampled_from(sorted(LIQUID)))
def test_helpers_balance(fen: int, role: Role) -> None:
    require_balanced(commitment("school", fen, "grant-1"))
    require_balanced(pledged("school", fen, "pledge-1"))
    require_balanced(between_funds("free", "school", role, fen, "icbc"))
    require_balanced((debit("school", role, fen, "icbc"), credit("school", Role.DONATION_RESTRICTED, fen)))


@given(FEN)
def test_money_between_funds_is_zero_for_the_entity(fen: int) -> None:
    legs = between_funds("free", "school", Role.BANK, fen, "icbc")
    for role in (Role.BANK, Role.INTERFUND):
        assert sum(leg.amount_fen for leg in legs if leg.role is role) == 0
    assert sum(leg.amount_fen for leg in legs if leg.fund == "school" and leg.role is Role.BANK) == fen


@given(st.integers(1, 10**12), st.sampled_from(BOOKS))
def test_what_does_not_balance_is_named(fen: int, book: Book) -> None:
    odd = Leg("school", Role.BANK, fen, "icbc", book)
    with pytest.raises(EvidenceError) as raised:
        require_balanced((*commitment("school", 5), *pledged("free", 7), odd))
    assert raised.value.code == "E_UNBALANCED"
    assert raised.value.params == {"fund": "school", "book": book, "amount_fen": fen}


def test_a_fund_may_not_balance_another() -> None:
    with pytest.raises(EvidenceError):
        require_balanced((debit("free", Role.BANK, 5), credit("school", Role.BANK, 5)))
