"""Quantities of goods: a whole number of the smallest part, with a declared scale (decimals) from 0 to 6.

12.500 kg at scale 3 is 12500; the scale stands beside the number and is never guessed from it.
"""

import re
from dataclasses import dataclass

from ledger.errors import InputError

MAX_SCALE = 6
MAX_PARTS = 2**53 - 1
_DECIMAL = re.compile(r"(-?)(\d{1,16})(?:\.(\d{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`parts` / 10**`scale` of some unit, exactly."""

    parts: int
    scale: int = 0

    def __post_init__(self) -> None:
        if type(self.scale) is not int or not 0 <= self.scale <= MAX_SCALE:
            raise InputError("E_QUANTITY_SCALE", scale=str(self.scale)[:64], max=MAX_SCALE)
        if type(self.parts) is not int or not -MAX_PARTS <= self.parts <= MAX_PARTS:
            raise InputError("E_QUANTITY_RANGE", value=str(self.parts)[:64])

    @classmethod
    def parse(cls, text: object, scale: int) -> "Quantity":
        """From a decimal such as `12.5`; InputError E_QUANTITY_FORM, or E_QUANTITY_SCALE when it has more decimals."""
        found = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise InputError("E_QUANTITY_FORM", value=str(text)[:64])
        sign, whole, decimals = found.groups()
        kept = (decimals or "").rstrip("0")
        if not 0 <= scale <= MAX_SCALE or len(kept) > scale:
            raise InputError("E_QUANTITY_SCALE", scale=scale, max=MAX_SCALE, value=text)
        parts = int(whole + kept.ljust(scale, "0"))
        return cls(-parts if sign else parts, scale)

    def __str__(self) -> str:
        whole, rest = divmod(abs(self.parts), 10**self.scale)
        sign = "-" if self.parts < 0 else ""
        return f"{sign}{whole}.{rest:0{self.scale}d}" if self.scale else f"{sign}{whole}"

    def __add__(self, other: "Quantity") -> "Quantity":
        self._same_scale(other)
        return Quantity(self.parts + other.parts, self.scale)

    def __sub__(self, other: "Quantity") -> "Quantity":
        self._same_scale(other)
        return Quantity(self.parts - other.parts, self.scale)

    def _same_scale(self, other: "Quantity") -> None:
        """Adding across scales would need a decision that belongs to whoever counted the goods."""
        if self.scale != other.scale:
            raise InputError("E_QUANTITY_SCALE", scale=other.scale, max=self.scale)
