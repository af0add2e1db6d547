"""Money is a whole number of fen; yuan exist only as text at the edges. No float is ever made on the way.

Sums in capitals stand in `ledger.values.capitals` and are offered here too.
"""

from ledger.errors import InputError
from ledger.values.capitals import capitals, capitals_to_fen

__all__ = ["MAX_FEN", "capitals", "capitals_to_fen", "check_fen", "fen_to_yuan"]

MAX_FEN = 2**53 - 1
"""The largest amount: the largest integer that every JSON reader keeps exact (RFC 8785, I-JSON)."""


def check_fen(fen: int, field: str = "amount_fen") -> int:
    """The amount itself when it is a whole number within ±MAX_FEN; otherwise InputError E_FEN_TYPE or E_FEN_RANGE."""
    if type(fen) is not int:
        raise InputError("E_FEN_TYPE", field=field, value=str(fen)[:64])
    if not -MAX_FEN <= fen <= MAX_FEN:
        raise InputError("E_FEN_RANGE", field=field, value=fen)
    return fen


def fen_to_yuan(fen: int, *, grouped: bool = False) -> str:
    """Yuan with two decimals: `1234.50`, or `1,234.50` when grouped."""
    whole, rest = divmod(abs(check_fen(fen)), 100)
    return f"{'-' if fen < 0 else ''}{whole:{',' if grouped else ''}}.{rest:02d}"
