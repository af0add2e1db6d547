"""Counts, quantities, rates and yes-or-no answers."""

import re
from decimal import Decimal

from ledger.application.importing.fields.plain import CellContext, CellFault, filled, folded, half_width
from ledger.application.importing.tables import CellValue

_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.0+)?\s*[人户个次件份张页名口项月年]?$")
_QUANTITY = re.compile(r"(-?\d{1,3}(?:,\d{3})+|-?\d{1,12})(\.\d{1,9})?$")
_PERCENT = re.compile(r"(-?\d{1,6}(?:\.\d{1,9})?)\s*(%?)$")
_YES = frozenset(("是", "有", "√", "✓", "✔", "Y", "YES", "TRUE", "已", "1", "对"))
_NO = frozenset(("否", "无", "×", "✗", "N", "NO", "FALSE", "未", "0", "不", "错"))
_MILLI = 1000
COUNT_MAX = 100_000_000
"""More than that no county has of anything that is counted one by one."""
_PARTS_PER_MILLION = 1_000_000


def parse_count(value: CellValue, _context: CellContext) -> int | None:
    """A whole number of people, households or things, not below 0; `E_CELL_COUNT`, `E_COUNT_RANGE`."""
    text = half_width(filled(value))
    if not text:
        return None
    match = _COUNT.match(text)
    if match is None:
        raise CellFault("E_CELL_COUNT", value=text)
    count = int(match[1].replace(",", ""))
    if count > COUNT_MAX:
        raise CellFault("E_COUNT_RANGE", value=text)
    return count


def parse_quantity(value: CellValue, _context: CellContext) -> int | None:
    """A quantity of goods in thousandths of its unit; `E_CELL_QUANTITY`."""
    text = half_width(filled(value))
    if not text:
        return None
    match = _QUANTITY.match(text)
    thousandths = Decimal(text.replace(",", "")) * _MILLI if match else Decimal("NaN")
    if not thousandths.is_finite() or thousandths != thousandths.to_integral_value():
        raise CellFault("E_CELL_QUANTITY", value=text)
    return int(thousandths)


def parse_rate(value: CellValue, _context: CellContext) -> int | None:
    """A percentage in parts per million: `0.60%` is 6,000; a number cell of 0.737 is 737,000. `E_CELL_RATE`."""
    text = half_width(filled(value))
    if not text:
        return None
    match = _PERCENT.match(text)
    if match is None:
        raise CellFault("E_CELL_RATE", value=text)
    share = Decimal(match[1])
    # A sheet keeps 73.7 % as 0.737; typed by hand without the sign it is 73.7.
    parts = share * _PARTS_PER_MILLION / (100 if match[2] or abs(share) > 1 else 1)
    if parts != parts.to_integral_value():
        raise CellFault("E_CELL_RATE", value=text)
    return int(parts)


def parse_yes_no(value: CellValue, _context: CellContext) -> bool | None:
    """True, False, or None for a blank cell; `E_CELL_YES_NO`."""
    text = half_width(filled(value)).upper()
    if not text:
        return None
    if text in _YES or text in _NO:
        return text in _YES
    raise CellFault("E_CELL_YES_NO", value=text)


def parse_text(value: CellValue, _context: CellContext) -> str | None:
    """Free text as one clean line, its digits and letters in half width; None for a blank or crossed-out cell."""
    return folded(filled(value)) or None
