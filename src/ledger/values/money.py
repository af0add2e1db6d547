"""Money is a whole number of fen; yuan exist only as text at the edges. No float is ever made on the way.

Sums in capitals stand in `ledger.values.capitals` and are offered here too.
"""

import re

from ledger.errors import InputError
from ledger.values.capitals import capitals, capitals_to_fen

__all__ = ["MAX_FEN", "capitals", "capitals_to_fen", "check_fen", "fen_to_yuan", "yuan_to_fen"]

MAX_FEN = 2**53 - 1
"""The largest amount: the largest integer that every JSON reader keeps exact (RFC 8785, I-JSON)."""

_YUAN = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)


def check_fen(fen: int, field: str = "amount_fen") -> int:
    """The amount itself when it is a whole number within ±MAX_FEN; otherwise InputError E_FEN_TYPE or E_FEN_RANGE."""
    if type(fen) is not int:
        raise InputError("E_FEN_TYPE", field=field, value=str(fen)[:64])
    if not -MAX_FEN <= fen <= MAX_FEN:
        raise InputError("E_FEN_RANGE", field=field, value=fen)
    return fen


def yuan_to_fen(text: object, field: str = "amount") -> int:
    """Fen from yuan as written: `1,234.50`, `1234.5`, `-3`; at most two decimals, commas by thousands or not at all.

    Raises InputError E_YUAN_FORM when the text is anything else and E_FEN_RANGE when the amount is too large.
    """
    found = _YUAN.fullmatch(text) if isinstance(text, str) and len(text) <= 64 else None
    if found is None:
        raise InputError("E_YUAN_FORM", field=field, value=str(text)[:64])
    sign, whole, decimals = found.groups()
    fen = int(whole.replace(",", "")) * 100 + int((decimals or "0").ljust(2, "0"))
    return check_fen(-fen if sign else fen, field)


def fen_to_yuan(fen: int, *, grouped: bool = False) -> str:
    """Yuan with two decimals: `1234.50`, or `1,234.50` when grouped. `yuan_to_fen` gives the same fen back."""
    whole, rest = divmod(abs(check_fen(fen)), 100)
    return f"{'-' if fen < 0 else ''}{whole:{',' if grouped else ''}}.{rest:02d}"
