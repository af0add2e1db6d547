"""Numbers that a text writes in Chinese characters before a unit: 三万元, 叁万元整, 十二户.

Only what stands for one number by the rules of writing is read; 近百万元, 数十人, 一百五元 are found, and not read.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from ledger.values.quantities import Quantity, Reading, Trouble

_DIGITS: Final = {one: at % 10 for at, one in enumerate("零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖")} | {"两": 2}
_SMALL: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_LARGE: Final = {"万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}
_CHARACTERS: Final = "".join((*_DIGITS, *_SMALL, *_LARGE))
_BARE: Final = frozenset(_LARGE)
_NUMERAL: Final = re.compile(
    r"(?P<before>(?:大?约|近|上|超过|超|逾|突破|不少于|不低于|至少|不足|不到|低于))?"
    rf"(?<![0-9.余多第每XＸ×Ⅹ{_CHARACTERS}])(?P<number>[{_CHARACTERS}数几]{{1,24}})(?P<later>[余多])?[ \u3000]?"
    r"(?P<unit>人次|户次|元|人|名|户)(?P<after>左右|以上)?"
)
_GROUP: Final = re.compile(rf"[{''.join(_DIGITS)}{''.join(_SMALL)}]*")


def numerals(text: str) -> Iterator[Quantity]:
    """Every number in characters, with `numeral` as the trouble where its words are no exact number."""
    for found in _NUMERAL.finditer(text):
        number = found["number"]
        is_bounded = any(found[name] for name in ("before", "later", "after"))
        if number in _BARE and not is_bounded:
            # 万元 is a unit, and no number of it.
            continue
        unit = {"元": "fen", "名": "人"}.get(found["unit"], found["unit"])
        value = None if is_bounded else numeral(number)
        trouble: Trouble | None = "near" if found["before"] == "近" else "numeral" if value is None else None
        exact = Fraction((value or 0) * (100 if unit == "fen" else 1))
        readings = () if trouble else (Reading(exact, exact, has_high=True),)
        yield Quantity(found[0], found.start(), found.end(), unit, readings, trouble)


def numeral(text: str) -> int | None:
    """The value of a number in characters, None where the characters are not one number: 二三十, 一百五, 百万."""
    total, rest, above = 0, text, 10**12
    for mark in ("亿億", "万萬"):
        head, scale, tail = _split(rest, mark)
        if scale:
            value = _group(head)
            if value is None or not value:
                return None
            total, rest, above = total + value * scale, tail, scale
    value = _group(rest, above) if rest else 0
    return None if value is None else total + value


def _split(text: str, marks: str) -> tuple[str, int, str]:
    at = next((place for place, one in enumerate(text) if one in marks), -1)
    return ("", 0, text) if at < 0 else (text[:at], _LARGE[text[at]], text[at + 1 :])


def _group(text: str, above: int = 10**12) -> int | None:
    """Up to 9999. After a scale, a lower one that is left out has a 零 in its place: 一百零五, never 一百五."""
    if not text or _GROUP.fullmatch(text) is None:
        return None
    total, digit, is_zero = 0, None, False
    for one in text:
        if one in _SMALL:
            step = _SMALL[one]
            if digit == 0 or step >= above or (digit is None and (step != 10 or total or above != 10**12)):
                return None
            if step * 10 < above != 10**12 and not is_zero:
                return None
            total, digit, above, is_zero = total + (1 if digit is None else digit) * step, None, step, False
        elif one in "零〇":
            if digit is not None or is_zero:
                return None
            is_zero = True
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[one]
    if digit is None:
        return total or (0 if text in {"零", "〇"} else None)
    return total + digit if is_zero or above in {10, 10**12} else None
