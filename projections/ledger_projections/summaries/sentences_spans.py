"""Which months a sentence speaks of: `2024年1-9月`, `截至2024年12月31日`, `前三季度`, `当月`.

Months without a year are those of the year that is spoken of. 截至 a day counts from January on; the last day of a
month means the month, as the figures do, any other day also ends what is counted on that day. A day without 截至 is the
day something was done on, or stood: it begins nothing. Spans joined by 、 or 和 are one where they follow each other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from ledger.errors import InputError
from ledger.values.dates import Period
from ledger.values.quantities import plain_digits
from ledger_projections.summaries.sentences_books import Span
from ledger_projections.summaries.sentences_vocabulary import joins

_DASH: Final = r"\s?(?:[-－—–~～]|至|到)\s?"
_PATTERN: Final = re.compile(
    r"(?P<until>截至|截止到|截止)?"
    r"(?:"
    rf"(?:(?P<range_year>[0-9]{{4}})年)?(?P<range_first>[0-9]{{1,2}})月?{_DASH}(?:(?P<range_to>[0-9]{{4}})年)?"
    r"(?P<range_last>[0-9]{1,2})月(?:份)?"
    r"|(?:(?P<day_year>[0-9]{4})年)?(?P<day_month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日"
    r"|(?:(?P<month_year>[0-9]{4})年)?(?P<month>[0-9]{1,2})月(?:份)?(?P<month_end>末|底)?(?P<since>以来|以后|起)?"
    r"|(?:(?P<quarter_year>[0-9]{4})年)?第?"
    rf"(?P<quarters>(?:[一二三四1-4](?:[、和及]|{_DASH})){{0,3}})"
    r"(?P<quarter>[一二三四1-4])季度(?P<quarter_end>末|底)?"
    r"|(?P<year>[0-9]{4})年(?P<part>上半年|下半年|前三季度|全年|度|末|底|以来|以后|起)?"
    r"|(?P<named>上半年|下半年|前三季度|前3季度|全年|今年以来|今年|本年|年内|当年|(?:去年|上年)(?!结转|同期)|当月|本月|年末|年底)"
    r")"
)
_SO_FAR: Final = frozenset({"今年以来", "今年", "本年", "年内", "当年"})
_SINCE: Final = frozenset({"以来", "以后", "起"})
_OF: Final = frozenset({"", "的"})
_COMMAS: Final = frozenset({",", "，"})
_TITLE_MAX: Final = 60
_PROSE: Final = re.compile("[。，,；;！？]")
_ASIDES: Final = frozenset({"去年", "上年"})
_PARTS: Final = {"上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9), "前3季度": (1, 9)}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Months where they are written; `span` is None when there are no such months.

    An aside (去年, 上年) holds up to the next stop and for nothing after it; a day without 截至 for what stood on it.
    """

    start: int
    end: int
    span: Span | None
    is_aside: bool
    is_day: bool = False


def spans(text: str, now: Span, usual: Span | None = None) -> Iterator[Spoken]:
    """Every span of a sentence, in order; `now` is the one that is spoken of before its first, `usual` the report's."""
    before: Spoken | None = None
    for one in _each(text, now, usual or now):
        if before is None:
            before = one
            continue
        gap = text[before.end : one.start].strip()
        if gap in joins() or (gap in _COMMAS and not _is_within(one.span, before.span)):
            before = _joined(before, one)
            continue
        yield before
        before = one
    if before is not None:
        yield before


def _each(text: str, now: Span, usual: Span) -> Iterator[Spoken]:
    aside: Spoken | None = None
    for found in _PATTERN.finditer(text):
        # 去年8月 is August of last year, and as much an aside as 去年.
        is_of_aside = aside is not None and text[aside.end : found.start()].strip() in _OF
        if aside is not None and not is_of_aside:
            yield aside
        base = aside.span if aside is not None and is_of_aside and aside.span is not None else now
        try:
            span = _span(found, base, usual)
            if span is not None:
                # Decisions count from the month after; where the calendar ends, there is none.
                Period.parse(span.last).next()
        except InputError:
            span = None
        start = aside.start if aside is not None and is_of_aside else found.start()
        is_aside = is_of_aside or found["named"] in _ASIDES
        if span is not None and not is_aside:
            now = span
        one = Spoken(start, found.end(), span, is_aside, is_day=bool(found["day"] and not found["until"]))
        aside = one if found["named"] in _ASIDES else None
        if aside is None:
            yield one
    if aside is not None:
        yield aside


