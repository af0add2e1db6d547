"""The members' sheet of the towns' households of several (家庭成员表), handed over once, in January."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger_api.demo.year.people import Dice, Person
from ledger_api.demo.year.roll import Case, Roll
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS

_SCHEME: Final = "urban_dibao"
_HEAD: Final = (
    *("序号", "家庭编号", "成员姓名", "身份证号", "与户主关系", "性别", "出生日期", "人员类别", "健康状况"),
    *("是否在校", "是否保障对象", "起保月份", "停保月份"),
)
_RELATIONS: Final = ("配偶", "子", "女", "母亲")


@dataclass(frozen=True, slots=True)
class Family:
    """A household and everybody in it, the householder first."""

    case: Case
    members: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Families:
    """January's households of several in the towns, and their sheet; None where there is none."""

    all: tuple[Family, ...]
    path: Path | None


def families_of(folder: Path, rolls: Sequence[Roll], dice: Dice, dirt: int) -> Families:
    """Made and written."""
    cases = [one for roll in rolls if roll.target.scheme == _SCHEME for one in roll.months[0] if one.persons > 1]
    families = tuple(
        Family(case, (case.head, *(dice.person(1996, 2007) for _ in range(case.persons - 1)))) for case in cases
    )
    if not families:
        return Families((), None)
    path = folder / MONTHS[0] / "城镇低保家庭成员表.csv"
    rows = [row for one in families for row in _rows(one)]
    write_text(path, Sheet("", _HEAD, rows), dice, dirt, encoding="gb18030")
    return Families(families, path)


def _rows(one: Family) -> list[Row]:
    return [
        {
            "家庭编号": one.case.number,
            "成员姓名": person.name,
            "身份证号": person.id_number,
            "与户主关系": "户主" if at == 0 else _RELATIONS[(at - 1) % len(_RELATIONS)],
            "性别": "男" if int(person.id_number[16]) % 2 else "女",
            "出生日期": f"{person.id_number[6:10]}-{person.id_number[10:12]}-{person.id_number[12:14]}",
            "人员类别": "一般",
            "健康状况": "良好",
            "是否在校": "否",
            "是否保障对象": "是",
            "起保月份": MONTHS[0],
        }
        for at, person in enumerate(one.members)
    ]
