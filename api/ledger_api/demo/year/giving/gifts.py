"""What the charity was promised and given in 2024, as the county's report says: pledges of 3,110,000 yuan to itself and
12,415,000 to others, 2,600,000 of its own received; 2,384,612.36 for a flooded neighbour, and goods of 53,000.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import TOWNSHIPS
from ledger_api.demo.year.targets import YEAR

_WAN: Final = 1_000_000
GALA: Final = date(YEAR, 3, 28)
CAMPAIGN: Final = f"{YEAR}年慈善大会"
APPEAL: Final = f"{YEAR}年邻县救灾"
OTHERS: Final = "示例县教育基金会"
_OWN: Final = ((50, 1), (30, 2), (20, 5), (10, 6), (5, 6), (2, 5), (1, 1))
"""万元 -> how many promised it to the charity."""
_ELSEWHERE: Final = ((200, 2), (100, 3), (50, 6), (20, 10), (10, 4), (Decimal("1.5"), 1))
_UNPAID: Final = (20, 5, 2)
"""万元 of pledges of which one each has brought nothing yet."""
_PARTLY: Final = {50: 30, 10: 6}
"""万元 of the pledges of which one each has brought so much."""
_FIRMS: Final = ("矿业", "建材", "食品", "林业", "电力", "茶业", "商贸", "旅游", "农机", "物流", "酒业", "水务")
_BRANDS: Final = ("鑫宏恒永盛隆兴瑞嘉华泰顺福源丰裕", "达源通泰丰和茂润诚安")
_BUREAUS: Final = (
    *("税务", "供电", "林业", "农业农村", "水利", "交通运输", "教育", "财政", "自然资源", "卫生健康", "统计"),
    *("审计", "气象", "住建"),
)
_UNITS: Final = (
    *("第一中学", "人民医院", "中医医院", "职业中专"),
    *(f"{bureau}局" for bureau in _BUREAUS),
    *(f"{township}{unit}" for unit in ("中心小学", "中学", "卫生院", "人民政府") for township in TOWNSHIPS),
)
_GIFTS: Final = ((24, 1_520_000_00), (58, 486_300_00), (1236, 371_912_36))
"""Firms, units and persons: how many gave to the appeal, and fen."""
_BOXES_FEN: Final = 6_400_00
_PASSED_FEN: Final = (1_200_000_00, 900_000_00)
_GOODS: Final = (
    ("饮用水", "件", 600, 30),
    ("方便面", "箱", 400, 45),
    ("棉被", "床", 100, 120),
    ("消毒液", "桶", 50, 100),
)
"""Goods for the neighbour: name, unit, how many, yuan each."""
_GRANTS: Final = 360
GRANT_FEN: Final = 500_00

Kind = Literal["企业", "集体", "个人"]
Road = Literal["bank", "wechat", "alipay", "unknown"]
"""How money came: to the bank, through a channel, or to the bank from somebody who was found only later."""


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives; `number` is the ID number of a person."""

    name: str
    kind: Kind
    number: str = ""
    account: str = ""


_NOBODY: Final = Giver("", "企业")


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise at the gala, and what came of it: (day, fen)."""

    number: str
    giver: Giver
    ours: bool
    fen: int
    arrived: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Gift:
    """Money that came in; `serial` is the bank's number, or the channel's order."""

    on: date
    giver: Giver
    fen: int
    serial: str
    pledge: str = ""
    road: Road = "bank"

    @property
    def appeal(self) -> bool:
        """Whether it is for the neighbour; what is not fulfils a pledge."""
        return not self.pledge


@dataclass(frozen=True, slots=True)
class Goods:
    """One lot of goods for the neighbour."""

    lot: str
    giver: Giver
    name: str
    unit: str
    quantity: int
    yuan_each: int

    @property
    def fen(self) -> int:
        """What the lot is worth."""
        return self.quantity * self.yuan_each * 100


@dataclass(slots=True)
class Charity:
    """The charity's year."""

    opening_fen: int
    pledges: list[Pledge] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    """In the order of their days."""
    goods: list[Goods] = field(default_factory=list)
    boxes_fen: int = 0
    passed: tuple[int, ...] = ()
    """What was passed on to the neighbour, payment by payment."""
    grants: list[int] = field(default_factory=list)
    """Households that each township could help at the spring festival."""

    def promised_fen(self, *, ours: bool) -> int:
        """What was promised to the charity, or to others."""
        return sum(one.fen for one in self.pledges if one.ours == ours)

    def received_fen(self, *, appeal: bool) -> int:
        """What came in for the neighbour, the boxes included, or for pledges."""
        return sum(one.fen for one in self.gifts if one.appeal == appeal) + (self.boxes_fen if appeal else 0)

    @property
    def goods_fen(self) -> int:
        """What the goods are worth."""
        return sum(one.fen for one in self.goods)

    @property
    def granted_fen(self) -> int:
        """What the spring festival's grants come to."""
        return sum(self.grants) * GRANT_FEN


