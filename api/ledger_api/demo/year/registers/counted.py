"""What the offices counted by the year's end and no book holds: their list of figures."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from ledger_api.demo.year.people import Dice
from ledger_api.demo.year.sheets import Row, Sheet, write_text
from ledger_api.demo.year.targets import MONTHS, YEAR

_HEAD: Final = (
    *("序号", "指标名称", "数值", "计量单位", "起始月份", "截止月份", "填报单位", "依据文件", "填报日期", "备注"),
)
_COUNTED: Final = (
    ("special_bond_applied_fen", "专项债券申报额", 5000, "万元", 1_000_000, "规划财务股"),
    ("home_adaptations", "居家适老化改造户数", 152, "户", 1, "养老服务股"),
    ("canteens", "长者餐厅数", 3, "个", 1, "养老服务股"),
    ("npo_count", "登记社会组织数", 141, "个", 1, "社会组织股"),
    ("cremations", "火化数", 165, "人", 1, "社会事务股"),
)
"""Key of the figure, its name, its value in a whole county, its unit, how many fen or pieces that is, who counted."""


def counted_of(scale: Decimal) -> Mapping[str, int]:
    """Key -> value in a county of some size: fen, or a count of at least one."""
    return {key: max(1, round(value * scale)) * each for key, _, value, _, each, _ in _COUNTED}


def write_counted(folder: Path, values: Mapping[str, int], dice: Dice, dirt: int) -> Path:
    """The list of December."""
    path = folder / MONTHS[-1] / "统计指标表.csv"
    rows: list[Row] = [
        {
            "指标名称": name,
            "数值": str(values[key] // each),
            "计量单位": unit,
            "起始月份": MONTHS[0],
            "截止月份": MONTHS[-1],
            "填报单位": office,
            "依据文件": f"{YEAR}年民政事业统计年报",
            "填报日期": f"{MONTHS[-1]}-25",
        }
        for key, name, _, unit, each, office in _COUNTED
    ]
    write_text(path, Sheet("", _HEAD, rows), dice, dirt, encoding="utf-8-sig")
    return path
