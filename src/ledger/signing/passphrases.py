"""What a passphrase must be before a key is sealed with it. Source: NIST SP 800-63B (length and a list).

A key file travels on a stick: whoever finds it may guess as long as he likes, so that a short or a common passphrase
protects nothing, whatever argon2id costs.
"""

import unicodedata
from functools import cache
from typing import Final

from ledger.errors import InputError

SHORTEST: Final = 8
"""Characters, of any script: 八个汉字 are eight."""
LONG_ENOUGH: Final = 16
"""From here on a row of digits is no birthday and no telephone number any more."""
_OWN: Final = 2
_DIFFERENT: Final = 4
_SIGNS: Final = "!@#$%^&*._-"

_COMMON: Final = frozenset(
    (
        *("password", "passw0rd", "p@ssw0rd", "qwerty", "qwertyuiop", "1qaz2wsx", "abcdef", "asdfgh", "zxcvbn"),
        *("admin", "administrator", "letmein", "welcome", "iloveyou", "woaini", "mima", "test", "root"),
        *("charity", "ledger", "cishan"),
    )
)
"""Words that a passphrase may not consist of, alone or repeated and with digits around them."""


def normal(text: str) -> str:
    """NFC, because keyboards and systems spell the same letters differently."""
    return unicodedata.normalize("NFC", text)


def own_part(text: str, name: str) -> str:
    """What is left of a text when common words, the name, digits, blanks and signs are taken away."""
    left = text.lower().replace(name.lower(), "") if name else text.lower()
    for word in sorted(_COMMON, key=len, reverse=True):
        left = left.replace(word, "")
    return "".join(one for one in left if not one.isdigit() and not one.isspace() and one not in _SIGNS)


@cache
def runs(shortest: int) -> frozenset[str]:
    """Rows of the alphabet and of the keyboard, forwards and backwards, from so many characters on."""
    rows = (
        "0123456789" * 3,
        "abcdefghijklmnopqrstuvwxyz",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
        "qwertyuiopasdfghjkl",
    )
    both = [row for one in rows for row in (one, one[::-1])]
    return frozenset(
        row[start:end] for row in both for start in range(len(row)) for end in range(start + shortest, len(row) + 1)
    )


def require_strong(passphrase: str, name: str) -> None:
    """Raises InputError E_PASSPHRASE_SHORT or E_PASSPHRASE_COMMON; `name` is whose key it is."""
    text = normal(passphrase)
    if len(text.strip()) < SHORTEST:
        raise InputError("E_PASSPHRASE_SHORT", shortest=SHORTEST, name=name)
    plain = text.lower()
    digits = plain.isdigit() and len(plain) >= LONG_ENOUGH
    if (len(own_part(text, name)) < _OWN and not digits) or len(set(plain)) < _DIFFERENT or plain in runs(SHORTEST):
        raise InputError("E_PASSPHRASE_COMMON", name=name)
