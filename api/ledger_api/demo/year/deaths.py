"""Who died in the year, and the lists that three offices bring: each names some of them, they disagree, and they come
when all is paid.

Some who died were paid on for months, because nobody told the township; those payments are what a comparison must find.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import Case, Roll
from ledger_api.demo.year.sheets import Keeper, Row, Sheet, write_text, write_workbook
from ledger_api.demo.year.targets import MONTHS, RAISED, YEAR

PLANTED: Final = 14
"""Persons of a whole county who were paid on after their death."""
_LONGEST: Final = 4
_POLICE: Final = ("序号", "姓名", "公民身份号码", "性别", "死亡日期", "注销日期", "户籍地址", "派出所")
_POLICE_OFFICE: Final = Keeper("示例县公安局治安管理大队", "示例冯", "示例陈", unit="")
_FUNERAL: Final = (
    "序号",
    "死者姓名",
    "死者身份证号",
    "性别",
    "死亡日期",
    "火化日期",
    "家庭住址",
    "火化编号",
    "报送日期",
)
_HEALTH: Final = ("序号", "姓名", "身份证号", "性别", "死亡时间", "常住地址", "报告单位", "报送日期")
_HOME: Final = 5
"""One in so many of the health office's has died at home and is known to it without a number."""
_OFFICES: Final = ("police", "funeral", "health")
_HEALTH_KNOWS: Final = 2
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


def write_lists(folder: Path, deaths: Sequence[Death], dice: Dice) -> tuple[Path, ...]:
    """The lists of police, funeral home and health office; nothing where nobody died."""
    rows: dict[str, list[Row]] = {"police": [], "funeral": [], "health": []}
    for number, one in enumerate(deaths, 1):
        for office, row in _said(one, number, dice):
            rows[office].append(row)
    title = f"示例县{YEAR}年死亡人员户口注销名单"
    sheets = {
        "police": Sheet(title, _POLICE, rows["police"], keeper=_POLICE_OFFICE),
        "funeral": Sheet("", _FUNERAL, rows["funeral"]),
        "health": Sheet("", _HEALTH, rows["health"]),
    }
    paths = []
    for office, name in (
        ("police", "公安注销名单.xlsx"),
        ("funeral", "殡仪馆火化名单.csv"),
        ("health", "卫健死亡登记.csv"),
    ):
        if rows[office]:
            paths.append(folder / name)
            if office == "police":
                write_workbook(paths[-1], {"注销": sheets[office]}, dice, 0)
            else:
                write_text(paths[-1], sheets[office], dice, 0, encoding="gb18030")
    return tuple(paths)


def _said(death: Death, number: int, dice: Dice) -> Iterator[tuple[str, Row]]:
    """What each office says of somebody; the earliest month is the true one, and one office at least knows it. The
    police may take the day of the cancellation for that of the death, the health office knows the month.
    """
    knows = dice.below(len(_OFFICES))
    month, day = MONTHS[death.month], 1 + dice.below(25)
    reported = MONTHS[min(death.month + death.paid_after, len(MONTHS) - 1)]
    later = MONTHS[min(death.month + 1, len(MONTHS) - 1)]
    if knows == 0 or dice.one_in(2):
        died = f"{month}-{day:02d}" if knows == 0 or dice.one_in(3) else f"{reported}-28"
        dates = {"死亡日期": died, "注销日期": f"{reported}-28"}
        yield (
            "police",
            {**_named(death, "姓名", "公民身份号码", "户籍地址"), **dates, "派出所": f"{death.case.township}派出所"},
        )
    if knows == 1 or dice.one_in(2):
        dates = {"死亡日期": f"{month}-{day:02d}", "火化日期": f"{month}-{day + 2:02d}"}
        rest = {"火化编号": f"{YEAR}-{number:04d}", "报送日期": _PROVIDED}
        yield "funeral", {**_named(death, "死者姓名", "死者身份证号", "家庭住址"), **dates, **rest}
    if knows == _HEALTH_KNOWS or dice.one_in(3):
        own = _named(death, "姓名", "身份证号", "常住地址")
        if knows != _HEALTH_KNOWS and dice.one_in(_HOME):
            own["身份证号"] = ""
        when = {"死亡时间": month if knows == _HEALTH_KNOWS else later, "报送日期": _PROVIDED}
        yield "health", {**own, **when, "报告单位": f"{death.case.township}卫生院"}


def _named(death: Death, name: str, number: str, address: str) -> dict[str, str]:
    person, case = death.case.head, death.case
    where = {address: f"{case.township}{case.village}{case.group}组"}
    return {name: person.name, number: person.id_number, "性别": "男" if person.male else "女", **where}
