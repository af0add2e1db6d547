"""The check digit of bank cards, against published examples and the two slips that it must find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.values.cards import card_check_digit


@pytest.mark.parametrize("card", ["79927398713", "4111111111111111", "5555555555554444", "378282246310005"])
def test_published_numbers(card: str) -> None:
    assert card_check_digit(card[:-1]) == card[-1]


@given(st.text("0123456789", min_size=12, max_size=18), st.data())
def test_one_other_digit_is_always_found(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert card_check_digit(digits[:place] + other + digits[place + 1 :]) != card_check_digit(digits)
