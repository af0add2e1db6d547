"""Resident identity numbers (公民身份号码): check character, birth date, the old 15-digit form.

Source: GB 11643-1999. Such a number never enters the log; these helpers serve the vault, imports and matching.
No error made here repeats the number.
"""

import re
from datetime import date
from operator import mul

from ledger.errors import InputError

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_NEW = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_OLD = re.compile(r"[1-9]\d{14}", re.ASCII)


def id_check_character(first17: str) -> str:
    """The 18th character by ISO 7064 MOD 11-2: a digit or X."""
    if len(first17) != len(_WEIGHTS):
        raise ValueError(len(first17))
    return _CHECKS[sum(map(mul, map(int, first17), _WEIGHTS)) % 11]


def is_resident_id(text: str) -> bool:
    """Whether it is an 18-character number with a real birth date and a right check character (X in upper case)."""
    if _NEW.fullmatch(text) is None or _birth(text[6:14]) is None:
        return False
    return id_check_character(text[:17]) == text[17]


def id15_to_18(text: object) -> str:
    """The 18-character form of an old 15-digit number (born 19xx); InputError E_ID_NUMBER when it is not one."""
    if not isinstance(text, str) or _OLD.fullmatch(text) is None or _birth("19" + text[6:12]) is None:
        raise InputError("E_ID_NUMBER", field="id_number")
    first17 = text[:6] + "19" + text[6:]
    return first17 + id_check_character(first17)


def _birth(eight: str) -> date | None:
    """The date of eight digits when it exists and lies from 1850 on."""
    try:
        born = date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None
    return born if born.year >= 1850 else None
