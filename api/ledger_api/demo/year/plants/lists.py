"""What other departments bring in May and in December: lists of people to be compared with who is paid.

Most of those listed are nobody of the rosters, as in life; the lists of the dead name everybody who died.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ledger_api.demo.year.deaths import Death
from ledger_api.demo.year.people import Dice, Person
from ledger_api.demo.year.plants.cast import Cast, Planted
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS

MONTHS_OF_LISTS: Final = (MONTHS[4], MONTHS[11])
_HEAD: Final = ("序号", "数据来源", "姓名", "身份证号", "比对内容", "起始日期", "数据截止日", "提供单位", "备注")
_STRANGERS: Final = 3
"""Persons of each list who are in no programme."""


def write_lists(
    folder: Path, cast: Cast, deaths: Sequence[Death], dice: Dice, dirt: int
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The lists of May, one of each department and one of officials' relatives, who draw nothing; December's list of
    the dead.
    """
    first, last = MONTHS_OF_LISTS
    by_department: dict[str, list[Planted]] = {}
    for one in cast.doubts:
        if one.list_says is not None:
            by_department.setdefault(one.list_says[2], []).append(one)
    may = tuple(
        _write(folder / first / f"比对名单-{name}.csv", [_row(one, first) for one in own], own[0].list_says, dice, dirt)
        for name, own in by_department.items()
    )
    filed = "干部近亲属", "村(社区)干部近亲属备案", "示例县纪委监委"
    may = (*may, _write(folder / first / "比对名单-示例县纪委监委.csv", [], filed, dice, dirt))
    died = [_dead(one, last) for one in deaths]
    told = ("死亡", "殡葬火化登记", "示例县殡仪馆")
    return may, (_write(folder / last / "比对名单-死亡.csv", died, told, dice, dirt),)


def _write(path: Path, rows: Sequence[Row], says: tuple[str, str, str] | None, dice: Dice, dirt: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    others = list(_strangers(path.parent.name, says, dice))
    write_text(path, Sheet("", _HEAD, dice.shuffled([*rows, *others])), dice, dirt, encoding="gb18030")
    return path


def _strangers(month: str, says: tuple[str, str, str] | None, dice: Dice) -> Iterator[Row]:
    source, told, provider = says or ("其他", "登记在册", "示例县某局")
    for _ in range(_STRANGERS):
        yield _said(dice.person(1950, 2000), (source, told, provider), f"{month[:4]}-01", month)


def _row(one: Planted, month: str) -> Row:
    return _said(one.case.head, one.list_says or ("", "", ""), one.since, month)


def _dead(one: Death, month: str) -> Row:
    return _said(one.case.head, ("死亡", "殡葬火化登记", "示例县殡仪馆"), f"{MONTHS[one.month]}-15", month)


def _said(person: Person, says: tuple[str, str, str], since: str, month: str) -> Row:
    source, told, provider = says
    named = {"姓名": person.name, "身份证号": person.id_number}
    return {
        **named,
        "数据来源": source,
        "比对内容": told,
        "起始日期": since,
        "数据截止日": f"{month}-20",
        "提供单位": provider,
    }
