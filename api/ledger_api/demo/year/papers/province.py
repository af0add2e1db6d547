"""What the province's system exports of a month: each programme's households, persons and money in each township.

It agrees with the rosters but for one household: July still counts there who left last before it, and the export says
so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import TOWNSHIPS, Case, Roll
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS

LATE: Final = 6
"""The month, counted from 0, in which the system still has one household that left."""
REMARK: Final = "1户停保信息待省系统更新"
_HEAD: Final = (*("序号", "统计月份", "救助项目", "乡镇", "保障户数", "保障人数", "保障金额(元)", "导出日期", "备注"),)


@dataclass(frozen=True, slots=True)
class Count:
    """One row of an export."""

    programme: str
    name: str
    month: str
    township: str
    households: int
    persons: int
    fen: int
    remark: str = ""


def counts_of(rolls: Sequence[Roll]) -> tuple[Count, ...]:
    """Every row of the year."""
    found = [one for at, month in enumerate(MONTHS) for roll in rolls for one in _month(roll, roll.months[at], month)]
    late = next((case for at in range(LATE - 1, -1, -1) for roll in rolls for case in _gone(roll, at)), None)
    return tuple(found) if late is None else tuple(_with_late(found, rolls, late))


def _gone(roll: Roll, at: int) -> Iterator[Case]:
    """Who left after a month."""
    yield from (leaving.case for leaving in roll.gone[at])


def _month(roll: Roll, cases: Sequence[Case], month: str) -> Iterator[Count]:
    for township in TOWNSHIPS:
        own = [case for case in cases if case.township == township]
        if own:
            persons, fen = sum(one.persons for one in own), sum(one.amount_fen * one.persons for one in own)
            yield Count(roll.target.programme, roll.target.name, month, township, len(own), persons, fen)


def _with_late(found: Sequence[Count], rolls: Sequence[Roll], late: Case) -> Iterator[Count]:
    """The rows, with the household that left counted once more in its township."""
    roll = next(one for one in rolls if any(late is case for at in range(LATE) for case in _gone(one, at)))
    place = (roll.target.programme, MONTHS[LATE], late.township)
    more = (1, late.persons, late.amount_fen * late.persons)
    if place not in {(one.programme, one.month, one.township) for one in found}:
        yield Count(place[0], roll.target.name, place[1], place[2], *more, REMARK)
    for one in found:
        if (one.programme, one.month, one.township) == place:
            sums = (one.households + more[0], one.persons + more[1], one.fen + more[2])
            yield replace(one, households=sums[0], persons=sums[1], fen=sums[2], remark=REMARK)
        else:
            yield one


def write_counts(folder: Path, counts: Sequence[Count], dice: Dice, dirt: int) -> tuple[Path, ...]:
    """The export of each month, made on its fifth day."""
    paths = []
    for month in MONTHS:
        path = folder / month / "省系统统计表.csv"
        rows: list[Row] = [_row(one) for one in counts if one.month == month]
        sums = ("保障户数", "保障人数", "保障金额(元)")
        write_text(path, Sheet("", _HEAD, rows, sums), dice, dirt, encoding="gb18030")
        paths.append(path)
    return tuple(paths)


def _row(one: Count) -> Row:
    return {
        "统计月份": one.month,
        "救助项目": one.name,
        "乡镇": one.township,
        "保障户数": str(one.households),
        "保障人数": str(one.persons),
        "保障金额(元)": fen_to_yuan(one.fen),
        "导出日期": f"{one.month}-05",
        "备注": one.remark,
    }
