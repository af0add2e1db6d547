"""Months that a remark on a roster names (补发7、8月, 11月至次年3月, 四季度), and of which year they are.

Without a year they are the last that have been, or, of what may be paid ahead, those that come. Months that follow one
another say their order: `12月、1月` is a month of each of two years, and so is `1月、12月`. What cannot be dated so is
`NO_MONTH` and not a guess: `9月、2月` may be of one year or of two.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from ledger.application.importing.fields.plain import half_width
from ledger.flows.public_money.payment.subsidies import length
from ledger.values.dates import Period

NO_MONTH: Final = "9999-12"
"""No month of the calendar, or of a year that nobody can know."""
_UNKNOWN: Final = (NO_MONTH, NO_MONTH)

_YEAR: Final = r"(?:(?P<{0}>20\d\d年|[次翌明来上去本今当同]年)(?:度|的)?)?"
_ONE: Final = r"(?:(?:20\d\d年|[次翌明来上去本今当同]年)(?:度|的)?)?\d{1,2}"
_SPAN: Final = re.compile(
    _YEAR.format("from_year") + r"(?P<first>\d{1,2})月?(?:份)?\s*[-—–~～至到]+\s*"
    + _YEAR.format("to_year") + r"(?P<last>\d{1,2})月(?!\d{1,2}日)"
)  # fmt: skip
_SINCE: Final = re.compile(_YEAR.format("from_year") + r"(?P<first>\d{1,2})月(?:份)?(?:起|开始|以来)")
_EACH: Final = re.compile(rf"(?P<months>{_ONE}(?:月?(?:份)?[、,,和及]\s*{_ONE})*)月(?!\d{{1,2}}日)")
_NAMED: Final = re.compile(_YEAR.format("year") + r"(?P<number>\d{1,2})(?!\d*年)")
_QUARTER: Final = re.compile(_YEAR.format("from_year") + r"第?(?P<quarter>[一二三四1-4])季度")
_QUARTERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}
_DECEMBER: Final = 12
_OF_ROSTER: Final = {"明": 1, "来": 1, "上": -1, "去": -1, "本": 0, "今": 0}
"""Words for a year beside the roster's -> years from that."""
_NEXT: Final = frozenset("次翌")
"""Words for the year after that of the month before."""
_SAME: Final = frozenset("当同")
"""Words for that very year, or the roster's."""


class Asked(NamedTuple):
    """Of which roster it is asked, and what is paid: only what has been, or also what begins so many months later."""

    month: str
    is_past: bool
    ahead: int


class _Named(NamedTuple):
    """A month as it is written: the word for its year ("" for none) and its number."""

    year: str
    number: int


def months_said(text: str, asked: Asked) -> tuple[str, str] | None:
    """The first and last month that a text names; None where it names none, `NO_MONTH` where they cannot be dated."""
    text = half_width(text)
    if found := _SPAN.search(text):
        last = _Named(found["to_year"] or "", int(found["last"]))
        return _span(_Named(found["from_year"] or "", int(found["first"])), last, asked)
    if found := _SINCE.search(text):
        first = _Named(found["from_year"] or "", int(found["first"]))
        stated = _year_of(first.year, asked.month)
        return _month(first.number, stated, asked.month), str(Period.parse(asked.month).plus(-1))
    if found := _EACH.search(text):
        said = _NAMED.finditer(found["months"])
        return _each([_Named(one["year"] or "", int(one["number"])) for one in said], asked)
    if found := _QUARTER.search(text):
        return _quarter(found, asked)
    return None


def _span(first: _Named, last: _Named, asked: Asked) -> tuple[str, str]:
    """From one month to another; where one year is said, the other month is of that year or of the one that it says."""
    month = asked.month
    if last.year and last.year[0] in _NEXT:
        if not first.year:
            return _near(_ending(last.number, first.number, month), asked) if last.number < first.number else _UNKNOWN
        begins = _month(first.number, _year_of(first.year, month), month)
        return begins, _month(last.number, int(begins[:4]) + 1, month)
    stated = _year_of(first.year, month), _year_of(last.year, month, first=first.year)
    ends = _month(last.number, stated[1] or stated[0], month)
    begins = _month(first.number, stated[0], ends)
    return (begins, ends) if first.year or last.year else _near((begins, ends), asked)


def _ending(last: int, first: int, until: str) -> tuple[str, str]:
    """From one number to another, the last such months that ended by a month."""
    ends = _month(last, None, until)
    return _month(first, None, ends), ends


