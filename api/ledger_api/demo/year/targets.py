"""What the year must come to: persons at the start, who came and left, the monthly amounts a person, in fen.

At scale 1 the sums are those of a published county report of 2024 (临武县): 城镇低保 19,011 人次 of 480 yuan, 农村低保
94,086 of 310 and 22,698 of 320, 特困 21,396 of 950, and the person-times of the four smaller programmes. A decision of
one month is paid from the next, so a month pays who stands at its start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

YEAR: Final = 2024
MONTHS: Final = tuple(f"{YEAR}-{month:02d}" for month in range(1, 13))
RAISED: Final = 3
"""The month, from 0, in which a raised standard is decided (15 April); it binds from January."""
DECIDED_ON: Final = f"{MONTHS[RAISED]}-15"
NEXT: Final = f"{YEAR + 1}-01"
"""The month whose lists, handed over at the year's end, show December's decisions."""


@dataclass(frozen=True, slots=True)
class Target:
    """One programme. `opening`, `came` and `left` are persons; amounts are fen a person and month.

    Of `raised_times` person-months the amount is `raised_fen` instead: households whose income was found to be lower.
    """

    programme: str
    name: str
    scheme: str
    unit: str
    function_code: str
    standard_fen: int
    amount_fen: int
    """A person's month; of who cannot support themselves the standard is of living, and care comes on top."""
    opening: int
    came: int
    left: int
    bank_code: str
    """How the bank's batch numbers begin."""
    raised_fen: int = 0
    raised_times: int = 0
    before_fen: int = 0
    """The standard until the raise was decided; 0 where the year's standard stood before the year. Whoever still stands
    in April gets the rest of January to March then, so that the year comes to the same."""
    left_in: int | None = None
    """The month in which all leave; None: spread over the year."""

    @property
    def rise_fen(self) -> int:
        """How much the standard was raised, a person and month."""
        return self.standard_fen - self.before_fen if self.before_fen else 0

    @property
    def tiers_fen(self) -> list[int]:
        """Amounts a head that may be paid as a tier, also before the rise; none where nothing was raised."""
        amounts = (self.amount_fen, self.raised_fen)
        return sorted({fen - less for fen in amounts for less in (0, self.rise_fen)}) if self.rise_fen else []

    def leavings(self) -> Sequence[int]:
        """How many leave in each month."""
        if self.left_in is None:
            return spread(self.left)
        return [self.left if month == self.left_in else 0 for month in range(1, 13)]

    def scaled(self, scale: Decimal) -> "Target":
        """The same programme in a county of another size; nobody's programme is empty."""
        sizes = {name: _scaled(getattr(self, name), scale) for name in ("opening", "came", "left", "raised_times")}
        sizes["opening"] = max(sizes["opening"], 2 + sizes["left"])
        return Target(**{name: getattr(self, name) for name in self.__slots__} | sizes)


def _scaled(number: int, scale: Decimal) -> int:
    return round(number * scale)


_HOUSEHOLDS: Final = (
    Target("urban-dibao", "城镇低保", "urban_dibao", "household", "20819", 65_000, 48_000, 1602, 138, 180, "CDB"),
    Target(
        "rural-dibao",
        "农村低保",
        "rural_dibao",
        "household",
        "20819",
        50_000,
        31_000,
        9744,
        1462,
        1489,
        "NDB",
        raised_fen=32_000,
        raised_times=22_698,
        before_fen=48_000,
    ),
)
_DISABLED: Final = ("person", "20811", 10_000, 10_000)
_CHILDREN: Final = ("person", "20810", 125_000, 125_000)
TARGETS: Final = (
    *_HOUSEHOLDS,
    Target("destitute", "特困", "destitute", "person", "20821", 85_000, 95_000, 1786, 186, 194, "TK"),
    Target("disability-living", "困难残疾人生活补贴", "disability_living", *_DISABLED, 3642, 0, 1, "KC", left_in=8),
    Target("disability-care", "重度残疾人护理补贴", "disability_care", *_DISABLED, 4375, 0, 0, "ZC"),
    Target("orphan", "孤儿", "orphan", *_CHILDREN, 38, 0, 0, "GE"),
    Target("unsupported-child", "事实无人抚养儿童", "unsupported_child", *_CHILDREN, 273, 0, 1, "SSWR", left_in=8),
)
RETURNS: Final = 96
"""Payments that the banks send back in a year; each is paid again the same month."""


def spread(number: int, months: int = 12) -> Sequence[int]:
    """A year's number over its months: as even as whole numbers are, the larger ones first."""
    each, more = divmod(number, months)
    return [each + (month < more) for month in range(months)]
