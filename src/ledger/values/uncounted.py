"""Numbers of a text that count nothing of a book: 103岁, 2倍, 3个百分点, 百分之九十, 12.5平方米, a bare 15.

Only dates and ordinals are none of them: nobody asks a book whether it is December, or which line comes third.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_DASH: Final = r"\s?(?:[-－—–~～]|至|到)\s?"
_LIST: Final = rf"(?:{_DASH}|\s?[、和及]\s?)"
_SILENT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Dates: 2024.12.31, 2022、2023年, 1-9月, 31日, 8时30分, 31日8:30, 1-3季度.
        r"(?<![0-9.])[0-9]{4}[-－./][0-9]{1,2}(?:[-－./][0-9]{1,2})?(?![0-9万亿元%])",
        rf"(?<![0-9.])[0-9]{{4}}(?:{_LIST}[0-9]{{4}}){{0,5}}[ \u3000]?年",
        rf"(?<![0-9.])[0-9]{{1,2}}(?:{_LIST}[0-9]{{1,2}}){{0,11}}[ \u3000]?月",
        rf"(?<![0-9.])[0-9]{{1,2}}(?:{_LIST}[0-9]{{1,2}}){{0,11}}[ \u3000]?日",
        rf"(?<![0-9.])[0-9](?:{_LIST}[0-9]){{0,3}}[ \u3000]?季度",
        r"(?<![0-9.])[0-9]{1,2}时(?:[0-9]{1,2}分)?",
        r"(?<=[日号午晚晨早])[ \u3000]?[0-9]{1,2}[:：][0-9]{2}(?![0-9])",
        # Ordinals: 第3批, 15号, 〔2024〕, and the marks of a list.
        rf"第[ \u3000]?[0-9]+(?:{_DASH}[0-9]+)?",
        r"(?<![0-9.])[0-9]+[ \u3000]?号",
        r"[〔\[［【][0-9]{4}[〕\]］】]|[（(][0-9]{4}[）)](?=[0-9]+号)",
        r"(?:^|(?<=[。；;：:，,\s]))[（(]?[0-9]{1,2}[）)]",
        r"(?:^|(?<=[。；;：:\s]))[0-9]{1,2}[、.．](?![0-9])",
        r"^\s*[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}(?=[ \u3000])",
    )
)
_NUMERALS: Final = "零一二三四五六七八九〇两十百千万半点几数"
_UNITS: Final = (
    *("个百分点", "百分点", "个月", "小时", "分钟", "平方米", "平方公里", "公里", "公斤", "千克", "周岁", "周年", "周"),
    *("年", "天", "岁", "倍", "番", "成", "届", "吨", "亩", "米", "斤", "度", "‰", "‱"),
)
_FOUND: Final = re.compile(
    rf"[0-9]+(?:[.,/:：][0-9]+)*(?:分之[0-9]+(?:\.[0-9]+)?|[余多]?[十百千万亿]{{0,2}}[余多]?(?:{'|'.join(_UNITS)})?)"
    rf"|(?<![{_NUMERALS}第])(?:"
    rf"[{_NUMERALS}]{{1,9}}分之(?:[{_NUMERALS}]{{1,12}}|[0-9]+(?:\.[0-9]+)?)"
    rf"|[{_NUMERALS}]{{1,9}}[余多]?(?:个百分点|倍|周?岁)"
    rf"|(?<=翻)[{_NUMERALS}]{{1,3}}番|(?<=翻了)[{_NUMERALS}]{{1,3}}番"
    r"|[一二两三四五六七八九]成(?=半|以上|以下|左右|多|[,，。；;、)）]|$))"
)


def uncounted(text: str, taken: Iterable[tuple[int, int]] = ()) -> Iterator[tuple[int, str]]:
    """(start, number) of each number of a text that `plain_digits` has seen, but for dates, ordinals and what lies
    within the places that are `taken`.
    """
    silent = [found.span() for pattern in _SILENT for found in pattern.finditer(text)]
    hidden = {at for start, end in (*taken, *silent) for at in range(start, end)}
    for found in _FOUND.finditer(text):
        digits = [at for at in range(*found.span()) if text[at].isdecimal()] or [found.start()]
        if any(at not in hidden for at in digits):
            yield found.start(), found[0]
