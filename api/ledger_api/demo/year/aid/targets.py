"""What a whole county gave once in 2024, as its report says: 临时救助 1,250 of 1,200 yuan; 流浪救助 162 in the station
and 52 sent home; 殡葬减免 47 for 82,999; 意外险 3,125 of 32; 儿童慰问 164,750 and 敬老月 406,850 in cash and goods;
福彩圆梦 57 of 2,500.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

Fund = Literal["relief", "welfare", "lottery"]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one list that are helped in one way. `rows` and `total_yuan` are of a whole county and its year."""

    how: str
    rows: int
    total_yuan: int
    persons: int = 0
    """Of a group's list: persons of all rows together, each helped with the same; else of each row, 0 for any size."""


@dataclass(frozen=True, slots=True)
class AidTarget:
    """One programme of aid given once, and the months of its lists."""

    programme: str
    name: str
    scheme: str
    unit: str
    function_code: str
    fund: Fund
    months: tuple[int, ...]
    parts: tuple[Part, ...]
    letters: str
    """How its case numbers begin."""
    reason: tuple[str, ...]
    """Why somebody was helped, in turn."""
    grouped: bool = False
    """Whether a row is a township's group instead of a person."""
    by_bank: str = ""
    """How the bank's batch numbers begin, where a bank pays it; else whoever hands it over signs the list."""

    def scaled(self, scale: Decimal) -> "AidTarget":
        """The same in a county of another size; no kind of aid is missing there."""
        parts = tuple(_scaled(part, scale, grouped=self.grouped) for part in self.parts)
        return replace(self, parts=parts)


def _scaled(part: Part, scale: Decimal, *, grouped: bool) -> Part:
    """A group stays a group with fewer persons; elsewhere there are fewer rows of the same amount each."""
    if grouped:
        persons = max(part.rows, round(part.persons * scale))
        return replace(part, persons=persons, total_yuan=persons * (part.total_yuan // part.persons))
    rows = max(1, round(part.rows * scale))
    each, rest = divmod(part.total_yuan, part.rows)
    return replace(part, rows=rows, total_yuan=each * rows + round(rest * scale))


_TOWNS: Final = 13
_STREET: Final = ("street_aid", "household", "20820", "relief")
_WELFARE: Final = ("household", "20810", "welfare")
_ILL: Final = ("突发重病", "突发重病", "意外事故", "家中失火", "子女就学刚性支出过大")
AID: Final[Sequence[AidTarget]] = (
    AidTarget(
        *("temporary-aid", "临时救助", "temporary_aid", "household", "20820", "relief"),
        tuple(range(1, 13)),
        (Part("转账", 1250, 1_500_000),),
        "LSJZ",
        _ILL,
        by_bank="LSJZ",
    ),
    AidTarget(
        *("street-station", "流浪乞讨站内救助", *_STREET),
        (3, 6, 9, 12),
        (Part("实物", 162, 92_760, 1),),
        "ZNJZ",
        ("站内照料",),
    ),
    AidTarget(
        *("street-return", "流浪乞讨返乡救助", *_STREET),
        (3, 6, 9, 12),
        (Part("车票", 52, 52 * 185, 1),),
        "FXJZ",
        ("护送返乡",),
    ),
    AidTarget(
        *("funeral", "殡葬减免", "funeral", *_WELFARE),
        (6, 12),
        (Part("减免", 47, 82_999, 1),),
        "BZJM",
        ("基本殡葬服务",),
    ),
    AidTarget(
        *("child-insurance", "困境儿童意外险", "insurance", *_WELFARE),
        (6,),
        (Part("转账", _TOWNS, 100_000, 3125),),
        "YWX",
        ("意外险保费",),
        grouped=True,
    ),
    AidTarget(
        *("child-condolence", "儿童慰问", "condolence", *_WELFARE),
        (6,),
        (Part("现金", _TOWNS, 118_600, 593), Part("实物", _TOWNS, 46_150, 710)),
        "LYWW",
        ("六一慰问",),
        grouped=True,
    ),
    AidTarget(
        *("elder-month", "敬老月慰问", "condolence", *_WELFARE),
        (10,),
        (Part("现金", _TOWNS, 268_000, 536), Part("实物", _TOWNS, 138_850, 2777)),
        "JLWW",
        ("敬老月慰问",),
        grouped=True,
    ),
    AidTarget(
        *("dream", "福彩圆梦孤儿助学", "scholarship", "person", "20810", "lottery"),
        (3, 6, 9, 12),
        (Part("转账", 57, 142_500, 1),),
        "YMZX",
        ("在校就读",),
    ),
)
