"""What the lines above a header say: the month, the unit of money, the account and its holder."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from ledger.application.importing.checks.lines import safe_text
from ledger.application.importing.fields.plain import half_width
from ledger.application.importing.tables import RawRow, RawTable

_MONTH = re.compile(r"(20\d{2})\s*[年./-]\s*(1[0-2]|0?[1-9])(?:\s*月|(?!\d|[./-]\s*\d))")
_BARE_MONTH = re.compile(r"(?<![\d年./~—–至到-])(1[0-2]|0?[1-9])\s*月(?!\s*\d+\s*[日号])(?!\s*[至到~—–-]\s*\d)")
_MONTHS_RANGE = re.compile(r"\d\s*月?\s*[至到~—–-]\s*(?:20\d{2}\s*年\s*)?(?:1[0-2]|0?[1-9])\s*月")
_MONTH_IN_DIGITS = re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(20\d{2})\s*年|(?<!\d)(20\d{2})(?=0[1-9]|1[0-2])")
_UNIT = re.compile(r"单位\s*:?\s*(万元|千元|元|分)")
_ACCOUNT = re.compile(r"(?:账号|账户|查询账号|本方账号)\s*:?\s*\[?\s*([\d][\d\s-]{6,40}\d)")
_HOLDER = re.compile(r"(?:户名|账户名称|单位名称)\s*:?\s*\[?\s*([^\s:,\]]{2,60})")
_Found = TypeVar("_Found", int, str)
_UNITS_FEN = {"元": 100, "万元": 1_000_000, "千元": 100_000, "分": 1}


@dataclass(frozen=True, slots=True)
class Titles:
    """The lines above a header and what they state; each is None where they state nothing or two things."""

    lines: tuple[str, ...]
    month: str | None
    year: int | None
    fen_per_unit: int | None
    account: str | None
    holder: str | None
    named_month: str | None = None
    """The month that a title without its year, or else the file's name, gives; it yields to whoever says another."""


def titles_of_table(table: RawTable, header_first_row: int) -> Titles:
    """Reads the lines above the header, then the sheet's name; the file's name gives at most the year."""
    above = [row for row in table.rows if row.number < header_first_row]
    lines = tuple(line for row in above if (line := _line(row)))
    sheet = half_width(table.sheet or "")
    month = _only(_months(lines) or _months([sheet]))
    year = _year([*lines, sheet, half_width(table.file)])
    return Titles(
        lines,
        month,
        int(month[:4]) if year is None and month is not None else year,
        _only([_UNITS_FEN[unit] for line in lines for unit in _UNIT.findall(line)]),
        _account(lines, above),
        _only([holder for line in lines for holder in _HOLDER.findall(line)]),
        month or _named_month(lines, sheet, half_width(table.file), year),
    )


def account_of(rows: Sequence[RawRow]) -> str | None:
    """The one account that title lines name."""
    return _account([_line(row) for row in rows], rows)


def _line(row: RawRow) -> str:
    return half_width(" ".join(text for cell in row.cells if (text := safe_text(cell))))


def _months(lines: Iterable[str]) -> list[str]:
    found = {f"{year}-{int(month):02d}" for line in lines for year, month in _MONTH.findall(line)}
    return sorted(found)


def _named_month(lines: Sequence[str], sheet: str, file: str, year: int | None) -> str | None:
    """The month of the first of titles, sheet and file that names exactly one; 9月 is of the year that stands there."""
    if _MONTHS_RANGE.search(file):
        file = ""
    bare = [set(_BARE_MONTH.findall(text)) for text in (" ".join(lines), sheet, file)]
    whole = {*_months([file]), *(f"{one}-{month}" for one, month in _MONTH_IN_DIGITS.findall(file))}
    for named in (*bare[:2], whole, bare[2]):
        months = {one if "-" in one else f"{year}-{int(one):02d}" for one in named}
        if named is whole and any(int(one) != int(month[5:]) for month in whole for one in bare[2]):
            return None
        if months and (named is whole or year is not None):
            return months.pop() if len(months) == 1 else None
    return None


def _year(texts: Iterable[str]) -> int | None:
    """The year of the first text that names exactly one, by itself or in a month."""
    for text in texts:
        years = {int(one or two) for one, two in _YEAR.findall(text)} | {int(year) for year, _ in _MONTH.findall(text)}
        if len(years) == 1:
            return years.pop()
    return None


def _account(lines: Sequence[str], above: Sequence[RawRow]) -> str | None:
    """An account in one cell with its label, or in the cell beside it."""
    found = [re.sub(r"\D", "", account) for line in lines for account in _ACCOUNT.findall(line)]
    for row in above:
        texts = [half_width(safe_text(cell)) for cell in row.cells]
        for label, value in pairwise(texts):
            if label.strip(": ") in {"账号", "账户", "查询账号"} and re.fullmatch(r"[\d\s-]{8,40}", value):
                found.append(re.sub(r"\D", "", value))
    return _only(found)


def _only(found: Sequence[_Found]) -> _Found | None:
    distinct = set(found)
    return found[0] if len(distinct) == 1 else None
