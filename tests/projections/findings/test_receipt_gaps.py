"""Receipt numbers that are missing between their neighbours, of each code by itself, with the numbers."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.flows.event import Event
from ledger.flows.giving.receipts import NO_CODE, ReceiptIssued, ReceiptReversed
from ledger.values.gaps import gaps
from ledger_api.demo.year.plants.receipts import drop_numbers
from ledger_projections.charity.receipt_gaps import ReceiptGap, receipt_gaps
from tests.flows.event_samples import make
from tests.projections.plain_log import DAY, folder, reversal, written


def issued(number: str, code: str = "4306", issued_on: date = DAY) -> Event:
    return make(ReceiptIssued, receipt=f"{code}-{number}", code=code, number=number, issued_on=issued_on)


def found(*events: Event, **asked: Any) -> tuple[ReceiptGap, ...]:
    with folder() as here:
        store = written(here / "log.db", events, day=lambda event: getattr(event, "issued_on", DAY))
        with store.read() as connection:
            rows = receipt_gaps(connection, **asked).rows
            assert receipt_gaps(connection, entity="nobody").rows == ()
        store.close()
    return rows


def test_a_gap_is_told_with_its_numbers() -> None:
    (row,) = found(issued("00000812"), issued("00000815"), issued("00000811"))
    assert (row.entity, row.code, row.first, row.last, row.count) == ("charity", "4306", "00000813", "00000814", 2)


RED = make(ReceiptReversed, receipt="4306-0001", red="4306-0002")
NO_GAP: list[tuple[str, tuple[Event, ...]]] = [
    ("one after the other", tuple(issued(f"{number:08d}") for number in (3, 1, 2))),
    ("two codes", (issued("0001"), issued("0003", "4307"))),
    ("the red letter between", (issued("0001"), RED, issued("0003"))),
    ("numbers of two lengths", (issued("0001"), issued("00000009"))),
    ("no numbers", (issued("A1"), issued("A3"))),
    ("one", (issued("0007"),)),
    ("one whose code the register does not say", (issued("0001"), issued("0002", NO_CODE), issued("0003"))),
    (
        "such ones far outside of the series",
        (issued("0104"), issued("0001", NO_CODE), issued("0105"), issued("0156", NO_CODE)),
    ),
    (
        "such ones where there are two series",
        (issued("0004"), issued("0005"), issued("0014", "4307"), issued("0007", NO_CODE)),
    ),
    (
        "a number between such ones that one of two codes has",
        (issued("0004"), issued("0012", "4307"), issued("0011", NO_CODE), issued("0013", NO_CODE)),
    ),
]


@pytest.mark.parametrize(("what", "events"), NO_GAP, ids=[case[0] for case in NO_GAP])
def test_what_is_no_gap(what: str, events: tuple[Event, ...]) -> None:
    assert found(*events) == (), what


def test_numbers_without_any_code_are_a_series_of_their_own() -> None:
    rows = found(issued("0001", NO_CODE), issued("0003", NO_CODE), issued("00000007"))
    assert [(row.code, row.first, row.last) for row in rows] == [(NO_CODE, "0002", "0002")]


def test_what_the_register_names_beside_a_series_goes_on_with_it() -> None:
    """The register has 1, 2 and 4, the export begins with 7: what lies between them is missing from the one series."""
    events = [issued(f"000{number}", NO_CODE) for number in (1, 2, 4)]
    rows = found(*events, *(issued(f"{number:04d}") for number in (7, 8, 10)), issued("0060", NO_CODE))
    assert [(row.code, row.first, row.last) for row in rows] == [
        ("4306", "0003", "0003"),
        ("4306", "0005", "0006"),
        ("4306", "0009", "0009"),
        ("4306", "0011", "0059"),
    ]


def test_what_goes_on_with_no_series_has_gaps_of_its_own() -> None:
    rows = found(issued("0501"), issued("0001", NO_CODE), issued("0003", NO_CODE))
    assert [(row.code, row.first, row.last) for row in rows] == [(NO_CODE, "0002", "0002")]


def test_of_a_gap_without_a_code_only_what_no_code_has_is_told() -> None:
    uncoded = [issued(f"00{number}", NO_CODE) for number in (11, 17)]
    rows = found(issued("0004"), issued("0013", "4307"), issued("0015", "4307"), *uncoded)
    told = [(row.code, row.first, row.last) for row in rows]
    assert told == [
        ("4307", "0014", "0014"),
        (NO_CODE, "0012", "0012"),
        (NO_CODE, "0014", "0014"),
        (NO_CODE, "0016", "0016"),
    ]


def test_what_a_charity_left_uncoded_before_and_after_another_joined_the_book_is_one_series() -> None:
    rows = found(issued("0001", NO_CODE), issued("0002", f"{NO_CODE}.charity"), issued("0004", NO_CODE))
    assert [(row.code, row.first, row.last) for row in rows] == [(NO_CODE, "0003", "0003")]
    assert found(issued("0001"), issued("0002", f"{NO_CODE}.charity"), issued("0003")) == ()


def test_what_was_taken_back_leaves_a_gap_from_then_on() -> None:
    events = [issued(f"000{number}") for number in (1, 2, 3)]
    events.append(reversal(events[1], 2))
    assert found(*events, at=3) == ()
    assert [(row.first, row.last) for row in found(*events)] == [("0002", "0002")]


@given(st.sets(st.integers(0, 60)))
def test_gaps_and_numbers_tile_the_series(numbers: set[int]) -> None:
    missing = [number for first, last in gaps(numbers) for number in range(first, last + 1)]
    whole = range(min(numbers), max(numbers) + 1) if numbers else range(0)
    assert sorted([*numbers, *missing]) == list(whole)


@given(st.integers(3, 60), st.integers(0, 10_000_000))
def test_the_planted_gap_is_the_one_that_is_found(many: int, first: int) -> None:
    numbers = [f"{number:08d}" for number in range(first, first + many)]
    left = drop_numbers(numbers)
    (gap,) = gaps(map(int, left))
    assert [f"{gap[0]:08d}", f"{gap[1]:08d}"] == sorted({*numbers} - {*left}) * 2


def test_a_number_used_later_is_a_gap_on_the_day_before() -> None:
    events = [issued(f"000{n}", issued_on=date(2025, 9, day)) for n, day in ((1, 1), (3, 2), (2, 3))]
    assert found(*events) == ()
    assert [(row.first, row.last) for row in found(*events, as_of=date(2025, 9, 2))] == [("0002", "0002")]
    assert found(*events, as_of=date(2025, 9, 1)) == ()
