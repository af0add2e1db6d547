"""Figures as reports print them, read back: which values `8176余万元` or `210余人次` can stand for.

The strict reading is that of `ledger.values.wording`: exact words mean one value, 余 means less than one more in the
printed unit (tens, where people are counted). The wide reading lets 余 stand for everything behind the last digit that
is not zero (`40余万元`: less than 50万), as offices often mean it; a checker says when only that one fits. Integers and
fractions only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from ledger.errors import InputError

DIGITS_MAX: Final = 18
"""Longer numbers are no figures of a county; they are found and never computed with."""

_SCALES: Final = dict(
    zip(
        ("", "十", "百", "千", "万", "百万", "千万", "亿"),
        (1, 10, 100, 1_000, 10_000, 10**6, 10**7, 10**8),
        strict=True,
    )
)
# What money, rates and the four counters of people are called; every other word counts things of its own kind.
_COUNTERS: Final = (
    *("人次", "户次", "台次", "场次", "人", "名", "位", "户", "家", "笔", "件", "条", "项", "类", "批", "份", "场"),
    *("具", "对", "所", "张", "套", "床", "台", "辆", "次", "期", "支", "座", "处", "村", "社", "个"),
)
_TIMES: Final = ("个百分点", "个月", "年", "月", "日", "天", "岁", "时", "号", "周", "届", "季度")
_PERSONS: Final = frozenset({"人", "名", "位"})

_NUMBER: Final = r"\.?[0-9]+(?:[.,][0-9]+)*"
# `.3` and `1.2.3` are found, and no numbers of anybody's.
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?")
_LATER: Final = "余|多"
_QUANTITY: Final = re.compile(
    r"(?P<before>(?:大?约|近|超过|超|逾|突破|不少于|不低于|至少|不足|不到|低于)\s?)?"
    rf"(?<![0-9.第])(?<![0-9],)(?P<heads>(?:[0-9]{{1,18}}[亿万千百](?=[0-9])){{1,3}})?(?P<number>{_NUMBER})[ \u3000]?"
    rf"(?P<inner>{_LATER})?[ \u3000]?(?P<scale>百万|千万|[十百千万亿])?(?P<outer>{_LATER})?[ \u3000]?"
    rf"(?P<unit>元/[人户年月日次]+|元|%|{'|'.join((*_TIMES, *_COUNTERS))})?(?P<after>左右|以上)?"
)
_UNITS: Final = "|".join(("元", "%", *_COUNTERS))
_DASHES: Final = "[-－—–~～至到]"
_RANGE: Final = re.compile(rf"[0-9][余多]?[十百千万亿]{{0,2}}[余多]?(?:{_UNITS})?\s?{_DASHES}\s?$")
_RANGE_AFTER: Final = re.compile(rf"\s?{_DASHES}\s?[0-9]")
"""A range may have its unit at both ends: 2万元至4万元."""
_MINUS: Final = re.compile(r"(?:^|[^0-9元人户次名%万亿余多])[-－−]\s?$")
_JOINED: Final = re.compile(r"[0-9][余多]?[百千万亿][余多]?$")
"""The tail of a number that is not read as one: 5万 of 3千5万."""
_HEAD: Final = re.compile(r"([0-9]+)([亿万千百])")
_GAPS: Final = frozenset("， \u3000\u00a0'’")
_WIDE_GROUP: Final = re.compile(r"[， \u3000\u00a0'’][0-9]{3}(?![0-9])")
_WIDE_DIGITS: Final = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_ABOUT: Final = frozenset({"约", "大约"})
_ABOVE: Final = frozenset({"超过", "超", "逾", "突破"})
_FROM: Final = frozenset({"不少于", "不低于", "至少"})
_BELOW: Final = frozenset({"不足", "不到", "低于"})

Trouble = Literal["long", "grouped", "range", "near", "odd", "unit", "rate", "numeral"]
"""Why a number cannot be read: too long, grouped in a way that parts it, the end of a range, 近, 余 after a single, no
unit, a rate, characters that are no exact number.
"""


_AHEAD: Final[tuple[tuple[re.Pattern[str], Trouble], ...]] = ((_RANGE, "range"), (_MINUS, "odd"), (_JOINED, "grouped"))
"""What stands right before a number and makes it none of its own."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The values from `low` to `high` (None: without end), in fen, pieces, or as a ratio; `wide` as told above."""

    low: Fraction
    high: Fraction | None
    has_low: bool = True
    has_high: bool = False
    wide: bool = False

    def holds(self, value: Fraction | int) -> bool:
        """Whether the value lies within."""
        return not self.off_by(value) and self._includes(value)

    def off_by(self, value: Fraction | int) -> Fraction:
        """What the text says too much (negative: too little) of a value: its nearest end less the value; 0 within."""
        if value < self.low:
            return self.low - value
        if self.high is not None and value > self.high:
            return self.high - value
        return Fraction()

    def _includes(self, value: Fraction | int) -> bool:
        return (value != self.low or self.has_low) and (value != self.high or self.has_high)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure in a text from `start` to `end`. `unit` is fen, percent, 人 (also for 名 and 位), another counter or ''.

    `readings` is empty when `trouble` says why it cannot be read.
    """

    text: str
    start: int
    end: int
    unit: str
    readings: tuple[Reading, ...]
    trouble: Trouble | None = None
    last_digit: Fraction = Fraction()
    """What one more of the last printed digit would add."""

    def rounds(self, value: Fraction | int) -> bool:
        """Whether the figure, exact by its words, is the value rounded half up to the printed digits."""
        strict = self.strict
        if strict is None or strict.low != strict.high:
            return False
        return strict.low - self.last_digit / 2 <= value < strict.low + self.last_digit / 2

    @property
    def printed(self) -> Fraction | None:
        """The number that is written, where it stands for itself or for what is rounded to it; None for 余 and 超过."""
        strict = self.strict
        if strict is None or strict.high is None or not self.last_digit:
            return None
        middle = (strict.low + strict.high) / 2
        is_middle = (middle / self.last_digit).denominator == 1 and strict.high - strict.low <= self.last_digit
        return middle if is_middle else None

    @property
    def strict(self) -> Reading | None:
        """The reading of the published styles."""
        return self.readings[0] if self.readings else None


def plain_digits(text: str) -> str:
    """Full-width digits, point and percent sign as ASCII, one character for one; commas stay, they part clauses."""
    return text.translate(_WIDE_DIGITS)


def quantities(text: str) -> Iterator[Quantity]:
    """Every figure of a text that `plain_digits` has seen; dates and lengths of time are none."""
    for found in _QUANTITY.finditer(text):
        unit = found["unit"] or ""
        if unit in _TIMES or (not unit and not found["scale"]):
            continue
        yield _quantity(found, text)


def quantity(text: str) -> Quantity:
    """The one figure that a text is. Raises InputError E_QUANTITY when it is none or cannot be read."""
    plain = plain_digits(text.strip())
    read = next(quantities(plain), None)
    if read is None or not read.readings or read.text != plain:
        raise InputError("E_QUANTITY", value=text[:64])
    return read


def consistent(text: str, value: Fraction | int) -> bool:
    """Whether a printed figure can stand for a value: fen for money, a number for counts, a ratio for percentages.

    Exact words need equality, 余 needs n <= value < n + 1 in the printed unit. Raises InputError E_QUANTITY.
    """
    strict = quantity(text).strict
    return strict is not None and strict.holds(value)


def _quantity(found: re.Match[str], text: str) -> Quantity:
    unit = found["unit"] or ""
    base = "fen" if unit == "元" else "percent" if unit == "%" else "人" if unit in _PERSONS else unit
    trouble = _trouble(found, text)
    if trouble:
        return Quantity(found[0].strip(), found.start(), found.end(), base, (), trouble)
    value, last = _value(found, base)
    readings = tuple(_readings(found, base, value, last))
    return Quantity(found[0].strip(), found.start(), found.end(), base, readings, None, last)


def _trouble(found: re.Match[str], text: str) -> Trouble | None:
    number, unit = found["number"], found["unit"] or ""
    if len(number.replace(",", "").replace(".", "")) > DIGITS_MAX:
        return "long"
    if _GROUPED.fullmatch(number) is None or _wide_commas(found, text) or (found["heads"] and not _is_one(found)):
        return "grouped"
    ahead = text[max(found.start() - 8, 0) : found.start()]
    behind = next((trouble for pattern, trouble in _AHEAD if pattern.search(ahead)), None)
    if behind is not None or _RANGE_AFTER.match(text, found.end()):
        return behind or "range"
    if not unit:
        return "unit"
    if "/" in unit:
        return "rate"
    if (found["before"] or "").strip() == "近":
        return "near"
    rounded = found["inner"] or found["outer"]
    if rounded and unit != "元" and not found["scale"] and not number.endswith("0"):
        return "odd"
    return None


def _wide_commas(found: re.Match[str], text: str) -> bool:
    """Whether a full-width comma or a blank may group the number's digits or part it from another: `82，999元`."""
    start, end = found.span("number")
    before = len(found["number"]) == 3 and start > 1 and text[start - 1] in _GAPS and text[start - 2].isdecimal()
    return before or _WIDE_GROUP.match(text, end) is not None


