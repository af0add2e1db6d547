"""How reports write figures (概数写法): `82999元`, `14.25万元`, `8176余万元`, `4.37万人次`, `210余人次`, `83.6%`.

A style says a value or refuses it: nothing is rounded that claims to be exact, and 余 marks a remainder and never a
zero. `ledger.values.quantities` reads the same words back and says which values they stand for. Integers and fractions
only.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from ledger.errors import InputError
from ledger.values.money import check_fen

FEN_OF_YUAN: Final = 100
WAN: Final = 10_000
_WAN_YU_MAX: Final = 10
"""Up to here reports write `8万余元`; above it `16余万元`."""


def exact_yuan(fen: int) -> str:
    """`82999元`; `2384612.36元` when there are fen. Raises InputError E_WORDING_NEGATIVE."""
    whole, rest = divmod(_amount(fen), FEN_OF_YUAN)
    return f"{whole}.{rest:02d}元" if rest else f"{whole}元"


def exact_wan(fen: int) -> str:
    """`14.25万元`, `1552.5万元`, `409万元`: a multiple of 100 yuan, trailing zeros dropped.

    Raises InputError E_WORDING_NOT_WHOLE for any other amount, E_WORDING_NEGATIVE below zero.
    """
    return f"{_hundredths(_amount(fen), FEN_OF_YUAN * WAN, '万元')}万元"


def approx(fen: int) -> str:
    """`8176余万元`, `8万余元`: whole 万, 余 for a remainder; without one `409万元`.

    Raises InputError E_WORDING_SMALL below one 万 (nothing would be left of it), E_WORDING_NEGATIVE below zero.
    """
    whole, rest = divmod(_amount(fen), FEN_OF_YUAN * WAN)
    if not whole:
        raise InputError("E_WORDING_SMALL", value=exact_yuan(fen), least="1万元")
    if not rest:
        return f"{whole}万元"
    return f"{whole}万余元" if whole <= _WAN_YU_MAX else f"{whole}余万元"


def counted(value: int, word: str) -> str:
    """`1786人`. Raises InputError E_WORDING_COUNT for what is no number of things."""
    return f"{_count(value)}{word}"


def counted_wan(value: int, word: str) -> str:
    """`4.37万人次`: a multiple of 100. Raises InputError E_WORDING_NOT_WHOLE, E_WORDING_COUNT."""
    return f"{_hundredths(_count(value), WAN, '万' + word)}万{word}"


def counted_approx(value: int, word: str) -> str:
    """`210余人次`: whole tens, 余 for the rest. Raises InputError E_WORDING_SMALL below ten, E_WORDING_COUNT."""
    tens, rest = divmod(_count(value), 10)
    if not tens:
        raise InputError("E_WORDING_SMALL", value=counted(value, word), least=f"10{word}")
    return f"{tens * 10}{'余' if rest else ''}{word}"


def percent(ratio: Fraction) -> str:
    """`83.6%`: one decimal, half up, a zero dropped. Only the whole is written 100%: 99.96 % keeps its two decimals.

    Raises InputError E_WORDING_NEGATIVE.
    """
    if ratio < 0:
        raise InputError("E_WORDING_NEGATIVE", value=str(ratio))
    decimals = 1
    while (rounded := _half_up(ratio * 100 * 10**decimals)) == 100 * 10**decimals and ratio != 1:
        decimals += 1
    whole, rest = divmod(rounded, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}%" if rest else f"{whole}%"


def average_yuan(fen: Fraction) -> str:
    """`312.46元`: an average to the fen, half up (四舍五入到分). Raises InputError E_WORDING_NEGATIVE."""
    return exact_yuan(_half_up(fen))


def money_worded(fen: int, styles: Sequence[str]) -> tuple[str, str]:
    """The amount in the first of these styles that can say it, else in yuan (nothing is `0元`), and its name. What is
    less than one 万 stands in yuan: nobody writes 0.72万元 for 7200元.

    Raises InputError E_WORDING_STYLE for a name that is no style of money, E_WORDING_NEGATIVE below zero.
    """
    known = {one.__name__: partial(one, fen) for one in (exact_yuan, exact_wan, approx)}
    wanted = styles if fen >= FEN_OF_YUAN * WAN else [one for one in styles if one != exact_wan.__name__]
    return _first(wanted if fen else (), known, "exact_yuan")


def count_worded(value: int, word: str, styles: Sequence[str]) -> tuple[str, str]:
    """The number of things in the first of these styles that can say it, else as it is, and that style's name.

    Raises InputError E_WORDING_STYLE for a name that is no style of counts, E_WORDING_COUNT.
    """
    known = {one.__name__: partial(one, value, word) for one in (counted, counted_wan, counted_approx)}
    return _first(styles, known, "counted")


def _first(wanted: Sequence[str], known: Mapping[str, Callable[[], str]], last: str) -> tuple[str, str]:
    for name in wanted:
        if name not in known:
            raise InputError("E_WORDING_STYLE", style=name, known=", ".join(known))
        try:
            return known[name](), name
        except InputError as error:
            if error.code not in {"E_WORDING_NOT_WHOLE", "E_WORDING_SMALL"}:
                raise
    return known[last](), last


def _amount(fen: int) -> int:
    if check_fen(fen) < 0:
        raise InputError("E_WORDING_NEGATIVE", value=str(fen))
    return fen


def _count(value: int) -> int:
    if type(value) is not int or value < 0:
        raise InputError("E_WORDING_COUNT", value=str(value)[:64])
    return value


def _half_up(value: Fraction) -> int:
    return (2 * value + 1) // 2


def _hundredths(value: int, unit: int, word: str) -> str:
    """The value in units, with at most two decimals."""
    hundredths, rest = divmod(value * 100, unit)
    if rest:
        raise InputError("E_WORDING_NOT_WHOLE", value=value, unit=word)
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0") if part else str(whole)
