"""Days, months and instants have one spelling each; any other spelling of the same moment is refused."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.values.dates import (
    TZ,
    Period,
    day_text,
    months_between,
    parse_day,
    parse_timestamp,
    periods,
    timestamp_text,
)

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
months = days.map(Period.of)
moments = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.timezones())  # noqa: DTZ001 - the bounds have no zone, the strategy gives one


@given(days)
def test_a_day_is_read_back(day: date) -> None:
    assert parse_day(day_text(day)) == day
    assert day_text(day) == day.isoformat()


@given(moments)
def test_an_instant_is_read_back_to_the_second(moment: datetime) -> None:
    # Before 1901 China's zone data held local mean time; ours is +08:00 throughout.
    text = timestamp_text(moment)
    assert parse_timestamp(text) == moment.astimezone(TZ).replace(microsecond=0)
    assert len(text) == len("2025-09-05T09:14:00+08:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-9-5",
        "2025/09/05",
        "20250905",
        "2025-02-30",
        "2025-13-01",
        "2025-00-10",
        "2025-09-00",
        "1899-12-31",
        "2200-01-01",
        "2025-09-05 ",
        " 2025-09-05",
        "2025-09-05\n",
        "２０２５-09-05",
        "2025-W36-5",
        "2025-09-05T00:00:00",
        "+2025-09-05",
        date(2025, 9, 5),
        20250905,
        None,
    ],
    ids=repr,
)
def test_other_spellings_of_a_day_are_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_DATE"):
        parse_day(text, "voucher_date")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-09-05T09:14:00Z",
        "2025-09-05T09:14:00+0800",
        "2025-09-05T09:14:00",
        "2025-09-05 09:14:00+08:00",
        "2025-09-05t09:14:00+08:00",
        "2025-09-05T09:14:00.000+08:00",
        "2025-09-05T09:14+08:00",
        "2025-09-05T24:00:00+08:00",
        "2025-09-05T09:60:00+08:00",
        "2025-09-05T09:14:60+08:00",
        "2025-09-05T01:14:00+00:00",
        "2025-09-05T09:14:00+08:00\n",
        "2025-09-05T09:14:00+09:00",
        "2025-9-05T09:14:00+08:00",
        None,
        0,
    ],
    ids=repr,
)
def test_other_spellings_of_an_instant_are_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_TIMESTAMP"):
        parse_timestamp(text)


@pytest.mark.parametrize("text", ["2025-02-30T09:14:00+08:00", "1899-12-31T23:59:59+08:00"])
def test_an_instant_of_no_day_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="E_DATE"):
        parse_timestamp(text)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="E_TIMESTAMP"):
        timestamp_text(datetime(2025, 9, 5))  # noqa: DTZ001 - the point of the test


def test_the_zone_is_chinas() -> None:
    assert timestamp_text(datetime(2025, 9, 5, 1, 14, 7, 999_999, tzinfo=UTC)) == "2025-09-05T09:14:07+08:00"
    assert (
        timestamp_text(datetime(2025, 12, 31, 18, tzinfo=timezone(timedelta(hours=-5)))) == "2026-01-01T07:00:00+08:00"
    )
    assert parse_timestamp("2026-01-01T08:00:00+08:00").timestamp() == 1_767_225_600


@given(months, st.integers(-1000, 1000))
def test_months_count_both_ways(first: Period, step: int) -> None:
    try:
        last = first.plus(step)
    except InputError as refused:
        assert refused.code == "E_PERIOD"  # noqa: PT017 - beyond 1900 to 2199 there is no month
        return
    assert months_between(first, last) == step
    assert (first < last) == (step > 0)
    assert last.plus(-step) == first
    assert len(list(periods(first, last))) == max(step + 1, 0)


@given(months)
def test_a_month_holds_its_days_and_no_other(month: Period) -> None:
    one = timedelta(days=1)
    assert Period.parse(str(month)) == month
    assert month.first_day in month
    assert month.last_day in month
    assert month.first_day - one not in month
    assert month.last_day + one not in month
    assert month.last_day + one == (month.next().first_day if str(month) < "2199-12" else date(2200, 1, 1))
    assert month.closes_at == f"{month.last_day.isoformat()}T23:59:59+08:00"


def test_a_month_knows_its_neighbours() -> None:
    assert str(Period(2025, 12).next()) == "2026-01"
    assert str(Period(2025, 1).previous()) == "2024-12"


@pytest.mark.parametrize(
    "text", ["", "2025-9", "202509", "2025-00", "2025-13", "1899-12", "2025-09-01", "2025-09\n", None], ids=repr
)
def test_other_spellings_of_a_month_are_refused(text: object) -> None:
    with pytest.raises(InputError, match="E_PERIOD"):
        Period.parse(text)
