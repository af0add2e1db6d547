"""Vouchers that lie far behind what their own book had come to when they were posted."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.log.appending import append_vouchers, read_head
from ledger.log.store import LogStore
from ledger_projections.books.late_entries import LATE_DAYS, LateEntry, late_entries
from tests.flows.public_money import samples_redress as r
from tests.projections.plain_log import folder, voucher_of, written

REACHED = date(2025, 9, 30)


def found(*dates: date, entities: str = "", **asked: Any) -> tuple[LateEntry, ...]:
    """The late ones of vouchers of these dates; `entities` names each one's by a letter (none: all of one)."""
    with folder() as here:
        store: LogStore = written(here / "log.db", ())
        events = [r.clue(clue=f"C{number}") for number in range(len(dates))]
        owners = entities or "a" * len(dates)
        with store.write() as connection:
            made = [
                replace(voucher_of(event, number, number, owner), voucher_date=day)
                for number, (event, owner, day) in enumerate(zip(events, owners, dates, strict=True), 1)
            ]
            append_vouchers(connection, read_head(connection), made)
        with store.read() as connection:
            rows = late_entries(connection, **asked).rows
        store.close()
    return rows


@pytest.mark.parametrize(("behind", "late"), [(0, 0), (LATE_DAYS, 0), (LATE_DAYS + 1, 1)])
def test_a_month_is_no_delay_and_a_day_more_is(behind: int, late: int) -> None:
    rows = found(REACHED, REACHED - timedelta(days=behind))
    assert len(rows) == late
    for row in rows:
        assert (row.number, row.first_position, row.reached, row.days) == (2, 2, REACHED, behind)
        assert (row.kinds, row.maker, row.voucher_no) == (("clue.raised",), "zhang", None)


def test_the_newest_date_counts_and_not_the_last() -> None:
    rows = found(date(2025, 3, 1), REACHED, date(2025, 9, 1), date(2025, 8, 1))
    assert [(row.number, row.days) for row in rows] == [(4, 60)]


def test_an_entity_is_late_by_its_own_book() -> None:
    days = (REACHED, date(2025, 1, 5), date(2025, 1, 6), date(2025, 1, 7))
    assert [row.number for row in found(*days, entities="abab")] == [3]
    assert found(*days, entities="abab", entity="b") == ()


def test_it_is_asked_of_a_position_and_of_another_limit() -> None:
    days = (REACHED, date(2025, 9, 20), date(2025, 6, 1))
    assert [row.number for row in found(*days, limit_days=5)] == [2, 3]
    assert [row.number for row in found(*days, limit_days=5, at=2)] == [2]


def test_a_business_date_chooses_the_vouchers_and_does_not_say_how_late_they_came() -> None:
    """The order of the log does: what was late stays late, seen on a day that lies before all that it was late for."""
    days = (date(2025, 6, 1), REACHED, date(2025, 6, 2), date(2025, 7, 1))
    assert [(row.number, row.days) for row in found(*days, as_of=date(2025, 6, 30))] == [(3, 120)]
    assert found(*days, as_of=date(2025, 6, 1)) == ()
    assert found(*days, as_of=date(2025, 6, 30), at=2) == ()
