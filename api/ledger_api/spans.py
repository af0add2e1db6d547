"""The months that somebody asks for: a month, a quarter, a year, or from one month to another; in one way only."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, overload

from sqlalchemy import Connection

from ledger.errors import InputError
from ledger.values.dates import Period
from ledger_api.asking import open_on

Clocks = tuple[date | None, int | None]
"""The business day and the position that an answer is asked for; None: as far as the book knows."""
Newest = Callable[[Connection, int | None, date | None, str | None], str | None]
"""Finds the newest month of something at a position, by a day and of an entity (None: all); None where there is none.
"""

_QUARTER: Final = re.compile(r"([12][0-9]{3})-Q([1-4])", re.ASCII)
_YEAR: Final = re.compile(r"[12][0-9]{3}", re.ASCII)


def named_span(
    given: Mapping[str, str | None], first: str | None, last: str | None, edges: tuple[str, str] = ("--from", "--to")
) -> tuple[Period, Period] | None:
    """The months that the options name, in one way only; None when they name none. `edges` is what the asker calls
    first and last month. Raises InputError E_SPAN_OPTION, E_QUARTER, E_PERIOD.
    """
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) + (first is not None or last is not None) > 1:
        raise _refused(edges)
    if first is not None or last is not None:
        months = [
            Period.parse(month, name) for month, name in zip((first, last), edges, strict=True) if month is not None
        ]
        if months[0] > months[-1]:
            raise _refused(edges)
        return months[0], months[-1]
    for name, value in named.items():
        found = _WAYS[name](value)
        if found is None:
            raise _refused(edges, field=name, value=value[:64])
        return found
    return None


def _refused(edges: tuple[str, str], **where: str) -> InputError:
    return InputError("E_SPAN_OPTION", first=edges[0], last=edges[1], **where)


def _month(value: str) -> tuple[Period, Period]:
    month = Period.parse(value, "month")
    return month, month


def _quarter(value: str) -> tuple[Period, Period]:
    found = _QUARTER.fullmatch(value)
    if found is None:
        raise InputError("E_QUARTER", field="quarter", value=value[:64])
    begin = Period(int(found[1]), 3 * int(found[2]) - 2)
    return begin, begin.plus(2)


def _year(value: str) -> tuple[Period, Period] | None:
    if _YEAR.fullmatch(value) is None:
        return None
    return Period(int(value), 1), Period(int(value), 12)


_WAYS: Final = {"month": _month, "quarter": _quarter, "year": _year}


@overload
def months_from(first: str, until: str | None) -> tuple[str, str]: ...


@overload
def months_from(first: str | None, until: str | None) -> tuple[str | None, str | None]: ...


def months_from(first: str | None, until: str | None) -> tuple[str | None, str | None]:
    """From one month on to another; without another that one alone. Raises InputError E_PERIOD, E_MONTHS_BACKWARDS."""
    begin = None if first is None else str(Period.parse(first))
    end = begin if until is None else str(Period.parse(until))
    _require_forwards(begin, end, "until")
    return begin, end


def year_to(first: str | None, last: str) -> tuple[str, str]:
    """The months up to `last`, from January of its year on where no first one is named. Raises as `months_from`."""
    end = str(Period.parse(last))
    begin = f"{end[:4]}-01" if first is None else str(Period.parse(first))
    _require_forwards(begin, end, "to")
    return begin, end


def _require_forwards(begin: str | None, end: str | None, field: str) -> None:
    if begin is not None and end is not None and end < begin:
        raise InputError("E_MONTHS_BACKWARDS", field=field, since=begin, until=end)


def usual_month(newest: Newest, connection: Connection, clocks: Clocks, today: date, entity: str | None = None) -> str:
    """The month of an answer for which none was named: the newest at its position and by its day, of an entity (None:
    of all), but none that begins after the day; else the day's own.
    """
    as_of, at = clocks
    found = newest(connection, at, as_of, entity)
    if found is None:
        return str(Period.of(open_on(as_of, today)))
    return found if as_of is None else min(found, str(Period.of(as_of)))


def usual_span(span: str, newest: Period) -> tuple[Period, Period]:
    """The span that holds the newest month with payments."""
    if span == "month":
        return newest, newest
    if span == "quarter":
        begin = Period(newest.year, newest.month - (newest.month - 1) % 3)
        return begin, begin.plus(2)
    return Period(newest.year, 1), Period(newest.year, 12)
