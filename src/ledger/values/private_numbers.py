"""Numbers that can only be a person's, among those of papers and files, which may rightly be as long.

A document, a contract or a scan is often named by fifteen digits and more, so that length says nothing here. What says
it is the number itself: the area, the date of birth and the check digit of an identity number, the beginning and the
check digit of a bank card, or a mobile number that stands alone. Source: GB 11643, ISO/IEC 7812-1, 电信网编号计划.
"""

import re
import unicodedata
from typing import Final

from ledger.errors import InputError
from ledger.values.cards import card_check_digit
from ledger.values.dates import parse_day
from ledger.values.idno import is_resident_id

_SOME: Final = re.compile(r"[0-9][0-9 ]{9,}[0-9]")
_GAP: Final = re.compile(r"(?<=[0-9]) (?=[0-9])")
_IDENTITY: Final = re.compile(
    r"(?<![0-9])(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{15}[0-9Xx](?![0-9])"
)
_CARD: Final = re.compile(r"(?<![0-9])(?:62[0-9]{14,17}|9558[0-9]{12,15})(?![0-9])")
"""How the cards of Chinese banks begin. Other beginnings are those of provinces as well, which papers are named by."""
_EDGE: Final = r"\s()\[\]{}<>,;:!?'\"、。，；：！？（）【】《》〔〕"
_END: Final = rf"(?:(?![^{_EDGE}])|(?=\.[A-Za-z]+$))"
_MOBILE: Final = re.compile(
    rf"(?:(?<![^{_EDGE}])|(?<=电话)|(?<=手机)|(?<=机号)|(?<=联系)|(?<=微信))1[3-9][0-9]{{9}}{_END}"
)


def holds_private_number(text: str) -> bool:
    """Whether a text holds an identity number or a bank card whose check digit is right, or a mobile number alone.

    Full-width and other compatibility digits count as digits, and single blanks between digits part no number.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if _SOME.search(plain) is None:
        return False
    whole = _GAP.sub("", plain)
    return (
        any(is_resident_id(found[0].upper()) for found in _IDENTITY.finditer(whole))
        or any(_is_card(found[0]) for found in _CARD.finditer(whole))
        or _MOBILE.search(whole) is not None
    )


def _is_card(run: str) -> bool:
    """The check digit is right, and no day follows a province: 622801 2025 0930 … is a county's paper."""
    if card_check_digit(run[:-1]) != run[-1]:
        return False
    try:
        parse_day(f"{run[6:10]}-{run[10:12]}-{run[12:14]}")
    except InputError:
        return True
    return False
