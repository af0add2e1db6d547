"""Days, months and instants, one spelling each: `YYYY-MM-DD`, `YYYY-MM`, `YYYY-MM-DDTHH:MM:SS+08:00`.

No clock is read here: time is passed in. China has kept one zone without summer time since 1991.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from ledger.errors import InputError

TZ = timezone(timedelta(hours=8))
"""China Standard Time, the only zone that is written into the log."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_PERIOD = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)\+08:00", re.ASCII)


def parse_day(text: object, field: str = "date") -> date:
    """The day of `YYYY-MM-DD`, 1900 to 2199; InputError E_DATE for any other spelling or a day that does not exist."""
    found = _DAY.fullmatch(text) if isinstance(text, str) else None
    if found is not None and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    raise InputError("E_DATE", field=field, value=str(text)[:64])


def day_text(day: date) -> str:
    """`YYYY-MM-DD`."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def timestamp_text(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS+08:00`, the instant in China's zone with whole seconds; parts of a second are cut off.

    Raises InputError E_TIMESTAMP when the moment has no zone, because a guess would be wrong by hours.
    """
    if moment.tzinfo is None:
        raise InputError("E_TIMESTAMP", field="timestamp", value=moment.isoformat())
    return moment.astimezone(TZ).replace(microsecond=0).isoformat()


def unix_text(seconds: int) -> str:
    """The same spelling of an instant that a machine counts in Unix seconds."""
    return timestamp_text(datetime.fromtimestamp(seconds, UTC))


def parse_timestamp(text: object, field: str = "timestamp") -> datetime:
    """The instant of `YYYY-MM-DDTHH:MM:SS+08:00`; InputError E_TIMESTAMP for any other spelling."""
    found = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise InputError("E_TIMESTAMP", field=field, value=str(text)[:64])
    day = parse_day(found[1], field)
    return datetime(day.year, day.month, day.day, int(found[2]), int(found[3]), int(found[4]), tzinfo=TZ)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """An accounting month; `str()` gives `YYYY-MM`, and periods order as time does."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= self.month <= 12):
            raise InputError("E_PERIOD", field="period", value=f"{self.year}-{self.month}")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def parse(cls, text: object, field: str = "period") -> "Period":
        """The month of `YYYY-MM`; InputError E_PERIOD for any other spelling."""
        found = _PERIOD.fullmatch(text) if isinstance(text, str) else None
        if found is None or not (FIRST_YEAR <= int(found[1]) <= LAST_YEAR and "01" <= found[2] <= "12"):
            raise InputError("E_PERIOD", field=field, value=str(text)[:64])
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Period":
        """The month that holds the day."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def closes_at(self) -> str:
        """The last second of the month as a timestamp text."""
        return f"{day_text(self.last_day)}T23:59:59+08:00"

    def plus(self, months: int) -> "Period":
        """The month that many months later (earlier when negative)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Period(year, month + 1)

    def next(self) -> "Period":
        """The month after."""
        return self.plus(1)

    def previous(self) -> "Period":
        """The month before."""
        return self.plus(-1)

    def __contains__(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.month)


def months_between(first: Period, last: Period) -> int:
    """How many months lie from `first` to `last`: 0 for the same month, negative when `last` is earlier."""
    return (last.year - first.year) * 12 + last.month - first.month


def periods(first: Period, last: Period) -> Iterator[Period]:
    """Every month from `first` to `last`, both included; nothing when `last` is earlier."""
    for step in range(months_between(first, last) + 1):
        yield first.plus(step)