def _value(found: re.Match[str], base: str) -> tuple[Fraction, Fraction]:
    """The number as it is printed, and what one more of its last digit would add: fen, pieces, or a ratio."""
    digits = found["number"].replace(",", "")
    one = Fraction(_SCALES[found["scale"] or ""])
    head = sum(int(number) * _SCALES[scale] for number, scale in _HEAD.findall(found["heads"] or ""))
    base_unit = Fraction(100) if base == "fen" else Fraction(1, 100) if base == "percent" else Fraction(1)
    value = (head + Fraction(digits) * one) * base_unit
    return value, one * base_unit / 10 ** len(digits.partition(".")[2])


def _is_one(found: re.Match[str]) -> bool:
    """Whether `44万8047元`, `1亿3万元`, `3万5千元` is one number: each part less than one of the scale before, the last
    with a scale of its own or with all its digits. 3万5元 may be 35 thousand or 30,005; with 余 no step is agreed.
    """
    heads = [(int(number), _SCALES[scale]) for number, scale in _HEAD.findall(found["heads"])]
    whole, _, _ = found["number"].partition(".")
    scale = found["scale"]
    if found["inner"] or found["outer"] or "," in found["number"] or (scale and whole != found["number"]):
        return False
    parts = [*heads, (int(whole), _SCALES[scale or ""])]
    fits = all(low * step < above for (_, above), (low, step) in pairwise(parts))
    return fits and (bool(scale) or 10 ** len(whole) == heads[-1][1])


def _readings(found: re.Match[str], base: str, value: Fraction, last: Fraction) -> Iterator[Reading]:
    """The strict reading, then the wide one where it differs."""
    digits, scale = found["number"].replace(",", ""), found["scale"]
    zeros = len(digits) - len(digits.rstrip("0")) if "." not in digits else 0
    wide = last * 10 ** min(zeros, max(len(digits) - 1, 0))
    before, after = (found["before"] or "").strip(), found["after"] or ""
    if found["inner"] or found["outer"]:
        step = last if scale else wide if base == "fen" else last * 10
        yield Reading(value, value + step)
        if wide > step and not found["outer"]:
            yield Reading(value, value + wide, wide=True)
    elif before in _ABOUT or after == "左右":
        yield Reading(value - last / 2, value + last / 2)
        if wide > last:
            yield Reading(value - wide / 2, value + wide / 2, wide=True)
    elif before in _ABOVE:
        yield Reading(value, None, has_low=False)
    elif before in _FROM or after == "以上":
        yield Reading(value, None)
    elif before in _BELOW:
        yield Reading(Fraction(), value)
    elif base == "percent" and value != 1:
        yield Reading(value - last / 2, value + last / 2)
    else:
        yield Reading(value, value, has_high=True)
