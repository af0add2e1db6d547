"""The unified social credit code (统一社会信用代码): form and check characters.

Source: GB 32100-2015 (18 characters, weights 3^i mod 31) and GB 11714-1997 for the organisation code inside it
(characters 9 to 17, mod 11). Some old registrations carry a wrong inner character, so the last one can be asked alone.
"""

import re

from ledger.errors import InputError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""

_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_FORM = re.compile(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}", re.ASCII)


def uscc_check_character(first17: str) -> str:
    """The 18th character of a code; ValueError when a character is outside the alphabet."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check_character(first8: str) -> str:
    """The check character of an organisation code of GB 11714 (the 17th character): a digit or X."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    remainder = 11 - total % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def uscc_last_holds(text: str) -> bool:
    """Whether the form and the last character hold (the inner organisation code is not asked)."""
    return _FORM.fullmatch(text) is not None and uscc_check_character(text[:17]) == text[17]


def uscc_holds(text: str) -> bool:
    """Whether form, last character and inner organisation code all hold."""
    return uscc_last_holds(text) and organisation_check_character(text[8:16]) == text[16]


def check_uscc(text: object, field: str = "uscc", *, full: bool = True) -> str:
    """The text itself when the code holds (only its last character unless `full`); otherwise InputError E_USCC."""
    if not isinstance(text, str) or not (uscc_holds(text) if full else uscc_last_holds(text)):
        raise InputError("E_USCC", field=field, value=str(text)[:64])
    return text
