"""Passwords: what a good one is, and argon2id. Source: RFC 9106; NIST SP 800-63B (length, no composition).

Each trial costs 64 MiB and a tenth of a second, whether or not the account exists; few are made at once, so that
guessing cannot take the machine's memory.
"""

import threading
from functools import cache
from typing import Final

from nacl import pwhash
from nacl.exceptions import InvalidkeyError

from ledger.errors import InputError
from ledger.signing.passphrases import normal, own_part, runs
from ledger_api.access.secrets import new_token
from ledger_api.rooms import Room

SHORTEST: Final = 12
LONGEST: Final = 128
OWN: Final = 4
"""How many characters must be left when common words, the name, digits and signs are taken away."""
DIFFERENT: Final = 6
_OPS: Final = pwhash.argon2id.OPSLIMIT_INTERACTIVE
_MEM: Final = pwhash.argon2id.MEMLIMIT_INTERACTIVE
_AT_ONCE: Final = threading.BoundedSemaphore(2)
TRIALS: Final = Room("E_SIGN_IN_BUSY", at_once=8, waiting=8)
"""Whoever tries a password holds a place here; strangers who try by the hundred take no thread from the others."""


def check_password(password: str, officer: str) -> None:
    """Raises InputError E_PASSWORD_LENGTH or E_PASSWORD_COMMON."""
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise InputError("E_PASSWORD_LENGTH", shortest=SHORTEST, longest=LONGEST)
    plain = text.lower()
    if len(own_part(text, officer)) < OWN or len(set(plain)) < DIFFERENT or plain in runs(SHORTEST):
        raise InputError("E_PASSWORD_COMMON")


def seal_password(password: str) -> str:
    """The text to keep."""
    with _AT_ONCE:
        return pwhash.argon2id.str(normal(password).encode(), _OPS, _MEM).decode()


def password_holds(kept: str | None, password: str) -> bool:
    """Whether a password is the kept one; None does the same work against a password that nobody has."""
    with _AT_ONCE:
        try:
            pwhash.verify((kept or _nobodys()).encode(), normal(password)[: LONGEST * 2].encode("utf-8", "replace"))
        except InvalidkeyError:
            return False
    return kept is not None


@cache
def _nobodys() -> str:
    return pwhash.argon2id.str(new_token().encode(), _OPS, _MEM).decode()
