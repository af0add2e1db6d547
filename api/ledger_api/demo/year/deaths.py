"""Who died in the year, and the list that three offices bring: they disagree, and it comes when all is paid.

Some who died were paid on for months, because nobody told the township; those payments are what a comparison must find.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import Case, Roll
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, RAISED

PLANTED: Final = 14
"""Persons of a whole county who were paid on after their death."""
_LONGEST: Final = 4
_HEAD: Final = (
    "序号",
    "数据来源",
    "姓名",
    "身份证号",
    "性别",
    "死亡日期",
    "注销或火化日期",
    "户籍地址",
    "经办单位",
    "提供日期",
    "备注",
)
_PROVIDED: Final = "2025-01-05"


@dataclass(frozen=True, slots=True)
class Death:
    """Somebody who died in a month (0 for January), and how many later months were paid all the same.

    `lines_after` are the payments for months after the death: a month's own, and what a raised standard made up for.
    """

    case: Case
    month: int
    paid_after: int
    lines_after: int


def deaths_of(rolls: Sequence[Roll], dice: Dice, planted: int) -> list[Death]:
    """Everybody who left alone and for death; so many of them were still paid for one month or more."""
    found: list[tuple[Case, int, int]] = []  # the case, its last paid month, and for how many it could have been dead
    made_up = {case.number for roll in rolls for case in roll.months[RAISED] if case.beside_fen}
    for roll in rolls:
        since: dict[str, int] = {}
        for index, gone in enumerate(roll.gone):
            for case in roll.months[index]:
                since.setdefault(case.number, index)
            for one in gone:
                if one.reason == "死亡" and one.case.persons == 1 and _always_alone(roll, one.case.number):
                    longest = min(index - since[one.case.number], _LONGEST)
                    found.append((one.case, index, longest))
    late = {case.number for case, _, longest in dice.shuffled([one for one in found if one[2]])[:planted]}
    deaths = [_death(case, last, longest if case.number in late else 0, dice) for case, last, longest in found]
    return [
        replace(one, lines_after=one.lines_after + 1) if one.case.number in made_up and one.month < RAISED - 1 else one
        for one in deaths
    ]


def _always_alone(roll: Roll, number: str) -> bool:
    return all(case.persons == 1 for month in roll.paid() for case in month if case.number == number)


def _death(case: Case, last: int, longest: int, dice: Dice) -> Death:
    """In the last month that was paid, or up to `longest` months before: what was paid after it was paid to nobody."""
    months = 1 + dice.below(longest) if longest else 0
    return Death(case, last - months, months, months)


def write_list(path: Path, deaths: Sequence[Death], dice: Dice) -> None:
    """The joined list: one to three sources a person, with dates that differ or are known to the month only."""
    rows = [row for one in deaths for row in _rows(one, dice)]
    write_text(path, Sheet("", _HEAD, rows), dice, 0, encoding="gb18030")


def _rows(death: Death, dice: Dice) -> Iterator[Row]:
    """What each office says; the earliest month is the true one, and one office at least knows it."""
    person, month = death.case.head, MONTHS[death.month]
    said = {"姓名": person.name, "身份证号": person.id_number, "性别": "男" if person.male else "女"}
    where = {"户籍地址": f"{death.case.township}{death.case.village}{death.case.group}组", "提供日期": _PROVIDED}
    day = f"{1 + dice.below(28):02d}"
    cancelled = f"{MONTHS[min(death.month + death.paid_after, len(MONTHS) - 1)]}-28"
    told = {"数据来源": "公安", "经办单位": f"{death.case.township}派出所", "注销或火化日期": cancelled}
    yield {**said, **where, **told, "死亡日期": f"{month}-{day}"}
    if dice.one_in(2):
        yield {**said, **where, "数据来源": "殡仪馆", "经办单位": "示例县殡仪馆", "死亡日期": f"{month}-{day}"}
    if dice.one_in(3):
        later = MONTHS[min(death.month + 1, len(MONTHS) - 1)]
        yield {**said, **where, "数据来源": "卫健", "经办单位": f"{death.case.township}卫生院", "死亡日期": later}
