"""Who of the county is planted for which test, and what whoever verifies will find: true, or not true and why not.

In a whole county 31 doubts, of which 4 are refuted and 27 confirmed; in a smaller one fewer, of each test at least one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ledger_api.demo.year.deaths import Death
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.plants.rolls import InRolls
from ledger_api.demo.year.registers.matters import CATEGORIES, Category
from ledger_api.demo.year.roll import Case, Roll
from ledger_api.demo.year.targets import YEAR

_MAY: Final = 4
_RETIRED: Final = 60
CATEGORY_OF: Final[Mapping[str, Category]] = {
    "T01": CATEGORIES[0],
    "T02": CATEGORIES[1],
    "T03": CATEGORIES[1],
    "T04": CATEGORIES[2],
    "T05": CATEGORIES[3],
    "T09": CATEGORIES[4],
}
"""Test -> the category of its findings."""
_PENSION: Final = ("养老金", "企业职工养老金每月2860元", "示例县人社局")
_SOURCES: Final[Mapping[str, Sequence[tuple[str, str, str]]]] = {
    "T04": (
        ("财政供养", "县直事业单位在编", "示例县财政局"),
        _PENSION,
        ("公积金", "公积金月缴存基数5200元", "示例市公积金中心"),
        ("社保缴纳", "企业参保,缴费基数4800元", "示例县医保局"),
    ),
    "T05": (
        ("车辆", "小型轿车,新车登记", "示例县交警大队"),
        ("房产", "县城商品房第二套", "示例县不动产登记中心"),
        ("工商登记", "有限公司股东,出资50万元", "示例县市监局"),
    ),
    "T09": (("户籍", "户籍无此人,照片与他人相同", "示例县公安局"),),
}
"""Test -> the kinds of data that show it: as lists name them, what they say, who brings them."""
_REFUTED: Final = (
    ("T04", ("财政供养", "乡镇公益性岗位补贴", "示例县财政局"), "政策允许", "公益性岗位协议"),
    ("T05", ("车辆", "小型面包车,登记未过户", "示例县交警大队"), "信息滞后", "车辆过户证明"),
    ("T09", ("户籍", "户籍已迁出本县", "示例县公安局"), "同名同号", "派出所户籍证明"),
)
"""Doubts of lists that are not true: test, what the list says, 原因分类, and the evidence."""
SHARED: Final = ("监护人账户", "代领委托书和监护证明")
"""The shared account is held for two others by right, which the roster does not say."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One doubt that must be raised. `list_says` is (数据来源, 比对内容, 提供单位); None where no list tells it."""

    test: str
    case: Case
    list_says: tuple[str, str, str] | None
    since: str
    refuted: tuple[str, str] | None
    """(原因分类, 佐证材料) where it turns out not to be true."""

    @property
    def id_number(self) -> str:
        """Whom it is about."""
        return self.case.head.id_number


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything planted in people: the doubts, and the households of the shared account."""

    doubts: tuple[Planted, ...]
    sharing: tuple[Case, ...]

    def founded(self) -> list[tuple[Category, Case]]:
        """Who must pay back, by category in the order of the categories."""
        true = [one for one in self.doubts if one.refuted is None]
        return [(found, one.case) for found in CATEGORIES for one in true if CATEGORY_OF[one.test] == found]

    def of(self, test: str) -> list[Planted]:
        """The doubts of a test."""
        return [one for one in self.doubts if one.test == test]


def cast_of(rolls: Sequence[Roll], deaths: Sequence[Death], planted: InRolls, scale: Decimal, dice: Dice) -> Cast:
    """Choose the people: who died and was paid on, whoever is in the lists twice, and others at random."""
    taken = planted.numbers | {one.case.number for one in deaths}
    free = iter(_free(rolls, taken, dice))
    doubts = [Planted("T01", one.case, None, "", None) for one in deaths if one.paid_after]
    doubts += [Planted(one.test, one.beside, None, "", None) for one in planted.twice]
    for test, sources in _SOURCES.items():
        for at in range(max(1, round(CATEGORY_OF[test].persons * scale))):
            case = next(free)
            says = _PENSION if test == "T04" and _retired(case) else sources[at % len(sources)]
            doubts.append(Planted(test, case, says, f"{YEAR - 1}-07", None))
    for test, says, reason, evidence in _REFUTED:
        doubts.append(Planted(test, next(free), says, f"{YEAR}-01", (reason, evidence)))
    doubts.append(Planted("T07", planted.sharing[0], None, "", SHARED))
    return Cast(tuple(doubts), planted.sharing)


def _retired(case: Case) -> bool:
    """Whether somebody is too old to be employed."""
    return YEAR - case.head.born.year >= _RETIRED


def _free(rolls: Sequence[Roll], taken: set[str], dice: Dice) -> Iterator[Case]:
    """Who stood from January to May and nothing else is planted in; who left after May stands first."""
    dibao = rolls[:2]
    now = {case.number for roll in dibao for case in roll.months[_MAY]}
    gone = {one.case.number for roll in dibao for part in roll.gone[_MAY + 1 :] for one in part}
    standing = [case for roll in dibao for case in roll.months[0] if case.number in now and case.number not in taken]
    yield from sorted(dice.shuffled(standing), key=lambda case: case.number not in gone)