def _is_within(inner: Span | None, outer: Span | None) -> bool:
    """2024年,1-9月: the second says more closely what the first says."""
    return inner is not None and outer is not None and outer.first <= inner.first and inner.last <= outer.last


def _joined(one: Spoken, other: Spoken) -> Spoken:
    """Two spans as one; there is no such span where the second does not begin when the first has ended."""
    span = None
    if one.span is not None and other.span is not None and not one.is_day and not other.is_day:
        follows = str(Period.parse(one.span.last).next()) == other.span.first
        span = Span(one.span.first, other.span.last, other.span.as_of) if follows else None
    return Spoken(one.start, other.end, span, is_aside=False)


def is_title(text: str) -> bool:
    """Whether a paragraph is a title or a heading: one short line without a stop."""
    return len(text) <= _TITLE_MAX and _PROSE.search(text) is None


def speaks_of_months(text: str) -> bool:
    """Whether any months are written in a text."""
    return _PATTERN.search(text) is not None


def title_span(title: str, usual: Span) -> Span | None:
    """The months that a report's first line names (2024年1-9月工作总结); None where it is no title or names none."""
    plain = plain_digits(title)
    if not is_title(plain):
        return None
    return next((one.span for one in spans(plain, usual) if one.span is not None and not one.is_day), None)


def _span(found: re.Match[str], now: Span, usual: Span) -> Span | None:
    """The months of one match. Raises InputError for months and days that do not exist."""
    year = Period.parse(now.last).year
    if found["range_first"]:
        first = _month(found["range_year"] or year, found["range_first"])
        last = _month(found["range_to"] or first.year, found["range_last"])
        return Span(str(first), str(last), usual.as_of) if first <= last else None
    if found["day"]:
        return _until_day(_month(found["day_year"] or year, found["day_month"]), int(found["day"]), usual)
    if found["month"]:
        month = _month(found["month_year"] or year, found["month"])
        if found["since"]:
            return Span(str(month), max(str(month), usual.last), usual.as_of)
        since = f"{month.year}-01" if found["until"] or found["month_end"] else str(month)
        return Span(since, str(month), usual.as_of)
    if found["quarter"]:
        head, tail = _quarters(found["quarters"] + found["quarter"])
        if not head:
            return None
        year = int(found["quarter_year"] or year)
        begins = 1 if found["until"] or found["quarter_end"] else 3 * head - 2
        ends = 3 * tail
        return Span(str(Period(year, begins)), str(Period(year, ends)), usual.as_of)
    if found["year"]:
        return _year(int(found["year"]), found["part"] or "", usual)
    return _named(found["named"], year, now, usual)


def _quarters(text: str) -> tuple[int, int]:
    """The first and the last of 一、二、三 or 一至三; (0, 0) where they do not follow each other."""
    numbers = ["一二三四1234".index(one) % 4 + 1 for one in text if one in "一二三四1234"]
    is_range = len(numbers) == 2 and not any(mark in text for mark in "、和及")
    follows = all(right - left == 1 or (is_range and left < right) for left, right in pairwise(numbers))
    return (numbers[0], numbers[-1]) if follows else (0, 0)


def _month(year: int | str, month: str) -> Period:
    return Period(int(year), int(month))


def _until_day(month: Period, day: int, usual: Span) -> Span | None:
    last_day = month.last_day.day
    if not 1 <= day <= last_day:
        return None
    as_of = usual.as_of
    if day < last_day:
        ends = date(month.year, month.month, day)
        as_of = ends if as_of is None else min(ends, as_of)
    return Span(f"{month.year}-01", str(month), as_of)


def _year(year: int, part: str, usual: Span) -> Span:
    """A year is its months up to the last one that is asked about; 2023年以来 goes on to that from any year."""
    if part in _SINCE:
        return Span(f"{year:04d}-01", max(f"{year:04d}-12", usual.last), usual.as_of)
    first, last = _PARTS.get(part, (1, 12))
    until = str(Period(year, last))
    asked = usual.last if usual.last.startswith(f"{year:04d}") and not part else until
    return Span(str(Period(year, first)), min(until, asked), usual.as_of)


def _named(word: str, year: int, now: Span, usual: Span) -> Span:
    if word in _PARTS:
        return _year(year, word, usual)
    if word in {"当月", "本月"}:
        return Span(now.last, now.last, now.as_of)
    if word in _ASIDES:
        return Span(str(Period(year - 1, 1)), str(Period(year - 1, 12)), usual.as_of)
    if word in _SO_FAR:
        return Span(f"{year:04d}-01", now.last, now.as_of)
    return _year(year, "", usual)
