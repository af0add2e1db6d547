"""Days, months and moments in the spellings that are found in the offices' files.

Days: `2025-09-05`, `2025.9.5`, `2025/9/5 9:14`, `20250905`, `45905` (a spreadsheet's serial), `9月5日`, `2025年9月5日`.
A month and a day without a year take the year that the file's title or the user gives, never this year by guess.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from ledger.application.importing.fields.plain import CellContext, CellFault, filled, half_width
from ledger.application.importing.tables import CellValue

_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:[T ]*(\d{1,2}:\d{1,2}.*|\d{6}))?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]*(\d{1,2}:\d{2}.*|\d{6}))?$")
_NO_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]$")
_MONTH = re.compile(r"(\d{4})\s*[-./年]?\s*(\d{1,2})\s*月?(?:份)?$")
_MONTH_COMPACT = re.compile(r"(\d{4})(\d{2})$")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?\s*(?:\+08:?00)?$")
_TIME_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{2})$")
_TIME_SHORT = re.compile(r"\d{1,6}$")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?$")
_RANGE = re.compile(r"\s*(?:至|到|~|—|--|－)\s*")
# 1954-10-03 to 2119-01-12: five digits outside of it are no day that an office would write.
_SERIAL_MIN, _SERIAL_MAX = 20_000, 80_000
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- serials count local days
_YEAR_MIN, _YEAR_MAX = 1900, 2100
_SECONDS_A_DAY = 86_400


def parse_day(value: CellValue, context: CellContext) -> date | None:
    """A day, its time of day dropped; `E_CELL_DATE` or `E_CELL_DATE_NO_YEAR`."""
    moment = _moment(value, context)
    return moment[0] if moment else None


def parse_moment(value: CellValue, context: CellContext) -> str | None:
    """`YYYY-MM-DDTHH:MM:SS+08:00`; a day without its time of day is `E_CELL_TIME`."""
    moment = _moment(value, context)
    if moment is None:
        return None
    if moment[1] is None and not isinstance(value, datetime):
        raise CellFault("E_CELL_TIME", value=filled(value))
    return moment_text(moment[0], moment[1] or time())


def parse_moment_or_day(value: CellValue, context: CellContext) -> tuple[date, time | None] | None:
    """A day with its time of day where the file gives one; midnight is what banks write when they keep none."""
    moment = _moment(value, context)
    return (moment[0], moment[1] if moment[1] != time() else None) if moment else None


def parse_clock(value: CellValue, _context: CellContext) -> time | None:
    """A time of day: `15:02:11`, `9:14`, `150211` or the number 90314 that lost its zero."""
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=500_000)).time().replace(microsecond=0)
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if isinstance(value, Decimal):
        return (_EPOCH + timedelta(seconds=round(value % 1 * _SECONDS_A_DAY))).time()
    text = half_width(filled(value))
    if not text:
        return None
    if _TIME_SHORT.match(text):
        text = text.zfill(6)
    return _clock(text, text)


def parse_month(value: CellValue, _context: CellContext) -> str | None:
    """`YYYY-MM`; a whole day gives its month. `E_CELL_MONTH`."""
    if isinstance(value, date):
        _require_year(value, "E_CELL_MONTH")
        return f"{value.year:04d}-{value.month:02d}"
    text = half_width(filled(value))
    if not text:
        return None
    match = _MONTH_COMPACT.match(text) or _MONTH.match(text) or _DAY.match(text) or _COMPACT.match(text)
    if match is None:
        raise CellFault("E_CELL_MONTH", value=text)
    year, month = int(match[1]), int(match[2])
    if not (_YEAR_MIN <= year < _YEAR_MAX and 1 <= month <= 12):
        raise CellFault("E_CELL_MONTH", value=text)
    return f"{year:04d}-{month:02d}"


def parse_day_or_month(value: CellValue, context: CellContext) -> tuple[date | None, str] | None:
    """A day and its month, or no day and the month where only the month is known."""
    text = half_width(filled(value)) if not isinstance(value, date) else ""
    if text and (_MONTH.match(text) or _MONTH_COMPACT.match(text)) and not _SERIAL.match(text):
        return None, parse_month(text, context) or ""
    day = parse_day(value, context)
    return (day, f"{day.year:04d}-{day.month:02d}") if day else None


def parse_months(value: CellValue, context: CellContext) -> tuple[str, str] | None:
    """First and last month of `2025-03至2025-08`; one month is both."""
    text = filled(value)
    if not text or isinstance(value, date):
        month = parse_month(value, context)
        return (month, month) if month else None
    ends = [parse_month(part, context) for part in _RANGE.split(half_width(text))]
    if len(ends) > 2 or None in ends or (ends[0] or "") > (ends[-1] or ""):
        raise CellFault("E_CELL_MONTH", value=text)
    return ends[0] or "", ends[-1] or ""


def moment_text(day: date, clock: time) -> str:
    """The one spelling of a moment, in China's only zone."""
    return f"{day.isoformat()}T{clock.replace(microsecond=0).isoformat()}+08:00"


def _require_year(value: date, code: str) -> None:
    """A spreadsheet's own dates have the years that written ones may have."""
    if not _YEAR_MIN <= value.year < _YEAR_MAX:
        raise CellFault(code, value=f"{value:%Y-%m-%d}")


def _moment(value: CellValue, context: CellContext) -> tuple[date, time | None] | None:
    if isinstance(value, date):
        _require_year(value, "E_CELL_DATE")
    if isinstance(value, datetime):
        # A spreadsheet's date without a time of day is midnight; a real midnight cannot be told from it.
        nearest = value + timedelta(microseconds=500_000)
        clock = nearest.time().replace(microsecond=0)
        return nearest.date(), clock if clock != time() else None
    if isinstance(value, date):
        return value, None
    text = half_width(filled(value))
    if not text:
        return None
    if _SERIAL.match(text):
        return _serial(Decimal(text), text)
    short = _NO_YEAR.match(text)
    if short:
        if context.year is None:
            raise CellFault("E_CELL_DATE_NO_YEAR", value=text)
        return _day(context.year, int(short[1]), int(short[2]), text), None
    match = _COMPACT.match(text) or _DAY.match(text)
    if match is None:
        raise CellFault("E_CELL_DATE", value=text)
    day = _day(int(match[1]), int(match[2]), int(match[3]), text)
    return day, _clock(match[4], text) if match[4] else None


def _serial(serial: Decimal, text: str) -> tuple[date, time | None]:
    if not _SERIAL_MIN <= serial <= _SERIAL_MAX:
        raise CellFault("E_CELL_DATE", value=text)
    moment = _EPOCH + timedelta(days=int(serial), seconds=round(serial % 1 * _SECONDS_A_DAY))
    return moment.date(), moment.time() if serial % 1 else None


def _day(year: int, month: int, day: int, text: str) -> date:
    if not _YEAR_MIN <= year < _YEAR_MAX:
        raise CellFault("E_CELL_DATE", value=text)
    try:
        return date(year, month, day)
    except ValueError:
        raise CellFault("E_CELL_DATE", value=text) from None


def _clock(text: str, shown: str) -> time:
    match = _TIME.match(text.strip()) or _TIME_COMPACT.match(text.strip())
    if match is None:
        raise CellFault("E_CELL_TIME", value=shown)
    try:
        return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        raise CellFault("E_CELL_TIME", value=shown) from None
