"""The unified social credit code (统一社会信用代码): form and check characters.

Source: GB 32100-2015 (18 characters, weights 3^i mod 31). The organisation code inside it (GB 11714-1997, characters 9
to 17) has a check character of its own, which is not asked: some old registrations carry a wrong one.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""

_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_FORM = re.compile(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}", re.ASCII)


def uscc_check_character(first17: str) -> str:
    """The 18th character of a code; ValueError when a character is outside the alphabet."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def uscc_last_holds(text: str) -> bool:
    """Whether the form and the last character hold."""
    return _FORM.fullmatch(text) is not None and uscc_check_character(text[:17]) == text[17]
