"""The members' sheet of the towns' households of several (家庭成员表), handed over once, in January."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger_api.demo.year.people import Dice, Person
from ledger_api.demo.year.roll import Case, Roll
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR

_SCHEME: Final = "urban_dibao"
_HEAD: Final = (
    *("序号", "家庭编号", "成员姓名", "身份证号", "与户主关系", "性别", "出生日期", "人员类别", "健康状况"),
    *("是否在校", "是否保障对象", "起保月份", "停保月份"),
)
_RELATIONS: Final[Sequence[tuple[str, tuple[int, int], bool | None]]] = (
    ("配偶", (-4, 3), None),
    ("子", (21, 33), True),
    ("女", (20, 34), False),
    ("母亲", (-31, -20), False),
)
"""与户主关系, by how many years younger than the householder they are, and their sex; None is the other one."""
_GROWN: Final = 18
_OLD: Final = 60
_AT_SCHOOL: Final = range(6, 19)


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
    families = tuple(Family(case, (case.head, *_relatives(case, dice))) for case in cases)
    if not families:
        return Families((), None)
    path = folder / MONTHS[0] / "城镇低保家庭成员表.csv"
    rows = [row for one in families for row in _rows(one)]
    write_text(path, Sheet("", _HEAD, rows), dice, dirt, encoding="gb18030")
    return Families(families, path)


def _relatives(case: Case, dice: Dice) -> Iterator[Person]:
    """Everybody but the householder; a child is born by last year, and who is too young for one lives with others."""
    head = case.head
    for at in range(case.persons - 1):
        _, (least, most), male = _relation(head, at)
        years = head.born.year + least, min(head.born.year + most, YEAR - 1)
        yield dice.person(*years, male=not head.male if male is None else male)


def _relation(head: Person, at: int) -> tuple[str, tuple[int, int], bool | None]:
    """Whom the householder of that age lives with."""
    old, young = head.born.year <= YEAR - _OLD, head.born.year > YEAR - 2 * _GROWN
    fits = [one for one in _RELATIONS if not (old and one[0] == "母亲") and not (young and one[0] in {"子", "女"})]
    return fits[(int(head.id_number[14:17]) + at) % len(fits)]


def _rows(one: Family) -> list[Row]:
    return [
        {
            "家庭编号": one.case.number,
            "成员姓名": person.name,
            "身份证号": person.id_number,
            "与户主关系": "户主" if at == 0 else _relation(one.case.head, at - 1)[0],
            "性别": "男" if person.male else "女",
            "出生日期": person.born.isoformat(),
            "人员类别": _class(YEAR - person.born.year),
            "健康状况": "良好",
            "是否在校": "是" if YEAR - person.born.year in _AT_SCHOOL else "否",
            "是否保障对象": "是",
            "起保月份": MONTHS[0],
        }
        for at, person in enumerate(one.members)
    ]


def _class(age: int) -> str:
    return "老年" if age >= _OLD else "未成年" if age < _GROWN else "一般"