def charity_of(scale: Decimal, dice: Dice, townships: int) -> Charity:
    """The charity's year in a county of some size: as many pledges of smaller sums, and fewer givers."""
    year = Charity(_scaled(50 * _WAN, scale))
    pledges = (*_pledges(_OWN, scale, dice, ours=True), *_pledges(_ELSEWHERE, scale, dice, ours=False))
    year.pledges = [replace(one, giver=_firm("湖南示例", at, dice.choose(_FIRMS))) for at, one in enumerate(pledges)]
    paid = [(on, one.giver, fen, one.number) for one in year.pledges for on, fen in one.arrived]
    appeal = [(on, giver, fen, "") for on, giver, fen in _appeal(scale, dice)]
    year.gifts = [
        Gift(on, giver, fen, f"4742-{number:011d}", pledge)
        for number, (on, giver, fen, pledge) in enumerate(sorted([*paid, *appeal], key=lambda one: one[0]), 1)
    ]
    year.boxes_fen = _scaled(_BOXES_FEN, scale)
    first = [_scaled(fen, scale) for fen in _PASSED_FEN]
    year.passed = (*first, year.received_fen(appeal=True) - sum(first))
    firms = [_firm("示例市", at, f"{_FIRMS[-1 - at]}供应") for at in range(len(_GOODS))]
    year.goods = [
        Goods(f"WZ{YEAR}-{at + 1:03d}", firms[at], name, unit, max(1, round(count * scale)), each)
        for at, (name, unit, count, each) in enumerate(_GOODS)
    ]
    each, more = divmod(max(townships, round(_GRANTS * scale)), townships)
    year.grants = [each + (at < more) for at in range(townships)]
    year.opening_fen = max(year.opening_fen, year.granted_fen)  # each township helps somebody, however small
    return year


def _scaled(fen: int, scale: Decimal) -> int:
    """Whole yuan, at least one, where the whole county's sum is in whole yuan; else whole fen."""
    unit = 1 if fen % 100 else 100
    return max(unit, round(Decimal(fen) / unit * scale) * unit)


def _pledges(sums: Sequence[tuple[int | Decimal, int]], scale: Decimal, dice: Dice, *, ours: bool) -> Iterator[Pledge]:
    """One promise for each; the first of a size is the one that brought part of it, the last the one that did not."""
    for wan, count in sums:
        for at in range(count):
            number = f"RJ{YEAR}-{'A' if ours else 'B'}{int(wan * 10):04d}-{at + 1:02d}"
            full = _scaled(int(wan * _WAN), scale)
            part = _PARTLY.get(int(wan)) if at == 0 else None
            brought = full if part is None else _scaled(part * _WAN, scale)
            unpaid = not ours or (wan in _UNPAID and at == count - 1)
            twice = wan >= 30 and at == 0
            paid = () if unpaid else tuple(_payments(brought, dice, parts=2 if twice else 1))
            yield Pledge(number, _NOBODY, ours, full, paid)


def _payments(fen: int, dice: Dice, parts: int) -> Iterator[tuple[date, int]]:
    """So many payments between April and December, two of them half a year apart."""
    first = date(YEAR, 4, 8) + timedelta(days=dice.below(80))
    half = fen // 200 * 100 if parts > 1 else 0
    yield first, fen - half
    if half:
        yield first + timedelta(days=160), half


def _firm(where: str, number: int, trade: str) -> Giver:
    """A firm of a name that no other of the place has."""
    first, second = _BRANDS
    brand = first[number // len(second) % len(first)] + second[number % len(second)]
    return Giver(f"{where}{brand}{trade}有限公司", "企业")


def _appeal(scale: Decimal, dice: Dice) -> Iterator[tuple[date, Giver, int]]:
    """Firms gave in the first four days, units in the first nine, persons until the 20th."""
    start = date(YEAR, 8, 1)
    for (count, fen), days, kind in zip(_GIFTS, (4, 9, 20), ("firm", "unit", "person"), strict=True):
        many = max(2, round(count * scale))
        for at, share in enumerate(_shares(_scaled(fen, scale), many, dice)):
            if kind == "person":
                person = dice.person(1950, 2004)
                giver = Giver(person.name, "个人", person.id_number, person.account)
            elif kind == "firm":
                giver = _firm("示例县", at, _FIRMS[at % len(_FIRMS)])
            else:
                more = f"第{at // len(_UNITS) + 1}工会" if at >= len(_UNITS) else ""
                giver = Giver(f"示例县{_UNITS[at % len(_UNITS)]}{more}", "集体")
            yield start + timedelta(days=at * days // many), giver, share


def _shares(fen: int, many: int, dice: Dice) -> list[int]:
    """A sum in so many uneven parts of whole yuan, of which the first takes the fen; none is empty."""
    weights = [1 + dice.below(9) for _ in range(many)]
    whole = sum(weights)
    parts = [max(100, fen * weight // whole // 100 * 100) for weight in weights]
    parts[0] += fen - sum(parts)
    return parts
