"""Amounts of money: any spelling an office uses, to whole fen, without a float anywhere.

`1,234.50`, `1234.5元`, `1234.5（元）`, `￥1,234.50`, `CNY 12.00`, `3.5万`, `壹佰元整`; negative ones as `（12.00）`,
`-12.00`, `12.00-`, `-￥12.00` and `￥-12.00`.
A unit written in the cell wins over the unit of its column (元, 万元, 分).
"""

import re
from decimal import Decimal, InvalidOperation

from ledger.application.importing.fields.plain import CellContext, CellFault, filled, half_width
from ledger.application.importing.tables import CellValue
from ledger.errors import InputError
from ledger.values.money import MAX_FEN, capitals_to_fen

_AMOUNT = re.compile(
    r"(?P<sign>[-+])?(?P<digits>\d[\d,]*(\.\d*)?|\.\d+)(?P<unit>万元|亿元|千元|百元|万|亿|元|圆|分)?整?$"
)
_PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+$")
_CURRENCY = r"人民币|RMB|CNY|¥|￥|\$"
_PREFIX = re.compile(rf"^({_CURRENCY})\s*[::]?\s*|(人民币|RMB|CNY)$", re.IGNORECASE)
_SIGNED = re.compile(rf"^([-+])({_CURRENCY})", re.IGNORECASE)
_SIGN_BEHIND = re.compile(r"^([\d.][\d.,]*(?:万元|元|分)?)-$")
_UNIT_BESIDE = re.compile(r"\((万元|元|分)\)$")
_UNITS_FEN = {
    "分": 1,
    "元": 100,
    "圆": 100,
    "百元": 10_000,
    "千元": 100_000,
    "万": 1_000_000,
    "万元": 1_000_000,
    "亿": 10_000_000_000,
    "亿元": 10_000_000_000,
}
# Capitals are also typed with the everyday digits; they are turned into the ones that a receipt must carry.
_EVERYDAY = str.maketrans("〇一二两三四五六七八九十百千圆正", "零壹贰贰叁肆伍陆柒捌玖拾佰仟元整")
_CAPITALS_ONLY = frozenset("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整")


def parse_money(value: CellValue, context: CellContext) -> int | None:
    """Fen, or None for a blank cell; `E_CELL_MONEY`, `E_MONEY_PRECISION` or `E_MONEY_RANGE`."""
    if isinstance(value, int | Decimal):
        return _to_fen(Decimal(value), context.fen_per_unit, str(value))
    shown = filled(value)
    if not shown:
        return None
    if _PLAIN.fullmatch(shown):
        return _to_fen(Decimal(shown), context.fen_per_unit, shown)
    text = half_width(shown).replace(" ", "")
    text = _UNIT_BESIDE.sub(r"\1", _SIGNED.sub(r"\2\1", text.replace("−", "-")))
    text = _SIGN_BEHIND.sub(r"-\1", _PREFIX.sub("", text))
    spelled = text.translate(_EVERYDAY)
    if spelled and all(sign in _CAPITALS_ONLY for sign in spelled):
        return _capitals_fen(spelled, shown)
    negative = text.startswith("(") and text.endswith(")")
    match = _AMOUNT.match(_PREFIX.sub("", text[1:-1] if negative else text))
    if match is None or not _grouping_holds(match["digits"]):
        raise CellFault("E_CELL_MONEY", value=shown)
    unit = _UNITS_FEN[match["unit"]] if match["unit"] else context.fen_per_unit
    try:
        amount = Decimal(match["digits"].replace(",", ""))
    except InvalidOperation:
        raise CellFault("E_CELL_MONEY", value=shown) from None
    return _to_fen(-amount if negative or match["sign"] == "-" else amount, unit, shown)


def _grouping_holds(digits: str) -> bool:
    """Whether commas stand between groups of three; `1,23` is a slip, not an amount."""
    whole = digits.partition(".")[0]
    return "," not in digits or ("," not in digits.partition(".")[2] and bool(_GROUPED.match(whole)))


def _to_fen(amount: Decimal, fen_per_unit: int, shown: str) -> int:
    if not amount.is_finite() or abs(amount) > MAX_FEN:
        raise CellFault("E_MONEY_RANGE", value=shown)
    fen = amount * fen_per_unit
    if fen != fen.to_integral_value():
        raise CellFault("E_MONEY_PRECISION", value=shown)
    if abs(fen) > MAX_FEN:
        raise CellFault("E_MONEY_RANGE", value=shown)
    return int(fen)


def _capitals_fen(text: str, shown: str) -> int:
    """Amounts in capitals: 壹万贰仟叁佰元伍角整 is 1,230,050 fen; `E_CELL_MONEY` when the signs make no amount."""
    if not set(text) & set("元角分"):
        text = text.removesuffix("整") + "元整"
    try:
        return capitals_to_fen(text)
    except InputError:
        raise CellFault("E_CELL_MONEY", value=shown) from None
