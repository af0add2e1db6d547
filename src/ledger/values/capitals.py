"""Sums in capitals (人民币大写), as vouchers, receipts and cheques demand.

Source: 《会计基础工作规范》 (财会字〔1996〕19号, 2019 edition) art. 52: 整 stands after 元 or 角 when nothing
follows and never after 分; zeros inside the number give one 零. Where the rule leaves a choice (yuan digit 0, jiao
digit not 0) the 零 is written, so that one amount has one spelling.
"""

import re

from ledger.errors import InputError

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_SECTIONS = ("", "万", "亿", "万亿")
_LIMIT_FEN = 10**18
_TOKEN = re.compile(r"([壹贰叁肆伍陆柒捌玖])([拾佰仟]?)")


def capitals(fen: int) -> str:
    """The amount in capitals: 123450 -> 壹仟贰佰叁拾肆元伍角整; 0 -> 零元整; a negative amount begins with 负.

    Raises InputError E_FEN_TYPE for anything but an int and E_FEN_RANGE from 10^16 yuan on.
    """
    if type(fen) is not int:
        raise InputError("E_FEN_TYPE", field="amount_fen", value=str(fen)[:64])
    if abs(fen) >= _LIMIT_FEN:
        raise InputError("E_FEN_RANGE", field="amount_fen", value=fen)
    sign = "负" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    jiao, fen_digit = divmod(rest, 10)
    if yuan == 0 and rest == 0:
        return "零元整"
    return sign + _yuan_part(yuan) + _small_part(yuan, jiao, fen_digit)


def capitals_to_fen(text: str) -> int:
    """The fen of a sum in capitals, in any spelling of art. 52; 圆 for 元, 正 for 整 and 人民币 in front may stand.

    Raises InputError E_CAPITALS for any other text.
    """
    plain = text.strip().removeprefix("人民币").replace("圆", "元").replace("正", "整")
    negative, bare = plain.startswith("负"), plain.removeprefix("负")
    whole, mark, small = bare.rpartition("元")
    try:
        fen = (_whole_value(whole) if mark else 0) * 100 + _small_value(small)
        amount = -fen if negative else fen
        if _loose(capitals(amount)) == _loose(plain):
            return amount
    except (InputError, ValueError):
        pass
    raise InputError("E_CAPITALS", value=text[:64])


def _loose(text: str) -> str:
    """What two allowed spellings share: the 零 before 角 and the 整 after 角 may be left out (art. 52)."""
    return re.sub(r"元零(.角)", r"元\1", text).removesuffix("整")


def _yuan_part(yuan: int) -> str:
    """The part up to 元; empty below one yuan."""
    if yuan == 0:
        return ""
    written: list[str] = []
    zero_due = False
    for section in range(len(_SECTIONS) - 1, -1, -1):
        value = yuan // 10 ** (4 * section) % 10_000
        if value == 0:
            zero_due = bool(written)
            continue
        if written and (zero_due or value < 1000):
            written.append("零")
        written.append(_section(value) + _section_name(section, yuan))
        zero_due = False
    return "".join(written) + "元"


def _section_name(section: int, yuan: int) -> str:
    """万亿 is written 万 when a 亿 section follows, because one 亿 then serves both."""
    if section == 3 and yuan // 10**8 % 10_000:
        return "万"
    return _SECTIONS[section]


def _section(value: int) -> str:
    """Four digits with their places, inner zeros as one 零: 1005 -> 壹仟零伍."""
    written = ""
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            written += DIGITS[digit] + _PLACES[place]
        elif written and not written.endswith("零"):
            written += "零"
    return written.removesuffix("零")


def _small_part(yuan: int, jiao: int, fen_digit: int) -> str:
    """What follows 元: jiao, fen, 整."""
    if jiao == 0 and fen_digit == 0:
        return "整"
    if jiao == 0:
        return ("零" if yuan else "") + DIGITS[fen_digit] + "分"
    zero = "零" if yuan and yuan % 10 == 0 else ""
    return zero + DIGITS[jiao] + "角" + (DIGITS[fen_digit] + "分" if fen_digit else "整")


def _whole_value(text: str) -> int:
    """The yuan before 元, read by sections; the caller compares the result with the one right spelling."""
    if text == "零":
        return 0
    high, mark, low = text.rpartition("亿")
    return (_below_yi(high) if mark else 0) * 10**8 + _below_yi(low)


def _below_yi(text: str) -> int:
    high, mark, low = text.rpartition("万")
    return (_section_value(high) if mark else 0) * 10_000 + _section_value(low)


def _section_value(text: str) -> int:
    weights = {"": 1, "拾": 10, "佰": 100, "仟": 1000}
    return sum(DIGITS.index(digit) * weights[place] for digit, place in _TOKEN.findall(text))


def _small_value(text: str) -> int:
    found = re.fullmatch(r"零?(?:([壹贰叁肆伍陆柒捌玖])角)?零?(?:([壹贰叁肆伍陆柒捌玖])分)?整?", text)
    if found is None:
        raise ValueError(text)
    jiao, fen_digit = (DIGITS.index(part) if part else 0 for part in found.groups())
    return jiao * 10 + fen_digit