def _each(named: Sequence[_Named], asked: Asked) -> tuple[str, str]:
    """The first and last of several months, in the order in which they were."""
    if any(not 1 <= one.number <= _DECEMBER for one in named):
        return _UNKNOWN
    if not any(one.year for one in named):
        ordered = _in_order([one.number for one in named])
        return _UNKNOWN if ordered is None else _near(_ending(ordered[-1], ordered[0], asked.month), asked)
    if any(one.year[:1] in _NEXT for one in named) and not named[0].year:
        numbers = [one.number for one in named]
        turns = [at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]]
        as_said = [at for at, one in enumerate(named) if one.year] == turns and len(turns) == 1
        return _near(_ending(numbers[-1], numbers[0], asked.month), asked) if as_said else _UNKNOWN
    dated = _dated(named, asked.month)
    return (min(dated), max(dated)) if dated else _UNKNOWN


def _in_order(numbers: Sequence[int]) -> Sequence[int] | None:
    """Months of no stated year as they followed one another; None where that is anybody's guess."""
    plain = list(dict.fromkeys(numbers))
    for order in (plain, plain[::-1]):
        if all(after == before % _DECEMBER + 1 for before, after in pairwise(order)):
            return order
    return plain if plain == sorted(plain) else None


def _dated(named: Sequence[_Named], month: str) -> list[str]:
    """The months of a list that states a year somewhere; none where one cannot be dated. One without a year is of the
    year of the month before it, unless December and January turn it; those before the first year lead up to that, and
    only they and December say of which year they are: `8月、2025年7月` may be of one year or of two.
    """
    start = next(at for at, one in enumerate(named) if one.year)
    year, found = _year_of(named[start].year, month), list[str]()
    if year is None:
        return []
    before = year
    for one, after in zip(reversed(named[:start]), reversed(named[1 : start + 1]), strict=True):
        if one.number > after.number:
            if (one.number, after.number) != (_DECEMBER, 1):
                return []
            before -= 1
        found.append(f"{before}-{one.number:02d}")
    last = named[start].number
    found.append(f"{year}-{last:02d}")
    for one in named[start + 1 :]:
        if one.year:
            year = _year_beside(one.year, month, year)
        elif (last, one.number) == (_DECEMBER, 1):
            year += 1
        elif one.number < last - 1 or (last, one.number) == (1, _DECEMBER):
            return []  # of the same year, or of the one beside it
        last = one.number
        found.append(f"{year}-{last:02d}")
    return found


def _quarter(found: re.Match[str], asked: Asked) -> tuple[str, str]:
    """A quarter's months; of arrears in the quarter that runs, those that have been."""
    said, month = found["quarter"], asked.month
    until = _QUARTERS.get(said) or int(said)
    stated = _year_of(found["from_year"] or "", month)
    year = month[:4] if stated is None else f"{stated:04d}"
    first, last = (f"{year}-{until * 3 - 2:02d}", f"{year}-{until * 3:02d}")
    if asked.is_past and first <= month:
        return first, min(last, month)
    if stated is not None or last <= month:
        return (first, last) if stated is not None else _near((first, last), asked)
    return _near((_year_on(first, -1), _year_on(last, -1)), asked)


def _near(span: tuple[str, str], asked: Asked) -> tuple[str, str]:
    """Months of no stated year, the last that have been, or those of a year later: of what is no arrears where they
    hold the roster's own, and of a season that is paid ahead where they begin soon and the last are longer ago.
    """
    first, last = span
    if asked.is_past or not first <= last < NO_MONTH:
        return span
    later = _year_on(first, 1), _year_on(last, 1)
    to_come, gone = length(asked.month, later[0]) - 1, length(last, asked.month) - 1
    soon = 0 < to_come <= asked.ahead and to_come < gone
    return later if to_come <= 0 or soon else span


def _year_on(month: str, years: int) -> str:
    return str(Period.parse(month).plus(years * _DECEMBER))


def _year_of(word: str, month: str, first: str = "") -> int | None:
    """The year that a word states on a roster of a month; None for no word. `first`: what the month before it says."""
    if not word:
        return None
    if word[0] in _SAME:
        return _year_of(first, month) if first and first[0] not in _SAME else int(month[:4])
    return int(word[:4]) if word[0] == "2" else int(month[:4]) + _OF_ROSTER.get(word[0], 1)


def _year_beside(word: str, month: str, before: int) -> int:
    """The year that a word states behind a month of a year."""
    if word[0] in _NEXT:
        return before + 1
    stated = None if word[0] in _SAME else _year_of(word, month)
    return before if stated is None else stated


def _month(number: int, year: int | None, until: str) -> str:
    """The month of that number in the year stated, else the last one not after `until`; `NO_MONTH` for 13月."""
    if not 1 <= number <= _DECEMBER:
        return NO_MONTH
    stated = int(until[:4]) if year is None else year
    found = f"{stated:04d}-{number:02d}"
    return found if year is not None or found <= until else f"{stated - 1:04d}-{number:02d}"
