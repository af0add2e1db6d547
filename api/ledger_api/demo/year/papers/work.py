"""What the offices counted of their own work, quarter by quarter: who was looked for that draws nothing, which
passbooks were looked at, and in December the year's petitions. They hand it over as lists of figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.values.money import fen_to_yuan
from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.roll import TOWNSHIPS
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR

_HEAD: Final = (
    *("序号", "指标名称", "数值", "计量单位", "起始月份", "截止月份", "填报单位", "依据文件", "填报日期", "备注"),
)
_GROUPS: Final = ("自费医疗超5万元", "重度残疾未纳入", "低保边缘户", "孤儿")
_REASONS: Final = ("收入超标", "财产超标")
_WAYS: Final = ("12345热线", "来信", "来访", "网上信访")
_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """One figure of the months `first` to `last`; `value` is fen where the unit is 元."""

    table: str
    row: str
    column: str
    unit: str
    value: int
    first: str
    last: str

    @property
    def name(self) -> str:
        """As the list names it."""
        return f"{self.table}·{self.row}·{self.column}"


def work_of(dice: Dice) -> tuple[Counted, ...]:
    """Every figure of the year, by quarters."""
    found: list[Counted] = []
    for at in range(0, len(MONTHS), _QUARTER):
        span = MONTHS[at], MONTHS[at + _QUARTER - 1]
        for group in _GROUPS:
            found += _figures("应保未保排查", group, "人", _screened(dice), span)
        for township in TOWNSHIPS:
            found += _figures("资金专项检查", township, "个", _inspected(dice), span)
            found.append(Counted("资金专项检查", township, "截留金额", "元", 0, *span))
    for way in _WAYS:
        found += _figures("信访", way, "个", _petitions(dice), (MONTHS[0], MONTHS[-1]))
    return tuple(found)


def _figures(table: str, row: str, unit: str, values: Mapping[str, int], span: tuple[str, str]) -> Iterator[Counted]:
    yield from (Counted(table, row, column, unit, value, *span) for column, value in values.items())


def _screened(dice: Dice) -> dict[str, int]:
    """Some of the list are looked at; each of them is taken in, or is not entitled for one of two reasons."""
    checked, more = 4 + dice.below(20), dice.below(5)
    enrolled = dice.below(checked)
    wealthy = dice.below(checked - enrolled)
    why = dict(zip(_REASONS, (checked - enrolled - wealthy, wealthy), strict=True))
    reasons = {f"不符合:{reason}": persons for reason, persons in why.items()}
    sums = {"名单数": checked + more, "核查数": checked, "纳入人数": enrolled, "不符合人数": checked - enrolled}
    return sums | reasons


def _inspected(dice: Dice) -> dict[str, int]:
    sampled = 5 + dice.below(20)
    drawn = dice.below(3)
    days = {"最长滞留天数": dice.below(10), "问题数": drawn}
    return {"抽查户数": sampled, "存折核对数": sampled, "代领数": drawn, "截留数": 0, **days}


def _petitions(dice: Dice) -> dict[str, int]:
    taken = 8 + dice.below(40)
    answered = taken - dice.below(3)
    return {"受理件数": taken, "办结件数": answered, "按期办结件数": answered - dice.below(2), "属实件数": taken // 4}


def write_work(folder: Path, work: Sequence[Counted], dice: Dice, dirt: int) -> tuple[Path | None, ...]:
    """The list of each month that ends a quarter; None in the others."""
    paths: list[Path | None] = []
    for month in MONTHS:
        rows = [_row(one) for one in work if one.last == month]
        path = folder / month / "工作情况统计表.csv" if rows else None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, Sheet("", _HEAD, rows), dice, dirt, encoding="utf-8-sig")
        paths.append(path)
    return tuple(paths)


def _row(one: Counted) -> Row:
    return {
        "指标名称": one.name,
        "数值": fen_to_yuan(one.value) if one.unit == "元" else str(one.value),
        "计量单位": one.unit,
        "起始月份": one.first,
        "截止月份": one.last,
        "填报单位": "救助股",
        "依据文件": f"{YEAR}年{int(one.last[5:])}月工作情况统计表",
        "填报日期": f"{one.last}-25",
    }
