"""Serial numbers of the bank in the spellings of its files, and what the editions before the tenth made of a day."""

import pytest

from ledger.flows.event import Event
from ledger.flows.public_money.payment.tellings import Told, is_same, serial
from tests.flows.public_money.cases_tellings import EARLIER
from tests.flows.public_money.samples_relief import book


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("8501D0000001", "8501D0000001"),
        ("0012-34 a", "001234A"),
        ("序号7", None),
        ("4.31E+17", None),
        ("0000", None),
        ("-", None),
        (None, None),
    ],
)
def test_a_serial_number_has_one_spelling(said: str | None, plain: str | None) -> None:
    assert serial(said) == plain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Told(50, "S1"), Told(50, "S2"), False),
        (Told(50, "S1"), Told(50, None), True),
        (Told(50, "S1"), Told(40, "S1"), True),
        (Told(50, "S1"), Told(40, None), False),
        (Told(50, "1"), Told(50, "11"), False),
        (Told(50, "8501D0000001"), Told(50, "20250912-8501D0000001"), True),
        (Told(50, "12"), Told(50, "00000012"), True),
        (Told(50, "00000012"), Told(50, "2025092800000012"), True),
        (Told(50, "0000123456"), Told(50, "1000123456"), False),
    ],
)
def test_results_of_a_day_are_told_apart(one: Told, other: Told, same: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_same(one, other) is is_same(other, one) is same


@pytest.mark.parametrize("edition", range(5, 10))
@pytest.mark.parametrize(("before", "event", "code"), EARLIER.values(), ids=EARLIER)
def test_earlier_editions_knew_one_result_a_day(
    before: tuple[Event, ...], event: Event, code: str, edition: int
) -> None:
    model = book(*before)
    assert code not in model.codes(event)
    model.edition = edition
    assert code in model.codes(event)
